/* test_scatterplot - constellations: counts against the same in plain C, statistics against paper, and what bad input gets. */
#include "base/file.h"
#include "visual/dots.h"
#include "visual/iq_grid.h"
#include "visual/iq_statistics.h"

#include <math.h>

#include "npy.h"
#include "rendering.h"

/* Stores samples of one's own making as SCRATCH/NAME.sigmf-*: [sample][channel]. */
static void write_samples(const char *name, const char *datatype, unsigned channels, size_t count,
                          double complex (*make)(size_t i, unsigned channel), const char *captures)
{
    struct svi_error err = { 0 };
    char file[128], meta[400];
    const struct svi_datatype *row = svi_datatype_find(datatype);
    const size_t bytes = svi_datatype_bytes(row);
    uint8_t *samples = malloc(count * channels * bytes);
    assert_non_null(samples);
    for (size_t i = 0; i < count; i++)
        for (unsigned channel = 0; channel < channels; channel++)
            signal_encode(samples + (i * channels + channel) * bytes, row, make(i, channel));
    snprintf(file, sizeof file, "%s.sigmf-data", name);
    check_ok(svi_file_write(in_scratch(file), (struct svi_bytes){ samples, count * channels * bytes }, &err), err);
    snprintf(meta, sizeof meta,
             "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.2.0\", \"core:sample_rate\": 1e6, "
             "\"core:num_channels\": %u}, \"captures\": %s, \"annotations\": []}",
             datatype, channels, captures ? captures : "[{\"core:sample_start\": 0}]");
    snprintf(file, sizeof file, "%s.sigmf-meta", name);
    check_ok(svi_file_write(in_scratch(file), svi_bytes_of(meta), &err), err);
    free(samples);
}

static json_t *draw(const char *name, const char *config)
{
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render(name, "scatterplot", config, &summary, &err), err);
    return summary;
}

/* A number from 0 to below 1 that depends on i alone. */
static double scattered(size_t i, unsigned which)
{
    uint64_t x = (uint64_t)i * 0x9E3779B97F4A7C15u + which * 0xD1B54A32D192ED03u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 29;
    return (double)(x >> 11) * 0x1p-53;
}

static double complex noise(size_t i, unsigned which)
{
    return sqrt(-2 * log(1 - scattered(i, 2 * which))) * cexp(2 * M_PI * I * scattered(i, 2 * which + 1));
}

/* ---- counts ---- */

static double complex noisy(size_t i, unsigned channel)
{
    return 0.11 * (channel + 1) * noise(i, channel) + 0.05 * (i % 3 ? 1 : -1) * (channel + 1);
}

/* The matrix again from what the summary says of its axes, sample by sample as stored; integers only, whose numbers lie off the
 * borders of cells. stored: which samples are in no gap, by their place in the file. */
static void check_counts(const char *name, const char *datatype, unsigned channels, unsigned channel, size_t first, size_t end,
                         const json_t *summary)
{
    const struct svi_datatype *row = svi_datatype_find(datatype);
    char file[128];
    snprintf(file, sizeof file, "%s.sigmf-data", name);
    struct svi_error err = { 0 };
    struct svi_buffer data;
    check_ok(svi_file_read(&data, in_scratch(file), "samples", 1 << 26, &err), err);
    struct npy made = npy_read(in_scratch("scatterplot.npy"));
    const size_t columns = made.columns, rows = made.rows;
    const double low_i = number_at(summary, "image.x.min"), high_i = number_at(summary, "image.x.max");
    const double low_q = number_at(summary, "image.y.min"), high_q = number_at(summary, "image.y.max");
    float *expected = calloc(rows * columns, sizeof *expected);
    assert_non_null(expected);
    size_t outside = 0;
    for (size_t i = first; i < end; i++) {
        const double complex sample = signal_decode(data.at + (i * channels + channel) * svi_datatype_bytes(row), row);
        const double column = floor((creal(sample) - low_i) / (high_i - low_i) * (double)columns);
        const double at = floor((cimag(sample) - low_q) / (high_q - low_q) * (double)rows);
        if (column >= 0 && at >= 0 && column < (double)columns && at < (double)rows)
            expected[(size_t)at * columns + (size_t)column]++;
        else
            outside++;
    }
    assert_int_equal(number_at(summary, "image.columns"), columns);
    assert_int_equal(number_at(summary, "image.rows"), rows);
    assert_memory_equal(made.data, expected, rows * columns * sizeof *expected);
    assert_int_equal(number_at(summary, "image.outside_samples"), outside);
    assert_int_equal(number_at(summary, "image.samples"), end - first - outside);
    assert_int_equal(number_at(summary, "statistics.samples"), end - first);
    /* Equal units: as many of them to a pixel on both axes, and where there is a frame a square. */
    const double plot_width = number_at(summary, "image.plot.width"), plot_height = number_at(summary, "image.plot.height");
    check_near((high_i - low_i) / plot_width / ((high_q - low_q) / plot_height), 1, 0.02);
    check_near(low_i, -high_i, 1.01 / row->full_scale);
    free(expected);
    npy_clear(&made);
    svi_buffer_clear(&data);
}

static void counts_are_the_twins(void **state)
{
    (void)state;
    static const struct {
        const char *datatype;
        unsigned channels, channel;
        const char *config;
        size_t first, end;
    } rows[] = {
        { "ci8", 1, 0, NULL, 0, 30000 },
        { "cu8", 2, 1, "{\"channel\": 1}", 0, 30000 },
        { "ci16_be", 1, 0, "{\"width\": 8, \"height\": 4}", 0, 30000 },
        { "cu16_le", 3, 2, "{\"channel\": 2, \"theme\": \"bare\", \"width\": 4, \"height\": 7}", 0, 30000 },
        { "ci32_le", 1, 0, "{\"theme\": \"bare\", \"width\": 0.5, \"height\": 0.2}", 0, 30000 },
        { "ci16_le", 1, 0, "{\"amplitudeLimit\": 0.1, \"colorScale\": \"eq_hist\"}", 0, 30000 },
        { "ci16_le", 1, 0, "{\"start\": 0.01, \"duration\": 0.005, \"colorScale\": \"linear\"}", 10000, 15000 },
        { "cu8", 1, 0, "{\"start\": 0.029999}", 29999, 30000 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        write_samples("twin", rows[i].datatype, rows[i].channels, 30000, noisy, NULL);
        json_t *summary = draw("twin", rows[i].config);
        check_counts("twin", rows[i].datatype, rows[i].channels, rows[i].channel, rows[i].first, rows[i].end, summary);
        json_decref(summary);
    }
}

static void samples_in_gaps_are_not_counted(void **state)
{
    (void)state;
    write_samples(
        "gaps", "ci16_le", 1, 20000, noisy,
        "[{\"core:sample_start\": 0, \"core:global_index\": 0}, {\"core:sample_start\": 7000, \"core:global_index\": 50000}]");
    json_t *summary = draw("gaps", NULL);
    assert_int_equal(number_at(summary, "recording.sample_count"), 63000);
    check_counts("gaps", "ci16_le", 1, 0, 0, 20000, summary);
    json_decref(summary);
    /* Nothing but gap. */
    summary = draw("gaps", "{\"start\": 0.01, \"duration\": 0.01}");
    assert_int_equal(number_at(summary, "statistics.samples"), 0);
    assert_true(json_is_null(json_object_get(json_object_get(summary, "statistics"), "rms_dbfs")));
    check_has(json_string_value(json_array_get(json_object_get(summary, "warnings"), 0)), "all lie in gaps");
    json_decref(summary);
}

/* Longer than what is looked at before, and loud only where that does not look: the picture reaches further, in doublings. */
static double complex loud_aside(size_t i, unsigned channel)
{
    const size_t every = (3000000 - 4096) / 255;
    const bool loud = i % every > 5000 && i % every < 5400 && i < 255 * every;
    return (loud ? 0.6 : 0.01) * cexp(I * 2 * M_PI * scattered(i, channel));
}

static void the_picture_reaches_as_far_as_samples_do(void **state)
{
    (void)state;
    write_samples("aside", "ci16_le", 1, 3000000, loud_aside, NULL);
    json_t *summary = draw("aside", NULL);
    assert_true(number_at(summary, "image.x.max") >= 0.6 && number_at(summary, "image.x.max") < 1.4);
    assert_int_equal(number_at(summary, "image.outside_samples"), 0);
    check_counts("aside", "ci16_le", 1, 0, 0, 3000000, summary);
    check_near(number_at(summary, "statistics.peak"), 0.6, 1e-4);
    json_decref(summary);
}

/* ---- statistics ---- */

/* QPSK at 20 dB over noise, Q by 1.1 stronger and leaning by 0.05 rad, on an offset. Noise passes the same receiver. */
static double complex qpsk(size_t i, unsigned channel)
{
    const double complex sent = 0.4 * cexp(I * (M_PI / 4 + M_PI / 2 * floor(4 * scattered(i, 9))))
                                + 0.4 * 0.1 * M_SQRT1_2 * noise(i, channel);
    return CMPLX(creal(sent) + 0.02, 1.1 * (cimag(sent) * cos(0.05) + creal(sent) * sin(0.05)) - 0.01);
}

static void imbalance_and_offset_are_told(void **state)
{
    (void)state;
    static const char *const datatypes[] = { "ci16_le", "cf32_be", "cu8", "cf64_le" };
    const double power = 0.16 * 1.01;
    for (size_t i = 0; i < ROWS(datatypes); i++) {
        write_samples("qpsk", datatypes[i], 1, 200000, qpsk, NULL);
        json_t *summary = draw("qpsk", NULL);
        check_near(number_at(summary, "statistics.dc_offset.i"), 0.02, 2e-3);
        check_near(number_at(summary, "statistics.dc_offset.q"), -0.01, 2e-3);
        check_near(number_at(summary, "statistics.gain_imbalance_db"), -20 * log10(1.1), 0.02);
        check_near(number_at(summary, "statistics.phase_imbalance_deg"), 0.05 * 180 / M_PI, 0.2);
        check_near(number_at(summary, "statistics.rms_dbfs"), 10 * log10(power * (1 + 1.21) / 2 + 0.0005), 0.02);
        assert_true(number_at(summary, "statistics.crest_factor_db") > 1);
        assert_int_equal(number_at(summary, "statistics.clipped"), 0);
        assert_true(number_at(summary, "image.outside_percent") < 0.5);
        json_decref(summary);
    }
}

static double complex full_tone(size_t i, unsigned channel)
{
    (void)channel;
    return cexp(I * 2 * M_PI * (double)(i % 64) / 64);
}

static double complex corner(size_t i, unsigned channel)
{
    (void)channel;
    return CMPLX(i & 1 ? 1 : -1, i & 2 ? 1 : -1);
}

static double complex nothing(size_t i, unsigned channel)
{
    (void)i;
    (void)channel;
    return 0;
}

static double complex same(size_t i, unsigned channel)
{
    (void)i;
    (void)channel;
    return 0.25 - 0.5 * I;
}

static double complex lost(size_t i, unsigned channel)
{
    return i % 1000 == 7 ? CMPLX(NAN, 0) : i % 1000 == 8 ? CMPLX(0, INFINITY) : noisy(i, channel);
}

static double complex all_lost(size_t i, unsigned channel)
{
    (void)i;
    (void)channel;
    return CMPLX(NAN, NAN);
}

/* What the warnings say, in one text. */
static const char *warnings_of(const json_t *summary)
{
    static char text[2000];
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(json_object_get(summary, "warnings")); i++) {
        const size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s|",
                 json_string_value(json_array_get(json_object_get(summary, "warnings"), i)));
    }
    return text;
}

static void odd_recordings_have_figures_too(void **state)
{
    (void)state;
    /* A tone of full scale, whose levels are known. */
    write_samples("odd", "cf32_le", 1, 64000, full_tone, NULL);
    json_t *summary = draw("odd", NULL);
    check_near(number_at(summary, "statistics.rms_dbfs"), 0, 1e-6);
    check_near(number_at(summary, "statistics.crest_factor_db"), 0, 1e-5);
    check_near(number_at(summary, "statistics.gain_imbalance_db"), 0, 1e-6);
    check_near(number_at(summary, "statistics.phase_imbalance_deg"), 0, 1e-5);
    check_near(number_at(summary, "statistics.peak"), 1, 0);
    json_decref(summary);
    write_samples("odd", "cu8", 1, 5000, corner, NULL);
    summary = draw("odd", NULL);
    check_near(number_at(summary, "statistics.clipped_percent"), 100, 0);
    check_has(warnings_of(summary), "overdriven");
    assert_int_equal(number_at(summary, "image.samples"), 5000);
    json_decref(summary);
    write_samples("odd", "ci16_le", 1, 4000, nothing, NULL);
    summary = draw("odd", NULL);
    check_has(warnings_of(summary), "silent");
    assert_int_equal(number_at(summary, "image.color.max"), 4000);
    json_decref(summary);
    write_samples("odd", "cu8", 1, 1, same, NULL);
    summary = draw("odd", NULL);
    assert_int_equal(number_at(summary, "image.samples"), 1);
    assert_string_equal(warnings_of(summary), "");
    json_decref(summary);
    write_samples("odd", "ci32_be", 1, 70000, same, NULL);
    summary = draw("odd", NULL);
    assert_int_equal(number_at(summary, "image.color.max"), 70000);
    assert_true(json_is_null(json_object_get(json_object_get(summary, "statistics"), "gain_imbalance_db")));
    json_decref(summary);
    write_samples("odd", "cf64_be", 1, 20000, lost, NULL);
    summary = draw("odd", NULL);
    assert_int_equal(number_at(summary, "statistics.not_finite"), 40);
    assert_int_equal(number_at(summary, "statistics.samples"), 19960);
    check_has(warnings_of(summary), "40 of 20000 samples are not finite");
    json_decref(summary);
    write_samples("odd", "cf32_le", 1, 20000, all_lost, NULL);
    summary = draw("odd", NULL);
    check_has(warnings_of(summary), "20000 of 20000 samples are not finite");
    assert_int_equal(number_at(summary, "image.samples"), 0);
    json_decref(summary);
}

static void compat_shows_numbers_as_stored(void **state)
{
    (void)state;
    write_samples("stored", "cu8", 1, 5000, corner, NULL);
    json_t *summary = draw("stored", "{\"units\": \"compat\"}");
    const double low = number_at(summary, "image.x.min"), high = number_at(summary, "image.x.max");
    assert_true(low < -0.5 && high > 255.5);
    check_near((low + high) / 2, 127.5, 1e-9); /* as many cells to either side of the border between 127 and 128 */
    assert_string_equal(text_at(json_object_get(summary, "image"), "x", "unit"), "number");
    json_decref(summary);
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *datatype, *config, *says;
        enum svi_status status;
    } rows[] = {
        { "ri16_le", NULL, "are real (ri16_le). Choose a periodogram or a heatmap", SVI_BAD_RECORDING },
        { "cu8", "{\"channel\": 1}", "channel is 1, but the recording has 1 channel", SVI_BAD_PARAMETER },
        { "cu8", "{\"amplitudeLimit\": 0}", "amplitudeLimit", SVI_BAD_PARAMETER },
        { "cu8", "{\"amplitudeLimit\": \"wide\"}", "amplitudeLimit", SVI_BAD_PARAMETER },
        { "cu8", "{\"colorScale\": \"cubic\"}", "log, eq_hist, linear", SVI_BAD_PARAMETER },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        write_samples("refused", rows[i].datatype, 1, 100, same, NULL);
        assert_false(render("refused", "constellation", rows[i].config, &summary, &err));
        assert_int_equal(err.status, rows[i].status);
        check_has(err.message, rows[i].says);
    }
}

/* ---- cells ---- */

static void grids_fit_their_plots(void **state)
{
    (void)state;
    static const struct svi_rect plots[] = { { 0, 0, 812, 812 },     { 0, 0, 1, 1 },       { 0, 0, 3, 200 },
                                             { 0, 0, 16384, 16384 }, { 0, 0, 1600, 97 },   { 0, 0, 701, 699 },
                                             { 0, 0, 10, 10 },       { 0, 0, 16384, 200 }, { 0, 0, 1025, 1024 } };
    static const double limits[] = { 1e-25, 1e-9, 0.003, 0.0123, 0.3, 0.77, 1.05, 40, 1e20 };
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++)
        for (size_t p = 0; p < ROWS(plots); p++)
            for (size_t l = 0; l < ROWS(limits); l++) {
                const struct svi_rect plot = plots[p];
                const struct svi_iq_grid grid = svi_iq_grid_fit(row, limits[l], 1 << 30, plot);
                const uint32_t fewer = grid.columns < grid.rows ? grid.columns : grid.rows;
                assert_true(grid.columns % 2 == 0 && grid.rows % 2 == 0 && grid.columns >= 2 && grid.rows >= 2);
                assert_true(grid.columns <= 1024 && grid.rows <= 1024);
                const double reach = svi_iq_grid_edge(&grid, fewer, fewer, 0);
                const bool integers = row->name[1] != 'f';
                if (integers) {
                    assert_true(grid.cell_width >= 1 && grid.cell_width < 2147483648.0
                                && floor(grid.cell_width) == grid.cell_width);
                    assert_true(reach >= fmin(limits[l], 1) - 1e-9 - 0.5 / row->full_scale || plot.width < 4);
                } else {
                    check_near(reach, limits[l], 1e-9 * limits[l]);
                }
                /* Not much is wasted where there are pixels and numbers to choose from. */
                if (integers && limits[l] < 1.1 && limits[l] * row->full_scale > 30 && plot.width > 500 && plot.height > 500)
                    assert_true(reach < 1.35 * limits[l]);
                check_near(svi_iq_grid_edge(&grid, fewer / 2, fewer, 3), grid.low, 0);
            }
}

static const uint8_t *pixel_at(const uint8_t *pixels, int width, int x, int y)
{
    return pixels + ((size_t)y * (size_t)width + (size_t)x) * 4;
}

/* Pixels that are not background; all must be opaque. */
static int lit(const uint8_t *pixels, struct svi_rect plot)
{
    int count = 0;
    for (int i = 0; i < plot.width * plot.height; i++) {
        assert_int_equal(pixels[4 * i + 3], 255);
        count += pixels[4 * i] != 1 || pixels[4 * i + 1] != 2 || pixels[4 * i + 2] != 3;
    }
    return count;
}

static uint8_t *paint_dots(const float *counts, uint32_t edge, struct svi_rect plot, double unit)
{
    struct svi_error err = { 0 };
    struct svi_color_scale scale;
    struct svi_plot_pixels pixels;
    check_ok(svi_color_scale_make(&scale, SVI_COLOR_LINEAR, counts, (size_t)edge * edge, &err), err);
    const struct svi_dots dots = { .counts = counts,
                                   .rows = edge,
                                   .columns = edge,
                                   .scale = &scale,
                                   .colors = svi_colormap_find("viridis"),
                                   .background = { 1, 2, 3 },
                                   .unit = unit };
    check_ok(svi_dots_paint(&pixels, &dots, plot, &err), err);
    svi_color_scale_clear(&scale);
    return pixels.rgba;
}

static void lone_cells_become_dots(void **state)
{
    (void)state;
    enum { EDGE = 40 };
    static float counts[EDGE * EDGE];
    const struct svi_rect plot = { 0, 0, EDGE, EDGE };
    const uint8_t *top = svi_colormap_find("viridis")->rgb[255];

    /* Nothing: background. */
    memset(counts, 0, sizeof counts);
    uint8_t *pixels = paint_dots(counts, EDGE, plot, 1);
    assert_int_equal(lit(pixels, plot), 0);
    free(pixels);

    /* One: a disc of 7 pixels across, its row counted from below. */
    counts[5 * EDGE + 20] = 3;
    pixels = paint_dots(counts, EDGE, plot, 1);
    assert_int_equal(lit(pixels, plot), 37); /* within 3.5 pixels of the middle one */
    assert_memory_equal(pixel_at(pixels, EDGE, 20, EDGE - 1 - 5), top, 3);
    assert_memory_equal(pixel_at(pixels, EDGE, 23, EDGE - 1 - 5), top, 3);
    free(pixels);

    /* In cells of 9 pixels it is seen as it is. */
    pixels = paint_dots(counts, EDGE, (struct svi_rect){ 0, 0, 9 * EDGE, 9 * EDGE }, 1);
    assert_int_equal(lit(pixels, (struct svi_rect){ 0, 0, 9 * EDGE, 9 * EDGE }), 81);
    free(pixels);

    /* In the corner it does not leave the plot. */
    memset(counts, 0, sizeof counts);
    counts[0] = 1;
    pixels = paint_dots(counts, EDGE, plot, 1);
    assert_int_equal(lit(pixels, plot), 13);
    free(pixels);

    /* A block of neighbours stays what it is, one aside becomes 3 × 3. */
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < 100; i++)
        counts[(10 + i / 10) * EDGE + 10 + i % 10] = 1;
    counts[30 * EDGE + 30] = 2;
    pixels = paint_dots(counts, EDGE, plot, 1);
    assert_int_equal(lit(pixels, plot), 100 + 9);
    free(pixels);

    /* Two that overlap: the greater count lies on top, whichever comes first. */
    for (int swap = 0; swap < 2; swap++) {
        memset(counts, 0, sizeof counts);
        counts[2 * EDGE + 2] = counts[2 * EDGE + 36] = counts[36 * EDGE + 2] = counts[36 * EDGE + 36] = counts[20 * EDGE + 36] = 1;
        counts[20 * EDGE + 20] = swap ? 1 : 9;
        counts[20 * EDGE + 22] = swap ? 9 : 1;
        pixels = paint_dots(counts, EDGE, plot, 1);
        const int strong = swap ? 22 : 20;
        for (int x = strong - 3; x <= strong + 3; x++)
            assert_memory_equal(pixel_at(pixels, EDGE, x, EDGE - 1 - 20), top, 3);
        free(pixels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_the_twins),
        cmocka_unit_test(samples_in_gaps_are_not_counted),
        cmocka_unit_test(the_picture_reaches_as_far_as_samples_do),
        cmocka_unit_test(imbalance_and_offset_are_told),
        cmocka_unit_test(odd_recordings_have_figures_too),
        cmocka_unit_test(compat_shows_numbers_as_stored),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(grids_fit_their_plots),
        cmocka_unit_test(lone_cells_become_dots),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
