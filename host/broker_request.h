/* broker_request.h - what every broker writes around a message: where it goes, and a question to the nodes. Knows no sockets. */
#ifndef SVI_HOST_BROKER_REQUEST_H
#define SVI_HOST_BROKER_REQUEST_H

#include "host/celery_message.h"

/* The properties of a message on its way, for the caller to end: those that it has, with delivery_info and a delivery_tag of its
 * own. */
json_t *svi_broker_address(const struct svi_celery_message *message, const char *exchange, const char *key, struct svi_error *err);

/* Says inside the message that someone had it already. */
bool svi_broker_mark_redelivered(struct svi_celery_message *message, struct svi_error *err);
bool svi_broker_is_redelivered(const struct svi_celery_message *message);

/* A call of all nodes, or of one: "celery.pidbox" carries it, and its answers go to reply.celery.pidbox with the key `oid`, each
 * with the ticket. The message is the caller's to clear. */
bool svi_broker_question(struct svi_celery_message *out, const char *method, const json_t *arguments, const char *destination,
                         const char *oid, const char *ticket, double wait_s, struct svi_error *err);

/* Adds to replies what an answer to the ticket says, if it is one. Anything else changes nothing. */
void svi_broker_collect(json_t *replies, const struct svi_celery_message *answer, const char *ticket);

#endif
