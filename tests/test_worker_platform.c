/* test_worker_platform - the worker and the embedded platform agree: each job's status rows in order, its results, its privacy. */
#include "host/worker.h"

#include "base/file.h"
#include "host/outbox.h"

#include "platform_fixture.h"

static char work_folder[700];

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

static const struct svi_render_outcome usual_outcome = {
    .results = { { SVI_RESULT_PICTURE, "waterfall.png" }, { SVI_RESULT_SUMMARY, "waterfall.json" } }, .result_count = 2
};

/* self: not NULL where the picture is not to be. */
static bool draw(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct svi_buffer text;
    struct svi_error unread = { 0 };
    check_ok(svi_file_read(&text, order->files[0].path, "input", 100, &unread), unread);
    assert_string_equal((char *)text.at, "0123456789");
    svi_buffer_clear(&text);
    if (self)
        return svi_fail(err, SVI_BAD_RECORDING, "rec.csv holds ten digits and no recording.");
    *outcome = usual_outcome;
    leave(order->folder, outcome->results[0].name, "the picture");
    leave(order->folder, outcome->results[1].name, "{\"schema\": \"svi-worker.summary/1\"}");
    return true;
}

static bool work_on(const struct svi_assignment *assignment, void *broken, struct svi_worker_outcome *outcome,
                    struct svi_error *err)
{
    const struct svi_worker worker = {
        .api_url = svi_platform_url(platform_fixture.platform),
        .policy = {
            .tries = 2,
            .backoff_s = 0.001,
            .longest_pause_s = 0.01,
            .connect_timeout_s = 10.0,
            .total_timeout_s = 20.0,
            .stall_timeout_s = 20.0,
            .stall_speed = 1,
            .lookup_pause_s = 0.001,
            .answer_limit_bytes = 1 << 20,
        },
        .work_folder = work_folder,
        .renderer = { .self = broken, .knows = knows, .types = list_types, .render = draw },
    };
    return svi_worker_run(&worker, assignment, outcome, err);
}

static bool work(int64_t job, const char *token, void *broken, struct svi_worker_outcome *outcome, struct svi_error *err)
{
    return work_on(&(struct svi_assignment){ .job = job, .token = token }, broken, outcome, err);
}

/* "pending submitted running completed": the rows as they stand in the database. */
static void check_rows(int64_t job, const char *expected)
{
    struct svi_platform_store *store = NULL;
    struct svi_error err = { 0 };
    json_t *rows = NULL;
    check_ok(svi_platform_store_open(&store, platform_fixture.folder, SVI_PLATFORM_GUEST, &err), err);
    assert_int_equal(svi_platform_store_statuses(store, job, &rows, &err), SVI_PLATFORM_DONE);
    struct svi_buffer text;
    svi_buffer_init(&text, 4096);
    for (size_t i = 0; i < json_array_size(rows); i++)
        svi_buffer_add_text(&text, "%s%s", i ? " " : "", json_string_value(json_object_get(json_array_get(rows, i), "status")));
    assert_string_equal((char *)text.at, expected);
    svi_buffer_clear(&text);
    json_decref(rows);
    svi_platform_store_close(store);
}

static struct platform_told ask_for_job(int64_t job)
{
    return platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
}

static void a_job_is_completed_with_its_results(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    struct svi_worker_outcome outcome;
    struct svi_error err = { 0 };
    check_ok(work(job, platform_fixture.ann, NULL, &outcome, &err), err);
    check_rows(job, "pending submitted running completed");

    struct platform_told told = ask_for_job(job);
    assert_int_equal(json_integer_value(platform_at(&told, "data.results_id")), outcome.results_id);
    platform_forget(&told);
    char path[100];
    svi_format(path, sizeof path, "/api/jobs/job-data/%lld/?download=true", (long long)outcome.results_id);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    assert_string_equal((char *)told.bytes.at, "the picture");
    check_has(told.headers, "waterfall.png");
    platform_forget(&told);
    told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-data", outcome.json_data_id) });
    assert_string_equal(platform_text_at(&told, "data.json_data.schema"), "svi-worker.summary/1");
    platform_forget(&told);

    /* Once more: the job has ended and is left as it is. */
    assert_false(work(job, platform_fixture.ann, NULL, &outcome, &err));
    assert_int_equal(outcome.end, SVI_WORKER_NOT_BEGUN);
    check_rows(job, "pending submitted running completed");
}

static void a_job_that_cannot_be_drawn_is_failed_with_the_reason(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    struct svi_worker_outcome outcome;
    struct svi_error err = { 0 };
    assert_false(work(job, platform_fixture.ann, &outcome, &outcome, &err));
    assert_int_equal(outcome.end, SVI_WORKER_FAILED);
    check_rows(job, "pending submitted running failed");
    struct platform_told told = ask_for_job(job);
    assert_string_equal(platform_text_at(&told, "data.error"), "rec.csv holds ten digits and no recording.");
    platform_forget(&told);
}

/* As a power cut leaves it: the worker knows under which ids its results were saved, and the platform does not. */
static void results_that_the_platform_has_lost_are_saved_again(void **state)
{
    (void)state;
    const int64_t job = platform_submit(platform_fixture.ann);
    const struct svi_outbox_place place = { work_folder, svi_platform_url(platform_fixture.platform), job };
    struct svi_outbox *outbox = NULL;
    struct svi_worker_outcome outcome;
    struct svi_error err = { 0 };
    char folder[800];
    svi_format(folder, sizeof folder, "%s/results", work_folder);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    leave(folder, usual_outcome.results[0].name, "the picture");
    leave(folder, usual_outcome.results[1].name, "{\"schema\": \"svi-worker.summary/1\"}");
    check_ok(svi_outbox_put(&outbox, &place, folder, usual_outcome.results, usual_outcome.result_count, &err), err);
    svi_outbox_saved(outbox, 0, 4001);
    svi_outbox_saved(outbox, 1, 4002);
    svi_outbox_close(outbox);

    const struct svi_assignment again = { .job = job, .token = platform_fixture.ann, .repeated = true };
    check_ok(work_on(&again, &outcome, &outcome, &err), err); /* nothing is drawn */
    check_rows(job, "pending submitted running completed");
    assert_int_equal(outcome.results_id, 1);
    assert_int_equal(outcome.json_data_id, 2);
    struct platform_told told = ask_for_job(job);
    assert_int_equal(json_integer_value(platform_at(&told, "data.results_id")), outcome.results_id);
    platform_forget(&told);
}

static void jobs_of_others_are_not_touched(void **state)
{
    (void)state;
    static const char nobody[] = "0123456789012345678901234567890123456789";
    int64_t job = platform_submit(platform_fixture.ann);
    const struct {
        int64_t job;
        const char *token;
        enum svi_status status;
    } rows[] = { { job, platform_fixture.bob, SVI_NOT_FOUND },
                 { job, nobody, SVI_UNAUTHORIZED },
                 { job + 1, platform_fixture.ann, SVI_NOT_FOUND } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_worker_outcome outcome;
        struct svi_error err = { 0 };
        assert_false(work(rows[i].job, rows[i].token, NULL, &outcome, &err));
        assert_int_equal(outcome.end, SVI_WORKER_NOT_BEGUN);
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
    }
    check_rows(job, "pending submitted");
}

int main(void)
{
    svi_format(work_folder, sizeof work_folder, "%s/work", scratch_folder());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_is_completed_with_its_results, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(a_job_that_cannot_be_drawn_is_failed_with_the_reason, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(results_that_the_platform_has_lost_are_saved_again, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(jobs_of_others_are_not_touched, platform_set_up, platform_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
