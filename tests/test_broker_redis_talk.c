/* test_broker_redis_talk - names, remote control and trouble of the Redis transport, on a real server. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>

#include "broker_redis_fixture.h"
#include "proxy.h"
#include "secret.h"

/* ---- names ---- */

static void every_name_can_be_set(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        const char *list, *binding, *member, *unacked, *index, *held, *channel, *event;
    } rows[] = {
        { "{}", "large_jobs|3", "_kombu.binding.large_jobs", "large_jobs||large_jobs", "unacked", "unacked_index",
          "_svi.held." NODE, "/0.celery.pidbox", "/0.celeryev/worker.online" },
        { "{\"global_keyprefix\": \"p:\", \"queue_order_strategy\": \"sorted\"}", "p:large_jobs|3", "p:_kombu.binding.large_jobs",
          "large_jobs||large_jobs", "p:unacked", "p:unacked_index", "p:_svi.held." NODE, "p:/0.celery.pidbox",
          "p:/0.celeryev/worker.online" },
        { "{\"fanout_prefix\": false, \"fanout_patterns\": false, \"unacked_key\": \"u\", \"unacked_index_key\": \"i\"}",
          "large_jobs|3", "_kombu.binding.large_jobs", "large_jobs||large_jobs", "u", "i", "_svi.held." NODE, "celery.pidbox",
          "celeryev" },
        { "{\"fanout_prefix\": \"x{db}y\", \"sep\": \":\", \"priority_steps\": [0, 1, 2, 3, 4]}", "large_jobs:4",
          "_kombu.binding.large_jobs", "large_jobs::large_jobs", "unacked", "unacked_index", "_svi.held." NODE, "x0ycelery.pidbox",
          "x0yceleryev/worker.online" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *options = json_loads(rows[i].options, 0, NULL);
        assert_non_null(options);
        struct svi_broker *broker = open_usual(options);
        struct svi_error err = { 0 };
        char list[64], member[64];
        size_t length = 0, width = 0;
        for (const char *c = rows[i].list; *c; c++)
            length += *c == '|' ? (memcpy(list + length, SEPARATOR, 2), 2U) : (list[length] = *c, 1U);
        for (const char *c = rows[i].member; *c; c++)
            width += *c == '|' ? (memcpy(member + width, SEPARATOR, 2), 2U) : (member[width] = *c, 1U);
        assert_int_equal(redis_server_number(&the_server, "SISMEMBER %s %b", rows[i].binding, member, width), 1);
        assert_int_equal(redis_server_ask(&the_server, "PUBSUB NUMSUB %s", rows[i].channel)->element[1]->integer, 1);

        struct svi_celery_message message;
        json_t *body = json_pack("[[i,s,{}],{},{}]", 1, "t");
        check_ok(svi_celery_message_init(&message, body, &err), err);
        json_decref(body);
        json_object_set_new(message.headers, "id", json_string("sent"));
        json_object_set_new(message.properties, "priority", json_integer(4));
        check_ok(svi_broker_redis.send(broker, SVI_BROKER_TO_QUEUE, "", "large_jobs", &message, &err), err);
        assert_int_equal(redis_server_number(&the_server, "LLEN %b", list, length), 1);
        struct svi_broker_tag tag = expect_task(broker, "sent", false);
        assert_int_equal(redis_server_number(&the_server, "HEXISTS %s %s", rows[i].unacked, tag.text), 1);
        assert_true(redis_server_ask(&the_server, "ZSCORE %s %s", rows[i].index, tag.text)->type == REDIS_REPLY_STRING);
        assert_int_equal(redis_server_number(&the_server, "SISMEMBER %s %s", rows[i].held, tag.text), 1);

        redisContext *listener = redisConnect("127.0.0.1", the_server.port);
        redisReply *reply = redisCommand(listener, "SUBSCRIBE %s", rows[i].event);
        freeReplyObject(reply);
        check_ok(svi_broker_redis.send(broker, SVI_BROKER_TO_EVENTS, "", "worker.online", &message, &err), err);
        void *event = NULL;
        assert_int_equal(redisGetReply(listener, &event), REDIS_OK);
        check_has(((redisReply *)event)->element[2]->str, "\"routing_key\"");
        freeReplyObject(event);
        redisFree(listener);

        svi_celery_message_clear(&message);
        svi_broker_redis.close(broker);
        json_decref(options);
        redis_server_ask(&the_server, "FLUSHALL");
    }
}

static void options_that_cannot_be_meant_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"visibility_timeout\": 0}",
        "{\"visibility_timeout\": \"3600\"}",
        "{\"sep\": \"\"}",
        "{\"priority_steps\": []}",
        "{\"priority_steps\": [3, 0]}",
        "{\"priority_steps\": [0, \"3\"]}",
        "{\"global_keyprefix\": 5}",
        "{\"fanout_prefix\": 5}",
        "{\"priority_steps\": [-1, 0]}",
        "{\"unacked_key\": []}",
    };
    const struct svi_broker_url url = redis_server_url(&the_server);
    static const char *const queues[] = { "large_jobs" };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *options = json_loads(rows[i], 0, NULL);
        assert_non_null(options);
        const struct svi_broker_settings settings = { &url, NODE, queues, 1, options };
        struct svi_broker *broker = NULL;
        struct svi_error err = { 0 };
        assert_false(svi_broker_redis.open(&broker, &settings, &err));
        if (err.status != SVI_BAD_USAGE)
            fail_msg("%s: %s", rows[i], err.message);
        json_decref(options);
    }
}

/* ---- remote control ---- */

static void control_messages_come_in_and_answers_go_to_who_waits_for_them(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *options = json_pack("{s:s}", "global_keyprefix", "k.");
    struct svi_broker *broker = open_usual(options);
    const char inbox[] = SEPARATOR SEPARATOR NODE ".celery.pidbox";
    assert_int_equal(redis_server_number(&the_server, "SISMEMBER k._kombu.binding.celery.pidbox %b", inbox, sizeof inbox - 1), 1);
    redis_server_number(&the_server, "PUBLISH k./0.celery.pidbox nonsense");
    redis_server_number(&the_server, "PUBLISH k./0.celery.pidbox %s", message_text("control", ""));
    push("k.large_jobs", "task");
    /* Control comes before tasks, and needs no room. */
    struct svi_arrival arrival = wait_s(broker, 5, true);
    assert_int_equal(arrival.kind, SVI_ARRIVED_CONTROL);
    assert_string_equal(json_string_value(json_object_get(arrival.message.headers, "id")), "control");
    redis_server_number(&the_server, "SADD k._kombu.binding.reply.celery.pidbox %b", "oid" SEPARATOR SEPARATOR "oid.q", (size_t)12);
    redis_server_number(&the_server, "SADD k._kombu.binding.reply.celery.pidbox %b", "oid2" SEPARATOR SEPARATOR "wrong",
                        (size_t)13);
    for (int known = 0; known < 2; known++)
        check_ok(svi_broker_redis.send(broker, SVI_BROKER_TO_REPLY, "reply.celery.pidbox", known ? "oid" : "nobody",
                                       &arrival.message, &err),
                 err);
    assert_int_equal(redis_server_number(&the_server, "LLEN k.oid.q"), 1);
    assert_int_equal(redis_server_number(&the_server, "EXISTS k.nobody k.wrong nobody"), 0);
    long long seconds = redis_server_number(&the_server, "TTL k.oid.q");
    assert_true(seconds > 50 && seconds <= 60);
    json_t *sent = stored_message("k.oid.q");
    const json_t *properties = json_object_get(sent, "properties");
    const char *tag = json_string_value(json_object_get(properties, "delivery_tag"));
    assert_true(tag && strlen(tag) == 36 && strcmp(tag, "control") != 0);
    assert_string_equal(json_string_value(json_object_get(json_object_get(properties, "delivery_info"), "routing_key")), "oid");
    json_decref(sent);
    svi_celery_message_clear(&arrival.message);
    svi_broker_redis.close(broker);
    assert_int_equal(redis_server_number(&the_server, "EXISTS k._kombu.binding.celery.pidbox"), 0);
    json_decref(options);
}

/* Answers pings until it is told to stop. */
struct answerer {
    struct svi_broker *broker;
    const char *node;
    atomic_bool stop;
    pthread_t thread;
};

static void *answer_pings(void *self)
{
    struct answerer *answerer = self;
    while (!atomic_load(&answerer->stop)) {
        const struct svi_broker_wait wait = { .until_s = svi_now_s() + 0.1, .wake_fd = -1, .room = false };
        struct svi_arrival arrival;
        struct svi_error err = { 0 };
        if (!svi_broker_redis.wait(answerer->broker, &wait, &arrival, &err) || arrival.kind != SVI_ARRIVED_CONTROL)
            continue;
        json_t *request = json_loadb((char *)arrival.message.body.at, arrival.message.body.count, 0, NULL);
        const json_t *to = json_object_get(request, "reply_to");
        json_t *body = json_pack("{s:{s:s}}", answerer->node, "ok", "pong");
        struct svi_celery_message reply;
        if (svi_celery_message_init(&reply, body, &err)) {
            json_object_set(reply.headers, "ticket", json_object_get(request, "ticket"));
            svi_broker_redis.send(answerer->broker, SVI_BROKER_TO_REPLY, json_string_value(json_object_get(to, "exchange")),
                                  json_string_value(json_object_get(to, "routing_key")), &reply, &err);
            svi_celery_message_clear(&reply);
        }
        json_decref(body);
        json_decref(request);
        svi_celery_message_clear(&arrival.message);
    }
    return NULL;
}

static void nodes_are_asked_and_their_answers_gathered(void **state)
{
    (void)state;
    static const char *const queues[] = { "large_jobs" };
    struct answerer answerers[] = { { .node = "svi@a" }, { .node = "svi@b" } };
    struct svi_error err = { 0 };
    struct svi_broker *asker = open_as("svi@c", NULL, 0, NULL);
    json_t *replies = NULL;
    check_ok(svi_broker_redis.ask(asker, "ping", NULL, NULL, 1, 0.1, &replies, &err), err);
    assert_int_equal(json_object_size(replies), 0);
    json_decref(replies);
    for (size_t i = 0; i < ROWS(answerers); i++) {
        answerers[i].broker = open_as(answerers[i].node, NULL, 1, queues);
        assert_int_equal(pthread_create(&answerers[i].thread, NULL, answer_pings, &answerers[i]), 0);
    }
    double begin_s = svi_now_s();
    check_ok(svi_broker_redis.ask(asker, "ping", NULL, NULL, 2, 5, &replies, &err), err);
    assert_true(svi_now_s() - begin_s < 4);
    assert_int_equal(json_object_size(replies), 2);
    assert_non_null(json_object_get(json_object_get(replies, "svi@b"), "ok"));
    json_decref(replies);
    for (size_t i = 0; i < ROWS(answerers); i++) {
        atomic_store(&answerers[i].stop, true);
        pthread_join(answerers[i].thread, NULL);
        svi_broker_redis.close(answerers[i].broker);
    }
    svi_broker_redis.close(asker);
    assert_int_equal(redis_server_ask(&the_server, "KEYS *reply*")->elements, 0);
}

static void a_mere_publisher_listens_to_nothing(void **state)
{
    (void)state;
    struct svi_broker *broker = open_as("", NULL, 0, NULL);
    push("large_jobs", "task");
    expect_nothing(broker, 0.1, true);
    assert_int_equal(redis_server_ask(&the_server, "PUBSUB CHANNELS")->elements, 0);
    assert_int_equal(redis_server_ask(&the_server, "KEYS *")->elements, 1);
    svi_broker_redis.close(broker);
}

/* ---- waiting ---- */

static void a_wait_ends_when_it_should_and_costs_nothing(void **state)
{
    (void)state;
    struct svi_broker *broker = open_usual(NULL);
    int wake = eventfd(1, EFD_CLOEXEC);
    struct svi_broker_wait wait = { .until_s = svi_now_s() + 30, .wake_fd = wake, .room = true };
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    double begin_s = svi_now_s();
    check_ok(svi_broker_redis.wait(broker, &wait, &arrival, &err), err);
    assert_int_equal(arrival.kind, SVI_ARRIVED_NOTHING);
    assert_true(svi_now_s() - begin_s < 10);
    close(wake);
    begin_s = svi_now_s();
    clock_t before = clock();
    expect_nothing(broker, 2, true);
    double used_s = (double)(clock() - before) / CLOCKS_PER_SEC;
    assert_true(svi_now_s() - begin_s >= 2);
    printf("idle: %.3f %% of a core\n", used_s / 2 * 100);
    assert_true(used_s < 0.1); /* no busy loop, whatever checks are built in */
    svi_broker_redis.close(broker);
}

/* ---- trouble ---- */

static enum svi_status wait_for_trouble(struct svi_broker *broker, double seconds, bool room)
{
    double begin_s = svi_now_s();
    while (svi_now_s() - begin_s < seconds) {
        const struct svi_broker_wait wait = { .until_s = svi_now_s() + 0.2, .wake_fd = -1, .room = room };
        struct svi_arrival arrival;
        struct svi_error err = { 0 };
        if (!svi_broker_redis.wait(broker, &wait, &arrival, &err))
            return err.status;
        svi_celery_message_clear(&arrival.message);
    }
    return SVI_OK;
}

static void kill_server_connections(void)
{
    redis_server_ask(&the_server, "CLIENT KILL TYPE normal SKIPME yes");
}

static void kill_subscribers(void)
{
    redis_server_ask(&the_server, "CLIENT KILL TYPE pubsub");
}

static void kill_server(void)
{
    redis_server_kill(&the_server);
}

static void silence_server(void)
{
    kill(the_server.pid, SIGSTOP);
}

static void a_broken_connection_is_noticed_with_room_and_without(void **state)
{
    (void)state;
    static void (*const troubles[])(void) = { kill_server_connections, kill_subscribers, kill_server, silence_server };
    json_t *options = json_pack("{s:f}", "health_check_interval", 0.5);
    for (size_t i = 0; i < 2 * ROWS(troubles); i++) {
        push("large_jobs", "held");
        struct svi_broker *broker = open_usual(options);
        struct svi_broker_tag tag = expect_task(broker, "held", false);
        troubles[i / 2]();
        enum svi_status status = wait_for_trouble(broker, 15, i % 2);
        if (status != SVI_UNREACHABLE)
            fail_msg("trouble %zu: status %d", i, (int)status);
        double begin_s = svi_now_s();
        svi_broker_redis.close(broker);
        assert_true(svi_now_s() - begin_s < 5);
        bool emptied = troubles[i / 2] == kill_server || troubles[i / 2] == silence_server;
        if (emptied) {
            redis_server_kill(&the_server);
            redis_server_start(&the_server);
        }
        /* The owner comes back, and its task is still known, or the server has forgotten everything. */
        broker = open_usual(options);
        assert_int_equal(end_task(broker, &tag, SVI_BROKER_DONE), !emptied);
        expect_nothing(broker, 0.3, true);
        svi_broker_redis.close(broker);
        redis_server_ask(&the_server, "FLUSHALL");
    }
    json_decref(options);
}

static struct svi_broker *open_through(const struct proxy *proxy, const json_t *options, struct svi_error *err)
{
    static const char *const queues[] = { "large_jobs" };
    struct svi_broker_url url = redis_server_url(&the_server);
    struct svi_broker *broker = NULL;
    url.port = proxy->port;
    return svi_broker_redis.open(&broker, &(struct svi_broker_settings){ &url, NODE, queues, 1, options }, err) ? broker : NULL;
}

static void an_inbox_that_hears_nothing_any_more_is_noticed(void **state)
{
    (void)state;
    struct proxy proxy;
    struct svi_error err = { 0 };
    json_t *options = json_pack("{s:f}", "health_check_interval", 0.2);
    proxy_start(&proxy, the_server.port);
    struct svi_broker *broker = open_through(&proxy, options, &err);
    assert_non_null(broker);
    assert_int_equal(wait_for_trouble(broker, 1, true), SVI_OK);
    atomic_store(&proxy.deaf, 1); /* the second connection; commands go on being answered */
    assert_int_equal(wait_for_trouble(broker, 3, true), SVI_UNREACHABLE);
    svi_broker_redis.close(broker);
    proxy_stop(&proxy);
    json_decref(options);
}

/* Opens, takes the task, ends it, closes. False where the connection was cut before the end was confirmed. */
static bool work_once(const struct proxy *proxy, bool *seen)
{
    struct svi_error err = { 0 };
    struct svi_arrival arrival = { 0 };
    bool known = false;
    struct svi_broker *broker = open_through(proxy, NULL, &err);
    const struct svi_broker_wait wait = { .until_s = svi_now_s() + 2, .wake_fd = -1, .room = true };
    bool ok = broker && svi_broker_redis.wait(broker, &wait, &arrival, &err);
    *seen = *seen || arrival.kind == SVI_ARRIVED_TASK;
    if (ok && arrival.kind == SVI_ARRIVED_TASK)
        ok = svi_broker_redis.end(broker, &arrival.tag, SVI_BROKER_DONE, &known, &err);
    if (!ok && err.status != SVI_UNREACHABLE)
        fail_msg("%s [%s]", err.message, err.cause);
    svi_celery_message_clear(&arrival.message);
    svi_broker_redis.close(broker);
    return ok && known;
}

static void a_cut_at_any_place_loses_no_task(void **state)
{
    (void)state;
    enum { EACH = 61 };
    struct proxy proxy;
    unsigned cuts = 0;
    for (bool whole = false; !whole; cuts++) {
        bool seen = false;
        push("large_jobs", "task");
        proxy_start(&proxy, the_server.port);
        atomic_store(&proxy.left_bytes, (long)(1 + cuts * EACH));
        whole = work_once(&proxy, &seen);
        atomic_store(&proxy.left_bytes, -1);
        /* Either it was seen and is done for good, or it comes now. */
        long long waits = redis_server_number(&the_server, "LLEN large_jobs") + redis_server_number(&the_server, "HLEN unacked");
        if (waits)
            assert_true(work_once(&proxy, &seen));
        assert_true(seen);
        assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), 0);
        expect_nothing_held();
        proxy_stop(&proxy);
    }
    assert_true(cuts > 20);
}

static void a_server_that_was_emptied_is_told_again_where_we_are(void **state)
{
    (void)state;
    json_t *options = json_pack("{s:f}", "health_check_interval", 0.2);
    push("large_jobs", "held");
    struct svi_broker *broker = open_usual(options);
    struct svi_broker_tag tag = expect_task(broker, "held", false);
    redis_server_ask(&the_server, "FLUSHALL");
    redis_server_ask(&the_server, "SCRIPT FLUSH");
    expect_nothing(broker, 0.5, true);
    assert_int_equal(redis_server_number(&the_server, "SCARD _kombu.binding.celery.pidbox"), 1);
    assert_int_equal(redis_server_number(&the_server, "SCARD _kombu.binding.large_jobs"), 1);
    assert_false(end_task(broker, &tag, SVI_BROKER_DONE));
    push("large_jobs", "next");
    expect_task(broker, "next", false);
    svi_broker_redis.close(broker);
    json_decref(options);
}

static void a_server_without_memory_loses_nothing(void **state)
{
    (void)state;
    struct svi_broker *broker = open_usual(NULL);
    push("large_jobs", "kept");
    redis_server_ask(&the_server, "CONFIG SET maxmemory 1");
    assert_int_equal(wait_for_trouble(broker, 5, true), SVI_UNREACHABLE);
    svi_broker_redis.close(broker);
    redis_server_ask(&the_server, "CONFIG SET maxmemory 0");
    assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), 1);
    broker = open_usual(NULL);
    expect_task(broker, "kept", false);
    svi_broker_redis.close(broker);
}

static void wrong_credentials_and_wrong_queues_are_refused_without_a_secret(void **state)
{
    (void)state;
    static const char *const queues[] = { "large_jobs" };
    redis_server_ask(&the_server, "SET large_jobs text");
    for (int password = 0; password < 2; password++) {
        if (password)
            redis_server_ask(&the_server, "CONFIG SET requirepass right");
        struct svi_broker_url url = redis_server_url(&the_server);
        url.password = (char *)(uintptr_t)(password ? SECRET : "");
        const struct svi_broker_settings settings = { &url, NODE, queues, 1, NULL };
        struct svi_broker *broker = NULL;
        struct svi_error err = { 0 };
        assert_false(svi_broker_redis.open(&broker, &settings, &err));
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, password ? "password" : "large_jobs");
        check_no_secret(err);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!redis_server_is_here())
        return 77;
    const struct CMUnitTest tests[] = {
        with_server(every_name_can_be_set),
        with_server(options_that_cannot_be_meant_are_refused),
        with_server(control_messages_come_in_and_answers_go_to_who_waits_for_them),
        with_server(nodes_are_asked_and_their_answers_gathered),
        with_server(a_mere_publisher_listens_to_nothing),
        with_server(a_wait_ends_when_it_should_and_costs_nothing),
        with_server(a_broken_connection_is_noticed_with_room_and_without),
        with_server(an_inbox_that_hears_nothing_any_more_is_noticed),
        with_server(a_cut_at_any_place_loses_no_task),
        with_server(a_server_that_was_emptied_is_told_again_where_we_are),
        with_server(a_server_without_memory_loses_nothing),
        with_server(wrong_credentials_and_wrong_queues_are_refused_without_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
