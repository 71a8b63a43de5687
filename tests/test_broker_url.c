/* test_broker_url - brokers as Celery's users write them. The rows of the wire page were parsed by kombu. */
#include "host/broker_url.h"

#include "secret.h"

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum svi_broker_transport transport;
        bool tls;
        const char *user, *password, *host;
        int port;
        const char *path, *virtual_host;
        int database;
        const char *query, *shown;
    } rows[] = {
        { "redis://", SVI_BROKER_REDIS, false, "", "", "localhost", 6379, "", "", 0, "{}", "redis://localhost:6379/0" },
        { "redis://:pw@host:6380", SVI_BROKER_REDIS, false, "", "pw", "host", 6380, "", "", 0, "{}", "redis://:**@host:6380/0" },
        { "redis://user:p%40w@h/1", SVI_BROKER_REDIS, false, "user", "p@w", "h", 6379, "", "", 1, "{}",
          "redis://user:**@h:6379/1" },
        { "redis://user:p@w@h/1", SVI_BROKER_REDIS, false, "user", "p@w", "h", 6379, "", "", 1, "{}", "redis://user:**@h:6379/1" },
        { "redis://[::1]:7/2", SVI_BROKER_REDIS, false, "", "", "::1", 7, "", "", 2, "{}", "redis://[::1]:7/2" },
        { "redis://h/?virtual_host=4", SVI_BROKER_REDIS, false, "", "", "h", 6379, "", "", 4, "{\"virtual_host\": \"4\"}",
          "redis://h:6379/4" },
        { "redis+socket:///var/run/r.sock?virtual_host=3", SVI_BROKER_REDIS, false, "", "", "", 0, "/var/run/r.sock", "", 3,
          "{\"virtual_host\": \"3\"}", "redis+socket:///var/run/r.sock?virtual_host=3" },
        { "redis+socket://u:pw@/r.sock", SVI_BROKER_REDIS, false, "u", "pw", "", 0, "/r.sock", "", 0, "{}",
          "redis+socket://u:**@/r.sock?virtual_host=0" },
        { "rediss://:pw@h:6380/0?ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs=/p", SVI_BROKER_REDIS, true, "", "pw", "h", 6380, "", "",
          0, "{\"ssl_cert_reqs\": \"CERT_REQUIRED\", \"ssl_ca_certs\": \"/p\"}", "rediss://:**@h:6380/0" },
        { "amqp://user:pw@host:5672/vh", SVI_BROKER_AMQP, false, "user", "pw", "host", 5672, "", "vh", 0, "{}",
          "amqp://user:**@host:5672/vh" },
        { "amqp://u:p@h/a%2Fb", SVI_BROKER_AMQP, false, "u", "p", "h", 5672, "", "a/b", 0, "{}", "amqp://u:**@h:5672/a/b" },
        { "amqp://u:p@h", SVI_BROKER_AMQP, false, "u", "p", "h", 5672, "", "/", 0, "{}", "amqp://u:**@h:5672/" },
        { "amqp://u:p@h/", SVI_BROKER_AMQP, false, "u", "p", "h", 5672, "", "/", 0, "{}", "amqp://u:**@h:5672/" },
        { "amqp://u:p@h//", SVI_BROKER_AMQP, false, "u", "p", "h", 5672, "", "/", 0, "{}", "amqp://u:**@h:5672/" },
        { "amqp://:pw@host", SVI_BROKER_AMQP, false, "guest", "pw", "host", 5672, "", "/", 0, "{}", "amqp://guest:**@host:5672/" },
        { "amqp://", SVI_BROKER_AMQP, false, "guest", "guest", "localhost", 5672, "", "/", 0, "{}",
          "amqp://guest:**@localhost:5672/" },
        { "amqps://u:p@h/v?heartbeat=30", SVI_BROKER_AMQP, true, "u", "p", "h", 5671, "", "v", 0, "{\"heartbeat\": \"30\"}",
          "amqps://u:**@h:5671/v" },
        { "pyamqp://u:p@h", SVI_BROKER_AMQP, false, "u", "p", "h", 5672, "", "/", 0, "{}", "amqp://u:**@h:5672/" },
        { "filesystem:///absolute/path", SVI_BROKER_FOLDER, false, "", "", "", 0, "/absolute/path", "", 0, "{}",
          "filesystem:///absolute/path" },
        { "filesystem:///with%20blank", SVI_BROKER_FOLDER, false, "", "", "", 0, "/with blank", "", 0, "{}",
          "filesystem:///with blank" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_broker_urls urls;
        struct svi_error err = { 0 };
        char shown[256];
        check_ok(svi_broker_urls_parse(&urls, rows[i].url, &err), err);
        assert_int_equal(urls.count, 1);
        const struct svi_broker_url *url = &urls.at[0];
        assert_int_equal(url->transport, rows[i].transport);
        assert_int_equal(url->tls, rows[i].tls);
        assert_string_equal(url->user, rows[i].user);
        assert_string_equal(url->password, rows[i].password);
        assert_string_equal(url->host, rows[i].host);
        assert_int_equal(url->port, rows[i].port);
        assert_string_equal(url->path, rows[i].path);
        assert_string_equal(url->virtual_host, rows[i].virtual_host);
        assert_int_equal(url->database, rows[i].database);
        json_t *query = json_loads(rows[i].query, 0, NULL);
        assert_true(json_equal(url->query, query));
        json_decref(query);
        svi_broker_url_show(url, shown, sizeof shown);
        assert_string_equal(shown, rows[i].shown);
        svi_broker_urls_clear(&urls);
    }
}

static void several_are_tried_in_turn(void **state)
{
    (void)state;
    struct svi_broker_urls urls;
    struct svi_error err = { 0 };
    check_ok(svi_broker_urls_parse(&urls, "amqp://a;amqp://u:p@b:7/v;", &err), err);
    assert_int_equal(urls.count, 2);
    assert_string_equal(urls.at[0].host, "a");
    assert_string_equal(urls.at[1].host, "b");
    assert_int_equal(urls.at[1].port, 7);
    svi_broker_urls_clear(&urls);
    assert_int_equal(urls.count, 0);
}

static void what_is_no_url_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *says;
    } rows[] = {
        { "", "empty" },
        { ";;", "empty" },
        { "/tmp/folder", "begins with none" },
        { SECRET "://h", "begins with none" },
        { "http://u:" SECRET "@h", "begins with none" },
        { "redis:" SECRET "@h", "begins with none" },
        { "sentinel://:" SECRET "@h1:26379;sentinel://h2", "Sentinel" },
        { "redis://:" SECRET "/1", "port" },
        { "redis://u:" SECRET "/p@h", "port" },
        { "redis://h:0", "port" },
        { "redis://h:65536", "port" },
        { "redis://h:99999999999999999999", "port" },
        { "redis://[::1", "bracket" },
        { "redis://[::1]x", "port" },
        { "redis://h/" SECRET, "database" },
        { "redis://h/-1", "database" },
        { "redis://h/1?virtual_host=" SECRET, "database" },
        { "redis://u:%00" SECRET "@h", "characters" },
        { "redis://u:%FF" SECRET "@h", "characters" },
        { "redis://h\n/1", "characters" },
        { "filesystem://relative", "absolute" },
        { "filesystem://", "absolute" },
        { "redis+socket://:" SECRET "@r.sock", "absolute" },
        { "redis://h;amqp://" SECRET "@h", "one kind" },
        { "redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;redis://;"
          "redis://;redis://;redis://;redis://",
          "More than" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_broker_urls urls;
        struct svi_error err = { 0 };
        if (svi_broker_urls_parse(&urls, rows[i].url, &err))
            fail_msg("\"%s\" is not refused", rows[i].url);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, rows[i].says);
        check_no_secret(err);
        assert_null(urls.at);
    }
}

static void a_long_text_is_refused(void **state)
{
    (void)state;
    char *text = calloc(1, 10001);
    struct svi_broker_urls urls;
    struct svi_error err = { 0 };
    assert_non_null(text);
    memset(text, 'a', 10000);
    memcpy(text, "redis://", 8);
    assert_false(svi_broker_urls_parse(&urls, text, &err));
    check_has(err.message, "longer");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(several_are_tried_in_turn),
        cmocka_unit_test(what_is_no_url_is_refused),
        cmocka_unit_test(a_long_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
