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

/* A text over the plot, on a plate that keeps it legible. */
struct svi_over_text {
    struct svi_rect plate; /* empty: it stands on another one */
    struct svi_placed_text text;
};

/* A triangle from its tip to its base. */
struct svi_placed_mark {
    size_t index; /* of the figure's mark */
    double x, tip, base, half;
    struct svi_rect touches;
};

/* A piece of line in the legend. */
struct svi_swatch {
    int left, right;
    double middle;
    size_t line; /* of the figure */
};

enum {
    SVI_LAYOUT_MAX_LEGEND = 16,
    SVI_LAYOUT_MAX_MARKS = 64,
    SVI_LAYOUT_MAX_OUTLINES = 200,
    SVI_LAYOUT_MAX_OVER = SVI_LAYOUT_MAX_LEGEND + SVI_LAYOUT_MAX_MARKS + SVI_LAYOUT_MAX_OUTLINES,
    SVI_LAYOUT_MAX_TEXTS = 3 * SVI_AXIS_MAX_TICKS + 8,
    SVI_LAYOUT_MAX_BOXES = 3 * (SVI_AXIS_MAX_TICKS + SVI_AXIS_MAX_MINOR) + 16,
};

struct svi_figure_layout {
    uint32_t width, height; /* of the whole picture */
    struct svi_rect plot;
    struct svi_rect bar;                     /* the gradient; empty: none */
    int spare_left, spare_top, spare_bottom; /* what a square plot left of its room; the footer is below all */
    int left_out;                            /* so many parts, from the first one on, are left out */
    size_t text_count, box_count, grid_count, outline_count, mark_count, swatch_count, over_count, boxes_left_out;
    struct svi_rect legend; /* empty: none */

    /* Of each list as much as is counted; these are never cleared. */
    struct svi_placed_text texts[SVI_LAYOUT_MAX_TEXTS];
    struct svi_placed_box boxes[SVI_LAYOUT_MAX_BOXES];
    /* Over the plot, the lowest first. */
    struct svi_rect grid[2 * SVI_AXIS_MAX_TICKS];
    struct svi_rect outlines[SVI_LAYOUT_MAX_OUTLINES];
    struct svi_placed_mark marks[SVI_LAYOUT_MAX_MARKS];
    struct svi_swatch swatches[SVI_LAYOUT_MAX_LEGEND];
    struct svi_over_text over[SVI_LAYOUT_MAX_OVER];
};

#endif
