/* test_http_tls - who is believed to be the platform where the URL begins with https. */
#include "host/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "certificate.h"
#include "program.h"
#include "secret.h"

static const struct svi_http_policy quick = {
    .tries = 3,
    .backoff_s = 0.001,
    .longest_pause_s = 0.01,
    .connect_timeout_s = 10.0,
    .total_timeout_s = 10.0,
    .stall_timeout_s = 1.0,
    .stall_speed = 1,
    .lookup_pause_s = 0.001,
    .answer_limit_bytes = 1 << 20,
};

/* Serves one request after the other, and counts connections and the requests that came through. */
struct server {
    SSL_CTX *context;
    int listener;
    char url[64];
    pthread_t thread;
    atomic_int connections, requests;
};

static void *serve(void *self)
{
    struct server *server = self;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    for (int fd; (fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(fd)) {
        atomic_fetch_add(&server->connections, 1);
        char request[8192];
        SSL *tls = SSL_new(server->context);
        if (tls && SSL_set_fd(tls, fd) == 1 && SSL_accept(tls) == 1 && SSL_read(tls, request, sizeof request) > 0) {
            atomic_fetch_add(&server->requests, 1);
            SSL_write(tls, answer, sizeof answer - 1);
            /* The rest of a form: a connection that is closed before it was read may take the answer with it. */
            while (SSL_read(tls, request, sizeof request) > 0)
                continue;
            SSL_shutdown(tls);
        }
        SSL_free(tls);
    }
    return NULL;
}

/* With a certificate for `name` ("IP:127.0.0.1"), valid from `from_s` to `to_s` seconds from now, that is also left in a file. */
static SSL_CTX *make_context(const char *name, long from_s, long to_s, const char *path)
{
    char key[4096];
    svi_format(key, sizeof key, "%s/key.pem", scratch_folder());
    make_certificate(name, from_s, to_s, path, key);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_non_null(context);
    assert_int_equal(SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), 1);
    return context;
}

static void start(struct server *server)
{
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    svi_format(server->url, sizeof server->url, "https://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    SSL_CTX_free(server->context);
}

static void only_a_platform_with_a_good_certificate_gets_the_token(void **state)
{
    (void)state;
    enum { HOUR = 3600 };
    static const struct {
        const char *name;
        long from_s, to_s;
        enum { ITS_OWN, THE_SYSTEMS, NO_FILE } authorities;
        bool good;
        const char *says;
    } rows[] = {
        { "IP:127.0.0.1", -HOUR, HOUR, ITS_OWN, true, "" },
        { "IP:127.0.0.1", -HOUR, HOUR, THE_SYSTEMS, false, "certificate cannot be verified" },
        { "IP:127.0.0.2", -HOUR, HOUR, ITS_OWN, false, "certificate cannot be verified" },
        { "DNS:platform", -HOUR, HOUR, ITS_OWN, false, "certificate cannot be verified" },
        { "IP:127.0.0.1", -2 * HOUR, -HOUR, ITS_OWN, false,
          "certificate cannot be verified: SSL certificate problem: certificate has expired" },
        { "IP:127.0.0.1", HOUR, 2 * HOUR, ITS_OWN, false, "certificate cannot be verified" },
        { "IP:127.0.0.1", -HOUR, HOUR, NO_FILE, false, "authorities" },
    };
    char path[4096];
    svi_format(path, sizeof path, "%s/certificate.pem", scratch_folder());
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct server server = { .context = make_context(rows[i].name, rows[i].from_s, rows[i].to_s, path) };
        start(&server);
        const struct svi_http_options options = {
            .base_url = server.url,
            .token = SECRET,
            .ca_file = rows[i].authorities == ITS_OWN   ? path
                       : rows[i].authorities == NO_FILE ? "no-such-file"
                                                        : NULL,
            .policy = quick,
        };
        struct svi_http *http = NULL;
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        check_ok(svi_http_open(&http, &options, &err), err);
        bool ok = svi_http_get(http, "/api/jobs/job-metadata/7/", &answer, &err);
        if (ok != rows[i].good)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
        if (!ok) {
            assert_int_equal(err.status, SVI_UNREACHABLE);
            check_has(err.message, rows[i].says);
        }
        check_no_secret(err);
        svi_http_answer_clear(&answer);
        svi_http_close(http);
        stop(&server);
        assert_int_equal(atomic_load(&server.requests), rows[i].good);
        /* Another try would end the same way. */
        assert_true(atomic_load(&server.connections) <= 1);
    }
}

/* What this one answers is no platform's, but it is heard. */
static void the_commands_are_told_whom_to_believe(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        bool by_variable;
        int exit_code, requests;
        const char *says;
    } rows[] = {
        { "run 7 --ca-file %s/certificate.pem", false, 1, 1, "not as agreed" },
        { "run 7", true, 1, 1, "not as agreed" },
        { "run 7", false, 75, 0, "certificate cannot be verified: SSL certificate problem: self" },
        { "run 7 --ca-file %s/nowhere.pem", false, 2, 0, "The certificates of --ca-file cannot be read: No such file" },
        { "submit --type waterfall %s/key.pem --ca-file %s/certificate.pem", false, 1, 1, "did not say its number" },
        { "submit --type waterfall %s/key.pem", false, 75, 0, "certificate cannot be verified" },
        { "submit --type waterfall %s/key.pem --ca-file %s/nowhere.pem", false, 2, 0, "--ca-file cannot be read" },
        { "serve -b filesystem:///nowhere --ca-file %s/nowhere.pem", false, 2, 0, "--ca-file cannot be read" },
    };
    char path[4096];
    svi_format(path, sizeof path, "%s/certificate.pem", scratch_folder());
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct server server = { .context = make_context("IP:127.0.0.1", -3600, 3600, path) };
        start(&server);
        char url[128], variable[4200] = "SVI_CA_FILE";
        svi_format(url, sizeof url, "SVI_API_URL=%s", server.url);
        if (rows[i].by_variable)
            svi_format(variable, sizeof variable, "SVI_CA_FILE=%s", path);
        const char *const variables[] = { "SVI_TOKEN=" SECRET, url, variable, NULL };
        const struct said *said = run_program(rows[i].command, variables);
        check_ended(said, rows[i].exit_code);
        check_has(said->err, rows[i].says);
        stop(&server);
        assert_int_equal(atomic_load(&server.requests), rows[i].requests);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_platform_with_a_good_certificate_gets_the_token),
        cmocka_unit_test(the_commands_are_told_whom_to_believe),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
