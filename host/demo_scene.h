/* demo_scene.h - a made-up recording with something to see: noise, a carrier, a broadcast, packets, hops and a sweep. */
#ifndef SVI_HOST_DEMO_SCENE_H
#define SVI_HOST_DEMO_SCENE_H

#include "base/error.h"

#include <linux/limits.h>

/* Writes a SigMF recording (ci16_le, 2 Msps, 1.5 s, 12 MB; the same bytes each time) into a folder, and the names of its two files.
 */
bool svi_demo_scene_write(const char *folder, char metadata[PATH_MAX], char data[PATH_MAX], struct svi_error *err);

#endif
