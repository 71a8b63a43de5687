#include "host/broker_request.h"

#include "host/random.h"

#include <string.h>
#include <time.h>

enum { ANSWER_LIMIT = 4096 }; /* nodes */

json_t *svi_broker_address(const struct svi_celery_message *message, const char *exchange, const char *key, struct svi_error *err)
{
    char tag[SVI_UUID_SIZE];
    if (!svi_random_uuid(tag, err))
        return NULL;
    json_t *info = json_copy(json_object_get(message->properties, "delivery_info"));
    if (!json_is_object(info)) {
        json_decref(info);
        info = json_object();
    }
    json_t *properties = message->properties ? json_copy(message->properties) : json_object();
    bool ok = json_object_set_new(info, "exchange", json_string(exchange)) == 0
              && json_object_set_new(info, "routing_key", json_string(key)) == 0
              && json_object_set(properties, "delivery_info", info) == 0
              && json_object_set_new(properties, "delivery_tag", json_string(tag)) == 0;
    json_decref(info);
    if (ok)
        return properties;
    json_decref(properties);
    svi_fail_memory(err, 256);
    return NULL;
}

bool svi_broker_mark_redelivered(struct svi_celery_message *message, struct svi_error *err)
{
    json_t *info = json_object_get(message->properties, "delivery_info");
    bool ok = json_object_set_new(message->headers, "redelivered", json_true()) == 0;
    if (!json_is_object(info)) {
        info = json_object();
        ok = json_object_set_new(message->properties, "delivery_info", info) == 0 && ok;
    }
    return (ok && json_object_set_new(info, "redelivered", json_true()) == 0) || svi_fail_memory(err, 256);
}

bool svi_broker_is_redelivered(const struct svi_celery_message *message)
{
    const json_t *info = json_object_get(message->properties, "delivery_info");
    return json_is_true(json_object_get(message->headers, "redelivered")) || json_is_true(json_object_get(info, "redelivered"));
}

static double unix_time_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool svi_broker_question(struct svi_celery_message *out, const char *method, const json_t *arguments, const char *destination,
                         const char *oid, const char *ticket, double wait_s, struct svi_error *err)
{
    json_t *nodes = destination ? json_pack("[s]", destination) : json_null();
    json_t *copy = arguments ? json_deep_copy(arguments) : json_object();
    json_t *body = json_pack("{s:s, s:o, s:o, s:n, s:n, s:s, s:{s:s, s:s}}", "method", method, "arguments", copy, "destination",
                             nodes, "pattern", "matcher", "ticket", ticket, "reply_to", "exchange", "reply.celery.pidbox",
                             "routing_key", oid);
    bool ok = body ? svi_celery_message_init(out, body, err) : svi_fail_memory(err, 256);
    json_decref(body);
    if (!ok)
        return false;
    ok = json_object_set_new(out->headers, "clock", json_integer(1)) == 0
         && json_object_set_new(out->headers, "expires", json_real(unix_time_s() + wait_s)) == 0
         && json_object_set_new(out->properties, "delivery_mode", json_integer(2)) == 0;
    if (ok)
        return true;
    svi_celery_message_clear(out);
    return svi_fail_memory(err, 256);
}

void svi_broker_collect(json_t *replies, const struct svi_celery_message *answer, const char *ticket)
{
    const char *of = json_string_value(json_object_get(answer->headers, "ticket"));
    struct svi_error ignored = { 0 };
    struct svi_bytes text = { answer->body.at, answer->body.count };
    if (!of || strcmp(of, ticket) != 0)
        return;
    json_t *body = svi_json_parse(text, "The answer of a node", SVI_BAD_ANSWER, &ignored);
    const char *node;
    json_t *says;
    json_object_foreach(body, node, says) if (json_object_size(replies) < ANSWER_LIMIT) json_object_set(replies, node, says);
    json_decref(body);
}
