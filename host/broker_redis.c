#include "host/broker_redis_inside.h"

#include "base/log.h"
#include "base/stopwatch.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const char pidbox[] = "celery.pidbox";
static const double claim_pause_s = 0.2, longest_renew_pause_s = 30, longest_sweep_pause_s = 100;

/* A server that does not even answer this many pings of an inbox is as good as gone. */
enum { MAX_SILENT_PINGS = 2 };

/* A failure after which the server cannot be told anything is remembered. */
static bool noted(struct svi_broker *broker, bool ok, const struct svi_error *err)
{
    broker->broken = broker->broken || (!ok && err->status == SVI_UNREACHABLE);
    return ok;
}

/* ---- bindings ---- */

static bool add_binding(struct svi_broker *broker, const char *verb, const char *exchange, const char *key, const char *queue,
                        struct svi_error *err)
{
    char bindings[SVI_REDIS_KEY_SIZE], member[SVI_REDIS_KEY_SIZE];
    svi_redis_binding_name(&broker->names, bindings, exchange);
    svi_redis_binding(&broker->names, member, key, queue);
    return svi_redis_add_texts(broker->redis, err, svi_bytes_of(verb), svi_bytes_of(bindings), svi_bytes_of(member));
}

static bool add_own_binding(struct svi_broker *broker, const char *verb, struct svi_error *err)
{
    char inbox[SVI_REDIS_KEY_SIZE];
    svi_format(inbox, sizeof inbox, "%s.%s", broker->node, pidbox);
    return add_binding(broker, verb, pidbox, "", inbox, err);
}

/* Redis may have been emptied by somebody else since the last time. */
static bool bind_all(struct svi_broker *broker, struct svi_error *err)
{
    bool ok = add_own_binding(broker, "SADD", err);
    for (size_t i = 0; ok && i < broker->queue_count; i++)
        ok = add_binding(broker, "SADD", broker->queues[i], broker->queues[i], broker->queues[i], err);
    return ok && svi_redis_take_all(broker->redis, err);
}

/* ---- queues ---- */

static bool ask_lengths(struct svi_broker *broker, const char *queue, uint64_t *sum, struct svi_error *err)
{
    const struct svi_redis_names *names = &broker->names;
    char list[SVI_REDIS_KEY_SIZE];
    bool ok = true;
    for (size_t i = 0; ok && i < names->step_count; i++) {
        svi_redis_list_name(names, list, queue, names->steps[i]);
        ok = svi_redis_add_texts(broker->redis, err, svi_bytes_of("LLEN"), svi_bytes_of(list));
    }
    for (size_t i = 0; ok && i < names->step_count; i++) {
        redisReply *reply = NULL;
        ok = svi_redis_take_good(broker->redis, &reply, err);
        if (ok && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0)
            *sum += (uint64_t)reply->integer;
        freeReplyObject(reply);
    }
    return ok;
}

/* What is no list cannot be a queue. */
static bool check_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    struct svi_error why = { 0 };
    uint64_t ignored = 0;
    if (ask_lengths(broker, queue, &ignored, &why))
        return true;
    if (!strncmp(why.cause, "WRONGTYPE", 9))
        return svi_fail(err, SVI_BAD_USAGE, "On the Redis server, %s is something else than a queue.", queue);
    *err = why;
    return false;
}

static bool note_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    size_t length = strlen(queue);
    if (!length || length >= SVI_REDIS_QUEUE_SIZE)
        return svi_fail(err, SVI_BAD_USAGE, "A queue has a name of 1 to %d bytes.", SVI_REDIS_QUEUE_SIZE - 1);
    for (size_t i = 0; i < broker->queue_count; i++)
        if (!strcmp(broker->queues[i], queue))
            return true;
    if (broker->queue_count == SVI_REDIS_MAX_QUEUES)
        return svi_fail(err, SVI_BAD_USAGE, "Tasks are taken from at most %d queues.", SVI_REDIS_MAX_QUEUES);
    return svi_format(broker->queues[broker->queue_count++], SVI_REDIS_QUEUE_SIZE, "%s", queue);
}

static bool add_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    size_t before = broker->queue_count;
    if (!note_queue(broker, queue, err))
        return false;
    bool ok = check_queue(broker, queue, err) && add_binding(broker, "SADD", queue, queue, queue, err)
              && svi_redis_take_all(broker->redis, err);
    if (!ok)
        broker->queue_count = before;
    broker->claim_s = 0;
    return noted(broker, ok, err);
}

static bool cancel_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    (void)err;
    size_t kept = 0;
    for (size_t i = 0; i < broker->queue_count; i++)
        if (strcmp(broker->queues[i], queue) != 0) {
            if (kept != i)
                memcpy(broker->queues[kept], broker->queues[i], sizeof broker->queues[i]);
            kept++;
        }
    broker->queue_count = kept;
    broker->first_queue = 0;
    return true;
}

static bool waiting(struct svi_broker *broker, uint64_t *count, struct svi_error *err)
{
    bool ok = true;
    *count = 0;
    for (size_t i = 0; ok && i < broker->queue_count; i++)
        ok = ask_lengths(broker, broker->queues[i], count, err);
    return noted(broker, ok, err);
}

/* ---- opening and closing ---- */

static bool open_inbox(struct svi_broker *broker, const struct svi_broker_url *url, struct svi_error *err)
{
    char channel[SVI_REDIS_KEY_SIZE];
    redisReply *reply = NULL;
    svi_redis_channel_name(&broker->names, channel, pidbox, "");
    bool ok = svi_redis_open(&broker->inbox, url, &svi_redis_standard_patience, err)
              && svi_redis_add_texts(broker->inbox, err, svi_bytes_of("SUBSCRIBE"), svi_bytes_of(channel))
              && svi_redis_take_good(broker->inbox, &reply, err);
    freeReplyObject(reply);
    broker->ping_s = svi_now_s() + broker->names.health_check_s;
    return ok;
}

static double renew_pause_s(const struct svi_broker *broker)
{
    return fmin(broker->names.visibility_timeout_s / 4, longest_renew_pause_s);
}

static bool start_consuming(struct svi_broker *broker, const struct svi_broker_settings *settings, struct svi_error *err)
{
    for (size_t i = 0; i < settings->queue_count; i++)
        if (!note_queue(broker, settings->queues[i], err) || !check_queue(broker, settings->queues[i], err))
            return false;
    if (!bind_all(broker, err) || !open_inbox(broker, settings->url, err) || !svi_redis_hold_again(broker, err))
        return false;
    broker->renew_s = svi_now_s() + renew_pause_s(broker);
    return true;
}

static void redis_close(struct svi_broker *broker)
{
    if (!broker)
        return;
    struct svi_error ignored = { 0 };
    if (broker->inbox && !broker->broken && add_own_binding(broker, "SREM", &ignored))
        svi_redis_take_all(broker->redis, &ignored);
    svi_redis_close(broker->inbox);
    svi_redis_close(broker->redis);
    json_decref(broker->resumed);
    free(broker);
}

static bool redis_open(struct svi_broker **out, const struct svi_broker_settings *settings, struct svi_error *err)
{
    struct svi_broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return svi_fail_memory(err, sizeof *broker);
    svi_format(broker->node, sizeof broker->node, "%s", settings->node ? settings->node : "");
    bool ok = svi_redis_names_init(&broker->names, settings->url->database, broker->node, settings->options, err)
              && svi_redis_open(&broker->redis, settings->url, &svi_redis_standard_patience, err)
              && (!settings->queue_count || start_consuming(broker, settings, err));
    if (noted(broker, ok, err)) {
        *out = broker;
        return true;
    }
    redis_close(broker);
    return false;
}

/* ---- housekeeping ---- */

/* True where it is time, and sets the next time. */
static bool due(double *at_s, double pause_s)
{
    double now_s = svi_now_s();
    if (now_s < *at_s)
        return false;
    *at_s = now_s + pause_s;
    return true;
}

static bool ping_inbox(struct svi_broker *broker, struct svi_error *err)
{
    if (broker->silent_pings >= MAX_SILENT_PINGS)
        return svi_fail(err, SVI_UNREACHABLE, "The Redis server has gone silent.")
               || svi_because(err, "%u pings of the inbox without an answer", broker->silent_pings);
    broker->silent_pings++;
    return svi_redis_add_texts(broker->inbox, err, svi_bytes_of("PING")) && svi_redis_flush(broker->inbox, err);
}

static bool keep_house(struct svi_broker *broker, struct svi_error *err)
{
    bool more = false;
    if (!broker->inbox)
        return true;
    if (due(&broker->renew_s, renew_pause_s(broker)) && !svi_redis_renew(broker, err))
        return false;
    if (due(&broker->sweep_s, fmin(broker->names.visibility_timeout_s / 2, longest_sweep_pause_s))) {
        if (!svi_redis_sweep(broker, &more, err))
            return false;
        broker->sweep_s = more ? 0 : broker->sweep_s;
    }
    return !due(&broker->ping_s, broker->names.health_check_s) || (ping_inbox(broker, err) && bind_all(broker, err));
}

/* ---- waiting ---- */

/* What the inbox holds: a message, or signs of life. */
static bool hear(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, struct svi_error *err)
{
    redisReply *reply = NULL;
    while (broker->inbox && !*found) {
        if (!svi_redis_listen(broker->inbox, 0, &reply, err))
            return false;
        if (!reply)
            return true;
        broker->silent_pings = 0;
        bool message = reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 && reply->element[0]->str
                       && !strcmp(reply->element[0]->str, "message");
        *found = message && svi_redis_read_message(&arrival->message, svi_redis_bytes(reply->element[2]), "control message", err);
        freeReplyObject(reply);
        if (!*found && err->status != SVI_OK)
            return false;
    }
    if (*found)
        arrival->kind = SVI_ARRIVED_CONTROL;
    return true;
}

static bool take_task(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, struct svi_error *err)
{
    while (!*found && broker->resumed_next < json_array_size(broker->resumed))
        if (!svi_redis_resume(broker, arrival, found, err))
            return false;
    if (*found || !broker->inbox || !broker->queue_count || !due(&broker->claim_s, claim_pause_s))
        return true;
    bool more = false;
    if (!svi_redis_claim(broker, arrival, found, &more, err))
        return false;
    broker->claim_s = more ? 0 : broker->claim_s;
    return true;
}

static double next_due_s(const struct svi_broker *broker, const struct svi_broker_wait *wait)
{
    double next_s = wait->until_s;
    if (broker->inbox)
        next_s = fmin(fmin(next_s, broker->renew_s), fmin(broker->sweep_s, broker->ping_s));
    return wait->room && broker->inbox && broker->queue_count ? fmin(next_s, broker->claim_s) : next_s;
}

/* *woken: the caller's descriptor can be read. A command connection with something to say was closed by the server. */
static bool sleep_until(struct svi_broker *broker, const struct svi_broker_wait *wait, bool *woken, struct svi_error *err)
{
    struct pollfd ready[] = {
        { .fd = wait->wake_fd, .events = POLLIN },
        { .fd = broker->inbox ? svi_redis_fd(broker->inbox) : -1, .events = POLLIN },
        { .fd = svi_redis_fd(broker->redis), .events = POLLIN },
    };
    double left_ms = ceil((next_due_s(broker, wait) - svi_now_s()) * 1000);
    poll(ready, sizeof ready / sizeof *ready, (int)fmin(fmax(left_ms, 0), 60000));
    *woken = ready[0].revents != 0;
    redisReply *stray = NULL;
    if (ready[2].revents && !svi_redis_listen(broker->redis, 0, &stray, err))
        return false;
    if (!stray)
        return true;
    freeReplyObject(stray);
    return svi_fail(err, SVI_UNREACHABLE, "The Redis server answers what it was not asked.");
}

static bool wait_for_arrival(struct svi_broker *broker, const struct svi_broker_wait *wait, struct svi_arrival *arrival,
                             struct svi_error *err)
{
    for (;;) {
        bool found = false, woken = false;
        if (!keep_house(broker, err) || !hear(broker, arrival, &found, err)
            || (!found && wait->room && !take_task(broker, arrival, &found, err)))
            return false;
        if (found || svi_now_s() >= wait->until_s)
            return true;
        if (!sleep_until(broker, wait, &woken, err))
            return false;
        if (woken)
            return true;
    }
}

static bool redis_wait(struct svi_broker *broker, const struct svi_broker_wait *wait, struct svi_arrival *arrival,
                       struct svi_error *err)
{
    *arrival = (struct svi_arrival){ 0 };
    return noted(broker, wait_for_arrival(broker, wait, arrival, err), err);
}

/* ---- the rest of the seam ---- */

static bool redis_end(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                      struct svi_error *err)
{
    return noted(broker, svi_redis_end(broker, tag, end, known, err), err);
}

static bool redis_send(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                       const struct svi_celery_message *message, struct svi_error *err)
{
    return noted(broker, svi_redis_send(broker, way, exchange, key, message, err), err);
}

static bool redis_ask(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination,
                      size_t answers, double wait_s, json_t **replies, struct svi_error *err)
{
    return noted(broker, svi_redis_ask(broker, method, arguments, destination, answers, wait_s, replies, err), err);
}

const struct svi_broker_class svi_broker_redis = {
    .name = "redis",
    .open = redis_open,
    .close = redis_close,
    .wait = redis_wait,
    .end = redis_end,
    .send = redis_send,
    .ask = redis_ask,
    .add_queue = add_queue,
    .cancel_queue = cancel_queue,
    .waiting = waiting,
};
