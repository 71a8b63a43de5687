#include "host/celery_event.h"

#include "base/version.h"
#include "host/celery_moment.h"
#include "host/mask.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_LIMIT = 1 << 16 };

/* Whole hours west of UTC. */
static int utc_offset_hours(double at_s)
{
    time_t second = (time_t)at_s;
    struct tm local;
    return localtime_r(&second, &local) ? (int)floor(-(double)local.tm_gmtoff / 3600.0) : 0;
}

/* What stands in every event, with the event's own, which is taken over. */
static json_t *whole_event(struct svi_celery_events *events, const char *type, double at_s, json_t *own)
{
    json_t *event = json_pack("{s:s, s:i, s:I, s:I, s:f, s:s}", "hostname", events->node, "utcoffset", utc_offset_hours(at_s),
                              "pid", (json_int_t)getpid(), "clock", (json_int_t)svi_celery_clock_forward(events->clock),
                              "timestamp", at_s, "type", type);
    bool ok = event && own && json_object_update(event, own) == 0;
    json_decref(own);
    if (ok)
        return event;
    json_decref(event);
    return NULL;
}

static bool event_message(struct svi_celery_message *out, const struct svi_celery_events *events, const json_t *body,
                          struct svi_error *err)
{
    if (!svi_celery_message_init(out, body, err))
        return false;
    if (json_object_set_new(out->headers, "hostname", json_string(events->node)) == 0
        && json_object_set_new(out->properties, "delivery_mode", json_integer(1)) == 0
        && json_object_set_new(out->properties, "priority", json_integer(0)) == 0)
        return true;
    svi_celery_message_clear(out);
    return svi_fail_memory(err, sizeof(json_t));
}

void svi_celery_events_clear(struct svi_celery_events *events)
{
    json_decref(events->waiting);
    events->waiting = NULL;
}

bool svi_celery_node_event(struct svi_celery_events *events, enum svi_celery_node_event kind,
                           const struct svi_celery_node_state *state, double at_s, struct svi_celery_message *out, const char **key,
                           struct svi_error *err)
{
    static const struct {
        const char *type, *key;
    } kinds[] = { [SVI_CELERY_NODE_ONLINE] = { "worker-online", "worker.online" },
                  [SVI_CELERY_NODE_HEARTBEAT] = { "worker-heartbeat", "worker.heartbeat" },
                  [SVI_CELERY_NODE_OFFLINE] = { "worker-offline", "worker.offline" } };
    double load[3] = { 0 };
    if (getloadavg(load, 3) != 3)
        load[0] = load[1] = load[2] = 0;
    json_t *own = json_pack("{s:f, s:I, s:I, s:[f, f, f], s:s, s:s, s:s}", "freq", state->freq_s, "active",
                            (json_int_t)state->active, "processed", (json_int_t)state->processed, "loadavg",
                            round(load[0] * 100) / 100, round(load[1] * 100) / 100, round(load[2] * 100) / 100, "sw_ident",
                            SVI_PROGRAM_NAME, "sw_ver", svi_version, "sw_sys", "Linux");
    json_t *body = whole_event(events, kinds[kind].type, at_s, own);
    bool ok = body ? event_message(out, events, body, err) : svi_fail_memory(err, sizeof(json_t));
    json_decref(body);
    *key = kinds[kind].key;
    return ok;
}

static json_t *received(const struct svi_task *task)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:i, s:o, s:o}", "uuid", task->id, "name",
                     task->shadow[0] ? task->shadow : task->name, "args", task->args_repr, "kwargs", task->kwargs_repr, "root_id",
                     task->root_id[0] ? task->root_id : NULL, "parent_id", task->parent_id[0] ? task->parent_id : NULL, "retries",
                     task->retries, "eta", svi_celery_moment(task->eta_s), "expires", svi_celery_moment(task->expires_s));
}

static json_t *failed(const struct svi_celery_task_event *event)
{
    struct svi_buffer text;
    svi_buffer_init(&text, TEXT_LIMIT);
    json_t *own = NULL;
    if (!event->exception || svi_celery_exception_repr(&text, event->exception))
        own = json_pack("{s:s, s:s, s:s?}", "uuid", event->task->id, "exception", text.at ? (const char *)text.at : "", "traceback",
                        event->traceback);
    svi_buffer_clear(&text);
    json_t *shown = own ? svi_mask_secret(own, event->task->token) : NULL;
    json_decref(own);
    return shown;
}

static json_t *revoked(const struct svi_celery_task_event *event)
{
    return json_pack("{s:s, s:b, s:o, s:b}", "uuid", event->task->id, "terminated", event->terminated, "signum",
                     event->terminated ? json_integer(event->signal) : json_null(), "expired", event->expired);
}

static json_t *own_part(const struct svi_celery_task_event *event)
{
    switch (event->kind) {
    case SVI_CELERY_TASK_RECEIVED:
        return received(event->task);
    case SVI_CELERY_TASK_SUCCEEDED:
        return json_pack("{s:s, s:s, s:f}", "uuid", event->task->id, "result", "None", "runtime", event->runtime_s);
    case SVI_CELERY_TASK_FAILED:
    case SVI_CELERY_TASK_RETRIED:
        return failed(event);
    case SVI_CELERY_TASK_REVOKED:
        return revoked(event);
    case SVI_CELERY_TASK_REJECTED:
        return json_pack("{s:s, s:b}", "uuid", event->task->id, "requeue", event->requeue);
    case SVI_CELERY_TASK_STARTED:
        break;
    }
    return json_pack("{s:s}", "uuid", event->task->id);
}

void svi_celery_task_event(struct svi_celery_events *events, const struct svi_celery_task_event *event)
{
    static const char *const types[] = {
        [SVI_CELERY_TASK_RECEIVED] = "task-received",   [SVI_CELERY_TASK_STARTED] = "task-started",
        [SVI_CELERY_TASK_SUCCEEDED] = "task-succeeded", [SVI_CELERY_TASK_FAILED] = "task-failed",
        [SVI_CELERY_TASK_RETRIED] = "task-retried",     [SVI_CELERY_TASK_REVOKED] = "task-revoked",
        [SVI_CELERY_TASK_REJECTED] = "task-rejected",
    };
    if (events->tasks_silent)
        return;
    if (!events->waiting)
        events->waiting = json_array();
    json_t *whole = whole_event(events, types[event->kind], event->at_s, own_part(event));
    if (json_array_size(events->waiting) >= SVI_CELERY_EVENTS_WAITING)
        json_array_remove(events->waiting, 0);
    json_array_append_new(events->waiting, whole);
}

bool svi_celery_events_take(struct svi_celery_events *events, struct svi_celery_message *out, const char **key, bool *any,
                            struct svi_error *err)
{
    *any = false;
    *key = "task.multi";
    size_t count = json_array_size(events->waiting);
    if (!count)
        return true;
    json_t *batch = json_array();
    bool ok = batch;
    for (size_t i = 0; ok && i < count && i < SVI_CELERY_EVENTS_AT_ONCE; i++) {
        ok = json_array_append(batch, json_array_get(events->waiting, 0)) == 0;
        json_array_remove(events->waiting, 0);
    }
    ok = ok ? event_message(out, events, batch, err) : svi_fail_memory(err, sizeof(json_t));
    json_decref(batch);
    *any = ok;
    return ok;
}
