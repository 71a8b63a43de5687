/* An AMQP broker, spoken with librabbitmq.
 *
 * How no more is claimed than there is room for: a consumer of AMQP has a window of messages that it may hold unacknowledged, and a
 * task holds its place in it for as long as it runs or waits for its eta, so no number of places is right. Here each consumer has a
 * window of one, and is cancelled when it has got its task: what it delivered stays claimed, and counts for no other consumer.
 * Where there is room again, the queues are asked one after the other (basic.get), which costs one round trip while they are not
 * empty; only when all are, consumers are opened and the broker rings. So an idle node sends nothing, a task comes at once, and
 * where consumers of several queues are rung at the same instant, what there is no room for goes back.
 *
 * What is published goes over a connection of its own: a broker that is short of memory or disk no longer reads from those over
 * which anything was published, and so would hear no acknowledgement, either.
 *
 * Tags of deliveries mean something on their connection alone; each carries the number of its own. */
#include "host/amqp_declare.h"
#include "host/amqp_link.h"
#include "host/broker.h"
#include "host/broker_request.h"
#include "host/random.h"

#include "base/log.h"
#include "base/stopwatch.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS = 1, CONTROL, SENDING, CONFIRMED, ANSWERS };
enum { QUEUES_LIMIT = 256, HELD_LIMIT = 4096, REPLY_S = 5 };

/* Messages in the order in which they came. */
struct deliveries {
    struct svi_amqp_delivery *first, **end;
};

struct svi_broker {
    struct svi_amqp_link *link, *voice; /* voice: for what is published */
    uint64_t connection;
    char pidbox[256];   /* "" of a mere publisher */
    bool hears_control; /* from the first wait on, so that a question before it is not ours to answer */
    bool consuming;
    json_t *queues;   /* an array of their names */
    json_t *declared; /* an object: queues that were declared for what is sent to them */
    size_t turn;      /* the queue that is asked next */
    uint64_t *held;   /* tags that are not ended */
    size_t held_count;
    uint64_t published; /* on the channel that confirms */
    struct deliveries tasks, control, answers;
};

static struct svi_amqp_delivery *take(struct deliveries *from)
{
    struct svi_amqp_delivery *delivery = from->first;
    if (delivery) {
        from->first = delivery->next;
        delivery->next = NULL;
    }
    if (!from->first)
        from->end = NULL;
    return delivery;
}

static void put(struct deliveries *into, struct svi_amqp_delivery *delivery)
{
    *(into->end ? into->end : &into->first) = delivery;
    into->end = &delivery->next;
}

static void forget(struct deliveries *all)
{
    for (struct svi_amqp_delivery *delivery; (delivery = take(all));)
        svi_amqp_delivery_free(delivery);
}

static const char *queue_at(const struct svi_broker *broker, size_t i)
{
    return json_string_value(json_array_get(broker->queues, i));
}

/* ---- opening and closing ---- */

static void close_amqp(struct svi_broker *broker)
{
    if (!broker)
        return;
    forget(&broker->tasks);
    forget(&broker->control);
    forget(&broker->answers);
    svi_amqp_link_close(broker->link);
    svi_amqp_link_close(broker->voice);
    json_decref(broker->queues);
    json_decref(broker->declared);
    free(broker->held);
    free(broker);
}

static bool name_fits(const char *name, struct svi_error *err)
{
    return (*name && strlen(name) <= 255) || svi_fail(err, SVI_BAD_USAGE, "The name of a queue has 1 to 255 bytes.");
}

/* RabbitMQ from 4.3 on wants queues that end with their listener to be its own; older programs of Celery do not. */
static bool open_pidbox(struct svi_broker *broker, const struct svi_broker_settings *settings, struct svi_error *err)
{
    struct svi_error why = { 0 };
    if (!svi_format(broker->pidbox, sizeof broker->pidbox, "%s.celery.pidbox", settings->node))
        return svi_fail(err, SVI_BAD_USAGE, "The name of the node is too long.");
    if (svi_amqp_declare_pidbox(broker->link, broker->pidbox, SVI_AMQP_SHARED, &why))
        return true;
    if (why.status == SVI_UNREACHABLE) {
        svi_amqp_link_close(broker->link);
        broker->link = NULL;
        if (!svi_amqp_link_open(&broker->link, settings->url, settings->node, err)
            || !svi_amqp_declare_exchanges(broker->link, err))
            return false;
    }
    svi_log(SVI_LOG_INFO, "broker: %s It is declared as this connection's own.", why.message);
    if (svi_amqp_declare_pidbox(broker->link, broker->pidbox, SVI_AMQP_EXCLUSIVE, err))
        return true;
    /* Perhaps an older connection of this node has not been missed yet. */
    if (err->status == SVI_BAD_ANSWER)
        err->status = SVI_UNREACHABLE;
    return false;
}

static bool add_name(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    if (!name_fits(queue, err))
        return false;
    if (json_array_size(broker->queues) >= QUEUES_LIMIT)
        return svi_fail(err, SVI_BAD_USAGE, "More than %d queues are not listened to.", QUEUES_LIMIT);
    for (size_t i = 0; i < json_array_size(broker->queues); i++)
        if (!strcmp(queue_at(broker, i), queue))
            return true;
    json_t *name = json_string(queue);
    if (!name)
        return svi_fail(err, SVI_BAD_USAGE, "The name of a queue is not UTF-8.");
    return json_array_append_new(broker->queues, name) == 0 || svi_fail_memory(err, strlen(queue));
}

static bool open_tasks(struct svi_broker *broker, struct svi_error *err)
{
    int code;
    if (!svi_amqp_channel_open(broker->link, TASKS, err))
        return false;
    amqp_basic_qos(svi_amqp_link_state(broker->link), TASKS, 0, 1, 0);
    bool ok = svi_amqp_link_check(broker->link, TASKS, "deliver one message at a time", &code, err);
    for (size_t i = 0; ok && i < json_array_size(broker->queues); i++)
        ok = svi_amqp_declare_tasks(broker->link, queue_at(broker, i), err);
    return ok;
}

/* All channels now: once something was published, a broker may be too short of memory to answer. */
static bool open_voice(struct svi_broker *broker, const struct svi_broker_settings *settings, struct svi_error *err)
{
    return svi_amqp_link_open(&broker->voice, settings->url, settings->queue_count ? settings->node : "svi-worker", err)
           && svi_amqp_channel_open(broker->voice, SENDING, err) && svi_amqp_confirm_open(broker->voice, CONFIRMED, err);
}

static bool open_amqp(struct svi_broker **out, const struct svi_broker_settings *settings, struct svi_error *err)
{
    static atomic_uint_fast64_t connections;
    struct svi_broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return svi_fail_memory(err, sizeof *broker);
    broker->connection = ++connections;
    broker->queues = json_array();
    broker->declared = json_object();
    broker->held = calloc(HELD_LIMIT, sizeof *broker->held);
    bool ok = (broker->queues && broker->declared && broker->held) || svi_fail_memory(err, HELD_LIMIT * sizeof *broker->held);
    for (size_t i = 0; ok && i < settings->queue_count; i++)
        ok = add_name(broker, settings->queues[i], err);
    ok = ok && svi_amqp_link_open(&broker->link, settings->url, settings->queue_count ? settings->node : "svi-worker", err)
         && svi_amqp_declare_exchanges(broker->link, err) && open_voice(broker, settings, err);
    if (ok && settings->queue_count)
        ok = open_pidbox(broker, settings, err) && open_tasks(broker, err);
    if (ok)
        *out = broker;
    else
        close_amqp(broker);
    return ok;
}

/* ---- claiming ---- */

/* Sorts what is complete. A request that cannot be read is gone already: nobody acknowledges those. */
static void gather(struct svi_broker *broker)
{
    struct svi_amqp_delivery *delivery;
    while ((delivery = svi_amqp_link_take(broker->link, TASKS)))
        put(&broker->tasks, delivery);
    for (int channel = CONTROL; channel <= ANSWERS; channel++)
        while ((delivery = svi_amqp_link_take(broker->link, (amqp_channel_t)channel))) {
            if (delivery->broken)
                svi_log(SVI_LOG_ERROR, "broker: a message of remote control is dropped: %s", delivery->why);
            if (delivery->broken || (channel != CONTROL && channel != ANSWERS))
                svi_amqp_delivery_free(delivery);
            else
                put(channel == CONTROL ? &broker->control : &broker->answers, delivery);
        }
}

/* Channels of ours that the broker closed take with them what they held. */
static bool check_channels(struct svi_broker *broker, struct svi_error *err)
{
    bool ok = svi_amqp_channel_is_open(broker->link, TASKS)
              && (!broker->hears_control || svi_amqp_channel_is_open(broker->link, CONTROL));
    return ok || svi_fail(err, SVI_UNREACHABLE, "The broker closed a channel; its own log says why.");
}

static bool listen_until(struct svi_broker *broker, double until_s, int wake_fd, struct svi_error *err)
{
    bool ok = svi_amqp_link_listen(broker->link, until_s, wake_fd, err);
    gather(broker);
    return ok;
}

/* What the broker refuses while tasks are taken has cost the channel with all that it held. */
static bool check_tasks(struct svi_broker *broker, const char *what, const char *queue, struct svi_error *err)
{
    char whole[300];
    int code;
    svi_format(whole, sizeof whole, "%s %s", what, queue);
    if (svi_amqp_link_check(broker->link, TASKS, whole, &code, err))
        return true;
    err->status = SVI_UNREACHABLE;
    return false;
}

static bool reject(struct svi_broker *broker, uint64_t tag, bool requeue, struct svi_error *err)
{
    return svi_amqp_link_sent(broker->link, amqp_basic_reject(svi_amqp_link_state(broker->link), TASKS, tag, requeue), err);
}

static bool stop_consuming(struct svi_broker *broker, struct svi_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && broker->consuming && i < json_array_size(broker->queues); i++) {
        amqp_basic_cancel(svi_amqp_link_state(broker->link), TASKS, amqp_cstring_bytes(queue_at(broker, i)));
        ok = check_tasks(broker, "stop the consumer of", queue_at(broker, i), err);
    }
    broker->consuming = false;
    /* What was on its way when they ended has come before the answer. */
    while (ok && amqp_frames_enqueued(svi_amqp_link_state(broker->link)))
        ok = listen_until(broker, 0, -1, err);
    return ok;
}

static bool start_consuming(struct svi_broker *broker, struct svi_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(broker->queues); i++) {
        amqp_bytes_t queue = amqp_cstring_bytes(queue_at(broker, i));
        amqp_basic_consume(svi_amqp_link_state(broker->link), TASKS, queue, queue, 0, 0, 0, amqp_empty_table);
        ok = check_tasks(broker, "deliver from", queue_at(broker, i), err);
    }
    broker->consuming = ok;
    return ok;
}

/* Asks one queue for a message, which is then the last of broker->tasks. */
static bool get_from(struct svi_broker *broker, const char *queue, bool *got, struct svi_error *err)
{
    amqp_rpc_reply_t reply = amqp_basic_get(svi_amqp_link_state(broker->link), TASKS, amqp_cstring_bytes(queue), 0);
    if (!check_tasks(broker, "deliver from", queue, err))
        return false;
    *got = reply.reply.id == AMQP_BASIC_GET_OK_METHOD;
    if (!*got)
        return true;
    svi_amqp_link_got(broker->link, TASKS, reply.reply.decoded);
    const double until_s = svi_now_s() + REPLY_S;
    while (!broker->tasks.first && svi_now_s() < until_s)
        if (!listen_until(broker, until_s, -1, err))
            return false;
    if (!broker->tasks.first)
        return svi_fail(err, SVI_UNREACHABLE, "The broker does not deliver a message to its end within %d s.", REPLY_S);
    svi_format(broker->tasks.first->consumer, sizeof broker->tasks.first->consumer, "%s", queue);
    return true;
}

static bool get_from_any(struct svi_broker *broker, struct svi_error *err)
{
    const size_t count = json_array_size(broker->queues);
    bool got = false, ok = true;
    for (size_t i = 0; ok && !got && i < count; i++) {
        broker->turn = (broker->turn + 1) % count;
        ok = get_from(broker, queue_at(broker, broker->turn), &got, err);
    }
    return ok;
}

static bool return_tasks(struct svi_broker *broker, struct svi_error *err)
{
    bool ok = true;
    for (struct svi_amqp_delivery *delivery; ok && (delivery = take(&broker->tasks)); svi_amqp_delivery_free(delivery))
        ok = reject(broker, delivery->tag, !delivery->broken, err);
    return ok;
}

static void move_message(struct svi_arrival *arrival, enum svi_arrival_kind kind, struct svi_amqp_delivery *delivery)
{
    arrival->kind = kind;
    arrival->message = delivery->message;
    delivery->message = (struct svi_celery_message){ 0 };
}

/* The first task that can be read; what cannot is refused for good. */
static bool hand_over(struct svi_broker *broker, struct svi_arrival *arrival, struct svi_error *err)
{
    bool ok = true;
    while (ok && broker->tasks.first && arrival->kind == SVI_ARRIVED_NOTHING) {
        struct svi_amqp_delivery *delivery = take(&broker->tasks);
        if (delivery->broken || broker->held_count >= HELD_LIMIT) {
            svi_log(SVI_LOG_ERROR, "broker: a message from %s is removed: %s", delivery->consumer, delivery->why);
            ok = reject(broker, delivery->tag, !delivery->broken, err);
        } else {
            move_message(arrival, SVI_ARRIVED_TASK, delivery);
            arrival->tag = (struct svi_broker_tag){ .number = delivery->tag, .connection = broker->connection };
            arrival->redelivered = delivery->redelivered;
            svi_format(arrival->queue, sizeof arrival->queue, "%s", delivery->consumer);
            broker->held[broker->held_count++] = delivery->tag;
        }
        svi_amqp_delivery_free(delivery);
    }
    return ok;
}

static bool claim(struct svi_broker *broker, bool room, struct svi_arrival *arrival, struct svi_error *err)
{
    if (broker->consuming && (!room || broker->tasks.first) && !stop_consuming(broker, err))
        return false;
    if (!room)
        return return_tasks(broker, err);
    if (!broker->consuming && !broker->tasks.first && !get_from_any(broker, err))
        return false;
    if (!hand_over(broker, arrival, err))
        return false;
    return broker->consuming || arrival->kind != SVI_ARRIVED_NOTHING || start_consuming(broker, err);
}

/* ---- waiting ---- */

static bool hear_control(struct svi_broker *broker, struct svi_error *err)
{
    int code;
    if (broker->hears_control || !broker->pidbox[0])
        return true;
    if (!svi_amqp_channel_open(broker->link, CONTROL, err))
        return false;
    amqp_basic_consume(svi_amqp_link_state(broker->link), CONTROL, amqp_cstring_bytes(broker->pidbox), amqp_empty_bytes, 0, 1, 0,
                       amqp_empty_table);
    broker->hears_control = svi_amqp_link_check(broker->link, CONTROL, "deliver remote control", &code, err);
    if (!broker->hears_control)
        err->status = SVI_UNREACHABLE;
    return broker->hears_control;
}

static bool look(struct svi_broker *broker, bool room, struct svi_arrival *arrival, struct svi_error *err)
{
    if (!broker->pidbox[0])
        return true;
    if (!check_channels(broker, err))
        return false;
    struct svi_amqp_delivery *request = take(&broker->control);
    if (request)
        move_message(arrival, SVI_ARRIVED_CONTROL, request);
    svi_amqp_delivery_free(request);
    return request || claim(broker, room, arrival, err);
}

static bool wait_for(struct svi_broker *broker, const struct svi_broker_wait *wait, struct svi_arrival *arrival,
                     struct svi_error *err)
{
    *arrival = (struct svi_arrival){ 0 };
    /* The voice has heartbeats of its own, and hears whether it may speak. */
    bool ok = hear_control(broker, err) && svi_amqp_link_listen(broker->voice, 0, -1, err) && listen_until(broker, 0, -1, err)
              && look(broker, wait->room, arrival, err);
    if (ok && arrival->kind == SVI_ARRIVED_NOTHING && svi_now_s() < wait->until_s)
        ok = listen_until(broker, wait->until_s, wait->wake_fd, err) && look(broker, wait->room, arrival, err);
    if (!ok)
        svi_celery_message_clear(&arrival->message);
    return ok;
}

static bool end_task(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                     struct svi_error *err)
{
    size_t at = 0;
    while (at < broker->held_count && broker->held[at] != tag->number)
        at++;
    /* A tag that the broker does not know would cost the channel. */
    *known = tag->connection == broker->connection && at < broker->held_count;
    if (!*known)
        return true;
    broker->held[at] = broker->held[--broker->held_count];
    if (end == SVI_BROKER_RETURNED)
        return reject(broker, tag->number, true, err);
    return svi_amqp_link_sent(broker->link, amqp_basic_ack(svi_amqp_link_state(broker->link), TASKS, tag->number, 0), err);
}

/* ---- sending ---- */

static bool publish(struct svi_broker *broker, amqp_channel_t channel, const char *exchange, const char *key, bool mandatory,
                    const struct svi_celery_message *message, struct svi_error *err)
{
    amqp_basic_properties_t properties;
    amqp_pool_t pool;
    amqp_bytes_t body = { message->body.count, message->body.at };
    init_amqp_pool(&pool, 4096);
    bool ok = (strlen(exchange) <= 255 && strlen(key) <= 255)
              || svi_fail(err, SVI_BAD_PARAMETER, "The names of exchanges and keys have at most 255 bytes.");
    ok = ok && svi_amqp_properties_write(&properties, message, &pool, err)
         && svi_amqp_link_sent(broker->voice,
                               amqp_basic_publish(svi_amqp_link_state(broker->voice), channel, amqp_cstring_bytes(exchange),
                                                  amqp_cstring_bytes(key), mandatory, 0, &properties, body),
                               err);
    empty_amqp_pool(&pool);
    return ok;
}

static bool fail_blocked(struct svi_error *err)
{
    return svi_fail(err, SVI_IO, "The broker is short of memory or disk and takes no messages now.");
}

static bool declare_once(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    if (json_object_get(broker->declared, queue))
        return true;
    if (!name_fits(queue, err) || !svi_amqp_declare_tasks(broker->link, queue, err))
        return false;
    json_object_set_new(broker->declared, queue, json_true());
    return true;
}

/* Until all that was published is settled, one way or the other. refused: so many of all. */
static bool await_confirmation(struct svi_broker *broker, const char *queue, uint64_t *refused, struct svi_error *err)
{
    const double until_s = svi_now_s() + REPLY_S;
    for (uint64_t settled = 0; settled < broker->published;) {
        if (!svi_amqp_link_listen(broker->voice, until_s, -1, err))
            return false;
        svi_amqp_link_confirmed(broker->voice, &settled, refused);
        if (!svi_amqp_channel_is_open(broker->voice, CONFIRMED))
            return svi_fail(err, SVI_BAD_ANSWER, "The broker refuses what is sent to the queue %s.", queue);
        if (settled < broker->published && svi_amqp_link_blocked(broker->voice))
            return fail_blocked(err);
        if (settled < broker->published && svi_now_s() >= until_s)
            return svi_fail(err, SVI_UNREACHABLE, "The broker does not confirm a message within %d s.", REPLY_S);
    }
    return true;
}

/* A task is sent when the broker says that it has it. */
static bool send_task(struct svi_broker *broker, const char *queue, const struct svi_celery_message *message, struct svi_error *err)
{
    uint64_t settled, refused_before, refused = 0;
    if (svi_amqp_link_blocked(broker->voice))
        return fail_blocked(err);
    if (!declare_once(broker, queue, err))
        return false;
    if (!svi_amqp_channel_is_open(broker->voice, CONFIRMED))
        broker->published = 0;
    if (!svi_amqp_confirm_open(broker->voice, CONFIRMED, err))
        return false;
    svi_amqp_link_confirmed(broker->voice, &settled, &refused_before);
    if (!publish(broker, CONFIRMED, "", queue, true, message, err))
        return false;
    broker->published++;
    return await_confirmation(broker, queue, &refused, err)
           && (refused <= refused_before || svi_fail(err, SVI_BAD_ANSWER, "The broker has no queue %s, or it is full.", queue));
}

static bool send_message(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                         const struct svi_celery_message *message, struct svi_error *err)
{
    if (way == SVI_BROKER_TO_QUEUE)
        return send_task(broker, key, message, err);
    /* A broker that takes nothing would stop reading acknowledgements too, if anything were sent. */
    if (svi_amqp_link_blocked(broker->voice))
        return true;
    return svi_amqp_channel_open(broker->voice, SENDING, err)
           && publish(broker, SENDING, way == SVI_BROKER_TO_EVENTS ? "celeryev" : exchange, key, false, message, err);
}

static bool collect(struct svi_broker *broker, const char *ticket, size_t answers, double until_s, json_t *replies,
                    struct svi_error *err)
{
    bool ok = true;
    while (ok && json_object_size(replies) < answers && svi_now_s() < until_s) {
        ok = listen_until(broker, until_s, -1, err);
        for (struct svi_amqp_delivery *answer; (answer = take(&broker->answers)); svi_amqp_delivery_free(answer))
            svi_broker_collect(replies, &answer->message, ticket);
    }
    return ok;
}

static bool hear_answers(struct svi_broker *broker, const char *queue, const char *key, struct svi_error *err)
{
    int code;
    if (!svi_amqp_declare_answers(broker->link, queue, key, err) || !svi_amqp_channel_open(broker->link, ANSWERS, err))
        return false;
    amqp_basic_consume(svi_amqp_link_state(broker->link), ANSWERS, amqp_cstring_bytes(queue), amqp_cstring_bytes("answers"), 0, 1,
                       0, amqp_empty_table);
    return svi_amqp_link_check(broker->link, ANSWERS, "deliver answers", &code, err);
}

static bool ask(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination, size_t answers,
                double wait_s, json_t **replies, struct svi_error *err)
{
    struct svi_celery_message question = { 0 };
    char oid[SVI_UUID_SIZE], ticket[SVI_UUID_SIZE], queue[80];
    int code;
    if (!svi_random_uuid(oid, err) || !svi_random_uuid(ticket, err)
        || !svi_broker_question(&question, method, arguments, destination, oid, ticket, wait_s, err))
        return false;
    svi_format(queue, sizeof queue, "%s.reply.celery.pidbox", oid);
    *replies = json_object();
    bool ok = (*replies || svi_fail_memory(err, 64)) && hear_answers(broker, queue, oid, err)
              && svi_amqp_channel_open(broker->voice, SENDING, err)
              && publish(broker, SENDING, "celery.pidbox", "", false, &question, err)
              && collect(broker, ticket, answers, svi_now_s() + wait_s, *replies, err);
    if (ok) {
        /* The queue ends with its consumer. */
        amqp_basic_cancel(svi_amqp_link_state(broker->link), ANSWERS, amqp_cstring_bytes("answers"));
        ok = svi_amqp_link_check(broker->link, ANSWERS, "stop the consumer of answers", &code, err);
    }
    svi_celery_message_clear(&question);
    if (!ok) {
        json_decref(*replies);
        *replies = NULL;
    }
    return ok;
}

/* ---- queues ---- */

static bool add_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    return name_fits(queue, err) && stop_consuming(broker, err) && svi_amqp_declare_tasks(broker->link, queue, err)
           && add_name(broker, queue, err);
}

static bool cancel_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    if (!stop_consuming(broker, err))
        return false;
    for (size_t i = json_array_size(broker->queues); i-- > 0;)
        if (!strcmp(queue_at(broker, i), queue))
            json_array_remove(broker->queues, i);
    return return_tasks(broker, err);
}

static bool count_waiting(struct svi_broker *broker, uint64_t *count, struct svi_error *err)
{
    bool ok = true;
    *count = 0;
    for (size_t i = 0; ok && i < json_array_size(broker->queues); i++) {
        uint64_t of_this = 0;
        ok = svi_amqp_count(broker->link, queue_at(broker, i), &of_this, err);
        *count += of_this;
    }
    return ok;
}

const struct svi_broker_class svi_broker_amqp = {
    .name = "amqp",
    .open = open_amqp,
    .close = close_amqp,
    .wait = wait_for,
    .end = end_task,
    .send = send_message,
    .ask = ask,
    .add_queue = add_queue,
    .cancel_queue = cancel_queue,
    .waiting = count_waiting,
};
