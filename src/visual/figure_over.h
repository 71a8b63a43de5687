/* figure_over.h - what lies over the plot area of a figure: grid, boxes and marks with their labels, the legend. Placed by
 * figure_over.c and figure_legend.c, painted by figure_over_draw.c. For them, figure_layout.c and figure.c alone. */
#ifndef SVI_VISUAL_FIGURE_OVER_H
#define SVI_VISUAL_FIGURE_OVER_H

#include "visual/figure.h"
#include "visual/figure_layout.h"
#include "visual/figure_sizes.h"
#include "visual/stroke.h"

/* From values of the figure's axes to pixels of its canvas. */
struct svi_plane {
    struct svi_edge_scale x, y;
    struct svi_rect plot;
};

struct svi_plane svi_plane_of(const struct svi_figure *figure, struct svi_rect plot);

/* NAN where an axis has no place for the value. */
struct svi_point svi_plane_at(const struct svi_plane *plane, double x, double y);

/* Where the lines and marks of a figure run, roughly: a grid of cells over the plot area. */
enum { SVI_BUSY_EDGE = 128 };
struct svi_busy {
    struct svi_rect plot;
    uint8_t cells[SVI_BUSY_EDGE][SVI_BUSY_EDGE];
};

void svi_busy_fill(struct svi_busy *busy, const struct svi_figure *figure, const struct svi_plane *plane);
/* The share of a rectangle's cells that something runs through. */
double svi_busy_share(const struct svi_busy *busy, struct svi_rect rect);

/* Fills the layout's lists of what lies over the plot, which ticks have been found for. */
void svi_figure_over_place(struct svi_figure_layout *layout, const struct svi_figure *figure, const struct svi_figure_sizes *sizes,
                           const struct svi_axis *x, const struct svi_axis *y);

/* The legend, in the corner where the least is; none where there are no names, or where it would cover too much. */
void svi_figure_legend_place(struct svi_figure_layout *layout, const struct svi_figure *figure,
                             const struct svi_figure_sizes *sizes, const struct svi_busy *busy);

/* A text whose pen stands at (x, y), on a plate that reaches `rim` pixels beyond its letters. */
struct svi_over_text svi_over_text_at(const char *text, double size_px, int x, int y, int rim);

bool svi_figure_over_draw(struct svi_canvas *canvas, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                          struct svi_error *err);

#endif
