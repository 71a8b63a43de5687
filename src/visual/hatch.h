/* hatch.h - what a plot shows where it has nothing to show: neutral diagonal stripes. Knows nothing of figures. */
#ifndef SVI_VISUAL_HATCH_H
#define SVI_VISUAL_HATCH_H

#include "visual/canvas.h"

#include <stdbool.h>
#include <stddef.h>

struct svi_hatch {
    struct svi_color ground, stripe;
    double pitch; /* pixels along a row from stripe to stripe */
    double width; /* of a stripe, along a row */
};

/* True where the alpha of one of these pixels, RGBA, is not 255. */
bool svi_hatch_has_gap(const uint8_t *pixels, size_t count);

/* Paints the pixels of the area whose alpha is 0, and makes them opaque. The stripes of all gaps of an area meet. */
void svi_hatch_gaps(struct svi_canvas *canvas, struct svi_rect area, const struct svi_hatch *hatch);

#endif
