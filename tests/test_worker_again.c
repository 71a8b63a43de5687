/* test_worker_again - jobs that come a second time, jobs that are told to stop, and jobs that nobody works on: what the platform is
 * asked and told, and what stays in the outbox. */
#include "host/worker.h"

#include <dirent.h>
#include <sys/stat.h>

#include "fake_service.h"
#include "secret.h"

static const struct svi_http_policy quick = {
    .tries = 3,
    .backoff_s = 0.001,
    .longest_pause_s = 0.01,
    .connect_timeout_s = 5.0,
    .total_timeout_s = 20.0,
    .stall_timeout_s = 1.0,
    .stall_speed = 1000,
    .lookup_pause_s = 0.001,
    .answer_limit_bytes = 1 << 20,
};

#define JOB(status)                                                                                                                \
    "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"waterfall\", \"status\": \"" status                           \
    "\", \"config\": {}, \"local_files\": [{\"name\": \"one.sigmf-meta\", \"id\": 12}], \"remote_files\": []}}"

static const char running[] = JOB("running"), completed[] = JOB("completed"), failed[] = JOB("failed");

enum drawing { DRAWS, DIES, IS_STOPPED };

struct renderer {
    enum drawing drawing;
    atomic_int stop;
    int reason;
    unsigned calls;
};

static char work_folder[4096];

static bool knows(const char *type)
{
    return !strcmp(type, "waterfall");
}

static void list_types(char *into, size_t size)
{
    svi_format(into, size, "waterfall");
}

static void leave(const char *folder, const char *name, const char *text)
{
    char path[4096];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/%s", folder, name);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

static bool draw(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct renderer *renderer = self;
    renderer->calls++;
    if (renderer->drawing == DIES)
        return svi_fail(err, SVI_RENDERER_DIED, "The renderer was killed by signal 9.");
    if (renderer->drawing == IS_STOPPED) {
        atomic_store(&renderer->stop, renderer->reason);
        assert_false(order->progress(order->progress_self, 0.5, "compute"));
        return svi_fail(err, SVI_CANCELLED, "The work was stopped.");
    }
    *outcome = (struct svi_render_outcome){
        .results = { { SVI_RESULT_PICTURE, "waterfall.png" }, { SVI_RESULT_SUMMARY, "waterfall.json" } }, .result_count = 2
    };
    leave(order->folder, "waterfall.png", "picture");
    leave(order->folder, "waterfall.json", "{\"a\": 1}");
    return true;
}

/* Entries of the outbox. */
static size_t kept(void)
{
    char box[4200];
    size_t count = 0;
    svi_format(box, sizeof box, "%s/.outbox", work_folder);
    DIR *list = opendir(box);
    for (const struct dirent *entry; list && (entry = readdir(list));)
        count += entry->d_name[0] != '.';
    if (list)
        closedir(list);
    return count;
}

static void empty_work_folder(void)
{
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(work_folder, &err), err);
}

struct outcome {
    struct svi_worker_outcome worker;
    struct svi_error err;
    bool done;
    char story[512];
    char last[1024]; /* body of the last request */
};

/* One attempt; the story is that of all attempts at this service. */
static struct outcome attempt(struct fake_service *service, const struct svi_assignment *assignment, struct renderer *renderer,
                              const struct svi_error *refusal)
{
    struct outcome outcome = { 0 };
    const struct svi_worker worker = {
        .api_url = fake_service_url(service),
        .policy = quick,
        .work_folder = work_folder,
        .downloads = 1,
        .renderer = { .self = renderer, .knows = knows, .types = list_types, .render = draw },
        .stop = &renderer->stop,
    };
    if (refusal)
        outcome.done = svi_worker_refuse(&worker, assignment, refusal, &outcome.worker, &outcome.err);
    else
        outcome.done = svi_worker_run(&worker, assignment, &outcome.worker, &outcome.err);
    svi_format(outcome.story, sizeof outcome.story, "%s", fake_service_story(service));
    size_t count = fake_service_requests(service);
    svi_format(outcome.last, sizeof outcome.last, "%s", count ? fake_service_body(service, count - 1, NULL) : "");
    check_no_secret(outcome.err);
    return outcome;
}

#define SETTINGS(description, ...)                                                                                                 \
    {                                                                                                                              \
        .token = SECRET, .metadata = description, .file = "a recording", .file_bytes = 11, __VA_ARGS__                             \
    }
#define STATUS_CALL "POST /api/jobs/update-job-status/"
#define DATA_CALL   "POST /api/jobs/save-job-data/"

static void a_repeated_job_is_looked_at_first_and_last(void **state)
{
    (void)state;
    static const struct fake_rule no_answer = { "GET /api/jobs/job-metadata/", FAKE_STATUS, 500, 0, 0, false, false };
    static const struct fake_rule no_job = { "GET /api/jobs/job-metadata/", FAKE_STATUS, 404, 0, 0, false, false };
    static const struct fake_rule none_later = { "GET /api/jobs/job-metadata/", FAKE_STATUS, 500, 0, 1, false, false };
    static const struct {
        const char *first, *later;
        bool failed_is_final;
        enum drawing drawing;
        const struct fake_rule *rule;
        const char *story;
        enum svi_worker_end end;
        enum svi_status status;
        unsigned drawings;
    } rows[] = {
#define WORK "metadata running file:12 picture summary"
        { completed, NULL, false, DRAWS, NULL, "metadata", SVI_WORKER_LEFT_ALONE, SVI_OK, 0 },
        { completed, NULL, true, DRAWS, NULL, "metadata", SVI_WORKER_LEFT_ALONE, SVI_OK, 0 },
        { failed, NULL, true, DRAWS, NULL, "metadata", SVI_WORKER_LEFT_ALONE, SVI_JOB_FAILED, 0 },
        { failed, NULL, false, DRAWS, NULL, WORK " metadata completed", SVI_WORKER_COMPLETED, SVI_OK, 1 },
        { running, NULL, true, DRAWS, NULL, WORK " metadata completed", SVI_WORKER_COMPLETED, SVI_OK, 1 },
        { running, NULL, false, DIES, NULL, "metadata running file:12 metadata failed", SVI_WORKER_FAILED, SVI_RENDERER_DIED, 1 },
        { running, NULL, false, DRAWS, &no_answer, "metadata metadata metadata", SVI_WORKER_NOT_BEGUN, SVI_NO_JOB_INFO, 0 },
        /* Where there is no such job, or no API, the status says so. */
        { running, NULL, false, DRAWS, &no_job, "metadata running metadata metadata failed", SVI_WORKER_FAILED, SVI_NO_JOB_INFO,
          0 },
        /* Another worker was faster. */
        { running, completed, false, DRAWS, NULL, WORK " metadata", SVI_WORKER_LEFT_ALONE, SVI_OK, 1 },
        { running, completed, false, DIES, NULL, "metadata running file:12 metadata", SVI_WORKER_LEFT_ALONE, SVI_OK, 1 },
        { running, failed, true, DRAWS, NULL, WORK " metadata completed", SVI_WORKER_COMPLETED, SVI_OK, 1 },
        /* Who does not say is not waited for. */
        { running, NULL, false, DRAWS, &none_later, WORK " metadata metadata metadata completed", SVI_WORKER_COMPLETED, SVI_OK, 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = SETTINGS(rows[i].first, .later = rows[i].later, .rules = rows[i].rule,
                                                       .rule_count = rows[i].rule != NULL);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = rows[i].drawing };
        const struct svi_assignment assignment = {
            .job = 7, .token = SECRET, .repeated = true, .failed_is_final = rows[i].failed_is_final
        };
        struct outcome outcome = attempt(service, &assignment, &renderer, NULL);
        if (outcome.worker.end != rows[i].end || outcome.err.status != rows[i].status || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: end %d, %s: %s [%s] after \"%s\"", i, outcome.worker.end, svi_status_code(outcome.err.status),
                     outcome.err.message, outcome.err.cause, outcome.story);
        assert_int_equal(outcome.done, rows[i].status == SVI_OK);
        assert_int_equal(renderer.calls, rows[i].drawings);
        assert_int_equal(kept(), 0);
        fake_service_stop(service);
    }
}

static const struct svi_assignment first_attempt = { .job = 7, .token = SECRET, .may_repeat = true },
                                   next_attempt = { .job = 7, .token = SECRET, .repeated = true };

static void what_lies_in_the_outbox_is_only_posted(void **state)
{
    (void)state;
    static const struct {
        struct fake_rule rule;
        const char *story;
        enum svi_worker_end end;
        const char *next_story; /* goes on from there */
        const char *info;       /* the service gives ids to what it refuses, too */
    } rows[] = {
#define DRAWN "running metadata file:12"
        { { DATA_CALL, FAKE_STATUS, 503, 3, 0, false, false },
          DRAWN " picture picture picture",
          SVI_WORKER_TO_REPEAT,
          " metadata running picture summary metadata completed",
          "{\"results_id\":43,\"json_data_id\":44}" },
        { { DATA_CALL, FAKE_STATUS, 503, 3, 1, false, false },
          DRAWN " picture summary summary summary",
          SVI_WORKER_TO_REPEAT,
          " metadata running summary metadata completed",
          "{\"results_id\":40,\"json_data_id\":44}" },
        { { STATUS_CALL, FAKE_STATUS, 503, 3, 1, false, false },
          DRAWN " picture summary completed completed completed",
          SVI_WORKER_NO_END,
          " metadata running metadata completed",
          "{\"results_id\":40,\"json_data_id\":41}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char story[512];
        const struct fake_settings settings = SETTINGS(running, .rules = &rows[i].rule, .rule_count = 1);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = DRAWS };
        struct outcome outcome = attempt(service, &first_attempt, &renderer, NULL);
        if (outcome.worker.end != rows[i].end || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: end %d after \"%s\"", i, outcome.worker.end, outcome.story);
        assert_false(outcome.done);
        assert_true(outcome.err.may_pass);
        assert_int_equal(svi_worker_exit_code(&outcome.worker, &outcome.err), outcome.worker.end == SVI_WORKER_NO_END ? 75 : 1);
        assert_int_equal(kept(), 1);

        outcome = attempt(service, &next_attempt, &renderer, NULL);
        svi_format(story, sizeof story, "%s%s", rows[i].story, rows[i].next_story);
        assert_string_equal(outcome.story, story);
        check_ok(outcome.done, outcome.err);
        check_has(outcome.last, rows[i].info);
        assert_int_equal(renderer.calls, 1);
        assert_int_equal(kept(), 0);
        fake_service_stop(service);
    }
}

static void an_outbox_is_left_as_the_end_of_its_job_wants(void **state)
{
    (void)state;
    static const struct {
        struct fake_rule rule; /* of the last status of the first attempt */
        size_t first_keeps;
        const char *later; /* the job before the second attempt */
        bool repeated;
        const char *next_story;
        unsigned drawings;
    } rows[] = {
        /* The platform had taken the end, and the answer was lost. */
        { { STATUS_CALL, FAKE_CUT, 0, 4, 1, false, false }, 1, completed, true, " metadata", 1 },
        /* A job of the same number that nobody has worked on. */
        { { STATUS_CALL, FAKE_STATUS, 503, 3, 1, false, false },
          1,
          running,
          false,
          " running metadata file:12 picture summary completed",
          2 },
        /* The platform will never take it. */
        { { STATUS_CALL, FAKE_STATUS, 401, 1, 1, false, false }, 0, running, true, " " WORK " metadata completed", 2 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = SETTINGS(running, .later = rows[i].later, .rules = &rows[i].rule, .rule_count = 1);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = DRAWS };
        const struct svi_assignment next = { .job = 7, .token = SECRET, .repeated = rows[i].repeated };
        struct outcome outcome = attempt(service, &first_attempt, &renderer, NULL);
        size_t told = strlen(outcome.story);
        assert_int_equal(outcome.worker.end, SVI_WORKER_NO_END);
        if (kept() != rows[i].first_keeps)
            fail_msg("row %zu: %zu entries after the first attempt", i, kept());
        outcome = attempt(service, &next, &renderer, NULL);
        check_ok(outcome.done, outcome.err);
        assert_string_equal(outcome.story + told, rows[i].next_story);
        assert_int_equal(renderer.calls, rows[i].drawings);
        if (kept())
            fail_msg("row %zu: %zu entries are left", i, kept());
        fake_service_stop(service);
    }
}

static void what_may_pass_is_not_told_to_the_platform(void **state)
{
    (void)state;
    static const struct fake_rule no_information = { "GET /api/jobs/job-metadata/", FAKE_STATUS, 503, 0, 0, false, false };
    static const struct fake_rule no_job = { "GET /api/jobs/job-metadata/", FAKE_STATUS, 404, 0, 0, false, false };
    static const struct {
        enum drawing drawing;
        const struct fake_rule *rule;
        const char *story;
        enum svi_worker_end end;
        enum svi_status status;
    } rows[] = {
        { DIES, NULL, "running metadata file:12", SVI_WORKER_TO_REPEAT, SVI_RENDERER_DIED },
        { DRAWS, &no_information, "running metadata metadata metadata", SVI_WORKER_TO_REPEAT, SVI_NO_JOB_INFO },
        { DRAWS, &no_job, "running metadata failed", SVI_WORKER_FAILED, SVI_NO_JOB_INFO },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = SETTINGS(running, .rules = rows[i].rule, .rule_count = rows[i].rule != NULL);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = rows[i].drawing };
        struct outcome outcome = attempt(service, &first_attempt, &renderer, NULL);
        if (outcome.worker.end != rows[i].end || outcome.err.status != rows[i].status || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: end %d, %s after \"%s\"", i, outcome.worker.end, svi_status_code(outcome.err.status), outcome.story);
        assert_int_equal(outcome.err.may_pass, outcome.worker.end == SVI_WORKER_TO_REPEAT);
        fake_service_stop(service);
    }
}

static void a_stop_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        int reason;
        const char *story;
        enum svi_worker_end end;
        enum svi_status status;
        const char *says;
    } rows[] = {
        { SVI_WORKER_STOP_SOFT, DRAWN " failed", SVI_WORKER_FAILED, SVI_TIME_LIMIT, "longer than the soft time limit of 600 s." },
        { SVI_WORKER_STOP_HARD, DRAWN " failed", SVI_WORKER_FAILED, SVI_TIME_LIMIT, "longer than the hard time limit of 900 s." },
        { SVI_WORKER_STOP_RETURN, DRAWN, SVI_WORKER_NO_END, SVI_CANCELLED, "handed back" },
        { 15, DRAWN " failed", SVI_WORKER_FAILED, SVI_CANCELLED, "terminated by signal 15." },
        { 9, DRAWN " failed", SVI_WORKER_FAILED, SVI_CANCELLED, "terminated by signal 9." },
    };
    static const struct svi_assignment limited = {
        .job = 7, .token = SECRET, .may_repeat = true, .soft_limit_s = 600, .hard_limit_s = 900
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = SETTINGS(running, .later = NULL);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = IS_STOPPED, .reason = rows[i].reason };
        struct outcome outcome = attempt(service, &limited, &renderer, NULL);
        assert_string_equal(outcome.story, rows[i].story);
        assert_int_equal(outcome.worker.end, rows[i].end);
        assert_int_equal(outcome.err.status, rows[i].status);
        check_has(outcome.err.message, rows[i].says);
        if (rows[i].end == SVI_WORKER_FAILED)
            check_has(outcome.last, rows[i].says);
        fake_service_stop(service);

        /* Before anything was begun. */
        service = fake_service_start(&settings);
        renderer = (struct renderer){ .drawing = DRAWS, .stop = rows[i].reason };
        outcome = attempt(service, &limited, &renderer, NULL);
        assert_string_equal(outcome.story, "");
        assert_int_equal(outcome.worker.end, SVI_WORKER_NOT_BEGUN);
        assert_int_equal(outcome.err.status, rows[i].status);
        check_has(outcome.err.message, rows[i].says);
        fake_service_stop(service);
    }
}

static void a_refused_job_is_failed_unless_it_has_its_end(void **state)
{
    (void)state;
    static const struct fake_rule down = { STATUS_CALL, FAKE_STATUS, 503, 0, 0, false, false };
    static const struct {
        const char *first;
        bool repeated;
        const struct fake_rule *rule;
        const char *story;
        enum svi_worker_end end;
    } rows[] = {
        { running, false, NULL, "failed", SVI_WORKER_FAILED },
        { running, true, NULL, "metadata failed", SVI_WORKER_FAILED },
        { completed, true, NULL, "metadata", SVI_WORKER_LEFT_ALONE },
        { running, false, &down, "failed failed failed", SVI_WORKER_NOT_BEGUN },
    };
    const struct svi_error refusal = { .status = SVI_CANCELLED, .message = "The job was revoked before it was begun." };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = SETTINGS(rows[i].first, .rules = rows[i].rule, .rule_count = rows[i].rule != NULL);
        struct fake_service *service = fake_service_start(&settings);
        struct renderer renderer = { .drawing = DRAWS };
        const struct svi_assignment assignment = { .job = 7, .token = SECRET, .repeated = rows[i].repeated };
        struct outcome outcome = attempt(service, &assignment, &renderer, &refusal);
        if (outcome.worker.end != rows[i].end || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: end %d after \"%s\"", i, outcome.worker.end, outcome.story);
        assert_int_equal(outcome.done, rows[i].end != SVI_WORKER_NOT_BEGUN);
        if (rows[i].end == SVI_WORKER_FAILED)
            check_has(outcome.last, "\"info\":{\"error\":\"The job was revoked before it was begun.\",\"code\":\"cancelled\"}");
        assert_int_equal(renderer.calls, 0);
        fake_service_stop(service);
    }
}

static int begin(void **state)
{
    svi_format(work_folder, sizeof work_folder, "%s/work", scratch_folder());
    empty_work_folder();
    return catch_log(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_job_is_looked_at_first_and_last),
        cmocka_unit_test(what_lies_in_the_outbox_is_only_posted),
        cmocka_unit_test(an_outbox_is_left_as_the_end_of_its_job_wants),
        cmocka_unit_test(what_may_pass_is_not_told_to_the_platform),
        cmocka_unit_test(a_stop_has_its_reason),
        cmocka_unit_test(a_refused_job_is_failed_unless_it_has_its_end),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
