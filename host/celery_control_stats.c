#include "host/celery_control_inside.h"

#include "base/stopwatch.h"
#include "base/version.h"
#include "host/mask.h"
#include "host/python_repr.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static json_t *resources(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return json_string("N/A");
    return json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "utime",
                     svi_timeval_s(used.ru_utime), "stime", svi_timeval_s(used.ru_stime), "maxrss", (json_int_t)used.ru_maxrss,
                     "ixrss", (json_int_t)used.ru_ixrss, "idrss", (json_int_t)used.ru_idrss, "isrss", (json_int_t)used.ru_isrss,
                     "minflt", (json_int_t)used.ru_minflt, "majflt", (json_int_t)used.ru_majflt, "nswap", (json_int_t)used.ru_nswap,
                     "inblock", (json_int_t)used.ru_inblock, "oublock", (json_int_t)used.ru_oublock, "msgsnd",
                     (json_int_t)used.ru_msgsnd, "msgrcv", (json_int_t)used.ru_msgrcv, "nsignals", (json_int_t)used.ru_nsignals,
                     "nvcsw", (json_int_t)used.ru_nvcsw, "nivcsw", (json_int_t)used.ru_nivcsw);
}

static json_t *limit(double limit_s)
{
    if (!isfinite(limit_s))
        return json_null();
    return limit_s == floor(limit_s) ? json_integer((json_int_t)limit_s) : json_real(limit_s);
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static const char *transport_of(const struct svi_broker_url *url)
{
    return url->transport == SVI_BROKER_AMQP ? "amqp" : url->transport == SVI_BROKER_REDIS ? "redis" : "filesystem";
}

/* A broker as kombu describes a connection, without its password. */
static json_t *broker(const struct svi_control_stats *now)
{
    const struct svi_broker_url *url = now->broker;
    char database[16];
    svi_format(database, sizeof database, "%d", url->database);
    const char *place = url->transport == SVI_BROKER_REDIS ? database : url->transport == SVI_BROKER_AMQP ? url->virtual_host : "/";
    return json_pack("{s:o, s:o, s:s, s:i, s:b, s:b, s:s, s:i, s:o, s:o, s:n, s:f, s:s, s:[]}", "hostname",
                     text_or_null(url->path[0] ? url->path : url->host), "userid", text_or_null(url->user), "virtual_host", place,
                     "port", url->port, "insist", 0, "ssl", url->tls, "transport", transport_of(url), "connect_timeout", 4,
                     "transport_options", now->transport_options ? svi_mask_settings(now->transport_options) : json_object(),
                     "login_method", url->transport == SVI_BROKER_AMQP ? json_string("PLAIN") : json_null(), "uri_prefix",
                     "heartbeat", 120.0, "failover_strategy", "round-robin", "alternates");
}

static json_t *pool(const struct svi_control_stats *now)
{
    json_t *pids = json_array();
    for (size_t i = 0; i < now->pid_count && i < SVI_CONTROL_MOST_PIDS; i++)
        json_array_append_new(pids, json_integer(now->pids[i]));
    return json_pack("{s:s, s:I, s:o, s:s, s:b, s:[o, o], s:s}", "implementation", SVI_PROGRAM_NAME, "max-concurrency",
                     (json_int_t)now->concurrency, "processes", pids, "max-tasks-per-child", "N/A", "put-guarded-by-semaphore", 0,
                     "timeouts", limit(now->soft_limit_s), limit(now->hard_limit_s), "writes", "N/A");
}

json_t *svi_control_stats_now(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    struct svi_control_stats now = { .soft_limit_s = NAN, .hard_limit_s = NAN };
    char clock[24];
    node->stats(node->of, &now);
    svi_format(clock, sizeof clock, "%lld", (long long)node->clock->value);
    json_t *total = json_object();
    if (now.started)
        json_object_set_new(total, SVI_TASK_NAME, json_integer((json_int_t)now.started));
    return json_pack("{s:o, s:I, s:s, s:I, s:o, s:o, s:I, s:o}", "total", total, "pid", (json_int_t)getpid(), "clock", clock,
                     "uptime", (json_int_t)now.uptime_s, "pool", pool(&now), "broker", broker(&now), "prefetch_count",
                     (json_int_t)now.prefetch_count, "rusage", resources());
}

/* A queue as kombu describes it. Flower's page of a worker reads half of it. */
static json_t *queue_info(const char *name)
{
    json_t *exchange = json_pack("{s:s, s:s, s:n, s:b, s:b, s:b, s:n, s:b}", "name", name, "type", "direct", "arguments", "durable",
                                 1, "passive", 0, "auto_delete", 0, "delivery_mode", "no_declare", 0);
    return json_pack("{s:s, s:o, s:s, s:n, s:n, s:n, s:b, s:b, s:b, s:b, s:n, s:[], s:n, s:n, s:n, s:n, s:n, s:n}", "name", name,
                     "exchange", exchange, "routing_key", name, "queue_arguments", "binding_arguments", "consumer_arguments",
                     "durable", 1, "exclusive", 0, "auto_delete", 0, "no_ack", 0, "alias", "bindings", "no_declare", "expires",
                     "message_ttl", "max_length", "max_length_bytes", "max_priority");
}

json_t *svi_control_active_queues(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    json_t *list = json_array();
    const char *name;
    for (size_t i = 0; (name = node->queue(node->of, i)); i++)
        json_array_append_new(list, queue_info(name));
    return list;
}

json_t *svi_control_conf(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    json_t *settings = node->conf(node->of), *shown = settings ? svi_mask_settings(settings) : NULL;
    json_decref(settings);
    return shown;
}

static bool add_settings(struct svi_buffer *text, const json_t *settings)
{
    const char *key;
    const json_t *value;
    bool ok = true;
    json_object_foreach((json_t *)settings, key, value)
    {
        ok = ok && svi_buffer_add_text(text, "%s: ", key) && svi_python_repr(text, value, SVI_PYTHON_LIST)
             && svi_buffer_add(text, "\n", 1);
    }
    return ok;
}

json_t *svi_control_report(const struct svi_control_node *node, const json_t *arguments)
{
    struct svi_control_stats now = { 0 };
    struct utsname system = { 0 };
    struct svi_buffer text;
    node->stats(node->of, &now);
    uname(&system);
    svi_buffer_init(&text, SVI_CONTROL_TEXT_BYTES);
    json_t *settings = svi_control_conf(node, arguments), *answer = NULL;
    if (svi_buffer_add_text(&text, "\nsoftware -> %s:%s (%s)\nplatform -> system:%s arch:%s\n            kernel version:%s\n",
                            SVI_PROGRAM_NAME, svi_version, svi_commit, system.sysname, system.machine, system.release)
        && svi_buffer_add_text(&text, "settings -> transport:%s\n\n", transport_of(now.broker)) && add_settings(&text, settings))
        answer = svi_control_ok("%s", (const char *)text.at);
    json_decref(settings);
    svi_buffer_clear(&text);
    return answer;
}
