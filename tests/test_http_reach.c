/* test_http_reach - the way to the platform: names that are looked up, and proxies. */
#include "base/stopwatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <time.h>

#include "fake_service.h"
#include "quick_client.h"

/* A name server that says nothing until the test lets it, or for five seconds. libcurl, too, calls this. */
static sem_t let_go, has_gone;
static atomic_int stop, stop_at_look_up;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's are not for us. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    (void)node, (void)service, (void)hints, (void)found;
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 5;
    atomic_store(&stop, atomic_load(&stop_at_look_up));
    while (sem_timedwait(&let_go, &end) != 0 && errno == EINTR)
        continue;
    sem_post(&has_gone);
    return EAI_AGAIN;
}

static void a_name_server_that_is_silent_holds_nobody_up(void **state)
{
    (void)state;
    sem_init(&let_go, 0, 0);
    sem_init(&has_gone, 0, 0);
    for (int stopped = 0; stopped < 2; stopped++) {
        struct svi_http_policy policy = quick;
        policy.tries = 1;
        policy.connect_timeout_s = stopped ? 60.0 : 0.2;
        atomic_store(&stop_at_look_up, stopped ? 15 : 0);
        struct svi_http *http = open_client("http://platform.invalid", policy, &stop);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        const double start_s = svi_now_s();
        assert_false(svi_http_get(http, "/api/jobs/job-metadata/7/", &answer, &err));
        assert_true(svi_now_s() - start_s < 3);
        assert_int_equal(err.status, stopped ? SVI_CANCELLED : SVI_UNREACHABLE);
        check_has(err.message, stopped ? "stopped" : "cannot be reached");
        svi_http_close(http);
        sem_post(&let_go);
        while (sem_wait(&has_gone) != 0)
            continue;
    }
    atomic_store(&stop, 0);
    atomic_store(&stop_at_look_up, 0);
}

/* Answers what comes in with one text after the other, and then closes. */
struct proxy {
    int listener;
    const struct svi_bytes *answers;
    size_t answer_count;
    pthread_t thread;
    atomic_int connections;
};

static void *refuse(void *self)
{
    struct proxy *proxy = self;
    for (int fd; (fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(fd)) {
        char heard[4096];
        atomic_fetch_add(&proxy->connections, 1);
        for (size_t i = 0; i < proxy->answer_count && recv(fd, heard, sizeof heard, 0) > 0; i++)
            send(fd, proxy->answers[i].at, proxy->answers[i].count, MSG_NOSIGNAL);
    }
    return NULL;
}

static unsigned start_proxy(struct proxy *proxy)
{
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(proxy->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(proxy->listener, 8), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, refuse, proxy), 0);
    return ntohs(address.sin_port);
}

static void stop_proxy(struct proxy *proxy)
{
    shutdown(proxy->listener, SHUT_RDWR);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
}

#define BYTES(text)                                                                                                                \
    {                                                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                                                  \
    }

/* Nothing has reached the platform then: it is tried as often as if nobody listened, also what adds a record. */
static void a_proxy_that_does_not_get_through_is_no_answer(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *scheme, *url;
        struct svi_bytes answers[2];
        size_t answer_count;
    } rows[] = {
        { "https_proxy",
          "http",
          "https://platform.invalid",
          { BYTES("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n") },
          1 },
        { "https_proxy", "http", "https://platform.invalid", { BYTES("HTTP/1.1 407 Who is it\r\nContent-Length: 0\r\n\r\n") }, 1 },
        { "https_proxy", "http", "https://platform.invalid", { { 0 } }, 0 },
        { "http_proxy", "socks5h", "http://platform.invalid", { BYTES("\5\0"), BYTES("\5\4\0\1\0\0\0\0\0\0") }, 2 },
        { "http_proxy", "socks5h", "http://platform.invalid", { BYTES("HTTP/1.1 400 No\r\n\r\n") }, 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char url[64];
        struct proxy proxy = { .answers = rows[i].answers, .answer_count = rows[i].answer_count };
        svi_format(url, sizeof url, "%s://127.0.0.1:%u", rows[i].scheme, start_proxy(&proxy));
        setenv(rows[i].variable, url, 1);
        struct svi_http *http = open_client(rows[i].url, quick, NULL);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        assert_false(svi_http_post_json(http, "/api/jobs/save-job-data/7/", svi_bytes_of("{}"), SVI_HTTP_ADDS, &answer, &err));
        if (err.status != SVI_UNREACHABLE || atomic_load(&proxy.connections) != (int)quick.tries)
            fail_msg("row %zu: %s [%s] after %d connections", i, err.message, err.cause, atomic_load(&proxy.connections));
        assert_string_equal(err.message, "The platform cannot be reached.");
        check_no_secret(err);
        svi_http_close(http);
        unsetenv(rows[i].variable);
        stop_proxy(&proxy);
    }
}

static void this_machine_is_reached_without_a_proxy(void **state)
{
    (void)state;
    static const char *const hosts[] = { "127.0.0.1", "localhost", "LocalHost" };
    const struct fake_settings settings = { .token = SECRET, .metadata = "{}" };
    struct fake_service *service = fake_service_start(&settings);
    struct proxy proxy = { 0 };
    char proxy_url[64];
    svi_format(proxy_url, sizeof proxy_url, "http://127.0.0.1:%u", start_proxy(&proxy));
    setenv("http_proxy", proxy_url, 1);
    for (size_t i = 0; i < ROWS(hosts); i++) {
        char url[64];
        svi_format(url, sizeof url, "http://%s%s", hosts[i], strrchr(fake_service_url(service), ':'));
        struct svi_http *http = open_client(url, quick, NULL);
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        check_ok(svi_http_get(http, "/api/jobs/job-metadata/7/", &answer, &err), err);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
    }
    unsetenv("http_proxy");
    stop_proxy(&proxy);
    assert_int_equal(atomic_load(&proxy.connections), 0);
    fake_service_stop(service);
}

int main(void)
{
    static const char *const variables[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                             "ALL_PROXY",  "no_proxy",    "NO_PROXY" };
    for (size_t i = 0; i < ROWS(variables); i++)
        unsetenv(variables[i]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_that_does_not_get_through_is_no_answer),
        cmocka_unit_test(this_machine_is_reached_without_a_proxy),
        cmocka_unit_test(a_name_server_that_is_silent_holds_nobody_up),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
