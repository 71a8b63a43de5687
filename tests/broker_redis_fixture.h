/* broker_redis_fixture.h - a Redis broker on the_server, messages as an application queues them, and what is expected of arrivals.
 */
#ifndef SVI_TESTS_BROKER_REDIS_FIXTURE_H
#define SVI_TESTS_BROKER_REDIS_FIXTURE_H

#include "base/stopwatch.h"
#include "host/broker.h"

#include "redis_server.h"

#define NODE      "svi@test"
#define SEPARATOR "\x06\x16"

/* A message as a Celery application puts it on a list; tag and id are the same. */
static inline const char *message_text(const char *tag, const char *queue)
{
    static char text[2048];
    svi_format(text, sizeof text,
               "{\"body\": \"W1s0MiwgInQiLCB7fV0sIHt9LCB7fV0=\", \"content-encoding\": \"utf-8\", \"content-type\": "
               "\"application/json\", \"headers\": {\"lang\": \"py\", \"task\": \"jobs.tasks.submit_job\", \"id\": \"%s\", "
               "\"timelimit\": [900, 600], \"stamps\": {}, \"eta\": null, \"odd\": [], \"path\": \"a/b \\u00e9\"}, "
               "\"properties\": {\"correlation_id\": \"%s\", \"delivery_mode\": 2, \"delivery_info\": {\"exchange\": \"\", "
               "\"routing_key\": \"%s\"}, \"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": \"%s\"}}",
               tag, tag, queue, tag);
    return text;
}

static inline void push(const char *list, const char *tag)
{
    redis_server_number(&the_server, "LPUSH %b %s", list, strlen(list), message_text(tag, "large_jobs"));
}

static inline struct svi_broker *open_as(const char *node, const json_t *options, size_t queue_count, const char *const *queues)
{
    const struct svi_broker_url url = redis_server_url(&the_server);
    const struct svi_broker_settings settings = { &url, node, queues, queue_count, options };
    struct svi_broker *broker = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_broker_redis.open(&broker, &settings, &err), err);
    return broker;
}

static inline struct svi_broker *open_usual(const json_t *options)
{
    static const char *const queues[] = { "large_jobs" };
    return open_as(NODE, options, 1, queues);
}

static inline struct svi_arrival wait_s(struct svi_broker *broker, double seconds, bool room)
{
    const struct svi_broker_wait wait = { .until_s = svi_now_s() + seconds, .wake_fd = -1, .room = room };
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    check_ok(svi_broker_redis.wait(broker, &wait, &arrival, &err), err);
    return arrival;
}

/* The task that comes next must have this id. */
static inline struct svi_broker_tag expect_task(struct svi_broker *broker, const char *id, bool redelivered)
{
    struct svi_arrival arrival = wait_s(broker, 5, true);
    if (arrival.kind != SVI_ARRIVED_TASK)
        fail_msg("%s did not come", id);
    assert_string_equal(json_string_value(json_object_get(arrival.message.headers, "id")), id);
    if (arrival.redelivered != redelivered)
        fail_msg("%s is %sredelivered", id, arrival.redelivered ? "" : "not ");
    svi_celery_message_clear(&arrival.message);
    return arrival.tag;
}

static inline void expect_nothing(struct svi_broker *broker, double seconds, bool room)
{
    struct svi_arrival arrival = wait_s(broker, seconds, room);
    assert_int_equal(arrival.kind, SVI_ARRIVED_NOTHING);
}

static inline bool end_task(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end)
{
    bool known = false;
    struct svi_error err = { 0 };
    check_ok(svi_broker_redis.end(broker, tag, end, &known, &err), err);
    return known;
}

static inline void expect_nothing_held(void)
{
    assert_int_equal(redis_server_number(&the_server, "HLEN unacked"), 0);
    assert_int_equal(redis_server_number(&the_server, "ZCARD unacked_index"), 0);
    assert_int_equal(redis_server_number(&the_server, "SCARD _svi.held." NODE), 0);
}

static inline json_t *stored_message(const char *list)
{
    const redisReply *reply = redis_server_ask(&the_server, "LRANGE %b -1 -1", list, strlen(list));
    assert_int_equal(reply->elements, 1);
    json_t *message = json_loads(reply->element[0]->str, 0, NULL);
    assert_non_null(message);
    return message;
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start_the_server, stop_the_server)

#endif
