/* amqp_link.h - one connection to an AMQP broker: TLS, login, heartbeats, frames put together to messages. Knows no queues.
 *
 * Calls block for a few seconds at most. SVI_UNREACHABLE: the connection is broken; all that may follow is the close. */
#ifndef SVI_HOST_AMQP_LINK_H
#define SVI_HOST_AMQP_LINK_H

#include "host/amqp_table.h"
#include "host/broker_url.h"

enum { SVI_AMQP_CHANNELS = 8 }; /* 1 to 7 can be opened */

struct svi_amqp_link;

/* `name` is shown by the broker's own tools. Not reached: SVI_UNREACHABLE; wrong credentials, no such virtual host, a certificate
 * that is not trusted, another protocol: SVI_BAD_USAGE. */
bool svi_amqp_link_open(struct svi_amqp_link **out, const struct svi_broker_url *url, const char *name, struct svi_error *err);
void svi_amqp_link_close(struct svi_amqp_link *link); /* takes NULL */

/* For librabbitmq's calls, each of which is followed by svi_amqp_link_check. */
amqp_connection_state_t svi_amqp_link_state(struct svi_amqp_link *link);

/* Opens a channel, unless it is open. */
bool svi_amqp_channel_open(struct svi_amqp_link *link, amqp_channel_t channel, struct svi_error *err);
bool svi_amqp_channel_is_open(const struct svi_amqp_link *link, amqp_channel_t channel);

/* What became of the latest synchronous call on a channel. The broker refused it: SVI_BAD_ANSWER, *code is its number, and the
 * channel is closed. `what` completes "The broker refuses to …". */
bool svi_amqp_link_check(struct svi_amqp_link *link, amqp_channel_t channel, const char *what, int *code, struct svi_error *err);

/* The same for what an asynchronous call returned. */
bool svi_amqp_link_sent(struct svi_amqp_link *link, int status, struct svi_error *err);

/* A message as it came. */
struct svi_amqp_delivery {
    uint64_t tag;
    bool redelivered;
    bool broken; /* `why` says in which way; the message is empty then, but for its delivery */
    char why[200];
    char consumer[256], exchange[256], key[256];
    struct svi_celery_message message;
    struct svi_amqp_delivery *next;
};
void svi_amqp_delivery_free(struct svi_amqp_delivery *delivery); /* takes NULL */

/* Says that a message follows on the channel, to whose get the broker answered. */
void svi_amqp_link_got(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_basic_get_ok_t *got);

/* Reads what has come, and lets heartbeats go. Where nothing is complete yet, it waits until something is, or until_s has come (in
 * terms of svi_now_s), or wake_fd can be read (-1: none). A channel that the broker closed by itself is closed after it. */
bool svi_amqp_link_listen(struct svi_amqp_link *link, double until_s, int wake_fd, struct svi_error *err);

/* The next message that came on a channel, for the caller to free; NULL: none is complete. */
struct svi_amqp_delivery *svi_amqp_link_take(struct svi_amqp_link *link, amqp_channel_t channel);

/* True while the broker is short of memory or disk and reads nothing that is published. */
bool svi_amqp_link_blocked(const struct svi_amqp_link *link);

/* Opens a channel on which the broker confirms what is published, unless it is open. */
bool svi_amqp_confirm_open(struct svi_amqp_link *link, amqp_channel_t channel, struct svi_error *err);

/* How many messages the broker has confirmed on that channel since it was opened; how many of them it had no queue for, or refused.
 */
void svi_amqp_link_confirmed(const struct svi_amqp_link *link, uint64_t *settled, uint64_t *refused);

#endif
