/* test_celery_control - every command of remote control, with the answers that Celery gives. */
#include "host/celery_control.h"

#include <math.h>

#include "celery_golden.h"
#include "secret.h"

/* A node with three tasks of its own: one runs, one waits, one waits for its time. */
struct fake {
    struct svi_control_node node;
    struct svi_celery_clock clock;
    struct svi_celery_events events;
    struct svi_control_limits limits;
    struct svi_task tasks[3];
    struct svi_broker_urls urls;
    char did[256]; /* what the node was told to do, in words */
};

static bool task_at(void *of, size_t index, struct svi_control_task *out)
{
    static const enum svi_control_task_state states[] = { SVI_CONTROL_ACTIVE, SVI_CONTROL_RESERVED, SVI_CONTROL_SCHEDULED };
    struct fake *fake = of;
    if (index >= 3)
        return false;
    *out = (struct svi_control_task){ .task = &fake->tasks[index],
                                      .state = states[index],
                                      .started_s = index ? NAN : 1795461283.25,
                                      .acknowledged = index == 0,
                                      .pid = index ? 0 : 12232 };
    return true;
}

static const char *queue_at(void *of, size_t index)
{
    (void)of;
    return index ? NULL : "large_jobs";
}

static void stats(void *of, struct svi_control_stats *out)
{
    struct fake *fake = of;
    *out = (struct svi_control_stats){ .started = 2,
                                       .uptime_s = 68.9,
                                       .concurrency = 2,
                                       .prefetch_count = 2,
                                       .pids = { 12231, 12232 },
                                       .pid_count = 2,
                                       .soft_limit_s = 600,
                                       .hard_limit_s = 900.5,
                                       .broker = &fake->urls.at[0] };
}

static json_t *conf(void *of)
{
    (void)of;
    return json_pack("{s:s, s:s, s:i, s:{s:s, s:s}, s:s}", "broker_url", "redis://u:" SECRET "@h/0;redis://:" SECRET "@i:7",
                     "result_backend", "rediss://:" SECRET "@h/1", "task_time_limit", 900, "broker_transport_options", "password",
                     SECRET, "global_keyprefix", "svi:", "secret_word", SECRET);
}

static void revoke_task(void *of, const char *id, bool terminate, int signal)
{
    struct fake *fake = of;
    char before[sizeof fake->did];
    memcpy(before, fake->did, sizeof before);
    svi_format(fake->did, sizeof fake->did, "%s%s %s %d; ", before, terminate ? "end" : "revoke", id, signal);
}

static void note(void *of, const char *what)
{
    struct fake *fake = of;
    svi_format(fake->did, sizeof fake->did, "%s", what);
}

static void shutdown_node(void *of)
{
    note(of, "shutdown");
}

static void beat(void *of)
{
    note(of, "heartbeat");
}

static bool add_queue(void *of, const char *queue, struct svi_error *err)
{
    char what[300];
    svi_format(what, sizeof what, "add %s", queue);
    note(of, what);
    return strcmp(queue, "bad") != 0 || svi_fail(err, SVI_UNREACHABLE, "No broker.");
}

static bool cancel_queue(void *of, const char *queue, struct svi_error *err)
{
    (void)err;
    char what[300];
    svi_format(what, sizeof what, "cancel %s", queue);
    note(of, what);
    return true;
}

static bool resize(void *of, int by, struct svi_error *err)
{
    char what[32];
    svi_format(what, sizeof what, "resize %d", by);
    note(of, what);
    return by > -5 || svi_fail(err, SVI_BAD_USAGE, "Can't shrink pool. All processes busy!");
}

static void read_task(struct svi_task *task, const char *golden, const char *id)
{
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    read_golden(&message, "5.7.0", golden);
    json_object_set_new(message.headers, "id", json_string(id));
    if (id[0] == 'a')
        json_object_set_new(message.headers, "stamps", json_pack("{s:[s]}", "owner", "me"));
    assert_int_equal(svi_task_read(task, &message, NULL, &err), SVI_TASK_READY);
    svi_celery_message_clear(&message);
}

static int begin(void **state)
{
    struct fake *fake = calloc(1, sizeof *fake);
    struct svi_error err = { 0 };
    assert_non_null(fake);
    fake->limits = (struct svi_control_limits){ .soft_limit_s = NAN, .hard_limit_s = NAN };
    fake->clock.value = 77;
    fake->events = (struct svi_celery_events){ .node = "svi@host1", .clock = &fake->clock };
    fake->node = (struct svi_control_node){ .of = fake,
                                            .name = "svi@host1",
                                            .clock = &fake->clock,
                                            .events = &fake->events,
                                            .limits = &fake->limits,
                                            .task = task_at,
                                            .queue = queue_at,
                                            .stats = stats,
                                            .conf = conf,
                                            .revoke = revoke_task,
                                            .shutdown = shutdown_node,
                                            .add_queue = add_queue,
                                            .cancel_queue = cancel_queue,
                                            .resize = resize,
                                            .heartbeat = beat };
    check_ok(svi_revoked_create(&fake->node.revoked, &err), err);
    check_ok(svi_broker_urls_parse(&fake->urls, "redis://u:" SECRET "@127.0.0.1:6399/0", &err), err);
    read_task(&fake->tasks[0], "by_name", "a-runs");
    read_task(&fake->tasks[1], "delay", "b-waits");
    read_task(&fake->tasks[2], "later", "c-later");
    *state = fake;
    return 0;
}

static int end(void **state)
{
    struct fake *fake = *state;
    for (size_t i = 0; i < ROWS(fake->tasks); i++)
        svi_task_clear(&fake->tasks[i]);
    svi_broker_urls_clear(&fake->urls);
    svi_revoked_destroy(fake->node.revoked);
    svi_celery_events_clear(&fake->events);
    free(fake);
    return 0;
}

static json_t *ask(struct fake *fake, const char *method, const char *arguments)
{
    json_t *values = json_loads(arguments, 0, NULL);
    json_t *answer = svi_control_answer(&fake->node, method, values);
    json_decref(values);
    char *text = answer ? json_dumps(answer, JSON_ENCODE_ANY) : NULL;
    if (text)
        assert_null(strstr(text, SECRET));
    free(text);
    return answer;
}

#define INFO_A                                                                                                                     \
    "{\"id\": \"a-runs\", \"name\": \"jobs.tasks.submit_job\", \"args\": [44, \"********\"], \"kwargs\": {\"config\": "            \
    "{\"dimensions\": \"2d\", \"again\": \"********\"}}, \"type\": \"jobs.tasks.submit_job\", \"hostname\": \"svi@host1\", "       \
    "\"time_start\": 1795461283.25, \"acknowledged\": true, \"delivery_info\": {\"exchange\": \"\", \"routing_key\": "             \
    "\"large_jobs\", \"priority\": 0, \"redelivered\": false}, \"worker_pid\": 12232}"
#define SAFE_A                                                                                                                     \
    "{\"id\": \"a-runs\", \"name\": \"jobs.tasks.submit_job\", \"args\": \"(44, '********')\", \"kwargs\": \"{'config': "          \
    "{'dimensions': '2d', 'again': '********'}}\", \"type\": \"jobs.tasks.submit_job\", \"hostname\": \"svi@host1\", "             \
    "\"time_start\": 1795461283.25, \"acknowledged\": true, \"delivery_info\": {\"exchange\": \"\", \"routing_key\": "             \
    "\"large_jobs\", \"priority\": 0, \"redelivered\": false}, \"worker_pid\": 12232}"
#define CONFIG "{\"width\": 10, \"height\": 10.5, \"fftSize\": 1024, \"title\": \"Gr\\u00f6\\u00dfe \\ud834\\udd1e\"}"
#define INFO_B                                                                                                                     \
    "{\"id\": \"b-waits\", \"name\": \"jobs.tasks.submit_job\", \"args\": [42, \"********\", " CONFIG "], \"kwargs\": {}, "        \
    "\"type\": \"jobs.tasks.submit_job\", \"hostname\": \"svi@host1\", \"time_start\": null, \"acknowledged\": false, "            \
    "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"large_jobs\", \"priority\": 0, \"redelivered\": false}, "          \
    "\"worker_pid\": null}"
#define INFO_C                                                                                                                     \
    "{\"id\": \"c-later\", \"name\": \"shown\", \"args\": [45, \"********\", " CONFIG "], \"kwargs\": {}, "                        \
    "\"type\": \"jobs.tasks.submit_job\", \"hostname\": \"svi@host1\", \"time_start\": null, \"acknowledged\": false, "            \
    "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"large_jobs\", \"priority\": 6, \"redelivered\": false}, "          \
    "\"worker_pid\": null}"

static void commands_and_answers(void **state)
{
    (void)state;
    static const struct {
        const char *method, *arguments, *answer, *did; /* answer NULL: none is sent */
    } rows[] = {
        { "ping", "{}", "{\"ok\": \"pong\"}", "" },
        { "ping", "{\"extra\": 1}", "{\"ok\": \"pong\"}", "" },
        { "active", "{\"safe\": null}", "[" INFO_A "]", "" },
        { "dump_active", "{}", "[" INFO_A "]", "" },
        { "active", "{\"safe\": true}", "[" SAFE_A "]", "" },
        { "reserved", "{}", "[" INFO_B "]", "" },
        { "dump_reserved", "{}", "[" INFO_B "]", "" },
        { "scheduled", "{}", "[{\"eta\": \"2026-11-23T19:17:03.073804+00:00\", \"priority\": 6, \"request\": " INFO_C "}]", "" },
        { "query_task", "{\"ids\": [\"b-waits\", \"nobody\", 5]}", "{\"b-waits\": [\"reserved\", " INFO_B "]}", "" },
        { "query_task", "{\"ids\": \"a-runs\"}", "{\"a-runs\": [\"active\", " INFO_A "]}", "" },
        { "query_task", "{\"ids\": [\"c-later\"]}", "{\"c-later\": [\"scheduled\", " INFO_C "]}", "" },
        { "registered", "{\"taskinfoitems\": []}", "[\"jobs.tasks.submit_job\"]", "" },
        { "registered", "{\"taskinfoitems\": [\"max_retries\", \"nothing\", 5]}", "[\"jobs.tasks.submit_job [max_retries=2]\"]",
          "" },
        { "revoked", "{}", "[]", "" },
        { "clock", "{}", "{\"clock\": 77}", "" },
        { "hello", "{\"from_node\": \"b@host1\", \"revoked\": {}}", "{\"revoked\": {}, \"clock\": 78}", "" },
        { "hello", "{\"from_node\": \"svi@host1\"}", "null", "" },
        { "revoke", "{\"task_id\": \"nobody\", \"terminate\": false}", "{\"ok\": \"tasks {'nobody'} flagged as revoked\"}", "" },
        { "revoke", "{\"task_id\": \"b-waits\"}", "{\"ok\": \"tasks {'b-waits'} flagged as revoked\"}", "revoke b-waits 0; " },
        { "revoke", "{\"task_id\": [\"x\", \"y\", \"x\"]}", "{\"ok\": \"tasks {'x', 'y'} flagged as revoked\"}", "" },
        { "revoke", "{\"task_id\": []}", "{\"ok\": \"tasks set() flagged as revoked\"}", "" },
        { "revoke", "{\"task_id\": \"a-runs\", \"terminate\": true, \"signal\": \"SIGTERM\"}", "{\"ok\": \"terminate: a-runs\"}",
          "end a-runs 15; " },
        { "revoke", "{\"task_id\": \"a-runs\", \"terminate\": true, \"signal\": null}", "{\"ok\": \"terminate: a-runs\"}",
          "end a-runs 15; " },
        { "revoke", "{\"task_id\": [\"a-runs\", \"b-waits\", \"z\"], \"terminate\": true, \"signal\": \"KILL\"}",
          "{\"ok\": \"terminate: a-runs, b-waits\"}", "end a-runs 9; end b-waits 9; " },
        { "revoke", "{\"task_id\": \"a-runs\", \"terminate\": true, \"signal\": 10}", "{\"ok\": \"terminate: a-runs\"}",
          "end a-runs 10; " },
        { "revoke", "{\"task_id\": \"z\", \"terminate\": true}", "{\"ok\": \"terminate: tasks unknown\"}", "" },
        { "revoke", "{\"task_id\": \"a-runs\", \"terminate\": true, \"signal\": \"term\"}",
          "{\"error\": \"TypeError('signal name must be uppercase string.')\"}", "" },
        { "revoke", "{}", "{\"error\": \"TypeError(\\\"revoke() missing 1 required positional argument: 'task_id'\\\")\"}", "" },
        { "terminate", "{\"task_id\": \"a-runs\", \"signal\": \"SIGINT\"}", "{\"ok\": \"terminate: a-runs\"}", "end a-runs 2; " },
        { "terminate", "{}",
          "{\"error\": \"TypeError(\\\"terminate() missing 2 required positional arguments: 'signal' and 'task_id'\\\")\"}", "" },
        { "revoke_by_stamped_headers", "{\"headers\": {\"owner\": [\"me\"]}, \"terminate\": false}",
          "{\"ok\": \"headers {'owner': ['me']} flagged as revoked, but not terminated\"}", "" },
        { "revoke_by_stamped_headers", "{\"headers\": [\"owner=me\"], \"terminate\": true}",
          "{\"ok\": \"headers {'owner': 'me'} revoked\"}", "end a-runs 15; " },
        { "revoke_by_stamped_headers", "{\"headers\": {\"owner\": \"you\"}, \"terminate\": true}",
          "{\"ok\": \"headers {'owner': 'you'} were not terminated\"}", "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": \"10/m\"}",
          "{\"ok\": \"new rate limit set successfully\"}", "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": 5}",
          "{\"ok\": \"new rate limit set successfully\"}", "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": 0}",
          "{\"ok\": \"rate limit disabled successfully\"}", "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": \"\"}",
          "{\"ok\": \"rate limit disabled successfully\"}", "" },
        { "rate_limit", "{\"task_name\": \"other\", \"rate_limit\": \"10/m\"}", "{\"error\": \"unknown task\"}", "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": \"10/q\"}", "{\"error\": \"KeyError('q')\"}",
          "" },
        { "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": \"x/m\"}",
          "{\"error\": \"Invalid rate limit string: ValueError(\\\"could not convert string to float: 'x'\\\")\"}", "" },
        { "time_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"hard\": 120, \"soft\": 60}",
          "{\"ok\": \"time limits set successfully\"}", "" },
        { "time_limit", "{\"task_name\": \"other\", \"hard\": 120}", "{\"error\": \"unknown task\"}", "" },
        { "enable_events", "{}", "{\"ok\": \"task events already enabled\"}", "" },
        { "disable_events", "{}", "{\"ok\": \"task events disabled\"}", "" },
        { "heartbeat", "{}", "null", "heartbeat" },
        { "pool_grow", "{\"n\": 3}", "{\"ok\": \"pool will grow\"}", "resize 3" },
        { "pool_grow", "{}", "{\"ok\": \"pool will grow\"}", "resize 1" },
        { "pool_shrink", "{\"n\": 1}", "{\"ok\": \"pool will shrink\"}", "resize -1" },
        { "pool_shrink", "{\"n\": 5}", "{\"error\": \"ValueError(\\\"Can't shrink pool. All processes busy!\\\")\"}", "resize -5" },
        { "pool_grow", "{\"n\": \"many\"}", "{\"error\": \"ValueError('n must be a whole number of 0 to 1000')\"}", "" },
        { "pool_restart", "{\"modules\": null}", "{\"error\": \"ValueError('Pool restarts not enabled')\"}", "" },
        { "autoscale", "{\"max\": 3, \"min\": 1}", "{\"error\": \"ValueError('Autoscale not enabled')\"}", "" },
        { "autoscale", "{\"most\": 3}", "{\"error\": \"TypeError(\\\"autoscale() got an unexpected keyword argument 'most'\\\")\"}",
          "" },
        { "add_consumer", "{\"queue\": \"extraq\", \"exchange\": null, \"exchange_type\": \"direct\", \"routing_key\": null}",
          "{\"ok\": \"add consumer extraq\"}", "add extraq" },
        { "add_consumer", "{\"queue\": \"bad\"}", "{\"error\": \"RuntimeError('No broker.')\"}", "add bad" },
        { "add_consumer", "{\"queue\": \"a\\nb\"}", "{\"error\": \"ValueError('queue must be a name of 1 to 255 bytes')\"}", "" },
        { "cancel_consumer", "{\"queue\": \"extraq\"}", "{\"ok\": \"no longer consuming from extraq\"}", "cancel extraq" },
        { "cancel_consumer", "{}",
          "{\"error\": \"TypeError(\\\"cancel_consumer() missing 1 required positional argument: 'queue'\\\")\"}", "" },
        { "election", "{\"id\": 1, \"topic\": \"x\"}", "null", "" },
        { "shutdown", "{}", NULL, "shutdown" },
        { "frobnicate", "{}", "{\"error\": \"KeyError('frobnicate')\"}", "" },
        { "it's", "{}", "{\"error\": \"KeyError(\\\"it's\\\")\"}", "" },
        { "active_queues", "{\"a\": 1}",
          "{\"error\": \"TypeError(\\\"active_queues() got an unexpected keyword argument 'a'\\\")\"}", "" },
        { "active_queues", "{}",
          "[{\"name\": \"large_jobs\", \"exchange\": {\"name\": \"large_jobs\", \"type\": \"direct\", \"arguments\": null, "
          "\"durable\": true, \"passive\": false, \"auto_delete\": false, \"delivery_mode\": null, \"no_declare\": false}, "
          "\"routing_key\": \"large_jobs\", \"queue_arguments\": null, \"binding_arguments\": null, \"consumer_arguments\": null, "
          "\"durable\": true, \"exclusive\": false, \"auto_delete\": false, \"no_ack\": false, \"alias\": null, \"bindings\": [], "
          "\"no_declare\": null, \"expires\": null, \"message_ttl\": null, \"max_length\": null, \"max_length_bytes\": null, "
          "\"max_priority\": null}]",
          "" },
        { "conf", "{\"with_defaults\": false}",
          "{\"broker_url\": \"redis://u:**@h/0;redis://:**@i:7\", \"result_backend\": \"rediss://:**@h/1\", \"task_time_limit\": "
          "900, \"broker_transport_options\": {\"password\": \"********\", \"global_keyprefix\": \"********\"}, \"secret_word\": "
          "\"********\"}",
          "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        void *made;
        begin(&made);
        struct fake *fake = made;
        json_t *answer = ask(fake, rows[i].method, rows[i].arguments);
        print_message("%s %s\n", rows[i].method, rows[i].arguments);
        if (rows[i].answer)
            check_json(answer, rows[i].answer);
        else
            assert_null(answer);
        assert_string_equal(fake->did, rows[i].did);
        end(&made);
    }
}

static void what_is_set_stays(void **state)
{
    struct fake *fake = *state;
    json_decref(ask(fake, "rate_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"rate_limit\": \"10/m\"}"));
    check_json(ask(fake, "registered", "{}"), "[\"jobs.tasks.submit_job [rate_limit=10/m]\"]");
    json_decref(ask(fake, "time_limit", "{\"task_name\": \"jobs.tasks.submit_job\", \"hard\": 120, \"soft\": null}"));
    check_near(fake->limits.hard_limit_s, 120, 0);
    assert_true(isnan(fake->limits.soft_limit_s));
    json_decref(ask(fake, "disable_events", "{}"));
    assert_true(fake->events.tasks_silent);
    check_json(ask(fake, "disable_events", "{}"), "{\"ok\": \"task events already disabled\"}");
    check_json(ask(fake, "enable_events", "{}"), "{\"ok\": \"task events enabled\"}");
    json_decref(ask(fake, "revoke", "{\"task_id\": [\"x\", \"y\"]}"));
    check_json(ask(fake, "revoked", "{}"), "[\"x\", \"y\"]");
    json_t *answer = ask(fake, "hello", "{\"from_node\": \"b@h\", \"revoked\": {\"z\": [1772.5, \"z\"]}}");
    json_t *told = json_object_get(answer, "revoked");
    assert_int_equal(json_object_size(told), 3);
    assert_true(json_is_real(json_array_get(json_object_get(told, "z"), 0)));
    assert_string_equal(json_string_value(json_array_get(json_object_get(told, "z"), 1)), "z");
    json_decref(answer);
}

static void stats_are_as_celery_has_them(void **state)
{
    struct fake *fake = *state;
    json_t *answer = ask(fake, "stats", "{}");
    json_t *pool = json_object_get(answer, "pool");
    assert_string_equal(json_string_value(json_object_get(answer, "clock")), "77");
    assert_int_equal(json_integer_value(json_object_get(answer, "uptime")), 68);
    assert_true(json_is_number(json_object_get(json_object_get(answer, "rusage"), "utime")));
    check_json(json_incref(json_object_get(answer, "total")), "{\"jobs.tasks.submit_job\": 2}");
    check_json(json_incref(json_object_get(pool, "processes")), "[12231, 12232]");
    check_json(json_incref(json_object_get(pool, "timeouts")), "[600, 900.5]");
    check_json(
        json_incref(json_object_get(answer, "broker")),
        "{\"hostname\": \"127.0.0.1\", \"userid\": \"u\", \"virtual_host\": \"0\", \"port\": 6399, \"insist\": false, "
        "\"ssl\": false, \"transport\": \"redis\", \"connect_timeout\": 4, \"transport_options\": {}, \"login_method\": null, "
        "\"uri_prefix\": null, \"heartbeat\": 120.0, \"failover_strategy\": \"round-robin\", \"alternates\": []}");
    json_decref(answer);
    answer = ask(fake, "report", "{}");
    check_has(json_string_value(json_object_get(answer, "ok")), "software -> svi-worker:");
    check_has(json_string_value(json_object_get(answer, "ok")), "task_time_limit: 900");
    json_decref(answer);
}

static void whom_a_request_is_for(void **state)
{
    (void)state;
    static const struct {
        const char *destination, *pattern, *matcher;
        int is; /* -1: refused */
    } rows[] = {
        { "null", "null", "null", 1 },
        { "[]", "null", "null", 1 },
        { "[\"svi@host1\"]", "null", "null", 1 },
        { "[\"a\", \"svi@host1\"]", "null", "null", 1 },
        { "[\"celery@host1\"]", "null", "null", 0 },
        { "[\"celery@host1\"]", "\"*\"", "\"glob\"", 0 },
        { "[5, null]", "null", "null", 0 },
        { "{\"celery@host1\": 1}", "null", "null", -1 },
        { "7", "null", "null", -1 },
        { "null", "[\"celery@*\"]", "\"glob\"", -1 },
        { "null", "\"celery@*\"", "5", -1 },
        { "\"svi@host1,celery@host1\"", "null", "null", 1 },
        { "\"celery@host1\"", "null", "null", 0 },
        { "null", "\"svi@*\"", "\"glob\"", 1 },
        { "null", "\"s?i@host[0-9]\"", "\"glob\"", 1 },
        { "null", "\"*@host[!1]\"", "\"glob\"", 0 },
        { "null", "\"svi\"", "\"glob\"", 0 },
        { "null", "\"SVI@*\"", "\"glob\"", 0 },
        { "null", "\"svi@*\"", "null", 1 },
        { "null", "\"celery@*\"", "null", 1 },
        { "null", "\"svi\"", "\"pcre\"", 1 },
        { "null", "\"host\"", "\"pcre\"", 0 },
        { "null", "\".*host\\\\d$\"", "\"pcre\"", 1 },
        { "null", "\"(?:celery|svi)@\"", "\"pcre\"", 1 },
        { "null", "\"celery|svi@\"", "\"pcre\"", 1 },
        { "null", "\"\\\\w+@host2\"", "\"pcre\"", 0 },
        { "null", "\"(\"", "\"pcre\"", -1 },
        { "null", "\"(?=svi)\"", "\"pcre\"", -1 },
        { "null", "\"(a{1,255}){1,255}\"", "\"pcre\"", -1 },
        { "null", "\"(.*)\\\\1\"", "\"pcre\"", -1 },
        { "null", "\"a\\\\\"", "\"pcre\"", -1 },
        { "null", "\"((((((((((((((((((((((((((((((s+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+\"", "\"pcre\"",
          -1 },
        { "null", "\"(s*v*i*@*h*o*s*t*s*v*i*@*h*o*s*t*s*v*i*@*h*o*s*t*s*v*i*@*h*o*s*t*)*z\"", "\"pcre\"", -1 },
        { "null", "\"s+++++++++++++++++++++++++++++\"", "\"pcre\"", -1 },
        { "null", "\"s+?+?+?+?+?+?+?+?+?+?\"", "\"pcre\"", -1 },
        { "null", "\"s+?v??i(?:@)?.*?1\"", "\"pcre\"", 1 },
        { "null", "\"sv.+?@x?host\\\\+?\"", "\"pcre\"", 1 },
        { "null", "\"x+?svi\"", "\"pcre\"", 0 },
        { "null", "\"svi\"", "\"soundex\"", -1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *destination = json_loads(rows[i].destination, JSON_DECODE_ANY, NULL),
               *pattern = json_loads(rows[i].pattern, JSON_DECODE_ANY, NULL),
               *matcher = json_loads(rows[i].matcher, JSON_DECODE_ANY, NULL);
        bool is = false;
        struct svi_error err = { 0 };
        bool ok = svi_control_is_for("svi@host1", destination, pattern, matcher, &is, &err);
        if ((ok ? is : -1) != rows[i].is)
            fail_msg("row %zu, %s, %s: %d", i, rows[i].destination, rows[i].pattern, ok ? is : -1);
        json_decref(destination);
        json_decref(pattern);
        json_decref(matcher);
    }
}

static void what_celery_asks(void **state)
{
    struct fake *fake = *state;
    static const struct {
        const char *name, *answer, *did; /* answer NULL: nobody waits for one */
    } rows[] = {
        { "inspect_ping", "{\"svi@host1\": {\"ok\": \"pong\"}}", "" },
        { "inspect_active", "{\"svi@host1\": [" INFO_A "]}", "" },
        { "inspect_query", "{\"svi@host1\": {}}", "" },
        { "revoke", NULL, "" },
        { "revoke_some", NULL, "" },
        { "enable_events", NULL, "" },
        { "by_glob", NULL, "" },
        { "by_pcre", NULL, "" },
        { "for_others", NULL, "" },
    };
    for (size_t version = 0; version < ROWS(celery_versions); version++)
        for (size_t i = 0; i < ROWS(rows); i++) {
            struct svi_celery_message request;
            struct svi_control_reply reply;
            struct svi_error err = { 0 };
            read_golden(&request, celery_versions[version], rows[i].name);
            double expires_s = json_number_value(json_object_get(request.headers, "expires"));
            int64_t clock = fake->clock.value;
            fake->did[0] = '\0';
            check_ok(svi_control_handle(&fake->node, &request, expires_s + 0.5, &reply, &err), err);
            assert_true(fake->clock.value > clock);
            assert_int_equal(reply.wanted, rows[i].answer != NULL);
            assert_string_equal(fake->did, rows[i].did);
            if (reply.wanted) {
                json_t *asked = svi_celery_message_json(&request, &err), *to = json_object_get(asked, "reply_to");
                assert_string_equal(reply.exchange, json_string_value(json_object_get(to, "exchange")));
                assert_string_equal(reply.key, json_string_value(json_object_get(to, "routing_key")));
                assert_true(json_equal(json_object_get(reply.message.headers, "ticket"), json_object_get(asked, "ticket")));
                assert_int_equal(json_integer_value(json_object_get(reply.message.headers, "clock")), fake->clock.value);
                check_json(svi_celery_message_json(&reply.message, &err), rows[i].answer);
                json_decref(asked);
                svi_celery_message_clear(&reply.message);
            }
            check_ok(svi_control_handle(&fake->node, &request, expires_s + 1.5, &reply, &err), err);
            assert_false(reply.wanted);
            svi_celery_message_clear(&request);
        }
    check_json(ask(fake, "revoked", "{}"), "[\"e7f4d44b\", \"a\", \"b\"]");
}

static void what_is_no_request(void **state)
{
    struct fake *fake = *state;
    static const char *const bodies[] = { "[]",
                                          "{}",
                                          "\"" SECRET "\"",
                                          "{\"method\": 5}",
                                          "{\"method\": \"ping\", \"arguments\": [\"" SECRET "\"]}",
                                          "{\"method\": \"ping\", \"pattern\": \"(\", \"matcher\": \"pcre\"}",
                                          "" };
    for (size_t i = 0; i < ROWS(bodies); i++) {
        struct svi_celery_message request;
        struct svi_control_reply reply;
        struct svi_error err = { 0 };
        check_ok(svi_celery_envelope_read(&request, svi_bytes_of("{\"content-type\": \"application/json\"}"), &err), err);
        svi_buffer_add(&request.body, bodies[i], strlen(bodies[i]));
        assert_false(svi_control_handle(&fake->node, &request, 0, &reply, &err));
        assert_true(err.message[0] && !reply.wanted);
        check_no_secret(err);
        svi_celery_message_clear(&request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_answers),
        cmocka_unit_test_setup_teardown(what_is_set_stays, begin, end),
        cmocka_unit_test_setup_teardown(stats_are_as_celery_has_them, begin, end),
        cmocka_unit_test(whom_a_request_is_for),
        cmocka_unit_test_setup_teardown(what_celery_asks, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_request, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
