#include "host/celery_task.h"

#include "host/broker_request.h"
#include "host/celery_moment.h"
#include "host/mask.h"
#include "host/python_repr.h"
#include "host/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPR_LIMIT = 8 * SVI_PYTHON_REPR_BYTES, MOST_COUNTDOWN_S = 600 };

static bool copy_message(struct svi_celery_message *out, const struct svi_celery_message *from, struct svi_error *err)
{
    *out = (struct svi_celery_message){ .headers = json_deep_copy(from->headers), .properties = json_deep_copy(from->properties) };
    svi_buffer_init(&out->body, SVI_CELERY_MESSAGE_LIMIT_BYTES);
    memcpy(out->content_type, from->content_type, sizeof out->content_type);
    memcpy(out->content_encoding, from->content_encoding, sizeof out->content_encoding);
    if (out->headers && out->properties && svi_buffer_add(&out->body, from->body.at, from->body.count))
        return true;
    svi_celery_message_clear(out);
    return svi_fail_memory(err, from->body.count);
}

bool svi_task_retry(struct svi_celery_message *out, const struct svi_task *task, const struct svi_celery_message *message,
                    double eta_s, struct svi_error *err)
{
    if (!copy_message(out, message, err))
        return false;
    static const char *const of_the_delivery[] = { "delivery_tag", "delivery_info", "body_encoding" };
    for (size_t i = 0; i < sizeof of_the_delivery / sizeof *of_the_delivery; i++)
        json_object_del(out->properties, of_the_delivery[i]);
    json_object_del(out->headers, "redelivered");
    if (json_object_set_new(out->headers, "retries", json_integer(task->retries + 1)) == 0
        && json_object_set_new(out->headers, "parent_id", json_string(task->id)) == 0
        && json_object_set_new(out->headers, "eta", svi_celery_moment(eta_s)) == 0)
        return true;
    svi_celery_message_clear(out);
    return svi_fail_memory(err, sizeof(json_t));
}

double svi_task_countdown_s(int retries)
{
    int exponent = retries < 0 ? 0 : retries > 10 ? 10 : retries;
    unsigned most = 1U << exponent, drawn = most;
    struct svi_error err = { 0 };
    if (most > MOST_COUNTDOWN_S)
        drawn = most = MOST_COUNTDOWN_S;
    uint8_t bytes[4];
    if (svi_random_bytes(bytes, sizeof bytes, &err))
        drawn = (bytes[0] | (unsigned)bytes[1] << 8 | (unsigned)bytes[2] << 16) % (most + 1);
    return drawn;
}

static json_t *limit(double seconds)
{
    if (!isfinite(seconds))
        return json_null();
    return seconds == floor(seconds) && seconds < 1e15 ? json_integer((json_int_t)seconds) : json_real(seconds);
}

/* The arguments as everybody may see them. */
static bool write_repr(struct svi_buffer *into, const struct svi_task_order *order)
{
    json_t *config = svi_mask_secret(order->config, order->token);
    json_t *args = json_pack("[I, s, o]", (json_int_t)order->job, SVI_MASK, config ? config : json_null());
    bool ok = args && svi_python_repr(into, args, SVI_PYTHON_TUPLE);
    json_decref(args);
    return ok;
}

static bool write_headers(struct svi_celery_message *out, const char *id, const struct svi_task_order *order)
{
    char host[128] = "", origin[192];
    struct svi_buffer repr;
    svi_buffer_init(&repr, REPR_LIMIT);
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    svi_format(origin, sizeof origin, "gen%ld@%s", (long)getpid(), host);
    json_t *headers = NULL;
    if (write_repr(&repr, order))
        headers = json_pack("{s:s, s:s, s:s, s:n, s:n, s:n, s:n, s:n, s:i, s:[o, o], s:s, s:n, s:s, s:s, s:s, s:b, s:i, s:n, s:{}}",
                            "lang", "py", "task", SVI_TASK_NAME, "id", id, "shadow", "eta", "expires", "group", "group_index",
                            "retries", 0, "timelimit", limit(order->hard_limit_s), limit(order->soft_limit_s), "root_id", id,
                            "parent_id", "argsrepr", (const char *)repr.at, "kwargsrepr", "{}", "origin", origin, "ignore_result",
                            0, "replaced_task_nesting", 0, "stamped_headers", "stamps");
    svi_buffer_clear(&repr);
    json_decref(out->headers);
    out->headers = headers;
    return headers;
}

static bool write_properties(struct svi_celery_message *out, const char *id, const struct svi_task_order *order,
                             struct svi_error *err)
{
    char reply_to[SVI_UUID_SIZE];
    if (!svi_random_uuid(reply_to, err))
        return false;
    json_decref(out->properties);
    out->properties = json_pack("{s:s, s:s, s:i, s:i, s:{s:s, s:s}}", "correlation_id", id, "reply_to", reply_to, "delivery_mode",
                                2, "priority", order->priority, "delivery_info", "exchange", "", "routing_key",
                                order->queue ? order->queue : SVI_TASK_QUEUE);
    return out->properties || svi_fail_memory(err, sizeof(json_t));
}

bool svi_task_publish(struct svi_celery_message *out, char id[SVI_TASK_ID_SIZE], const struct svi_task_order *order,
                      struct svi_error *err)
{
    if (!svi_random_uuid(id, err))
        return false;
    json_t *config = order->config ? json_deep_copy(order->config) : json_null();
    json_t *body = json_pack("[[I, s, o], {}, {s:n, s:n, s:n, s:n}]", (json_int_t)order->job, order->token, config, "callbacks",
                             "errbacks", "chain", "chord");
    bool ok = body ? svi_celery_message_init(out, body, err) : svi_fail_memory(err, sizeof(json_t));
    svi_mask_wipe(body);
    json_decref(body);
    if (!ok)
        return false;
    if ((write_headers(out, id, order) || svi_fail_memory(err, sizeof(json_t))) && write_properties(out, id, order, err)
        && (!order->again || svi_broker_mark_redelivered(out, err)))
        return true;
    svi_celery_message_clear(out);
    return false;
}
