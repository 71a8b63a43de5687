/* sweep_analysis.h - an analysis (see analysis.h) that is not made of samples, but of spectra that somebody measured before: band,
 * scale, mean, max-hold and min-hold over the rows that are shown.
 *
 * Rows with different bins meet on one grid of bins as wide as the narrowest. A row's bin stands in all bins of the grid whose
 * middle lies in it, or in the one that it lies in. Bins of the grid that no row has are NAN. */
#ifndef SVI_VISUAL_SWEEP_ANALYSIS_H
#define SVI_VISUAL_SWEEP_ANALYSIS_H

#include "visual/analysis.h"
#include "visual/persistence.h"

/* From run->sweeps and the parameters start, duration, minFrequency, maxFrequency, units and calibration. Parameters of samples
 * that were given are warned of. SVI_BAD_PARAMETER where a unit cannot be shown, or nothing is left to show. Ended by
 * svi_analysis_end. */
bool svi_sweep_analysis_begin(struct svi_analysis *out, struct svi_run *run, struct svi_error *err);

/* Cells [begin, end) of `count` evenly spaced ones. */
struct svi_sweep_cells {
    size_t begin, end;
};

/* Those whose middles lie in [from, to), else the one that holds its middle; none outside of the grid, which begins at `low`. */
struct svi_sweep_cells svi_sweep_cells_of(double low, double step, size_t count, double from, double to);

/* The cells of a row's bin. */
struct svi_sweep_cells svi_sweep_cells_of_bin(double low_hz, double step_hz, size_t count, const struct svi_sweep *row, size_t bin);

/* A persistence spectrum of the rows: begun, fed and finished. Percent are those of the rows that have a level there. */
bool svi_sweep_persistence(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns, struct svi_error *err);

#endif
