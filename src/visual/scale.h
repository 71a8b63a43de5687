/* scale.h - what a level in dB is relative to: from |X|² of a windowed transform to power in the unit of the color bar. */
#ifndef SVI_VISUAL_SCALE_H
#define SVI_VISUAL_SCALE_H

#include "visual/visual.h"
#include "visual/window.h"

struct svi_scale {
    const char *label; /* "Power" */
    const char *unit;  /* "dBFS" */
    double gain;       /* |X|² times this is power in the unit, linear */
    double least;      /* the least power in the unit that is told from nothing, linear */
};

/* From the parameters units and calibration.
 *   dbfs     a full-scale complex exponential in the middle of a bin reads 0: |X|² / (Σw)² (SciPy's scaling "spectrum")
 *   dbfs_hz  white noise reads its density: |X|² / (rate Σw²) (SciPy's "density")
 *   dbm      dbfs, plus the level in dBm of full scale, which the parameter calibration gives; without it SVI_BAD_PARAMETER
 *   compat   |X|² of the numbers as stored, as the platform has it */
bool svi_scale_of(struct svi_scale *out, const struct svi_run *run, const struct svi_window_gain *window, struct svi_error *err);

/* True where the platform's own formula and conventions are asked for: raw numbers, nothing scaled, both sides of real signals. */
bool svi_run_compat(const struct svi_run *run);

/* 10 log10 of unscaled power in the unit; NAN of NAN. */
double svi_scale_db(const struct svi_scale *scale, double power);

#endif
