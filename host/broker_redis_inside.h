/* broker_redis_inside.h - what the files of the Redis transport share, and nobody else sees: broker_redis.c (opening, waiting),
 * broker_redis_held.c (who has which message), broker_redis_send.c (messages out). */
#ifndef SVI_HOST_BROKER_REDIS_INSIDE_H
#define SVI_HOST_BROKER_REDIS_INSIDE_H

#include "host/broker.h"
#include "host/redis_names.h"
#include "host/redis_script.h"

enum { SVI_REDIS_MAX_QUEUES = 64 };

struct svi_broker {
    struct svi_redis *redis; /* commands */
    struct svi_redis *inbox; /* remote control; NULL for a mere publisher */
    struct svi_redis_names names;
    char node[SVI_REDIS_QUEUE_SIZE];
    bool broken; /* the server cannot be told anything any more */

    char queues[SVI_REDIS_MAX_QUEUES][SVI_REDIS_QUEUE_SIZE];
    size_t queue_count, first_queue; /* the queue that was served last comes last the next time */

    json_t *resumed; /* tags that this node held when it was opened, and that were not handed out yet */
    size_t resumed_next;
    unsigned silent_pings; /* of the inbox */

    double claim_s, renew_s, sweep_s, ping_s; /* when each is due */
};

/* broker_redis_held.c */

/* The tags of the held set, which may have waited long: leases are renewed first. */
bool svi_redis_hold_again(struct svi_broker *broker, struct svi_error *err);
bool svi_redis_renew(struct svi_broker *broker, struct svi_error *err);

/* *found: a task is in `arrival`; else there is none, or one was removed that is no message. *more: it is worth asking at once. */
bool svi_redis_claim(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, bool *more, struct svi_error *err);
bool svi_redis_resume(struct svi_broker *broker, struct svi_arrival *arrival, bool *found, struct svi_error *err);

/* What others held and did not renew goes back to its queue. *more: there may be more of that. */
bool svi_redis_sweep(struct svi_broker *broker, bool *more, struct svi_error *err);

bool svi_redis_end(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                   struct svi_error *err);

/* broker_redis_send.c */
bool svi_redis_send(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                    const struct svi_celery_message *message, struct svi_error *err);
bool svi_redis_ask(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination, size_t answers,
                   double wait_s, json_t **replies, struct svi_error *err);

/* Reads an envelope from the server. False with nothing in err: it is none, and was logged as `what`. */
bool svi_redis_read_message(struct svi_celery_message *message, struct svi_bytes text, const char *what, struct svi_error *err);

#endif
