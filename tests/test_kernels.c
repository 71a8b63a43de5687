/* test_kernels - small kernels against the same in plain C. (The transform and its sums: test_stft.c.) */
#include "device/launch.h"
#include "visual/paint.h"

#include <math.h>

#include "check.h"
#include "with_device.h"

static cl_mem upload(const void *values, size_t bytes)
{
    struct svi_error err = { 0 };
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_WRITE, bytes, NULL, &err);
    check_ok(memory != NULL, err);
    check_ok(svi_mem_write(device, memory, 0, values, bytes, &err), err);
    return memory;
}

static float *made_up_levels(size_t count)
{
    float *levels = malloc(count * sizeof *levels);
    assert_non_null(levels);
    uint32_t state = 12345;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        levels[i] = -120.0f + 100.0f * (float)(state >> 8) / (float)(1 << 24);
    }
    return levels;
}

static void range_and_histogram_count_every_value(void **state)
{
    (void)state;
    static const struct {
        size_t count, items;
        uint32_t rows;
    } cases[] = { { 1, 64, 1 }, { 255, 64, 64 }, { 256, 64, 1 },     { 257, 64, 64 },   { 4096, 64, 16 },
                  { 15, 2, 2 }, { 16, 3, 3 },    { 5000, 300, 300 }, { 123457, 64, 1 }, { 123457, 7, 7 } };
    for (size_t c = 0; c < ROWS(cases); c++) {
        struct svi_error err = { 0 };
        const size_t count = cases[c].count;
        float *levels = made_up_levels(count);
        levels[count / 2] = NAN;
        cl_float2 pairs[256];
        uint32_t histogram[100 * 300] = { 0 }, expected[100] = { 0 };
        cl_mem values = upload(levels, count * sizeof *levels), range = upload(pairs, sizeof pairs),
               bins = upload(histogram, sizeof histogram);
        check_ok(
            svi_launch(device, "value_range", ((const size_t[2]){ 256, 1 }), &err, SVI_MEM(values), SVI_MEM(range), SVI_U64(count)),
            err);
        check_ok(svi_launch(device, "value_histogram", ((const size_t[2]){ cases[c].items, 1 }), &err, SVI_MEM(values),
                            SVI_MEM(bins), SVI_U64(count), SVI_U32(cases[c].rows), SVI_U32(100), SVI_F32(-110.0f), SVI_F32(-30.0f)),
                 err);
        check_ok(svi_mem_read(device, pairs, range, sizeof pairs, &err), err);
        check_ok(svi_mem_read(device, histogram, bins, sizeof histogram, &err), err);
        float least = INFINITY, largest = -INFINITY, low = INFINITY, high = -INFINITY;
        const float scale = 100.0f / (-30.0f - -110.0f);
        for (size_t i = 0; i < count; i++) {
            if (isnan(levels[i]))
                continue;
            least = fminf(least, levels[i]);
            largest = fmaxf(largest, levels[i]);
            expected[(int)fminf(fmaxf((levels[i] + 110.0f) * scale, 0.0f), 99.0f)]++;
        }
        for (size_t i = 0; i < 256; i++) {
            low = fminf(low, pairs[i].s[0]);
            high = fmaxf(high, pairs[i].s[1]);
        }
        assert_true(low == least && high == largest);
        for (size_t i = 100; i < ROWS(histogram); i++)
            histogram[i % 100] += histogram[i];
        assert_memory_equal(histogram, expected, sizeof expected);
        svi_mem_release(values);
        svi_mem_release(range);
        svi_mem_release(bins);
        free(levels);
    }
}

static void colors_are_those_of_the_cell_under_the_middle_of_a_pixel(void **state)
{
    (void)state;
    static const struct {
        uint32_t rows, columns;
        size_t width, height;
        uint32_t time_on_x;
    } cases[] = { { 7, 5, 7, 5, 1 },    { 7, 5, 5, 7, 0 }, { 3, 4, 100, 50, 1 },
                  { 3, 4, 100, 50, 0 }, { 1, 1, 9, 9, 0 }, { 200, 300, 64, 48, 1 } };
    uint8_t rgb[256][3];
    for (size_t i = 0; i < 256; i++)
        for (size_t k = 0; k < 3; k++)
            rgb[i][k] = (uint8_t)(i * (k + 1) + k);
    const struct svi_colormap colormap = { "made up", (const uint8_t(*)[3])rgb };
    for (size_t c = 0; c < ROWS(cases); c++) {
        struct svi_error err = { 0 };
        const uint32_t rows = cases[c].rows, columns = cases[c].columns;
        const size_t width = cases[c].width, height = cases[c].height;
        float *levels = made_up_levels((size_t)rows * columns);
        struct svi_plot_pixels pixels = { 0 };
        cl_mem values = upload(levels, (size_t)rows * columns * sizeof *levels);
        const struct svi_paint paint = {
            .rows = rows, .columns = columns, .time_on_x = cases[c].time_on_x, .low = -100, .high = -50, .colormap = &colormap
        };
        check_ok(svi_paint(&pixels, device, values, &paint, (struct svi_rect){ 0, 0, (int)width, (int)height }, &err), err);
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++) {
                const uint8_t *pixel = svi_plot_row(&pixels, width, height, y) + x * 4;
                size_t along = cases[c].time_on_x ? x : y, along_of = cases[c].time_on_x ? width : height;
                size_t across = cases[c].time_on_x ? height - 1 - y : x, across_of = cases[c].time_on_x ? height : width;
                size_t row = (size_t)floor(((double)along + 0.5) * rows / (double)along_of);
                size_t column = (size_t)floor(((double)across + 0.5) * columns / (double)across_of);
                float share = (levels[row * columns + column] + 100.0f) / 50.0f;
                int step = (int)fminf(fmaxf(share * 256.0f, 0.0f), 255.0f);
                assert_memory_equal(pixel, rgb[step], 3);
                assert_int_equal(pixel[3], 255);
            }
        svi_mem_release(values);
        free(pixels.rgba);
        free(levels);
    }
}

/* Few pixels are painted by the host, many by the device. */
static void a_matrix_of_the_host_gets_the_same_colors(void **state)
{
    (void)state;
    static const struct {
        uint32_t rows, columns;
        int width, height;
    } cases[] = { { 1, 855, 800, 700 }, { 3, 4, 100, 50 }, { 200, 300, 64, 48 }, { 50, 20, 300, 200 } };
    for (size_t i = 0; i < 2 * ROWS(cases); i++) {
        struct svi_error err = { 0 };
        const uint32_t rows = cases[i / 2].rows, columns = cases[i / 2].columns;
        float *levels = made_up_levels((size_t)rows * columns);
        levels[rows * columns / 3] = NAN;
        const struct svi_paint paint = { .rows = rows,
                                         .columns = columns,
                                         .upwards = i % 2,
                                         .low = -100,
                                         .high = -50,
                                         .colormap = svi_colormap_find("magma"),
                                         .nothing = { 1, 2, 3, 4 } };
        const struct svi_rect plot = { 0, 0, cases[i / 2].width, cases[i / 2].height };
        struct svi_plot_pixels here = { 0 }, there = { 0 };
        cl_mem values = upload(levels, (size_t)rows * columns * sizeof *levels);
        check_ok(svi_paint_matrix(&here, levels, &paint, plot, &err), err);
        check_ok(svi_paint(&there, device, values, &paint, plot, &err), err);
        assert_int_equal(here.rows, there.rows);
        assert_int_equal(here.upwards, there.upwards);
        assert_memory_equal(here.rgba, there.rgba, (size_t)plot.width * here.rows * 4);
        svi_mem_release(values);
        free(here.rgba);
        free(there.rgba);
        free(levels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_and_histogram_count_every_value),
        cmocka_unit_test(colors_are_those_of_the_cell_under_the_middle_of_a_pixel),
        cmocka_unit_test(a_matrix_of_the_host_gets_the_same_colors),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
