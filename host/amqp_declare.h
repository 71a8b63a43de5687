/* amqp_declare.h - the exchanges and queues of Celery, declared as Celery does, but without insisting: what is there already, made
 * otherwise by someone who had reasons, is used as it is. Knows no messages. */
#ifndef SVI_HOST_AMQP_DECLARE_H
#define SVI_HOST_AMQP_DECLARE_H

#include "host/amqp_link.h"

/* Each of these works on a channel of its own, which it opens; a refusal closes that one alone. */
enum { SVI_AMQP_DECLARE_CHANNEL = 7 };

/* For events, remote control and answers. */
bool svi_amqp_declare_exchanges(struct svi_amqp_link *link, struct svi_error *err);

/* A queue of tasks, with the exchange of its name. */
bool svi_amqp_declare_tasks(struct svi_amqp_link *link, const char *queue, struct svi_error *err);

/* How a queue that lives as long as its listener is declared. */
enum svi_amqp_owner { SVI_AMQP_SHARED, SVI_AMQP_EXCLUSIVE };

/* The queue of a node's remote control. Refused: SVI_BAD_ANSWER. */
bool svi_amqp_declare_pidbox(struct svi_amqp_link *link, const char *queue, enum svi_amqp_owner owner, struct svi_error *err);

/* The queue for answers to questions of ours. */
bool svi_amqp_declare_answers(struct svi_amqp_link *link, const char *queue, const char *key, struct svi_error *err);

/* How many messages wait in a queue; 0 where there is none. */
bool svi_amqp_count(struct svi_amqp_link *link, const char *queue, uint64_t *count, struct svi_error *err);

#endif
