/* test_http - what comes of one request, whatever the other side does. */
#include "host/http.h"

#include "base/stopwatch.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "fake_service.h"
#include "quick_client.h"

static void bad_urls_and_tokens_are_refused_unseen(void **state)
{
    (void)state;
    static const struct {
        const char *url, *token, *says;
    } rows[] = {
        { "http://django:8000", "", "token" },
        { "http://django:8000", NULL, "token" },
        { "http://django:8000", SECRET "\r\nX-Other: 1", "token" },
        { "http://django:8000", SECRET " ", "token" },
        { "http://django:8000", SECRET "\xC3\xA4", "token" },
        { NULL, SECRET, "URL" },
        { "", SECRET, "URL" },
        { "django:8000", SECRET, "URL" },
        { "ftp://" SECRET, SECRET, "http://" },
        { "file:///etc/passwd", SECRET, "http://" },
        { "http://user:" SECRET "@django:8000", SECRET, "password" },
        { "http://" SECRET "@django:8000", SECRET, "password" },
        { "http://django:8000/?token=" SECRET, SECRET, "?" },
        { "http://django:8000/#" SECRET, SECRET, "#" },
        { "http://django:99999", SECRET, "URL" },
        { "http://djan go", SECRET, "URL" },
        { "http://djan\r\ngo", SECRET, "URL" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_http *http = NULL;
        struct svi_error err = { 0 };
        const struct svi_http_options options = { .base_url = rows[i].url, .token = rows[i].token, .policy = quick };
        assert_false(svi_http_open(&http, &options, &err));
        assert_null(http);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, rows[i].says);
        check_no_secret(err);
    }
}

static void a_base_url_may_have_a_path(void **state)
{
    (void)state;
    static const char *const ends[] = { "", "/", "/svi", "/svi//" };
    static const char story[] = "GET /api/x/ GET /api/x/ GET /svi/api/x/ GET /svi/api/x/";
    const struct fake_settings settings = { .token = SECRET };
    struct fake_service *service = fake_service_start(&settings);
    for (size_t i = 0; i < ROWS(ends); i++) {
        char url[128];
        svi_format(url, sizeof url, "%s%s", fake_service_url(service), ends[i]);
        struct svi_http *http = open_client(url, quick, NULL);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        assert_false(svi_http_get(http, "/api/x/", &answer, &err));
        assert_int_equal(err.status, SVI_NOT_FOUND);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
    }
    assert_string_equal(fake_service_story(service), story);
    check_has(fake_service_head(service, 0), "User-Agent: svi-worker/");
    check_has(fake_service_head(service, 0), "\r\nAccept-Encoding: identity\r\n");
    fake_service_stop(service);
}

enum call { GET, POST, ADD, UPLOAD, MOST_CALLS };

static bool make_call(struct svi_http *http, enum call call, struct svi_http_answer *answer, struct svi_error *err)
{
    static const char status[] = "{\"job\": 7, \"status\": \"running\"}", data[] = "{\"json_data\": {\"a\": 1}}";
    char path[4096];
    svi_format(path, sizeof path, "%s/picture", scratch_folder());
    const struct svi_http_file file = { .path = path, .name = "waterfall.png", .content_type = "image/png" };
    switch (call) {
    case GET:
        return svi_http_get(http, "/api/jobs/job-metadata/7/", answer, err);
    case POST:
        return svi_http_post_json(http, "/api/jobs/update-job-status/", svi_bytes_of(status), SVI_HTTP_IDEMPOTENT, answer, err);
    case ADD:
        return svi_http_post_json(http, "/api/jobs/save-job-data/7/", svi_bytes_of(data), SVI_HTTP_ADDS, answer, err);
    default:
        check_ok(svi_file_write(path, svi_bytes_of("bytes"), err), *err);
        return svi_http_post_file(http, "/api/jobs/save-job-data/7/", &file, SVI_HTTP_ADDS, answer, err);
    }
}

static void every_fault_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        enum fake_fault fault;
        int number;
        unsigned times;
        enum svi_status status; /* of what is idempotent */
        unsigned requests;
        enum svi_status adds_status; /* of what is not */
        unsigned adds_requests;
        const char *says;
    } rows[] = {
        { FAKE_NONE, 0, 1, SVI_OK, 1, SVI_OK, 1, "" },
        { FAKE_STATUS, 500, 1, SVI_OK, 2, SVI_OK, 2, "" },
        { FAKE_STATUS, 502, 3, SVI_OK, 4, SVI_OK, 4, "" },
        { FAKE_STATUS, 503, 3, SVI_OK, 4, SVI_OK, 4, "" },
        { FAKE_STATUS, 504, 3, SVI_OK, 4, SVI_OK, 4, "" },
        { FAKE_STATUS, 429, 3, SVI_OK, 4, SVI_OK, 4, "" },
        { FAKE_STATUS, 500, 0, SVI_UNREACHABLE, 4, SVI_UNREACHABLE, 4, "500" },
        { FAKE_STATUS, 429, 0, SVI_UNREACHABLE, 4, SVI_UNREACHABLE, 4, "429" },
        { FAKE_STATUS, 501, 0, SVI_UNREACHABLE, 1, SVI_UNREACHABLE, 1, "501" },
        { FAKE_STATUS, 400, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "400" },
        { FAKE_STATUS, 401, 0, SVI_UNAUTHORIZED, 1, SVI_UNAUTHORIZED, 1, "token" },
        { FAKE_STATUS, 403, 0, SVI_UNAUTHORIZED, 1, SVI_UNAUTHORIZED, 1, "token" },
        { FAKE_STATUS, 404, 0, SVI_NOT_FOUND, 1, SVI_NOT_FOUND, 1, "404" },
        { FAKE_STATUS, 413, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "413" },
        { FAKE_REDIRECT, 301, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "redirect (301)" },
        { FAKE_REDIRECT, 308, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "redirect (308)" },
        { FAKE_NO_HTTP, 0, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "HTTP" },
        { FAKE_HUGE, 100, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "too large" },
        { FAKE_HUGE, 0, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "too large" },
        { FAKE_HEADERS, 0, 0, SVI_BAD_ANSWER, 1, SVI_BAD_ANSWER, 1, "too large" },
        { FAKE_RETRY, 3600, 1, SVI_OK, 2, SVI_OK, 2, "" },
        { FAKE_CUT, 0, 1, SVI_OK, 2, SVI_OK, 2, "" },
        { FAKE_CUT, 0, 2, SVI_OK, 3, SVI_UNREACHABLE, 2, "cut" },
        { FAKE_CUT, 0, 0, SVI_UNREACHABLE, 4, SVI_UNREACHABLE, 2, "cut" },
        { FAKE_CUT_BODY, 10, 1, SVI_OK, 2, SVI_OK, 2, "" },
        { FAKE_CUT_BODY, 10, 0, SVI_UNREACHABLE, 4, SVI_UNREACHABLE, 2, "cut" },
        { FAKE_SHORT, 0, 0, SVI_UNREACHABLE, 4, SVI_UNREACHABLE, 2, "cut" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (enum call call = GET; call < MOST_CALLS; call++) {
            const bool adds = call == ADD || call == UPLOAD;
            const struct fake_rule rule = {
                call == GET ? "GET" : "POST", rows[i].fault, rows[i].number, rows[i].times, 0, false, false
            };
            const struct fake_settings settings = {
                .token = SECRET, .metadata = "{\"job\": \"metadata\"}", .rules = &rule, .rule_count = 1
            };
            struct fake_service *service = fake_service_start(&settings);
            struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
            struct svi_http_answer answer = { 0 };
            struct svi_error err = { 0 };
            bool ok = make_call(http, call, &answer, &err);
            enum svi_status expected = adds ? rows[i].adds_status : rows[i].status;
            if (err.status != expected || fake_service_requests(service) != (adds ? rows[i].adds_requests : rows[i].requests))
                fail_msg("row %zu, call %d: %s after %zu requests: %s [%s]", i, call, svi_status_code(err.status),
                         fake_service_requests(service), err.message, err.cause);
            assert_int_equal(ok, expected == SVI_OK);
            if (!ok)
                check_has(err.message, rows[i].says);
            if (ok)
                assert_true(answer.body.count > 5);
            check_no_secret(err);
            assert_null(strchr(fake_service_story(service), '!'));
            svi_http_answer_clear(&answer);
            svi_http_close(http);
            fake_service_stop(service);
        }
}

static void the_cause_tells_what_was_answered(void **state)
{
    (void)state;
    static const struct fake_rule rules[] = { { "GET", FAKE_NO_JOB, 0, 1, 0, false, false },
                                              { "GET", FAKE_STATUS, 404, 1, 0, false, false },
                                              { "GET", FAKE_REDIRECT, 302, 1, 0, false, false } };
    const struct fake_settings settings = { .token = SECRET, .rules = rules, .rule_count = ROWS(rules) };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
    struct svi_http_answer answer = { 0 };
    struct svi_error err = { 0 };
    assert_false(make_call(http, GET, &answer, &err));
    check_has(err.message, "The platform refused a request (400): Invalid input of *** (job: Invalid pk \"7\" - object");
    svi_error_clear(&err);
    assert_false(make_call(http, GET, &answer, &err));
    assert_int_equal(answer.status, 404);
    check_has((char *)answer.body.at, SECRET);
    check_has(err.cause, "GET /api/jobs/job-metadata/7/: HTTP 404: {\"status\": \"error\"");
    check_has(err.cause, "Authorization: Token ***");
    svi_error_clear(&err);
    assert_false(make_call(http, GET, &answer, &err));
    check_has(err.cause, "127.0.0.1:9/elsewhere?key=***");
    svi_http_answer_clear(&answer);
    svi_http_close(http);
    fake_service_stop(service);
}

static void silence_ends_in_time(void **state)
{
    (void)state;
    static const struct {
        enum fake_fault fault;
        enum call call;
        unsigned requests;
    } rows[] = {
        { FAKE_HANG, GET, 2 }, { FAKE_DRIP, GET, 2 }, { FAKE_HANG, POST, 2 }, { FAKE_HANG, ADD, 2 }, { FAKE_HANG, UPLOAD, 1 }
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_rule rule = { "", rows[i].fault, 0, 0, 0, false, false };
        const struct fake_settings settings = {
            .token = SECRET, .metadata = "{                    }", .rules = &rule, .rule_count = 1
        };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http_policy policy = quick;
        policy.tries = rows[i].requests;
        policy.total_timeout_s = 0.2;
        struct svi_http *http = open_client(fake_service_url(service), policy, NULL);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        assert_false(make_call(http, rows[i].call, &answer, &err));
        assert_int_equal(err.status, SVI_UNREACHABLE);
        check_has(err.message, "did not answer in time");
        assert_int_equal(fake_service_requests(service), rows[i].requests);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
        fake_service_stop(service);
    }
}

static void a_platform_that_is_down_is_unreachable(void **state)
{
    (void)state;
    const struct fake_settings settings = { .token = SECRET };
    struct fake_service *service = fake_service_start(&settings);
    char url[64], https[64];
    svi_format(url, sizeof url, "%s", fake_service_url(service));
    svi_format(https, sizeof https, "https%s", fake_service_url(service) + 4);
    struct svi_http *http = open_client(https, quick, NULL);
    struct svi_http_answer answer = { 0 };
    struct svi_error err = { 0 };
    assert_false(make_call(http, GET, &answer, &err));
    assert_int_equal(err.status, SVI_UNREACHABLE);
    check_has(err.message, "secure connection");
    svi_http_close(http);
    assert_int_equal(fake_service_requests(service), 0);
    fake_service_stop(service);

    http = open_client(url, quick, NULL);
    svi_error_clear(&err);
    assert_false(make_call(http, ADD, &answer, &err));
    assert_int_equal(err.status, SVI_UNREACHABLE);
    check_has(err.message, "cannot be reached");
    assert_int_equal(answer.status, 0);
    svi_http_answer_clear(&answer);
    svi_http_close(http);
}

static void the_platforms_wish_to_wait_is_kept(void **state)
{
    (void)state;
    const struct fake_rule rule = { "GET", FAKE_RETRY, 1, 1, 0, false, false };
    const struct fake_settings settings = { .token = SECRET, .metadata = "{}", .rules = &rule, .rule_count = 1 };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http_policy policy = quick;
    policy.longest_pause_s = 20.0;
    struct svi_http *http = open_client(fake_service_url(service), policy, NULL);
    struct svi_http_answer answer = { 0 };
    struct svi_error err = { 0 };
    double start_s = svi_now_s();
    check_ok(make_call(http, GET, &answer, &err), err);
    assert_true(svi_now_s() - start_s >= 0.99);
    svi_http_answer_clear(&answer);
    svi_http_close(http);
    fake_service_stop(service);
}

struct stopper {
    struct fake_service *service;
    atomic_int stop;
};

static void *stop_after_the_first_request(void *self)
{
    struct stopper *stopper = self;
    fake_service_wait(stopper->service, 1);
    atomic_store(&stopper->stop, 15);
    return NULL;
}

/* Without the stop both rows would take minutes. */
static void a_stop_ends_every_wait(void **state)
{
    (void)state;
    static const struct fake_rule rows[] = { { "", FAKE_HANG, 0, 0, 0, false, false },
                                             { "", FAKE_RETRY, 3600, 0, 0, false, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = { .token = SECRET, .rules = &rows[i], .rule_count = 1 };
        struct stopper stopper = { .service = fake_service_start(&settings) };
        struct svi_http_policy policy = quick;
        policy.total_timeout_s = policy.longest_pause_s = 250.0;
        struct svi_http *http = open_client(fake_service_url(stopper.service), policy, &stopper.stop);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, stop_after_the_first_request, &stopper), 0);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        assert_false(make_call(http, GET, &answer, &err));
        assert_int_equal(err.status, SVI_CANCELLED);
        assert_int_equal(fake_service_requests(stopper.service), 1);
        pthread_join(thread, NULL);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
        fake_service_stop(stopper.service);
    }
}

static void connections_are_kept(void **state)
{
    (void)state;
    const struct fake_settings settings = { .token = SECRET, .metadata = "{}" };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
    for (enum call call = GET; call < MOST_CALLS; call++) {
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        check_ok(make_call(http, call, &answer, &err), err);
        assert_int_equal(fake_service_connections(service), 1);
        svi_http_answer_clear(&answer);
    }
    /* A child that is started now must not get them. */
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    size_t sockets = 0;
    for (const struct dirent *entry; (entry = readdir(list));) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        int family = AF_UNSPEC;
        socklen_t size = sizeof family;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_INET) {
            sockets++;
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        }
    }
    closedir(list);
    assert_true(sockets >= 2);
    svi_http_close(http);
    fake_service_stop(service);
}

/* libcurl would repeat it by itself. */
static void what_adds_a_record_is_repeated_once_on_a_kept_connection_too(void **state)
{
    (void)state;
    for (enum call call = ADD; call <= UPLOAD; call++)
        for (unsigned cuts = 1; cuts <= 3; cuts++) {
            const struct fake_rule rule = { "POST", FAKE_CUT, 0, cuts, 0, false, false };
            const struct fake_settings settings = { .token = SECRET, .metadata = "{}", .rules = &rule, .rule_count = 1 };
            struct fake_service *service = fake_service_start(&settings);
            struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
            struct svi_http_answer answer = { 0 };
            struct svi_error err = { 0 };
            check_ok(make_call(http, GET, &answer, &err), err);
            assert_int_equal(make_call(http, call, &answer, &err), cuts == 1);
            assert_int_equal(fake_service_requests(service), 1 + 2);
            svi_http_answer_clear(&answer);
            svi_http_close(http);
            fake_service_stop(service);
        }
}

static void a_line_outlives_its_clients_and_knows_none_of_them(void **state)
{
    (void)state;
    const struct fake_settings settings = { .token = SECRET, .metadata = "{}" };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http_line *line = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_http_line_open(&line, &err), err);
    static const char *const tokens[] = { SECRET, "another", SECRET };
    for (size_t i = 0; i < ROWS(tokens); i++) {
        const struct svi_http_options options = {
            .base_url = fake_service_url(service), .token = tokens[i], .policy = quick, .line = line
        };
        struct svi_http *http = NULL;
        struct svi_http_answer answer = { 0 };
        check_ok(svi_http_open(&http, &options, &err), err);
        check_ok(make_call(http, ADD, &answer, &err), err);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
    }
    assert_int_equal(fake_service_connections(service), 1);
    assert_string_equal(fake_service_story(service), "summary summary! summary");
    svi_http_line_close(line);
    svi_http_line_close(NULL);
    fake_service_stop(service);
}

enum { FILE_BYTES = 3000000 };

static uint8_t *make_bytes(void)
{
    uint8_t *bytes = malloc(FILE_BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (uint8_t)(i * 40503u >> 7);
    return bytes;
}

/* Tries that bring less than a mebibyte are counted, and there are four. */
static void a_download_arrives_or_says_why(void **state)
{
    (void)state;
    static const struct {
        struct fake_rule rule;
        const char *story;
        const char *etag;
        size_t bytes;
        uint64_t limit;
        bool no_ranges, no_length;
        enum svi_status status;
        const char *says;
    } rows[] = {
#define ALL       FILE_BYTES, 1 << 30, false, false
#define RULE(...) { "GET", __VA_ARGS__, false, false }
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, 0, 1 << 30, false, false, SVI_OK, "" },
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, FILE_BYTES, FILE_BYTES, false, false, SVI_OK, "" },
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, FILE_BYTES, FILE_BYTES, false, true, SVI_OK, "" },
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, FILE_BYTES, FILE_BYTES - 1, false, false, SVI_BAD_ANSWER, "larger" },
        { RULE(FAKE_NONE, 0, 0, 0), "file:12", NULL, FILE_BYTES, FILE_BYTES - 1, false, true, SVI_BAD_ANSWER, "larger" },
        { RULE(FAKE_STATUS, 500, 1, 0), "file:12 file:12", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_STATUS, 500, 0, 0), "file:12 file:12 file:12 file:12", NULL, ALL, SVI_UNREACHABLE, "500" },
        { RULE(FAKE_STATUS, 404, 0, 0), "file:12", NULL, ALL, SVI_NOT_FOUND, "404" },
        { RULE(FAKE_STATUS, 401, 0, 0), "file:12", NULL, ALL, SVI_UNAUTHORIZED, "token" },
        { RULE(FAKE_REDIRECT, 302, 0, 0), "file:12", NULL, ALL, SVI_BAD_ANSWER, "redirect" },
        { RULE(FAKE_NO_HTTP, 0, 0, 0), "file:12", NULL, ALL, SVI_BAD_ANSWER, "HTTP" },
        { RULE(FAKE_CUT_BODY, 1000, 1, 0), "file:12 file:12+1000", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 1000, 1, 0), "file:12 file:12+1000", "\"v1\"", ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 1000, 1, 0), "file:12 file:12+1000", "W/\"v1\"", ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 1000, 1, 0), "file:12 file:12+1000", NULL, FILE_BYTES, 1 << 30, true, false, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 500000, 3, 0), "file:12 file:12+500000 file:12+1000000 file:12+1500000", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 500000, 0, 0),
          "file:12 file:12+500000 file:12+1000000 file:12+1500000 file:12+2000000 file:12+2500000", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 1000, 0, 0), "file:12 file:12+1000 file:12+2000 file:12+3000", NULL, ALL, SVI_UNREACHABLE, "cut" },
        { RULE(FAKE_CUT_BODY, 2500000, 0, 0), "file:12 file:12+2500000", NULL, ALL, SVI_OK, "" },
        { RULE(FAKE_CUT_BODY, 2500000, 0, 0), "file:12 file:12+2500000 file:12+2500000 file:12+2500000 file:12+2500000", NULL,
          FILE_BYTES, 1 << 30, true, false, SVI_UNREACHABLE, "cut" },
        { RULE(FAKE_SHORT, 0, 0, 0), "file:12 file:12+3000000 file:12+3000000 file:12+3000000 file:12+3000000", NULL, ALL,
          SVI_UNREACHABLE, "cut" },
        { RULE(FAKE_CUT, 0, 0, 0), "file:12 file:12 file:12 file:12", NULL, ALL, SVI_UNREACHABLE, "cut" },
#undef RULE
#undef ALL
    };
    uint8_t *bytes = make_bytes();
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct fake_settings settings = { .token = SECRET,
                                                .file = bytes,
                                                .file_bytes = rows[i].bytes,
                                                .rules = &rows[i].rule,
                                                .rule_count = rows[i].rule.fault != FAKE_NONE,
                                                .no_ranges = rows[i].no_ranges,
                                                .no_length = rows[i].no_length,
                                                .etag = rows[i].etag };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
        FILE *file = tmpfile();
        assert_non_null(file);
        uint64_t received = 0;
        struct svi_error err = { 0 };
        bool ok = svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fileno(file), rows[i].limit, &received, &err);
        if (err.status != rows[i].status || strcmp(fake_service_story(service), rows[i].story) != 0)
            fail_msg("row %zu: %s: %s [%s] after %s", i, svi_status_code(err.status), err.message, err.cause,
                     fake_service_story(service));
        assert_int_equal(ok, rows[i].status == SVI_OK);
        if (ok) {
            struct stat about;
            assert_int_equal(received, rows[i].bytes);
            assert_int_equal(fstat(fileno(file), &about), 0);
            assert_int_equal(about.st_size, rows[i].bytes);
            uint8_t *got = malloc(FILE_BYTES);
            assert_non_null(got);
            assert_int_equal(pread(fileno(file), got, FILE_BYTES, 0), rows[i].bytes);
            assert_memory_equal(got, bytes, rows[i].bytes);
            free(got);
        } else {
            check_has(err.message, rows[i].says);
        }
        check_no_secret(err);
        fclose(file);
        svi_http_close(http);
        fake_service_stop(service);
    }
    free(bytes);
}

/* The first try is cut after 1000 bytes; what the second brings is not what was asked for, and the third begins anew. */
static void a_wrong_part_is_not_glued_on(void **state)
{
    (void)state;
    static const enum fake_fault faults[] = { FAKE_OTHER_PART, FAKE_NO_RANGE };
    uint8_t *bytes = make_bytes();
    for (size_t i = 0; i < ROWS(faults); i++) {
        const struct fake_rule rules[] = { { "GET", FAKE_CUT_BODY, 1000, 1, 0, false, false },
                                           { "GET", faults[i], 0, 1, 0, false, false } };
        const struct fake_settings settings = {
            .token = SECRET, .file = bytes, .file_bytes = FILE_BYTES, .rules = rules, .rule_count = ROWS(rules)
        };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
        FILE *file = tmpfile();
        assert_non_null(file);
        uint64_t received = 0;
        struct svi_error err = { 0 };
        check_ok(svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fileno(file), 1 << 30, &received, &err), err);
        assert_string_equal(fake_service_story(service), "file:12 file:12+1000 file:12");
        assert_int_equal(received, FILE_BYTES);
        fclose(file);
        svi_http_close(http);
        fake_service_stop(service);
    }
    free(bytes);
}

static void a_full_disk_is_said_at_once(void **state)
{
    (void)state;
    uint8_t *bytes = make_bytes();
    const struct fake_settings settings = { .token = SECRET, .file = bytes, .file_bytes = FILE_BYTES };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
    int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    uint64_t received = 0;
    struct svi_error err = { 0 };
    assert_false(svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fd, 1 << 30, &received, &err));
    assert_int_equal(err.status, SVI_NO_ROOM);
    assert_true(err.may_pass);
    check_has(err.message, "No space left");
    assert_string_equal(fake_service_story(service), "file:12");
    close(fd);
    svi_http_close(http);
    fake_service_stop(service);
    free(bytes);
}

static void a_download_that_does_not_move_ends(void **state)
{
    (void)state;
    static const enum fake_fault faults[] = { FAKE_HANG, FAKE_DRIP };
    uint8_t *bytes = make_bytes();
    for (size_t i = 0; i < ROWS(faults); i++) {
        const struct fake_rule rule = { "GET", faults[i], 0, 0, 0, false, false };
        const struct fake_settings settings = {
            .token = SECRET, .file = bytes, .file_bytes = FILE_BYTES, .rules = &rule, .rule_count = 1
        };
        struct fake_service *service = fake_service_start(&settings);
        struct svi_http_policy policy = quick;
        policy.tries = 1;
        struct svi_http *http = open_client(fake_service_url(service), policy, NULL);
        FILE *file = tmpfile();
        assert_non_null(file);
        uint64_t received = 0;
        struct svi_error err = { 0 };
        assert_false(svi_http_download(http, "/api/jobs/job-file/12/?file_type=local", fileno(file), 1 << 30, &received, &err));
        assert_int_equal(err.status, SVI_UNREACHABLE);
        check_has(err.message, "in time");
        fclose(file);
        svi_http_close(http);
        fake_service_stop(service);
    }
    free(bytes);
}

static void *ask_often(void *url)
{
    struct svi_http *http = NULL;
    struct svi_error err = { 0 };
    const struct svi_http_options options = { .base_url = url, .token = SECRET, .policy = quick };
    bool ok = svi_http_open(&http, &options, &err);
    for (int i = 0; ok && i < 20; i++) {
        struct svi_http_answer answer = { 0 };
        ok = make_call(http, i % 2 ? GET : POST, &answer, &err);
        svi_http_answer_clear(&answer);
    }
    svi_http_close(http);
    return ok ? url : NULL;
}

static void threads_have_clients_of_their_own(void **state)
{
    (void)state;
    const struct fake_settings settings = { .token = SECRET, .metadata = "{}" };
    struct fake_service *service = fake_service_start(&settings);
    char url[64];
    svi_format(url, sizeof url, "%s", fake_service_url(service));
    pthread_t threads[4];
    for (size_t i = 0; i < ROWS(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, url), 0);
    for (size_t i = 0; i < ROWS(threads); i++) {
        void *outcome = NULL;
        pthread_join(threads[i], &outcome);
        assert_ptr_equal(outcome, url);
    }
    assert_int_equal(fake_service_requests(service), 80);
    assert_int_equal(fake_service_connections(service), 4);
    fake_service_stop(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_urls_and_tokens_are_refused_unseen),
        cmocka_unit_test(a_base_url_may_have_a_path),
        cmocka_unit_test(every_fault_has_its_outcome),
        cmocka_unit_test(the_cause_tells_what_was_answered),
        cmocka_unit_test(silence_ends_in_time),
        cmocka_unit_test(a_platform_that_is_down_is_unreachable),
        cmocka_unit_test(the_platforms_wish_to_wait_is_kept),
        cmocka_unit_test(a_stop_ends_every_wait),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(what_adds_a_record_is_repeated_once_on_a_kept_connection_too),
        cmocka_unit_test(a_line_outlives_its_clients_and_knows_none_of_them),
        cmocka_unit_test(a_download_arrives_or_says_why),
        cmocka_unit_test(a_wrong_part_is_not_glued_on),
        cmocka_unit_test(a_full_disk_is_said_at_once),
        cmocka_unit_test(a_download_that_does_not_move_ends),
        cmocka_unit_test(threads_have_clients_of_their_own),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
