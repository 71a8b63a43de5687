/* broker_wish.h - what the options say of brokers: URLs, transport options, queues. What may hold a password is wiped from the
 * command line and the environment once it is read. */
#ifndef SVI_HOST_BROKER_WISH_H
#define SVI_HOST_BROKER_WISH_H

#include "host/broker_url.h"
#include "host/options.h"
#include "host/queue_list.h"

struct svi_broker_wish {
    struct svi_broker_urls brokers;
    json_t *broker_options; /* or NULL */
    struct svi_queue_list queues;
};

/* Without a broker in the options: SVI_BAD_USAGE. The caller clears *out in any case. */
bool svi_broker_wish_read(struct svi_broker_wish *out, const struct svi_options *options, struct svi_error *err);
void svi_broker_wish_clear(struct svi_broker_wish *wish);

/* Hides what an option says from those who list processes, wherever it was said. Its text is empty from then on. */
void svi_broker_wish_hide(const struct svi_options *options, enum svi_option option);

/* Reads the URLs that an option names, and hides them. */
bool svi_broker_wish_urls(struct svi_broker_urls *out, const struct svi_options *options, enum svi_option option,
                          struct svi_error *err);

/* Reads an option that is a JSON object, and hides it as well; *out is NULL where it is not given. The caller ends it. */
bool svi_broker_wish_json(json_t **out, const struct svi_options *options, enum svi_option option, struct svi_error *err);

#endif
