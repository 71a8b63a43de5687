/* figure_layout.h - a figure as lists of boxes and texts with their places: made by figure_layout.c, painted by figure.c, checked
 * by the tests. For them alone; visualizations include figure.h. */
#ifndef SVI_VISUAL_FIGURE_LAYOUT_H
#define SVI_VISUAL_FIGURE_LAYOUT_H

#include "visual/axis.h"
#include "visual/figure.h"
#include "visual/text.h"

/* What may be left out of a picture that is too small for it, the first one first. */
enum svi_figure_part {
    SVI_PART_FOOTER,
    SVI_PART_TITLE,
    SVI_PART_MINOR_TICKS,
    SVI_PART_LABELS,
    SVI_PART_BAR,
    SVI_PART_TICKS,
    SVI_PART_FRAME,
    SVI_PART_COUNT
};

struct svi_placed_box {
    struct svi_rect where;
    enum svi_ink ink;
};

struct svi_placed_text {
    struct svi_rect touches; /* the pixels that the letters touch */
    int x, y;                /* pen position */
    enum svi_text_direction direction;
    enum svi_ink ink;
    double size_px;
    char text[512];
};

enum {
    SVI_LAYOUT_MAX_TEXTS = 3 * SVI_AXIS_MAX_TICKS + 8,
    SVI_LAYOUT_MAX_BOXES = 3 * (SVI_AXIS_MAX_TICKS + SVI_AXIS_MAX_MINOR) + 16,
};

struct svi_figure_layout {
    uint32_t width, height; /* of the whole picture */
    struct svi_rect plot;
    struct svi_rect bar; /* the gradient; empty: none */
    int left_out;        /* so many parts, from the first one on, are left out */
    size_t text_count, box_count;
    struct svi_placed_text texts[SVI_LAYOUT_MAX_TEXTS];
    struct svi_placed_box boxes[SVI_LAYOUT_MAX_BOXES];
};

#endif
