/* test_png - what we encode is read back by another decoder; chunks are in order and whole. */
#include "visual/png.h"

#include <libdeflate.h>

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#include <stb_image.h>

#include "allocator.h"
#include "check.h"

static void put(struct svi_canvas *canvas, uint32_t x, uint32_t y, const uint8_t rgba[4])
{
    svi_canvas_repeat(canvas, (struct svi_rect){ (int)x, (int)y, 1, 1 }, rgba);
}

/* Noise on the left, a gradient on the right: both kinds of rows for the filters. */
static struct svi_canvas test_canvas(uint32_t width, uint32_t height)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, width, height, (struct svi_color){ 0, 0, 0 }, &err), err);
    uint32_t noise = 1;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t pixel[4] = { [3] = 255 };
            noise = noise * 1664525u + 1013904223u;
            for (uint32_t k = 0; k < 3; k++)
                pixel[k] = (uint8_t)(x < width / 2 ? noise >> (8 * k) : x * (k + 1) + y);
            put(&canvas, x, y, pixel);
        }
    return canvas;
}

/* As most of a figure is: blocks of one color, rows like those above them, and now and then a row of dots. */
static struct svi_canvas plain_canvas(uint32_t width, uint32_t height)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, width, height, (struct svi_color){ 255, 255, 255 }, &err), err);
    svi_canvas_fill(&canvas, (struct svi_rect){ (int)width / 4, (int)height / 8, (int)width / 2, (int)height / 2 },
                    (struct svi_color){ 3, 1, 200 });
    for (uint32_t y = 0; y < height; y += 61)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t pixel[4];
            svi_canvas_read(&canvas, x, y, pixel, 1);
            pixel[x % 3] ^= (uint8_t)(x * x);
            put(&canvas, x, y, pixel);
        }
    return canvas;
}

/* As a waterfall of one spectrum is: a row of noise again and again beside a bar whose color changes slowly. */
static struct svi_canvas bar_canvas(uint32_t width, uint32_t height)
{
    struct svi_canvas canvas = test_canvas(width, height);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t pixel[4];
            svi_canvas_read(&canvas, x % (width / 2 + 1), 0, pixel, 1);
            if (x > width - width / 10)
                memset(pixel, (int)(y / 3 & 255), 3);
            put(&canvas, x, y, pixel);
        }
    return canvas;
}

static struct svi_canvas (*const canvases[])(uint32_t, uint32_t) = { test_canvas, plain_canvas, bar_canvas };

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Walks over all chunks; fails on a wrong length or checksum. Writes the types in order: "IHDR iTXt IDAT IEND ". */
static void read_chunks(const struct svi_buffer *png, char *types)
{
    assert_true(png->count > 8 && !memcmp(png->at, "\x89PNG\r\n\x1a\n", 8));
    size_t at = 8, n = 0;
    while (at < png->count) {
        assert_true(png->count - at >= 12);
        uint32_t length = number_at(png->at + at);
        assert_true(length <= png->count - at - 12);
        memcpy(types + n, png->at + at + 4, 4);
        types[n + 4] = ' ';
        n += 5;
        assert_int_equal(number_at(png->at + at + 8 + length), libdeflate_crc32(0, png->at + at + 4, 4 + length));
        at += 12 + length;
    }
    types[n] = '\0';
}

/* The only IDAT is one whole zlib stream of all rows, with the checksum that most decoders do not look at. */
static void check_stream(const struct svi_buffer *png, const struct svi_canvas *canvas)
{
    const size_t bytes = canvas->height * (1 + 3 * (size_t)canvas->width), at = 8 + 25;
    uint8_t *rows = malloc(bytes);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    assert_true(rows && decompressor && !memcmp(png->at + at + 4, "IDAT", 4));
    assert_int_equal(libdeflate_zlib_decompress(decompressor, png->at + at + 8, number_at(png->at + at), rows, bytes, NULL),
                     LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(decompressor);
    free(rows);
}

/* The largest are packed in two and in four strips. */
static void every_pixel_comes_back(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = { { 1, 1 },     { 2, 3 },   { 301, 217 },  { 16384, 1 },
                                         { 1, 16384 }, { 64, 64 }, { 1000, 899 }, { 1500, 1100 } };
    for (size_t i = 0; i < ROWS(sizes) * ROWS(canvases); i++) {
        struct svi_error err = { 0 };
        const uint32_t *size = sizes[i / ROWS(canvases)];
        struct svi_canvas canvas = canvases[i % ROWS(canvases)](size[0], size[1]);
        struct svi_buffer png;
        check_ok(svi_png_encode(&png, &canvas, 0, NULL, 0, &err), err);
        char types[64];
        read_chunks(&png, types);
        assert_string_equal(types, "IHDR IDAT IEND ");
        check_stream(&png, &canvas);

        int width = 0, height = 0, channels = 0;
        uint8_t *back = stbi_load_from_memory(png.at, (int)png.count, &width, &height, &channels, 4);
        assert_non_null(back);
        assert_int_equal(width, canvas.width);
        assert_int_equal(height, canvas.height);
        assert_int_equal(channels, 3);
        for (uint32_t y = 0; y < canvas.height; y++) {
            static uint8_t row[4 * SVI_MAX_IMAGE_EDGE];
            svi_canvas_read(&canvas, 0, y, row, canvas.width);
            assert_memory_equal(back + (size_t)y * canvas.width * 4, row, (size_t)canvas.width * 4);
        }
        stbi_image_free(back);
        svi_buffer_clear(&png);
        svi_canvas_clear(&canvas);
    }
}

/* What hardly differs from row to row is packed in another way, which pays for nothing else. */
static void repeated_rows_take_next_to_no_room(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas = plain_canvas(1000, 1000);
    struct svi_buffer png;
    check_ok(svi_png_encode(&png, &canvas, 0, NULL, 0, &err), err);
    assert_in_range(png.count, 1000, 60000); /* 16 rows of dots, 3 KB each, and 984 others */
    svi_buffer_clear(&png);
    svi_canvas_clear(&canvas);
    canvas = bar_canvas(1000, 1000);
    check_ok(svi_png_encode(&png, &canvas, 0, NULL, 0, &err), err);
    assert_in_range(png.count, 1000, 20000); /* 333 times as long as the row of noise they would be 500,000 */
    svi_buffer_clear(&png);
    svi_canvas_clear(&canvas);
}

static void size_and_texts_stand_before_the_pixels(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas = test_canvas(20, 10);
    static const struct svi_png_text texts[] = { { "Title", "Köln 5 µs" }, { "Broken", "a\xC3(b" }, { "Empty", "" } };
    struct svi_buffer png;
    check_ok(svi_png_encode(&png, &canvas, 100, texts, ROWS(texts), &err), err);
    char types[64];
    read_chunks(&png, types);
    assert_string_equal(types, "IHDR pHYs iTXt iTXt iTXt IDAT IEND ");

    static const char first[] = "iTXtTitle\0\0\0\0\0Köln 5 µs", second[] = "iTXtBroken\0\0\0\0\0a\xEF\xBF\xBD(b";
    static const uint8_t size[] = { 0, 0, 0, 9, 'p', 'H', 'Y', 's', 0, 0, 0x0F, 0x61, 0, 0, 0x0F, 0x61, 1 }; /* 3937 a meter */
    const uint8_t *at = png.at + 8 + 25;
    assert_memory_equal(at, size, sizeof size);
    at += sizeof size + 4 + 4;
    assert_memory_equal(at, first, sizeof first - 1);
    at += sizeof first - 1 + 8;
    assert_memory_equal(at, second, sizeof second - 1);
    svi_buffer_clear(&png);
    svi_canvas_clear(&canvas);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas = test_canvas(333, 100);
    const struct svi_png_text text = { "Software", "svi-worker" };
    struct svi_buffer once, again;
    check_ok(svi_png_encode(&once, &canvas, 0, &text, 1, &err), err);
    check_ok(svi_png_encode(&again, &canvas, 0, &text, 1, &err), err);
    assert_int_equal(once.count, again.count);
    assert_memory_equal(once.at, again.at, once.count);
    svi_buffer_clear(&once);
    svi_buffer_clear(&again);
    svi_canvas_clear(&canvas);
}

static void a_bad_keyword_is_refused(void **state)
{
    (void)state;
    char longest[81];
    memset(longest, 'k', 80);
    longest[80] = '\0';
    struct svi_canvas canvas = test_canvas(2, 2);
    const char *const keywords[] = { "", " a", "a ", "a\nb", "\xC3\xA9", longest, longest + 1 };
    for (size_t i = 0; i < ROWS(keywords); i++) {
        struct svi_error err = { 0 };
        struct svi_buffer png;
        bool ok = svi_png_encode(&png, &canvas, 0, &(struct svi_png_text){ keywords[i], "x" }, 1, &err);
        assert_int_equal(ok, i == ROWS(keywords) - 1);
        if (!ok) {
            assert_int_equal(err.status, SVI_BUG);
            assert_null(png.at);
        }
        svi_buffer_clear(&png);
    }
    svi_canvas_clear(&canvas);
}

static void each_failing_allocation_is_an_error(void **state)
{
    (void)state;
    static const struct svi_png_text texts[] = { { "A", "text" }, { "B", "text" } };
    /* The last one in strips, whose threads share the count: which of them fails differs, that one does not. */
    for (size_t kind = 0; kind <= ROWS(canvases); kind++) {
        const bool strips = kind == ROWS(canvases);
        struct svi_canvas canvas = strips ? test_canvas(1000, 800) : canvases[kind](50, 400);
        unsigned n = 0;
        for (bool failed = true; failed;) {
            struct svi_error err = { 0 };
            struct svi_buffer png;
            allocator_fail_at(++n);
            bool ok = svi_png_encode(&png, &canvas, 100, texts, ROWS(texts), &err);
            failed = allocator_has_failed();
            assert_int_equal(ok, !failed);
            assert_int_equal(err.status, failed ? SVI_OUT_OF_MEMORY : SVI_OK);
            assert_int_equal(png.count == 0, failed);
            svi_buffer_clear(&png);
        }
        assert_true(n > 5);
        svi_canvas_clear(&canvas);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pixel_comes_back),
        cmocka_unit_test(repeated_rows_take_next_to_no_room),
        cmocka_unit_test(size_and_texts_stand_before_the_pixels),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(a_bad_keyword_is_refused),
        cmocka_unit_test(each_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
