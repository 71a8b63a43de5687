/* slice_file.h - a waterfall as data: TYPE_slices.json, an array with a record for each slice, as the platform's own slices are
 * (docs/figures.md). Written slice by slice while the pass goes on, so that a recording of any length needs no memory for it. */
#ifndef SVI_VISUAL_SLICE_FILE_H
#define SVI_VISUAL_SLICE_FILE_H

#include "visual/visual.h"

struct svi_slice_file;

/* A recording without a slice that touches no gap is SVI_BAD_RECORDING. To be asked before anything has joined the run's plan. */
bool svi_slice_file_check(const struct svi_run *run, struct svi_error *err);

/* By fftSize, sliceUnits, maxSlices, calibration, units and channel; joins the run's plan. The recording was checked. */
bool svi_slice_file_begin(struct svi_slice_file **out, struct svi_run *run, struct svi_error *err);

/* After the pass: the file appears, is listed, and run->slices tells of it. */
bool svi_slice_file_finish(struct svi_slice_file *file, struct svi_error *err);

/* Takes NULL. What is not finished is removed. */
void svi_slice_file_end(struct svi_slice_file *file);

#endif
