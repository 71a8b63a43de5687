/* figure_sizes.h - how large text, lines and gaps of a figure are. For the files that lay it out and paint it. */
#ifndef SVI_VISUAL_FIGURE_SIZES_H
#define SVI_VISUAL_FIGURE_SIZES_H

#include "visual/figure.h"

/* Sizes of everything, in pixels. */
struct svi_figure_sizes {
    double title, label, tick_label, footer; /* of text */
    int line, tick, minor_tick;
    int pad;   /* free at the edges of the picture */
    int gap;   /* between two rows of text */
    int close; /* between a tick and its label */
    int bar, bar_gap;
    double unit; /* a pixel at 100 dpi */
};

/* At 100 dpi and 640 × 480 or more everything has its full size; down to 200 × 150 text shrinks to three quarters. */
struct svi_figure_sizes svi_figure_sizes_for(const struct svi_figure *figure);

#endif
