#include "host/broker_redis_inside.h"

#include "base/log.h"
#include "host/broker_request.h"
#include "host/python_json.h"
#include "host/random.h"

#include <stdlib.h>
#include <string.h>

enum {
    RESTORED_AT_ONCE = 64,
    MUTEX_MS = 300000, /* as long as kombu's */
    MAX_TARGETS = 16,
    RECORD_LIMIT_BYTES = 2 * SVI_CELERY_MESSAGE_LIMIT_BYTES,
};

/* ---- messages of this node ---- */

static bool run(struct svi_broker *broker, const char *script, const struct svi_bytes *more_keys, size_t more_count,
                const struct svi_bytes *arguments, size_t argument_count, redisReply **reply, struct svi_error *err)
{
    struct svi_bytes keys[3 + SVI_REDIS_MAX_QUEUES * SVI_REDIS_MAX_STEPS] = {
        svi_bytes_of(broker->names.unacked),
        svi_bytes_of(broker->names.unacked_index),
        svi_bytes_of(broker->names.held),
    };
    for (size_t i = 0; i < more_count; i++)
        keys[3 + i] = more_keys[i];
    const struct svi_redis_call call = { script, keys, 3 + more_count, arguments, argument_count };
    return svi_redis_run(broker->redis, &call, reply, err);
}

bool svi_redis_renew(struct svi_broker *broker, struct svi_error *err)
{
    redisReply *reply = NULL;
    bool ok = run(broker, "renew.lua", NULL, 0, NULL, 0, &reply, err);
    freeReplyObject(reply);
    return ok;
}

bool svi_redis_hold_again(struct svi_broker *broker, struct svi_error *err)
{
    redisReply *reply = NULL;
    broker->resumed = json_array();
    if (!broker->resumed)
        return svi_fail_memory(err, sizeof *broker->resumed);
    if (!svi_redis_renew(broker, err)
        || !svi_redis_add_texts(broker->redis, err, svi_bytes_of("SMEMBERS"), svi_bytes_of(broker->names.held))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        struct svi_bytes tag = svi_redis_bytes(reply->element[i]);
        if (tag.count)
            json_array_append_new(broker->resumed, json_stringn((const char *)tag.at, tag.count));
    }
    freeReplyObject(reply);
    return true;
}

/* Fills an arrival from a message's text. False with nothing in err: the message is none, and is forgotten by the server too. */
static bool arrive(struct svi_broker *broker, struct svi_arrival *arrival, struct svi_bytes tag, struct svi_bytes text,
                   struct svi_error *err)
{
    svi_format(arrival->tag.text, sizeof arrival->tag.text, "%.*s", (int)tag.count, (const char *)tag.at);
    if (svi_redis_read_message(&arrival->message, text, "task", err)) {
        arrival->kind = SVI_ARRIVED_TASK;
        arrival->redelivered = svi_broker_is_redelivered(&arrival->message);
        return true;
    }
    bool known = false;
    if (err->status == SVI_OK)
        svi_redis_end(broker, &arrival->tag, SVI_BROKER_DONE, &known, err);
    return false;
}

static size_t claim_from(struct svi_broker *broker, char (*lists)[SVI_REDIS_KEY_SIZE], struct svi_bytes *keys,
                         struct svi_bytes *arguments)
{
    size_t count = 0;
    for (size_t step = 0; step < broker->names.step_count; step++)
        for (size_t i = 0; i < broker->queue_count; i++, count++) {
            const char *queue = broker->queues[(broker->first_queue + i) % broker->queue_count];
            svi_redis_list_name(&broker->names, lists[count], queue, broker->names.steps[step]);
            keys[count] = svi_bytes_of(lists[count]);
            arguments[count] = svi_bytes_of(queue);
        }
    return count;
}

static bool take_claimed(struct svi_broker *broker, const redisReply *reply, struct svi_arrival *arrival, bool *found, bool *more,
                         struct svi_error *err)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 || reply->element[0]->type != REDIS_REPLY_INTEGER)
        return true; /* nothing waits */
    *more = true;
    size_t place = (size_t)(reply->element[0]->integer - 1) % broker->queue_count;
    size_t queue = (broker->first_queue + place) % broker->queue_count;
    if (reply->elements == 2) {
        svi_log(SVI_LOG_ERROR, "an element of %lld bytes in the queue %s is no message: removed", reply->element[1]->integer,
                broker->queues[queue]);
        return true;
    }
    svi_format(arrival->queue, sizeof arrival->queue, "%s", broker->queues[queue]);
    broker->first_queue = queue + 1 < broker->queue_count ? queue + 1 : 0;
    *found = arrive(broker, arrival, svi_redis_bytes(reply->element[1]), svi_redis_bytes(reply->element[2]), err);
    return *found || err->status == SVI_OK;
}

bool svi_redis_claim(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, bool *more, struct svi_error *err)
{
    char(*lists)[SVI_REDIS_KEY_SIZE] = malloc(broker->queue_count * broker->names.step_count * sizeof *lists);
    struct svi_bytes keys[SVI_REDIS_MAX_QUEUES * SVI_REDIS_MAX_STEPS], arguments[2 + SVI_REDIS_MAX_QUEUES * SVI_REDIS_MAX_STEPS];
    char spare[SVI_UUID_SIZE], limit[24];
    redisReply *reply = NULL;
    *found = *more = false;
    if (!lists)
        return svi_fail_memory(err, sizeof *lists);
    svi_format(limit, sizeof limit, "%d", SVI_CELERY_MESSAGE_LIMIT_BYTES);
    bool ok = svi_random_uuid(spare, err);
    if (ok) {
        arguments[0] = svi_bytes_of(spare);
        arguments[1] = svi_bytes_of(limit);
        size_t count = claim_from(broker, lists, keys, arguments + 2);
        ok = run(broker, "claim.lua", keys, count, arguments, 2 + count, &reply, err)
             && take_claimed(broker, reply, arrival, found, more, err);
    }
    freeReplyObject(reply);
    free(lists);
    return ok;
}

/* ---- what stands in unacked: [message, exchange, routing key] ---- */

static json_t *read_record(struct svi_bytes text, const char *tag)
{
    struct svi_error err = { 0 };
    json_t *record = svi_python_json(text, "What is noted of a message", &err);
    if (json_is_object(json_array_get(record, 0)) && json_is_string(json_array_get(record, 1))
        && json_is_string(json_array_get(record, 2)))
        return record;
    svi_log(SVI_LOG_ERROR, "what is noted of the unfinished message %s cannot be read: removed", tag);
    json_decref(record);
    return NULL;
}

bool svi_redis_resume(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, struct svi_error *err)
{
    const char *tag = json_string_value(json_array_get(broker->resumed, broker->resumed_next++));
    const struct svi_bytes argument = svi_bytes_of(tag ? tag : "");
    redisReply *reply = NULL;
    *found = false;
    if (!run(broker, "resume.lua", NULL, 0, &argument, 1, &reply, err))
        return false;
    const struct svi_bytes text = svi_redis_bytes(reply);
    json_t *record = text.count ? read_record(text, tag) : NULL;
    struct svi_buffer message;
    svi_buffer_init(&message, RECORD_LIMIT_BYTES);
    bool ok = true;
    if (record && svi_json_write(&message, json_array_get(record, 0), err)) {
        const char *queue = json_string_value(json_array_get(record, 2));
        svi_format(arrival->queue, sizeof arrival->queue, "%s", queue);
        *found = arrive(broker, arrival, argument, (struct svi_bytes){ message.at, message.count }, err);
        arrival->redelivered = true;
    } else if (text.count) { /* nobody could ever read it */
        struct svi_broker_tag end = { 0 };
        bool known = false;
        svi_format(end.text, sizeof end.text, "%s", tag);
        ok = svi_redis_end(broker, &end, SVI_BROKER_DONE, &known, err);
    }
    svi_buffer_clear(&message);
    json_decref(record);
    freeReplyObject(reply);
    return ok && (*found || err->status == SVI_OK);
}

/* ---- giving back ---- */

struct targets {
    char lists[MAX_TARGETS][SVI_REDIS_KEY_SIZE];
    size_t count;
};

static void add_target(const struct svi_broker *broker, struct targets *targets, const char *queue, size_t length, int step)
{
    char name[SVI_REDIS_QUEUE_SIZE];
    if (length && length < sizeof name && targets->count < MAX_TARGETS) {
        svi_format(name, sizeof name, "%.*s", (int)length, queue);
        svi_redis_list_name(&broker->names, targets->lists[targets->count++], name, step);
    }
}

/* The lists of the queues that are bound to the exchange with this key. */
static bool look_up(struct svi_broker *broker, const char *exchange, const char *key, int step, struct targets *targets,
                    struct svi_error *err)
{
    char binding[SVI_REDIS_KEY_SIZE];
    redisReply *reply = NULL;
    svi_redis_binding_name(&broker->names, binding, exchange);
    if (!svi_redis_add_texts(broker->redis, err, svi_bytes_of("SMEMBERS"), svi_bytes_of(binding))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    const char *separator = broker->names.separator;
    size_t skip = strlen(key), width = strlen(separator);
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const struct svi_bytes member = svi_redis_bytes(reply->element[i]);
        const char *text = (const char *)member.at, *queue = text;
        if (member.count < skip + 2 * width || memcmp(text, key, skip) != 0 || memcmp(text + skip, separator, width) != 0)
            continue;
        for (const char *next = text; (next = strstr(next, separator)); queue = next)
            next += width;
        add_target(broker, targets, queue, strlen(queue), step);
    }
    freeReplyObject(reply);
    return true;
}

/* Where kombu would put the message; where it would find nothing, and let the message go, the queue that is called like the key. */
static bool find_targets(struct svi_broker *broker, const json_t *record, struct targets *targets, struct svi_error *err)
{
    const char *exchange = json_string_value(json_array_get(record, 1)), *key = json_string_value(json_array_get(record, 2));
    int step = svi_redis_step_of(&broker->names, json_object_get(json_array_get(record, 0), "properties"));
    targets->count = 0;
    if (exchange[0] && !look_up(broker, exchange, key, step, targets, err))
        return false;
    if (!targets->count)
        add_target(broker, targets, key, strlen(key), step);
    return true;
}

/* As kombu marks it. */
static bool write_redelivered(struct svi_buffer *out, json_t *message, struct svi_error *err)
{
    json_t *headers = json_object_get(message, "headers");
    json_t *info = json_object_get(json_object_get(message, "properties"), "delivery_info");
    if (json_is_object(headers))
        json_object_set_new(headers, "redelivered", json_true());
    if (json_is_object(info))
        json_object_set_new(info, "redelivered", json_true());
    return svi_json_write(out, message, err);
}

/* newest: "" for what is our own. *known: it was still there. */
static bool restore(struct svi_broker *broker, const char *tag, const char *newest, bool *known, struct svi_error *err)
{
    redisReply *reply = NULL;
    if (!svi_redis_add_texts(broker->redis, err, svi_bytes_of("HGET"), svi_bytes_of(broker->names.unacked), svi_bytes_of(tag))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    const struct svi_bytes text = svi_redis_bytes(reply);
    json_t *record = text.count ? read_record(text, tag) : NULL;
    freeReplyObject(reply);
    reply = NULL;
    struct targets *targets = calloc(1, sizeof *targets);
    struct svi_buffer message;
    svi_buffer_init(&message, RECORD_LIMIT_BYTES);
    bool ok = targets || svi_fail_memory(err, sizeof *targets);
    if (ok && record)
        ok = find_targets(broker, record, targets, err) && write_redelivered(&message, json_array_get(record, 0), err);
    if (ok) {
        struct svi_bytes keys[MAX_TARGETS];
        for (size_t i = 0; i < targets->count; i++)
            keys[i] = svi_bytes_of(targets->lists[i]);
        const struct svi_bytes arguments[] = { svi_bytes_of(tag), { message.at, message.count }, svi_bytes_of(newest) };
        ok = run(broker, "restore.lua", keys, targets->count, arguments, 3, &reply, err);
    }
    *known = ok && targets->count && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    freeReplyObject(reply);
    svi_buffer_clear(&message);
    free(targets);
    json_decref(record);
    return ok;
}

static bool forget(struct svi_broker *broker, const char *tag, bool *known, struct svi_error *err)
{
    struct svi_redis *redis = broker->redis;
    const struct svi_bytes name = svi_bytes_of(tag);
    redisReply *reply = NULL;
    if (!svi_redis_add_texts(redis, err, svi_bytes_of("MULTI"))
        || !svi_redis_add_texts(redis, err, svi_bytes_of("ZREM"), svi_bytes_of(broker->names.unacked_index), name)
        || !svi_redis_add_texts(redis, err, svi_bytes_of("HDEL"), svi_bytes_of(broker->names.unacked), name)
        || !svi_redis_add_texts(redis, err, svi_bytes_of("SREM"), svi_bytes_of(broker->names.held), name)
        || !svi_redis_add_texts(redis, err, svi_bytes_of("EXEC")))
        return false;
    for (size_t i = 0; i < 5; i++) {
        freeReplyObject(reply);
        if (!svi_redis_take_good(redis, &reply, err))
            return false;
    }
    *known = reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 && reply->element[1]->type == REDIS_REPLY_INTEGER
             && reply->element[1]->integer == 1;
    freeReplyObject(reply);
    return true;
}

bool svi_redis_end(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                   struct svi_error *err)
{
    *known = false;
    return end == SVI_BROKER_DONE ? forget(broker, tag->text, known, err) : restore(broker, tag->text, "", known, err);
}

/* ---- the sweep ---- */

/* The server's clock is the one that all nodes share; as text, in seconds. */
static bool moment_ago(struct svi_broker *broker, double seconds, char into[32], struct svi_error *err)
{
    redisReply *reply = NULL;
    if (!svi_redis_add_texts(broker->redis, err, svi_bytes_of("TIME")) || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    bool good = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[0]->str;
    if (good)
        svi_format(into, 32, "%.6f", strtod(reply->element[0]->str, NULL) - seconds);
    freeReplyObject(reply);
    return good || svi_fail(err, SVI_BAD_ANSWER, "The Redis server does not tell the time.");
}

static bool lock(struct svi_broker *broker, const char *token, bool *ours, struct svi_error *err)
{
    char lasts[16];
    redisReply *reply = NULL;
    svi_format(lasts, sizeof lasts, "%d", MUTEX_MS);
    if (!svi_redis_add_texts(broker->redis, err, svi_bytes_of("SET"), svi_bytes_of(broker->names.unacked_mutex),
                             svi_bytes_of(token), svi_bytes_of("NX"), svi_bytes_of("PX"), svi_bytes_of(lasts))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    *ours = reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return true;
}

static bool unlock(struct svi_broker *broker, const char *token, struct svi_error *err)
{
    const struct svi_bytes key = svi_bytes_of(broker->names.unacked_mutex), argument = svi_bytes_of(token);
    const struct svi_redis_call call = { "release.lua", &key, 1, &argument, 1 };
    redisReply *reply = NULL;
    bool ok = svi_redis_run(broker->redis, &call, &reply, err);
    freeReplyObject(reply);
    return ok;
}

static bool restore_fallen(struct svi_broker *broker, bool *more, struct svi_error *err)
{
    char newest[32], most[16];
    redisReply *reply = NULL;
    svi_format(most, sizeof most, "%d", RESTORED_AT_ONCE);
    if (!moment_ago(broker, broker->names.visibility_timeout_s, newest, err)
        || !svi_redis_add_texts(broker->redis, err, svi_bytes_of("ZREVRANGEBYSCORE"), svi_bytes_of(broker->names.unacked_index),
                                svi_bytes_of(newest), svi_bytes_of("0"), svi_bytes_of("LIMIT"), svi_bytes_of("0"),
                                svi_bytes_of(most))
        || !svi_redis_take_good(broker->redis, &reply, err))
        return false;
    bool ok = true;
    *more = reply->type == REDIS_REPLY_ARRAY && reply->elements == RESTORED_AT_ONCE;
    /* Each is put in front of the others: the one that has waited longest comes last, and is taken first. */
    for (size_t i = 0; ok && reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const char *tag = reply->element[i]->str;
        bool known = false;
        ok = restore(broker, tag, newest, &known, err);
        if (known)
            svi_log(SVI_LOG_WARNING, "the message %s was not finished by the node that had it: it is back in its queue", tag);
    }
    freeReplyObject(reply);
    return ok;
}

bool svi_redis_sweep(struct svi_broker *broker, bool *more, struct svi_error *err)
{
    char token[SVI_UUID_SIZE];
    bool ours = false;
    *more = false;
    if (!svi_random_uuid(token, err) || !lock(broker, token, &ours, err))
        return false;
    if (!ours)
        return true;
    bool ok = restore_fallen(broker, more, err);
    struct svi_error ignored = { 0 };
    return unlock(broker, token, ok ? err : &ignored) && ok;
}
