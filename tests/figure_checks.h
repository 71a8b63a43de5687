/* figure_checks.h - what holds of every layout of a figure: nothing overlaps, nothing leaves the picture, parts go in order. */
#ifndef SVI_TESTS_FIGURE_CHECKS_H
#define SVI_TESTS_FIGURE_CHECKS_H

#include "visual/figure_layout.h"

#include <stdbool.h>

/* Names the figure in what a failed check says; of tests that make many. */
extern unsigned checked_figure;

/* Fails the test where there is none. The caller ends it. */
struct svi_figure_layout *layout_of(const struct svi_figure *figure);

bool is_inside(struct svi_rect outer, struct svi_rect inner);
bool are_apart(struct svi_rect a, struct svi_rect b);

/* Plot, bar, lines and texts beside the plot: all in the picture, none touches another. */
void check_beside_plot(const struct svi_figure_layout *layout);

/* Grid, boxes, marks, labels and legend: all in the plot, no text touches another or a mark. */
void check_over_plot(const struct svi_figure_layout *layout);

/* What stands later in enum svi_figure_part is left out only with all that stands before it. */
void check_order(const struct svi_figure *figure, const struct svi_figure_layout *layout);

#endif
