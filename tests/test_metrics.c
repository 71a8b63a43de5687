/* test_metrics - what the process counts, as Prometheus reads it, and the port on which it is told. */
#include "host/metrics.h"
#include "host/metrics_server.h"

#include "base/stopwatch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* ---- the text ---- */

/* The caller frees it. */
static char *write_text(void)
{
    struct svi_buffer text;
    svi_buffer_init(&text, SVI_METRICS_MOST_BYTES);
    assert_true(svi_metrics_write(&text));
    return (char *)text.at;
}

/* The number in the line of this sample: its name, with its labels. */
static double sample_of(const char *text, const char *name)
{
    const size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, name, length) && line[length] == ' ')
            return strtod(line + length, NULL);
    }
    fail_msg("there is no %s in:\n%s", name, text);
    return 0;
}

static double sample_now(const char *name)
{
    char *text = write_text();
    const double value = sample_of(text, name);
    free(text);
    return value;
}

static void what_is_counted_is_told(void **state)
{
    (void)state;
    const double failed = sample_now("svi_worker_jobs_total{outcome=\"failed\"}");
    const double fetch_s = sample_now("svi_worker_stage_seconds_total{stage=\"fetch\"}");
    svi_metric_add(SVI_METRIC_JOBS_FAILED, 3);
    svi_metric_add_s(SVI_METRIC_FETCH_S, 1.25);
    svi_metric_add_s(SVI_METRIC_FETCH_S, -1);
    svi_metric_set(SVI_METRIC_LANES, 7);
    svi_metric_set(SVI_METRIC_LANES, 2);
    svi_metric_add(SVI_METRIC_FETCHED_BYTES, UINT64_C(1) << 60);
    char *text = write_text();
    assert_true(sample_of(text, "svi_worker_jobs_total{outcome=\"failed\"}") == failed + 3);
    assert_true(sample_of(text, "svi_worker_stage_seconds_total{stage=\"fetch\"}") == fetch_s + 1.25);
    assert_true(sample_of(text, "svi_worker_lanes") == 2);
    assert_non_null(strstr(text, "svi_worker_fetched_bytes_total 1152921504606846976\n"));
    assert_true(sample_of(text, "process_resident_memory_bytes") > 1 << 20);
    assert_true(sample_of(text, "process_open_fds") >= 3);
    const double age_s = (double)time(NULL) - sample_of(text, "process_start_time_seconds");
    assert_true(age_s > -2 && age_s < 3600);
    free(text);
}

/* Of buckets each counts all that are shorter, and what lies on a limit is within it. */
static void times_of_jobs_fall_into_buckets(void **state)
{
    (void)state;
    static const struct {
        const char *sample;
        double more;
    } rows[] = {
        { "svi_worker_job_seconds_bucket{le=\"0.01\"}", 1 }, { "svi_worker_job_seconds_bucket{le=\"0.025\"}", 1 },
        { "svi_worker_job_seconds_bucket{le=\"0.05\"}", 2 }, { "svi_worker_job_seconds_bucket{le=\"2.5\"}", 3 },
        { "svi_worker_job_seconds_bucket{le=\"900\"}", 3 },  { "svi_worker_job_seconds_bucket{le=\"+Inf\"}", 4 },
        { "svi_worker_job_seconds_sum", 1002.0500 },         { "svi_worker_job_seconds_count", 4 },
    };
    char *before = write_text();
    svi_metric_job_took(0);
    svi_metric_job_took(0.05);
    svi_metric_job_took(2);
    svi_metric_job_took(1000);
    char *after = write_text();
    for (size_t i = 0; i < ROWS(rows); i++)
        check_near(sample_of(after, rows[i].sample) - sample_of(before, rows[i].sample), rows[i].more, 1e-5);
    free(before);
    free(after);
}

/* By the exposition format: each family once, its help and type before its samples, names of its own. */
static void the_text_is_in_order(void **state)
{
    (void)state;
    char *text = write_text(), *rest = text, *line, family[100] = "", seen[8192] = "", type[20] = "";
    unsigned samples = 0;
    while ((line = strsep(&rest, "\n")) && rest) {
        char name[100], help[200];
        if (sscanf(line, "# HELP %99s %199[^\n]", name, help) == 2) {
            char once[110];
            svi_format(once, sizeof once, " %s ", name);
            assert_null(strstr(seen, once));
            assert_true(svi_format(seen + strlen(seen), sizeof seen - strlen(seen), "%s", once));
            assert_int_equal(help[strlen(help) - 1], '.');
            svi_format(family, sizeof family, "%s", name);
            type[0] = '\0';
        } else if (sscanf(line, "# TYPE %99s %19s", name, type) == 2) {
            assert_string_equal(name, family);
            assert_true(!strcmp(type, "gauge") || !strcmp(type, "histogram") || svi_ends_with(family, "_total"));
        } else {
            const size_t length = strcspn(line, "{ ");
            assert_true(type[0] && !strncmp(line, family, strlen(family)));
            assert_true(length == strlen(family) || !strcmp(type, "histogram"));
            samples++;
        }
    }
    assert_int_equal(*line, '\0');
    assert_true(samples >= SVI_METRIC_COUNT);
    free(text);
}

static void *count_many(void *unused)
{
    for (int i = 0; i < 20000; i++) {
        svi_metric_add(SVI_METRIC_TASKS_RECEIVED, 1);
        svi_metric_job_took(0.001);
    }
    return unused;
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    pthread_t threads[4];
    const double received = sample_now("svi_worker_tasks_received_total"), took = sample_now("svi_worker_job_seconds_count");
    for (size_t i = 0; i < ROWS(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
    free(write_text());
    for (size_t i = 0; i < ROWS(threads); i++)
        pthread_join(threads[i], NULL);
    assert_true(sample_now("svi_worker_tasks_received_total") == received + 80000);
    assert_true(sample_now("svi_worker_job_seconds_count") == took + 80000);
}

/* ---- the port ---- */

static struct svi_metrics_server *start(void)
{
    struct svi_metrics_server *server;
    struct svi_error err = { 0 };
    check_ok(svi_metrics_server_start(&server, "127.0.0.1:0", &err), err);
    return server;
}

/* client: an address of the loopback. */
static int connect_from(in_addr_t client, const struct svi_metrics_server *server)
{
    const char *port = strrchr(svi_metrics_server_url(server), ':') + 1;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(client) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int connect_to(const struct svi_metrics_server *server)
{
    return connect_from(INADDR_LOOPBACK, server);
}

static void ask(int fd, const char *request)
{
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
}

/* All that comes until the server closes the connection. */
static void hear(int fd, char *into, size_t size)
{
    size_t count = 0;
    for (ssize_t got; count < size - 1 && (got = recv(fd, into + count, size - 1 - count, 0)) > 0;)
        count += (size_t)got;
    into[count] = '\0';
    close(fd);
}

static void check_answer(const struct svi_metrics_server *server, const char *method, const char *path, const char *status,
                         const char *part)
{
    char request[200], answer[SVI_METRICS_MOST_BYTES];
    const int fd = connect_to(server);
    svi_format(request, sizeof request, "%s %s HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n", method, path);
    ask(fd, request);
    hear(fd, answer, sizeof answer);
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0 || !strstr(answer, part))
        fail_msg("%s %s: no %s with \"%s\" in:\n%s", method, path, status, part, answer);
}

static void each_page_is_answered(void **state)
{
    (void)state;
    struct svi_metrics_server *server = start();
    check_answer(server, "GET", "/healthz", "200", "ok");
    check_answer(server, "GET", "/readyz", "503", "no broker");
    svi_metric_turn(true);
    check_answer(server, "GET", "/readyz", "200", "ready");
    check_answer(server, "GET", "/healthz", "200", "ok");
    check_answer(server, "GET", "/metrics", "200", "\r\nContent-Type: text/plain; version=0.0.4");
    check_answer(server, "GET", "/metrics?a=b", "200", "\nsvi_worker_build_info{version=\"");
    check_answer(server, "HEAD", "/metrics", "200", "\r\nContent-Length: ");
    svi_metric_turn(false);
    check_answer(server, "GET", "/readyz", "503", "about to stop");
    check_answer(server, "GET", "/", "404", "There are /metrics");
    check_answer(server, "GET", "/metrics/", "404", "");
    check_answer(server, "DELETE", "/metrics", "405", "\r\nAllow: GET, HEAD");
    svi_metrics_server_stop(server);
}

static void nobody_keeps_others_from_an_answer(void **state)
{
    (void)state;
    struct svi_metrics_server *server = start();
    char answer[1000], large[20000];
    int idle[8];
    for (size_t i = 0; i < ROWS(idle); i++) {
        idle[i] = connect_to(server);
        ask(idle[i], i % 2 ? "GET /metr" : "");
    }
    check_answer(server, "GET", "/metrics", "200", "svi_worker_lanes");
    /* A head that is larger than is taken. */
    const int fd = connect_to(server);
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    ask(fd, "GET /metrics HTTP/1.1\r\nHost: ");
    send(fd, large, sizeof large - 1, MSG_NOSIGNAL);
    hear(fd, answer, sizeof answer);
    assert_null(strstr(answer, "200 OK"));
    /* A body that nobody asked for. */
    const int body = connect_to(server);
    ask(body, "POST /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
    hear(body, answer, sizeof answer);
    assert_non_null(strstr(answer, "HTTP/1.1 405 "));
    check_answer(server, "GET", "/healthz", "200", "ok");
    svi_metrics_server_stop(server);
    for (size_t i = 0; i < ROWS(idle); i++)
        close(idle[i]);
}

static void one_client_does_not_take_all_places(void **state)
{
    (void)state;
    struct svi_metrics_server *server = start();
    int greedy[40];
    for (size_t i = 0; i < ROWS(greedy); i++) {
        greedy[i] = connect_from(INADDR_LOOPBACK + 1, server);
        send(greedy[i], "GET /metr", 9, MSG_NOSIGNAL);
    }
    const double begin_s = svi_now_s();
    check_answer(server, "GET", "/healthz", "200", "ok");
    assert_true(svi_now_s() - begin_s < 3); /* before the first of them is let go */
    svi_metrics_server_stop(server);
    for (size_t i = 0; i < ROWS(greedy); i++)
        close(greedy[i]);
}

static void a_port_that_is_taken_is_named(void **state)
{
    (void)state;
    struct svi_metrics_server *server = start(), *second;
    const char *address = svi_metrics_server_url(server) + strlen("http://");
    struct svi_error err = { 0 };
    assert_false(svi_metrics_server_start(&second, address, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    assert_non_null(strstr(err.message, address));
    assert_null(second);
    svi_error_clear(&err);
    assert_false(svi_metrics_server_start(&second, "9464", &err));
    assert_non_null(strstr(err.message, "HOST:PORT"));
    svi_metrics_server_stop(server);
    svi_metrics_server_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_counted_is_told),       cmocka_unit_test(times_of_jobs_fall_into_buckets),
        cmocka_unit_test(the_text_is_in_order),          cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(each_page_is_answered),         cmocka_unit_test(nobody_keeps_others_from_an_answer),
        cmocka_unit_test(a_port_that_is_taken_is_named), cmocka_unit_test(one_client_does_not_take_all_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
