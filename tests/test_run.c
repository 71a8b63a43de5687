/* test_run - one job by hand, of a platform that does not do its part, and one given to it. */
#include "base/stopwatch.h"

#include <signal.h>

#include "fake_service.h"
#include "program.h"
#include "secret.h"

static const char job[] = "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"waterfall\", \"status\": \"running\", "
                          "\"config\": null, \"local_files\": [{\"name\": \"data.csv\", \"id\": 12}]}}";

static const struct fake_rule silence = { .call = "GET /api/jobs/job-file/", .fault = FAKE_HANG };
static const struct fake_settings silent_about_files = { .token = SECRET, .metadata = job, .rules = &silence, .rule_count = 1 };

/* Its end is the last that the platform hears. */
static void check_end(struct fake_service *service, const char *part)
{
    size_t count = 0;
    const char *body = fake_service_body(service, fake_service_requests(service) - 1, &count);
    check_has(body, "\"failed\"");
    check_has(body, part);
}

/* Without the limit it would take minutes. */
static void a_download_that_does_not_move_ends_at_the_soft_limit(void **state)
{
    (void)state;
    struct fake_service *service = fake_service_start(&silent_about_files);
    char url[80];
    svi_format(url, sizeof url, "SVI_API_URL=%s", fake_service_url(service));
    const char *const variables[] = { "SVI_TOKEN=" SECRET, url, NULL };
    const double start_s = svi_now_s();
    const struct said *said = run_program("run 7 --work %s/work --soft-limit 1", variables);
    assert_true(svi_now_s() - start_s < 20);
    check_ended(said, 1);
    assert_string_equal(said->err, "svi-worker: The job took longer than the soft time limit of 1 s.\n");
    assert_string_equal(fake_service_story(service), "running metadata file:12 failed");
    check_end(service, "\"time_limit\"");
    fake_service_stop(service);
}

static void a_signal_ends_a_download(void **state)
{
    (void)state;
    struct fake_service *service = fake_service_start(&silent_about_files);
    char url[80];
    svi_format(url, sizeof url, "SVI_API_URL=%s", fake_service_url(service));
    const char *const variables[] = { "SVI_TOKEN=" SECRET, url, NULL };
    const pid_t pid = start_program("run 7 --work %s/work", variables, 1);
    fake_service_wait(service, 3);
    assert_int_equal(kill(pid, SIGTERM), 0);
    check_ended(end_program(pid, 1), 1);
    assert_string_equal(fake_service_story(service), "running metadata file:12 failed");
    check_end(service, "terminated by signal 15");
    fake_service_stop(service);
}

/* It is restarted, say: longer than one question is repeated. */
static void a_platform_that_is_away_for_a_while_is_waited_for(void **state)
{
    (void)state;
    static const char taken[] = "HTTP/1.1 201 Created\r\nContent-Length: 13\r\n\r\n{\"job_id\": 7}";
    static const char end[] = "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"status\": \"completed\"}}";
    static const struct fake_rule rules[] = { { .call = "POST /api/jobs/submit-job/", .fault = FAKE_RAW },
                                              { .call = "GET ", .fault = FAKE_STATUS, .number = 503, .times = 5 } };
    const struct fake_settings settings = {
        .token = SECRET, .metadata = end, .raw = taken, .raw_bytes = sizeof taken - 1, .rules = rules, .rule_count = ROWS(rules)
    };
    struct fake_service *service = fake_service_start(&settings);
    char url[80];
    svi_format(url, sizeof url, "SVI_API_URL=%s", fake_service_url(service));
    const char *const variables[] = { "SVI_TOKEN=" SECRET, url, NULL };
    const struct said *said = run_program("submit --type waterfall --set capture_ids=[\"1b2c\"] --wait", variables);
    check_ended(said, 0);
    assert_string_equal(said->out, "job 7 waterfall completed\n");
    fake_service_stop(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_download_that_does_not_move_ends_at_the_soft_limit, kill_programs),
        cmocka_unit_test_teardown(a_signal_ends_a_download, kill_programs),
        cmocka_unit_test_teardown(a_platform_that_is_away_for_a_while_is_waited_for, kill_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
