/* coverage.h - how much of each pixel lies inside closed outlines. Knows nothing of fonts or of what is drawn. */
#ifndef SVI_VISUAL_COVERAGE_H
#define SVI_VISUAL_COVERAGE_H

#include "base/error.h"
#include "visual/canvas.h"

/* The area of a canvas that outlines may touch. Coverage is exact: each line adds the signed area between itself and the right
 * edge, and the sum from the left is the share of a pixel that is inside. */
struct svi_coverage {
    struct svi_rect area;
    float *cells; /* height rows of width + 2 */
};

bool svi_coverage_create(struct svi_coverage *out, struct svi_rect area, struct svi_error *err);
void svi_coverage_clear(struct svi_coverage *coverage);

/* Adds one straight piece of a closed outline; canvas coordinates, y down. Outlines are closed by the caller. */
void svi_coverage_line(struct svi_coverage *coverage, double x0, double y0, double x1, double y1);

/* How opaque each pixel of the area is, 0 to 255, row by row. */
void svi_coverage_opacity(const struct svi_coverage *coverage, uint8_t *opacity);

/* Lays the color over what is inside (winding number not zero). */
void svi_coverage_paint(const struct svi_coverage *coverage, struct svi_canvas *canvas, struct svi_color color);

#endif
