/* hatch.h - what a plot shows where it has nothing to show: neutral diagonal stripes. Knows nothing of figures. */
#ifndef SVI_VISUAL_HATCH_H
#define SVI_VISUAL_HATCH_H

#include "visual/canvas.h"

struct svi_hatch {
    struct svi_color ground, stripe;
    double pitch; /* pixels along a row from stripe to stripe */
    double width; /* of a stripe, along a row */
};

/* Paints the pixels of the area whose alpha is 0, and makes them opaque. The stripes of all gaps of an area meet. */
void svi_hatch_gaps(struct svi_canvas *canvas, struct svi_rect area, const struct svi_hatch *hatch);

#endif
