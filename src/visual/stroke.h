/* stroke.h - anti-aliased lines through any number of points, clipped to an area of a canvas. Knows nothing of axes. */
#ifndef SVI_VISUAL_STROKE_H
#define SVI_VISUAL_STROKE_H

#include "base/error.h"
#include "visual/canvas.h"

#include <stddef.h>

/* In pixels of the canvas; (0, 0) is the upper left corner of its first pixel. Not finite: the line breaks here. */
struct svi_point {
    double x, y;
};

struct svi_pen {
    struct svi_color color;
    uint8_t opacity;
    double width; /* pixels */
};

/* Ends and corners are round. No pixel is painted twice, however the line crosses itself. A point between two breaks is a dot. */
bool svi_stroke_draw(struct svi_canvas *canvas, struct svi_rect area, const struct svi_pen *pen, const struct svi_point *points,
                     size_t count, struct svi_error *err);

#endif
