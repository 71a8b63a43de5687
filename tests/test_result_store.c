/* test_result_store - results as Celery's clients look for them, in a real Redis server. */
#include "host/result_store.h"

#include "base/stopwatch.h"

#include <signal.h>

#include "redis_server.h"
#include "secret.h"

static struct svi_result_store *open_store(const struct svi_broker_url *url, const json_t *options, double expires_s)
{
    const struct svi_result_store_settings settings = { url, options, expires_s };
    struct svi_result_store *store = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_result_store_open(&store, &settings, &err), err);
    return store;
}

static bool put(struct svi_result_store *store, const char *id, const char *status, struct svi_error *err)
{
    json_t *result = json_pack("{s:s, s:n, s:s}", "status", status, "result", "task_id", id);
    bool ok = svi_result_store_put(store, id, result, err);
    json_decref(result);
    return ok;
}

static void check_stored(const char *key, const char *id, const char *status)
{
    json_t *should = json_pack("{s:s, s:n, s:s}", "status", status, "result", "task_id", id);
    json_t *is = json_loads(redis_server_ask(&the_server, "GET %s", key)->str, 0, NULL);
    assert_true(json_equal(is, should));
    json_decref(is);
    json_decref(should);
}

static void a_result_is_stored_for_a_while_and_announced(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        double expires_s;
        const char *key;
        long long least_s, most_s;
    } rows[] = {
        { "{}", 86400, "celery-task-meta-id-1", 86390, 86400 },
        { "{\"global_keyprefix\": \"p\"}", 60, "p_celery-task-meta-id-1", 50, 60 },
        { "{\"global_keyprefix\": null}", 0.5, "celery-task-meta-id-1", 0, 1 },
        { "{}", 0, "celery-task-meta-id-1", -1, -1 },
    };
    const struct svi_broker_url url = redis_server_url(&the_server);
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *options = json_loads(rows[i].options, 0, NULL);
        struct svi_result_store *store = open_store(&url, options, rows[i].expires_s);
        struct svi_error err = { 0 };
        redisContext *listener = redisConnect("127.0.0.1", the_server.port);
        freeReplyObject(redisCommand(listener, "SUBSCRIBE %s", rows[i].key));
        check_ok(put(store, "id-1", "FAILURE", &err), err);
        check_stored(rows[i].key, "id-1", "FAILURE");
        long long left_s = redis_server_number(&the_server, "TTL %s", rows[i].key);
        assert_true(left_s >= rows[i].least_s && left_s <= rows[i].most_s);
        void *heard = NULL;
        assert_int_equal(redisGetReply(listener, &heard), REDIS_OK);
        check_has(((redisReply *)heard)->element[2]->str, "FAILURE");
        freeReplyObject(heard);
        redisFree(listener);
        svi_result_store_close(store);
        json_decref(options);
        redis_server_ask(&the_server, "FLUSHALL");
    }
}

static void success_is_the_last_word(void **state)
{
    (void)state;
    const struct svi_broker_url url = redis_server_url(&the_server);
    struct svi_result_store *store = open_store(&url, NULL, 100);
    struct svi_error err = { 0 };
    static const char *const puts[] = { "RETRY", "FAILURE", "SUCCESS", "FAILURE", "REVOKED" };
    for (size_t i = 0; i < ROWS(puts); i++) {
        check_ok(put(store, "id", puts[i], &err), err);
        check_stored("celery-task-meta-id", "id", puts[i < 2 ? i : 2]);
    }
    redis_server_ask(&the_server, "SET celery-task-meta-odd no-JSON");
    check_ok(put(store, "odd", "SUCCESS", &err), err);
    check_stored("celery-task-meta-odd", "odd", "SUCCESS");
    svi_result_store_close(store);
}

static void a_server_that_comes_back_gets_the_next_result(void **state)
{
    (void)state;
    const struct svi_broker_url url = redis_server_url(&the_server);
    struct svi_result_store *store = open_store(&url, NULL, 100);
    struct svi_error err = { 0 };
    check_ok(put(store, "a", "SUCCESS", &err), err);
    redis_server_kill(&the_server);
    redis_server_start(&the_server);
    check_ok(put(store, "b", "SUCCESS", &err), err); /* the connection of before is of no use any more */
    check_stored("celery-task-meta-b", "b", "SUCCESS");
    redis_server_kill(&the_server);
    assert_false(put(store, "c", "SUCCESS", &err));
    assert_int_equal(err.status, SVI_UNREACHABLE);
    redis_server_start(&the_server);
    err = (struct svi_error){ 0 };
    check_ok(put(store, "c", "SUCCESS", &err), err);
    kill(the_server.pid, SIGSTOP);
    double begin_s = svi_now_s();
    assert_false(put(store, "d", "SUCCESS", &err));
    assert_int_equal(err.status, SVI_UNREACHABLE);
    assert_true(svi_now_s() - begin_s < 8);
    svi_result_store_close(store);
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    struct svi_broker_url url = redis_server_url(&the_server);
    struct svi_result_store *store = NULL;
    struct svi_error err = { 0 };
    redis_server_ask(&the_server, "CONFIG SET requirepass right");
    url.password = (char *)(uintptr_t)SECRET;
    store = open_store(&url, NULL, 100);
    assert_false(put(store, "id", "SUCCESS", &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    check_no_secret(err);
    svi_result_store_close(store);
    url.transport = SVI_BROKER_AMQP;
    err = (struct svi_error){ 0 };
    assert_false(svi_result_store_open(&store, &(struct svi_result_store_settings){ &url, NULL, 100 }, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!redis_server_is_here())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_result_is_stored_for_a_while_and_announced, start_the_server, stop_the_server),
        cmocka_unit_test_setup_teardown(success_is_the_last_word, start_the_server, stop_the_server),
        cmocka_unit_test_setup_teardown(a_server_that_comes_back_gets_the_next_result, start_the_server, stop_the_server),
        cmocka_unit_test_setup_teardown(what_cannot_work_is_refused, start_the_server, stop_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
