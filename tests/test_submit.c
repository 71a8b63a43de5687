/* test_submit - a job given to the embedded platform, waited for, and its results fetched. A thread of the test is the worker. */
#include "base/file.h"
#include "host/submit.h"

#include <curl/curl.h>
#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform_fixture.h"

static char input[700], output[700];

static int set_up(void **state)
{
    struct svi_error err = { 0 };
    if (platform_set_up(state) != 0)
        return -1;
    snprintf(output, sizeof output, "%s/out/deep", platform_fixture.folder);
    snprintf(input, sizeof input, "%s/it's \"in\" \xC3\xB6.csv", platform_fixture.folder);
    check_ok(svi_file_write(input, svi_bytes_of("1,2,3\n"), &err), err);
    return 0;
}

/* What the worker does with the next job. */
struct script {
    const char *picture, *summary; /* NULL: none is saved */
    const char *further[3];        /* names of further results, which hold "further"; NULL ends them */
    const char *error;             /* not NULL: the job fails with that info */
    pthread_t thread;
};

static int64_t save_picture(const char *token, int64_t job, const char *bytes)
{
    const struct platform_part part = { "p.png", "p.png", "image/png", bytes, 0 };
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = token, .path = platform_path("save-job-data", job), .parts = &part, .part_count = 1 });
    platform_check_status(&told, 201, "picture");
    int64_t id = json_integer_value(json_object_get(platform_at(&told, "data.file_ids"), "p.png"));
    platform_forget(&told);
    return id;
}

static int64_t save_summary(const char *token, int64_t job, const char *json)
{
    char body[200];
    snprintf(body, sizeof body, "{\"json_data\": %s}", json);
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = token, .path = platform_path("save-job-data", job), .json = body });
    platform_check_status(&told, 201, "summary");
    int64_t id = json_integer_value(platform_at(&told, "data.json_data_id"));
    platform_forget(&told);
    return id;
}

static void *work(void *argument)
{
    const struct script *script = argument;
    struct svi_error err = { 0 };
    struct svi_platform_ticket ticket;
    check_ok(svi_platform_take(platform_fixture.platform, &ticket, &err), err);
    platform_set_status(ticket.token, ticket.job, "running", NULL, 201);
    if (script->error) {
        platform_set_status(ticket.token, ticket.job, "failed", script->error, 201);
        return NULL;
    }
    char info[600], further[400] = "", picture[32] = "null", summary[32] = "null";
    if (script->picture)
        snprintf(picture, sizeof picture, "%" PRId64, save_picture(ticket.token, ticket.job, script->picture));
    if (script->summary)
        snprintf(summary, sizeof summary, "%" PRId64, save_summary(ticket.token, ticket.job, script->summary));
    for (size_t i = 0; i < ROWS(script->further) && script->further[i]; i++)
        snprintf(further + strlen(further), sizeof further - strlen(further), ", \"%s\": %" PRId64, script->further[i],
                 save_picture(ticket.token, ticket.job, "further"));
    snprintf(info, sizeof info, "{\"results_id\": %s, \"json_data_id\": %s, \"results\": {\"p.png\": %s%s}}", picture, summary,
             picture, further);
    platform_set_status(ticket.token, ticket.job, "completed", info, 201);
    return NULL;
}

static struct svi_submission submission(const char *type)
{
    static const char *files[2];
    files[0] = files[1] = input;
    return (struct svi_submission){
        .api_url = svi_platform_url(platform_fixture.platform),
        .token = platform_fixture.ann,
        .type = type,
        .config = "{\"fftSize\": 64}",
        .files = files,
        .file_count = 2,
        .wait = true,
        .poll_interval_s = 0.01,
        .results_folder = output,
    };
}

static bool submit_to(struct script *script, const struct svi_submission *wish, struct svi_submission_outcome *outcome,
                      struct svi_error *err)
{
    assert_int_equal(pthread_create(&script->thread, NULL, work, script), 0);
    bool ok = svi_submit(wish, outcome, err);
    assert_int_equal(pthread_join(script->thread, NULL), 0);
    return ok;
}

static void check_output(const char *name, const char *part)
{
    struct svi_error err = { 0 };
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", output, name);
    struct svi_buffer text;
    check_ok(svi_file_read(&text, path, name, 4096, &err), err);
    check_has((char *)text.at, part);
    svi_buffer_clear(&text);
}

static int count_output(void)
{
    DIR *listing = opendir(output);
    int count = 0;
    struct dirent *entry;
    while (listing && (entry = readdir(listing)))
        count += entry->d_name[0] != '.' || entry->d_name[1] == 's';
    if (listing)
        closedir(listing);
    return count;
}

static void results_come_back(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_submission_outcome outcome;
    struct script script = { .picture = "a picture", .summary = "{\"schema\": \"x\", \"max\": -10.2}" };
    struct svi_submission wish = submission("waterfall");
    check_ok(submit_to(&script, &wish, &outcome, &err), err);
    assert_int_equal(outcome.job, 1);
    assert_string_equal(outcome.status, "completed");
    assert_true(outcome.picture_id > 0 && outcome.summary_id > 0);
    assert_string_equal(outcome.picture, "waterfall.png");
    assert_string_equal(outcome.summary, "waterfall.json");
    check_output("waterfall.png", "a picture");
    check_output("waterfall.json", "\"schema\": \"x\"");
    check_output("waterfall.json", "\"max\": -10.2\n");
    assert_int_equal(count_output(), 2);

    /* The platform has both files, under their name, and the config. */
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", 1) });
    assert_string_equal(platform_text_at(&told, "data.type"), "waterfall");
    assert_int_equal(json_integer_value(platform_at(&told, "data.config.fftSize")), 64);
    assert_string_equal(platform_text_at(&told, "data.local_files.0.name"), svi_base_name(input));
    assert_string_equal(platform_text_at(&told, "data.local_files.1.name"), svi_base_name(input));
    platform_forget(&told);

    /* A type that is no file name does not become one, and what is there is replaced. */
    script = (struct script){ .picture = "first" };
    wish = submission("../../evil");
    wish.config = NULL;
    check_ok(submit_to(&script, &wish, &outcome, &err), err);
    assert_string_equal(outcome.picture, "result.png");
    assert_string_equal(outcome.summary, "");
    script.picture = "second";
    check_ok(submit_to(&script, &wish, &outcome, &err), err);
    check_output("result.png", "second");
    assert_int_equal(count_output(), 3);
}

static void further_results_come_back_under_names_that_lead_nowhere(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_submission_outcome outcome;
    struct script script = { .picture = "a picture",
                             .summary = "{\"a\": 1}",
                             .further = { "waterfall_slices.json", "../../evil.json", "x.y.z" } };
    const struct svi_submission wish = submission("waterfall");
    check_ok(submit_to(&script, &wish, &outcome, &err), err);
    assert_int_equal(outcome.further_count, 3);
    assert_string_equal(outcome.further[0], "waterfall_slices.json");
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(strncmp(outcome.further[i], "result-", 7), 0);
    for (size_t i = 0; i < 3; i++)
        check_output(outcome.further[i], "further");
    check_output("waterfall.png", "a picture");
    assert_int_equal(count_output(), 5);
}

static void a_failed_job_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *info, *message;
    } rows[] = {
        { "{\"error\": \"The recording ends too early.\", \"code\": \"bad_recording\"}", "The recording ends too early." },
        { "{\"error\": 7}", "does not say why" },
        { "{}", "does not say why" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_submission_outcome outcome;
        struct script script = { .error = rows[i].info };
        const struct svi_submission wish = submission("waterfall");
        assert_false(submit_to(&script, &wish, &outcome, &err));
        assert_int_equal(err.status, SVI_JOB_FAILED);
        check_has(err.message, rows[i].message);
        assert_string_equal(outcome.status, "failed");
        assert_int_equal(count_output(), 0);
    }
}

static void without_waiting(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_submission_outcome outcome;
    struct svi_submission wish = submission("waterfall");
    wish.wait = false;
    wish.file_count = 0;
    check_ok(svi_submit(&wish, &outcome, &err), err);
    assert_string_equal(outcome.status, "submitted");
    assert_int_equal(outcome.job, 1);
    assert_int_equal(count_output(), 0);
}

static void waits_that_end(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_submission_outcome outcome;
    struct svi_submission wish = submission("waterfall");
    wish.time_limit_s = 0.05;
    assert_false(svi_submit(&wish, &outcome, &err));
    assert_int_equal(err.status, SVI_TIME_LIMIT);
    check_has(err.message, "submitted");
    assert_int_equal(outcome.job, 1);

    svi_error_clear(&err);
    const atomic_int stop = 1;
    wish.time_limit_s = 0;
    wish.stop = &stop;
    assert_false(svi_submit(&wish, &outcome, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
}

static void make_large(char *path, size_t size, off_t bytes)
{
    snprintf(path, size, "%s/large", platform_fixture.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), bytes), 0);
    fclose(file);
}

static void what_is_not_accepted(void **state)
{
    (void)state;
    char none[1000], large[1000];
    snprintf(none, sizeof none, "%s/none.csv", platform_fixture.folder);
    make_large(large, sizeof large, PLATFORM_MAX_UPLOAD_BYTES + 1);
    const struct {
        const char *url, *token, *type, *config, *file;
        enum svi_status status;
        const char *message;
    } rows[] = {
        { NULL, "none", "x", NULL, input, SVI_UNAUTHORIZED, "token" },
        { NULL, NULL, "x", NULL, none, SVI_IO, "none.csv cannot be opened" },
        { NULL, NULL, "x", NULL, platform_fixture.folder, SVI_IO, "not a regular file" },
        { NULL, NULL, "x", NULL,
          "a\xFF"
          "b.csv",
          SVI_BAD_PARAMETER,
          "The name of the file a\xEF\xBF\xBD"
          "b.csv is not UTF-8" },
        { NULL, NULL, "x", NULL, large, SVI_BAD_PARAMETER, "larger than this platform takes" },
        { NULL, NULL, "", NULL, input, SVI_BAD_ANSWER, "refused" },
        { NULL, NULL, "x", "{oops", input, SVI_BAD_ANSWER, "refused" },
        { "ftp://127.0.0.1/", NULL, "x", NULL, input, SVI_BAD_USAGE, "URL" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_submission_outcome outcome;
        struct svi_submission wish = submission(rows[i].type);
        wish.api_url = rows[i].url ? rows[i].url : wish.api_url;
        wish.token = rows[i].token ? rows[i].token : wish.token;
        wish.config = rows[i].config;
        wish.files = &rows[i].file;
        wish.file_count = 1;
        assert_false(svi_submit(&wish, &outcome, &err));
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
        check_has(err.message, rows[i].message);
        assert_null(strstr(err.message, platform_fixture.folder));
        assert_null(strstr(err.cause, platform_fixture.ann));
        assert_int_equal(outcome.job, 0);
    }
    assert_int_equal(platform_count_files(), 0);
    assert_int_equal(platform_count("incoming"), 0);
}

static void a_result_that_cannot_be_written(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_submission_outcome outcome;
    struct script script = { .picture = "a picture" };
    struct svi_submission wish = submission("waterfall");
    wish.results_folder = input; /* a file stands there */
    assert_false(submit_to(&script, &wish, &outcome, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_string_equal(outcome.status, "completed");
    assert_string_equal(outcome.picture, "");
}

#define ON_A_PLATFORM(test) cmocka_unit_test_setup_teardown(test, set_up, platform_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PLATFORM(further_results_come_back_under_names_that_lead_nowhere),
        ON_A_PLATFORM(results_come_back),
        ON_A_PLATFORM(a_failed_job_says_why),
        ON_A_PLATFORM(without_waiting),
        ON_A_PLATFORM(waits_that_end),
        ON_A_PLATFORM(what_is_not_accepted),
        ON_A_PLATFORM(a_result_that_cannot_be_written),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
