/* test_celery_event - events of a node and of its tasks, and how they are sent together. */
#include "host/celery_event.h"

#include <math.h>
#include <unistd.h>

#include "celery_golden.h"
#include "secret.h"

static const double at_s = 1795461283.5;

static void read_task(struct svi_task *task, const char *golden)
{
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    read_golden(&message, "5.7.0", golden);
    assert_int_equal(svi_task_read(task, &message, NULL, &err), SVI_TASK_READY);
    svi_celery_message_clear(&message);
}

/* What all events have in common is right; it is taken out. */
static json_t *without_common_part(json_t *event, const char *type, int64_t clock)
{
    assert_string_equal(json_string_value(json_object_get(event, "hostname")), "svi@host1");
    assert_string_equal(json_string_value(json_object_get(event, "type")), type);
    assert_int_equal(json_integer_value(json_object_get(event, "clock")), clock);
    assert_int_equal(json_integer_value(json_object_get(event, "pid")), getpid());
    assert_true(json_is_integer(json_object_get(event, "utcoffset")));
    assert_true(json_real_value(json_object_get(event, "timestamp")) == at_s);
    static const char *const common[] = { "hostname", "type", "clock", "pid", "utcoffset", "timestamp" };
    for (size_t i = 0; i < ROWS(common); i++)
        json_object_del(event, common[i]);
    return event;
}

static void nodes(void **state)
{
    (void)state;
    static const struct {
        enum svi_celery_node_event kind;
        const char *type, *key;
    } rows[] = {
        { SVI_CELERY_NODE_ONLINE, "worker-online", "worker.online" },
        { SVI_CELERY_NODE_HEARTBEAT, "worker-heartbeat", "worker.heartbeat" },
        { SVI_CELERY_NODE_OFFLINE, "worker-offline", "worker.offline" },
    };
    struct svi_celery_clock clock = { 40 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock, .tasks_silent = true };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_node_state node = { .freq_s = 2, .active = 1, .processed = 3 };
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        const char *key;
        check_ok(svi_celery_node_event(&events, rows[i].kind, &node, at_s, &message, &key, &err), err);
        assert_string_equal(key, rows[i].key);
        check_json(json_incref(message.headers), "{\"hostname\": \"svi@host1\"}");
        assert_int_equal(json_integer_value(json_object_get(message.properties, "delivery_mode")), 1);
        json_t *event = without_common_part(svi_celery_message_json(&message, &err), rows[i].type, 41 + (int64_t)i);
        assert_int_equal(json_array_size(json_object_get(event, "loadavg")), 3);
        json_object_del(event, "loadavg");
        json_object_del(event, "sw_ver");
        check_json(event, "{\"freq\": 2.0, \"active\": 1, \"processed\": 3, \"sw_ident\": \"svi-worker\", \"sw_sys\": \"Linux\"}");
        svi_celery_message_clear(&message);
    }
}

static void tasks(void **state)
{
    (void)state;
    static const struct svi_celery_exception fault = { .kind = SVI_CELERY_VALUE_ERROR, .text = "boom " SECRET };
    static const struct {
        struct svi_celery_task_event event;
        const char *type, *own;
    } rows[] = {
        { { .kind = SVI_CELERY_TASK_RECEIVED },
          "task-received",
          "{\"name\": \"shown\", \"args\": \"(45, '********', {'width': 10, 'height': 10.5, 'fftSize': 1024, 'title': "
          "'Gr\\u00f6\\u00dfe \\ud834\\udd1e'})\", \"kwargs\": \"{}\", \"root_id\": \"ROOT\", \"parent_id\": null, \"retries\": 1, "
          "\"eta\": \"2026-11-23T19:17:03.073804+00:00\", \"expires\": \"2026-11-23T20:17:03.073804+00:00\"}" },
        { { .kind = SVI_CELERY_TASK_STARTED }, "task-started", "{}" },
        { { .kind = SVI_CELERY_TASK_SUCCEEDED, .runtime_s = 2.5 }, "task-succeeded", "{\"result\": \"None\", \"runtime\": 2.5}" },
        { { .kind = SVI_CELERY_TASK_FAILED, .exception = &fault, .traceback = "at " SECRET },
          "task-failed",
          "{\"exception\": \"ValueError('boom ********')\", \"traceback\": \"at ********\"}" },
        { { .kind = SVI_CELERY_TASK_RETRIED, .exception = &fault },
          "task-retried",
          "{\"exception\": \"ValueError('boom ********')\", \"traceback\": null}" },
        { { .kind = SVI_CELERY_TASK_REVOKED, .terminated = true, .signal = 15 },
          "task-revoked",
          "{\"terminated\": true, \"signum\": 15, \"expired\": false}" },
        { { .kind = SVI_CELERY_TASK_REVOKED, .expired = true },
          "task-revoked",
          "{\"terminated\": false, \"signum\": null, \"expired\": true}" },
        { { .kind = SVI_CELERY_TASK_REJECTED, .requeue = true }, "task-rejected", "{\"requeue\": true}" },
    };
    struct svi_task task;
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    const char *key;
    bool any;
    read_task(&task, "later");
    svi_format(task.root_id, sizeof task.root_id, "ROOT");
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_task_event event = rows[i].event;
        event.task = &task;
        event.at_s = at_s;
        svi_celery_task_event(&events, &event);
    }
    check_ok(svi_celery_events_take(&events, &message, &key, &any, &err) && any, err);
    assert_string_equal(key, "task.multi");
    json_t *batch = svi_celery_message_json(&message, &err);
    assert_int_equal(json_array_size(batch), ROWS(rows));
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *event = without_common_part(json_incref(json_array_get(batch, i)), rows[i].type, 1 + (int64_t)i);
        assert_string_equal(json_string_value(json_object_get(event, "uuid")), task.id);
        json_object_del(event, "uuid");
        check_json(event, rows[i].own);
    }
    json_decref(batch);
    svi_celery_message_clear(&message);
    check_ok(svi_celery_events_take(&events, &message, &key, &any, &err) && !any, err);
    svi_task_clear(&task);
    svi_celery_events_clear(&events);
}

static void many_go_together_and_the_oldest_are_lost(void **state)
{
    (void)state;
    struct svi_task task;
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_error err = { 0 };
    int64_t next = 1 + 60;
    size_t messages = 0;
    bool any = true;
    read_task(&task, "delay");
    for (size_t i = 0; i < SVI_CELERY_EVENTS_WAITING + 60; i++)
        svi_celery_task_event(&events, &(struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_STARTED, .task = &task });
    while (any) {
        struct svi_celery_message message;
        const char *key;
        check_ok(svi_celery_events_take(&events, &message, &key, &any, &err), err);
        if (!any)
            break;
        json_t *batch = svi_celery_message_json(&message, &err), *event;
        size_t index;
        assert_true(json_array_size(batch) <= SVI_CELERY_EVENTS_AT_ONCE);
        json_array_foreach(batch, index, event) assert_int_equal(json_integer_value(json_object_get(event, "clock")), next++);
        json_decref(batch);
        svi_celery_message_clear(&message);
        messages++;
    }
    assert_int_equal(messages, SVI_CELERY_EVENTS_WAITING / SVI_CELERY_EVENTS_AT_ONCE);
    assert_int_equal(next, 1 + SVI_CELERY_EVENTS_WAITING + 60);
    events.tasks_silent = true;
    svi_celery_task_event(&events, &(struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_STARTED, .task = &task });
    assert_int_equal(json_array_size(events.waiting), 0);
    svi_task_clear(&task);
    svi_celery_events_clear(&events);
}

static void the_clock_only_goes_forward(void **state)
{
    (void)state;
    static const struct {
        int64_t value, other, after;
    } rows[] = {
        { 0, 0, 1 },         { 5, 17, 18 }, { 17, 5, 18 }, { 5, -7, 6 }, { 5, INT64_MAX, 6 }, { INT64_MAX / 2, 9, INT64_MAX / 2 },
        { 5, INT64_MIN, 6 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_clock clock = { rows[i].value };
        svi_celery_clock_adjust(&clock, rows[i].other);
        assert_int_equal(clock.value, rows[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes),
        cmocka_unit_test(tasks),
        cmocka_unit_test(many_go_together_and_the_oldest_are_lost),
        cmocka_unit_test(the_clock_only_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
