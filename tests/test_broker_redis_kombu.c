/* test_broker_redis_kombu - our Redis transport and result store beside kombu and Celery, on one server: each goes on with what the
 * other has left there. */
#include "broker_checks.h"
#include "peer.h"

#include "base/stopwatch.h"
#include "host/result_store.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "redis_server.h"

#define NODE "svi@a"

static struct opened node;
static char url[64];
static const char *options = "{\"visibility_timeout\": 1}";

static const char *const option_rows[] = {
    "{\"visibility_timeout\": 1}",
    "{\"visibility_timeout\": 1, \"global_keyprefix\": \"svi:\", \"sep\": \":\", \"priority_steps\": [0, 5]}",
    "{\"visibility_timeout\": 1, \"fanout_prefix\": false, \"fanout_patterns\": false, \"unacked_key\": \"u\"}",
};

static struct svi_broker_url place(void)
{
    struct svi_broker_url at = redis_server_url(&the_server);
    at.database = 2;
    svi_format(url, sizeof url, "redis://127.0.0.1:%d/2", the_server.port);
    return at;
}

static void open_node(void)
{
    static const char *const queues[] = { "large_jobs" };
    const struct svi_broker_url at = place();
    json_t *tree = json_loads(options, 0, NULL);
    struct svi_error err = { 0 };
    node.class = &svi_broker_redis;
    check_ok(svi_broker_redis.open(&node.broker, &(struct svi_broker_settings){ &at, NODE, queues, 1, tree }, &err), err);
    json_decref(tree);
}

static void close_node(void)
{
    node.class->close(node.broker);
    node.broker = NULL;
}

static int stop_all(void **state)
{
    close_node();
    return stop_the_server(state);
}

static void finish(struct peer *peer)
{
    assert_int_equal(end_peer(peer), 0);
}

static void let_peer_publish(const char *count, const char *priority)
{
    struct peer peer;
    start_peer(&peer, (const char *const[]){ "publish", url, options, "large_jobs", count, priority, NULL });
    finish(&peer);
}

/* Takes one message that must have this number. */
static void let_peer_take(const char *how, const char *queue, int number, bool redelivered)
{
    struct peer peer;
    struct svi_error err = { 0 };
    start_peer(&peer, (const char *const[]){ how, url, options, queue, "1", NULL });
    json_t *said = svi_json_parse(svi_bytes_of(read_peer(&peer)), "What kombu got", SVI_BAD_ANSWER, &err);
    if (!said)
        fail_msg("task %d did not reach kombu", number);
    json_t *taken = svi_json_parse(svi_bytes_of(json_string_value(json_object_get(said, "body"))), "The body", SVI_BAD_ANSWER,
                                   &err);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(taken, 0), 0)), number);
    assert_int_equal(json_is_true(json_object_get(said, "redelivered")), redelivered);
    json_decref(taken);
    json_decref(said);
    finish(&peer);
}

static void each_takes_what_the_other_published_gave_back_or_let_fall(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(option_rows); i++) {
        struct svi_arrival arrival;
        options = option_rows[i];
        place();
        /* Theirs, by priority; one is sent on, one given back. */
        let_peer_publish("1", "9");
        let_peer_publish("3", "0");
        open_node();
        await_task(&node, 0, false, &arrival);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
        await_task(&node, 1, false, &arrival);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
        send_task(&node, "onward", 7);
        let_peer_take("consume", "onward", 7, false);
        await_task(&node, 2, false, &arrival);
        end_arrival(&node, &arrival, SVI_BROKER_RETURNED, true);
        let_peer_take("consume", "large_jobs", 2, true);

        /* We fall; their sweep brings it back. */
        struct peer peer;
        await_task(&node, 0, false, &arrival);
        svi_celery_message_clear(&arrival.message);
        close_node();
        start_peer(&peer, (const char *const[]){ "sweep", url, options, "large_jobs", "20", NULL });
        assert_string_equal(read_peer(&peer), "1");
        finish(&peer);
        let_peer_take("consume", "large_jobs", 0, true);

        /* They fall; our sweep brings it back. */
        let_peer_publish("1", "4");
        let_peer_take("let-fall", "large_jobs", 0, false);
        open_node();
        await_task(&node, 0, true, &arrival);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
        await_nothing(&node, 0.3);
        close_node();
        redis_server_ask(&the_server, "FLUSHALL");
    }
}

static void a_lease_that_is_renewed_outlives_their_sweeps(void **state)
{
    (void)state;
    struct svi_arrival arrival, none;
    struct peer peer;
    siginfo_t end = { 0 };
    options = option_rows[0];
    open_node();
    send_task(&node, "large_jobs", 5);
    await_task(&node, 5, false, &arrival);
    start_peer(&peer, (const char *const[]){ "sweep", url, options, "large_jobs", "3", NULL });
    while (!end.si_pid) {
        assert_int_equal(await(&node, false, 0.1, &none), SVI_ARRIVED_NOTHING);
        assert_int_equal(waitid(P_PID, (id_t)peer.pid, &end, WEXITED | WNOHANG | WNOWAIT), 0);
    }
    assert_string_equal(read_peer(&peer), "0");
    finish(&peer);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
}

static void kombu_calls_and_we_answer(void **state)
{
    (void)state;
    static const char *const destinations[] = { NODE, NULL };
    for (size_t i = 0; i < ROWS(option_rows); i++) {
        struct peer peer;
        options = option_rows[i];
        open_node();
        start_peer(&peer, (const char *const[]){ "call", url, options, "ping", "2", destinations[i % 2], NULL });
        answer_call(&node, NODE, "ping");
        assert_string_equal(read_peer(&peer), "[{\"" NODE "\": {\"ok\": \"pong\"}}]");
        finish(&peer);
        close_node();
    }
}

static void kombu_sees_our_events(void **state)
{
    (void)state;
    struct peer peer;
    struct svi_celery_message event;
    struct svi_error err = { 0 };
    options = option_rows[1];
    open_node();
    start_peer(&peer, (const char *const[]){ "event", url, options, NULL });
    assert_string_equal(read_peer(&peer), "ready");
    json_t *body = json_pack("{s:s}", "type", "worker-heartbeat");
    check_ok(svi_celery_message_init(&event, body, &err), err);
    /* kombu subscribes a moment after it says so. */
    struct pollfd said = { .fd = peer.out, .events = POLLIN };
    do
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_EVENTS, "", "worker.heartbeat", &event, &err), err);
    while (poll(&said, 1, 100) == 0);
    check_has(read_peer(&peer), "{\"type\": \"worker-heartbeat\"}");
    finish(&peer);
    svi_celery_message_clear(&event);
    json_decref(body);
}

static void celery_gets_the_results_that_we_store(void **state)
{
    (void)state;
    static const struct {
        const char *result, *says;
    } rows[] = {
        { "{\"status\": \"SUCCESS\", \"result\": null, \"traceback\": null, \"children\": [], \"date_done\": null}",
          "[\"SUCCESS\", \"NoneType\", \"None\"]" },
        { "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"ValueError\", \"exc_message\": [\"boom\"], \"exc_module\": "
          "\"builtins\"}, \"traceback\": \"t\", \"children\": []}",
          "[\"FAILURE\", \"ValueError\", \"boom\"]" },
    };
    const struct svi_broker_url at = place();
    struct svi_result_store *store = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_result_store_open(&store, &(struct svi_result_store_settings){ &at, NULL, 100 }, &err), err);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct peer peer;
        char id[16];
        svi_format(id, sizeof id, "id-%zu", i);
        json_t *result = json_loads(rows[i].result, 0, NULL);
        json_object_set_new(result, "task_id", json_string(id));
        check_ok(svi_result_store_put(store, id, result, &err), err);
        json_decref(result);
        start_peer(&peer, (const char *const[]){ "result", url, "{}", id, "5", NULL });
        assert_string_equal(read_peer(&peer), rows[i].says);
        finish(&peer);
    }
    svi_result_store_close(store);
}

#define with_both(test) cmocka_unit_test_setup_teardown(test, start_the_server, stop_all)

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!redis_server_is_here() || !have_peer("memory://", "{}"))
        return 77;
    const struct CMUnitTest tests[] = {
        with_both(each_takes_what_the_other_published_gave_back_or_let_fall),
        with_both(a_lease_that_is_renewed_outlives_their_sweeps),
        with_both(kombu_calls_and_we_answer),
        with_both(kombu_sees_our_events),
        with_both(celery_gets_the_results_that_we_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
