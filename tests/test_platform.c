/* test_platform - the calls of the embedded platform through real HTTP, good and bad. */
#include "base/file.h"
#include "host/platform_answer.h"

#include <curl/curl.h>

#include "platform_fixture.h"

/* --- who may call what --- */

static void tokens_paths_and_methods(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    assert_int_equal(job, 1);
    const char *ann = platform_fixture.ann;
    const struct {
        const char *method, *path, *token;
        long status;
        const char *header; /* that is in the answer's */
    } rows[] = {
        { "GET", "/api/jobs/job-metadata/1/", ann, 200, "Content-Type: application/json" },
        { "GET", "/api/jobs/job-metadata/1/", NULL, 401, "WWW-Authenticate: Token" },
        { "GET", "/api/jobs/job-metadata/1/", "", 401, NULL },
        { "GET", "/api/jobs/job-metadata/1/", "0123456789012345678901234567890123456789", 401, NULL },
        { "GET", "/api/jobs/job-metadata/1/", "' OR '1'='1", 401, NULL },
        { "GET", "/api/jobs/job-metadata/1/", platform_fixture.bob, 404, NULL },
        { "GET", "/api/jobs/job-metadata/2/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/0/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/-1/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/x/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/1x/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/99999999999999999999/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata//", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/1/more/", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/../../x/", ann, 404, NULL },
        { "GET", "/api/jobs/none/", ann, 404, NULL },
        { "GET", "/", NULL, 404, NULL },
        { "GET", "/%00%ff", ann, 404, NULL },
        { "GET", "/api/jobs/job-metadata/1", ann, 301, "Location: /api/jobs/job-metadata/1/\r\n" },
        { "GET", "/api/jobs/job-file/1?file_type=local", ann, 301, "Location: /api/jobs/job-file/1/?file_type=local\r\n" },
        { "POST", "/api/jobs/update-job-status", ann, 404, NULL },
        { "POST", "/api/jobs/job-metadata/1/", ann, 405, "Allow: GET, HEAD" },
        { "DELETE", "/api/jobs/job-metadata/1/", ann, 405, "Allow: GET, HEAD" },
        { "GET", "/api/jobs/update-job-status/", ann, 405, "Allow: POST" },
        { "PUT", "/api/jobs/save-job-data/1/", ann, 405, "Allow: POST" },
        { "PUT", "/api/jobs/submit-job/", NULL, 401, NULL },
        { "POST", "/api/jobs/save-job-data/1/", platform_fixture.bob, 404, NULL },
        { "GET", "/api/jobs/job-file/1/?file_type=local", platform_fixture.bob, 404, NULL },
        { "GET", "/api/jobs/job-file/7/?file_type=local", ann, 404, NULL },
        { "GET", "/api/jobs/job-file/1/", ann, 400, NULL },
        { "GET", "/api/jobs/job-file/1/?file_type=remote", ann, 400, NULL },
        { "GET", "/api/jobs/job-data/7/", ann, 404, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct platform_told told = platform_ask(
            &(struct platform_ask){ .method = rows[i].method, .path = rows[i].path, .token = rows[i].token });
        platform_check_status(&told, rows[i].status, rows[i].path);
        assert_non_null(told.json);
        if (rows[i].status == 401)
            assert_non_null(platform_at(&told, "detail"));
        if (rows[i].header)
            check_has(told.headers, rows[i].header);
        platform_forget(&told);
    }
    platform_check(&(struct platform_ask){ .authorization = "Authorization: Bearer x", .path = "/api/jobs/job-metadata/1/" }, 401);
}

static void another_user_sees_nothing(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    platform_set_status(platform_fixture.bob, job, "running", NULL, 404);
    platform_set_status(platform_fixture.ann, job, "running", NULL, 201);
    platform_check(&(struct platform_ask){ .token = platform_fixture.bob,
                                           .path = platform_path("save-job-data", job),
                                           .json = "{\"json_data\": {\"a\": 1}}" },
                   404);
    struct platform_told told = platform_ask(&(struct platform_ask){
        .token = platform_fixture.ann, .path = platform_path("save-job-data", job), .json = "{\"json_data\": {\"a\": 1}}" });
    int64_t result = json_integer_value(platform_at(&told, "data.json_data_id"));
    assert_true(result > 0);
    platform_forget(&told);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-data", result) }, 200);
    platform_check(&(struct platform_ask){ .token = platform_fixture.bob, .path = platform_path("job-data", result) }, 404);
    platform_check(&(struct platform_ask){ .token = platform_fixture.bob,
                                           .path = "/api/jobs/submit-job/",
                                           .json = "{\"type\": \"x\", \"local_files\": [\"rec.csv\"]}" },
                   400);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/submit-job/",
                                           .json = "{\"type\": \"x\", \"local_files\": [\"rec.csv\"]}" },
                   201);
}

/* --- a job from door to door --- */

static void a_job_from_door_to_door(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
    assert_string_equal(platform_text_at(&told, "status"), "success");
    assert_int_equal(json_integer_value(platform_at(&told, "job_id")), job);
    assert_string_equal(platform_text_at(&told, "data.status"), "submitted");
    assert_string_equal(platform_text_at(&told, "data.type"), "waterfall");
    assert_int_equal(strlen(platform_text_at(&told, "data.user_id")), 36);
    assert_string_equal(platform_text_at(&told, "data.local_files.0.name"), "rec.csv");
    assert_int_equal(json_array_size(platform_at(&told, "data.remote_files")), 0);
    assert_int_equal(json_integer_value(platform_at(&told, "data.config.fftSize")), 64);
    static const char *const nulls[] = { "data.memory_warning", "data.results_id", "data.error" };
    for (size_t i = 0; i < ROWS(nulls); i++)
        assert_true(json_is_null(platform_at(&told, nulls[i])));
    platform_forget(&told);

    /* As a form, info is a JSON text. */
    char form[200];
    snprintf(form, sizeof form, "job=%lld&status=running&info=%%7B%%22memory_warning%%22%%3A%%22tight%%22%%7D", (long long)job);
    told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .form = form });
    platform_check_status(&told, 201, form);
    assert_int_equal(json_integer_value(platform_at(&told, "data.job_id")), job);
    assert_string_equal(platform_text_at(&told, "data.status"), "running");
    assert_string_equal(platform_text_at(&told, "data.info.memory_warning"), "tight");
    assert_int_equal(strlen(platform_text_at(&told, "data.created_at")), 27);
    platform_forget(&told);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
    assert_string_equal(platform_text_at(&told, "data.memory_warning"), "tight");
    platform_forget(&told);

    static const char picture[] = "\x89PNG\r\n--\0\r\n bytes";
    const struct platform_part parts[] = { { "waterfall.png", "w \"1\".png", "image/png", picture, sizeof picture },
                                           { "empty", "e.bin", NULL, "", 0 } };
    told = platform_ask(&(struct platform_ask){
        .token = platform_fixture.ann, .path = platform_path("save-job-data", job), .parts = parts, .part_count = 2 });
    platform_check_status(&told, 201, "save");
    json_t *ids = platform_at(&told, "data.file_ids");
    int64_t picture_id = json_integer_value(json_object_get(ids, "waterfall.png")),
            empty_id = json_integer_value(json_object_get(ids, "empty"));
    assert_true(picture_id > 0 && empty_id > 0 && picture_id != empty_id);
    assert_null(platform_at(&told, "data.json_data_id"));
    platform_forget(&told);
    told = platform_ask(&(struct platform_ask){
        .token = platform_fixture.ann, .path = platform_path("save-job-data", job), .json = "{\"json_data\": {\"peak\": 3.5}}" });
    platform_check_status(&told, 201, "save");
    int64_t summary_id = json_integer_value(platform_at(&told, "data.json_data_id"));
    platform_forget(&told);

    char info[100];
    snprintf(info, sizeof info, "{\"results_id\": %lld, \"json_data_id\": %lld}", (long long)picture_id, (long long)summary_id);
    platform_set_status(platform_fixture.ann, job, "completed", info, 201);
    platform_set_status(platform_fixture.ann, job, "completed", info, 201);
    platform_set_status(platform_fixture.ann, job, "running", NULL, 409);

    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
    assert_string_equal(platform_text_at(&told, "data.status"), "completed");
    assert_int_equal(json_integer_value(platform_at(&told, "data.results_id")), picture_id);
    assert_int_equal(json_integer_value(platform_at(&told, "data.json_data_id")), summary_id);
    platform_forget(&told);

    char path[128];
    snprintf(path, sizeof path, "/api/jobs/job-data/%lld/", (long long)picture_id);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    assert_string_equal(platform_text_at(&told, "data.file_metadata.filename"), "w \"1\".png");
    assert_string_equal(platform_text_at(&told, "data.file_metadata.content_type"), "image/png");
    assert_int_equal(json_integer_value(platform_at(&told, "data.file_metadata.size")), sizeof picture);
    assert_true(json_is_null(platform_at(&told, "data.json_data")));
    snprintf(path, sizeof path, "%s", platform_text_at(&told, "data.file_metadata.url"));
    platform_forget(&told);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    assert_int_equal(told.bytes.count, sizeof picture);
    assert_memory_equal(told.bytes.at, picture, sizeof picture);
    check_has(told.headers, "Content-Type: image/png\r\n");
    check_has(told.headers, "Content-Disposition: attachment; filename=\"w _1_.png\"; filename*=UTF-8''w%20%221%22.png\r\n");
    check_has(told.headers, "X-Content-Type-Options: nosniff");
    platform_forget(&told);

    snprintf(path, sizeof path, "/api/jobs/job-data/%lld/?download=true", (long long)empty_id);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    platform_check_status(&told, 200, "empty");
    assert_int_equal(told.bytes.count, 0);
    platform_forget(&told);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-data", summary_id) });
    check_near(json_real_value(platform_at(&told, "data.json_data.peak")), 3.5, 0);
    assert_true(json_is_null(platform_at(&told, "data.file_metadata")));
    platform_forget(&told);
    snprintf(path, sizeof path, "/api/jobs/job-data/%lld/?download=true", (long long)summary_id);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    check_near(json_real_value(platform_at(&told, "peak")), 3.5, 0);
    check_has(told.headers, "Content-Disposition: attachment; filename=\"json_data_");
    platform_forget(&told);
}

static void check_ranges(int64_t file)
{
    char path[128];
    snprintf(path, sizeof path, "/api/jobs/job-file/%lld/?file_type=local", (long long)file);
    static const struct {
        const char *range, *bytes, *header;
        long status;
    } rows[] = {
        { NULL, "0123456789", "Content-Length: 10\r\n", 200 },
        { "Range: bytes=2-4", "234", "Content-Range: bytes 2-4/10\r\n", 206 },
        { "Range: bytes=7-", "789", "Content-Range: bytes 7-9/10\r\n", 206 },
        { "Range: bytes=7-99", "789", "Content-Range: bytes 7-9/10\r\n", 206 },
        { "Range: bytes=-3", "789", "Content-Range: bytes 7-9/10\r\n", 206 },
        { "Range: bytes=-99", "0123456789", "Content-Range: bytes 0-9/10\r\n", 206 },
        { "Range: bytes=0-0", "0", "Content-Length: 1\r\n", 206 },
        { "Range: bytes=9-9", "9", "Content-Length: 1\r\n", 206 },
        { "Range: bytes=10-", NULL, "Content-Range: bytes */10\r\n", 416 },
        { "Range: bytes=-0", NULL, "Content-Range: bytes */10\r\n", 416 },
        { "Range: bytes=5-4", "0123456789", "Accept-Ranges: bytes\r\n", 200 },
        { "Range: bytes=1-2,4-5", "0123456789", "Content-Length: 10\r\n", 200 },
        { "Range: bytes=-", "0123456789", "Content-Length: 10\r\n", 200 },
        { "Range: lines=1-2", "0123456789", "Content-Length: 10\r\n", 200 },
        { "Range: bytes=99999999999999999999-", "0123456789", "Content-Length: 10\r\n", 200 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct platform_told told = platform_ask(
            &(struct platform_ask){ .token = platform_fixture.ann, .path = path, .header = rows[i].range });
        platform_check_status(&told, rows[i].status, rows[i].range ? rows[i].range : "no range");
        check_has(told.headers, rows[i].header);
        if (rows[i].bytes)
            assert_string_equal((char *)told.bytes.at, rows[i].bytes);
        platform_forget(&told);
    }
    struct platform_told told = platform_ask(&(struct platform_ask){
        .token = platform_fixture.ann, .path = path, .header = "Range: bytes=2-4", .header2 = "If-Range: \"other\"" });
    platform_check_status(&told, 200, "If-Range");
    platform_forget(&told);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path, .method = "HEAD" });
    platform_check_status(&told, 200, "HEAD");
    check_has(told.headers, "Content-Length: 10\r\n");
    assert_int_equal(told.bytes.count, 0);
    platform_forget(&told);
}

/* Of a file that lies in the database, and of one that is taken over from the data folder. */
static void ranges(void **state)
{
    (void)state;
    check_ranges(platform_file_of(platform_fixture.ann, platform_submit(platform_fixture.ann)));
    assert_int_equal(platform_count("files"), 0);
    char path[700];
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/data/ann/ten.csv", platform_fixture.folder);
    check_ok(svi_file_write(path, svi_bytes_of("0123456789"), &err), err);
    struct platform_told told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann,
                                                                     .path = "/api/jobs/submit-job/",
                                                                     .json = "{\"type\": \"x\", \"local_files\": [\"ten.csv\"]}" });
    platform_check_status(&told, 201, "ten.csv");
    const int64_t job = json_integer_value(platform_at(&told, "job_id"));
    platform_forget(&told);
    assert_int_equal(platform_count("files"), 1);
    check_ranges(platform_file_of(platform_fixture.ann, job));
}

/* --- what is wrong with a body --- */

static void bad_statuses(void **state)
{
    (void)state;
    assert_int_equal(platform_submit(platform_fixture.ann), 1);
    static const struct {
        const char *json, *field; /* NULL: not among errors */
    } rows[] = {
        { "{\"job\": 1}", "status" },
        { "{\"status\": \"running\"}", "job" },
        { "{}", "job" },
        { "{\"job\": 1, \"status\": \"paused\"}", "status" },
        { "{\"job\": 1, \"status\": \"RUNNING\"}", "status" },
        { "{\"job\": 1, \"status\": \"\"}", "status" },
        { "{\"job\": 1, \"status\": 3}", "status" },
        { "{\"job\": 1, \"status\": null}", "status" },
        { "{\"job\": \"one\", \"status\": \"running\"}", "job" },
        { "{\"job\": 1.5, \"status\": \"running\"}", "job" },
        { "{\"job\": true, \"status\": \"running\"}", "job" },
        { "{\"job\": [1], \"status\": \"running\"}", "job" },
        { "{\"job\": 99, \"status\": \"running\"}", "job" },
        { "{\"job\": -1, \"status\": \"running\"}", "job" },
        { "{\"job\": 1, \"job\": 1, \"status\": \"running\"}", NULL },
        { "{\"job\": 1, \"status\": \"running\"", NULL },
        { "[1]", NULL },
        { "7", NULL },
        { "not json", NULL },
        { "\xff", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct platform_told told = platform_ask(
            &(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .json = rows[i].json });
        platform_check_status(&told, 400, rows[i].json);
        assert_string_equal(platform_text_at(&told, "status"), "error");
        char path[64];
        snprintf(path, sizeof path, "errors.%s.0", rows[i].field ? rows[i].field : "");
        if (rows[i].field)
            platform_text_at(&told, path);
        platform_forget(&told);
    }
    struct platform_told told = platform_ask(&(struct platform_ask){
        .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .json = "{\"job\": 99, \"status\": \"running\"}" });
    assert_string_equal(platform_text_at(&told, "errors.job.0"), "Invalid pk \"99\" - object does not exist.");
    platform_forget(&told);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "job=1&status=running&info={oops" },
                   400);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "job=1&job=1&status=running" },
                   400);
    platform_check(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .form = "job=1&status=%ff" },
        400);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "job=1&status=run%00ning" },
                   400);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "x",
                                           .header = "Content-Type: text/plain" },
                   415);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "x",
                                           .header = "Content-Type: multipart/form-data" },
                   400);
    platform_check(
        &(struct platform_ask){
            .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .form = "x", .header = "Content-Type:" },
        415);
    platform_check(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/update-job-status/", .method = "POST" }, 400);
    platform_set_status(platform_fixture.ann, 1, "pending", NULL, 409);
    platform_set_status(platform_fixture.ann, 1, "running", "[1, \"any JSON\"]", 201);
    platform_set_status(platform_fixture.ann, 1, "completed", "{\"results_id\": 5}", 400);
    platform_set_status(platform_fixture.ann, 1, "completed", "{\"results_id\": \"5\"}", 400);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                           .path = "/api/jobs/update-job-status/",
                                           .form = "job=1&status=failed&info={}" },
                   201);
}

static void bad_submissions(void **state)
{
    (void)state;
    char long_type[200], long_name[1500];
    snprintf(long_type, sizeof long_type, "{\"type\": \"%0100d\"}", 1);
    snprintf(long_name, sizeof long_name, "{\"type\": \"x\", \"local_files\": [\"%01400d\"]}", 1);
    const struct {
        const char *json, *field;
    } rows[] = {
        { "{}", "type" },
        { "{\"type\": 1}", "type" },
        { "{\"type\": \"\"}", "type" },
        { long_type, "type" },
        { "{\"type\": \"x\", \"config\": []}", "config" },
        { "{\"type\": \"x\", \"config\": \"{}\"}", "config" },
        { "{\"type\": \"x\", \"local_files\": \"a\"}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": {}}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": [1]}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": [\"\"]}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": [\"none.csv\"]}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": [\"../ann/rec.csv\"]}", "local_files" },
        { "{\"type\": \"x\", \"local_files\": [\"/etc/passwd\"]}", "local_files" },
        { long_name, "local_files" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct platform_told told = platform_ask(
            &(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/submit-job/", .json = rows[i].json });
        platform_check_status(&told, 400, rows[i].json);
        char path[64];
        snprintf(path, sizeof path, "errors.%s.0", rows[i].field);
        assert_null(strstr(platform_text_at(&told, path), platform_fixture.folder));
        platform_forget(&told);
    }
    static const char *const good[] = { "{\"type\": \"x\"}", "{\"type\": \"x\", \"config\": null, \"local_files\": []}",
                                        "{\"type\": \"x\", \"config\": {}, \"local_files\": null, \"more\": 1}" };
    for (size_t i = 0; i < ROWS(good); i++)
        platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/submit-job/", .json = good[i] },
                       201);

    static const struct platform_part bad_config[] = { { "type", NULL, NULL, "x", 0 },
                                                       { "config", NULL, NULL, "{oops", 0 },
                                                       { "f", "f", NULL, "x", 0 } };
    platform_check(
        &(struct platform_ask){
            .token = platform_fixture.ann, .path = "/api/jobs/submit-job/", .parts = bad_config, .part_count = 3 },
        400);
    assert_int_equal(platform_count_files(), 0);
    assert_int_equal(platform_count("incoming"), 0);
}

static void a_record_comes_back_as_it_was_sent(void **state)
{
    (void)state;
    const int64_t job = platform_submit(platform_fixture.ann);
    static const char value[] = "{\"a: {}\": [1, -0.125, {\"\\u007d\": \"} : {\"}], \"b\": null}";
    static const struct {
        const char *before, *behind;
    } rows[] = {
        { "{\"json_data\":", "}" },
        { " \r\n{ \"json_data\" : \n", "\t} \r\n" },
        { "{\"json\\u005fdata\": ", " }" },
        { "{\"other\": {\"x\": 1}, \"json_data\": ", "}" },
        { "{\"json_data\": ", ", \"other\": {}}" },
    };
    json_t *expected = json_loads(value, 0, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char body[256];
        snprintf(body, sizeof body, "%s%s%s", rows[i].before, value, rows[i].behind);
        struct platform_told told = platform_ask(
            &(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("save-job-data", job), .json = body });
        platform_check_status(&told, 201, body);
        const int64_t id = json_integer_value(platform_at(&told, "data.json_data_id"));
        platform_forget(&told);
        told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-data", id) });
        if (!json_equal(platform_at(&told, "data.json_data"), expected))
            fail_msg("%s came back as %s", body, (const char *)told.bytes.at);
        platform_forget(&told);
    }
    json_decref(expected);
}

static void bad_results(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    const char *path = "/api/jobs/save-job-data/1/";
    assert_int_equal(job, 1);
    static const char *const bad[] = {
        "{}", "{\"json_data\": {}}", "{\"json_data\": null}", "{\"json_data\": [1]}", "{\"json_data\": \"x\"}", "{\"json_data\": {}"
    };
    for (size_t i = 0; i < ROWS(bad); i++)
        platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = path, .json = bad[i] }, 400);
    static const struct platform_part twice[] = { { "a", "a.png", NULL, "1", 0 }, { "a", "b.png", NULL, "2", 0 } };
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = path, .parts = twice, .part_count = 2 }, 400);
    static const struct platform_part fields[] = { { "a", NULL, NULL, "1", 0 } };
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = path, .parts = fields, .part_count = 1 }, 400);
    assert_int_equal(platform_count_files(), 1);
    assert_int_equal(platform_count("incoming"), 0);
    static const struct platform_part both[] = { { "json_data", NULL, NULL, "{\"a\": 1}", 0 }, { "a", "b.png", NULL, "2", 0 } };
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = path, .parts = both, .part_count = 2 });
    platform_check_status(&told, 201, "both");
    assert_true(json_integer_value(platform_at(&told, "data.json_data_id")) > 0
                && json_integer_value(platform_at(&told, "data.file_ids.a")) > 0);
    platform_forget(&told);
    platform_set_status(platform_fixture.ann, job, "failed", "{\"error\": \"no\"}", 201);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = path, .json = "{\"json_data\": {\"late\": 1}}" },
                   409);
}

/* --- names --- */

static void names_cannot_break_a_header(void **state)
{
    (void)state;
    static const struct {
        const char *name, *disposition;
    } rows[] = {
        { "plain.png", "attachment; filename=\"plain.png\"" },
        { "two words.png", "attachment; filename=\"two words.png\"" },
        { "q\"q\\.png", "attachment; filename=\"q_q_.png\"; filename*=UTF-8''q%22q%5C.png" },
        { "a\r\nX-Evil: 1", "attachment; filename=\"a__X-Evil: 1\"; filename*=UTF-8''a%0D%0AX-Evil%3A%201" },
        { "K\xC3\xB6ln \xE2\x82\xAC.csv", "attachment; filename=\"K_ln _.csv\"; filename*=UTF-8''K%C3%B6ln%20%E2%82%AC.csv" },
        { "100%;x='y'", "attachment; filename=\"100%;x='y'\"" },
    };
    char text[4096];
    for (size_t i = 0; i < ROWS(rows); i++) {
        svi_platform_write_disposition(text, sizeof text, rows[i].name);
        assert_string_equal(text, rows[i].disposition);
    }
    /* The whole way round. */
    static const char *const names[] = { "q\"q.png", "a\r\nX-Evil: 1", "K\xC3\xB6ln \xE2\x82\xAC.csv", "dir/inner.png" };
    for (size_t i = 0; i < ROWS(names); i++) {
        const struct platform_part parts[] = { { "type", NULL, NULL, "x", 0 }, { "file", names[i], NULL, "x", 0 } };
        struct platform_told told = platform_ask(&(struct platform_ask){
            .token = platform_fixture.ann, .path = "/api/jobs/submit-job/", .parts = parts, .part_count = 2 });
        platform_check_status(&told, 201, names[i]);
        int64_t job = json_integer_value(platform_at(&told, "job_id"));
        platform_forget(&told);
        told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
        assert_string_equal(platform_text_at(&told, "data.local_files.0.name"), svi_base_name(names[i]));
        int64_t file = json_integer_value(platform_at(&told, "data.local_files.0.id"));
        platform_forget(&told);
        char path[128];
        snprintf(path, sizeof path, "/api/jobs/job-file/%lld/?file_type=local", (long long)file);
        told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
        platform_check_status(&told, 200, names[i]);
        assert_null(strstr(told.headers, "\nX-Evil"));
        check_has(told.headers, "Content-Disposition: attachment; filename=");
        platform_forget(&told);
    }
    static const char *const bad[] = { "\xff.png", "..", "" };
    for (size_t i = 0; i < ROWS(bad); i++) {
        const struct platform_part parts[] = { { "type", NULL, NULL, "x", 0 }, { "file", bad[i], NULL, "x", 0 } };
        platform_check(
            &(struct platform_ask){
                .token = platform_fixture.ann, .path = "/api/jobs/submit-job/", .parts = parts, .part_count = 2 },
            400);
    }
}

#define ON_A_PLATFORM(test) cmocka_unit_test_setup_teardown(test, platform_set_up, platform_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PLATFORM(tokens_paths_and_methods),
        ON_A_PLATFORM(another_user_sees_nothing),
        ON_A_PLATFORM(a_job_from_door_to_door),
        ON_A_PLATFORM(ranges),
        ON_A_PLATFORM(bad_statuses),
        ON_A_PLATFORM(bad_submissions),
        ON_A_PLATFORM(a_record_comes_back_as_it_was_sent),
        ON_A_PLATFORM(bad_results),
        ON_A_PLATFORM(names_cannot_break_a_header),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
