/* dots.h - a plane of counts as pixels: each cell that was hit in its color, and so large that it can be seen. Knows nothing of
 * what was counted. */
#ifndef SVI_VISUAL_DOTS_H
#define SVI_VISUAL_DOTS_H

#include "visual/canvas.h"
#include "visual/color_scale.h"
#include "visual/plot_pixels.h"

struct svi_dots {
    const float *counts; /* [rows][columns], the lowest row first; nothing is drawn where one is not above 0 */
    uint32_t rows, columns;
    const struct svi_color_scale *scale;
    const struct svi_colormap *colors; /* of counts */
    struct svi_color background;
    double unit; /* a pixel at 100 dpi */
};

/* Opaque throughout; the caller frees out->rgba.
 *
 * Cells share the plot's edges out evenly. Dots grow in pixels, as datashader's dynspread has it: by 1, 2 or 3 pixels to each side
 * (at 100 dpi) as long as less than half of the dots touch another one; the greater count lies on top. Where they do not grow, a
 * cell without neighbours within reach still becomes 3 pixels wide. */
bool svi_dots_paint(struct svi_plot_pixels *out, const struct svi_dots *dots, struct svi_rect plot, struct svi_error *err);

#endif
