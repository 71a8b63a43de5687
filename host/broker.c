#include "host/broker.h"

const struct svi_broker_class *svi_broker_class_of(const struct svi_broker_url *url)
{
    switch (url->transport) {
    case SVI_BROKER_REDIS:
        return &svi_broker_redis;
    case SVI_BROKER_AMQP:
        return &svi_broker_amqp;
    case SVI_BROKER_FOLDER:
        break;
    }
    return &svi_broker_folder;
}
