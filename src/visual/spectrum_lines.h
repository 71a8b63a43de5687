/* spectrum_lines.h - mean, max-hold and min-hold spectrum as lines of a figure, with the strongest peaks as marks. */
#ifndef SVI_VISUAL_SPECTRUM_LINES_H
#define SVI_VISUAL_SPECTRUM_LINES_H

#include "visual/analysis.h"
#include "visual/peaks.h"

enum { SVI_SPECTRUM_LINES = 3 };

struct svi_spectrum_lines {
    size_t count;                         /* points of each line; a single one is drawn from edge to edge */
    double *frequency_hz;                 /* [count] */
    double *level_db[SVI_SPECTRUM_LINES]; /* [count]: max-hold, mean, min-hold */
    struct svi_figure_line lines[SVI_SPECTRUM_LINES];
    struct svi_figure_mark marks[SVI_MAX_PEAKS];
    char mark_labels[SVI_MAX_PEAKS][64];
    size_t mark_count;
};

/* From an analysis that has run; at most some `pixels` places, so that a million bins draw as fast as a thousand: where several
 * bins fall on a pixel, it shows their highest max-hold, lowest min-hold, and mean power. The lines point into the struct, which
 * must not move; svi_spectrum_lines_clear ends it. */
bool svi_spectrum_lines_make(struct svi_spectrum_lines *out, const struct svi_analysis *analysis, uint32_t pixels,
                             const struct svi_color *halo, struct svi_error *err);
void svi_spectrum_lines_clear(struct svi_spectrum_lines *lines);

#endif
