/* queue_mark.h - a place in a device's queue: all that was enqueued before it can be waited for. */
#ifndef SVI_DEVICE_QUEUE_MARK_H
#define SVI_DEVICE_QUEUE_MARK_H

#include "device/opencl.h"

/* Zeroed: nowhere. */
struct svi_queue_mark {
    cl_event reached;
};

/* Puts it behind all that is enqueued so far, and lets the device begin with that. Wherever it was before is forgotten. */
bool svi_queue_mark_set(struct svi_queue_mark *mark, struct svi_device *device, struct svi_error *err);

/* Returns when the device has reached it, at once where it is nowhere. It is nowhere then. Fails where a command before it did. */
bool svi_queue_mark_wait(struct svi_queue_mark *mark, struct svi_error *err);

void svi_queue_mark_clear(struct svi_queue_mark *mark); /* does not wait */

#endif
