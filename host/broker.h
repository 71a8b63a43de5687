/* broker.h - the seam between the service and whoever hands out its tasks: Redis, an AMQP server, or a folder. A broker carries
 * tasks, remote control, events and replies; it knows no jobs. The bytes are those of kombu's transports.
 *
 * One thread owns a broker and calls `wait` at least every second; leases, heartbeats, the restoring of what others let fall and
 * the search for a dead connection happen inside it. No call blocks longer than a few seconds. Whatever fails with SVI_UNREACHABLE
 * has broken the connection: the owner closes the broker and opens another. */
#ifndef SVI_HOST_BROKER_H
#define SVI_HOST_BROKER_H

#include "host/broker_url.h"
#include "host/celery_message.h"

#include <stdint.h>

struct svi_broker_settings {
    const struct svi_broker_url *url;
    const char *node;          /* "svi@host": remote control listens under it, and what it held when it died is its own again */
    const char *const *queues; /* tasks are taken from; none for a mere publisher, who listens to nothing either */
    size_t queue_count;
    const json_t *options; /* Celery's broker_transport_options, or NULL: visibility_timeout, global_keyprefix, … */
};

/* Names one delivery of a message. */
struct svi_broker_tag {
    char text[256];              /* Redis, folder */
    uint64_t number, connection; /* AMQP: the connection that it is of */
};

enum svi_arrival_kind { SVI_ARRIVED_NOTHING, SVI_ARRIVED_TASK, SVI_ARRIVED_CONTROL };

struct svi_arrival {
    enum svi_arrival_kind kind;
    struct svi_celery_message message; /* the caller clears it */
    /* Of a task: */
    struct svi_broker_tag tag;
    char queue[256];
    bool redelivered; /* someone, perhaps this node before it was started again, had it already */
};

struct svi_broker_wait {
    double until_s; /* svi_now_s */
    int wake_fd;    /* ends the wait when it can be read; it is not read. -1: none */
    bool room;      /* a task may be claimed */
};

/* How the delivery of a task ends. */
enum svi_broker_end {
    SVI_BROKER_DONE,    /* acknowledged, or refused for good: never to come back */
    SVI_BROKER_RETURNED /* handed back untouched, to be the next that is taken, marked as redelivered */
};

enum svi_broker_way {
    SVI_BROKER_TO_QUEUE, /* a task; key: the queue; priority stands in the properties */
    SVI_BROKER_TO_REPLY, /* exchange and key as the request says. Nobody there: nothing happens. */
    SVI_BROKER_TO_EVENTS /* key: "worker.heartbeat", "task.multi" */
};

struct svi_broker;

struct svi_broker_class {
    const char *name; /* as Celery calls the transport: "redis", "amqp", "filesystem" */

    /* Connects, declares, subscribes. Not reached: SVI_UNREACHABLE; wrong credentials, another protocol, a folder that cannot be
     * written: SVI_BAD_USAGE. Neither shows a password. */
    bool (*open)(struct svi_broker **out, const struct svi_broker_settings *settings, struct svi_error *err);
    /* What is held stays held: leases run on without being renewed. Takes NULL. */
    void (*close)(struct svi_broker *broker);

    /* Waits for one arrival. First come, as redelivered, the tasks that this node held when it was last seen. A message that is not
     * even an envelope is logged and removed in here. */
    bool (*wait)(struct svi_broker *broker, const struct svi_broker_wait *wait, struct svi_arrival *arrival, struct svi_error *err);

    /* *known: false where the broker no longer knows the delivery: it was restored by another, or is of a connection that broke. */
    bool (*end)(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                struct svi_error *err);

    bool (*send)(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                 const struct svi_celery_message *message, struct svi_error *err);

    /* False where nobody listens to events: they need not be made. NULL: it is not known. */
    bool (*heard)(struct svi_broker *broker);

    /* Asks all nodes, or the one named by `destination`, and waits for answers: until `answers` came, or at most wait_s. *replies:
     * an object of node names and what they answered, for the caller to end. For the time before the first wait. */
    bool (*ask)(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination, size_t answers,
                double wait_s, json_t **replies, struct svi_error *err);

    bool (*add_queue)(struct svi_broker *broker, const char *queue, struct svi_error *err);
    bool (*cancel_queue)(struct svi_broker *broker, const char *queue, struct svi_error *err);

    /* How many tasks wait in all the queues; for people and metrics. */
    bool (*waiting)(struct svi_broker *broker, uint64_t *count, struct svi_error *err);
};

extern const struct svi_broker_class svi_broker_redis, svi_broker_amqp, svi_broker_folder;

const struct svi_broker_class *svi_broker_class_of(const struct svi_broker_url *url);

#endif
