/* folder_exchange.h - the tables in which kombu's filesystem transport keeps which queues listen to an exchange: one file each,
 * CONTROL/NAME.exchange, written under a lock. Knows no messages. */
#ifndef SVI_HOST_FOLDER_EXCHANGE_H
#define SVI_HOST_FOLDER_EXCHANGE_H

#include "base/error.h"
#include "base/json.h"

enum svi_folder_route {
    SVI_FOLDER_FANOUT, /* every queue */
    SVI_FOLDER_DIRECT, /* queues bound with the very key */
    SVI_FOLDER_TOPIC   /* the key has words between dots; a bound "*" is any word, "#" any number of them */
};

/* A name that may stand in a file name. */
bool svi_folder_name_ok(const char *name);

bool svi_folder_bind(const char *control, const char *exchange, const char *key, const char *queue, struct svi_error *err);
/* Forgets all bindings of the queue to the exchange. */
bool svi_folder_unbind(const char *control, const char *exchange, const char *queue, struct svi_error *err);

/* The queues that a message goes to, each once: an array of texts for the caller to end. An exchange that nobody bound has none. */
json_t *svi_folder_bound(const char *control, const char *exchange, enum svi_folder_route route, const char *key,
                         struct svi_error *err);

/* False where no queue was ever bound to the exchange. */
bool svi_folder_is_exchange(const char *control, const char *exchange);

/* True where a topic's key matches what a queue was bound with. */
bool svi_folder_topic_matches(const char *bound, const char *key);

#endif
