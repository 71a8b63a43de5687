/* test_celery_memory - a message's whole way through the layer, in which the first allocation fails, then the second, then the
 * third …; jansson's are among them. */
#include "host/celery_control.h"

#include <math.h>

#include "allocator.h"
#include "celery_golden.h"

static struct svi_task shown; /* what the node tells of */

static bool task_at(void *of, size_t index, struct svi_control_task *out)
{
    (void)of;
    *out = (struct svi_control_task){ .task = &shown, .state = SVI_CONTROL_ACTIVE, .started_s = 1 };
    return index == 0;
}

static const char *queue_at(void *of, size_t index)
{
    (void)of;
    return index ? NULL : "large_jobs";
}

static json_t *conf(void *of)
{
    (void)of;
    return json_pack("{s:s}", "broker_url", "redis://:pw@h");
}

static void stats(void *of, struct svi_control_stats *out)
{
    *out = (struct svi_control_stats){ .broker = of };
}

static void revoke_task(void *of, const char *id, bool terminate, int signal)
{
    (void)of, (void)id, (void)terminate, (void)signal;
}

static bool task_on_its_way(struct svi_bytes text, struct svi_error *err)
{
    struct svi_celery_message message, next, own;
    struct svi_task task;
    char id[SVI_TASK_ID_SIZE];
    if (!svi_celery_envelope_read(&message, text, err))
        return false;
    bool ok = svi_task_read(&task, &message, "q", err) == SVI_TASK_READY;
    if (ok && (ok = svi_task_retry(&next, &task, &message, 1, err)))
        svi_celery_message_clear(&next);
    struct svi_task_order order = { .job = 1, .token = "t", .config = message.headers, .hard_limit_s = NAN, .soft_limit_s = NAN };
    if (ok && (ok = svi_task_publish(&own, id, &order, err))) {
        struct svi_buffer envelope;
        svi_buffer_init(&envelope, 1 << 20);
        ok = svi_celery_envelope_write(&envelope, &own, err);
        svi_buffer_clear(&envelope);
        svi_celery_message_clear(&own);
    }
    svi_task_clear(&task);
    svi_celery_message_clear(&message);
    return ok;
}

static bool told_to_others(struct svi_error *err)
{
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_celery_exception fault = { .kind = SVI_CELERY_VALUE_ERROR, .text = "boom" };
    struct svi_celery_outcome outcome = {
        .state = SVI_CELERY_FAILURE, .task = &shown, .node = "svi@host1", .exception = &fault, .traceback = "at"
    };
    struct svi_celery_node_state node = { .freq_s = 2 };
    struct svi_celery_message message;
    const char *key;
    bool any;
    json_t *result = svi_celery_result(&outcome, err);
    bool ok = result;
    json_decref(result);
    if (ok && (ok = svi_celery_node_event(&events, SVI_CELERY_NODE_ONLINE, &node, 1, &message, &key, err)))
        svi_celery_message_clear(&message);
    struct svi_celery_task_event event = { .kind = SVI_CELERY_TASK_FAILED, .task = &shown, .exception = &fault };
    svi_celery_task_event(&events, &event);
    if (ok && (ok = svi_celery_events_take(&events, &message, &key, &any, err)) && any)
        svi_celery_message_clear(&message);
    svi_celery_events_clear(&events);
    return ok;
}

static bool asked_by_others(struct svi_error *err)
{
    static const struct {
        const char *method, *arguments;
    } rows[] = { { "active", "{}" },
                 { "scheduled", "{}" },
                 { "stats", "{}" },
                 { "active_queues", "{}" },
                 { "conf", "{}" },
                 { "hello", "{\"from_node\": \"b\", \"revoked\": {\"x\": [1.0, \"x\"]}}" },
                 { "revoke", "{\"task_id\": [\"a\", \"b\"], \"terminate\": true}" },
                 { "revoke_by_stamped_headers", "{\"headers\": [\"a=b\"], \"terminate\": true}" },
                 { "query_task", "{\"ids\": [\"a\"]}" },
                 { "frobnicate", "{}" } };
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_control_limits limits = { .soft_limit_s = NAN, .hard_limit_s = NAN };
    struct svi_broker_urls urls = { 0 };
    struct svi_control_node node = { .name = "svi@host1",
                                     .clock = &clock,
                                     .events = &events,
                                     .limits = &limits,
                                     .task = task_at,
                                     .queue = queue_at,
                                     .conf = conf,
                                     .stats = stats,
                                     .revoke = revoke_task };
    bool ok = svi_broker_urls_parse(&urls, "amqp://u:p@h", err) && svi_revoked_create(&node.revoked, err);
    node.of = ok ? &urls.at[0] : NULL;
    for (size_t i = 0; ok && i < ROWS(rows); i++) {
        json_t *arguments = json_loads(rows[i].arguments, 0, NULL);
        json_decref(arguments ? svi_control_answer(&node, rows[i].method, arguments) : NULL);
        json_decref(arguments);
    }
    svi_revoked_destroy(node.revoked);
    svi_broker_urls_clear(&urls);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const names[] = { "by_name", "zlib", "nan" };
    for (size_t i = 0; i < ROWS(names); i++) {
        struct svi_buffer text;
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        read_golden(&message, "5.7.0", names[i]);
        read_golden_text(&text, "5.7.0", names[i]);
        assert_int_equal(svi_task_read(&shown, &message, "q", &err), SVI_TASK_READY);
        bool failed = true;
        unsigned n = 1;
        for (; failed; n++) {
            err = (struct svi_error){ 0 };
            allocator_fail_at(n);
            bool ok = task_on_its_way((struct svi_bytes){ text.at, text.count }, &err) && told_to_others(&err)
                      && asked_by_others(&err);
            failed = allocator_has_failed();
            allocator_fail_at(0);
            if (!failed)
                check_ok(ok, err);
            assert_int_equal(err.status == SVI_OK, ok);
        }
        assert_true(n > 300);
        svi_task_clear(&shown);
        svi_celery_message_clear(&message);
        svi_buffer_clear(&text);
    }
}

int main(void)
{
    json_set_alloc_funcs(malloc, free);
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
