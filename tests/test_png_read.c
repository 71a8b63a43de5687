/* test_png_read - texts that were written come back; whatever is done to a PNG file, the reader says what and where. */
#include "visual/png.h"
#include "visual/png_about.h"

#include <libdeflate.h>

#include "check.h"

static const char ours[] = "{\"schema\":\"svi-worker.summary/1\",\"type\":\"waterfall\"}";

/* Twenty by ten pixels of one color. */
static void encode(struct svi_buffer *png, const struct svi_png_text *texts, size_t count)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, 20, 10, (struct svi_color){ 1, 2, 3 }, &err), err);
    check_ok(svi_png_encode(png, &canvas, 100, texts, count, &err), err);
    svi_canvas_clear(&canvas);
}

static struct svi_bytes bytes_in(const struct svi_buffer *buffer)
{
    return (struct svi_bytes){ buffer->at, buffer->count };
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    static const struct svi_png_text texts[] = { { "Title", "Köln 5 µs" }, { "Empty", "" }, { SVI_PICTURE_KEYWORD, ours } };
    struct svi_error err = { 0 };
    struct svi_png_facts facts;
    struct svi_buffer png;
    json_t *about;
    encode(&png, texts, ROWS(texts));
    check_ok(svi_picture_read(&about, &facts, bytes_in(&png), "a.png", &err), err);
    assert_int_equal(facts.width, 20);
    assert_int_equal(facts.height, 10);
    assert_int_equal(facts.text_count, ROWS(texts));
    for (size_t i = 0; i < ROWS(texts); i++) {
        const struct svi_bytes *text = svi_png_text(&facts, texts[i].keyword);
        assert_non_null(text);
        assert_int_equal(text->count, strlen(texts[i].text));
        assert_memory_equal(text->at, texts[i].text, text->count);
    }
    assert_null(svi_png_text(&facts, "Nothing"));
    assert_string_equal(json_string_value(json_object_get(about, "type")), "waterfall");
    json_decref(about);
    svi_buffer_clear(&png);
}

/* A copy of the very size, so that a sanitizer sees a read behind the end. */
static bool read_exact(struct svi_bytes png, struct svi_error *err)
{
    struct svi_png_facts facts;
    uint8_t *copy = malloc(png.count ? png.count : 1);
    assert_non_null(copy);
    memcpy(copy, png.at, png.count);
    bool ok = svi_png_read(&facts, (struct svi_bytes){ copy, png.count }, "a.png", err);
    free(copy);
    return ok;
}

static void check_refused(struct svi_bytes png, const char *says)
{
    struct svi_error err = { 0 };
    assert_false(read_exact(png, &err));
    assert_int_equal(err.status, SVI_BAD_RECORDING);
    check_has(err.message, "a.png");
    check_has(err.message, says);
}

static void each_cut_is_noticed(void **state)
{
    (void)state;
    struct svi_buffer png;
    encode(&png, &(struct svi_png_text){ SVI_PICTURE_KEYWORD, ours }, 1);
    for (size_t count = 0; count < png.count; count++)
        check_refused((struct svi_bytes){ png.at, count }, count < 8 ? "is no PNG picture" : "is damaged: it ends ");
    svi_buffer_clear(&png);
}

/* A bit that was turned, anywhere: a checksum, a length, a type. */
static void each_turned_bit_is_noticed(void **state)
{
    (void)state;
    struct svi_buffer png;
    encode(&png, &(struct svi_png_text){ SVI_PICTURE_KEYWORD, ours }, 1);
    for (size_t at = 0; at < png.count; at++)
        for (int bit = 0; bit < 8; bit++) {
            png.at[at] ^= (uint8_t)(1 << bit);
            check_refused(bytes_in(&png), at < 8 ? "is no PNG picture" : "is damaged");
            png.at[at] ^= (uint8_t)(1 << bit);
        }
    svi_buffer_clear(&png);
}

static void put_number(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* Adds a chunk whose checksum is right. */
static void add_chunk(struct svi_buffer *png, const char *type, const void *data, size_t count)
{
    uint8_t number[4];
    put_number(number, (uint32_t)count);
    assert_true(svi_buffer_add(png, number, 4) && svi_buffer_add(png, type, 4) && svi_buffer_add(png, data, count));
    put_number(number, libdeflate_crc32(0, png->at + png->count - count - 4, count + 4));
    assert_true(svi_buffer_add(png, number, 4));
}

static void begin_png(struct svi_buffer *png, uint32_t width, uint32_t height)
{
    uint8_t header[13] = { 0 };
    put_number(header, width);
    put_number(header + 4, height);
    header[8] = 8;
    header[9] = 2;
    svi_buffer_init(png, 1 << 20);
    assert_true(svi_buffer_add(png, "\x89PNG\r\n\x1a\n", 8));
    add_chunk(png, "IHDR", header, sizeof header);
}

static void lying_lengths_are_noticed(void **state)
{
    (void)state;
    static const uint32_t lengths[] = { 0, 1, 12, 14, 4096, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF4, 0xFFFFFFFF };
    for (size_t i = 0; i < ROWS(lengths); i++) {
        struct svi_buffer png;
        begin_png(&png, 2, 2);
        add_chunk(&png, "IEND", "", 0);
        put_number(png.at + 8, lengths[i]);
        check_refused(bytes_in(&png), "is damaged");
        svi_buffer_clear(&png);
    }
}

static void headers_are_checked(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        const char *says; /* NULL: fine */
    } rows[] = {
        { 1, 1, NULL },      { 0x7FFFFFFF, 1, NULL },      { 0, 1, "no size at byte 8" },
        { 1, 0, "no size" }, { 0x80000000, 1, "no size" }, { 1, 0xFFFFFFFF, "no size" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_buffer png;
        begin_png(&png, rows[i].width, rows[i].height);
        add_chunk(&png, "IEND", "", 0);
        if (rows[i].says)
            check_refused(bytes_in(&png), rows[i].says);
        else
            check_ok(read_exact(bytes_in(&png), &err), err);
        svi_buffer_clear(&png);
    }
    struct svi_buffer png;
    svi_buffer_init(&png, 1 << 10);
    assert_true(svi_buffer_add(&png, "\x89PNG\r\n\x1a\n", 8));
    add_chunk(&png, "IEND", "", 0);
    check_refused(bytes_in(&png), "no header at byte 8");
    svi_buffer_clear(&png);
}

/* Whole chunks with broken texts do not make a picture bad; they are not there. */
static void odd_texts_are_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t count;
        size_t found;
    } rows[] = {
        { "k\0\0\0\0\0text", 10, 1 },
        { "k\0\0\0\0\0", 6, 1 },
        { "k\0\0\0en\0Kay\0text", 15, 1 },
        { "", 0, 0 },
        { "k", 1, 0 },
        { "k\0", 2, 0 },
        { "k\0\0", 3, 0 },
        { "k\0\0\0", 4, 0 },
        { "k\0\0\0\0", 5, 0 },
        { "k\0\1\0\0\0text", 10, 0 },
        { "\0\0\0\0\0text", 9, 0 },
        { "k\0\0\0\0\0\xC3(", 8, 0 },
        { "k\0\0\0en", 6, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_png_facts facts;
        struct svi_buffer png;
        begin_png(&png, 2, 2);
        add_chunk(&png, "iTXt", rows[i].data, rows[i].count);
        add_chunk(&png, "IEND", "", 0);
        check_ok(svi_png_read(&facts, bytes_in(&png), "a.png", &err), err);
        assert_int_equal(facts.text_count, rows[i].found);
        svi_buffer_clear(&png);
    }
    struct svi_error err = { 0 };
    struct svi_png_facts facts;
    struct svi_buffer png;
    begin_png(&png, 2, 2);
    for (int i = 0; i < 1000; i++)
        add_chunk(&png, "iTXt", "k\0\0\0\0\0text", 10);
    add_chunk(&png, "IEND", "", 0);
    check_ok(svi_png_read(&facts, bytes_in(&png), "a.png", &err), err);
    assert_int_equal(facts.text_count, SVI_PNG_MAX_TEXTS);
    svi_buffer_clear(&png);
}

static void pictures_of_others_are_told_from_ours(void **state)
{
    (void)state;
    static const struct {
        const char *keyword, *text, *says;
    } rows[] = {
        { "Software", "another program", "was not made by svi-worker, or what it said of itself was removed" },
        { SVI_PICTURE_KEYWORD, "{\"schema\": \"svi-worker.summary/9\"}", "made by another version" },
        { SVI_PICTURE_KEYWORD, "{}", "made by another version" },
        { SVI_PICTURE_KEYWORD, "[]", "made by another version" },
        { SVI_PICTURE_KEYWORD, "{\"schema\": 1}", "made by another version" },
        { SVI_PICTURE_KEYWORD, "", "is not JSON: it is empty" },
        { SVI_PICTURE_KEYWORD, "{\"schema\": ", "is not valid JSON" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_png_facts facts;
        struct svi_buffer png;
        json_t *about;
        encode(&png, &(struct svi_png_text){ rows[i].keyword, rows[i].text }, 1);
        assert_false(svi_picture_read(&about, &facts, bytes_in(&png), "a.png", &err));
        assert_null(about);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        svi_buffer_clear(&png);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(each_cut_is_noticed),
        cmocka_unit_test(each_turned_bit_is_noticed),
        cmocka_unit_test(lying_lengths_are_noticed),
        cmocka_unit_test(headers_are_checked),
        cmocka_unit_test(odd_texts_are_passed_over),
        cmocka_unit_test(pictures_of_others_are_told_from_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
