#include "host/amqp_declare.h"

#include "base/log.h"

static const amqp_channel_t ours = SVI_AMQP_DECLARE_CHANNEL;

/* A refusal of what need not be ours to declare is told to the operator, and that is all. */
static bool tolerate(bool ok, struct svi_error *why, struct svi_error *err)
{
    if (!ok && why->status == SVI_BAD_ANSWER) {
        svi_log(SVI_LOG_INFO, "broker: %s It is used as it is.", why->message);
        return true;
    }
    if (!ok)
        *err = *why;
    return ok;
}

static bool check(struct svi_amqp_link *link, const char *what, const char *name, struct svi_error *err)
{
    char whole[300];
    int code;
    svi_format(whole, sizeof whole, "%s %s", what, name);
    return svi_amqp_link_check(link, ours, whole, &code, err);
}

static bool declare_exchange(struct svi_amqp_link *link, const char *name, const char *type, bool durable, struct svi_error *err)
{
    if (!svi_amqp_channel_open(link, ours, err))
        return false;
    amqp_exchange_declare(svi_amqp_link_state(link), ours, amqp_cstring_bytes(name), amqp_cstring_bytes(type), 0, durable, 0, 0,
                          amqp_empty_table);
    return check(link, "declare the exchange", name, err);
}

static bool bind_queue(struct svi_amqp_link *link, const char *queue, const char *exchange, const char *key, struct svi_error *err)
{
    if (!svi_amqp_channel_open(link, ours, err))
        return false;
    amqp_queue_bind(svi_amqp_link_state(link), ours, amqp_cstring_bytes(queue), amqp_cstring_bytes(exchange),
                    amqp_cstring_bytes(key), amqp_empty_table);
    return check(link, "bind the queue", queue, err);
}

bool svi_amqp_declare_exchanges(struct svi_amqp_link *link, struct svi_error *err)
{
    static const struct {
        const char *name, *type;
        bool durable;
    } rows[] = {
        { "celeryev", "topic", true },
        { "celery.pidbox", "fanout", false },
        { "reply.celery.pidbox", "direct", false },
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++) {
        struct svi_error why = { 0 };
        ok = tolerate(declare_exchange(link, rows[i].name, rows[i].type, rows[i].durable, &why), &why, err);
    }
    return ok;
}

static bool declare_queue(struct svi_amqp_link *link, const char *queue, struct svi_error *err)
{
    if (!svi_amqp_channel_open(link, ours, err))
        return false;
    amqp_queue_declare(svi_amqp_link_state(link), ours, amqp_cstring_bytes(queue), 0, 1, 0, 0, amqp_empty_table);
    return check(link, "declare the queue", queue, err);
}

bool svi_amqp_declare_tasks(struct svi_amqp_link *link, const char *queue, struct svi_error *err)
{
    struct svi_error whys[3] = { 0 };
    /* Tasks are sent to the queue itself: it is enough where that is there. */
    return tolerate(declare_queue(link, queue, &whys[0]), &whys[0], err)
           && tolerate(declare_exchange(link, queue, "direct", true, &whys[1]), &whys[1], err)
           && tolerate(bind_queue(link, queue, queue, queue, &whys[2]), &whys[2], err);
}

/* Ends with its listener, ten seconds after it. */
static bool declare_passing(struct svi_amqp_link *link, const char *queue, enum svi_amqp_owner owner, struct svi_error *err)
{
    amqp_table_entry_t entries[] = {
        { amqp_cstring_bytes("x-expires"), { AMQP_FIELD_KIND_I32, { .i32 = 10000 } } },
        { amqp_cstring_bytes("x-message-ttl"), { AMQP_FIELD_KIND_I32, { .i32 = 300000 } } },
    };
    amqp_table_t arguments = { 2, entries };
    if (!svi_amqp_channel_open(link, ours, err))
        return false;
    amqp_queue_declare(svi_amqp_link_state(link), ours, amqp_cstring_bytes(queue), 0, 0, owner == SVI_AMQP_EXCLUSIVE, 1, arguments);
    return check(link, "declare the queue", queue, err);
}

bool svi_amqp_declare_pidbox(struct svi_amqp_link *link, const char *queue, enum svi_amqp_owner owner, struct svi_error *err)
{
    return declare_passing(link, queue, owner, err) && bind_queue(link, queue, "celery.pidbox", "", err);
}

bool svi_amqp_declare_answers(struct svi_amqp_link *link, const char *queue, const char *key, struct svi_error *err)
{
    return declare_passing(link, queue, SVI_AMQP_EXCLUSIVE, err) && bind_queue(link, queue, "reply.celery.pidbox", key, err);
}

bool svi_amqp_count(struct svi_amqp_link *link, const char *queue, uint64_t *count, struct svi_error *err)
{
    struct svi_error why = { 0 };
    *count = 0;
    if (!svi_amqp_channel_open(link, ours, err))
        return false;
    const amqp_queue_declare_ok_t *ok = amqp_queue_declare(svi_amqp_link_state(link), ours, amqp_cstring_bytes(queue), 1, 0, 0, 0,
                                                           amqp_empty_table);
    if (ok)
        *count = ok->message_count;
    return tolerate(check(link, "count the messages of", queue, &why), &why, err);
}
