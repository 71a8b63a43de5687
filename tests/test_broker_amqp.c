/* test_broker_amqp - a real RabbitMQ as a broker: claims, queues of all kinds, restarts, remote control, and what is refused. */
#include "broker_checks.h"
#include "peer.h"
#include "rabbitmq_server.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/amqp_link.h"
#include "host/broker.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "check.h"

static struct rabbitmq server;
static char certificate[700];
static char url_text[100];

static struct svi_broker_url place(void)
{
    static char guest[] = "guest", host[] = "127.0.0.1", none[] = "", root[] = "/";
    return (struct svi_broker_url){ .transport = SVI_BROKER_AMQP,
                                    .user = guest,
                                    .password = guest,
                                    .host = host,
                                    .port = server.port,
                                    .path = none,
                                    .virtual_host = root };
}

static bool try_open(struct opened *out, const char *node, const char *const *queues, size_t count, struct svi_error *err)
{
    struct svi_broker_url url = place();
    out->class = &svi_broker_amqp;
    out->broker = NULL;
    return svi_broker_amqp.open(&out->broker, &(struct svi_broker_settings){ &url, node, queues, count, NULL }, err);
}

/* A node of its own queue, named like the test, so that no test sees what another left. */
static struct opened open_node(const char *node, const char *queue)
{
    struct opened out;
    struct svi_error err = { 0 };
    check_ok(try_open(&out, node, &queue, queue ? 1 : 0, &err), err);
    return out;
}

static void shut(struct opened *at)
{
    at->class->close(at->broker);
    at->broker = NULL;
}

/* Declares a durable queue with one argument, before anyone of ours does. */
static void declare(const char *queue, amqp_table_entry_t argument)
{
    struct svi_broker_url url = place();
    struct svi_amqp_link *link;
    struct svi_error err = { 0 };
    amqp_table_t arguments = { 1, &argument };
    int code;
    check_ok(svi_amqp_link_open(&link, &url, "declare", &err) && svi_amqp_channel_open(link, 1, &err), err);
    amqp_queue_declare(svi_amqp_link_state(link), 1, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
    check_ok(svi_amqp_link_check(link, 1, "declare", &code, &err), err);
    svi_amqp_link_close(link);
}

/* Publishes a body with the properties as they are. */
static void publish_raw(const char *queue, amqp_basic_properties_t properties, const char *body, size_t count)
{
    struct svi_broker_url url = place();
    struct svi_amqp_link *link;
    struct svi_error err = { 0 };
    uint64_t settled = 0, refused;
    check_ok(svi_amqp_link_open(&link, &url, "publish", &err) && svi_amqp_confirm_open(link, 1, &err), err);
    amqp_bytes_t bytes = { count, (void *)(uintptr_t)body };
    check_ok(svi_amqp_link_sent(link,
                                amqp_basic_publish(svi_amqp_link_state(link), 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0,
                                                   &properties, bytes),
                                &err),
             err);
    while (!settled) {
        check_ok(svi_amqp_link_listen(link, svi_now_s() + 10, -1, &err), err);
        svi_amqp_link_confirmed(link, &settled, &refused);
    }
    svi_amqp_link_close(link);
}

static uint64_t count_waiting(const struct opened *at)
{
    struct svi_error err = { 0 };
    uint64_t count;
    check_ok(at->class->waiting(at->broker, &count, &err), err);
    return count;
}

static void tasks_come_in_their_order_and_end(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "order"), publisher = open_node("", NULL);
    struct svi_arrival arrival;
    for (int i = 1; i <= 3; i++)
        send_task(&publisher, "order", i);
    assert_int_equal(count_waiting(&node), 3);
    for (int i = 1; i <= 3; i++) {
        await_task(&node, i, false, &arrival);
        assert_string_equal(arrival.queue, "order");
        assert_string_equal(json_string_value(json_object_get(arrival.message.properties, "correlation_id")),
                            json_string_value(json_object_get(arrival.message.headers, "id")));
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    await_nothing(&node, 0.2);
    shut(&node);
    node = open_node("svi@a", "order");
    await_nothing(&node, 0.2);
    assert_int_equal(count_waiting(&node), 0);
    shut(&node);
    shut(&publisher);
}

static void no_more_is_claimed_than_there_is_room_for(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "room");
    struct svi_arrival first, second;
    assert_int_equal(await(&node, false, 0.2, &first), SVI_ARRIVED_NOTHING);
    await_nothing(&node, 0.2); /* consumers are open now, and the broker rings */
    for (int i = 1; i <= 4; i++)
        send_task(&node, "room", i);
    await_task(&node, 1, false, &first);
    assert_int_equal(await(&node, false, 0.3, &second), SVI_ARRIVED_NOTHING);
    assert_int_equal(count_waiting(&node), 3);
    await_task(&node, 2, false, &second); /* while the first is held */
    end_arrival(&node, &first, SVI_BROKER_DONE, true);
    assert_int_equal(await(&node, false, 0.3, &first), SVI_ARRIVED_NOTHING);
    assert_int_equal(count_waiting(&node), 2); /* an end makes no room by itself */
    end_arrival(&node, &second, SVI_BROKER_DONE, true);
    shut(&node);
}

static void several_queues_take_turns(void **state)
{
    (void)state;
    static const char *const queues[] = { "turn-a", "turn-b" };
    struct opened node;
    struct svi_error err = { 0 };
    int of[2] = { 0 };
    check_ok(try_open(&node, "svi@a", queues, 2, &err), err);
    await_nothing(&node, 0.2);
    for (int i = 0; i < 20; i++)
        send_task(&node, queues[i < 10], i);
    for (int i = 0; i < 10; i++) {
        struct svi_arrival arrival;
        assert_int_equal(await(&node, true, 10, &arrival), SVI_ARRIVED_TASK);
        of[!strcmp(arrival.queue, "turn-b")]++;
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    assert_in_range(of[0], 4, 6);
    struct svi_arrival arrival;
    assert_int_equal(await(&node, false, 0.2, &arrival), SVI_ARRIVED_NOTHING);
    assert_int_equal(count_waiting(&node), 10);
    check_ok(node.class->cancel_queue(node.broker, "turn-b", &err), err);
    check_ok(node.class->add_queue(node.broker, "turn-c", &err), err);
    send_task(&node, "turn-c", 100);
    for (int i = 0; i < 6; i++) {
        if (await(&node, true, 1, &arrival) == SVI_ARRIVED_NOTHING)
            break;
        assert_string_not_equal(arrival.queue, "turn-b");
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    shut(&node);
}

static void an_arrival_is_noticed_at_once(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "latency"), publisher = open_node("", NULL);
    double worst_s = 0;
    await_nothing(&node, 0.2);
    for (int i = 0; i < 20; i++) {
        struct svi_arrival arrival;
        const double begun_s = svi_now_s();
        send_task(&publisher, "latency", i);
        await_task(&node, i, false, &arrival);
        worst_s = svi_now_s() - begun_s > worst_s ? svi_now_s() - begun_s : worst_s;
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
        await_nothing(&node, 0.02);
    }
    fprintf(stderr, "a task comes within %.1f ms\n", worst_s * 1e3);
    assert_true(worst_s < 0.3);
    shut(&node);
    shut(&publisher);
}

/* Time of the processor, of this process. */
static double used_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void an_idle_node_does_nothing(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "idle");
    await_nothing(&node, 0.2);
    const double before_s = used_s();
    await_nothing(&node, 3);
    fprintf(stderr, "idle: %.3f %% of a core\n", (used_s() - before_s) / 3 * 100);
    assert_true((used_s() - before_s) / 3 < 0.005);
    shut(&node);
}

static void what_is_returned_comes_first_and_marked(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "return");
    struct svi_arrival first, again;
    for (int i = 1; i <= 2; i++)
        send_task(&node, "return", i);
    await_task(&node, 1, false, &first);
    end_arrival(&node, &first, SVI_BROKER_RETURNED, true);
    await_task(&node, 1, true, &again);
    end_arrival(&node, &again, SVI_BROKER_DONE, true);
    end_arrival(&node, &again, SVI_BROKER_DONE, false);
    await_task(&node, 2, false, &again);
    end_arrival(&node, &again, SVI_BROKER_DONE, true);
    shut(&node);
}

static void what_a_connection_held_comes_again_and_its_tags_are_dead(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "again");
    struct svi_arrival held, again;
    send_task(&node, "again", 1);
    await_task(&node, 1, false, &held);
    shut(&node);
    node = open_node("svi@a", "again");
    await_task(&node, 1, true, &again);
    end_arrival(&node, &held, SVI_BROKER_DONE, false);
    end_arrival(&node, &again, SVI_BROKER_DONE, true);
    shut(&node);
}

static void priorities_are_kept(void **state)
{
    (void)state;
    declare("priorities", (amqp_table_entry_t){ amqp_cstring_bytes("x-max-priority"), { AMQP_FIELD_KIND_I32, { .i32 = 10 } } });
    /* Ours declares it without that argument: it is used as it is. */
    struct opened node = open_node("svi@a", "priorities");
    for (int i = 0; i < 3; i++) {
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        make_task(&message, i, 0);
        json_object_set_new(message.properties, "priority", json_integer(i * 4));
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_QUEUE, "", "priorities", &message, &err), err);
        svi_celery_message_clear(&message);
    }
    for (int i = 2; i >= 0; i--) {
        struct svi_arrival arrival;
        await_task(&node, i, false, &arrival);
        assert_int_equal(json_integer_value(json_object_get(arrival.message.properties, "priority")), i * 4);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    shut(&node);
}

static void quorum_queues_are_used(void **state)
{
    (void)state;
    declare("quorum", (amqp_table_entry_t){ amqp_cstring_bytes("x-queue-type"),
                                            { AMQP_FIELD_KIND_UTF8, { .bytes = amqp_cstring_bytes("quorum") } } });
    struct opened node = open_node("svi@a", "quorum");
    struct svi_arrival arrival, other;
    await_nothing(&node, 0.3);
    for (int i = 1; i <= 2; i++)
        send_task(&node, "quorum", i);
    await_task(&node, 1, false, &arrival);
    await_task(&node, 2, false, &other);
    end_arrival(&node, &arrival, SVI_BROKER_RETURNED, true);
    await_task(&node, 1, true, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    end_arrival(&node, &other, SVI_BROKER_DONE, true);
    await_nothing(&node, 0.2);
    shut(&node);
}

static void a_body_of_many_frames_arrives(void **state)
{
    (void)state;
    enum { PADDING = 5 << 20 };
    struct opened node = open_node("svi@a", "large");
    struct svi_celery_message message;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    await_nothing(&node, 0.2);
    make_task(&message, 9, PADDING);
    for (int i = 0; i < 2; i++) /* one comes to a consumer, one by a get */
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_QUEUE, "", "large", &message, &err), err);
    for (int i = 0; i < 2; i++) {
        await_task(&node, 9, false, &arrival);
        assert_int_equal(arrival.message.body.count, message.body.count);
        assert_memory_equal(arrival.message.body.at, message.body.at, message.body.count);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    svi_celery_message_clear(&message);
    shut(&node);
}

static void what_is_no_message_is_removed_and_blocks_nothing(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "broken");
    struct svi_arrival arrival;
    char *much = calloc(1, SVI_CELERY_MESSAGE_LIMIT_BYTES + 1);
    amqp_table_entry_t latin = { amqp_cstring_bytes("task"), { AMQP_FIELD_KIND_UTF8, { .bytes = amqp_cstring_bytes("caf\xE9") } } };
    amqp_table_entry_t name = { amqp_cstring_bytes("t\xE9"), { AMQP_FIELD_KIND_VOID, { 0 } } };
    assert_non_null(much);
    publish_raw("broken", (amqp_basic_properties_t){ ._flags = AMQP_BASIC_HEADERS_FLAG, .headers = { 1, &latin } }, "x", 1);
    publish_raw("broken", (amqp_basic_properties_t){ ._flags = AMQP_BASIC_HEADERS_FLAG, .headers = { 1, &name } }, "", 0);
    publish_raw("broken",
                (amqp_basic_properties_t){
                    ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG,
                    .content_type = amqp_cstring_bytes("a/type-that-is-longer-than-any-content-type-that-was-ever-seen-anywhere") },
                "x", 1);
    publish_raw("broken", (amqp_basic_properties_t){ 0 }, much, SVI_CELERY_MESSAGE_LIMIT_BYTES + 1);
    send_task(&node, "broken", 1);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    assert_int_equal(count_waiting(&node), 0);
    /* What has no properties at all is a message, if an odd one. */
    publish_raw("broken", (amqp_basic_properties_t){ 0 }, "hello", 5);
    assert_int_equal(await(&node, true, 10, &arrival), SVI_ARRIVED_TASK);
    assert_int_equal(arrival.message.body.count, 5);
    assert_int_equal(json_object_size(arrival.message.headers), 0);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    free(much);
    shut(&node);
}

static void a_queue_that_is_deleted_breaks_the_connection(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "deleted");
    struct svi_broker_url url = place();
    struct svi_amqp_link *link;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    await_nothing(&node, 0.2);
    check_ok(svi_amqp_link_open(&link, &url, "delete", &err) && svi_amqp_channel_open(link, 1, &err), err);
    amqp_queue_delete(svi_amqp_link_state(link), 1, amqp_cstring_bytes("deleted"), 0, 0);
    svi_amqp_link_close(link);
    bool ok = true;
    for (const double until_s = svi_now_s() + 5; ok && svi_now_s() < until_s;)
        ok = node.class->wait(node.broker, &(struct svi_broker_wait){ svi_now_s() + 1, -1, true }, &arrival, &err);
    assert_false(ok);
    assert_int_equal(err.status, SVI_UNREACHABLE);
    shut(&node);
    node = open_node("svi@a", "deleted");
    send_task(&node, "deleted", 1);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    shut(&node);
}

static void answers_to_nobody_do_no_harm(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "nobody");
    struct svi_celery_message message;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    make_task(&message, 1, 0);
    for (int i = 0; i < 3; i++) {
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_REPLY, "no.such.exchange", "key", &message, &err), err);
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_REPLY, "reply.celery.pidbox", "key", &message, &err), err);
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_EVENTS, "", "worker.heartbeat", &message, &err), err);
        await_nothing(&node, 0.1);
    }
    send_task(&node, "nobody", 4);
    await_task(&node, 4, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    svi_celery_message_clear(&message);
    shut(&node);
}

/* In a process of its own, which must not end as a test does. */
static bool ask_ping(const char *node)
{
    struct opened asker;
    struct svi_error err = { 0 };
    static const char *const queues[] = { "ask" };
    json_t *replies = NULL;
    bool ok = try_open(&asker, node, queues, 1, &err) && asker.class->ask(asker.broker, "ping", NULL, node, 1, 10, &replies, &err)
              && !strcmp(json_string_value(json_object_get(json_object_get(replies, node), "ok")), "pong");
    if (!ok)
        fprintf(stderr, "ask: %s\n", err.message);
    return ok;
}

static void nodes_answer_questions(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "ask");
    struct svi_error err = { 0 };
    json_t *replies = NULL;
    int status;
    await_nothing(&node, 0.1);
    pid_t child = fork();
    if (child == 0)
        _exit(ask_ping("svi@a") ? 0 : 1); /* of the same name: that is what the question is for */
    answer_call(&node, "svi@a", "ping");
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    check_ok(node.class->ask(node.broker, "ping", NULL, "svi@nobody", 1, 0.2, &replies, &err), err);
    assert_int_equal(json_object_size(replies), 0);
    json_decref(replies);
    shut(&node);
}

static void wrong_places_are_refused_without_the_password(void **state)
{
    (void)state;
    static char marker[] = "pass-marker-5512", nowhere[] = "nowhere";
    static const char *const queues[] = { "refused" };
    for (int i = 0; i < 2; i++) {
        struct svi_broker_url url = place();
        struct svi_broker *broker = NULL;
        struct svi_error err = { 0 };
        if (i == 0)
            url.password = marker;
        else
            url.virtual_host = nowhere;
        assert_false(svi_broker_amqp.open(&broker, &(struct svi_broker_settings){ &url, "svi@a", queues, 1, NULL }, &err));
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, i == 0 ? "refuses the user guest" : "has no virtual host nowhere");
        assert_null(strstr(err.message, marker));
        assert_null(strstr(err.cause, marker));
    }
}

static void only_a_server_with_a_good_certificate_gets_the_password(void **state)
{
    (void)state;
    static char by_name[] = "localhost", by_address[] = "127.0.0.1";
    static const struct {
        char *host;
        bool knows_authority;
        const char *check; /* ssl_cert_reqs */
        enum svi_status status;
    } rows[] = {
        { by_address, true, NULL, SVI_OK },         { by_address, true, "CERT_REQUIRED", SVI_OK },
        { by_address, false, NULL, SVI_BAD_USAGE }, { by_name, true, NULL, SVI_BAD_USAGE }, /* it is another's */
        { by_address, false, "CERT_NONE", SVI_OK },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct opened node = { &svi_broker_amqp, NULL };
        struct svi_broker_url url = place();
        struct svi_error err = { 0 };
        static const char *const queues[] = { "tls" };
        struct svi_arrival arrival;
        url.tls = true;
        url.host = rows[i].host;
        url.port = server.tls_port;
        url.query = json_pack("{s:s*, s:s*}", "ssl_ca_certs", rows[i].knows_authority ? certificate : NULL, "ssl_cert_reqs",
                              rows[i].check);
        svi_broker_amqp.open(&node.broker, &(struct svi_broker_settings){ &url, "svi@tls", queues, 1, NULL }, &err);
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
        if (node.broker) {
            send_task(&node, "tls", 1);
            await_task(&node, 1, false, &arrival);
            end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
            shut(&node);
        }
        json_decref(url.query);
    }
}

static void other_protocols_are_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        size_t count;
        enum svi_status status;
    } rows[] = {
        { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 67, SVI_BAD_USAGE },
        { "-ERR unknown command 'AMQP', with args beginning with:\r\n", 56, SVI_BAD_USAGE },
        { "AMQP\x01\x01\x00\x0a", 8, SVI_BAD_USAGE },
        { "", 0, SVI_UNREACHABLE }, /* the peer ends it: it may just be starting */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_broker_url url = place();
        struct svi_broker *broker = NULL;
        struct svi_error err = { 0 };
        pid_t talker = start_talker(rows[i].says, rows[i].count, &url.port);
        assert_false(svi_broker_amqp.open(&broker, &(struct svi_broker_settings){ .url = &url, .node = "svi@a" }, &err));
        kill(talker, SIGKILL);
        waitpid(talker, NULL, 0);
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s [%s]", i, err.message, err.cause);
    }
    struct svi_broker_url url = place();
    struct svi_broker *broker = NULL;
    struct svi_error err = { 0 };
    url.port = 1; /* nobody listens there */
    assert_false(svi_broker_amqp.open(&broker, &(struct svi_broker_settings){ .url = &url, .node = "svi@a" }, &err));
    assert_int_equal(err.status, SVI_UNREACHABLE);
    assert_string_equal(err.cause, ""); /* librabbitmq knows none, and errno is that of a step before */
}

static void kombu_and_we_exchange_tasks(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "kombu");
    struct peer peer;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    start_peer(&peer, (const char *const[]){ "publish", url_text, "{}", "kombu", "20", NULL });
    for (int i = 0; i < 20; i++) {
        await_task(&node, i, false, &arrival);
        assert_true(json_is_null(json_object_get(arrival.message.headers, "eta")));
        assert_int_equal(json_integer_value(json_array_get(json_object_get(arrival.message.headers, "timelimit"), 0)), 900);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    assert_int_equal(end_peer(&peer), 0);
    send_task(&node, "kombu", 7);
    start_peer(&peer, (const char *const[]){ "consume", url_text, "{}", "kombu", "1", NULL });
    json_t *said = svi_json_parse(svi_bytes_of(read_peer(&peer)), "What kombu got", SVI_BAD_ANSWER, &err);
    check_has(json_string_value(json_object_get(said, "body")), "[[7,\"token\"");
    json_t *headers = json_pack("{s:s, s:s, s:[i, n]}", "task", "jobs.tasks.submit_job", "id", "task-7", "timelimit", 900);
    assert_true(json_equal(json_object_get(said, "headers"), headers));
    assert_string_equal(json_string_value(json_object_get(json_object_get(said, "properties"), "correlation_id")), "task-7");
    assert_int_equal(end_peer(&peer), 0);
    json_decref(headers);
    json_decref(said);
    shut(&node);
}

static void kombu_calls_and_sees_our_events(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "calls");
    struct peer peer;
    struct svi_celery_message event;
    struct svi_error err = { 0 };
    await_nothing(&node, 0.2);
    static const char *const destinations[] = { "svi@a", NULL };
    for (size_t i = 0; i < ROWS(destinations); i++) {
        start_peer(&peer, (const char *const[]){ "call", url_text, "{}", "ping", "3", destinations[i], NULL });
        answer_call(&node, "svi@a", "ping");
        assert_string_equal(read_peer(&peer), "[{\"svi@a\": {\"ok\": \"pong\"}}]");
        assert_int_equal(end_peer(&peer), 0);
    }
    start_peer(&peer, (const char *const[]){ "event", url_text, "{}", NULL });
    assert_string_equal(read_peer(&peer), "ready");
    json_t *body = json_pack("{s:s}", "type", "worker-heartbeat");
    check_ok(svi_celery_message_init(&event, body, &err), err);
    json_object_set_new(event.headers, "hostname", json_string("svi@a"));
    check_ok(node.class->send(node.broker, SVI_BROKER_TO_EVENTS, "", "worker.heartbeat", &event, &err), err);
    assert_string_equal(
        read_peer(&peer),
        "{\"body\": {\"type\": \"worker-heartbeat\"}, \"headers\": {\"hostname\": \"svi@a\"}, \"key\": \"worker.heartbeat\"}");
    assert_int_equal(end_peer(&peer), 0);
    svi_celery_message_clear(&event);
    json_decref(body);
    shut(&node);
}

static void a_broker_that_is_full_is_survived(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "blocked");
    struct svi_celery_message message;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    send_task(&node, "blocked", 1);
    await_task(&node, 1, false, &arrival);
    assert_true(rabbitmq_control(&server, (const char *const[]){ "set_vm_memory_high_watermark", "0.000001", NULL }));
    make_task(&message, 2, 0);
    bool ok = true;
    for (const double until_s = svi_now_s() + 10; ok && svi_now_s() < until_s;) {
        await_nothing(&node, 0.2);
        check_ok(node.class->send(node.broker, SVI_BROKER_TO_EVENTS, "", "worker.heartbeat", &message, &err), err);
        ok = node.class->send(node.broker, SVI_BROKER_TO_QUEUE, "", "blocked", &message, &err);
    }
    assert_false(ok);
    assert_int_equal(err.status, SVI_IO);
    check_has(err.message, "short of memory");
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    assert_true(rabbitmq_control(&server, (const char *const[]){ "set_vm_memory_high_watermark", "0.9", NULL }));
    await(&node, false, 1, &arrival);
    struct svi_error again = { 0 };
    check_ok(node.class->send(node.broker, SVI_BROKER_TO_QUEUE, "", "blocked", &message, &again), again);
    svi_celery_message_clear(&message);
    shut(&node);
}

/* The last one: it ends the server. */
static void a_restart_of_the_broker_loses_nothing(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a", "restart");
    struct svi_arrival held, arrival;
    struct svi_error err = { 0 };
    for (int i = 1; i <= 2; i++)
        send_task(&node, "restart", i);
    await_task(&node, 1, false, &held);
    rabbitmq_kill(&server);
    bool ok = true;
    for (const double until_s = svi_now_s() + 5; ok && svi_now_s() < until_s;)
        ok = node.class->wait(node.broker, &(struct svi_broker_wait){ svi_now_s() + 1, -1, true }, &arrival, &err);
    assert_false(ok);
    assert_int_equal(err.status, SVI_UNREACHABLE);
    shut(&node);
    struct svi_error down = { 0 };
    static const char *const queues[] = { "restart" };
    assert_false(try_open(&node, "svi@a", queues, 1, &down));
    assert_int_equal(down.status, SVI_UNREACHABLE);
    rabbitmq_restart(&server);
    node = open_node("svi@a", "restart");
    bool known = true;
    check_ok(node.class->end(node.broker, &held.tag, SVI_BROKER_DONE, &known, &err), err);
    assert_false(known);
    svi_celery_message_clear(&held.message);
    int seen[3] = { 0 };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(await(&node, true, 10, &arrival), SVI_ARRIVED_TASK);
        seen[task_number(&arrival.message)]++;
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    assert_true(seen[1] == 1 && seen[2] == 1);
    await_nothing(&node, 0.2);
    shut(&node);
}

static int stop_server(void **state)
{
    (void)state;
    rabbitmq_stop(&server);
    return 0;
}

static int start_server(void **state)
{
    (void)state;
    char folder[700], key[700];
    svi_format(folder, sizeof folder, "%s/rabbitmq", scratch_folder());
    svi_format(certificate, sizeof certificate, "%s/certificate.pem", scratch_folder());
    svi_format(key, sizeof key, "%s/key.pem", scratch_folder());
    make_certificate("IP:127.0.0.1", -3600, 3600, certificate, key);
    bool started = rabbitmq_start(&server, folder, certificate, key);
    svi_format(url_text, sizeof url_text, "amqp://guest:guest@127.0.0.1:%d//", server.port);
    return started ? 0 : -1;
}

int main(void)
{
    svi_log_to(STDERR_FILENO, SVI_LOG_WARNING, SVI_LOG_TEXT);
    signal(SIGPIPE, SIG_IGN);
    if (start_server(NULL))
        return 77;
    const bool has_kombu = have_peer("memory://", "{}");
    const struct CMUnitTest with_kombu[] = {
        cmocka_unit_test(kombu_and_we_exchange_tasks),
        cmocka_unit_test(kombu_calls_and_sees_our_events),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_come_in_their_order_and_end),
        cmocka_unit_test(no_more_is_claimed_than_there_is_room_for),
        cmocka_unit_test(several_queues_take_turns),
        cmocka_unit_test(an_arrival_is_noticed_at_once),
        cmocka_unit_test(an_idle_node_does_nothing),
        cmocka_unit_test(what_is_returned_comes_first_and_marked),
        cmocka_unit_test(what_a_connection_held_comes_again_and_its_tags_are_dead),
        cmocka_unit_test(priorities_are_kept),
        cmocka_unit_test(quorum_queues_are_used),
        cmocka_unit_test(a_body_of_many_frames_arrives),
        cmocka_unit_test(what_is_no_message_is_removed_and_blocks_nothing),
        cmocka_unit_test(a_queue_that_is_deleted_breaks_the_connection),
        cmocka_unit_test(answers_to_nobody_do_no_harm),
        cmocka_unit_test(nodes_answer_questions),
        cmocka_unit_test(wrong_places_are_refused_without_the_password),
        cmocka_unit_test(only_a_server_with_a_good_certificate_gets_the_password),
        cmocka_unit_test(other_protocols_are_noticed),
        cmocka_unit_test(a_broker_that_is_full_is_survived),
        cmocka_unit_test(a_restart_of_the_broker_loses_nothing),
    };
    int failed = has_kombu ? cmocka_run_group_tests(with_kombu, NULL, NULL) : 0;
    failed += cmocka_run_group_tests(tests, NULL, stop_server);
    return failed ? 1 : has_kombu ? 0 : 77;
}
