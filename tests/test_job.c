/* test_job - the platform's description of a job, as it should be and as it should not. */
#include "host/job.h"

#include "check.h"

#define HEAD  "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"spectrogram\", \"status\": \"running\", "
#define FILES "\"local_files\": [{\"name\": \"a/b/data_x7Kq2.csv\", \"id\": 12}]"
#define TAIL  "}}"

static void the_contracts_example_is_read(void **state)
{
    (void)state;
    static const char answer[] = "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"user_id\": \"6f6c\", \"type\": "
                                 "\"spectrogram\", \"status\": \"running\","
                                 " \"created_at\": \"2025\", \"updated_at\": \"2025\", \"local_files\": [{\"name\": \"data.csv\", "
                                 "\"id\": 12}, {\"name\": \"x/y\", \"id\": "
                                 "13}], \"remote_files\": [], \"config\": {\"width\": 12.8, \"capture_type\": \"sigmf\", "
                                 "\"fftSize\": 1024}, \"memory_warning\": null,"
                                 " \"results_id\": null, \"error\": null}}";
    struct svi_job job;
    struct svi_error err = { 0 };
    check_ok(svi_job_parse(&job, 7, svi_bytes_of(answer), &err), err);
    assert_int_equal(job.id, 7);
    assert_string_equal(job.type, "spectrogram");
    assert_string_equal(job.status, "running");
    assert_int_equal(json_integer_value(json_object_get(job.config, "fftSize")), 1024);
    assert_int_equal(job.file_count, 2);
    assert_int_equal(job.files[1].id, 13);
    assert_string_equal(job.files[0].label, "data.csv");
    assert_string_equal(job.files[1].label, "y");
    assert_int_equal(job.capture_count, 0);
    svi_job_clear(&job);
}

static void names_become_labels(void **state)
{
    (void)state;
    static const struct {
        const char *name, *label;
    } rows[] = {
        { "a/b/data_x7Kq2.csv", "data_x7Kq2.csv" },
        { "../../etc/passwd", "passwd" },
        { "..\\\\..\\\\boot.ini", "boot.ini" },
        { "folder/", "file" },
        { "", "file" },
        { "a\\nb\\u0007.sigmf-data", "a_b_.sigmf-data" },
        { "mess\xC3\xBC"
          "ng.sigmf",
          "mess\xC3\xBC"
          "ng.sigmf" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char answer[1024];
        svi_format(answer, sizeof answer, HEAD "\"local_files\": [{\"id\": 1, \"name\": \"%s\"}]" TAIL, rows[i].name);
        struct svi_job job;
        struct svi_error err = { 0 };
        check_ok(svi_job_parse(&job, 7, svi_bytes_of(answer), &err), err);
        assert_string_equal(job.files[0].label, rows[i].label);
        svi_job_clear(&job);
    }
}

static void a_long_name_keeps_its_ending(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct svi_buffer answer;
        svi_buffer_init(&answer, 1 << 20);
        svi_buffer_add_text(&answer, HEAD "\"local_files\": [{\"id\": 1, \"name\": \"%.*s", (int)shift, "xxxx");
        for (int i = 0; i < 500; i++)
            svi_buffer_add_text(&answer, "\xE2\x82\xAC");
        svi_buffer_add_text(&answer, ".sigmf-meta\"}]" TAIL);
        struct svi_job job;
        struct svi_error err = { 0 };
        check_ok(svi_job_parse(&job, 7, (struct svi_bytes){ answer.at, answer.count }, &err), err);
        assert_true(svi_utf8_valid(svi_bytes_of(job.files[0].label)));
        assert_true(strlen(job.files[0].label) < SVI_JOB_LABEL_SIZE && strlen(job.files[0].label) > SVI_JOB_LABEL_SIZE - 5);
        assert_true(svi_ends_with(job.files[0].label, ".sigmf-meta"));
        svi_job_clear(&job);
        svi_buffer_clear(&answer);
    }
}

/* The platform takes longer ones than any that we know, and its user is to be told which are known. */
static void a_long_type_is_one_that_nobody_knows(void **state)
{
    (void)state;
    for (int length = SVI_JOB_TYPE_SIZE - 1; length <= SVI_JOB_TYPE_SIZE; length++) {
        char answer[1024];
        svi_format(answer, sizeof answer, "{\"job_id\": 7, \"data\": {\"type\": \"%0*d\", \"status\": \"running\", " FILES "}}",
                   length, 0);
        struct svi_job job;
        struct svi_error err = { 0 };
        const bool fits = length < SVI_JOB_TYPE_SIZE;
        assert_int_equal(svi_job_parse(&job, 7, svi_bytes_of(answer), &err), fits);
        if (!fits) {
            assert_string_equal(err.message, "The job's type is longer than 255 bytes.");
            continue;
        }
        assert_int_equal(strlen(job.type), length);
        svi_job_clear(&job);
    }
}

static void configs(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        bool object;
        size_t captures;
        const char *capture;
    } rows[] = {
        { "\"config\": null, ", false, 0, "" },
        { "", false, 0, "" },
        { "\"config\": {}, ", true, 0, "" },
        { "\"config\": {\"capture_ids\": []}, ", true, 0, "" },
        { "\"config\": {\"capture_ids\": \"1b2c\"}, ", true, 0, "" },
        { "\"config\": {\"capture_ids\": [\"1b2c\"]}, ", true, 1, "1b2c" },
        { "\"config\": {\"capture_ids\": [\"1b2c\", \"1b2d\"]}, ", true, 2, "1b2c" },
        { "\"config\": {\"capture_ids\": [7]}, ", true, 1, "" },
        { "\"config\": {\"capture_ids\": [\"0123456789012345678901234567890123456789012345678901234567890123\"]}, ", true, 1, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char answer[1024];
        svi_format(answer, sizeof answer, HEAD "%s" FILES TAIL, rows[i].config);
        struct svi_job job;
        struct svi_error err = { 0 };
        check_ok(svi_job_parse(&job, 7, svi_bytes_of(answer), &err), err);
        assert_int_equal(job.config != NULL, rows[i].object);
        assert_int_equal(job.capture_count, rows[i].captures);
        assert_string_equal(job.capture, rows[i].capture);
        svi_job_clear(&job);
    }
}

static void what_is_against_the_contract_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *says;
    } rows[] = {
        { "", "JSON" },
        { "<html>", "JSON" },
        { "[]", "agreed (job_id: nothing)." },
        { "null", "JSON" },
        { "{}", "agreed" },
        { "{\"job_id\": 7}", "agreed" },
        { "{\"job_id\": 8, \"data\": {}}", "another job" },
        { "{\"job_id\": \"7\", \"data\": {}}", "agreed" },
        { "{\"job_id\": 7, \"data\": []}", "agreed" },
        { "{\"job_id\": 7, \"data\": {}}", "agreed" },
        { "{\"job_id\": 7, \"data\": {\"type\": 5, \"status\": \"running\", " FILES "}}", "agreed" },
        { "{\"job_id\": 7, \"data\": {\"type\": \"\", \"status\": \"running\", " FILES "}}", "agreed" },
        { "{\"job_id\": 7, \"data\": {\"type\": \"a\\nb\", \"status\": \"running\", " FILES "}}", "control" },
        { "{\"job_id\": 7, \"data\": {\"type\": \"waterfall\", " FILES "}}", "agreed" },
        { HEAD "\"config\": []" TAIL, "agreed (config: an array)." },
        { HEAD "\"config\": \"{}\", " FILES TAIL, "agreed" },
        { HEAD "\"local_files\": null" TAIL, "agreed (local_files: null)." },
        { HEAD "\"local_files\": {}" TAIL, "agreed" },
        { HEAD "\"local_files\": [7]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\"}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\", \"id\": 0}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\", \"id\": -1}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\", \"id\": 1.5}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\", \"id\": \"1\"}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"a\", \"id\": 99999999999999999999}]" TAIL, "JSON" },
        { HEAD "\"local_files\": [{\"name\": 5, \"id\": 1}]" TAIL, "agreed" },
        { HEAD "\"local_files\": [{\"name\": \"good\", \"id\": 1}, {\"name\": null, \"id\": 2}]" TAIL, "agreed" },
        { HEAD FILES "}} tail", "JSON" },
        { HEAD FILES ", " FILES TAIL, "JSON" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_job job;
        struct svi_error err = { 0 };
        assert_false(svi_job_parse(&job, 7, svi_bytes_of(rows[i].answer), &err));
        assert_int_equal(err.status, SVI_BAD_ANSWER);
        check_has(err.message, rows[i].says);
        assert_null(job.files);
        assert_null(job.config);
    }
}

static void there_is_a_most_of_files(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct svi_buffer answer;
        svi_buffer_init(&answer, 64 << 20);
        svi_buffer_add_text(&answer, HEAD "\"local_files\": [{\"id\": 1, \"name\": \"a\"}");
        for (size_t i = 1; i < SVI_JOB_MAX_FILES + more; i++)
            svi_buffer_add_text(&answer, ",{\"id\":%zu,\"name\":\"a\"}", i + 1);
        svi_buffer_add_text(&answer, "]" TAIL);
        struct svi_job job;
        struct svi_error err = { 0 };
        assert_int_equal(svi_job_parse(&job, 7, (struct svi_bytes){ answer.at, answer.count }, &err), more == 0);
        assert_int_equal(job.file_count, more ? 0 : SVI_JOB_MAX_FILES);
        if (more)
            check_has(err.message, "100001 files");
        svi_job_clear(&job);
        svi_buffer_clear(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_contracts_example_is_read),
        cmocka_unit_test(names_become_labels),
        cmocka_unit_test(a_long_name_keeps_its_ending),
        cmocka_unit_test(a_long_type_is_one_that_nobody_knows),
        cmocka_unit_test(configs),
        cmocka_unit_test(what_is_against_the_contract_is_refused),
        cmocka_unit_test(there_is_a_most_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
