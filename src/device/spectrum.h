/* spectrum.h - mean, max-hold and min-hold power of each bin over all frames of a transform. */
#ifndef SVI_DEVICE_SPECTRUM_H
#define SVI_DEVICE_SPECTRUM_H

#include "device/stft.h"

struct svi_spectrum;

bool svi_spectrum_create(struct svi_spectrum **out, struct svi_device *device, uint32_t bins, struct svi_error *err);
void svi_spectrum_destroy(struct svi_spectrum *spectrum); /* takes NULL */

struct svi_accumulator svi_spectrum_accumulator(struct svi_spectrum *spectrum);

/* After svi_spectrum_read: frames that were added, which touch no gap and whose power is finite; and those that touch no gap, but
 * whose power is not finite. */
uint64_t svi_spectrum_frames(const struct svi_spectrum *spectrum);
uint64_t svi_spectrum_lost(const struct svi_spectrum *spectrum);

/* Linear power, unscaled, lowest frequency first: `bins` values each. */
struct svi_spectrum_power {
    double *mean, *max, *min;
};

/* Waits for the sums. The caller ends the values with svi_spectrum_power_clear. */
bool svi_spectrum_read(struct svi_spectrum *spectrum, struct svi_spectrum_power *out, struct svi_error *err);
void svi_spectrum_power_clear(struct svi_spectrum_power *power);

#endif
