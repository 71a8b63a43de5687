/* test_fetch - a job that names a capture: which files it gets, what is asked of the platform for them, and how each fault ends. */
#include "host/worker.h"

#include "fake_service.h"
#include "secret.h"

#define JOB(config, files)                                                                                                         \
    "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"waterfall\", \"status\": \"running\", \"config\": " config    \
    ", \"local_files\": [" files "], \"remote_files\": []}}"
#define CAPTURE(type, files) "{\"uuid\": \"1b2c\", \"owner\": \"ann\", \"name\": \"n\", \"type\": " type ", \"files\": " files "}"
#define LIST(captures)       "{\"captures\": [" captures "], \"error\": []}"
#define FILE_OF(uuid, name)  "{\"uuid\": \"" uuid "\", \"name\": \"" name "\"}"
#define TWO_FILES            "[" FILE_OF("f1", "a/rf@1.000.h5") ", " FILE_OF("x", "notes.txt") ", " FILE_OF("f2", "drf_properties.h5") "]"

static const char drf_job[] = JOB("{\"capture_type\": \"drf\", \"capture_ids\": [\"1b2c\"]}", "");
static const char rh_job[] = JOB("{\"capture_ids\": [\"1b2c\"]}", "");
static const char drf_list[] = LIST("{\"uuid\": \"1b\", \"type\": \"rh\", \"files\": []}, " CAPTURE("\"drf\"", TWO_FILES));
static const char rh_list[] = LIST(CAPTURE("\"rh\"", "[" FILE_OF("f1", "a.rh.json") "]"));

static const char hdf5[] = "\x89HDF\r\n\x1A\n and so on";
static const char radiohound[] = " {\"data\": \"AAAA\", \"type\": \"float32\"}";
static char work_folder[4096];

/* What the renderer was given. */
struct given {
    size_t count;
    char labels[256];
    const char *content; /* of every file */
};

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
    struct given *given = self;
    (void)err;
    given->count = order->file_count;
    for (size_t i = 0; i < order->file_count; i++) {
        struct svi_buffer text;
        struct svi_error unread = { 0 };
        size_t used = strlen(given->labels);
        if (i < 4)
            svi_format(given->labels + used, sizeof given->labels - used, "%s%s", i ? " " : "", order->files[i].label);
        check_ok(svi_file_read(&text, order->files[i].path, "input", 1000, &unread), unread);
        assert_string_equal((char *)text.at, given->content);
        svi_buffer_clear(&text);
    }
    *outcome = (struct svi_render_outcome){ { { SVI_RESULT_PICTURE, "waterfall.png" }, { SVI_RESULT_SUMMARY, "waterfall.json" } },
                                            2 };
    leave(order->folder, "waterfall.png", "picture");
    leave(order->folder, "waterfall.json", "{\"a\": 1}");
    return true;
}

struct wish {
    const char *metadata, *captures, *content;
    const struct fake_rule *rules;
    size_t rule_count;
    unsigned downloads;
    uint64_t limit_bytes;
    double stall_timeout_s;
};

struct outcome {
    bool done;
    struct svi_error err;
    struct given given;
    char story[4096];
};

static struct outcome work(const struct wish *wish)
{
    struct outcome outcome = { .given.content = wish->content };
    const struct fake_settings settings = { .token = SECRET,
                                            .metadata = wish->metadata,
                                            .captures = wish->captures,
                                            .file = wish->content,
                                            .file_bytes = strlen(wish->content),
                                            .rules = wish->rules,
                                            .rule_count = wish->rule_count };
    struct fake_service *service = fake_service_start(&settings);
    const struct svi_worker worker = {
        .api_url = fake_service_url(service),
        .policy = { .tries = 3,
                    .backoff_s = 0.001,
                    .longest_pause_s = 0.01,
                    .connect_timeout_s = 5.0,
                    .total_timeout_s = 20.0,
                    .stall_timeout_s = wish->stall_timeout_s > 0 ? wish->stall_timeout_s : 1.0,
                    .stall_speed = 1000,
                    .lookup_pause_s = 0.001,
                    .answer_limit_bytes = 16 << 20 },
        .work_folder = work_folder,
        .input_limit_bytes = wish->limit_bytes,
        .downloads = wish->downloads ? wish->downloads : 1,
        .renderer = { .self = &outcome.given, .knows = knows, .types = list_types, .render = draw },
    };
    struct svi_worker_outcome end;
    outcome.done = svi_worker_run(&worker, &(struct svi_assignment){ .job = 7, .token = SECRET }, &end, &outcome.err);
    assert_int_equal(end.end, outcome.done ? SVI_WORKER_COMPLETED : SVI_WORKER_FAILED);
    svi_format(outcome.story, sizeof outcome.story, "%s", fake_service_story(service));
    fake_service_stop(service);
    check_no_secret(outcome.err);
    assert_null(strchr(outcome.story, '!'));
    return outcome;
}

static void the_files_of_the_capture_are_fetched(void **state)
{
    (void)state;
    struct outcome outcome = work(&(struct wish){ .metadata = drf_job, .captures = drf_list, .content = hdf5 });
    check_ok(outcome.done, outcome.err);
    assert_string_equal(outcome.story, "running metadata captures content:f1 content:f2 picture summary completed");
    assert_string_equal(outcome.given.labels, "rf@1.000.h5 drf_properties.h5");

    outcome = work(&(struct wish){ .metadata = rh_job, .captures = rh_list, .content = radiohound });
    check_ok(outcome.done, outcome.err);
    assert_string_equal(outcome.story, "running metadata captures content:f1 picture summary completed");
    assert_string_equal(outcome.given.labels, "a.rh.json");

    /* A capture counts only where no files are attached. */
    outcome = work(&(struct wish){ .metadata = JOB("{\"capture_ids\": [\"1b2c\"]}", "{\"name\": \"data.csv\", \"id\": 12}"),
                                   .content = "1,2" });
    check_ok(outcome.done, outcome.err);
    assert_string_equal(outcome.story, "running metadata file:12 picture summary completed");
}

#define CAPTURES "GET /api/captures/list/", 0
#define FETCH    "GET /api/files/f2/", 0

static void a_fault_at_each_call_has_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *call;
        unsigned after;
        enum fake_fault fault;
        int number;
        unsigned times;
        const char *story, *says; /* says: NULL where the job is done */
    } rows[] = {
#define BEGUN "running metadata captures"
#define BOTH  BEGUN " content:f1 content:f2"
#define DONE  " picture summary completed"
        { CAPTURES, FAKE_STATUS, 500, 1, BEGUN " captures content:f1 content:f2" DONE, NULL },
        { CAPTURES, FAKE_STATUS, 500, 0, BEGUN " captures captures failed", "Could not find the capture." },
        { CAPTURES, FAKE_STATUS, 401, 0, BEGUN " failed", "token" },
        { CAPTURES, FAKE_STATUS, 404, 0, BEGUN " failed", "404" },
        { CAPTURES, FAKE_REDIRECT, 302, 0, BEGUN " failed", "redirect" },
        { CAPTURES, FAKE_NO_JSON, 0, 0, BEGUN " failed", "JSON" },
        { CAPTURES, FAKE_WRONG_JSON, 0, 0, BEGUN " failed", "agreed" },
        { CAPTURES, FAKE_HUGE, 100, 0, BEGUN " failed", "too large" },
        { CAPTURES, FAKE_SHORT, 0, 0, BEGUN " captures captures failed", "cut" },
        { CAPTURES, FAKE_LONG, 0, 0, BEGUN " failed", "JSON" },
        { CAPTURES, FAKE_CUT, 0, 1, BEGUN " captures content:f1 content:f2" DONE, NULL },
        { FETCH, FAKE_STATUS, 500, 1, BOTH " content:f2" DONE, NULL },
        { FETCH, FAKE_STATUS, 502, 0, BOTH " content:f2 content:f2 failed",
          "Could not fetch file drf_properties.h5 of the capture." },
        { FETCH, FAKE_STATUS, 400, 0, BOTH " failed", "refused" },
        { FETCH, FAKE_STATUS, 403, 0, BOTH " failed", "token" },
        { FETCH, FAKE_STATUS, 404, 0, BOTH " failed", "404" },
        { FETCH, FAKE_REDIRECT, 302, 0, BOTH " failed", "redirect" },
        { FETCH, FAKE_CUT_BODY, 10, 1, BOTH " content:f2+10" DONE, NULL },
        { FETCH, FAKE_HANG, 0, 0, BOTH " content:f2 content:f2 failed", "in time" },
        { FETCH, FAKE_NO_HTTP, 0, 0, BOTH " content:f2 failed", "HTTP" },
        /* A page of the data system, with the token in it, comes as 200. */
        { FETCH, FAKE_NO_JSON, 0, 1, BOTH " content:f2" DONE, NULL },
        { FETCH, FAKE_NO_JSON, 0, 0, BOTH " content:f2 content:f2 failed", "What came is not a file of a Digital RF recording" },
        { FETCH, FAKE_WRONG_JSON, 0, 0, BOTH " content:f2 content:f2 failed", "error page" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_rule rule = { rows[i].call, rows[i].fault, rows[i].number, rows[i].times, rows[i].after, false, false };
        struct outcome outcome = work(
            &(struct wish){ .metadata = drf_job, .captures = drf_list, .content = hdf5, .rules = &rule, .rule_count = 1 });
        if (outcome.done != !rows[i].says || strcmp(outcome.story, rows[i].story) != 0)
            fail_msg("row %zu: %s [%s] after \"%s\"", i, outcome.err.message, outcome.err.cause, outcome.story);
        if (rows[i].says) {
            check_has(outcome.err.message, rows[i].says);
            assert_int_equal(outcome.err.status, SVI_FETCH_FAILED);
        }
    }
}

static void a_capture_that_cannot_be_fetched_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *metadata, *captures, *content, *says;
    } rows[] = {
        { JOB("null", ""), drf_list, hdf5, "names no capture" },
        { JOB("{\"capture_ids\": []}", ""), drf_list, hdf5, "names no capture" },
        { JOB("{\"capture_ids\": [\"1b2c\", \"1b\"]}", ""), drf_list, hdf5, "names 2 captures" },
        { JOB("{\"capture_ids\": [7]}", ""), drf_list, hdf5, "the id of one" },
        { JOB("{\"capture_ids\": [\"\"]}", ""), drf_list, hdf5, "the id of one" },
        { JOB("{\"capture_ids\": [\"zz\"]}", ""), drf_list, hdf5, "not among the 2" },
        { JOB("{\"capture_ids\": [\"zz\"]}", ""), "{\"captures\": [], \"error\": [\"SDS is down\"]}", hdf5,
          "not all could be listed" },
        { JOB("{\"capture_type\": \"sigmf\", \"capture_ids\": [\"zz\"]}", ""), drf_list, hdf5, "SigMF capture" },
        { JOB("{\"capture_type\": \"sigmf\", \"capture_ids\": [\"1b2c\"]}", ""), drf_list, hdf5, "capture_type is \"sigmf\"" },
        { drf_job, "[]", hdf5, "agreed" },
        { drf_job, "{\"captures\": {}}", hdf5, "agreed" },
        { drf_job, LIST("7, null, {\"uuid\": 7}"), hdf5, "not among the 3" },
        { drf_job, LIST(CAPTURE("null", TWO_FILES)), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"sigmf\"", TWO_FILES)), hdf5, "type \"sigmf\"" },
        { drf_job, LIST(CAPTURE("\"a\\nb\"", TWO_FILES)), hdf5, "type \"a b\"" },
        { drf_job, LIST(CAPTURE("\"drf\"", "null")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[]")), hdf5, "no files" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[" FILE_OF("f1", "notes.txt") "]")), hdf5, "none of its 1" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[7]")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[{\"name\": \"a.h5\"}]")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[" FILE_OF("", "a.h5") "]")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[" FILE_OF("../../jobs/x", "a.h5") "]")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[" FILE_OF("f1?x=y", "a.h5") "]")), hdf5, "agreed" },
        { drf_job, LIST(CAPTURE("\"drf\"", "[" FILE_OF("f 1", "a.h5") "]")), hdf5, "agreed" },
        { drf_job, drf_list, "\x89HDF", "error page" },
        { drf_job, drf_list, "", "error page" },
        { rh_job, rh_list, "<html>", "error page" },
        { rh_job, rh_list, "{\"detail\": \"Not found.\"}", "error page" },
        { rh_job, rh_list, " ", "error page" },
        { rh_job, rh_list, "[]", "error page" },
        { rh_job, rh_list, "{\"data\": ", "error page" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct outcome outcome = work(
            &(struct wish){ .metadata = rows[i].metadata, .captures = rows[i].captures, .content = rows[i].content });
        if (outcome.done || outcome.err.status != SVI_FETCH_FAILED || !strstr(outcome.err.message, rows[i].says))
            fail_msg("row %zu: %s [%s] after \"%s\"", i, outcome.err.message, outcome.err.cause, outcome.story);
    }
}

/* Four files; each is asked for while the first says nothing. */
static const char four_files[] = LIST(CAPTURE(
    "\"drf\"", "[" FILE_OF("f1", "1.h5") ", " FILE_OF("f2", "2.h5") ", " FILE_OF("f3", "3.h5") ", " FILE_OF("f4", "4.h5") "]"));

static void downloads_go_side_by_side(void **state)
{
    (void)state;
    static const struct fake_rule rule = { .call = "GET /api/files/f1/", .fault = FAKE_HANG, .times = 1 };
    struct outcome outcome = work(&(struct wish){
        .metadata = drf_job, .captures = four_files, .content = hdf5, .rules = &rule, .rule_count = 1, .downloads = 4 });
    check_ok(outcome.done, outcome.err);
    assert_string_equal(outcome.given.labels, "1.h5 2.h5 3.h5 4.h5");
    const char *last_of_first = NULL;
    for (const char *at = outcome.story; (at = strstr(at, "content:f1")); at++)
        last_of_first = at;
    assert_non_null(last_of_first);
    for (int i = 2; i <= 4; i++) {
        char word[20];
        svi_format(word, sizeof word, "content:f%d", i);
        assert_true(strstr(outcome.story, word) < last_of_first);
    }
}

/* The others would wait for ten minutes. */
static void a_failed_download_ends_the_others(void **state)
{
    (void)state;
    static const struct fake_rule rules[] = { { .call = "GET /api/files/f2/", .fault = FAKE_STATUS, .number = 404 },
                                              { .call = "GET /api/files/", .fault = FAKE_HANG } };
    struct outcome outcome = work(&(struct wish){ .metadata = drf_job,
                                                  .captures = four_files,
                                                  .content = hdf5,
                                                  .rules = rules,
                                                  .rule_count = ROWS(rules),
                                                  .downloads = 4,
                                                  .stall_timeout_s = 600 });
    assert_false(outcome.done);
    assert_int_equal(outcome.err.status, SVI_FETCH_FAILED);
    check_has(outcome.err.message, "file 2.h5 of the capture");
}

static void all_files_share_the_room(void **state)
{
    (void)state;
    const uint64_t all_bytes = 4 * strlen(hdf5);
    for (unsigned downloads = 1; downloads <= 4; downloads += 3)
        for (uint64_t limit = all_bytes - 1; limit <= all_bytes; limit++) {
            struct outcome outcome = work(&(struct wish){
                .metadata = drf_job, .captures = four_files, .content = hdf5, .downloads = downloads, .limit_bytes = limit });
            assert_int_equal(outcome.done, limit == all_bytes);
            if (!outcome.done)
                check_has(outcome.err.message, "The file is larger than the");
        }
    /* A page that is thrown away takes no room. */
    static const struct fake_rule rule = { .call = "GET /api/files/f3/", .fault = FAKE_WRONG_JSON, .times = 1 };
    struct outcome outcome = work(&(struct wish){ .metadata = drf_job,
                                                  .captures = four_files,
                                                  .content = hdf5,
                                                  .rules = &rule,
                                                  .rule_count = 1,
                                                  .downloads = 1,
                                                  .limit_bytes = all_bytes + 25 });
    check_ok(outcome.done, outcome.err);
}

static void hundreds_of_files_keep_their_order(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    struct svi_buffer list;
    svi_buffer_init(&list, 1 << 20);
    svi_buffer_add_text(&list, "{\"captures\": [{\"uuid\": \"1b2c\", \"type\": \"drf\", \"files\": [");
    for (int i = 0; i < COUNT; i++)
        svi_buffer_add_text(&list, "%s{\"uuid\": \"f%d\", \"name\": \"rf@%d.h5\"}", i ? ", " : "", i, i);
    svi_buffer_add_text(&list, "]}]}");
    struct outcome outcome = work(
        &(struct wish){ .metadata = drf_job, .captures = (const char *)list.at, .content = hdf5, .downloads = 64 });
    check_ok(outcome.done, outcome.err);
    assert_int_equal(outcome.given.count, COUNT);
    assert_string_equal(outcome.given.labels, "rf@0.h5 rf@1.h5 rf@2.h5 rf@3.h5");
    svi_buffer_clear(&list);
}

int main(void)
{
    svi_format(work_folder, sizeof work_folder, "%s/work", scratch_folder());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_of_the_capture_are_fetched),        cmocka_unit_test(a_fault_at_each_call_has_its_end),
        cmocka_unit_test(a_capture_that_cannot_be_fetched_is_refused), cmocka_unit_test(downloads_go_side_by_side),
        cmocka_unit_test(a_failed_download_ends_the_others),           cmocka_unit_test(all_files_share_the_room),
        cmocka_unit_test(hundreds_of_files_keep_their_order),          cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
