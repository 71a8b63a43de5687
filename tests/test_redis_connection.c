/* test_redis_connection - a real Redis server is reached, logged into and understood; all others are told apart. */
#include "host/redis_connection.h"

#include "base/stopwatch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "certificate.h"
#include "redis_server.h"
#include "secret.h"

static const struct svi_redis_patience patience = { .connect_s = 20, .command_s = 20 }, quick = { .connect_s = 1, .command_s = 1 };

static void check_echo(struct svi_redis *redis)
{
    struct svi_error err = { 0 };
    redisReply *reply = NULL;
    const struct svi_bytes odd = { (const uint8_t *)"a\0b\r\n", 5 };
    check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("ECHO"), odd), err);
    check_ok(svi_redis_take_good(redis, &reply, &err), err);
    assert_int_equal(reply->type, REDIS_REPLY_STRING);
    assert_int_equal(svi_redis_bytes(reply).count, 5);
    assert_memory_equal(svi_redis_bytes(reply).at, odd.at, 5);
    freeReplyObject(reply);
}

static void commands_go_out_many_at_once_and_refusals_do_not_mix_them_up(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_redis *redis = NULL;
    struct svi_broker_url url = redis_server_url(&the_server);
    url.database = 3;
    check_ok(svi_redis_open(&redis, &url, &patience, &err), err);
    check_echo(redis);
    enum { MANY = 1000 };
    char number[16];
    for (int i = 0; i < MANY; i++) {
        svi_format(number, sizeof number, "%d", i);
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("RPUSH"), svi_bytes_of("list"), svi_bytes_of(number)), err);
    }
    for (int i = 0; i < MANY; i++) {
        redisReply *reply = NULL;
        check_ok(svi_redis_take_good(redis, &reply, &err), err);
        assert_int_equal(reply->integer, i + 1);
        freeReplyObject(reply);
    }
    /* Of three commands the second is refused, and inside of MULTI as well. */
    for (int multi = 0; multi < 2; multi++) {
        if (multi)
            check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("MULTI")), err);
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("SET"), svi_bytes_of("key"), svi_bytes_of("1")), err);
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("GET"), svi_bytes_of("list")), err);
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("DEL"), svi_bytes_of("key")), err);
        if (multi)
            check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("EXEC")), err);
        assert_false(svi_redis_take_all(redis, &err));
        assert_int_equal(err.status, SVI_BAD_ANSWER);
        check_has(err.cause, "WRONGTYPE");
        err = (struct svi_error){ 0 };
        check_echo(redis);
    }
    svi_redis_close(redis);
    assert_int_equal(redis_server_number(&the_server, "LLEN list"), 0); /* database 0 */
}

static void large_texts_pass_and_too_large_ones_end_the_connection(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_redis *redis = NULL;
    redisReply *reply = NULL;
    enum { LARGE = 20 << 20 };
    char *large = malloc(LARGE);
    assert_non_null(large);
    memset(large, 'x', LARGE);
    const struct svi_broker_url url = redis_server_url(&the_server);
    check_ok(svi_redis_open(&redis, &url, &patience, &err), err);
    const struct svi_bytes text = { (const uint8_t *)large, LARGE };
    for (int i = 0; i < 2; i++) {
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("APPEND"), svi_bytes_of("large"), text), err);
        check_ok(svi_redis_take_all(redis, &err), err);
        check_ok(svi_redis_add_texts(redis, &err, svi_bytes_of("GET"), svi_bytes_of("large")), err);
        if (i == 0) {
            check_ok(svi_redis_take_good(redis, &reply, &err), err);
            assert_int_equal(reply->len, LARGE);
            freeReplyObject(reply);
        } else {
            assert_false(svi_redis_take_good(redis, &reply, &err));
            assert_int_equal(err.status, SVI_UNREACHABLE);
            check_has(err.cause, "larger than is taken");
        }
    }
    svi_redis_close(redis);
    free(large);
}

static void credentials_are_needed_where_the_server_wants_them(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password;
        int database;
        bool good;
        const char *says;
    } rows[] = {
        { "", SECRET, 0, true, "" },
        { "default", SECRET, 15, true, "" },
        { "ann", SECRET "!", 0, true, "" },
        { "", "", 0, false, "wants a password" },
        { "", SECRET "x", 0, false, "refuses the user or the password" },
        { "bob", SECRET, 0, false, "refuses the user or the password" },
        { "", SECRET, 16, false, "no database 16" },
    };
    for (int on_socket = 0; on_socket < 2; on_socket++) {
        the_server = (struct redis_server){ .password = SECRET, .on_socket = on_socket };
        redis_server_start(&the_server);
        redis_server_ask(&the_server, "ACL SETUSER ann on >%s! ~* &* +@all", SECRET);
        for (size_t i = 0; i < ROWS(rows); i++) {
            struct svi_broker_url url = redis_server_url(&the_server);
            struct svi_error err = { 0 };
            struct svi_redis *redis = NULL;
            url.user = (char *)(uintptr_t)rows[i].user;
            url.password = (char *)(uintptr_t)rows[i].password;
            url.database = rows[i].database;
            if (svi_redis_open(&redis, &url, &patience, &err) != rows[i].good)
                fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
            if (rows[i].good) {
                check_echo(redis);
            } else {
                assert_int_equal(err.status, SVI_BAD_USAGE);
                check_has(err.message, rows[i].says);
            }
            check_no_secret(err);
            svi_redis_close(redis);
        }
        redis_server_stop(&the_server);
    }
}

static void a_password_for_a_server_that_has_none_is_refused_without_being_shown(void **state)
{
    (void)state;
    struct svi_broker_url url = redis_server_url(&the_server);
    struct svi_error err = { 0 };
    struct svi_redis *redis = NULL;
    url.password = (char *)(uintptr_t)SECRET;
    assert_false(svi_redis_open(&redis, &url, &patience, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    check_no_secret(err);
}

static void only_a_server_with_a_good_certificate_gets_the_password(void **state)
{
    (void)state;
    enum { HOUR = 3600 };
    static const struct {
        const char *name;
        long from_s, to_s;
        const char *ca, *reqs, *check_hostname;
        bool own, good;
        enum svi_status status;
        const char *says;
    } rows[] = {
        { "IP:127.0.0.1", -HOUR, HOUR, "ITS", NULL, NULL, false, true, SVI_OK, "" },
        { "IP:127.0.0.1", -HOUR, HOUR, "ITS", "CERT_REQUIRED", "true", false, true, SVI_OK, "" },
        { "IP:127.0.0.1", -HOUR, HOUR, "ITS", "required", NULL, true, true, SVI_OK, "" },
        { "IP:127.0.0.1", -HOUR, HOUR, NULL, NULL, NULL, false, false, SVI_UNREACHABLE, "certificate of" },
        { "IP:127.0.0.1", -HOUR, HOUR, NULL, "optional", NULL, false, false, SVI_UNREACHABLE, "certificate of" },
        { "IP:127.0.0.1", -HOUR, HOUR, NULL, "CERT_NONE", NULL, false, true, SVI_OK, "" },
        { "IP:127.0.0.1", -HOUR, HOUR, NULL, "none", NULL, false, true, SVI_OK, "" },
        { "IP:127.0.0.2", -HOUR, HOUR, "ITS", NULL, NULL, false, false, SVI_UNREACHABLE, "certificate of" },
        { "DNS:localhost", -HOUR, HOUR, "ITS", NULL, NULL, false, false, SVI_UNREACHABLE, "certificate of" },
        { "DNS:other", -HOUR, HOUR, "ITS", NULL, "false", false, true, SVI_OK, "" },
        { "DNS:other", -HOUR, HOUR, NULL, NULL, "false", false, false, SVI_UNREACHABLE, "certificate of" },
        { "IP:127.0.0.1", -2 * HOUR, -HOUR, "ITS", NULL, NULL, false, false, SVI_UNREACHABLE, "certificate of" },
        { "IP:127.0.0.1", -HOUR, HOUR, "no-such-file", NULL, NULL, false, false, SVI_BAD_USAGE, "ssl_ca_certs" },
    };
    char certificate[4096], key[4096];
    svi_format(certificate, sizeof certificate, "%s/certificate.pem", scratch_folder());
    svi_format(key, sizeof key, "%s/key.pem", scratch_folder());
    for (size_t i = 0; i < ROWS(rows); i++) {
        make_certificate(rows[i].name, rows[i].from_s, rows[i].to_s, certificate, key);
        the_server = (struct redis_server){ .password = SECRET, .certificate = certificate, .key = key };
        redis_server_start(&the_server);
        struct svi_broker_url url = redis_server_url(&the_server);
        struct svi_error err = { 0 };
        struct svi_redis *redis = NULL;
        const char *ca = rows[i].ca && !strcmp(rows[i].ca, "ITS") ? certificate : rows[i].ca;
        url.query = json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*}", "ssl_ca_certs", ca, "ssl_cert_reqs", rows[i].reqs,
                              "ssl_check_hostname", rows[i].check_hostname, "ssl_certfile", rows[i].own ? certificate : NULL,
                              "ssl_keyfile", rows[i].own ? key : NULL);
        if (svi_redis_open(&redis, &url, &patience, &err) != rows[i].good)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
        assert_int_equal(err.status, rows[i].status);
        if (rows[i].good)
            check_echo(redis);
        else
            check_has(err.message, rows[i].says);
        check_no_secret(err);
        svi_redis_close(redis);
        json_decref(url.query);
        redis_server_kill(&the_server);
    }
}

static void tls_and_plain_do_not_understand_each_other_and_say_so(void **state)
{
    (void)state;
    char certificate[4096], key[4096];
    svi_format(certificate, sizeof certificate, "%s/certificate.pem", scratch_folder());
    svi_format(key, sizeof key, "%s/key.pem", scratch_folder());
    make_certificate("IP:127.0.0.1", -3600, 3600, certificate, key);
    for (int tls = 0; tls < 2; tls++) {
        the_server = (struct redis_server){ .certificate = tls ? certificate : NULL, .key = tls ? key : NULL };
        redis_server_start(&the_server);
        struct svi_broker_url url = redis_server_url(&the_server);
        struct svi_error err = { 0 };
        struct svi_redis *redis = NULL;
        url.tls = !tls;
        assert_false(svi_redis_open(&redis, &url, &quick, &err));
        /* Redis waits for the end of a line, which a handshake never sends; TLS refuses words in clear, and may be gone before it
         * is heard. */
        if (err.status != SVI_UNREACHABLE && (!tls || err.status != SVI_BAD_USAGE))
            fail_msg("tls %d: %s [%s]", tls, err.message, err.cause);
        check_has(err.cause, tls ? "" : "without TLS");
        redis_server_kill(&the_server);
    }
}

/* ---- servers that are none ---- */

/* Sends each caller the same bytes once something came, or keeps silent. */
struct other_server {
    int listener, port;
    const char *says; /* NULL: nothing, and the connection stays; "": closed at once */
    size_t size;      /* 0: a text */
    pthread_t thread;
};

static void *serve(void *self)
{
    struct other_server *other = self;
    for (int fd; (fd = accept4(other->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(fd)) {
        char heard[4096];
        size_t size = other->says && !other->size ? strlen(other->says) : other->size;
        if (other->says && !size)
            continue;
        if (recv(fd, heard, sizeof heard, 0) > 0 && other->says)
            send(fd, other->says, size, MSG_NOSIGNAL);
        while (recv(fd, heard, sizeof heard, 0) > 0)
            ;
    }
    return NULL;
}

static void start_other(struct other_server *other)
{
    other->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(other->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(other->listener, 8), 0);
    assert_int_equal(getsockname(other->listener, (struct sockaddr *)&address, &size), 0);
    other->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&other->thread, NULL, serve, other), 0);
}

static void stop_other(struct other_server *other)
{
    shutdown(other->listener, SHUT_RDWR);
    pthread_join(other->thread, NULL);
    close(other->listener);
}

static void what_is_no_redis_server_is_told_apart_from_one_that_is_not_there(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        size_t size;
        enum svi_status status;
        bool tls;
    } rows[] = {
        { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 0, SVI_BAD_USAGE, false },
        { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 0, SVI_BAD_USAGE, true },
        { NULL, 0, SVI_UNREACHABLE, true },
        { "AMQP\0\0\x09\x01", 8, SVI_BAD_USAGE, false },
        { "\x15\x03\x03\0\x02\x02\x46", 7, SVI_BAD_USAGE, false },
        { "+OK POP3 server ready\r\n", 0, SVI_BAD_USAGE, false },
        { "$5\r\nhello\r\n", 0, SVI_BAD_USAGE, false },
        { "*2147483647\r\n", 0, SVI_BAD_USAGE, false },
        { "*9000000\r\n", 0, SVI_BAD_USAGE, false },
        { "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", 0, SVI_BAD_USAGE, false },
        { "-NOAUTH Authentication required.\r\n", 0, SVI_BAD_USAGE, false },
        { "-LOADING Redis is loading the dataset in memory\r\n", 0, SVI_UNREACHABLE, false },
        { "-MASTERDOWN Link with MASTER is down\r\n", 0, SVI_UNREACHABLE, false },
        { "-BUSY Redis is busy running a script.\r\n", 0, SVI_UNREACHABLE, false },
        { "-ERR max number of clients reached\r\n", 0, SVI_UNREACHABLE, false },
        { "$100\r\nhalf", 0, SVI_UNREACHABLE, false },
        { "", 0, SVI_UNREACHABLE, false },
        { NULL, 0, SVI_UNREACHABLE, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct other_server other = { .says = rows[i].says, .size = rows[i].size };
        const struct redis_server place = { 0 };
        start_other(&other);
        struct svi_broker_url url = redis_server_url(&place);
        url.port = other.port;
        url.tls = rows[i].tls;
        struct svi_error err = { 0 };
        struct svi_redis *redis = NULL;
        bool hangs = !rows[i].says || !strcmp(rows[i].says, "$100\r\nhalf");
        double begin_s = svi_now_s();
        assert_false(svi_redis_open(&redis, &url, hangs ? &quick : &patience, &err));
        assert_true(svi_now_s() - begin_s < 10);
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
        stop_other(&other);
    }
}

static void a_quoted_password_is_not_shown(void **state)
{
    (void)state;
    struct other_server other = { .says = "-ERR unknown command `AUTH`, with args beginning with: `" SECRET "`, \r\n" };
    const struct redis_server place = { .password = SECRET };
    start_other(&other);
    struct svi_broker_url url = redis_server_url(&place);
    url.port = other.port;
    struct svi_error err = { 0 };
    struct svi_redis *redis = NULL;
    assert_false(svi_redis_open(&redis, &url, &quick, &err));
    check_no_secret(err);
    stop_other(&other);
}

static void places_where_nobody_is(void **state)
{
    (void)state;
    static const struct {
        const char *host, *path;
        int port;
    } rows[] = {
        { "127.0.0.1", "", 1 },
        { "no-such-host.invalid", "", 6379 },
        { "", "/no/such/socket", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct redis_server place = { .password = SECRET };
        struct svi_broker_url url = redis_server_url(&place);
        struct svi_error err = { 0 };
        struct svi_redis *redis = NULL;
        url.host = (char *)(uintptr_t)rows[i].host;
        url.path = (char *)(uintptr_t)rows[i].path;
        url.port = rows[i].port;
        assert_false(svi_redis_open(&redis, &url, &quick, &err));
        assert_int_equal(err.status, SVI_UNREACHABLE);
        check_no_secret(err);
    }
}

static void a_server_that_stops_or_goes_away_is_noticed(void **state)
{
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        the_server = (struct redis_server){ 0 };
        redis_server_start(&the_server);
        const struct svi_broker_url url = redis_server_url(&the_server);
        struct svi_error err = { 0 };
        struct svi_redis *redis = NULL;
        redisReply *reply = NULL;
        check_ok(svi_redis_open(&redis, &url, &quick, &err), err);
        if (gone)
            redis_server_kill(&the_server);
        else
            kill(the_server.pid, SIGSTOP);
        double begin_s = svi_now_s();
        bool ok = svi_redis_add_texts(redis, &err, svi_bytes_of("PING")) && svi_redis_take_good(redis, &reply, &err);
        assert_false(ok);
        assert_int_equal(err.status, SVI_UNREACHABLE);
        assert_true(svi_now_s() - begin_s < 10);
        svi_redis_close(redis);
        redis_server_kill(&the_server);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!redis_server_is_here())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands_go_out_many_at_once_and_refusals_do_not_mix_them_up, start_the_server,
                                        stop_the_server),
        cmocka_unit_test_setup_teardown(large_texts_pass_and_too_large_ones_end_the_connection, start_the_server, stop_the_server),
        cmocka_unit_test_teardown(credentials_are_needed_where_the_server_wants_them, stop_the_server),
        cmocka_unit_test_setup_teardown(a_password_for_a_server_that_has_none_is_refused_without_being_shown, start_the_server,
                                        stop_the_server),
        cmocka_unit_test_teardown(only_a_server_with_a_good_certificate_gets_the_password, stop_the_server),
        cmocka_unit_test_teardown(tls_and_plain_do_not_understand_each_other_and_say_so, stop_the_server),
        cmocka_unit_test(what_is_no_redis_server_is_told_apart_from_one_that_is_not_there),
        cmocka_unit_test(a_quoted_password_is_not_shown),
        cmocka_unit_test(places_where_nobody_is),
        cmocka_unit_test_teardown(a_server_that_stops_or_goes_away_is_noticed, stop_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
