/* test_capture_job - jobs that name a capture, or bring a packed recording, the whole way: platform, worker and renderer are the
 * program, and speak real HTTP. The oracle is the same recording, drawn locally. */
#include "base/file.h"
#include "base/json.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "program.h"
#include "service.h"

static json_t *read_summary(const char *below)
{
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), below);
    json_t *tree = json_load_file(path, 0, NULL);
    if (!tree)
        fail_msg("no summary at %s", below);
    return tree;
}

static const struct said *run_or_fail(const char *line, const char *const *variables)
{
    const struct said *said = run_program(line, variables);
    check_ended(said, 0);
    return said;
}

/* Adds a folder of tests/data as a capture of ann's. */
static void add_capture(char id[64], const char *folder)
{
    char line[PATH_MAX + 100];
    svi_format(line, sizeof line, "platform add-capture ann %s/%s --data %%s/platform", getenv("SVI_TEST_DATA"), folder);
    const struct said *said = run_or_fail(line, NULL);
    assert_int_equal(strspn(said->out, "0123456789abcdef-"), 36);
    svi_format(id, 64, "%.36s", said->out);
}

static void a_digital_rf_capture_is_drawn_like_its_folder(void **state)
{
    (void)state;
    static const char *const folders[] = { "digital_rf/subchannels", "digital_rf/gaps" };
    struct service service;
    start_service(&service, "--worker --downloads 3");
    for (size_t i = 0; i < ROWS(folders); i++) {
        char id[64], line[PATH_MAX + 300];
        add_capture(id, folders[i]);
        svi_format(line, sizeof line,
                   "submit --wait -t spectrogram -o %%s/fetched --set fftSize=16 --set hopSize=4 --set stdDev=3 --set "
                   "capture_type=drf --set capture_ids=[\"%s\"]",
                   id);
        run_or_fail(line, service.variables);
        svi_format(line, sizeof line, "render -t spectrogram -o %%s/local --set fftSize=16 --set hopSize=4 --set stdDev=3 %s/%s",
                   getenv("SVI_TEST_DATA"), folders[i]);
        run_or_fail(line, NULL);
        json_t *fetched = read_summary("fetched/spectrogram.json"), *local = read_summary("local/spectrogram.json");
        static const char *const same[] = { "power", "peaks" };
        for (size_t k = 0; k < ROWS(same); k++) {
            assert_non_null(json_object_get(local, same[k]));
            assert_true(json_equal(json_object_get(fetched, same[k]), json_object_get(local, same[k])));
        }
        static const char *const facts[] = { "datatype", "sample_rate_hz", "samples", "center_frequency_hz", "start_time", "gaps" };
        for (size_t k = 0; k < ROWS(facts); k++) {
            const json_t *here = json_object_get(json_object_get(local, "recording"), facts[k]);
            const json_t *there = json_object_get(json_object_get(fetched, "recording"), facts[k]);
            if (!json_equal(here, there) && (here || there))
                fail_msg("%s: %s differs", folders[i], facts[k]);
        }
        json_decref(fetched);
        json_decref(local);
    }
    stop_service(&service);
}

static void a_radiohound_capture_is_drawn_like_its_files(void **state)
{
    (void)state;
    const char *data = getenv("SVI_TEST_DATA");
    char id[64], line[3 * PATH_MAX + 300];
    struct service service;
    start_service(&service, "--worker");
    add_capture(id, "radiohound");
    svi_format(
        line, sizeof line,
        "submit --wait -t waterfall -o %%s/fetched --set capture_type=rh --set types=[\"heatmap\"] --set capture_ids=[\"%s\"]", id);
    run_or_fail(line, service.variables);
    svi_format(line, sizeof line,
               "render -t waterfall -o %%s/local %s/radiohound/2.rh.json %s/radiohound/0.rh.json %s/radiohound/1.rh.json", data,
               data, data);
    run_or_fail(line, NULL);
    json_t *fetched = read_summary("fetched/waterfall.json"), *local = read_summary("local/waterfall.json");
    static const char *const same[] = { "power", "peaks" };
    for (size_t k = 0; k < ROWS(same); k++) {
        assert_non_null(json_object_get(local, same[k]));
        assert_true(json_equal(json_object_get(fetched, same[k]), json_object_get(local, same[k])));
    }
    assert_int_equal(json_array_size(json_object_get(local, "peaks")), 3);
    const json_t *recording = json_object_get(fetched, "recording");
    assert_int_equal(json_integer_value(json_object_get(recording, "row_count")), 3);
    assert_string_equal(json_string_value(json_object_get(recording, "device")), "made up");
    json_decref(fetched);
    json_decref(local);
    stop_service(&service);
}

static void a_capture_that_is_not_there_fails_the_job(void **state)
{
    (void)state;
    static const struct {
        const char *sets, *says;
    } rows[] = {
        { "--set capture_ids=[\"00000000-0000-4000-a000-000000000000\"]", "not among the 0" },
        { "--set capture_type=sigmf --set capture_ids=[\"1\"]", "SigMF capture" },
        { "--set capture_ids=[\"1\",\"2\"]", "names 2 captures" },
    };
    struct service service;
    start_service(&service, "--worker");
    for (size_t i = 0; i < ROWS(rows); i++) {
        char line[300];
        svi_format(line, sizeof line, "submit --wait -t waterfall %s", rows[i].sets);
        const struct said *said = run_program(line, service.variables);
        check_ended(said, 1);
        check_has(said->err, rows[i].says);
    }
    const struct said *said = run_program("submit --wait -t waterfall", service.variables);
    check_ended(said, 2);
    check_has(said->err, "capture_ids");
    stop_service(&service);
}

/* As the renderer unpacks it in the job's folder, and as render does in $TMPDIR. */
static void a_packed_recording_is_drawn_and_leaves_nothing(void **state)
{
    (void)state;
    char line[PATH_MAX + 300], folder[PATH_MAX], variable[PATH_MAX + 10];
    struct svi_error err = { 0 };
    struct service service;
    svi_format(folder, sizeof folder, "%s/tmp", scratch_folder());
    check_ok(svi_remove_tree(folder, &err), err);
    assert_int_equal(mkdir(folder, 0700), 0);
    svi_format(variable, sizeof variable, "TMPDIR=%s", folder);
    const char *const variables[] = { variable, NULL };
    svi_format(line, sizeof line, "render -t waterfall -o %%s/local --set fftSize=64 %s/formats/tone_1k.cu8.gz",
               getenv("SVI_TEST_DATA"));
    run_or_fail(line, variables);
    assert_int_equal(rmdir(folder), 0); /* it is empty */
    start_service(&service, "--worker --work %s/work");
    svi_format(line, sizeof line, "submit -t waterfall -o %%s/fetched --set fftSize=64 %s/formats/tone_1k.cu8.gz",
               getenv("SVI_TEST_DATA"));
    run_or_fail(line, service.variables);
    stop_service(&service);
    json_t *fetched = read_summary("fetched/waterfall.json"), *local = read_summary("local/waterfall.json");
    assert_non_null(json_object_get(local, "peaks"));
    assert_true(json_equal(json_object_get(fetched, "peaks"), json_object_get(local, "peaks")));
    json_decref(fetched);
    json_decref(local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_digital_rf_capture_is_drawn_like_its_folder, kill_programs),
        cmocka_unit_test_teardown(a_radiohound_capture_is_drawn_like_its_files, kill_programs),
        cmocka_unit_test_teardown(a_capture_that_is_not_there_fails_the_job, kill_programs),
        cmocka_unit_test_teardown(a_packed_recording_is_drawn_and_leaves_nothing, kill_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
