/* service_control - what remote control sees of the service, and does to it. */
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/service_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_LANES = 1, MOST_LANES = 256 };

static bool task(void *of, size_t index, struct svi_control_task *out)
{
    const struct svi_service *service = of;
    for (const struct svi_held *held = service->held; held; held = held->next) {
        if (held->state == SVI_HELD_ENDED || held->settled)
            continue;
        if (index--)
            continue;
        const bool active = held->state == SVI_HELD_ACTIVE;
        *out = (struct svi_control_task){ .task = &held->task,
                                          .state = active                              ? SVI_CONTROL_ACTIVE
                                                   : held->state == SVI_HELD_SCHEDULED ? SVI_CONTROL_SCHEDULED
                                                                                       : SVI_CONTROL_RESERVED,
                                          .started_s = active ? held->started_wall_s : (double)NAN,
                                          .acknowledged = held->acknowledged };
        return true;
    }
    return false;
}

static const char *queue(void *of, size_t index)
{
    const struct svi_service *service = of;
    return index < service->queue_count ? service->queues[index] : NULL;
}

static void stats(void *of, struct svi_control_stats *out)
{
    const struct svi_service *service = of;
    const struct svi_service_settings *settings = service->settings;
    int pids[SVI_CONTROL_MOST_PIDS];
    *out = (struct svi_control_stats){ .started = service->processed,
                                       .uptime_s = svi_now_s() - service->begin_s,
                                       .concurrency = service->concurrency,
                                       .prefetch_count = service->concurrency,
                                       .soft_limit_s = settings->soft_limit_s,
                                       .hard_limit_s = settings->hard_limit_s,
                                       .broker = &settings->brokers->at[service->next_url],
                                       .transport_options = settings->broker_options };
    out->pid_count = svi_renderer_pool_pids(settings->renderers, pids, SVI_CONTROL_MOST_PIDS);
    for (size_t i = 0; i < out->pid_count; i++)
        out->pids[i] = pids[i];
}

static json_t *conf(void *of)
{
    const struct svi_service *service = of;
    const struct svi_service_settings *settings = service->settings;
    char broker[512], results[512] = "";
    svi_broker_url_show(&settings->brokers->at[service->next_url], broker, sizeof broker);
    if (settings->results)
        svi_broker_url_show(settings->results, results, sizeof results);
    json_t *conf = json_pack("{s:s, s:b, s:f, s:f, s:I, s:i, s:s, s:s, s:[s], s:s}", "broker_url", broker, "task_acks_late",
                             !settings->early_acks, "task_soft_time_limit", settings->soft_limit_s, "task_time_limit",
                             settings->hard_limit_s, "worker_concurrency", (json_int_t)service->concurrency,
                             "worker_prefetch_multiplier", 1, "task_serializer", "json", "result_serializer", "json",
                             "accept_content", "json", "task_default_queue", service->queue_count ? service->queues[0] : "");
    if (conf && *results)
        json_object_set_new(conf, "result_backend", json_string(results));
    if (conf && settings->broker_options)
        json_object_set_new(conf, "broker_transport_options", json_deep_copy(settings->broker_options));
    return conf;
}

static void revoke(void *of, const char *id, bool terminate, int signal)
{
    svi_service_revoke(of, id, terminate, signal);
}

static void shut_down(void *of)
{
    struct svi_service *service = of;
    svi_log(SVI_LOG_INFO, "told by remote control to shut down");
    service->stopping = true;
}

static bool add_queue(void *of, const char *name, struct svi_error *err)
{
    struct svi_service *service = of;
    for (size_t i = 0; i < service->queue_count; i++)
        if (!strcmp(service->queues[i], name))
            return true;
    if (service->queue_count == SVI_SERVICE_MOST_QUEUES)
        return svi_fail(err, SVI_BAD_USAGE, "There are %d queues already.", SVI_SERVICE_MOST_QUEUES);
    char *copy = strdup(name);
    if (!copy)
        return svi_fail_memory(err, strlen(name));
    if (service->broker && !service->class->add_queue(service->broker, name, err)) {
        free(copy);
        return false;
    }
    service->queues[service->queue_count++] = copy;
    return true;
}

static bool cancel_queue(void *of, const char *name, struct svi_error *err)
{
    struct svi_service *service = of;
    size_t i = 0;
    while (i < service->queue_count && strcmp(service->queues[i], name) != 0)
        i++;
    if (i == service->queue_count)
        return true;
    if (service->broker && !service->class->cancel_queue(service->broker, name, err))
        return false;
    free(service->queues[i]);
    service->queue_count--;
    memmove(&service->queues[i], &service->queues[i + 1], (service->queue_count - i) * sizeof *service->queues);
    return true;
}

static bool resize(void *of, int by, struct svi_error *err)
{
    struct svi_service *service = of;
    long long lanes = (long long)service->concurrency + by;
    if (lanes < LEAST_LANES || lanes > MOST_LANES)
        return svi_fail(err, SVI_BAD_USAGE, "There must be %d to %d jobs at once.", LEAST_LANES, MOST_LANES);
    if (!svi_lanes_resize(service->lanes, (unsigned)lanes, err))
        return false;
    service->concurrency = (unsigned)lanes;
    svi_log(SVI_LOG_INFO, "%u jobs at once from now on", service->concurrency);
    return true;
}

static void heartbeat(void *of)
{
    struct svi_service *service = of;
    service->heartbeat_at_s = 0;
}

void svi_service_control_set_up(struct svi_service *service)
{
    service->control = (struct svi_control_node){
        .of = service,
        .name = service->settings->node,
        .clock = &service->clock,
        .events = &service->events,
        .revoked = service->revoked,
        .limits = &service->limits,
        .task = task,
        .queue = queue,
        .stats = stats,
        .conf = conf,
        .revoke = revoke,
        .shutdown = shut_down,
        .add_queue = add_queue,
        .cancel_queue = cancel_queue,
        .resize = resize,
        .heartbeat = heartbeat,
    };
}

void svi_service_answer(struct svi_service *service, const struct svi_celery_message *request)
{
    struct svi_control_reply reply = { 0 };
    struct svi_error err = { 0 };
    if (!svi_control_handle(&service->control, request, svi_service_wall_s(), &reply, &err)) {
        svi_log_error(SVI_LOG_WARNING, &err, "a request of remote control is not understood");
        return;
    }
    if (reply.wanted && service->broker
        && !service->class->send(service->broker, SVI_BROKER_TO_REPLY, reply.exchange, reply.key, &reply.message, &err))
        svi_service_unheard(service, &err);
    if (reply.wanted)
        svi_celery_message_clear(&reply.message);
}
