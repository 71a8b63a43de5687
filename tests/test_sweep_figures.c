/* test_sweep_figures - waterfall, heatmap and periodogram of spectra that were measured before, from file to picture: levels to
 * 0.01 dB and frequencies to the bin, of files that were made with both. */
#include "base/base64.h"
#include "base/file.h"

#include <math.h>

#include "npy.h"
#include "rendering.h"

enum { MOST_FILES = 8, MOST_BINS = 64 };

/* A RadioHound file of `bins` levels, all `floor_dbm` but one. 1 MHz / 100: bins of 10 kHz. */
struct made {
    const char *second; /* of 2026-01-02T03:04 */
    double fmin_hz, nfft;
    size_t bins, peak;
    double floor_dbm, peak_dbm, scan_s; /* scan_s 0: not stated */
};

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_scratch(name), "wb");
    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void make(const char *name, const struct made *made)
{
    float watts[MOST_BINS];
    char data[4 * MOST_BINS * 2], text[2048], scan[48] = "";
    for (size_t i = 0; i < made->bins; i++)
        watts[i] = (float)pow(10, ((i == made->peak ? made->peak_dbm : made->floor_dbm) - 30) / 10);
    const struct svi_bytes bytes = { (const uint8_t *)watts, made->bins * sizeof *watts };
    svi_base64_write(data, bytes);
    if (made->scan_s > 0)
        snprintf(scan, sizeof scan, ", \"scan_time\": %g", made->scan_s);
    snprintf(text, sizeof text,
             "{\"data\": \"%.*s\", \"type\": \"float32\", \"mac_address\": \"98f07b24025a\", \"sample_rate\": 1000000, "
             "\"timestamp\": \"2026-01-02T03:04:%sZ\", \"metadata\": {\"fmin\": %.17g, \"nfft\": %.0f%s}}",
             (int)svi_base64_length(bytes.count), data, made->second, made->fmin_hz, made->nfft, scan);
    put(name, text);
}

/* Also the matrix behind the picture. */
static bool saves_data = true;

static bool draw(const struct svi_file *files, size_t count, const char *type, const char *config, json_t **summary,
                 struct svi_error *err)
{
    json_t *tree = config ? json_loads(config, 0, NULL) : NULL;
    assert_true(!config || tree);
    const struct svi_render_request request = { .types = &type,
                                                .type_count = type ? 1 : 0,
                                                .config = tree,
                                                .capture = { .files = files, .file_count = count },
                                                .folder = scratch_folder(),
                                                .save_data = saves_data };
    struct svi_rendering rendering;
    *summary = NULL;
    const bool ok = svi_render(device, &request, &rendering, err);
    if (ok) {
        *summary = json_incref(json_array_get(rendering.summaries, 0));
        assert_int_equal(json_array_size(rendering.summaries), type ? 1 : 3);
        svi_rendering_clear(&rendering);
    }
    json_decref(tree);
    return ok;
}

static bool draw_made(const struct made *made, size_t count, const char *type, const char *config, json_t **summary,
                      struct svi_error *err)
{
    static char paths[MOST_FILES][700], labels[MOST_FILES][32];
    struct svi_file files[MOST_FILES];
    for (size_t i = 0; i < count; i++) {
        snprintf(labels[i], sizeof labels[i], "f%zu.rh.json", i);
        make(labels[i], &made[i]);
        snprintf(paths[i], sizeof paths[i], "%s", in_scratch(labels[i]));
        files[i] = (struct svi_file){ paths[i], labels[i] };
    }
    return draw(files, count, type, config, summary, err);
}

/* Three rows of 10 kHz bins: at 0 s, 1 s, 2 s; then nothing up to 10 s. The second one begins 200 kHz higher, and the last one has
 * bins twice as wide. */
static const struct made four[] = { { "00.000", 100e6, 100, 40, 5, -70, -30, 0 },
                                    { "01.000", 100.2e6, 100, 40, 5, -75, -40, 0 },
                                    { "02.000", 100e6, 100, 40, 39, -70, -50, 0 },
                                    { "10.000", 100e6, 50, 20, 5, -80, -35, 0 } };

static double cell(const struct npy *data, size_t row, size_t column)
{
    return (double)((float *)data->data)[row * data->columns + column];
}

static void rows_stand_at_their_frequency_and_time(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw_made(four, 4, "waterfall", NULL, &summary, &err), err);
    struct npy data = npy_read(in_scratch("waterfall.npy"));
    assert_int_equal(data.columns, 61); /* 99.985 to 100.595 MHz */
    /* A row lasts to the next, for the median of 1, 1 and 8 s where that is too far: the axis is 11 s long. */
    check_near(number_at(summary, "image.y.min"), 0, 0);
    check_near(number_at(summary, "image.y.max"), 11, 1e-9);
    check_near(number_at(summary, "image.x.min"), 99.985e6, 0); /* half a bin of the widest, in whole bins of the others */
    check_near(number_at(summary, "image.spectra"), 4, 0);
    const double rows_per_s = (double)data.rows / 11;
    const struct {
        double second;
        size_t column;
        double dbm; /* NAN: nothing was measured */
    } points[] = { { 0.5, 6, -30 },   { 0.5, 5, -70 },   { 0.5, 7, -70 },  { 0.5, 45, NAN }, { 1.5, 26, -40 }, { 1.5, 10, NAN },
                   { 1.5, 25, -75 },  { 1.5, 59, -75 },  { 2.5, 40, -50 }, { 2.5, 39, -70 }, { 5, 20, NAN },   { 9.9, 20, NAN },
                   { 10.5, 10, -35 }, { 10.5, 11, -35 }, { 10.5, 9, -80 }, { 10.5, 12, -80 } };
    /* The grid begins a bin below the first row: its bin i is in column i + 1. */
    for (size_t i = 0; i < ROWS(points); i++) {
        const double level = cell(&data, (size_t)(points[i].second * rows_per_s), points[i].column);
        if (isnan(level) != isnan(points[i].dbm) || fabs(level - points[i].dbm) > 0.01)
            fail_msg("at %g s, column %zu: %g dBm, not %g", points[i].second, points[i].column, level, points[i].dbm);
    }
    assert_string_equal(text_at(json_object_get(summary, "image"), "color", "unit"), "dBm");
    assert_string_equal(text_at(json_object_get(summary, "image"), "y", "zero_utc"), "2026-01-02T03:04:00.000000+00:00");
    assert_string_equal(text_at(summary, "recording", "device"), "98f07b24025a");
    check_near(number_at(summary, "recording.row_count"), 4, 0);
    npy_clear(&data);
    json_decref(summary);
}

static struct svi_buffer drawn(const struct made *made, size_t count, const char *config)
{
    struct svi_error err = { 0 };
    struct svi_buffer png;
    json_t *summary;
    check_ok(draw_made(made, count, "waterfall", config, &summary, &err), err);
    check_ok(svi_file_read(&png, in_scratch("waterfall.png"), "picture", 1 << 22, &err), err);
    json_decref(summary);
    return png;
}

/* Without data, rows of pixels that show the same are one row of cells where that changes no statistics: 840 rows are as many for
 * two, three or four spectra, and with the fourth comes a gap. */
static void the_picture_does_not_know_of_its_data(void **state)
{
    (void)state;
    static const char *const configs[] = { "{\"theme\": \"bare\", \"width\": 4, \"height\": 8.4}",
                                           "{\"theme\": \"bare\", \"width\": 4, \"height\": 8.41, \"timeDirection\": \"up\"}",
                                           "{\"width\": 6, \"height\": 5}" };
    for (size_t count = 1; count <= ROWS(four); count++)
        for (size_t i = 0; i < ROWS(configs); i++) {
            struct svi_buffer with = drawn(four, count, configs[i]);
            saves_data = false;
            struct svi_buffer without = drawn(four, count, configs[i]);
            saves_data = true;
            assert_int_equal(with.count, without.count);
            assert_memory_equal(with.at, without.at, with.count);
            svi_buffer_clear(&with);
            svi_buffer_clear(&without);
        }
}

/* What a row's neighbors or its file say, and nothing that is made up. */
static void a_row_lasts_as_long_as_something_says(void **state)
{
    (void)state;
    static const struct made one[] = { { "07.250", 100e6, 100, 20, 5, -70, -30, 0 } },
                             scanned[] = { { "07.250", 100e6, 100, 20, 5, -70, -30, 0.25 } },
                             same[] = { { "07.250", 100e6, 100, 20, 5, -70, -30, 0 },
                                        { "07.250", 100e6, 100, 20, 5, -70, -30, 0 } },
                             far[] = { { "00", 100e6, 100, 20, 5, -70, -30, 0 },
                                       { "10", 100e6, 100, 20, 5, -70, -30, 0 },
                                       { "30", 100e6, 100, 20, 5, -70, -30, 0 } };
    static const struct {
        const struct made *made;
        size_t count;
        const char *config, *axis;
        double min_s, max_s;
        const char *max_utc;
    } rows[] = {
        { one, 1, NULL, "utc", 0, 0, "2026-01-02T03:04:07.250000+00:00" },
        { one, 1, "{\"timeAxis\": \"relative\", \"timeDirection\": \"up\"}", "relative", 0, 0, "2026-01-02T03:04:07.250000+00:00" },
        { same, 2, NULL, "utc", 0, 0, "2026-01-02T03:04:07.250000+00:00" },
        { scanned, 1, NULL, "relative", 0, 0.25, "2026-01-02T03:04:07.500000+00:00" },
        { far, 3, "{\"duration\": 5}", "relative", 0, 10, "2026-01-02T03:04:10.000000+00:00" },
        { far, 3, "{\"start\": 20}", "relative", 30, 50, "2026-01-02T03:04:50.000000+00:00" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw_made(rows[i].made, rows[i].count, "waterfall", rows[i].config, &summary, &err), err);
        struct npy data = npy_read(in_scratch("waterfall.npy"));
        const double pixels = number_at(summary, "image.plot.height");
        assert_string_equal(text_at(summary, "parameters", "timeAxis"), rows[i].axis);
        check_near(number_at(summary, "image.y.min"), rows[i].min_s, 1e-9);
        check_near(number_at(summary, "image.y.max"), rows[i].max_s, 1e-9);
        check_near(fabs(number_at(summary, "image.y.per_pixel")) * pixels, rows[i].max_s - rows[i].min_s, 1e-9);
        assert_string_equal(text_at(json_object_get(summary, "image"), "y", "max_utc"), rows[i].max_utc);
        assert_int_equal(data.columns, 20);
        for (size_t row = 0; row < data.rows; row++) {
            check_near(cell(&data, row, 5), -30, 0.01);
            check_near(cell(&data, row, 6), -70, 0.01);
        }
        npy_clear(&data);
        json_decref(summary);
    }
}

/* A pixel that two rows fall on: their reduction, of linear power. */
static void rows_of_one_moment_are_reduced(void **state)
{
    (void)state;
    static const struct made two[] = { { "00", 100e6, 100, 20, 5, -70, -30, 0 }, { "00", 100e6, 100, 20, 5, -60, -33.0103, 0 } };
    static const struct {
        const char *config;
        double peak_dbm, floor_dbm;
    } rows[] = { { NULL, -30, -60 },
                 { "{\"reduction\": \"min\"}", -33.0103, -70 },
                 { "{\"reduction\": \"mean\"}", -31.2494, -62.5964 } }; /* 10 log10((1 + 0.5) / 2), ((10 + 1) / 2) */
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw_made(two, 2, "waterfall", rows[i].config, &summary, &err), err);
        struct npy data = npy_read(in_scratch("waterfall.npy"));
        assert_int_equal(data.columns, 20);
        for (size_t row = 0; row < data.rows; row += data.rows - 1) {
            check_near(cell(&data, row, 5), rows[i].peak_dbm, 0.01);
            check_near(cell(&data, row, 6), rows[i].floor_dbm, 0.01);
        }
        npy_clear(&data);
        json_decref(summary);
    }
}

static void one_file_is_enough_for_each_type(void **state)
{
    (void)state;
    static const char *const types[] = { "waterfall", "heatmap", "periodogram" };
    const struct made one = { "00", 100e6, 100, 40, 7, -70, -30.25, 0 };
    for (size_t i = 0; i < ROWS(types); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw_made(&one, 1, types[i], NULL, &summary, &err), err);
        assert_string_equal(text_at(summary, "power", "unit"), "dBm");
        check_near(number_at(summary, "power.max"), -30.25, 0.01);
        check_near(number_at(summary, "power.noise_floor"), -70, 0.01);
        check_near(number_at(summary, "power.bin_hz"), 10e3, 0);
        check_near(number_at(summary, "peaks.0.frequency_hz"), 100.07e6, 1);
        check_near(number_at(summary, "peaks.0.power_db"), -30.25, 0.01);
        check_near(number_at(summary, "image.spectra"), 1, 0);
        assert_string_equal(text_at(summary, "parameters", "units"), "dbm");
        json_decref(summary);
    }
}

static void lines_are_those_of_linear_power(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw_made(four, 3, "periodogram", NULL, &summary, &err), err);
    struct npy data = npy_read(in_scratch("periodogram.npy"));
    assert_int_equal(data.columns, 60);
    check_near(cell(&data, 0, 5), -30, 0.01); /* max hold of two rows that are there: 10^-6, 10^-10 W */
    check_near(cell(&data, 1, 5), 10 * log10((1e-3 + 1e-7) / 2), 0.01);
    check_near(cell(&data, 2, 5), -70, 0.01);
    check_near(cell(&data, 2, 30), -75, 0.01);
    check_near(cell(&data, 0, 50), -75, 0.01); /* of one row alone */
    check_near(number_at(summary, "image.x.min"), 99.995e6, 0);
    npy_clear(&data);
    json_decref(summary);
}

/* Percent of the rows that have the frequency. */
static void shares_are_of_the_rows_that_are_there(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw_made(four, 3, "heatmap", "{\"vmin\": -100, \"vmax\": 0, \"powerBins\": 100}", &summary, &err), err);
    struct npy data = npy_read(in_scratch("heatmap.npy"));
    assert_int_equal(data.rows, 100);
    assert_int_equal(data.columns, 60);
    for (size_t column = 0; column < data.columns; column++) {
        double sum = 0;
        for (size_t row = 0; row < data.rows; row++)
            sum += cell(&data, row, column);
        check_near(sum, 100, 1e-3);
    }
    /* 0 dBm is the upper edge; a level of -30.0 dB may lie on either side of its row's. */
    check_near(cell(&data, 70, 5) + cell(&data, 69, 5), 50, 1e-3);
    check_near(cell(&data, 25, 50) + cell(&data, 24, 50), 100, 1e-3);
    check_near(number_at(summary, "image.under_percent"), 0, 0);
    npy_clear(&data);
    json_decref(summary);
}

static void a_part_can_be_shown(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw_made(
                 four, 4, "waterfall",
                 "{\"start\": 1, \"duration\": 2, \"minFrequency\": 100200000, \"maxFrequency\": 100400000, \"timeAxis\": \"utc\", "
                 "\"timeDirection\": \"up\"}",
                 &summary, &err),
             err);
    check_near(number_at(summary, "image.spectra"), 2, 0);
    check_near(number_at(summary, "image.y.min"), 1, 1e-9);
    check_near(number_at(summary, "image.y.max"), 3, 1e-9);
    check_near(number_at(summary, "image.x.min"), 100.2e6, 10e3);
    check_near(number_at(summary, "image.x.max"), 100.4e6, 10e3);
    check_near(number_at(summary, "power.max"), -40, 0.01);
    json_decref(summary);
}

static void levels_without_a_reference_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *config, *unit;
        double max;
    } rows[] = { { NULL, "dB", -20 }, { "{\"units\": \"dbm\", \"calibration\": -10}", "dBm", -30 } };
    put("scan.csv", "2026-01-02, 03:04:05, 100000, 130000, 10000.00, 1, -50, -20, -50, -50\n"
                    "2026-01-02, 03:04:06, 100000, 130000, 10000.00, 1, -50, nan, -50, -50\n");
    char path[700];
    snprintf(path, sizeof path, "%s", in_scratch("scan.csv"));
    const struct svi_file file = { path, "scan.csv" };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw(&file, 1, "waterfall", rows[i].config, &summary, &err), err);
        assert_string_equal(text_at(summary, "power", "unit"), rows[i].unit);
        check_near(number_at(summary, "power.max"), rows[i].max, 0.01);
        check_near(number_at(summary, "recording.missing_values"), 1, 0);
        json_decref(summary);
    }
}

static void levels_far_from_usual_ones_are_in_a_heatmap(void **state)
{
    (void)state;
    static const double calibrations_dbm[] = { 150, -300 };
    put("scan.csv", "2026-01-02, 03:04:05, 100000, 130000, 10000.00, 1, -50, -20, -50, -50\n"
                    "2026-01-02, 03:04:06, 100000, 130000, 10000.00, 1, -50, 0.5, -50, -50\n");
    char path[700], config[80];
    snprintf(path, sizeof path, "%s", in_scratch("scan.csv"));
    const struct svi_file file = { path, "scan.csv" };
    for (size_t i = 0; i < ROWS(calibrations_dbm); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        snprintf(config, sizeof config, "{\"units\": \"dbm\", \"calibration\": %.0f}", calibrations_dbm[i]);
        check_ok(draw(&file, 1, "heatmap", config, &summary, &err), err);
        check_near(number_at(summary, "image.under_percent") + number_at(summary, "image.over_percent"), 0, 1e-9);
        check_near(number_at(summary, "power.max"), 0.5 + calibrations_dbm[i], 0.01);
        json_decref(summary);
    }
}

static void a_clock_of_an_unknown_zone_is_not_shown_unasked(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    char path[700];
    put("one.csv", "2026-01-02, 03:04:05, 100000, 130000, 10000.00, 1, -50, -20, -50, -50\n");
    snprintf(path, sizeof path, "%s", in_scratch("one.csv"));
    check_ok(draw(&(struct svi_file){ path, "one.csv" }, 1, "waterfall", NULL, &summary, &err), err);
    assert_string_equal(text_at(summary, "parameters", "timeAxis"), "relative");
    check_near(number_at(summary, "image.y.max"), 0, 0);
    json_decref(summary);
}

/* Rows that would touch 400 million bins as narrow as those of the first one. */
static void many_wide_rows_beside_a_fine_one_get_wider_bins(void **state)
{
    (void)state;
    enum { BINS = 20000, WIDE_ROWS = 20000 };
    struct svi_error err = { 0 };
    struct svi_buffer text;
    json_t *summary;
    svi_buffer_init(&text, 4 << 20);
    svi_buffer_add_text(&text, "2026-01-02, 00:00:00, 0, %d, 1, 1", BINS);
    for (int i = 0; i < BINS; i++)
        svi_buffer_add_text(&text, ",-%d", i == BINS / 2 ? 20 : 90);
    for (int i = 1; i <= WIDE_ROWS; i++)
        assert_true(svi_buffer_add_text(&text, "\n2026-01-02, %02d:%02d:%02d, 0, %d, %d, 1, -60", i / 3600, i / 60 % 60, i % 60,
                                        BINS, BINS));
    put("wide.csv", (const char *)text.at);
    svi_buffer_clear(&text);
    check_ok(draw(&(const struct svi_file){ in_scratch("wide.csv"), "wide.csv" }, 1, "periodogram", NULL, &summary, &err), err);
    const double bin_hz = number_at(summary, "power.bin_hz");
    assert_true(bin_hz > 1.4 && bin_hz < 1.7);
    const json_t *peak = json_array_get(json_object_get(summary, "peaks"), 0);
    check_near(json_number_value(json_object_get(peak, "power_db")), -20, 0.01);
    check_near(json_number_value(json_object_get(peak, "frequency_hz")), BINS / 2, bin_hz);
    check_near(number_at(summary, "image.spectra"), 1 + WIDE_ROWS, 0);
    json_decref(summary);
}

static void what_spectra_cannot_show_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type, *config, *says;
        enum svi_status status;
    } rows[] = {
        { "spectrogram", NULL,
          "A spectrogram is made of samples, but f0 holds power spectra. Choose waterfall, heatmap or periodogram",
          SVI_BAD_RECORDING },
        { "scatterplot", NULL, "A scatterplot is made of samples", SVI_BAD_RECORDING },
        { "waterfall", "{\"units\": \"dbfs\"}", "units is dbfs, but f0 holds watts without a full scale", SVI_BAD_PARAMETER },
        { "heatmap", "{\"units\": \"compat\"}", "units is compat", SVI_BAD_PARAMETER },
        { "periodogram", "{\"units\": \"dbfs_hz\"}", "units is dbfs_hz", SVI_BAD_PARAMETER },
        { "waterfall", "{\"reduction\": \"p95\"}", "reduction is p95", SVI_BAD_PARAMETER },
        { "waterfall", "{\"slices\": true}", "slices asks for slices of samples", SVI_BAD_PARAMETER },
        { "heatmap", "{\"persistence\": \"fosphor\"}", "persistence is fosphor", SVI_BAD_PARAMETER },
        { "waterfall", "{\"start\": 20}", "no spectrum begins; the last one begins at 10 s", SVI_BAD_PARAMETER },
        { "waterfall", "{\"start\": 3, \"duration\": 2}", "ask for 3 to 5 s", SVI_BAD_PARAMETER },
        { "periodogram", "{\"maxFrequency\": 1000}", "The parameter maxFrequency is 1000 Hz", SVI_BAD_PARAMETER },
        { "waterfall", "{\"duration\": 1, \"minFrequency\": 100500000}", "hold no level", SVI_BAD_PARAMETER },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        if (draw_made(four, 4, rows[i].type, rows[i].config, &summary, &err))
            fail_msg("what should be refused with \"%s\" was drawn", rows[i].says);
        check_has(err.message, rows[i].says);
        assert_int_equal(err.status, rows[i].status);
    }
}

/* Without a type, all that spectra suit; what is of samples alone is warned of. */
static void all_types_of_spectra_are_drawn(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw_made(four, 4, NULL, "{\"fftSize\": 64, \"capture_type\": \"rh\"}", &summary, &err), err);
    assert_true(exists("waterfall.png") && exists("heatmap.png") && exists("periodogram.png"));
    bool found = false;
    const json_t *warnings = json_object_get(summary, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        found |= strstr(json_string_value(json_array_get(warnings, i)), "not used were fftSize") != NULL;
    assert_true(found);
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_at_their_frequency_and_time), cmocka_unit_test(rows_of_one_moment_are_reduced),
        cmocka_unit_test(one_file_is_enough_for_each_type),       cmocka_unit_test(lines_are_those_of_linear_power),
        cmocka_unit_test(shares_are_of_the_rows_that_are_there),  cmocka_unit_test(a_part_can_be_shown),
        cmocka_unit_test(levels_without_a_reference_say_so),      cmocka_unit_test(what_spectra_cannot_show_is_refused),
        cmocka_unit_test(a_row_lasts_as_long_as_something_says),  cmocka_unit_test(a_clock_of_an_unknown_zone_is_not_shown_unasked),
        cmocka_unit_test(all_types_of_spectra_are_drawn),         cmocka_unit_test(many_wide_rows_beside_a_fine_one_get_wider_bins),
        cmocka_unit_test(the_picture_does_not_know_of_its_data),  cmocka_unit_test(levels_far_from_usual_ones_are_in_a_heatmap),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
