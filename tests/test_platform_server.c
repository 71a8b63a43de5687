/* test_platform_server - the embedded platform as a server: sizes, broken connections, restarts, many clients at once, addresses.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform_fixture.h"

static void what_is_too_large(void **state)
{
    (void)state;
    platform_submit(platform_fixture.ann);
    char *large = malloc(PLATFORM_MAX_UPLOAD_BYTES + 1);
    assert_non_null(large);
    memset(large, 'x', PLATFORM_MAX_UPLOAD_BYTES + 1);
    large[PLATFORM_MAX_UPLOAD_BYTES] = '\0';
    const struct platform_part parts[] = { { "a", "a.bin", NULL, large, 0 } };
    /* Announced (curl waits for "100 Continue"), announced and sent at once, and not announced. */
    static const char *const headers[] = { NULL, "Expect:", "Transfer-Encoding: chunked" };
    for (size_t i = 0; i < ROWS(headers); i++)
        platform_check(&(struct platform_ask){ .token = platform_fixture.ann,
                                               .path = "/api/jobs/save-job-data/1/",
                                               .parts = parts,
                                               .part_count = 1,
                                               .header = headers[i],
                                               .header2 = i == 2 ? "Expect:" : NULL },
                       413);
    /* The same with a token that is none: the body is not taken either. */
    for (size_t i = 0; i < ROWS(headers); i++)
        platform_check(
            &(struct platform_ask){
                .token = "none", .path = "/api/jobs/save-job-data/1/", .parts = parts, .part_count = 1, .header = headers[i] },
            401);
    /* JSON and text fields have to fit into memory, so their limit is lower. */
    memcpy(large, "{\"json_data\": {\"a\": \"", 21);
    memcpy(large + (5 << 20), "\"}}", 4);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/save-job-data/1/", .json = large },
                   413);
    const struct platform_part field[] = { { "json_data", NULL, NULL, large, 0 } };
    platform_check(
        &(struct platform_ask){
            .token = platform_fixture.ann, .path = "/api/jobs/save-job-data/1/", .parts = field, .part_count = 1 },
        413);
    memcpy(large + (2 << 20), "\"}}", 4);
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .path = "/api/jobs/save-job-data/1/", .json = large },
                   400);
    assert_int_equal(platform_count_files(), 1);
    assert_int_equal(platform_count("incoming"), 0);
    /* And what just fits is taken. */
    memset(large, 'y', PLATFORM_MAX_UPLOAD_BYTES);
    large[PLATFORM_MAX_UPLOAD_BYTES - 4096] = '\0';
    platform_check(
        &(struct platform_ask){
            .token = platform_fixture.ann, .path = "/api/jobs/save-job-data/1/", .parts = parts, .part_count = 1 },
        201);
    free(large);
}

/* A limit on the size of files stands in for a full disk: write fails in the middle of an upload. */
static void a_disk_that_takes_no_more(void **state)
{
    (void)state;
    platform_submit(platform_fixture.ann);
    char *large = malloc((2 << 20) + 1);
    assert_non_null(large);
    memset(large, 'x', 2 << 20);
    large[2 << 20] = '\0';
    const struct platform_part part = { "a", "a.bin", NULL, large, 0 };
    const struct platform_ask upload = {
        .token = platform_fixture.ann, .path = "/api/jobs/save-job-data/1/", .parts = &part, .part_count = 1
    };
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = { .rlim_cur = 1 << 20, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct platform_told told = platform_ask(&upload);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    platform_check_status(&told, 500, "full disk");
    assert_null(strstr(platform_text_at(&told, "message"), platform_fixture.folder));
    platform_forget(&told);
    assert_int_equal(platform_count_files(), 1);
    assert_int_equal(platform_count("incoming"), 0);
    platform_check(&upload, 201);
    free(large);
}

/* --- below what curl does --- */

static int connect_raw(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((uint16_t)strtoul(strrchr(svi_platform_url(platform_fixture.platform), ':') + 1, NULL, 10));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends, says that no more will come, and reads until the other side closes. */
static size_t talk_raw(const char *text, char *answer, size_t size)
{
    int fd = connect_raw();
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    shutdown(fd, SHUT_WR);
    size_t length = 0;
    ssize_t count;
    while (length + 1 < size && (count = recv(fd, answer + length, size - 1 - length, 0)) > 0)
        length += (size_t)count;
    answer[length] = '\0';
    close(fd);
    return length;
}

static void uploads_that_break_off(void **state)
{
    (void)state;
    platform_submit(platform_fixture.ann);
    static const char head[] = "POST /api/jobs/save-job-data/1/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token %s\r\n"
                               "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n%s";
    static const char part[] = "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.png\"\r\n\r\nhalf of a pict";
    char text[1000], answer[4000];
    snprintf(text, sizeof text, head, platform_fixture.ann, (size_t)100000, part);
    talk_raw(text, answer, sizeof answer);
    assert_null(strstr(answer, " 201 "));
    /* All bytes that were announced, but a form that does not end. */
    snprintf(text, sizeof text, head, platform_fixture.ann, strlen(part), part);
    talk_raw(text, answer, sizeof answer);
    check_has(answer, " 400 ");
    assert_int_equal(platform_count_files(), 1);
    /* The server drops the first upload when it notices that the connection has gone; stopping it waits for that. */
    svi_platform_stop(platform_fixture.platform);
    assert_int_equal(platform_count("incoming"), 0);
    platform_start();
}

static void requests_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02",
        "POST /api/jobs/submit-job/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /api/jobs/submit-job/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /api/jobs/submit-job/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    char answer[4000];
    for (size_t i = 0; i < ROWS(rows); i++) {
        talk_raw(rows[i], answer, sizeof answer);
        assert_null(strstr(answer, " 200 "));
        assert_null(strstr(answer, " 201 "));
    }
    platform_submit(platform_fixture.ann);
}

static void a_connection_is_kept(void **state)
{
    (void)state;
    static const char twice[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char answer[4000];
    talk_raw(twice, answer, sizeof answer);
    const char *first = strstr(answer, "HTTP/1.1 404");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "HTTP/1.1 404"));
}

/* --- restart, many at once, start --- */

static void everything_survives_a_restart(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann), file = platform_file_of(platform_fixture.ann, job);
    platform_set_status(platform_fixture.ann, job, "running", "{\"progress\": 0.5}", 201);
    svi_platform_stop(platform_fixture.platform);
    platform_start();
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = platform_fixture.ann, .path = platform_path("job-metadata", job) });
    assert_string_equal(platform_text_at(&told, "data.status"), "running");
    platform_forget(&told);
    char path[128];
    snprintf(path, sizeof path, "/api/jobs/job-file/%lld/?file_type=local", (long long)file);
    told = platform_ask(&(struct platform_ask){ .token = platform_fixture.ann, .path = path });
    assert_string_equal((char *)told.bytes.at, "0123456789");
    platform_forget(&told);
    assert_true(platform_submit(platform_fixture.bob) > job);
}

enum { CLIENTS = 8, ROUNDS = 50 };

static void *be_a_client(void *token)
{
    for (int i = 0; i < ROUNDS / 5; i++) {
        int64_t job = platform_submit(token), file = platform_file_of(token, job);
        char path[128];
        snprintf(path, sizeof path, "/api/jobs/job-file/%lld/?file_type=local", (long long)file);
        platform_check(&(struct platform_ask){ .token = token, .path = path }, 200);
        platform_set_status(token, job, "running", NULL, 201);
        const struct platform_part parts[] = { { "p.png", "p.png", "image/png", "picture", 0 } };
        platform_check(
            &(struct platform_ask){ .token = token, .path = platform_path("save-job-data", job), .parts = parts, .part_count = 1 },
            201);
    }
    return NULL;
}

static void many_at_once(void **state)
{
    (void)state;
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, be_a_client, i % 2 ? platform_fixture.ann : platform_fixture.bob), 0);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(platform_count_files(), 2 * CLIENTS * ROUNDS / 5);
    assert_int_equal(platform_count("incoming"), 0);
}

static void *wait_for_a_job(void *out)
{
    struct svi_platform_ticket *ticket = out;
    struct svi_error err = { 0 };
    check_ok(svi_platform_take(platform_fixture.platform, ticket, &err), err);
    return NULL;
}

static void a_waiting_worker_gets_the_job(void **state)
{
    (void)state;
    pthread_t thread;
    struct svi_platform_ticket ticket;
    struct svi_error err = { 0 };
    assert_int_equal(pthread_create(&thread, NULL, wait_for_a_job, &ticket), 0);
    int64_t job = platform_submit(platform_fixture.bob);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(ticket.job, job);
    assert_string_equal(ticket.token, platform_fixture.bob);
    svi_platform_stop_waiting(platform_fixture.platform);
    assert_false(svi_platform_take(platform_fixture.platform, &ticket, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
}

static void addresses_that_are_refused(void **state)
{
    (void)state;
    const char *taken = strstr(svi_platform_url(platform_fixture.platform), "//") + 2;
    const struct {
        const char *listen, *message;
    } rows[] = {
        { taken, "another program uses the port" },
        { "8000", "HOST:PORT" },
        { "", "HOST:PORT" },
        { ":8000", "HOST:PORT" },
        { "127.0.0.1:", "HOST:PORT" },
        { "127.0.0.1:http", "HOST:PORT" },
        { "127.0.0.1:99999", "127.0.0.1:99999" },
        { "::1:8000", "HOST:PORT" },
        { "[]:8000", "HOST:PORT" },
        { "127.0.0.1:123456", "HOST:PORT" },
        { "no.such.invalid:1", "found" },
    };
    char folder[700];
    snprintf(folder, sizeof folder, "%s/other", platform_fixture.folder);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_platform *platform;
        const struct svi_platform_options options = { .folder = folder, .listen = rows[i].listen };
        if (svi_platform_start(&platform, &options, &err))
            fail_msg("%s is served at %s", rows[i].listen, svi_platform_url(platform));
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, rows[i].message);
    }
    struct svi_error err = { 0 };
    struct svi_platform *platform;
    const struct svi_platform_options same = { .folder = platform_fixture.folder, .listen = "127.0.0.1:0" };
    assert_false(svi_platform_start(&platform, &same, &err));
    check_has(err.message, "already running on this folder");
    svi_error_clear(&err);
    const struct svi_platform_options all = { .folder = folder, .listen = "0.0.0.0:0" };
    check_ok(svi_platform_start(&platform, &all, &err), err);
    check_has(svi_platform_url(platform), "http://127.0.0.1:");
    svi_platform_stop(platform);
}

#define ON_A_PLATFORM(test) cmocka_unit_test_setup_teardown(test, platform_set_up, platform_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PLATFORM(what_is_too_large),
        ON_A_PLATFORM(a_disk_that_takes_no_more),

        ON_A_PLATFORM(uploads_that_break_off),
        ON_A_PLATFORM(requests_that_are_none),
        ON_A_PLATFORM(a_connection_is_kept),
        ON_A_PLATFORM(everything_survives_a_restart),
        ON_A_PLATFORM(many_at_once),
        ON_A_PLATFORM(a_waiting_worker_gets_the_job),
        ON_A_PLATFORM(addresses_that_are_refused),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
