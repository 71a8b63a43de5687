/* test_job_api - each call of the API: what is sent, and which answers are believed. */
#include "host/job_api.h"

#include "fake_service.h"
#include "quick_client.h"

static const char metadata[] =
    "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"waterfall\", \"status\": \"running\", "
    "\"config\": null, \"local_files\": [{\"name\": \"a.csv\", \"id\": 12}]}}";

enum call { FIRST_STATUS, STATUS, JOB, FETCH, SAVE_JSON, SAVE_FILE, MOST_CALLS };

/* The story of one request of each call. */
static const char *const words[] = { "running", "completed", "metadata", "file:12", "summary", "picture" };

static bool make_call(struct svi_http *http, enum call call, struct svi_error *err)
{
    char path[4096];
    svi_format(path, sizeof path, "%s/picture", scratch_folder());
    const struct svi_http_file file = { .path = path, .name = "waterfall.png", .content_type = "image/png" };
    json_t *object = json_pack("{s:i}", "results_id", 41);
    struct svi_job job;
    int64_t id = 0;
    uint64_t received = 0;
    FILE *to = NULL;
    bool ok = false;
    switch (call) {
    case FIRST_STATUS:
        ok = svi_job_api_set_status(http, 7, "running", NULL, true, err);
        break;
    case STATUS:
        ok = svi_job_api_set_status(http, 7, "completed", object, false, err);
        break;
    case JOB:
        ok = svi_job_api_get(http, 7, &job, err);
        if (ok)
            svi_job_clear(&job);
        break;
    case FETCH:
        to = tmpfile();
        assert_non_null(to);
        struct svi_http_room room = { .limit_bytes = 100 };
        ok = svi_job_api_fetch_file(http, &(struct svi_job_file){ .id = 12 }, fileno(to), &room, &received, err);
        assert_true(!ok || received == 5);
        fclose(to);
        break;
    case SAVE_JSON:
        ok = svi_job_api_save_json(http, 7, svi_bytes_of("{\"results_id\": 41}\n"), &id, err);
        break;
    default:
        check_ok(svi_file_write(path, svi_bytes_of("bytes"), err), *err);
        ok = svi_job_api_save_file(http, 7, &file, &id, err);
    }
    if (call >= SAVE_JSON)
        assert_int_equal(id > 0, ok);
    json_decref(object);
    return ok;
}

struct setting {
    struct fake_service *service;
    struct svi_http *http;
    struct fake_rule rule;
    struct fake_settings settings;
};

static void set_up(struct setting *setting, enum fake_fault fault, int number, unsigned times)
{
    setting->rule = (struct fake_rule){ .call = "", .fault = fault, .number = number, .times = times };
    setting->settings = (struct fake_settings){
        .token = SECRET, .metadata = metadata, .file = "bytes", .file_bytes = 5, .rules = &setting->rule, .rule_count = 1
    };
    setting->service = fake_service_start(&setting->settings);
    setting->http = open_client(fake_service_url(setting->service), quick, NULL);
}

static void tear_down(struct setting *setting)
{
    svi_http_close(setting->http);
    fake_service_stop(setting->service);
}

static void every_call_is_as_the_contract_says(void **state)
{
    (void)state;
    static const struct {
        const char *line, *type, *body;
    } rows[] = {
        { "POST /api/jobs/update-job-status/ HTTP/1.1\r\n", "application/json", "{\"job\":7,\"status\":\"running\"}" },
        { "POST /api/jobs/update-job-status/ HTTP/1.1\r\n", "application/json",
          "{\"job\":7,\"status\":\"completed\",\"info\":{\"results_id\":41}}" },
        { "GET /api/jobs/job-metadata/7/ HTTP/1.1\r\n", NULL, NULL },
        { "GET /api/jobs/job-file/12/?file_type=local HTTP/1.1\r\n", NULL, NULL },
        { "POST /api/jobs/save-job-data/7/ HTTP/1.1\r\n", "application/json", "{\"json_data\":{\"results_id\": 41}\n}" },
        { "POST /api/jobs/save-job-data/7/ HTTP/1.1\r\n", "multipart/form-data; boundary=", NULL },
    };
    struct setting setting;
    set_up(&setting, FAKE_NO_JSON, 0, 0);
    setting.settings.rule_count = 0;
    for (enum call call = 0; call < MOST_CALLS; call++) {
        struct svi_error err = { 0 };
        check_ok(make_call(setting.http, call, &err), err);
        const char *head = fake_service_head(setting.service, call);
        assert_memory_equal(head, rows[call].line, strlen(rows[call].line));
        check_has(head, "\r\nAuthorization: Token " SECRET "\r\n");
        if (rows[call].type) {
            check_has(head, "\r\nContent-Type: ");
            check_has(head, rows[call].type);
        }
        if (rows[call].body)
            assert_string_equal(fake_service_body(setting.service, call, NULL), rows[call].body);
    }
    tear_down(&setting);
}

static void a_fault_of_every_call_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        enum fake_fault fault;
        int number;
        unsigned times;
        /* For each call. */
        enum svi_status status[MOST_CALLS];
        unsigned requests[MOST_CALLS];
    } rows[] = {
#define ALL(x) { x, x, x, x, x, x }
        { FAKE_STATUS, 500, 1, ALL(SVI_OK), ALL(2) },
        { FAKE_STATUS, 500, 0, ALL(SVI_UNREACHABLE), ALL(4) },
        { FAKE_STATUS, 401, 0, ALL(SVI_UNAUTHORIZED), ALL(1) },
        { FAKE_STATUS, 404, 0, ALL(SVI_NOT_FOUND), ALL(1) },
        { FAKE_STATUS, 400, 0, ALL(SVI_BAD_ANSWER), ALL(1) },
        { FAKE_REDIRECT, 301, 0, ALL(SVI_BAD_ANSWER), ALL(1) },
        { FAKE_NO_HTTP, 0, 0, ALL(SVI_BAD_ANSWER), ALL(1) },
        { FAKE_CUT, 0, 1, ALL(SVI_OK), ALL(2) },
        { FAKE_CUT, 0, 0, ALL(SVI_UNREACHABLE), { 4, 4, 4, 4, 2, 2 } },
        { FAKE_CUT_BODY, 3, 1, ALL(SVI_OK), ALL(2) },
        { FAKE_SHORT, 0, 0, ALL(SVI_UNREACHABLE), { 4, 4, 4, 4, 2, 2 } },
        { FAKE_NO_JOB,
          0,
          1,
          { SVI_OK, SVI_NOT_FOUND, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER },
          { 2, 1, 1, 1, 1, 1 } },
        { FAKE_NO_JOB,
          0,
          5,
          { SVI_OK, SVI_NOT_FOUND, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER },
          { 6, 1, 1, 1, 1, 1 } },
        { FAKE_NO_JOB,
          0,
          0,
          { SVI_NOT_FOUND, SVI_NOT_FOUND, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER, SVI_BAD_ANSWER },
          { 6, 1, 1, 1, 1, 1 } },
#undef ALL
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (enum call call = 0; call < MOST_CALLS; call++) {
            struct setting setting;
            set_up(&setting, rows[i].fault, rows[i].number, rows[i].times);
            struct svi_error err = { 0 };
            bool ok = make_call(setting.http, call, &err);
            char once[64];
            svi_format(once, sizeof once, "%s", words[call]);
            if (err.status != rows[i].status[call] || fake_service_requests(setting.service) != rows[i].requests[call])
                fail_msg("row %zu, call %d: %s: %s [%s] after %s", i, call, svi_status_code(err.status), err.message, err.cause,
                         fake_service_story(setting.service));
            assert_int_equal(ok, err.status == SVI_OK);
            assert_memory_equal(fake_service_story(setting.service), once, strlen(once));
            check_no_secret(err);
            tear_down(&setting);
        }
}

static void answers_against_the_contract_are_not_believed(void **state)
{
    (void)state;
    static const enum fake_fault faults[] = { FAKE_NO_JSON, FAKE_WRONG_JSON, FAKE_NOT_SAVED, FAKE_LONG, FAKE_HUGE };
    for (size_t i = 0; i < ROWS(faults); i++)
        for (enum call call = 0; call < MOST_CALLS; call++) {
            /* Any bytes are a file, and what a job's description holds has a test of its own. */
            if (call == FETCH || (call == JOB && faults[i] == FAKE_NOT_SAVED))
                continue;
            struct setting setting;
            set_up(&setting, faults[i], 2, 0);
            struct svi_error err = { 0 };
            assert_false(make_call(setting.http, call, &err));
            assert_int_equal(err.status, SVI_BAD_ANSWER);
            assert_true(err.cause[0]);
            assert_string_equal(fake_service_story(setting.service), words[call]);
            check_no_secret(err);
            tear_down(&setting);
        }
}

static void names_that_would_break_a_header_are_not_sent(void **state)
{
    (void)state;
    static const char *const names[] = { "", "a b", "a\"b", "a\r\nb", "a/b", "a\\b", "\xC3\xA4" };
    struct setting setting;
    set_up(&setting, FAKE_NONE, 0, 0);
    for (size_t i = 0; i < ROWS(names); i++) {
        const struct svi_http_file file = { .path = "/dev/null", .name = names[i], .content_type = "image/png" };
        int64_t id = 0;
        struct svi_error err = { 0 };
        assert_false(svi_job_api_save_file(setting.http, 7, &file, &id, &err));
        assert_int_equal(err.status, SVI_BUG);
    }
    assert_int_equal(fake_service_requests(setting.service), 0);
    tear_down(&setting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_as_the_contract_says),
        cmocka_unit_test(a_fault_of_every_call_has_its_outcome),
        cmocka_unit_test(answers_against_the_contract_are_not_believed),
        cmocka_unit_test(names_that_would_break_a_header_are_not_sent),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
