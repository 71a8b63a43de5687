/* test_http_answers - what is made of an answer, and what of it a person reads. */
#include "fake_service.h"
#include "quick_client.h"

struct outcome {
    bool ok;
    struct svi_error err;
    struct svi_buffer body; /* the caller clears it */
    char story[512];
};

/* GET of a job, where the first `times` answers are these bytes. */
static struct outcome get(struct svi_bytes raw, unsigned times)
{
    const struct fake_rule rule = { .call = "GET", .fault = FAKE_RAW, .times = times };
    const struct fake_settings settings = {
        .token = SECRET, .metadata = "{}", .raw = raw.at, .raw_bytes = raw.count, .rules = &rule, .rule_count = 1
    };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
    struct svi_http_answer answer = { 0 };
    struct outcome outcome = { 0 };
    outcome.ok = svi_http_get(http, "/api/jobs/job-metadata/7/", &answer, &outcome.err);
    outcome.body = answer.body;
    svi_format(outcome.story, sizeof outcome.story, "%s", fake_service_story(service));
    check_no_secret(outcome.err);
    svi_http_close(http);
    fake_service_stop(service);
    return outcome;
}

static void a_refusal_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body, *message;
    } rows[] = {
        { "401 X", "{\"detail\": \"Invalid token.\"}", "The platform refused the token (401): Invalid token." },
        { "400 X", "{\"message\": \"Invalid data\", \"errors\": {\"type\": [\"This field may not be blank.\"], \"x\": [\"y\"]}}",
          "The platform refused a request (400): Invalid data (type: This field may not be blank.)" },
        { "400 X", "{\"message\": \"\", \"errors\": {\"type\": [7]}}", "The platform refused a request (400)." },
        { "400 X", "{\"message\": \"No\", \"errors\": [\"type\"]}", "The platform refused a request (400): No" },
        { "401 X", "<html>", "The platform refused the token (401)." },
        { "403 X", "{\"detail\": \"Not for " SECRET "\"}", "The platform refused the token (403): Not for ***" },
        { "404 X", "{\"status\": \"error\", \"message\": \"Job data not found\"}",
          "The platform does not have what was asked for (404): Job data not found" },
        { "404 X", "<html>Not Found", "The platform does not have what was asked for (404). Is its URL the right one?" },
        { "413 X", "<html>", "The platform takes nothing of that size (413)." },
        { "415 X", "{\"detail\": \"No.\"}", "The platform refused a request (415): No." },
        { "429 X", "{\"detail\": \"Request was throttled.\"}",
          "The platform has trouble of its own (429): Request was throttled." },
        { "500 X", "{\"status\": \"error\", \"message\": \"Error getting job metadata\"}",
          "The platform has trouble of its own (500): Error getting job metadata" },
        { "507 X", "{\"error\": [\"a\"], \"detail\": \"full\"}", "The platform has trouble of its own (507): full" },
        { "302 X\r\nLocation: https://platform.example/login?next=" SECRET, "",
          "The platform answers with a redirect (302) to https://platform.example/login?next=***: its URL is not the one that was "
          "configured." },
        { "304 X", "", "The platform answers with a redirect (304) to nowhere: its URL is not the one that was configured." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char raw[1024];
        svi_format(raw, sizeof raw, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", rows[i].head, strlen(rows[i].body),
                   rows[i].body);
        struct outcome outcome = get(svi_bytes_of(raw), 0);
        assert_false(outcome.ok);
        assert_string_equal(outcome.err.message, rows[i].message);
        svi_buffer_clear(&outcome.body);
    }
}

/* So says one that closes connections that were idle, or that did not get all of a request. */
static void a_request_that_was_not_understood_in_time_is_sent_again(void **state)
{
    (void)state;
    struct outcome outcome = get(svi_bytes_of("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), 1);
    check_ok(outcome.ok, outcome.err);
    assert_string_equal(outcome.story, "metadata metadata");
    svi_buffer_clear(&outcome.body);
}

static void a_download_is_answered_with_the_file_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *message; /* message: NULL where it is the file */
    } rows[] = {
        { "200 OK\r\nContent-Length: 3\r\n\r\n1,2", NULL },
        { "202 Accepted\r\nContent-Length: 3\r\n\r\n1,2", "The platform's answer is not the file (202)." },
        { "204 No Content\r\n\r\n", "The platform's answer is not the file (204)." },
        { "205 Reset Content\r\nContent-Length: 0\r\n\r\n", "The platform's answer is not the file (205)." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char raw[256];
        svi_format(raw, sizeof raw, "HTTP/1.1 %s", rows[i].raw);
        const struct fake_rule rule = { .call = "GET", .fault = FAKE_RAW };
        const struct fake_settings settings = {
            .token = SECRET, .file = "", .raw = raw, .raw_bytes = strlen(raw), .rules = &rule, .rule_count = 1
        };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
        FILE *file = tmpfile();
        assert_non_null(file);
        uint64_t received = 0;
        struct svi_error err = { 0 };
        const bool ok = svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fileno(file), 1 << 20, &received, &err);
        assert_int_equal(ok, !rows[i].message);
        if (ok)
            assert_int_equal(received, 3);
        else
            assert_string_equal(err.message, rows[i].message);
        assert_string_equal(fake_service_story(service), "file:12");
        fclose(file);
        svi_http_close(http);
        fake_service_stop(service);
    }
}

/* The first try is cut after four bytes, and the file is another one then. */
static void the_rest_of_another_file_is_not_glued_on(void **state)
{
    (void)state;
    static const struct {
        const char *tag, *content, *story;
    } rows[] = {
        { "ETag: \"v1\"\r\n", "0123abcdef", "file:12 file:12+4" },
        { "", "0123abcdef", "file:12 file:12+4" },
        { "ETag: \"v2\"\r\n", "0123456789", "file:12 file:12+4 file:12" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char raw[256], content[16] = "";
        svi_format(raw, sizeof raw, "HTTP/1.1 206 X\r\n%sContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\nabcdef",
                   rows[i].tag);
        static const struct fake_rule rules[] = { { .call = "GET", .fault = FAKE_CUT_BODY, .number = 4, .times = 1 },
                                                  { .call = "GET", .fault = FAKE_RAW, .times = 1 } };
        const struct fake_settings settings = { .token = SECRET,
                                                .file = "0123456789",
                                                .file_bytes = 10,
                                                .etag = "\"v1\"",
                                                .raw = raw,
                                                .raw_bytes = strlen(raw),
                                                .rules = rules,
                                                .rule_count = ROWS(rules) };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
        FILE *file = tmpfile();
        assert_non_null(file);
        uint64_t received = 0;
        struct svi_error err = { 0 };
        check_ok(svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fileno(file), 1 << 20, &received, &err), err);
        assert_int_equal(pread(fileno(file), content, sizeof content - 1, 0), 10);
        assert_string_equal(content, rows[i].content);
        assert_string_equal(fake_service_story(service), rows[i].story);
        fclose(file);
        svi_http_close(http);
        fake_service_stop(service);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_says_why),
        cmocka_unit_test(a_request_that_was_not_understood_in_time_is_sent_again),
        cmocka_unit_test(a_download_is_answered_with_the_file_or_refused),
        cmocka_unit_test(the_rest_of_another_file_is_not_glued_on),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
