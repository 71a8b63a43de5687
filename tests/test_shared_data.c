/* test_shared_data - real recordings of other projects through the program: what info states of each, and that each is drawn.
 * Expected values are those of the projects' own notes and, for levels, of NumPy. */
#include "base/file.h"

#include <jansson.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "program.h"

enum { ABSENT = 77 };

struct real {
    const char *path;
    const char *facts;      /* part of "recording", as JSON */
    const char *warning;    /* part of the first of them; NULL: there are none */
    const char *parameters; /* that suit its length, as words */
    const char *picture;
    double peak_hz, peak_db; /* of the strongest; 0: it has none that is known */
};

static const struct real rows[] = {
    { "digital_rf/synthetic/sc16_x1_n200_d3_10s_1000ms_c0",
      "{\"format\": \"drf\", \"datatype\": \"ci16_le\", \"first_index\": 92957882000, \"stored_sample_count\": 798, \"gap_count\": "
      "3,"
      " \"gaps\": [{\"first_sample\": 166, \"sample_count\": 67}, {\"first_sample\": 300, \"sample_count\": 133},"
      " {\"first_sample\": 460, \"sample_count\": 2}], \"subchannels\": 1, \"sample_rate_fraction\": [200, 3],"
      " \"start_time\": \"2014-03-09T12:30:30Z\", \"center_frequency_hz\": null, \"duration_s\": 15.0}",
      NULL, "--set fftSize=64 --set hopSize=16 --set stdDev=8", "waterfall", 0, 0 },
    { "digital_rf/synthetic/fc32_x8_n200_d3_10s_1000ms_c1",
      "{\"format\": \"drf\", \"datatype\": \"cf32_le\", \"first_index\": 92957882000, \"stored_sample_count\": 798, \"gap_count\": "
      "3,"
      " \"gaps\": [{\"first_sample\": 166, \"sample_count\": 67}, {\"first_sample\": 300, \"sample_count\": 133},"
      " {\"first_sample\": 460, \"sample_count\": 2}], \"subchannels\": 8, \"sample_rate_fraction\": [200, 3]}",
      "filler, not signal: 136;", "--set fftSize=64 --set hopSize=16 --set stdDev=8", "waterfall", 0, 0 },
    { "digital_rf/example/ch0",
      "{\"format\": \"drf\", \"datatype\": \"ci16_le\", \"first_index\": 15671057000001, \"stored_sample_count\": 9999,"
      " \"sample_count\": 9999, \"gap_count\": 0, \"subchannels\": 1, \"sample_rate_hz\": 10000.0,"
      " \"center_frequency_hz\": 439999999.999907, \"start_time\": \"2019-08-29T19:08:20.0001Z\"}",
      "filler, not signal: 1;", "", "spectrogram", 440e6, 0 },
    { "sigmf/sigmf_logo.sigmf-meta",
      "{\"format\": \"sigmf\", \"datatype\": \"ri16_le\", \"channels\": 2, \"sample_rate_hz\": 48000.0, \"sample_count\": 288000,"
      " \"duration_s\": 6.0, \"annotation_count\": 3, \"sha512\": \"right\", \"start_time\": \"2021-06-18T23:17:51.163959Z\"}",
      NULL, "--set annotations=true", "spectrogram", 0, 0 },
    { "radiohound/13295174-98f07b24025a-2025-02-04_183911.rh.json",
      "{\"format\": \"rh\", \"holds\": \"spectra\", \"device\": \"98f07b24025a\", \"unit\": \"W\", \"row_count\": 1, \"bins_min\": "
      "855,"
      " \"bins_max\": 855, \"bin_hz\": 23437.5, \"missing_values\": 0}",
      NULL, "", "periodogram", 800e6, -40 },
    { "radiohound/13295175-98f07b24025a-2025-02-04_183912.rh.json",
      "{\"format\": \"rh\", \"row_count\": 1, \"bins_min\": 855, \"bin_hz\": 23437.5, \"missing_values\": 0}", NULL, "",
      "waterfall", 800e6, -40 },
};

static const char *data_path(const char *name)
{
    static char path[PATH_MAX];
    const char *shared = getenv("SVI_TEST_SHARED");
    svi_format(path, sizeof path, "%s/data%s%s", shared ? shared : ".", *name ? "/" : "", name);
    return path;
}

static json_t *parse(const char *text, const char *what)
{
    json_error_t why;
    json_t *tree = json_loads(text, 0, &why);
    if (!tree)
        fail_msg("%s: %s: %s", what, why.text, text);
    return tree;
}

static void info_states_what_is_known_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        char line[PATH_MAX + 40];
        svi_format(line, sizeof line, "info --json %s", data_path(rows[i].path));
        const struct said *said = run_program(line, NULL);
        check_ended(said, 0);
        json_t *told = parse(said->out, rows[i].path), *facts = parse(rows[i].facts, "facts"), *expected;
        const char *key;
        json_object_foreach(facts, key, expected)
        {
            const json_t *got = json_object_get(json_object_get(told, "recording"), key);
            if (!json_equal(got, expected))
                fail_msg("%s: %s is not as expected in %s", rows[i].path, key, said->out);
        }
        const json_t *warnings = json_object_get(told, "warnings");
        assert_int_equal(json_array_size(warnings), rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(json_string_value(json_array_get(warnings, 0)), rows[i].warning);
        json_decref(facts);
        json_decref(told);
    }
}

static void each_is_drawn(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        char line[PATH_MAX + 300], path[PATH_MAX];
        svi_format(line, sizeof line, "render -t %s -o %%s/%zu --set width=6 --set height=4 %s %s", rows[i].picture, i,
                   rows[i].parameters, data_path(rows[i].path));
        const struct said *said = run_program(line, NULL);
        check_ended(said, 0);
        svi_format(path, sizeof path, "%s/%zu/%s.png", scratch_folder(), i, rows[i].picture);
        struct stat about;
        assert_int_equal(stat(path, &about), 0);
        svi_format(path, sizeof path, "%s/%zu/%s.json", scratch_folder(), i, rows[i].picture);
        json_t *summary = json_load_file(path, 0, NULL);
        assert_non_null(summary);
        const json_t *peak = json_array_get(json_object_get(summary, "peaks"), 0);
        if (rows[i].peak_hz > 0)
            check_near(json_number_value(json_object_get(peak, "frequency_hz")), rows[i].peak_hz, 2000);
        if (rows[i].peak_db < 0)
            check_near(json_number_value(json_object_get(peak, "power_db")), rows[i].peak_db, 0.1);
        const json_t *boxes = json_object_get(json_object_get(summary, "image"), "annotations");
        if (strstr(rows[i].parameters, "annotations"))
            assert_int_equal(json_integer_value(json_object_get(boxes, "drawn")), 3);
        json_decref(summary);
    }
}

int main(void)
{
    if (access(data_path(""), R_OK) != 0) {
        printf("skipped: the folder of real recordings is not there\n");
        return ABSENT;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(info_states_what_is_known_of_each, kill_programs),
        cmocka_unit_test_teardown(each_is_drawn, kill_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
