/* demo_scene.h - made-up recordings with something to see: noise, a carrier, a broadcast, packets, hops, a data link and a sweep.
 */
#ifndef SVI_HOST_DEMO_SCENE_H
#define SVI_HOST_DEMO_SCENE_H

#include "base/error.h"

#include <linux/limits.h>

/* SigMF, ci16_le; the same bytes each time. */
struct svi_demo_recording {
    char metadata[PATH_MAX], data[PATH_MAX];
};

struct svi_demo_scene {
    struct svi_demo_recording band; /* demo: 2 Msps, 1.5 s, 12 MB */
    struct svi_demo_recording link; /* demo-link: its data link alone, 500 ksps, 0.6 s, 1.2 MB */
};

/* Writes the recordings into a folder, and their names into `out`. */
bool svi_demo_scene_write(const char *folder, struct svi_demo_scene *out, struct svi_error *err);

/* The one that a type of picture shows best. */
const struct svi_demo_recording *svi_demo_scene_for(const struct svi_demo_scene *scene, const char *type);

#endif
