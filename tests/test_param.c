/* test_param - what a config may say, and what is answered where it may not. */
#include "visual/param.h"

#include <math.h>

#include "check.h"

/* Reads a config given as text; what is a text in C is "…" in JSON. */
static bool read_text(struct svi_values *values, const char *config, struct svi_error *err)
{
    json_t *tree = json_loads(config, JSON_DECODE_ANY, NULL);
    assert_non_null(tree);
    bool ok = svi_values_read(values, tree, err);
    json_decref(tree);
    return ok;
}

static void good_configs(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        enum svi_param param;
        double number;
        const char *text;
    } rows[] = {
        { "null", SVI_PARAM_FFT_SIZE, 1024, NULL },
        { "{}", SVI_PARAM_COLORMAP, 0, "magma" },
        { "{}", SVI_PARAM_HOP_SIZE, NAN, NULL },
        { "{\"fftSize\": 64}", SVI_PARAM_FFT_SIZE, 64, NULL },
        { "{\"fft_size\": 64}", SVI_PARAM_FFT_SIZE, 64, NULL },
        { "{\"fftSize\": 64.0}", SVI_PARAM_FFT_SIZE, 64, NULL },
        { "{\"fftSize\": null}", SVI_PARAM_FFT_SIZE, 1024, NULL },
        { "{\"std_dev\": 12.5}", SVI_PARAM_STD_DEV, 12.5, NULL },
        { "{\"hop_size\": 16777216}", SVI_PARAM_HOP_SIZE, 16777216, NULL },
        { "{\"width\": 12.8, \"height\": 7.2}", SVI_PARAM_HEIGHT, 7.2, NULL },
        { "{\"dimensions\": {\"width\": 1280, \"height\": 720}}", SVI_PARAM_WIDTH, 12.8, NULL },
        { "{\"dimensions\": {\"width\": 1280}}", SVI_PARAM_HEIGHT, 10, NULL },
        { "{\"dimensions\": {\"width\": 16384, \"height\": 16384}}", SVI_PARAM_HEIGHT, 163.84, NULL },
        { "{\"units\": \"compat\"}", SVI_PARAM_UNITS, 0, "compat" },
        { "{\"reduce\": \"mean\"}", SVI_PARAM_REDUCTION, 0, "mean" },
        { "{\"theme\": \"bare\"}", SVI_PARAM_THEME, 0, "bare" },
        { "{\"dpi\": 600}", SVI_PARAM_DPI, 600, NULL },
        { "{\"colormap\": \"turbo\"}", SVI_PARAM_COLORMAP, 0, "turbo" },
        { "{\"channel\": \"ch0\"}", SVI_PARAM_CHANNEL, 0, "ch0" },
        { "{\"channel\": 3, \"subchannel\": 2}", SVI_PARAM_SUBCHANNEL, 2, NULL },
        { "{\"datatype\": \"ci16_le\"}", SVI_PARAM_DATATYPE, 0, "ci16_le" },
        { "{\"sample_rate\": 2.4e6}", SVI_PARAM_SAMPLE_RATE, 2.4e6, NULL },
        { "{\"centerFrequency\": 0}", SVI_PARAM_CENTER_FREQUENCY, 0, NULL },
        { "{\"vmin\": -120, \"vmax\": -20.5}", SVI_PARAM_VMAX, -20.5, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_values values;
        struct svi_error err = { 0 };
        check_ok(read_text(&values, rows[i].config, &err), err);
        const struct svi_value *value = &values.at[rows[i].param];
        if (rows[i].text)
            assert_string_equal(value->text, rows[i].text);
        else if (isnan(rows[i].number))
            assert_true(isnan(value->number));
        else
            check_near(value->number, rows[i].number, 1e-12);
        svi_values_clear(&values);
    }
}

static void bad_configs_name_key_value_and_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *config, *says;
    } rows[] = {
        { "[]", "The parameter config must be an object, not an array ([])." },
        { "\"fftSize\"", "must be an object, not a string" },
        { "{\"fftSize\": 8}", "The parameter fftSize is 8, but must be from 16 to 1048576 samples." },
        { "{\"fftSize\": 1048577}", "fftSize is 1048577, but must be from 16 to 1048576" },
        { "{\"fftSize\": 64.5}", "fftSize must be an integer, not 64.5" },
        { "{\"fftSize\": \"64\"}", "fftSize must be an integer, not a string" },
        { "{\"fftSize\": true}", "not a boolean" },
        { "{\"fftSize\": [64]}", "not an array" },
        { "{\"fftSize\": -1e308}", "fftSize is -1e+308" },
        { "{\"hopSize\": 0}", "hopSize is 0, but must be from 1" },
        { "{\"stdDev\": 0}", "stdDev is 0, but must be from 0.1" },
        { "{\"stdDev\": {}}", "stdDev must be a number, not an object" },
        { "{\"width\": 200}", "width is 200, but must be from 0.16 to 163.84 inches" },
        { "{\"height\": 0}", "height is 0" },
        { "{\"dimensions\": 5}", "dimensions must be an object, not an integer" },
        { "{\"dimensions\": {\"width\": \"wide\"}}", "dimensions.width must be a number, not a string" },
        { "{\"dimensions\": {\"width\": 16385}}", "dimensions.width is 16385, but must be from 16 to 16384 pixels" },
        { "{\"dimensions\": {\"height\": 1}}", "dimensions.height is 1" },
        { "{\"colormap\": \"nosuch\"}", "colormap is \"nosuch\", but must be one of: magma, viridis" },
        { "{\"colormap\": \"mag\"}", "coolwarm, copper, cubehelix, Dark2, flag, gist_earth, gist_gray" },
        { "{\"colormap\": \"mag\"}", ", and others. Did you mean \"magma\"?" },
        { "{\"colormap\": \"JETT\"}", "Did you mean \"jet\"?" },
        { "{\"colormap\": \"\"}", "must be one of" },
        { "{\"colormap\": \"magma, viridis\"}", "must be one of" },
        { "{\"recording\": 2024}", "recording must be a string, not an integer (2024)" },
        { "{\"colormap\": 3}", "colormap must be a string, not an integer" },
        { "{\"units\": \"dbm2\"}", "units is \"dbm2\", but must be one of: dbfs, dbfs_hz, dbm, compat" },
        { "{\"reduction\": \"average\"}", "must be one of: max, mean, min, p95, p50" },
        { "{\"colorScale\": \"loud\"}", "colorScale is \"loud\", but must be one of: log, eq_hist, linear" },
        { "{\"persistence\": \"dpx\"}", "persistence is \"dpx\", but must be one of: exact, fosphor" },
        { "{\"rise\": 0.5}", "rise is 0.5, but must be from 1 to 1000000 slices" },
        { "{\"decay\": 0}", "decay is 0, but must be from 1" },
        { "{\"window\": \"box\"}", "must be one of: gaussian, hann" },
        { "{\"window\": \"Hanning\"}", "flattop, kaiser, rect. Did you mean \"hann\"?" },
        { "{\"theme\": \"pink\"}", "must be one of: light, dark, bare." },
        { "{\"dpi\": 24}", "dpi is 24, but must be from 25 to 600 dots per inch" },
        { "{\"channel\": -1}", "channel is -1" },
        { "{\"vmin\": 0, \"vmax\": 0}", "vmin (0 dB) must be less than vmax (0 dB)" },
        { "{\"vmin\": 5, \"vmax\": -5}", "vmin (5 dB) must be less than vmax (-5 dB)" },
        { "{\"channel\": \"\"}", "channel is \"\", but must have from 1 to 127 bytes" },
        { "{\"title\": \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
          "The parameter title is \"0123456789" },
        { "{\"title\": \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
          "but must have from 1 to 127 bytes of UTF-8" },
        { "{\"channel\": true}", "channel must be an integer or a name, not a boolean" },
        { "{\"subchannel\": \"a\"}", "subchannel must be an integer, not a string" },
        { "{\"datatype\": \"ci12\"}", "datatype is \"ci12\", but must be one of: cf32_le" },
        { "{\"sampleRate\": 0}", "sampleRate is 0, but must be from 1e-06" },
        { "{\"centerFrequency\": \"1e6\"}", "centerFrequency must be a number, not a string" },
        { "{\"vmin\": 1e9}", "vmin is 1000000000" },
        { "{\"slices\": \"true\"}", "The parameter slices must be true or false, not a string (\"true\")." },
        { "{\"slices\": 1}", "slices must be true or false, not an integer" },
        { "{\"maxSlices\": 0}", "maxSlices is 0, but must be from 1 to 1000000000 slices" },
        { "{\"slice_units\": \"dbm\"}", "sliceUnits is \"dbm\", but must be one of: watts, db" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_values values;
        struct svi_error err = { 0 };
        assert_false(read_text(&values, rows[i].config, &err));
        assert_int_equal(err.status, SVI_BAD_PARAMETER);
        check_has(err.message, rows[i].says);
        svi_values_clear(&values);
    }
}

static void flags_are_true_or_false(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        bool given, on;
    } rows[] = {
        { "{}", false, false },
        { "{\"slices\": null}", false, false },
        { "{\"slices\": true}", true, true },
        { "{\"slices\": false}", true, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_values values;
        struct svi_error err = { 0 };
        check_ok(read_text(&values, rows[i].config, &err), err);
        assert_int_equal(values.at[SVI_PARAM_SLICES].given, rows[i].given);
        assert_int_equal(values.at[SVI_PARAM_SLICES].on, rows[i].on);
        json_t *effective = svi_values_effective(&values);
        assert_true(json_equal(json_object_get(effective, "slices"), json_boolean(rows[i].on)));
        json_decref(effective);
        svi_values_clear(&values);
    }
}

static void unknown_keys_are_named_and_no_more(void **state)
{
    (void)state;
    struct svi_values values;
    struct svi_error err = { 0 };
    check_ok(read_text(&values,
                       "{\"fftSize\": 64, \"frobnicate\": 1, \"capture_type\": \"sigmf\", \"capture_ids\": [], \"Größe\": {}}",
                       &err),
             err);
    assert_int_equal(json_array_size(values.ignored), 2);
    assert_string_equal(json_string_value(json_array_get(values.ignored, 0)), "frobnicate");
    assert_string_equal(json_string_value(json_array_get(values.ignored, 1)), "Größe");
    svi_values_clear(&values);
}

static void effective_values_have_the_platforms_keys(void **state)
{
    (void)state;
    struct svi_values values;
    struct svi_error err = { 0 };
    check_ok(read_text(&values, "{\"fft_size\": 64}", &err), err);
    svi_values_default_number(&values, SVI_PARAM_HOP_SIZE, 500);
    svi_values_default_number(&values, SVI_PARAM_FFT_SIZE, 9999);
    svi_values_default_text(&values, SVI_PARAM_WINDOW, "hann");
    json_t *effective = svi_values_effective(&values);
    assert_int_equal(json_object_size(effective), SVI_PARAM_COUNT);
    assert_int_equal(json_integer_value(json_object_get(effective, "fftSize")), 64);
    assert_int_equal(json_integer_value(json_object_get(effective, "hopSize")), 500);
    assert_string_equal(json_string_value(json_object_get(effective, "window")), "hann");
    assert_true(json_is_null(json_object_get(effective, "vmin")));
    json_decref(effective);
    svi_values_clear(&values);
}

static void every_parameter_is_described(void **state)
{
    (void)state;
    struct svi_buffer text;
    svi_buffer_init(&text, 1 << 20);
    assert_true(svi_params_describe(&text));
    check_has((char *)text.at, "fftSize");
    check_has((char *)text.at, "recording");
    check_has((char *)text.at, "16 to 1048576 samples, default 1024");
    check_has((char *)text.at, "(true or false, default false)");
    check_has((char *)text.at, "max, mean, min, p95, p50, default max");
    svi_buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_configs),
        cmocka_unit_test(bad_configs_name_key_value_and_what_is_allowed),
        cmocka_unit_test(flags_are_true_or_false),
        cmocka_unit_test(unknown_keys_are_named_and_no_more),
        cmocka_unit_test(effective_values_have_the_platforms_keys),
        cmocka_unit_test(every_parameter_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
