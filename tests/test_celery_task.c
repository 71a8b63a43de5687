/* test_celery_task - tasks as Celery publishes them, what cannot be one, the next attempt, and tasks of our own. */
#include "host/celery_task.h"
#include "host/mask.h"

#include <math.h>

#include "celery_golden.h"
#include "secret.h"

#define HEAD "{\"content-type\": \"application/json\", \"headers\": {\"task\": \"jobs.tasks.submit_job\", \"id\": \"e7f4\""

static void check_nothing_shown(const struct svi_task *task)
{
    char *args = json_dumps(task->args, 0), *kwargs = json_dumps(task->kwargs, 0);
    assert_null(strstr(args, SECRET));
    assert_null(strstr(kwargs, SECRET));
    assert_null(strstr(task->args_repr, SECRET));
    assert_null(strstr(task->kwargs_repr, SECRET));
    free(args);
    free(kwargs);
}

static void what_celery_publishes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum svi_task_verdict verdict;
        int job;
        unsigned canvas;
        bool config;
        const char *says, *args_repr;
    } rows[] = {
        { "delay", SVI_TASK_READY, 42, 0, true, "",
          "(42, '" SVI_MASK "', {'width': 10, 'height': 10.5, 'fftSize': 1024, 'title': 'Gr\xC3\xB6\xC3\x9F"
          "e \xF0\x9D\x84\x9E'})" },
        { "no_config", SVI_TASK_READY, 43, 0, false, "", "(43, '" SVI_MASK "', None)" },
        { "by_name", SVI_TASK_READY, 44, SVI_TASK_HAS_ERRBACKS, true, "", "(44, '" SVI_MASK "')" },
        { "later", SVI_TASK_READY, 45, 0, true, "", NULL },
        { "no_limits", SVI_TASK_READY, 46, 0, true, "", "(46, '" SVI_MASK "', {})" },
        { "zlib", SVI_TASK_READY, 47, 0, true, "", NULL },
        { "bzip2", SVI_TASK_DROPPED, 0, 0, false, "zlib", NULL },
        { "pickle", SVI_TASK_DROPPED, 0, 0, false, "not JSON", NULL },
        { "nan", SVI_TASK_READY, 50, 0, true, "", "(50, '" SVI_MASK "', {'vmin': None, 'vmax': None, 'title': 'NaN Infinity'})" },
        { "chain", SVI_TASK_READY, 51, SVI_TASK_HAS_CHAIN, false, "", NULL },
        { "group", SVI_TASK_READY, 52, SVI_TASK_IN_GROUP, false, "", NULL },
        { "link", SVI_TASK_READY, 54, SVI_TASK_HAS_CALLBACKS, false, "", NULL },
        { "unknown", SVI_TASK_UNKNOWN, 0, 0, false, "none that this worker knows", "()" },
        { "few", SVI_TASK_WRONG, 0, 0, false, "1 arguments", "(55,)" },
        { "text_id", SVI_TASK_WRONG, 0, 0, false, "a string", NULL },
        { "protocol_1", SVI_TASK_DROPPED, 0, 0, false, "protocol 2", NULL },
    };
    for (size_t version = 0; version < ROWS(celery_versions); version++)
        for (size_t i = 0; i < ROWS(rows); i++) {
            struct svi_celery_message message;
            struct svi_task task;
            struct svi_error err = { 0 };
            read_golden(&message, celery_versions[version], rows[i].name);
            enum svi_task_verdict verdict = svi_task_read(&task, &message, "large_jobs", &err);
            if (verdict != rows[i].verdict)
                fail_msg("%s is %d: %s", rows[i].name, (int)verdict, err.message);
            check_has(err.message, rows[i].says);
            check_no_secret(err);
            assert_int_equal(task.job, rows[i].job);
            assert_int_equal(task.canvas, rows[i].canvas);
            assert_int_equal(task.config != NULL, rows[i].config);
            if (verdict != SVI_TASK_DROPPED) {
                assert_string_equal(task.id, json_string_value(json_object_get(message.headers, "id")));
                assert_string_equal(task.root_id, json_string_value(json_object_get(message.headers, "root_id")));
                assert_string_equal(task.routing_key, "large_jobs");
                check_nothing_shown(&task);
                if (rows[i].args_repr)
                    assert_string_equal(task.args_repr, rows[i].args_repr);
            }
            assert_string_equal(task.token, verdict == SVI_TASK_READY ? SECRET : "");
            svi_task_clear(&task);
            svi_celery_message_clear(&message);
        }
}

static void what_the_headers_say(void **state)
{
    (void)state;
    for (size_t version = 0; version < ROWS(celery_versions); version++) {
        struct svi_celery_message message;
        struct svi_task task;
        struct svi_error err = { 0 };
        read_golden(&message, celery_versions[version], "later");
        assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_READY);
        check_near(task.eta_s, 1795461423.073804, 1e-6);
        check_near(task.expires_s, 1795465023.073804, 1e-6);
        assert_string_equal(task.shadow, "shown");
        assert_int_equal(task.retries, 1);
        assert_int_equal(task.priority, 6);
        assert_true(task.ignore_result && !task.redelivered);
        check_near(task.hard_limit_s, 30, 0);
        check_near(task.soft_limit_s, 30, 0);
        svi_task_clear(&task);
        svi_celery_message_clear(&message);
        read_golden(&message, celery_versions[version], "by_name");
        assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_READY);
        assert_true(isnan(task.eta_s) && isnan(task.expires_s));
        check_near(task.hard_limit_s, 900, 0);
        check_near(task.soft_limit_s, 600, 0);
        check_json(json_incref(task.kwargs), "{\"config\": {\"dimensions\": \"2d\", \"again\": \"" SVI_MASK "\"}}");
        check_json(json_incref(task.args), "[44, \"" SVI_MASK "\"]");
        check_json(json_incref(task.config), "{\"dimensions\": \"2d\", \"again\": \"" SECRET "\"}");
        svi_task_clear(&task);
        svi_celery_message_clear(&message);
    }
}

static enum svi_task_verdict read_row(struct svi_task *task, const char *headers, const char *body, struct svi_error *err)
{
    struct svi_buffer text;
    struct svi_celery_message message;
    svi_buffer_init(&text, 1 << 20);
    svi_buffer_add_text(&text, HEAD "%s}, \"properties\": {}}", headers);
    check_ok(svi_celery_envelope_read(&message, (struct svi_bytes){ text.at, text.count }, err), *err);
    svi_buffer_add(&message.body, body, strlen(body));
    enum svi_task_verdict verdict = svi_task_read(task, &message, "some_queue", err);
    svi_celery_message_clear(&message);
    svi_buffer_clear(&text);
    return verdict;
}

#define ARGS "[[7, \"" SECRET "\"], {}, {}]"

static void odd_messages(void **state)
{
    (void)state;
    static const struct {
        const char *headers, *body;
        enum svi_task_verdict verdict;
        const char *says;
    } rows[] = {
        { "", ARGS, SVI_TASK_READY, "" },
        { "", "[[7, \"" SECRET "\"], {}, null]", SVI_TASK_READY, "" },
        { "", "[[7, \"" SECRET "\", null], {}, {\"callbacks\": []}]", SVI_TASK_READY, "" },
        { "", "[[7, \"" SECRET "\"], {\"config\": null}, {}]", SVI_TASK_READY, "" },
        { "", "[[9007199254740993, \"" SECRET "\"], {}, {}]", SVI_TASK_READY, "" },
        { ", \"retries\": null, \"timelimit\": null, \"root_id\": null, \"stamps\": null", ARGS, SVI_TASK_READY, "" },
        { ", \"retries\": \"x\", \"timelimit\": [\"a\"], \"stamps\": 5, \"shadow\": {}", ARGS, SVI_TASK_READY, "" },
        { ", \"retries\": -3, \"timelimit\": [-1, 0]", ARGS, SVI_TASK_READY, "" },
        { ", \"eta\": \"2026-11-23T19:17:03\"", ARGS, SVI_TASK_READY, "" },
        { ", \"eta\": \"tomorrow\"", ARGS, SVI_TASK_WRONG, "eta is no moment" },
        { ", \"eta\": 5", ARGS, SVI_TASK_WRONG, "eta is no moment" },
        { ", \"expires\": \"2026-13-23T19:17:03Z\"", ARGS, SVI_TASK_WRONG, "expires is no moment" },
        { "", "[[7, \"" SECRET "\"], {}]", SVI_TASK_DROPPED, "three parts" },
        { "", "[[7, \"" SECRET "\"], {}, {}, {}]", SVI_TASK_DROPPED, "three parts" },
        { "", "[{}, {}, {}]", SVI_TASK_DROPPED, "three parts" },
        { "", "[[], [], {}]", SVI_TASK_DROPPED, "three parts" },
        { "", "[[], {}, 5]", SVI_TASK_DROPPED, "three parts" },
        { "", "{\"" SECRET "\": 1}", SVI_TASK_DROPPED, "three parts" },
        { "", "", SVI_TASK_DROPPED, "JSON" },
        { "", "[[7, \"" SECRET "\"], {}, {}", SVI_TASK_DROPPED, "JSON" },
        { "", "[[7], {\"token\": \"" SECRET "\"}, {}]", SVI_TASK_READY, "" },
        { "", "[[], {\"job_id\": 7, \"config\": {\"a\": \"" SECRET "\"}, \"token\": \"" SECRET "\"}, {}]", SVI_TASK_READY, "" },
        { "", "[[], {}, {}]", SVI_TASK_WRONG, "0 arguments" },
        { "", "[[7], {\"job_id\": 7, \"token\": \"" SECRET "\"}, {}]", SVI_TASK_WRONG, "job_id twice" },
        { "", "[[], {\"token\": \"" SECRET "\"}, {}]", SVI_TASK_WRONG, "lacks its argument job_id" },
        { "", "[[], {\"job_id\": 7}, {}]", SVI_TASK_WRONG, "lacks its argument token" },
        { "", "[[\"" SECRET "\", 7], {\"" SECRET "\": [\"" SECRET "\"], \"config\": \"" SECRET "\"}, {}]", SVI_TASK_WRONG,
          "other than" },
        { "", "[[7, \"" SECRET "\", {}, 5], {}, {}]", SVI_TASK_WRONG, "4 arguments" },
        { "", "[[\"7\", \"" SECRET "\"], {}, {}]", SVI_TASK_WRONG, "a string" },
        { "", "[[7.0, \"" SECRET "\"], {}, {}]", SVI_TASK_WRONG, "a number" },
        { "", "[[true, \"" SECRET "\"], {}, {}]", SVI_TASK_WRONG, "a boolean" },
        { "", "[[0, \"" SECRET "\"], {}, {}]", SVI_TASK_WRONG, "above zero" },
        { "", "[[-7, \"" SECRET "\"], {}, {}]", SVI_TASK_WRONG, "above zero" },
        { "", "[[7, null], {}, {}]", SVI_TASK_WRONG, "a token, is null" },
        { "", "[[7, [\"" SECRET "\"]], {}, {}]", SVI_TASK_WRONG, "a token, is an array" },
        { "", "[[7, \"\"], {}, {}]", SVI_TASK_WRONG, "empty" },
        { "", "[[7, \"" SECRET " \"], {}, {}]", SVI_TASK_WRONG, "characters" },
        { "", "[[7, \"" SECRET "\", []], {}, {}]", SVI_TASK_WRONG, "config is an array" },
        { "", "[[7, \"" SECRET "\", {}], {\"config\": {}}, {}]", SVI_TASK_WRONG, "twice" },
        { "", "[[7, \"" SECRET "\"], {\"" SECRET "\": {}}, {}]", SVI_TASK_WRONG, "other than job_id" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_task task;
        struct svi_error err = { 0 };
        enum svi_task_verdict verdict = read_row(&task, rows[i].headers, rows[i].body, &err);
        if (verdict != rows[i].verdict)
            fail_msg("row %zu is %d: %s", i, (int)verdict, err.message);
        assert_int_equal(err.status == SVI_OK, verdict == SVI_TASK_READY);
        check_has(err.message, rows[i].says);
        check_no_secret(err);
        if (verdict == SVI_TASK_WRONG || verdict == SVI_TASK_READY) {
            assert_string_equal(task.routing_key, "some_queue");
            assert_true(task.retries == 0 && isnan(task.hard_limit_s) && isnan(task.soft_limit_s));
            check_nothing_shown(&task);
        }
        svi_task_clear(&task);
    }
}

static void names_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *headers, *says;
    } rows[] = {
        { "{}", "protocol 2" },
        { "{\"task\": \"jobs.tasks.submit_job\"}", "name or id" },
        { "{\"task\": 5, \"id\": \"a\"}", "name or id" },
        { "{\"task\": \"\", \"id\": \"a\"}", "name or id" },
        { "{\"task\": \"jobs.tasks.submit_job\", \"id\": \"\"}", "name or id" },
        { "{\"task\": \"jobs.tasks.submit_job\", \"id\": \"a\\nb\"}", "name or id" },
        { "{\"task\": \"jobs.tasks.submit_job\", \"id\": {}}", "name or id" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[512];
        struct svi_celery_message message;
        struct svi_task task;
        struct svi_error err = { 0 };
        svi_format(text, sizeof text, "{\"content-type\": \"application/json\", \"headers\": %s}", rows[i].headers);
        check_ok(svi_celery_envelope_read(&message, svi_bytes_of(text), &err), err);
        assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_DROPPED);
        check_has(err.message, rows[i].says);
        svi_celery_message_clear(&message);
    }
}

/* What Celery itself makes of it: captured rules of its retries. */
static void the_next_attempt(void **state)
{
    (void)state;
    for (size_t version = 0; version < ROWS(celery_versions); version++) {
        struct svi_celery_message message, next;
        struct svi_task task;
        struct svi_error err = { 0 };
        read_golden(&message, celery_versions[version], "delay");
        json_object_set_new(message.headers, "redelivered", json_true());
        assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_READY);
        assert_true(task.redelivered);
        check_ok(svi_task_retry(&next, &task, &message, 1795461423.25, &err), err);
        assert_int_equal(next.body.count, message.body.count);
        assert_memory_equal(next.body.at, message.body.at, message.body.count);
        json_t *headers = json_deep_copy(message.headers), *properties = json_deep_copy(message.properties);
        json_object_del(headers, "redelivered");
        json_object_set_new(headers, "retries", json_integer(1));
        json_object_set_new(headers, "parent_id", json_string(task.id));
        json_object_set_new(headers, "eta", json_string("2026-11-23T19:17:03.250000+00:00"));
        json_object_del(properties, "delivery_tag");
        json_object_del(properties, "delivery_info");
        json_object_del(properties, "body_encoding");
        assert_true(json_equal(next.headers, headers));
        assert_true(json_equal(next.properties, properties));
        json_decref(headers);
        json_decref(properties);
        svi_celery_message_clear(&next);
        check_ok(svi_task_retry(&next, &task, &message, NAN, &err), err);
        assert_true(json_is_null(json_object_get(next.headers, "eta")));
        svi_celery_message_clear(&next);
        svi_task_clear(&task);
        svi_celery_message_clear(&message);
    }
}

static void countdowns_are_drawn(void **state)
{
    (void)state;
    for (int retries = -1; retries < 40; retries++) {
        double most = retries < 0 ? 1 : retries >= 10 ? 600 : fmin(600, pow(2, retries)), seen = 0;
        for (int i = 0; i < 200; i++) {
            double countdown_s = svi_task_countdown_s(retries);
            assert_true(countdown_s >= 0 && countdown_s <= most && countdown_s == floor(countdown_s));
            seen = fmax(seen, countdown_s);
        }
        assert_true(seen > 0.8 * most || most < 3);
    }
}

static void a_task_of_our_own(void **state)
{
    (void)state;
    struct svi_celery_message message, golden;
    struct svi_task task;
    struct svi_error err = { 0 };
    char id[SVI_TASK_ID_SIZE];
    read_golden(&golden, "5.7.0", "delay");
    json_t *config = json_loads("{\"width\": 10, \"again\": \"" SECRET "\"}", 0, NULL);
    struct svi_task_order order = {
        .job = 42, .token = SECRET, .config = config, .hard_limit_s = 900, .soft_limit_s = 600, .priority = 3
    };
    check_ok(svi_task_publish(&message, id, &order, &err), err);
    const char *key;
    json_t *value;
    /* Every header and property that Celery writes, of the same kind, but what the broker adds. */
    json_object_foreach(golden.headers, key, value)
        assert_string_equal(svi_json_kind(json_object_get(message.headers, key)), svi_json_kind(value));
    assert_int_equal(json_object_size(message.headers), json_object_size(golden.headers));
    json_object_foreach(golden.properties, key, value) if (strcmp(key, "delivery_tag") != 0 && strcmp(key, "body_encoding") != 0)
        assert_string_equal(svi_json_kind(json_object_get(message.properties, key)), svi_json_kind(value));
    assert_null(strstr(json_string_value(json_object_get(message.headers, "argsrepr")), SECRET));
    assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_READY);
    assert_string_equal(task.id, id);
    assert_string_equal(task.root_id, id);
    assert_string_equal(task.routing_key, "large_jobs");
    assert_false(task.redelivered);
    assert_string_equal(task.token, SECRET);
    assert_int_equal(task.job, 42);
    assert_int_equal(task.priority, 3);
    check_near(task.hard_limit_s, 900, 0);
    check_near(task.soft_limit_s, 600, 0);
    assert_true(json_equal(task.config, config));
    svi_task_clear(&task);
    svi_celery_message_clear(&message);
    order = (struct svi_task_order){
        .job = 1, .token = "t", .hard_limit_s = NAN, .soft_limit_s = NAN, .queue = "other", .again = true
    };
    check_ok(svi_task_publish(&message, id, &order, &err), err);
    check_json(json_incref(json_object_get(message.headers, "timelimit")), "[null, null]");
    assert_int_equal(svi_task_read(&task, &message, NULL, &err), SVI_TASK_READY);
    assert_string_equal(task.routing_key, "other");
    assert_true(task.redelivered);
    assert_null(task.config);
    svi_task_clear(&task);
    svi_celery_message_clear(&message);
    svi_celery_message_clear(&golden);
    json_decref(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_celery_publishes), cmocka_unit_test(what_the_headers_say), cmocka_unit_test(odd_messages),
        cmocka_unit_test(names_that_are_none),   cmocka_unit_test(the_next_attempt),     cmocka_unit_test(countdowns_are_drawn),
        cmocka_unit_test(a_task_of_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
