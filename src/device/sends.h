/* sends.h - small writes to a device for which nobody waits: the copies that they are made from, kept until they have arrived. The
 * verb is svi_mem_send (opencl.h). */
#ifndef SVI_DEVICE_SENDS_H
#define SVI_DEVICE_SENDS_H

#include "device/opencl.h"

struct svi_sends;

bool svi_sends_create(struct svi_sends **out, struct svi_error *err);
void svi_sends_destroy(struct svi_sends *sends); /* takes NULL; waits for what is under way */

#endif
