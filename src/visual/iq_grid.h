/* iq_grid.h - which cells of the plane of I and Q a scatterplot shows: as many as fit its pixels, each as wide as high, and where
 * samples are integers, each with as many of their numbers. */
#ifndef SVI_VISUAL_IQ_GRID_H
#define SVI_VISUAL_IQ_GRID_H

#include "capture/datatype.h"
#include "visual/canvas.h"

struct svi_iq_grid {
    uint32_t columns, rows; /* even, 2 … SVI_DENSITY_MOST_CELLS */
    double cell_width;      /* integers: whole, in their numbers; floats: amplitude */
    double number;          /* amplitude of the number 1 of integers; floats: 1 */
    double low;             /* the amplitude at which the cell that begins with 0 begins: half a number below 0 of integers */
};

/* The grid for a plot, whose shorter edge is to reach from -limit to limit at least (amplitude at full scale 1): a little more
 * where cells would not come out in whole pixels or numbers otherwise. limit: above 0. A cell is a pixel wide, or up to three while
 * there are fewer samples than cells, so that what few samples make is seen as more than noise. */
struct svi_iq_grid svi_iq_grid_fit(const struct svi_datatype *datatype, double limit, uint64_t samples, struct svi_rect plot);

/* The amplitude at the edge before cell `cell` of `cells` along an edge, where cells are 2^doublings times as wide. */
double svi_iq_grid_edge(const struct svi_iq_grid *grid, uint32_t cell, uint32_t cells, uint32_t doublings);

#endif
