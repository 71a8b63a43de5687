/* spectrum.h - mean and max-hold power of each bin over all frames of a transform. */
#ifndef SVI_DEVICE_SPECTRUM_H
#define SVI_DEVICE_SPECTRUM_H

#include "device/stft.h"

struct svi_spectrum;

bool svi_spectrum_create(struct svi_spectrum **out, struct svi_device *device, uint32_t bins, struct svi_error *err);
void svi_spectrum_destroy(struct svi_spectrum *spectrum); /* takes NULL */

struct svi_accumulator svi_spectrum_accumulator(struct svi_spectrum *spectrum);

/* Linear power, unscaled, lowest frequency first: bins values each, in the caller's memory; waits. */
bool svi_spectrum_read(struct svi_spectrum *spectrum, double *mean_power, double *max_power, struct svi_error *err);

#endif
