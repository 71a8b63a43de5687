/* test_heatmap - colors of a persistence spectrum against its saved matrix, the glow of fosphor against its definition, and the
 * range that is chosen. (Counts: test_calibration.c, test_level_counts.c; the screen of fosphor: test_fosphor.c.) */
#include "device/fosphor.h"
#include "visual/colormap.h"

#include <math.h>
#include <stdlib.h>

#include "npy.h"
#include "picture.h"
#include "rendering.h"

enum { FFT_SIZE = 64, FRAMES = 700, FIRST_COLOR = 40 };

static void write_scene(void)
{
    static const struct signal_tone tones[] = { { 250e3, -9.5 } };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = FFT_SIZE * FRAMES,
                                   .tones = tones,
                                   .tone_count = 1,
                                   .noise_power = 1e-4,
                                   .seed = 3,
                                   .burst = { FFT_SIZE * 150, FFT_SIZE * 100, -250e3, -20 } };
    write_signal("scene", &signal, "cf32_le", 1, NULL);
}

static json_t *draw(const char *name, const char *type, const char *config)
{
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render(name, type, config, &summary, &err), err);
    return summary;
}

/* ---- colors ---- */

static double log_share(const struct npy *data, float value)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < data->rows * data->columns; i++) {
        double percent = (double)((float *)data->data)[i];
        least = percent > 0 ? fmin(least, percent) : least;
        most = fmax(most, percent);
    }
    least = fmin(least, most / 10);
    return log((double)value / least) / log(most / least);
}

static double linear_share(const struct npy *data, float value)
{
    float most = 0;
    for (size_t i = 0; i < data->rows * data->columns; i++)
        most = fmaxf(most, ((float *)data->data)[i]);
    return (double)value / (double)most;
}

/* The rank, counted anew for each value. */
static double eq_hist_share(const struct npy *data, float value)
{
    const float *percent = data->data;
    size_t all = 0, not_above = 0, least_count = 0;
    float least = INFINITY;
    for (size_t i = 0; i < data->rows * data->columns; i++)
        least = percent[i] > 0 ? fminf(least, percent[i]) : least;
    for (size_t i = 0; i < data->rows * data->columns; i++) {
        all += percent[i] > 0;
        not_above += percent[i] > 0 && percent[i] <= value;
        least_count += percent[i] > 0 && percent[i] <= least;
    }
    return (double)(not_above - least_count) / (double)(all - least_count);
}

/* Each pixel is a cell; some lie under the lines. */
static void cells_have_the_colors_of_their_scale(void **state)
{
    (void)state;
    static const struct {
        const char *scale;
        double (*share)(const struct npy *data, float value);
    } rows[] = { { "log", log_share }, { "eq_hist", eq_hist_share }, { "linear", linear_share } };
    const uint8_t(*map)[3] = svi_colormap_find("viridis")->rgb;
    write_scene();
    for (size_t i = 0; i < ROWS(rows); i++) {
        char config[300];
        snprintf(config, sizeof config,
                 "{\"fftSize\": 64, \"theme\": \"bare\", \"dimensions\": {\"width\": 64, \"height\": 60}, \"vmin\": -80, "
                 "\"vmax\": 0, \"powerBins\": 60, \"colormap\": \"viridis\", \"colorScale\": \"%s\"}",
                 rows[i].scale);
        json_t *summary = draw("scene", "heatmap", config);
        struct npy data = npy_read(in_scratch("heatmap.npy"));
        struct picture picture = picture_read(in_scratch("heatmap.png"));
        assert_true(data.rows == 60 && data.columns == 64 && picture.width == 64 && picture.height == 60);
        size_t equal = 0, colored = 0;
        for (size_t row = 0; row < data.rows; row++)
            for (size_t column = 0; column < data.columns; column++) {
                const float value = ((float *)data.data)[(data.rows - 1 - row) * data.columns + column];
                const size_t color = value > 0 ? (size_t)fmin(256 * rows[i].share(&data, value), 255) : 0;
                const uint8_t *expected = value > 0 ? map[FIRST_COLOR + color * (255 - FIRST_COLOR) / 255] : map[0];
                const uint8_t *shown = picture.rgb + (row * data.columns + column) * 3;
                const bool same = !memcmp(shown, expected, 3);
                equal += same;
                colored += same && value > 0;
            }
        assert_true(equal > 60 * 64 * 7 / 10 && colored > 850);
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(json_object_get(summary, "image"), "color"), "scale")),
            rows[i].scale);
        picture_clear(&picture);
        npy_clear(&data);
        json_decref(summary);
    }
}

/* ---- fosphor ---- */

/* The definition, from the levels of all slices [frames][bins]. */
static double glow_of(const float *levels_db, double low_db, double high_db, size_t bin)
{
    double glow = 0;
    for (size_t first = 0; first < FRAMES; first += SVI_FOSPHOR_GROUP) {
        double hits = 0, slices = 0;
        for (size_t frame = first; frame < first + SVI_FOSPHOR_GROUP && frame < FRAMES; frame++, slices++) {
            const double level_db = (double)levels_db[frame * FFT_SIZE + bin];
            hits += level_db >= low_db && level_db < high_db;
        }
        const double up = hits / slices / 8, rate = up + 1.0 / 300, rest = up / rate;
        glow = rest + (glow - rest) * pow(1 - rate, slices);
    }
    return glow;
}

/* rows: of the matrix that is drawn. A level within rounding of an edge may be on either side of it. */
static void check_glow(const json_t *summary, const struct npy *slices)
{
    struct npy data = npy_read(in_scratch("heatmap.npy"));
    const double low_db = number_at(summary, "image.y.min"), high_db = number_at(summary, "image.y.max");
    const double step_db = (high_db - low_db) / (double)data.rows;
    size_t beside = 0, glowing = 0;
    for (size_t row = 0; row < data.rows; row++)
        for (size_t bin = 0; bin < FFT_SIZE; bin++) {
            const double from_db = low_db + step_db * (double)row;
            const double expected = glow_of(slices->data, from_db, from_db + step_db, bin);
            beside += fabs((double)((float *)data.data)[row * FFT_SIZE + bin] - expected) > 1e-5;
            glowing += expected > 0.1;
        }
    assert_true(beside < 10 && glowing > 300);
    assert_int_equal(number_at(summary, "image.power_bins"), data.rows);
    npy_clear(&data);
}

static void fosphor_glows_as_defined(void **state)
{
    (void)state;
    write_scene();
    json_t *summary = draw("scene", "waterfall",
                           "{\"fftSize\": 64, \"theme\": \"bare\", \"dimensions\": {\"width\": 64, \"height\": 700}}");
    json_decref(summary);
    struct npy slices = npy_read(in_scratch("waterfall.npy"));
    assert_true(slices.rows == FRAMES && slices.columns == FFT_SIZE);
    summary = draw("scene", "heatmap",
                   "{\"fftSize\": 64, \"persistence\": \"fosphor\", \"rise\": 8, \"decay\": 300, \"vmin\": -70, \"vmax\": 0, "
                   "\"powerBins\": 90}");
    assert_int_equal(number_at(summary, "image.power_bins"), 90);
    check_glow(summary, &slices);
    check_near(number_at(summary, "image.color.min"), 0, 0);
    check_near(number_at(summary, "image.color.max"), 1, 0);
    assert_string_equal(text_at(summary, "parameters", "colorScale"), "linear");
    assert_int_equal(json_array_size(json_object_get(summary, "warnings")), 0);
    json_decref(summary);
    /* Rows of half a decibel where the range is found out. */
    summary = draw("scene", "heatmap",
                   "{\"fftSize\": 64, \"persistence\": \"fosphor\", \"rise\": 8, \"decay\": 300, \"colorScale\": \"log\"}");
    check_glow(summary, &slices);
    check_near(number_at(summary, "image.y.max") - number_at(summary, "image.y.min"), 0.5 * number_at(summary, "image.power_bins"),
               1e-9);
    check_has(json_string_value(json_array_get(json_object_get(summary, "warnings"), 0)), "colorScale was not used");
    json_decref(summary);
    npy_clear(&slices);
}

/* ---- range ---- */

/* What is given holds to the last bit, what is not is found out; rows are never finer than counts. */
static void the_range_is_what_was_given_or_seen(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        double min_db, max_db; /* NAN: found out */
    } rows[] = {
        { "{\"fftSize\": 64}", NAN, NAN },
        { "{\"fftSize\": 64, \"vmin\": -61.3}", -61.3, NAN },
        { "{\"fftSize\": 64, \"vmax\": -3.77}", NAN, -3.77 },
        { "{\"fftSize\": 64, \"vmax\": -3.77, \"powerBins\": 17}", NAN, -3.77 },
        { "{\"fftSize\": 64, \"vmin\": -61.3, \"vmax\": 3}", -61.3, 3 },
        { "{\"fftSize\": 64, \"vmin\": 500}", 500, 520 },
        { "{\"fftSize\": 64, \"vmax\": -900}", -920, -900 },
        { "{\"fftSize\": 64, \"powerBins\": 4096}", NAN, NAN },
        { "{\"fftSize\": 64, \"vmin\": -61.3, \"persistence\": \"fosphor\"}", -61.3, NAN },
    };
    write_scene();
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *summary = draw("scene", "heatmap", rows[i].config);
        const double low_db = number_at(summary, "image.y.min"), high_db = number_at(summary, "image.y.max");
        const double under = number_at(summary, "image.under_percent"), over = number_at(summary, "image.over_percent");
        if (!isnan(rows[i].min_db))
            check_near(low_db, rows[i].min_db, 1e-9);
        else
            assert_true(under < 0.5 && low_db > -100);
        if (!isnan(rows[i].max_db))
            check_near(high_db, rows[i].max_db, 1e-9);
        else
            assert_true(over == 0 && high_db < 0);
        if (isnan(rows[i].min_db) || isnan(rows[i].max_db))
            assert_true(number_at(summary, "image.power_bins") <= 8 * (high_db - low_db) + 1e-6);
        json_decref(summary);
    }
}

/* However large levels are: floats that nobody divided, dBm of a high full scale. */
static void the_strongest_levels_are_in_the_picture(void **state)
{
    (void)state;
    static const struct {
        const char *datatype;
        double tone_dbfs;
        const char *config;
        double tone_db;
    } rows[] = {
        { "cf32_le", 150, "{\"fftSize\": 64}", 150 },
        { "cf32_le", 300, "{\"fftSize\": 64, \"vmin\": 0}", 300 },
        { "cf32_le", 300, "{\"fftSize\": 64, \"persistence\": \"fosphor\"}", 300 },
        { "ci16_le", -6, "{\"fftSize\": 64, \"units\": \"dbm\", \"calibration\": 130}", 124 },
        { "ru16_le", -6, "{\"fftSize\": 64, \"units\": \"dbm\", \"calibration\": 130}", 121 },
        { "ci32_le", -6, "{\"fftSize\": 1024, \"units\": \"compat\"}", 234.8 },
        { "ci16_le", -6, "{\"fftSize\": 64, \"dynamicRange\": 290}", -6 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct signal_tone tone = { 250e3, rows[i].tone_dbfs };
        const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 20000, .tones = &tone, .tone_count = 1 };
        write_signal("strong", &signal, rows[i].datatype, 1, NULL);
        json_t *summary = draw("strong", "heatmap", rows[i].config);
        const double low_db = number_at(summary, "image.y.min"), high_db = number_at(summary, "image.y.max"),
                     most_db = number_at(summary, "power.max");
        check_near(most_db, rows[i].tone_db, 0.1);
        check_near(high_db, most_db + 3, 1.5 * (high_db - low_db) / number_at(summary, "image.power_bins"));
        assert_true(number_at(summary, "image.over_percent") == 0);
        assert_true(number_at(summary, "power.percentiles.99") <= most_db);
        json_decref(summary);
    }
}

/* A range that is no whole number of steps is rounded up to one; the parameters that a picture tells agree with each other. */
static void a_dynamic_range_can_be_given_again(void **state)
{
    (void)state;
    static const char *const configs[] = { "{\"fftSize\": 64, \"dynamicRange\": 50.1}",
                                           "{\"fftSize\": 64, \"dynamicRange\": 37.3, \"powerBins\": 17}" };
    write_scene();
    for (size_t i = 0; i < ROWS(configs); i++) {
        json_t *summary = draw("scene", "heatmap", configs[i]);
        const double low_db = number_at(summary, "image.y.min"), high_db = number_at(summary, "image.y.max");
        check_near(number_at(summary, "parameters.dynamicRange"), high_db - low_db, 1e-9);
        assert_true(high_db - low_db >= 37.3);
        char *again = json_dumps(json_object_get(summary, "parameters"), JSON_REAL_PRECISION(12));
        json_decref(summary);
        summary = draw("scene", "heatmap", again);
        check_near(number_at(summary, "image.y.min"), low_db, 1e-9);
        check_near(number_at(summary, "image.y.max"), high_db, 1e-9);
        json_decref(summary);
        free(again);
    }
}

/* Levels that nothing is counted for are not told. */
static void percentiles_beside_the_range_are_not_told(void **state)
{
    (void)state;
    write_scene();
    json_t *summary = draw("scene", "heatmap", "{\"fftSize\": 64, \"vmin\": -20, \"vmax\": 0}");
    const json_t *percentiles = json_object_get(json_object_get(summary, "power"), "percentiles");
    assert_true(json_is_null(json_object_get(percentiles, "50")));
    json_decref(summary);
}

static void silence_has_a_heatmap_of_each_kind(void **state)
{
    (void)state;
    static const char *const configs[] = { NULL,
                                           "{\"colorScale\": \"eq_hist\"}",
                                           "{\"colorScale\": \"linear\"}",
                                           "{\"persistence\": \"fosphor\"}",
                                           "{\"vmin\": -50, \"vmax\": 0, \"colorScale\": \"eq_hist\"}",
                                           "{\"vmin\": -50, \"vmax\": 0, \"persistence\": \"fosphor\"}" };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 5000 };
    write_signal("silent", &signal, "ci8", 1, NULL);
    for (size_t i = 0; i < ROWS(configs); i++) {
        json_t *summary = draw("silent", "heatmap", configs[i]);
        assert_true(number_at(summary, "image.color.max") > number_at(summary, "image.color.min"));
        json_decref(summary);
    }
}

/* Each bin of each slice is at -200 dB, the level that stands for silence. Under compat that is the platform's -40. */
static void silence_is_one_row(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        double level_db, value;
    } rows[] = {
        { NULL, -200, 100 },
        { "{\"units\": \"compat\"}", -40, 100 },
        { "{\"units\": \"dbfs_hz\"}", -200, 100 },
        { "{\"vmax\": -100}", -200, 100 },
        { "{\"vmin\": -210}", -200, 100 },
        { "{\"vmin\": -230.5, \"vmax\": -170.5}", -200, 100 },
        { "{\"persistence\": \"fosphor\"}", -200, 0.1 },
    };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 50000 };
    write_signal("silent", &signal, "ci8", 1, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *summary = draw("silent", "heatmap", rows[i].config);
        const double low_db = number_at(summary, "image.y.min"), high_db = number_at(summary, "image.y.max");
        assert_true(low_db < rows[i].level_db && high_db > rows[i].level_db);
        assert_true(number_at(summary, "image.under_percent") == 0 && number_at(summary, "image.over_percent") == 0);
        struct npy data = npy_read(in_scratch("heatmap.npy"));
        const double row_db = (high_db - low_db) / (double)data.rows;
        size_t held = 0;
        for (size_t k = 0; k < data.rows * data.columns; k++)
            if (((float *)data.data)[k] > 0) {
                const double from_db = low_db + row_db * (double)(k / data.columns);
                assert_true(from_db < rows[i].level_db + 0.01 && from_db + row_db > rows[i].level_db - 0.01);
                if (rows[i].value == 100)
                    check_near((double)((float *)data.data)[k], 100, 1e-5);
                held++;
            }
        assert_int_equal(held, data.columns);
        npy_clear(&data);
        json_decref(summary);
    }
}

/* Lines would be drawn in these colors. */
static void nothing_finite_holds_no_line(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 5000 };
    write_signal("lost", &signal, "cf32_le", 1, NULL);
    FILE *file = fopen(in_scratch("lost.sigmf-data"), "wb");
    assert_non_null(file);
    for (size_t i = 0; i < 2 * 5000; i++)
        assert_int_equal(fwrite(&(const float){ NAN }, sizeof(float), 1, file), 1);
    assert_int_equal(fclose(file), 0);
    json_t *summary = draw("lost", "heatmap", "{\"theme\": \"bare\", \"colormap\": \"viridis\"}");
    const uint8_t *never = svi_colormap_find("viridis")->rgb[0];
    struct picture picture = picture_read(in_scratch("heatmap.png"));
    for (int i = 0; i < picture.width * picture.height; i++)
        assert_memory_equal(picture.rgb + 3 * i, never, 3);
    assert_int_equal(number_at(summary, "image.slices"), 0);
    picture_clear(&picture);
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_the_colors_of_their_scale), cmocka_unit_test(fosphor_glows_as_defined),
        cmocka_unit_test(the_range_is_what_was_given_or_seen),  cmocka_unit_test(the_strongest_levels_are_in_the_picture),
        cmocka_unit_test(a_dynamic_range_can_be_given_again),   cmocka_unit_test(percentiles_beside_the_range_are_not_told),
        cmocka_unit_test(silence_has_a_heatmap_of_each_kind),   cmocka_unit_test(silence_is_one_row),
        cmocka_unit_test(nothing_finite_holds_no_line),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
