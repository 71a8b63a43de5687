/* redis_names.h - what kombu calls its things in Redis: lists, bindings, channels, and who holds what. Knows no connection. */
#ifndef SVI_HOST_REDIS_NAMES_H
#define SVI_HOST_REDIS_NAMES_H

#include "host/broker_url.h"

enum { SVI_REDIS_KEY_SIZE = 640, SVI_REDIS_QUEUE_SIZE = 256, SVI_REDIS_MAX_STEPS = 16 };

/* All keys are whole: the prefix is in them. */
struct svi_redis_names {
    char prefix[128], separator[16];
    char fanout[160]; /* in front of a channel's name */
    bool patterns;    /* a channel's name ends with the routing key */
    char unacked[SVI_REDIS_KEY_SIZE], unacked_index[SVI_REDIS_KEY_SIZE], unacked_mutex[SVI_REDIS_KEY_SIZE];
    char held[SVI_REDIS_KEY_SIZE];  /* ours: a set of the tags that this node holds */
    int steps[SVI_REDIS_MAX_STEPS]; /* priorities that have a list of their own, upwards; the lowest number is served first */
    size_t step_count;
    double visibility_timeout_s, health_check_s;
};

/* Celery's broker_transport_options, or NULL. Values that cannot be meant: SVI_BAD_USAGE. */
bool svi_redis_names_init(struct svi_redis_names *names, int database, const char *node, const json_t *options,
                          struct svi_error *err);

/* Each writes one key or channel, cut where it does not fit: queues are shorter than SVI_REDIS_QUEUE_SIZE, exchanges too. */
void svi_redis_list_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *queue, int step);
void svi_redis_binding_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *exchange);
void svi_redis_channel_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *exchange,
                            const char *key);

/* A member of an exchange's bindings: the key for which messages go to the queue. */
void svi_redis_binding(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *key, const char *queue);

/* The step of a message, by the priority in its properties. */
int svi_redis_step_of(const struct svi_redis_names *names, const json_t *properties);

#endif
