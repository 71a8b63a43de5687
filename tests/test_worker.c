/* test_worker - one job from door to door, with a fault at every door: what was asked of the platform, in which order, and how it
 * ended. */
#include "host/worker.h"

#include <dirent.h>
#include <pthread.h>
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

#define METADATA(id, type, config, files)                                                                                          \
    "{\"status\": \"success\", \"job_id\": " id ", \"data\": {\"type\": \"" type                                                   \
    "\", \"status\": \"running\", \"config\": " config ", \"local_files\": [" files "], \"remote_files\": []}}"
#define TWO_FILES "{\"name\": \"a/b/one_x7.sigmf-meta\", \"id\": 12}, {\"name\": \"a/b/one_x7.sigmf-data\", \"id\": 13}"

static const char good[] = METADATA("7", "waterfall", "{\"fftSize\": 64}", TWO_FILES);
static const char content[] = "the bytes of a recording";

/* How the fake renderer behaves. */
enum drawing {
    DRAWS,
    DRAWS_TWO,
    FAILS,
    DIES,
    LEAVES_NOTHING,
    LEAVES_A_LINK,
    LEAVES_BAD_JSON,
    LEAVES_EMPTY_JSON,
    NAMES_A_PATH,
    IS_STOPPED
};

struct renderer {
    enum drawing drawing;
    atomic_int *stop;
    unsigned calls;
};

static bool knows(const char *type)
{
    return !strcmp(type, "spectrogram") || !strcmp(type, "waterfall");
}

static void list_types(char *into, size_t size)
{
    svi_format(into, size, "spectrogram, waterfall");
}

static void leave(const char *folder, const char *name, const char *text)
{
    char path[4096];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/%s", folder, name);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

static void check_order(const struct svi_render_order *order)
{
    static const char *const labels[] = { "one_x7.sigmf-meta", "one_x7.sigmf-data" };
    assert_string_equal(order->type, "waterfall");
    assert_int_equal(json_integer_value(json_object_get(order->config, "fftSize")), 64);
    assert_int_equal(order->file_count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct svi_buffer text;
        struct svi_error err = { 0 };
        assert_string_equal(order->files[i].label, labels[i]);
        assert_null(strstr(order->files[i].path, "one_x7"));
        check_ok(svi_file_read(&text, order->files[i].path, "input", 1000, &err), err);
        assert_string_equal((char *)text.at, content);
        svi_buffer_clear(&text);
    }
}

static const struct svi_render_outcome usual_outcome = {
    .results = { { SVI_RESULT_PICTURE, "waterfall.png" }, { SVI_RESULT_SUMMARY, "waterfall.json" } }, .result_count = 2
};

static bool draw(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct renderer *renderer = self;
    renderer->calls++;
    check_order(order);
    *outcome = usual_outcome;
    if (!order->progress(order->progress_self, 0.5, "compute"))
        return svi_fail(err, SVI_CANCELLED, "The work was stopped.");
    switch (renderer->drawing) {
    case FAILS:
        return svi_fail(err, SVI_BAD_PARAMETER, "fftSize is 3: it must be at least 16.");
    case DIES:
        return svi_fail(err, SVI_RENDERER_DIED, "The renderer was killed by signal 11.");
    case IS_STOPPED:
        atomic_store(renderer->stop, 15);
        assert_false(order->progress(order->progress_self, 0.6, "compute"));
        return svi_fail(err, SVI_CANCELLED, "The work was stopped.");
    case LEAVES_NOTHING:
        return true;
    case LEAVES_A_LINK: {
        char path[4096];
        svi_format(path, sizeof path, "%s/waterfall.png", order->folder);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        break;
    }
    case NAMES_A_PATH:
        svi_format(outcome->results[0].name, sizeof outcome->results[0].name, "../../../../etc/passwd");
        break;
    case DRAWS_TWO:
        outcome->results[2] = (struct svi_result){ SVI_RESULT_FILE, "waterfall_slices.json" };
        outcome->results[3] = (struct svi_result){ SVI_RESULT_PICTURE, "heatmap.png" };
        outcome->results[4] = (struct svi_result){ SVI_RESULT_SUMMARY, "heatmap.json" };
        outcome->result_count = 5;
        leave(order->folder, "waterfall_slices.json", "[]");
        leave(order->folder, "heatmap.png", "picture");
        leave(order->folder, "heatmap.json", "{\"a\": 1}");
        leave(order->folder, "waterfall.png", "picture");
        break;
    default:
        leave(order->folder, "waterfall.png", "picture");
    }
    leave(order->folder, "waterfall.json",
          renderer->drawing == LEAVES_BAD_JSON     ? "{\"schema\": "
          : renderer->drawing == LEAVES_EMPTY_JSON ? "{}"
                                                   : "{\"schema\": \"svi-worker.summary/1\"}");
    return true;
}

struct outcome {
    struct svi_worker_outcome worker;
    struct svi_error err;
    char story[512];
    char last[1024]; /* body of the last request */
    bool done;
    unsigned drawings;
};

static char work_folder[4096];

static const struct svi_assignment usual_assignment = { .job = 7, .token = SECRET };

static size_t folders_left(void)
{
    size_t count = 0;
    DIR *list = opendir(work_folder);
    for (const struct dirent *entry; list && (entry = readdir(list));)
        count += entry->d_name[0] != '.';
    if (list)
        closedir(list);
    return count;
}

static struct outcome run_job(const char *metadata, const struct fake_rule *rules, size_t rule_count, enum drawing drawing,
                              uint64_t limit)
{
    struct outcome outcome = { 0 };
    const struct fake_settings settings = { .token = SECRET,
                                            .metadata = metadata,
                                            .file = content,
                                            .file_bytes = strlen(content),
                                            .rules = rules,
                                            .rule_count = rule_count };
    struct fake_service *service = fake_service_start(&settings);
    atomic_int stop = 0;
    struct renderer renderer = { .drawing = drawing, .stop = &stop };
    struct svi_http_policy policy = quick;
    if (rule_count && rules[0].fault == FAKE_HANG) {
        policy.tries = 2;
        policy.total_timeout_s = 0.5;
    }
    const struct svi_worker worker = {
        .api_url = fake_service_url(service),
        .policy = policy,
        .work_folder = work_folder,
        .input_limit_bytes = limit,
        .downloads = 1, /* the rows below know the order of the requests */
        .renderer = { .self = &renderer, .knows = knows, .types = list_types, .render = draw },
        .stop = &stop,
    };
    outcome.done = svi_worker_run(&worker, &usual_assignment, &outcome.worker, &outcome.err);
    svi_format(outcome.story, sizeof outcome.story, "%s", fake_service_story(service));
    size_t count = fake_service_requests(service);
    const char *last = count ? fake_service_body(service, count - 1, NULL) : "";
    svi_format(outcome.last, sizeof outcome.last, "%s", last ? last : "");
    outcome.drawings = renderer.calls;
    fake_service_stop(service);
    check_no_secret(outcome.err);
    assert_null(strstr(outcome.err.message, work_folder));
    assert_null(strstr(outcome.last, SECRET));
    assert_null(strstr(outcome.last, work_folder));
    assert_int_equal(folders_left(), 0);
    return outcome;
}

static void several_pictures_are_posted_in_their_order(void **state)
{
    (void)state;
    struct outcome outcome = run_job(good, NULL, 0, DRAWS_TWO, 0);
    check_ok(outcome.done, outcome.err);
    assert_int_equal(outcome.worker.results_id, 40);
    assert_int_equal(outcome.worker.json_data_id, 41);
    /* The service calls every file a picture. */
    assert_string_equal(outcome.story, "running metadata file:12 file:13 picture summary picture picture summary completed");
    check_has(outcome.last, "\"info\":{\"results_id\":40,\"json_data_id\":41,\"results\":{\"waterfall.png\":40,");
    check_has(outcome.last, "\"waterfall_slices.json\":");
    check_has(outcome.last, "\"heatmap.json\":");
}

static void a_good_job_is_completed_with_both_ids(void **state)
{
    (void)state;
    struct outcome outcome = run_job(good, NULL, 0, DRAWS, 0);
    check_ok(outcome.done, outcome.err);
    assert_int_equal(outcome.worker.end, SVI_WORKER_COMPLETED);
    assert_int_equal(outcome.worker.results_id, 40);
    assert_int_equal(outcome.worker.json_data_id, 41);
    assert_int_equal(svi_worker_exit_code(&outcome.worker, &outcome.err), 0);
    assert_string_equal(outcome.story, "running metadata file:12 file:13 picture summary completed");
    assert_string_equal(outcome.last, "{\"job\":7,\"status\":\"completed\",\"info\":{\"results_id\":40,\"json_data_id\":41}}");
}

/* The six doors of the platform. */
#define RUNNING       "POST /api/jobs/update-job-status/", 0
#define METADATA_CALL "GET /api/jobs/job-metadata/", 0
#define FETCH         "GET /api/jobs/job-file/13/", 0
#define PICTURE       "POST /api/jobs/save-job-data/", 0
#define SUMMARY       "POST /api/jobs/save-job-data/", 1
#define LAST          "POST /api/jobs/update-job-status/", 1

/* A kept connection that is closed without an answer is what a restart of the platform looks like: libcurl then sends the request
 * once more on a new one by itself, so that some rows count four where there are three tries. What adds records has new connections
 * only. */
static void a_fault_at_every_door_has_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *call;
        unsigned after;
        enum fake_fault fault;
        int number;
        unsigned times;
        const char *story;
        enum svi_worker_end end;
        enum svi_status status;
        int exit_code;
        const char *says;
    } rows[] = {
#define UP_TO_FILES        "running metadata file:12 file:13"
#define UP_TO_RESULTS      UP_TO_FILES " picture summary"
#define DONE               SVI_WORKER_COMPLETED, SVI_OK, 0, ""
#define NOT_BEGUN(s, e, t) SVI_WORKER_NOT_BEGUN, s, e, t
#define FAILED(s, t)       SVI_WORKER_FAILED, s, 1, t
#define NO_END(s, e, t)    SVI_WORKER_NO_END, s, e, t
        /* The first status: if it is not taken, nothing else is asked. */
        { RUNNING, FAKE_STATUS, 500, 1, "running " UP_TO_RESULTS " completed", DONE },
        { RUNNING, FAKE_STATUS, 500, 0, "running running running", NOT_BEGUN(SVI_UNREACHABLE, 75, "500") },
        { RUNNING, FAKE_HANG, 0, 1, "running " UP_TO_RESULTS " completed", DONE },
        { RUNNING, FAKE_HANG, 0, 0, "running running", NOT_BEGUN(SVI_UNREACHABLE, 75, "in time") },
        { RUNNING, FAKE_CUT, 0, 1, "running " UP_TO_RESULTS " completed", DONE },
        { RUNNING, FAKE_CUT, 0, 0, "running running running", NOT_BEGUN(SVI_UNREACHABLE, 75, "cut") },
        { RUNNING, FAKE_STATUS, 401, 0, "running", NOT_BEGUN(SVI_UNAUTHORIZED, 1, "token") },
        { RUNNING, FAKE_STATUS, 403, 0, "running", NOT_BEGUN(SVI_UNAUTHORIZED, 1, "token") },
        { RUNNING, FAKE_STATUS, 404, 0, "running", NOT_BEGUN(SVI_NOT_FOUND, 1, "404") },
        { RUNNING, FAKE_NO_JOB, 0, 2, "running running " UP_TO_RESULTS " completed", DONE },
        { RUNNING, FAKE_NO_JOB, 0, 0, "running running running running running running", NOT_BEGUN(SVI_NOT_FOUND, 1, "no job 7") },
        { RUNNING, FAKE_NO_JSON, 0, 0, "running", NOT_BEGUN(SVI_BAD_ANSWER, 1, "JSON") },
        { RUNNING, FAKE_NOT_SAVED, 0, 0, "running", NOT_BEGUN(SVI_BAD_ANSWER, 1, "agreed") },
        { RUNNING, FAKE_NO_HTTP, 0, 0, "running", NOT_BEGUN(SVI_BAD_ANSWER, 1, "HTTP") },
        { RUNNING, FAKE_SHORT, 0, 1, "running " UP_TO_RESULTS " completed", DONE },
        { RUNNING, FAKE_LONG, 0, 0, "running", NOT_BEGUN(SVI_BAD_ANSWER, 1, "JSON") },
        { RUNNING, FAKE_REDIRECT, 301, 0, "running", NOT_BEGUN(SVI_BAD_ANSWER, 1, "redirect (301)") },
        /* The job's information. */
        { METADATA_CALL, FAKE_STATUS, 500, 1, "running metadata metadata file:12 file:13 picture summary completed", DONE },
        { METADATA_CALL, FAKE_STATUS, 500, 0, "running metadata metadata metadata failed",
          FAILED(SVI_NO_JOB_INFO, "Could not get job information.") },
        { METADATA_CALL, FAKE_HANG, 0, 0, "running metadata metadata failed", FAILED(SVI_NO_JOB_INFO, "in time") },
        { METADATA_CALL, FAKE_CUT, 0, 0, "running metadata metadata metadata metadata failed", FAILED(SVI_NO_JOB_INFO, "cut") },
        { METADATA_CALL, FAKE_STATUS, 401, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "token") },
        { METADATA_CALL, FAKE_STATUS, 404, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "404") },
        { METADATA_CALL, FAKE_NO_JSON, 0, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "JSON") },
        { METADATA_CALL, FAKE_WRONG_JSON, 0, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "agreed") },
        { METADATA_CALL, FAKE_HUGE, 100, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "too large") },
        { METADATA_CALL, FAKE_SHORT, 0, 0, "running metadata metadata metadata failed", FAILED(SVI_NO_JOB_INFO, "cut") },
        { METADATA_CALL, FAKE_LONG, 0, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "JSON") },
        { METADATA_CALL, FAKE_REDIRECT, 302, 0, "running metadata failed", FAILED(SVI_NO_JOB_INFO, "redirect") },
        /* The second of two files. */
        { FETCH, FAKE_STATUS, 500, 1, UP_TO_FILES " file:13 picture summary completed", DONE },
        { FETCH, FAKE_STATUS, 500, 0, UP_TO_FILES " file:13 file:13 failed",
          FAILED(SVI_FETCH_FAILED, "Could not fetch local file one_x7.sigmf-data.") },
        { FETCH, FAKE_HANG, 0, 0, UP_TO_FILES " file:13 failed", FAILED(SVI_FETCH_FAILED, "in time") },
        { FETCH, FAKE_CUT, 0, 0, UP_TO_FILES " file:13 file:13 file:13 failed", FAILED(SVI_FETCH_FAILED, "cut") },
        { FETCH, FAKE_CUT_BODY, 10, 1, UP_TO_FILES " file:13+10 picture summary completed", DONE },
        { FETCH, FAKE_STATUS, 401, 0, UP_TO_FILES " failed", FAILED(SVI_FETCH_FAILED, "token") },
        { FETCH, FAKE_STATUS, 404, 0, UP_TO_FILES " failed", FAILED(SVI_FETCH_FAILED, "404") },
        { FETCH, FAKE_NO_HTTP, 0, 0, UP_TO_FILES " file:13 failed", FAILED(SVI_FETCH_FAILED, "HTTP") },
        { FETCH, FAKE_SHORT, 0, 0, UP_TO_FILES " file:13+24 file:13+24 failed", FAILED(SVI_FETCH_FAILED, "cut") },
        { FETCH, FAKE_REDIRECT, 302, 0, UP_TO_FILES " failed", FAILED(SVI_FETCH_FAILED, "redirect") },
        /* The results. A lost answer is asked for once more. */
        { PICTURE, FAKE_STATUS, 500, 1, UP_TO_FILES " picture picture summary completed", DONE },
        { PICTURE, FAKE_STATUS, 500, 0, UP_TO_FILES " picture picture picture failed",
          FAILED(SVI_POST_FAILED, "Could not post results.") },
        { PICTURE, FAKE_HANG, 0, 0, UP_TO_FILES " picture picture failed", FAILED(SVI_POST_FAILED, "in time") },
        { PICTURE, FAKE_CUT, 0, 1, UP_TO_FILES " picture picture summary completed", DONE },
        { PICTURE, FAKE_CUT, 0, 0, UP_TO_FILES " picture picture failed", FAILED(SVI_POST_FAILED, "cut") },
        { PICTURE, FAKE_STATUS, 401, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "token") },
        { PICTURE, FAKE_STATUS, 404, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "404") },
        { PICTURE, FAKE_STATUS, 413, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "413") },
        { PICTURE, FAKE_NO_JSON, 0, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "JSON") },
        { PICTURE, FAKE_NOT_SAVED, 0, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "agreed") },
        { PICTURE, FAKE_SHORT, 0, 0, UP_TO_FILES " picture picture failed", FAILED(SVI_POST_FAILED, "cut") },
        { PICTURE, FAKE_REDIRECT, 301, 0, UP_TO_FILES " picture failed", FAILED(SVI_POST_FAILED, "redirect") },
        { SUMMARY, FAKE_STATUS, 500, 1, UP_TO_RESULTS " summary completed", DONE },
        { SUMMARY, FAKE_STATUS, 500, 0, UP_TO_RESULTS " summary summary failed", FAILED(SVI_POST_FAILED, "500") },
        { SUMMARY, FAKE_HANG, 0, 0, UP_TO_RESULTS " summary failed", FAILED(SVI_POST_FAILED, "in time") },
        { SUMMARY, FAKE_CUT, 0, 1, UP_TO_RESULTS " summary completed", DONE },
        { SUMMARY, FAKE_STATUS, 401, 0, UP_TO_RESULTS " failed", FAILED(SVI_POST_FAILED, "token") },
        { SUMMARY, FAKE_STATUS, 404, 0, UP_TO_RESULTS " failed", FAILED(SVI_POST_FAILED, "404") },
        { SUMMARY, FAKE_NO_JSON, 0, 0, UP_TO_RESULTS " failed", FAILED(SVI_POST_FAILED, "JSON") },
        { SUMMARY, FAKE_LONG, 0, 0, UP_TO_RESULTS " failed", FAILED(SVI_POST_FAILED, "JSON") },
        { SUMMARY, FAKE_REDIRECT, 307, 0, UP_TO_RESULTS " failed", FAILED(SVI_POST_FAILED, "redirect") },
        /* The last status: one kind of it only, whatever happens. */
        { LAST, FAKE_STATUS, 500, 2, UP_TO_RESULTS " completed completed completed", DONE },
        { LAST, FAKE_STATUS, 500, 0, UP_TO_RESULTS " completed completed completed", NO_END(SVI_UNREACHABLE, 75, "500") },
        { LAST, FAKE_HANG, 0, 0, UP_TO_RESULTS " completed completed", NO_END(SVI_UNREACHABLE, 75, "in time") },
        { LAST, FAKE_CUT, 0, 0, UP_TO_RESULTS " completed completed completed completed", NO_END(SVI_UNREACHABLE, 75, "cut") },
        { LAST, FAKE_STATUS, 401, 0, UP_TO_RESULTS " completed", NO_END(SVI_UNAUTHORIZED, 1, "token") },
        { LAST, FAKE_STATUS, 404, 0, UP_TO_RESULTS " completed", NO_END(SVI_NOT_FOUND, 1, "404") },
        { LAST, FAKE_NO_JOB, 0, 0, UP_TO_RESULTS " completed", NO_END(SVI_NOT_FOUND, 1, "no job") },
        { LAST, FAKE_NO_RESULT, 0, 1, UP_TO_RESULTS " completed picture summary completed", DONE },
        { LAST, FAKE_NO_RESULT, 0, 0, UP_TO_RESULTS " completed picture summary completed", NO_END(SVI_POST_FAILED, 1, "lost") },
        { LAST, FAKE_NO_JSON, 0, 0, UP_TO_RESULTS " completed", NO_END(SVI_BAD_ANSWER, 1, "JSON") },
        { LAST, FAKE_SHORT, 0, 0, UP_TO_RESULTS " completed completed completed", NO_END(SVI_UNREACHABLE, 75, "cut") },
        { LAST, FAKE_REDIRECT, 301, 0, UP_TO_RESULTS " completed", NO_END(SVI_BAD_ANSWER, 1, "redirect") },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_rule rule = { rows[i].call, rows[i].fault, rows[i].number, rows[i].times, rows[i].after, false, false };
        struct outcome outcome = run_job(good, &rule, 1, DRAWS, 0);
        if (outcome.worker.end != rows[i].end || outcome.err.status != rows[i].status || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: end %d, %s: %s [%s] after \"%s\"", i, outcome.worker.end, svi_status_code(outcome.err.status),
                     outcome.err.message, outcome.err.cause, outcome.story);
        assert_int_equal(outcome.done, outcome.worker.end == SVI_WORKER_COMPLETED);
        assert_int_equal(svi_worker_exit_code(&outcome.worker, &outcome.err), rows[i].exit_code);
        if (!outcome.done)
            check_has(outcome.err.message, rows[i].says);
        if (outcome.worker.end == SVI_WORKER_FAILED) {
            check_has(outcome.last, "{\"job\":7,\"status\":\"failed\",\"info\":{\"error\":\"Could not ");
            check_has(outcome.last, rows[i].says);
            check_has(outcome.last, svi_status_code(rows[i].status));
        }
    }
}

static void a_failed_status_that_is_not_taken_is_no_end(void **state)
{
    (void)state;
    static const struct fake_rule rules[] = { { "GET /api/jobs/job-metadata/", FAKE_STATUS, 404, 0, 0, false, false },
                                              { "POST /api/jobs/update-job-status/", FAKE_STATUS, 503, 0, 1, false, false } };
    struct outcome outcome = run_job(good, rules, ROWS(rules), DRAWS, 0);
    assert_string_equal(outcome.story, "running metadata failed failed failed");
    assert_int_equal(outcome.worker.end, SVI_WORKER_NO_END);
    assert_int_equal(svi_worker_exit_code(&outcome.worker, &outcome.err), 75);
}

static void a_job_that_cannot_be_done_is_failed(void **state)
{
    (void)state;
    static const struct {
        const char *metadata;
        enum drawing drawing;
        unsigned limit;
        const char *story;
        enum svi_status status;
        unsigned drawings;
        const char *says;
    } rows[] = {
        { METADATA("7", "hologram", "null", TWO_FILES), DRAWS, 0, "running metadata failed", SVI_UNKNOWN_TYPE, 0,
          "\\\"hologram\\\". Known types: spectrogram, waterfall." },
        { METADATA("8", "waterfall", "null", TWO_FILES), DRAWS, 0, "running metadata failed", SVI_NO_JOB_INFO, 0, "another job" },
        { METADATA("7", "waterfall", "null", ""), DRAWS, 0, "running metadata failed", SVI_FETCH_FAILED, 0, "no local files" },
        { good, DRAWS, 30, "running metadata file:12 file:13 failed", SVI_FETCH_FAILED, 0,
          "one_x7.sigmf-data. The file is larger" },
        { good, FAILS, 0, UP_TO_FILES " failed", SVI_BAD_PARAMETER, 1, "fftSize is 3: it must be at least 16." },
        { good, DIES, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "killed by signal 11" },
        { good, LEAVES_NOTHING, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "did not leave" },
        { good, LEAVES_A_LINK, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "did not leave" },
        { good, NAMES_A_PATH, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "cannot be" },
        { good, LEAVES_BAD_JSON, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "line 1" },
        { good, LEAVES_EMPTY_JSON, 0, UP_TO_FILES " failed", SVI_RENDERER_DIED, 1, "empty" },
        { good, IS_STOPPED, 0, UP_TO_FILES " failed", SVI_CANCELLED, 1, "The job was terminated by signal 15." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct outcome outcome = run_job(rows[i].metadata, NULL, 0, rows[i].drawing, rows[i].limit);
        if (outcome.err.status != rows[i].status || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: %s: %s [%s] after \"%s\"", i, svi_status_code(outcome.err.status), outcome.err.message,
                     outcome.err.cause, outcome.story);
        assert_false(outcome.done);
        assert_int_equal(outcome.worker.end, SVI_WORKER_FAILED);
        assert_int_equal(svi_worker_exit_code(&outcome.worker, &outcome.err), 1);
        assert_int_equal(outcome.drawings, rows[i].drawings);
        check_has(outcome.last, rows[i].says);
        check_has(outcome.last, svi_status_code(rows[i].status));
    }
}

struct parallel {
    struct fake_service *service;
    bool done;
};

static bool draw_anything(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome,
                          struct svi_error *err)
{
    (void)self;
    (void)err;
    *outcome = usual_outcome;
    leave(order->folder, "waterfall.png", "picture");
    leave(order->folder, "waterfall.json", "{\"a\": 1}");
    return true;
}

static void *run_in_thread(void *self)
{
    struct parallel *parallel = self;
    const struct svi_worker worker = { .api_url = fake_service_url(parallel->service),
                                       .policy = svi_http_standard_policy,
                                       .work_folder = work_folder,
                                       .renderer = { .knows = knows, .types = list_types, .render = draw_anything } };
    struct svi_worker_outcome outcome;
    struct svi_error err = { 0 };
    parallel->done = svi_worker_run(&worker, &usual_assignment, &outcome, &err);
    return NULL;
}

static void jobs_run_side_by_side(void **state)
{
    (void)state;
    const struct fake_settings settings = { .token = SECRET, .metadata = good, .file = content, .file_bytes = strlen(content) };
    struct fake_service *service = fake_service_start(&settings);
    struct parallel jobs[4];
    pthread_t threads[ROWS(jobs)];
    for (size_t i = 0; i < ROWS(jobs); i++) {
        jobs[i] = (struct parallel){ .service = service };
        assert_int_equal(pthread_create(&threads[i], NULL, run_in_thread, &jobs[i]), 0);
    }
    for (size_t i = 0; i < ROWS(jobs); i++) {
        pthread_join(threads[i], NULL);
        assert_true(jobs[i].done);
    }
    assert_int_equal(fake_service_requests(service), 7 * ROWS(jobs));
    assert_int_equal(folders_left(), 0);
    fake_service_stop(service);
}

static void a_work_folder_that_cannot_be_fails_the_job(void **state)
{
    (void)state;
    char kept[sizeof work_folder];
    memcpy(kept, work_folder, sizeof kept);
    svi_format(work_folder, sizeof work_folder, "/dev/null/below");
    struct outcome outcome = run_job(good, NULL, 0, DRAWS, 0);
    memcpy(work_folder, kept, sizeof kept);
    assert_string_equal(outcome.story, "running metadata failed");
    assert_int_equal(outcome.err.status, SVI_IO);
    assert_int_equal(outcome.worker.end, SVI_WORKER_FAILED);
}

int main(void)
{
    svi_format(work_folder, sizeof work_folder, "%s/work", scratch_folder());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_job_is_completed_with_both_ids),      cmocka_unit_test(several_pictures_are_posted_in_their_order),
        cmocka_unit_test(a_fault_at_every_door_has_its_end),          cmocka_unit_test(a_failed_status_that_is_not_taken_is_no_end),
        cmocka_unit_test(a_job_that_cannot_be_done_is_failed),        cmocka_unit_test(jobs_run_side_by_side),
        cmocka_unit_test(a_work_folder_that_cannot_be_fails_the_job), cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
