/* result_store.h - where Celery's clients look for what became of their tasks: the Redis result backend. Knows keys and expiry, not
 * what a result says. */
#ifndef SVI_HOST_RESULT_STORE_H
#define SVI_HOST_RESULT_STORE_H

#include "host/broker_url.h"

struct svi_result_store;

struct svi_result_store_settings {
    const struct svi_broker_url *url; /* of Redis */
    const json_t *options;            /* Celery's result_backend_transport_options, or NULL: global_keyprefix */
    double expires_s;                 /* 0: never */
};

/* Does not connect: that is done, and done again, by store. */
bool svi_result_store_open(struct svi_result_store **out, const struct svi_result_store_settings *settings, struct svi_error *err);
void svi_result_store_close(struct svi_result_store *store); /* takes NULL */

/* Stores and announces a result, unless the task has already succeeded. Blocks a second or two at most. Not reached:
 * SVI_UNREACHABLE, to be tried again. */
bool svi_result_store_put(struct svi_result_store *store, const char *task_id, const json_t *result, struct svi_error *err);

#endif
