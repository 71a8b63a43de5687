/* queue_feeder.h - a thread that queues what is submitted to an embedded platform on a broker, for workers on any machine. */
#ifndef SVI_HOST_QUEUE_FEEDER_H
#define SVI_HOST_QUEUE_FEEDER_H

#include "host/broker_wish.h"
#include "host/platform_server.h"

struct svi_queue_feeder;

/* A broker that is not there is tried again for ever; jobs wait in the platform meanwhile. The wish must live on. */
bool svi_queue_feeder_start(struct svi_queue_feeder **out, struct svi_platform *platform, const struct svi_broker_wish *wish,
                            struct svi_error *err);

/* Has the platform offer no more jobs. Takes NULL. */
void svi_queue_feeder_stop(struct svi_queue_feeder *feeder);

#endif
