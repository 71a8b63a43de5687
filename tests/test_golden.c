/* test_golden - every type of picture in every theme at three sizes looks as it did when somebody last looked at it.
 *
 *     SVI_GOLDEN_RENEW=1 ctest --preset release -R golden
 *
 * draws the pictures of tests/data/golden anew; look at each before it is committed. A picture that differs is left in the test's
 * scratch folder, with NAME.diff.png, in which what differs is red. */
#include "base/file.h"
#include "visual/text.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "picture.h"
#include "rendering.h"

/* Around the plot everything is computed in double precision by the host alone, so nothing may move: no channel of any pixel
 * differs by more than FRAME_STEPS. Over the plot, float32 on another device or by another engine may turn a color by a step or
 * two, which is less than PLOT_STEPS, and put a level that lies on the edge of a heatmap's cell into its neighbour, which changes
 * some 50 pixels twice in the largest picture: one pixel of PLOT_SHARE may differ by more, and LEAST_PLOT_PIXELS in any picture. A
 * peak's label that moves by one pixel changes 550; the_comparison_sees_a_label_that_moves proves it. */
enum { FRAME_STEPS = 8, PLOT_STEPS = 32, PLOT_SHARE = 2000, LEAST_PLOT_PIXELS = 96 };

static const char *const themes[] = { "light", "dark", "bare" };
static const struct {
    int width, height;
} sizes[] = { { 320, 240 }, { 640, 480 }, { 1000, 800 } };

/* A tone, a sweep, a burst and noise, with a gap and annotations; few bins and slices, so that the pictures compress well. */
static void write_scene(void)
{
    static const struct signal_tone tones[] = { { -150e3, -30 }, { 400e3, -55 } };
    const struct signal signal = { .sample_rate_hz = 2e6,
                                   .sample_count = 64 * 48,
                                   .tones = tones,
                                   .tone_count = ROWS(tones),
                                   .noise_power = signal_noise_power(-125, 2e6),
                                   .seed = 21,
                                   .chirp = { -800e3, 700e3, -40 },
                                   .burst = { 64 * 10, 64 * 6, 650e3, -20 } };
    static const char metadata[] =
        "{\"global\": {\"core:datatype\": \"ci16_le\", \"core:version\": \"1.2.0\", \"core:sample_rate\": 2e6},"
        " \"captures\": [{\"core:sample_start\": 0, \"core:frequency\": 440e6, \"core:global_index\": 0,"
        " \"core:datetime\": \"2026-01-02T03:04:05Z\"},"
        " {\"core:sample_start\": 1920, \"core:frequency\": 440e6, \"core:global_index\": 2176}],"
        " \"annotations\": [{\"core:sample_start\": 640, \"core:sample_count\": 384, \"core:label\": \"burst\","
        " \"core:freq_lower_edge\": 440.6e6, \"core:freq_upper_edge\": 440.7e6}]}";
    struct svi_error err = { 0 };
    write_signal("golden", &signal, "ci16_le", 1, NULL);
    check_ok(svi_file_write(in_scratch("golden.sigmf-meta"), svi_bytes_of(metadata), &err), err);
}

struct rect {
    int left, top, right, bottom;
};

static bool is_inside(const struct rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

/* The largest distance of two pixels' channels. */
static int distance(const uint8_t *a, const uint8_t *b)
{
    int most = 0;
    for (int k = 0; k < 3; k++)
        most = abs(a[k] - b[k]) > most ? abs(a[k] - b[k]) : most;
    return most;
}

struct difference {
    int frame_pixels, plot_pixels; /* so many differ by more than they may */
    int most_plot_pixels;          /* so many may */
};

static struct difference compare(const struct picture *actual, const struct picture *expected, const struct rect *plot)
{
    const int share = actual->width * actual->height / PLOT_SHARE;
    struct difference difference = { .most_plot_pixels = share > LEAST_PLOT_PIXELS ? share : LEAST_PLOT_PIXELS };
    for (int y = 0; y < actual->height; y++)
        for (int x = 0; x < actual->width; x++) {
            const size_t at = 3 * ((size_t)y * (size_t)actual->width + (size_t)x);
            const int apart = distance(actual->rgb + at, expected->rgb + at);
            if (is_inside(plot, x, y))
                difference.plot_pixels += apart > PLOT_STEPS;
            else
                difference.frame_pixels += apart > FRAME_STEPS;
        }
    return difference;
}

static bool is_same(const struct difference *difference)
{
    return !difference->frame_pixels && difference->plot_pixels <= difference->most_plot_pixels;
}

static void add_number(struct svi_buffer *out, size_t number)
{
    const uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
    assert_true(svi_buffer_add(out, bytes, sizeof bytes));
}

static void add_chunk(struct svi_buffer *out, const char *type, const void *data, size_t count)
{
    add_number(out, count);
    const size_t begin = out->count;
    assert_true(svi_buffer_add(out, type, 4) && (!count || svi_buffer_add(out, data, count)));
    add_number(out, libdeflate_crc32(0, out->at + begin, out->count - begin));
}

/* PNG without texts, which name the device, and squeezed as hard as it goes, since it stays in the repository for good. */
static void write_picture(const char *path, const struct picture *picture)
{
    const size_t row_bytes = 3 * (size_t)picture->width, height = (size_t)picture->height, count = (row_bytes + 1) * height;
    struct svi_buffer png, header;
    svi_buffer_init(&png, 64 << 20);
    svi_buffer_init(&header, 64);
    add_number(&header, (size_t)picture->width);
    add_number(&header, height);
    assert_true(svi_buffer_add(&header, "\x08\x02\0\0\0", 5)); /* 8 bits of red, green and blue */
    uint8_t *rows = calloc(1, count), *squeezed = malloc(count + 65536);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(12);
    assert_true(rows && squeezed && compressor);
    for (size_t y = 0; y < height; y++) /* each begins with 0: not filtered */
        memcpy(rows + y * (row_bytes + 1) + 1, picture->rgb + y * row_bytes, row_bytes);
    const size_t squeezed_count = libdeflate_zlib_compress(compressor, rows, count, squeezed, count + 65536);
    assert_true(squeezed_count && svi_buffer_add(&png, "\x89PNG\r\n\x1a\n", 8));
    add_chunk(&png, "IHDR", header.at, header.count);
    add_chunk(&png, "IDAT", squeezed, squeezed_count);
    add_chunk(&png, "IEND", NULL, 0);
    struct svi_error err = { 0 };
    check_ok(svi_file_write(path, (struct svi_bytes){ png.at, png.count }, &err), err);
    libdeflate_free_compressor(compressor);
    free(squeezed);
    free(rows);
    svi_buffer_clear(&header);
    svi_buffer_clear(&png);
}

/* Leaves both for whoever looks: the picture, and where it differs. */
static void keep(const char *name, struct picture *actual, const struct picture *expected)
{
    char file[128];
    snprintf(file, sizeof file, "%s.png", name);
    write_picture(in_scratch(file), actual);
    for (size_t i = 0; i < (size_t)actual->width * (size_t)actual->height; i++) {
        uint8_t *pixel = actual->rgb + 3 * i;
        const bool same = distance(pixel, expected->rgb + 3 * i) <= FRAME_STEPS;
        const uint8_t grey = (uint8_t)(192 + pixel[1] / 4);
        memcpy(pixel, same ? (const uint8_t[]){ grey, grey, grey } : (const uint8_t[]){ 255, 0, 0 }, 3);
    }
    snprintf(file, sizeof file, "%s.diff.png", name);
    write_picture(in_scratch(file), actual);
}

static struct picture draw(const char *type, const char *theme, int width, int height, struct rect *plot)
{
    char config[200], png[64];
    struct svi_error err = { 0 };
    json_t *summary;
    snprintf(config, sizeof config,
             "{\"fftSize\": 64, \"hopSize\": 64, \"stdDev\": 12, \"annotations\": true, \"theme\": \"%s\", \"dimensions\": "
             "{\"width\": %d, \"height\": %d}}",
             theme, width, height);
    check_ok(render("golden", type, config, &summary, &err), err);
    plot->left = (int)number_at(summary, "image.plot.left");
    plot->top = (int)number_at(summary, "image.plot.top");
    plot->right = plot->left + (int)number_at(summary, "image.plot.width");
    plot->bottom = plot->top + (int)number_at(summary, "image.plot.height");
    json_decref(summary);
    snprintf(png, sizeof png, "%s.png", type);
    return picture_read(in_scratch(png));
}

/* false: it looks different. */
static bool check_picture(const char *type, const char *theme, int width, int height)
{
    char name[96], path[700];
    struct rect plot;
    snprintf(name, sizeof name, "%s-%s-%dx%d", type, theme, width, height);
    snprintf(path, sizeof path, "%s/golden/%s.png", getenv("SVI_TEST_DATA"), name);
    struct picture actual = draw(type, theme, width, height, &plot);
    assert_int_equal(actual.width, width);
    assert_int_equal(actual.height, height);
    if (getenv("SVI_GOLDEN_RENEW"))
        write_picture(path, &actual);
    struct picture expected = picture_read(path);
    assert_int_equal(expected.width, width);
    assert_int_equal(expected.height, height);
    const struct difference difference = compare(&actual, &expected, &plot);
    const bool same = is_same(&difference);
    if (!same) {
        keep(name, &actual, &expected);
        print_error("%s: %d pixels around the plot and %d over it are different\n", name, difference.frame_pixels,
                    difference.plot_pixels);
    }
    picture_clear(&expected);
    picture_clear(&actual);
    return same;
}

static void pictures_look_as_they_did(void **state)
{
    (void)state;
    size_t different = 0;
    write_scene();
    for (size_t t = 0; svi_render_type(t); t++)
        for (size_t h = 0; h < ROWS(themes); h++)
            for (size_t s = 0; s < ROWS(sizes); s++)
                different += !check_picture(svi_render_type(t), themes[h], sizes[s].width, sizes[s].height);
    if (different)
        fail_msg("%zu pictures look different: see %s", different, scratch_folder());
}

/* ---- the comparison itself ---- */

/* A white picture with a peak's label that begins at x. */
static struct picture with_label(int width, int height, int x)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    struct picture picture = { width, height, malloc(3 * (size_t)width * (size_t)height) };
    assert_non_null(picture.rgb);
    check_ok(svi_canvas_create(&canvas, (uint32_t)width, (uint32_t)height, (struct svi_color){ 255, 255, 255 }, &err), err);
    check_ok(
        svi_text_draw(&canvas, x, 100, SVI_TEXT_RIGHT, "440.650 MHz, −20.2 dBFS", 10.5, (struct svi_color){ 30, 30, 34 }, &err),
        err);
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        memcpy(picture.rgb + 3 * i, svi_canvas_pixels(&canvas, (uint32_t)(i % (size_t)width), (uint32_t)(i / (size_t)width)), 3);
    svi_canvas_clear(&canvas);
    return picture;
}

static void the_comparison_sees_a_label_that_moves(void **state)
{
    (void)state;
    for (size_t s = 0; s < ROWS(sizes); s++) {
        const int width = sizes[s].width, height = sizes[s].height;
        const struct rect everything = { 0, 0, width, height }, nothing = { 0 };
        const struct picture here = with_label(width, height, 100), there = with_label(width, height, 101),
                             pale = with_label(width, height, 100);
        for (size_t i = 0; i < 3 * (size_t)width * (size_t)height; i++)
            pale.rgb[i] = (uint8_t)(pale.rgb[i] < 128 ? pale.rgb[i] + 7 : pale.rgb[i] - 7);
        const struct rect *plots[] = { &everything, &nothing };
        for (size_t i = 0; i < ROWS(plots); i++) {
            struct difference difference = compare(&here, &here, plots[i]);
            assert_int_equal(difference.plot_pixels + difference.frame_pixels, 0);
            difference = compare(&here, &there, plots[i]);
            assert_false(is_same(&difference));
            difference = compare(&here, &pale, plots[i]); /* a step of the colors */
            assert_true(is_same(&difference));
        }
        free(here.rgb);
        free(there.rgb);
        free(pale.rgb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_look_as_they_did),
        cmocka_unit_test(the_comparison_sees_a_label_that_moves),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
