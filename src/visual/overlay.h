/* overlay.h - what lies over a picture of power over time and frequency: the boxes of annotations, and a line with the new center
 * frequency wherever the recording was tuned anew. */
#ifndef SVI_VISUAL_OVERLAY_H
#define SVI_VISUAL_OVERLAY_H

#include "visual/band.h"
#include "visual/figure.h"
#include "visual/visual.h"

enum { SVI_OVERLAY_MAX_BOXES = 200, SVI_OVERLAY_MAX_BREAKS = 200 };

struct svi_overlay {
    size_t box_count;
    struct svi_figure_box boxes[SVI_OVERLAY_MAX_BOXES];
    size_t drawn, outside, left_out; /* annotations: with a box; not in the part or the band that is shown; too many */

    size_t break_count;
    struct svi_figure_line lines[SVI_OVERLAY_MAX_BREAKS];
    struct svi_figure_mark marks[SVI_OVERLAY_MAX_BREAKS];
    char labels[SVI_OVERLAY_MAX_BREAKS][32]; /* "→ 915 MHz" */
    double at[SVI_OVERLAY_MAX_BREAKS][2];    /* the break's time, at both ends of its line */
    double edges_hz[2];
    struct svi_color halo;
};

/* zero_s: the value of the time axis at the first sample that is shown. Annotations only where annotations=true. The overlay points
 * into itself and must not move; the labels of boxes are the recording's. */
void svi_overlay_make(struct svi_overlay *out, struct svi_run *run, const struct svi_band *band, bool time_on_x, double zero_s);

/* Puts it over a figure. */
void svi_overlay_lay(const struct svi_overlay *overlay, struct svi_figure *figure);

/* Adds "annotations" to run->image, where they were asked for. */
void svi_overlay_summarize(const struct svi_overlay *overlay, struct svi_run *run);

#endif
