/* test_overlay - annotations, changes of frequency, clock times and directions in pictures that are drawn from recordings. */
#include "base/file.h"
#include "visual/render.h"

#include <math.h>

#include "check.h"
#include "npy.h"
#include "signals.h"
#include "with_device.h"

enum { RATE_HZ = 1000000, PART = 102400 };

/* A tone at this radio frequency all the time; the receiver is tuned to three others in turn. */
static const double tone_hz = 915.1e6;
static const double centers_hz[3] = { 915e6, 914.9e6, 915.25e6 };

static const char captures[] =
    "[{\"core:sample_start\": 0, \"core:frequency\": 915e6, \"core:datetime\": \"2026-03-01T23:59:59.9Z\"},"
    "{\"core:sample_start\": 102400, \"core:frequency\": 914.9e6},"
    "{\"core:sample_start\": 204800, \"core:frequency\": 915.25e6}]";

static void write_recording(const char *name, const char *capture_list, const char *annotations)
{
    struct svi_error err = { 0 };
    char path[700];
    struct svi_buffer text;
    static float samples[3 * PART][2];
    for (size_t i = 0; i < 3 * PART; i++) {
        double phase = 2 * M_PI * fmod((tone_hz - centers_hz[i / PART]) / RATE_HZ * (double)i, 1.0);
        samples[i][0] = (float)(0.5 * cos(phase));
        samples[i][1] = (float)(0.5 * sin(phase));
    }
    snprintf(path, sizeof path, "%s/%s.sigmf-data", scratch_folder(), name);
    check_ok(svi_file_write(path, (struct svi_bytes){ (const uint8_t *)samples, sizeof samples }, &err), err);
    svi_buffer_init(&text, 1 << 20);
    svi_buffer_add_text(&text, "{\"global\": {\"core:datatype\": \"cf32_le\", \"core:sample_rate\": 1e6}, \"captures\": %s, ",
                        capture_list);
    svi_buffer_add_text(&text, "\"annotations\": [%s]}", annotations);
    snprintf(path, sizeof path, "%s/%s.sigmf-meta", scratch_folder(), name);
    check_ok(svi_file_write(path, (struct svi_bytes){ text.at, text.count }, &err), err);
    svi_buffer_clear(&text);
}

static bool try_render(const char *name, const char *type, const char *config, json_t **summary, struct svi_error *err)
{
    char label[128], path[700];
    snprintf(label, sizeof label, "%s.sigmf-meta", name);
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), label);
    json_t *tree = json_loads(config, JSON_DECODE_ANY, NULL);
    assert_non_null(tree);
    const struct svi_file file = { path, label };
    const struct svi_render_request request = {
        .types = &type,
        .type_count = 1,
        .config = tree,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = scratch_folder(),
        .save_data = true,
    };
    struct svi_rendering rendering;
    bool ok = svi_render(device, &request, &rendering, err);
    *summary = ok ? json_incref(json_array_get(rendering.summaries, 0)) : NULL;
    if (ok)
        svi_rendering_clear(&rendering);
    json_decref(tree);
    return ok;
}

static json_t *render(const char *name, const char *type, const char *config)
{
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(try_render(name, type, config, &summary, &err), err);
    return summary;
}

static double number(const json_t *tree, const char *a, const char *b, const char *c)
{
    const json_t *value = json_object_get(json_object_get(tree, a), b);
    value = c ? json_object_get(value, c) : value;
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static size_t warnings_that_say(const json_t *summary, const char *part)
{
    size_t i, count = 0;
    json_t *warning;
    json_array_foreach(json_object_get(summary, "warnings"), i, warning) count += strstr(json_string_value(warning), part) != NULL;
    return count;
}

/* The tone is at the offset of its tuning in every row, and no row shows two of them. */
static void one_axis_is_never_over_two_tunings(void **state)
{
    (void)state;
    write_recording("tuned", captures, "");
    /* 300 frames of 1024 would end on the changes; an offset of 512 makes two of them straddle. */
    json_t *summary = render("tuned", "waterfall", "{\"start\": 0.000512, \"window\": \"blackmanharris\"}");
    check_near(number(summary, "image", "x", "min"), -500e3 - 1e6 / 2048, 1e-3);
    assert_int_equal(warnings_that_say(summary, "The center frequency changes 2 times"), 1);
    const json_t *tunings = json_object_get(json_object_get(summary, "image"), "tunings");
    assert_int_equal(json_array_size(tunings), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *one = json_array_get(tunings, i);
        check_near(json_number_value(json_object_get(one, "center_frequency_hz")), centers_hz[i], 0);
        check_near(json_number_value(json_object_get(one, "start_s")), i ? (double)i * PART / RATE_HZ : 0.000512, 1e-9);
    }
    json_decref(summary);
    char path[600];
    snprintf(path, sizeof path, "%s/waterfall.npy", scratch_folder());
    struct npy data = npy_read(path);
    assert_int_equal(data.rows, 299);
    size_t left_out = 0;
    const double column_hz = 1e6 / (double)data.columns;
    for (size_t row = 0; row < data.rows; row++) {
        const float *levels = (const float *)data.data + row * data.columns;
        if (isnan(levels[0])) {
            left_out++;
            assert_true(row == 99 || row == 199);
            continue;
        }
        size_t best = 0;
        for (size_t column = 0; column < data.columns; column++)
            best = levels[column] > levels[best] ? column : best;
        const double want_hz = tone_hz - centers_hz[(row * 1024 + 512) / PART];
        check_near(((double)best + 0.5) * column_hz - 500e3, want_hz, column_hz);
        for (size_t column = 0; column < data.columns; column++)
            if (fabs(((double)column + 0.5) * column_hz - 500e3 - want_hz) > 20e3)
                assert_true(levels[column] < -80);
    }
    assert_int_equal(left_out, 2);
    npy_clear(&data);
}

static void one_tuning_alone_has_its_radio_frequency(void **state)
{
    (void)state;
    write_recording("tuned", captures, "");
    static const struct {
        const char *config;
        double low_hz, peak_hz;
    } rows[] = {
        { "{\"start\": 0.11, \"duration\": 0.08}", 914.4e6, tone_hz },
        { "{\"start\": 0.11, \"duration\": 0.08, \"frequencyAxis\": \"baseband\"}", -500e3, 200e3 },
        { "{\"start\": 0.11, \"duration\": 0.08, \"centerFrequency\": 1e6}", 0.5e6, 1.2e6 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *summary = render("tuned", "spectrogram", rows[i].config);
        check_near(number(summary, "image", "y", "min"), rows[i].low_hz - 1e6 / 2048, 1e-3);
        check_near(json_number_value(json_object_get(json_array_get(json_object_get(summary, "peaks"), 0), "frequency_hz")),
                   rows[i].peak_hz, 30);
        assert_int_equal(warnings_that_say(summary, "center frequency changes"), 0);
        assert_null(json_object_get(json_object_get(summary, "image"), "tunings"));
        json_decref(summary);
    }
    /* What the user says of the center frequency holds for all of it. */
    json_t *summary = render("tuned", "periodogram", "{\"centerFrequency\": 1e6}");
    check_near(number(summary, "image", "x", "min"), 0.5e6 - 1e6 / 2048, 1e-3);
    assert_int_equal(warnings_that_say(summary, "center frequency changes"), 0);
    json_decref(summary);
    static const char *const types[] = { "periodogram", "heatmap" };
    for (size_t i = 0; i < ROWS(types); i++) {
        summary = render("tuned", types[i], "{}");
        check_near(number(summary, "image", "x", "min"), -500e3 - 1e6 / 2048, 1e-3);
        assert_int_equal(warnings_that_say(summary, "add the tunings up"), 1);
        json_decref(summary);
    }
}

static void annotations_are_drawn_and_counted(void **state)
{
    (void)state;
#define BOX(start, count, low, high)                                                                                               \
    "{\"core:sample_start\": " #start ", \"core:sample_count\": " #count ", \"core:freq_lower_edge\": " #low                       \
    ", \"core:freq_upper_edge\": " #high ", \"core:label\": \"x\"}"
    write_recording("marked", "[{\"core:sample_start\": 0, \"core:frequency\": 915e6}]",
                    BOX(1000, 2000, 915.1e6, 915.2e6) "," BOX(150000, 9000, 914.6e6, 914.7e6) "," BOX(
                        160000, 9000, 920e6, 921e6) ", {\"core:sample_start\": 170000}");
    static const struct {
        const char *config;
        int drawn, outside;
    } rows[] = {
        { "{\"annotations\": true}", 3, 1 },
        { "{\"annotations\": true, \"frequencyAxis\": \"baseband\"}", 3, 1 },
        { "{\"annotations\": true, \"centerFrequency\": 5e6}", 3, 1 },
        { "{\"annotations\": true, \"start\": 0.1, \"duration\": 0.05}", 0, 4 },
        { "{\"annotations\": true, \"start\": 0.1, \"duration\": 0.06}", 1, 3 },
        { "{\"annotations\": true, \"minFrequency\": 914.9e6}", 2, 2 },
        { "{\"annotations\": true, \"theme\": \"bare\", \"dimensions\": {\"width\": 16, \"height\": 16}}", 3, 1 },
    };
    static const char *const types[] = { "spectrogram", "waterfall" };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t t = 0; t < ROWS(types); t++) {
            json_t *summary = render("marked", types[t], rows[i].config);
            check_near(number(summary, "image", "annotations", "drawn"), rows[i].drawn, 0);
            check_near(number(summary, "image", "annotations", "outside"), rows[i].outside, 0);
            check_near(number(summary, "image", "annotations", "left_out"), 0, 0);
            json_decref(summary);
        }
    json_t *summary = render("marked", "waterfall", "{}");
    assert_null(json_object_get(json_object_get(summary, "image"), "annotations"));
    json_decref(summary);

    struct svi_buffer many;
    svi_buffer_init(&many, 1 << 20);
    for (int i = 0; i < 300; i++)
        svi_buffer_add_text(&many, "%s{\"core:sample_start\": %d, \"core:sample_count\": 500}", i ? ", " : "", i * 1000);
    write_recording("many", captures, (const char *)many.at);
    svi_buffer_clear(&many);
    summary = render("many", "spectrogram", "{\"annotations\": true}");
    check_near(number(summary, "image", "annotations", "drawn"), 200, 0);
    check_near(number(summary, "image", "annotations", "left_out"), 100, 0);
    assert_int_equal(warnings_that_say(summary, "Annotations without a box: 100; at most 200"), 1);
    json_decref(summary);
}

static void time_is_clock_time_where_that_is_known(void **state)
{
    (void)state;
    write_recording("tuned", captures, "");
    write_recording("timeless", "[{\"core:sample_start\": 0}]", "");
    write_recording("apart",
                    "[{\"core:sample_start\": 0, \"core:datetime\": \"2026-03-01T00:00:00Z\"},"
                    "{\"core:sample_start\": 100000, \"core:datetime\": \"2026-03-01T00:10:00Z\"}]",
                    "");
    static const char *const configs[] = { "{\"timeAxis\": \"utc\", \"start\": 0.2}", "{\"start\": 0.2}" };
    for (size_t i = 0; i < ROWS(configs); i++) {
        json_t *summary = render("tuned", "waterfall", configs[i]);
        const json_t *axis = json_object_get(json_object_get(summary, "image"), "y");
        check_near(json_number_value(json_object_get(axis, "min")), 0.2, 1e-9);
        assert_string_equal(json_string_value(json_object_get(axis, "min_utc")), "2026-03-02T00:00:00.100000+00:00");
        assert_string_equal(json_string_value(json_object_get(axis, "max_utc")), "2026-03-02T00:00:00.206496+00:00");
        assert_int_equal(warnings_that_say(summary, "do not follow"), 0);
        json_decref(summary);
    }
    json_t *summary = render("timeless", "waterfall", "{}");
    assert_null(json_object_get(json_object_get(json_object_get(summary, "image"), "y"), "min_utc"));
    json_decref(summary);
    summary = render("apart", "spectrogram", "{\"time_axis\": \"utc\"}");
    assert_int_equal(warnings_that_say(summary, "the one at 0.1 s was taken 599.9 s off"), 1);
    json_decref(summary);
    struct svi_error err = { 0 };
    assert_false(try_render("timeless", "waterfall", "{\"timeAxis\": \"utc\"}", &summary, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    check_has(err.message, "does not say when it was taken. Use timeAxis=relative");
}

static struct npy bare_levels(const char *config, json_t **summary)
{
    char path[600];
    *summary = render("tuned", "waterfall", config);
    snprintf(path, sizeof path, "%s/waterfall.npy", scratch_folder());
    return npy_read(path);
}

/* The matrix stays as it is, first slice first; the summary says where time runs. */
static void time_may_run_upwards(void **state)
{
    (void)state;
    write_recording("tuned", captures, "");
    json_t *down, *up;
    struct npy first = bare_levels("{}", &down), second = bare_levels("{\"time_direction\": \"up\"}", &up);
    assert_int_equal(first.rows * first.columns, second.rows * second.columns);
    assert_memory_equal(first.data, second.data, first.rows * first.columns * sizeof(float));
    const json_t *y = json_object_get(json_object_get(down, "image"), "y");
    assert_string_equal(json_string_value(json_object_get(y, "direction")), "down");
    y = json_object_get(json_object_get(up, "image"), "y");
    assert_string_equal(json_string_value(json_object_get(y, "direction")), "up");
    npy_clear(&first);
    npy_clear(&second);
    json_decref(down);
    json_decref(up);
}

static void a_dynamic_range_sets_the_other_end(void **state)
{
    (void)state;
    write_recording("tuned", captures, "");
    static const char *const types[] = { "spectrogram", "waterfall", "heatmap", "periodogram" };
    for (size_t t = 0; t < ROWS(types); t++) {
        const char *ends = t < 2 ? "color" : "y";
        json_t *summary = render("tuned", types[t], "{\"dynamicRange\": 45}");
        check_near(number(summary, "image", ends, "max") - number(summary, "image", ends, "min"), 45, 0.5);
        json_decref(summary);
        summary = render("tuned", types[t], "{\"dynamic_range\": 45, \"vmax\": -10}");
        check_near(number(summary, "image", ends, "min"), -55, 1e-6);
        json_decref(summary);
        summary = render("tuned", types[t], "{\"dynamicRange\": 45, \"vmin\": -70}");
        check_near(number(summary, "image", ends, "max"), -25, 1e-6);
        json_decref(summary);
    }
    static const struct {
        const char *config, *says;
    } bad[] = {
        { "{\"dynamicRange\": 45, \"vmin\": -70, \"vmax\": 0}",
          "dynamicRange (45 dB) is given beside vmin (-70 dB) and vmax (0 dB)" },
        { "{\"dynamicRange\": 0}", "dynamicRange is 0, but must be from 0.1 to 300 dB" },
        { "{\"dynamicRange\": \"45\"}", "dynamicRange must be a number, not a string" },
        { "{\"timeAxis\": \"gps\"}", "timeAxis is \"gps\", but must be one of: relative, utc" },
        { "{\"timeDirection\": \"left\"}", "timeDirection is \"left\", but must be one of: down, up" },
        { "{\"annotations\": \"yes\"}", "annotations must be true or false" },
    };
    for (size_t i = 0; i < ROWS(bad); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        assert_false(try_render("tuned", "waterfall", bad[i].config, &summary, &err));
        assert_int_equal(err.status, SVI_BAD_PARAMETER);
        check_has(err.message, bad[i].says);
    }
}

static int by_level(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* A few slices of flat noise: those that reach beyond the ends have less power in them, and drag the range down where they count.
 */
static void padding_does_not_count_for_the_range(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 1536, .noise_power = 1e-4, .seed = 3 };
    check_ok(signal_write_sigmf(scratch_folder(), "brief", &signal, svi_datatype_find("cf32_le"), 1, NULL, &err), err);
    json_t *summary = render("brief", "spectrogram", "{\"hopSize\": 64, \"window\": \"rect\", \"fftSize\": 1024}");
    char path[600];
    snprintf(path, sizeof path, "%s/spectrogram.npy", scratch_folder());
    struct npy data = npy_read(path);
    /* Rows are frequencies, columns slices: slice p is centered on 64 p, and whole where 512 <= 64 p <= 1024. */
    float *inside = malloc(data.rows * data.columns * sizeof *inside);
    assert_non_null(inside);
    size_t count = 0, first = (size_t)round((512e-6 - number(summary, "image", "x", "min")) / 64e-6 - 0.5);
    for (size_t row = 0; row < data.rows; row++)
        for (size_t column = first; column < first + 9; column++)
            inside[count++] = ((const float *)data.data)[row * data.columns + column];
    qsort(inside, count, sizeof *inside, by_level);
    check_near(number(summary, "image", "color", "min"), (double)inside[count * 2 / 100], 0.2);
    check_near(number(summary, "image", "color", "max"), (double)inside[count * 998 / 1000], 0.2);
    /* All of them together begin lower. */
    qsort(data.data, data.rows * data.columns, sizeof *inside, by_level);
    assert_true((double)((const float *)data.data)[data.rows * data.columns * 2 / 100]
                < number(summary, "image", "color", "min") - 1);
    free(inside);
    npy_clear(&data);
    json_decref(summary);
    /* The platform's range is that of all, and a recording whose slices are all padded has a range too. */
    summary = render("brief", "spectrogram", "{\"hopSize\": 64, \"units\": \"compat\"}");
    check_near(number(summary, "image", "color", "min"), number(summary, "power", "min", NULL), 1e-6);
    json_decref(summary);
    json_decref(render("brief", "spectrogram", "{\"fftSize\": 2048}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_axis_is_never_over_two_tunings),
        cmocka_unit_test(one_tuning_alone_has_its_radio_frequency),
        cmocka_unit_test(annotations_are_drawn_and_counted),
        cmocka_unit_test(time_is_clock_time_where_that_is_known),
        cmocka_unit_test(time_may_run_upwards),
        cmocka_unit_test(a_dynamic_range_sets_the_other_end),
        cmocka_unit_test(padding_does_not_count_for_the_range),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
