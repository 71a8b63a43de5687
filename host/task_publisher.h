/* task_publisher.h - puts tasks into a queue as the platform's web application does. Knows no platform. */
#ifndef SVI_HOST_TASK_PUBLISHER_H
#define SVI_HOST_TASK_PUBLISHER_H

#include "host/broker_wish.h"

#include <stdint.h>

struct svi_task_publisher;

/* Connects with the first task. The wish must live on; its first queue is published to. */
bool svi_task_publisher_open(struct svi_task_publisher **out, const struct svi_broker_wish *wish, struct svi_error *err);
void svi_task_publisher_close(struct svi_task_publisher *publisher); /* takes NULL */

/* Queues the job; a connection that has died meanwhile is replaced. again: it may have been queued before, so whoever takes it
 * looks first at what has become of it. SVI_UNREACHABLE: none of the brokers can be reached; the job may be queued all the same. */
bool svi_task_publisher_put(struct svi_task_publisher *publisher, int64_t job, const char *token, bool again,
                            struct svi_error *err);

#endif
