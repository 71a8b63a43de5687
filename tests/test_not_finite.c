/* test_not_finite - pictures of silence, and of samples that are no numbers or whose power is none: levels stay true, or are none,
 * and a warning says why. */
#include "base/file.h"

#include <math.h>

#include "npy.h"
#include "rendering.h"

static void write_bytes(const char *name, const char *datatype, const void *samples, size_t bytes)
{
    struct svi_error err = { 0 };
    char file[64], meta[200];
    snprintf(file, sizeof file, "%s.sigmf-data", name);
    check_ok(svi_file_write(in_scratch(file), (struct svi_bytes){ samples, bytes }, &err), err);
    snprintf(file, sizeof file, "%s.sigmf-meta", name);
    snprintf(meta, sizeof meta,
             "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1000}}", datatype);
    check_ok(svi_file_write(in_scratch(file), svi_bytes_of(meta), &err), err);
}

static const char *const power_types[] = { "spectrogram", "waterfall", "heatmap", "periodogram" };

static void silence_gives_a_figure(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 5000 };
    static const char *const datatypes[] = { "ci8", "cf32_le", "ru16_be", "rf64_le" };
    for (size_t d = 0; d < ROWS(datatypes); d++) {
        write_signal("silence", &signal, datatypes[d], 1, NULL);
        for (size_t t = 0; t < ROWS(power_types); t++) {
            struct svi_error err = { 0 };
            json_t *summary;
            check_ok(render("silence", power_types[t], NULL, &summary, &err), err);
            check_near(number_at(summary, "power.max"), -200, 0.01);
            assert_int_equal(json_array_size(json_object_get(summary, "warnings")), 1);
            check_has(json_string_value(json_array_get(json_object_get(summary, "warnings"), 0)), "silent");
            if (t < 2) { /* the lowest color is for silence */
                check_near(number_at(summary, "image.color.min"), -200, 0.01);
                check_near(number_at(summary, "image.color.max"), -180, 0.01);
            }
            json_decref(summary);
        }
    }
}

/* One sample that is not finite, or too large, is counted and costs the slices that it is in, and nothing else: levels are those of
 * the others, noise of -30 dBFS. */
static void samples_that_are_not_finite_are_warned_of(void **state)
{
    (void)state;
    enum { SAMPLES = 8000 };
    static const double values[] = { NAN, INFINITY, -INFINITY, 1e300, 1e22 };
    static const char *const configs[] = {
        "{\"fftSize\": 64, \"hopSize\": 64}", "{\"fftSize\": 64, \"hopSize\": 64, \"reduction\": \"mean\"}",
        "{\"fftSize\": 64, \"hopSize\": 64, \"reduction\": \"p95\", \"persistence\": \"fosphor\"}"
    };
    const struct signal signal = { .sample_rate_hz = 1000, .sample_count = SAMPLES, .noise_power = 1e-3, .seed = 3 };
    double *samples = calloc(2 * SAMPLES, sizeof *samples);
    assert_non_null(samples);
    for (size_t i = 0; i < ROWS(values); i++)
        for (size_t t = 0; t < ROWS(power_types); t++) {
            struct svi_error err = { 0 };
            for (size_t k = 0; k < SAMPLES; k++)
                signal_encode(samples + 2 * k, svi_datatype_find("cf64_le"), signal_sample(&signal, 0, k));
            samples[2 * 3001] = values[i];
            write_bytes("odd", "cf64_le", samples, 2 * SAMPLES * sizeof *samples);
            json_t *summary;
            check_ok(render("odd", power_types[t], configs[i % ROWS(configs)], &summary, &err), err);
            const json_t *warnings = json_object_get(summary, "warnings");
            const bool counted = values[i] != 1e22; /* 1e300 is beyond single precision */
            assert_int_equal(json_array_size(warnings), 1);
            check_has(json_string_value(json_array_get(warnings, 0)),
                      counted ? "1 of 8000 samples are not finite in single precision; " : "Samples are so large");
            check_has(json_string_value(json_array_get(warnings, 0)), "datatype cf64_le");
            assert_int_equal(number_at(summary, "statistics.not_finite"), counted);
            assert_int_equal(number_at(summary, "statistics.samples"), SAMPLES - counted);
            check_near(number_at(summary, "power.mean"), -30 + 10 * log10(number_at(summary, "power.enbw_bins") / 64), 0.5);
            assert_true(number_at(summary, "power.max") < -30);
            if (t > 1)
                assert_int_equal(number_at(summary, "image.slices"), SAMPLES / 64 - 1);
            json_decref(summary);
        }
    free(samples);
}

/* Nothing is shown, for the reason that is told, and no number stands for what is not there. */
static void a_recording_without_a_finite_slice_has_no_levels(void **state)
{
    (void)state;
    enum { SAMPLES = 3000 };
    static const struct {
        float usual, other; /* of sample 50 */
        const char *warnings[2];
    } rows[] = {
        { NAN,
          NAN,
          { "3000 of 3000 samples are not finite; ", "No slice is shown: in each there are samples that are not finite." } },
        { 3e30F,
          3e30F,
          { "Samples are so large that the power of ",
            "No slice is shown: in each there are samples so large that their power is not finite." } },
        { 3e30F,
          NAN,
          { "slices with them, or with samples so large that their power is not, are left out",
            "No slice is shown: in each there are samples that are not finite, or too large." } },
    };
    static float samples[SAMPLES];
    for (size_t i = 0; i < ROWS(rows) * ROWS(power_types); i++) {
        const char *type = power_types[i % ROWS(power_types)];
        const size_t row = i / ROWS(power_types);
        struct svi_error err = { 0 };
        json_t *summary;
        for (size_t k = 0; k < SAMPLES; k++)
            samples[k] = k == 50 ? rows[row].other : rows[row].usual;
        write_bytes("lost", "rf32_le", samples, sizeof samples);
        check_ok(render("lost", type, "{\"fftSize\": 64, \"hopSize\": 64}", &summary, &err), err);
        const json_t *power = json_object_get(summary, "power"), *percentiles = json_object_get(power, "percentiles");
        for (size_t k = 0; k < 2; k++) {
            char *warnings = json_dumps(json_object_get(summary, "warnings"), 0);
            assert_non_null(warnings);
            check_has(warnings, rows[row].warnings[k]);
            free(warnings);
        }
        static const char *const keys[] = { "min", "max", "mean", "noise_floor" }, *const ranks[] = { "1", "50", "99" };
        for (size_t k = 0; k < ROWS(keys); k++)
            assert_true(json_is_null(json_object_get(power, keys[k])));
        for (size_t k = 0; k < ROWS(ranks); k++)
            assert_true(json_is_null(json_object_get(percentiles, ranks[k])));
        assert_true(json_is_null(json_object_get(json_object_get(summary, "image"), "color")));
        assert_int_equal(json_array_size(json_object_get(summary, "peaks")), 0);
        if (!strcmp(type, "periodogram")) { /* its matrix is the lines */
            struct npy lines = npy_read(in_scratch("periodogram.npy"));
            assert_true(lines.rows == 3 && lines.columns);
            for (size_t k = 0; k < 3 * lines.columns; k++)
                assert_true(isnan(((float *)lines.data)[k]));
            npy_clear(&lines);
        }
        json_decref(summary);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_gives_a_figure),
        cmocka_unit_test(samples_that_are_not_finite_are_warned_of),
        cmocka_unit_test(a_recording_without_a_finite_slice_has_no_levels),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
