#include "host/broker_redis_inside.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/broker_request.h"
#include "host/random.h"

#include <math.h>
#include <poll.h>
#include <string.h>

static const char pidbox[] = "celery.pidbox", replies_exchange[] = "reply.celery.pidbox", events_exchange[] = "celeryev";
static const char seconds_of_a_reply[] = "60";
static const double ask_pause_s = 0.02;

enum { ENVELOPE_LIMIT_BYTES = 2 * SVI_CELERY_MESSAGE_LIMIT_BYTES };

bool svi_redis_read_message(struct svi_celery_message *message, struct svi_bytes text, const char *what, struct svi_error *err)
{
    struct svi_error why = { 0 };
    if (svi_celery_envelope_read(message, text, &why))
        return true;
    if (why.status == SVI_BAD_ANSWER)
        svi_log(SVI_LOG_ERROR, "a %s of %zu bytes is no message, and is dropped: %s", what, text.count, why.message);
    else
        *err = why;
    return false;
}

/* ---- out ---- */

/* Sends one command of three words and wants no refusal. */
static bool tell(struct svi_broker *broker, const char *verb, const char *name, struct svi_bytes text, struct svi_error *err)
{
    return svi_redis_add_texts(broker->redis, err, svi_bytes_of(verb), svi_bytes_of(name), text)
           && svi_redis_take_all(broker->redis, err);
}

static bool answer(struct svi_broker *broker, const char *exchange, const char *key, struct svi_bytes text, struct svi_error *err)
{
    char binding[SVI_REDIS_KEY_SIZE];
    svi_redis_binding_name(&broker->names, binding, exchange);
    const struct svi_bytes keys[] = { svi_bytes_of(binding) };
    const struct svi_bytes arguments[] = { svi_bytes_of(key), svi_bytes_of(broker->names.separator),
                                           svi_bytes_of(broker->names.prefix), text, svi_bytes_of(seconds_of_a_reply) };
    const struct svi_redis_call call = { "reply.lua", keys, 1, arguments, sizeof arguments / sizeof *arguments };
    redisReply *reply = NULL;
    bool ok = svi_redis_run(broker->redis, &call, &reply, err);
    freeReplyObject(reply);
    return ok;
}

/* The envelope of a message on its way to an exchange. */
static bool wrap(struct svi_buffer *out, const struct svi_celery_message *message, const char *exchange, const char *key,
                 struct svi_error *err)
{
    struct svi_celery_message addressed = *message;
    addressed.properties = svi_broker_address(message, exchange, key, err);
    svi_buffer_init(out, ENVELOPE_LIMIT_BYTES);
    bool ok = addressed.properties && svi_celery_envelope_write(out, &addressed, err);
    json_decref(addressed.properties);
    return ok;
}

bool svi_redis_send(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                    const struct svi_celery_message *message, struct svi_error *err)
{
    char name[SVI_REDIS_KEY_SIZE];
    struct svi_buffer envelope;
    exchange = way == SVI_BROKER_TO_QUEUE ? "" : way == SVI_BROKER_TO_EVENTS ? events_exchange : exchange;
    bool ok = wrap(&envelope, message, exchange, key, err);
    const struct svi_bytes text = { envelope.at, envelope.count };
    if (ok && way == SVI_BROKER_TO_REPLY) {
        ok = answer(broker, exchange, key, text, err);
    } else if (ok && way == SVI_BROKER_TO_EVENTS) {
        svi_redis_channel_name(&broker->names, name, exchange, key);
        ok = tell(broker, "PUBLISH", name, text, err);
    } else if (ok) {
        svi_redis_list_name(&broker->names, name, key, svi_redis_step_of(&broker->names, message->properties));
        ok = tell(broker, "LPUSH", name, text, err);
    }
    svi_buffer_clear(&envelope);
    return ok;
}

/* ---- questions ---- */

/* Where answers to us arrive. */
struct reply_queue {
    char oid[SVI_UUID_SIZE], ticket[SVI_UUID_SIZE];
    char bindings[SVI_REDIS_KEY_SIZE], member[SVI_REDIS_KEY_SIZE], list[SVI_REDIS_KEY_SIZE];
};

static bool name_reply_queue(const struct svi_broker *broker, struct reply_queue *queue, struct svi_error *err)
{
    char name[SVI_REDIS_QUEUE_SIZE];
    if (!svi_random_uuid(queue->oid, err) || !svi_random_uuid(queue->ticket, err))
        return false;
    svi_format(name, sizeof name, "%s.%s", queue->oid, replies_exchange);
    svi_redis_binding_name(&broker->names, queue->bindings, replies_exchange);
    svi_redis_binding(&broker->names, queue->member, queue->oid, name);
    svi_redis_list_name(&broker->names, queue->list, name, 0);
    return true;
}

static bool publish_question(struct svi_broker *broker, const struct svi_celery_message *question, struct svi_error *err)
{
    char channel[SVI_REDIS_KEY_SIZE];
    struct svi_buffer envelope;
    svi_redis_channel_name(&broker->names, channel, pidbox, "");
    bool ok = wrap(&envelope, question, pidbox, "", err)
              && tell(broker, "PUBLISH", channel, (struct svi_bytes){ envelope.at, envelope.count }, err);
    svi_buffer_clear(&envelope);
    return ok;
}

/* Takes one answer that has come. */
static bool collect_one(struct svi_broker *broker, const struct reply_queue *queue, json_t *replies, bool *came,
                        struct svi_error *err)
{
    redisReply *reply = NULL;
    struct svi_celery_message message = { 0 };
    if (!svi_redis_add_texts(broker->redis, err, svi_bytes_of("RPOP"), svi_bytes_of(queue->list))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    *came = reply->type == REDIS_REPLY_STRING;
    bool ok = true;
    if (*came && svi_redis_read_message(&message, svi_redis_bytes(reply), "reply", err)) {
        svi_broker_collect(replies, &message, queue->ticket);
        svi_celery_message_clear(&message);
    } else if (*came) {
        ok = err->status == SVI_OK;
    }
    freeReplyObject(reply);
    return ok;
}

static bool collect(struct svi_broker *broker, const struct reply_queue *queue, size_t answers, double until_s, json_t *replies,
                    struct svi_error *err)
{
    while (json_object_size(replies) < answers) {
        bool came = false;
        if (!collect_one(broker, queue, replies, &came, err))
            return false;
        double left_s = until_s - svi_now_s();
        if (left_s <= 0)
            return true;
        if (!came)
            poll(NULL, 0, (int)ceil(fmin(left_s, ask_pause_s) * 1000));
    }
    return true;
}

bool svi_redis_ask(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination, size_t answers,
                   double wait_s, json_t **replies, struct svi_error *err)
{
    struct reply_queue queue;
    struct svi_celery_message question = { 0 };
    *replies = json_object();
    if (!name_reply_queue(broker, &queue, err)
        || !svi_broker_question(&question, method, arguments, destination, queue.oid, queue.ticket, wait_s, err)) {
        json_decref(*replies);
        *replies = NULL;
        return false;
    }
    bool ok = tell(broker, "SADD", queue.bindings, svi_bytes_of(queue.member), err) && publish_question(broker, &question, err)
              && collect(broker, &queue, answers, svi_now_s() + wait_s, *replies, err)
              && tell(broker, "SREM", queue.bindings, svi_bytes_of(queue.member), err)
              && svi_redis_add_texts(broker->redis, err, svi_bytes_of("DEL"), svi_bytes_of(queue.list))
              && svi_redis_take_all(broker->redis, err);
    svi_celery_message_clear(&question);
    if (!ok) {
        json_decref(*replies);
        *replies = NULL;
    }
    return ok;
}
