/* ring.h - the way of samples to a device with memory of its own: a few pinned buffers in turn, filled by the host, uploaded by a
 * queue beside the one that computes. While one block is computed with, the next is under way and the host fills a third.
 *
 * Knows nothing of recordings. The host waits only where it has gone once around the ring. */
#ifndef SVI_DEVICE_RING_H
#define SVI_DEVICE_RING_H

#include "device/opencl.h"

enum { SVI_RING_SLOTS = 3 };

struct svi_ring;

bool svi_ring_create(struct svi_ring **out, struct svi_device *device, struct svi_error *err);
void svi_ring_destroy(struct svi_ring *ring); /* takes NULL; waits for the device */

/* Room for a next block in pinned memory, to be filled and sent. It waits until the block that had it is on the device. */
bool svi_ring_next(struct svi_ring *ring, size_t bytes, void **room, struct svi_error *err);

/* Uploads what was filled in: *memory holds it for commands that are enqueued with the device from now on until the next send, and
 * for them alone. */
bool svi_ring_send(struct svi_ring *ring, size_t bytes, cl_mem *memory, struct svi_error *err);

#endif
