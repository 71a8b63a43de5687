/* peaks.h - the strongest lines of a spectrum, and the floor that they stand on. Knows only numbers. */
#ifndef SVI_VISUAL_PEAKS_H
#define SVI_VISUAL_PEAKS_H

#include "base/error.h"

#include <stddef.h>

enum { SVI_MAX_PEAKS = 10 };

struct svi_peak {
    double bin;            /* place, between bins where the neighbours say so (parabola through three levels in dB) */
    double power;          /* of the highest bin, linear, as it was given */
    double bandwidth_bins; /* between the points 3 dB below */
};

/* The median: half of the bins lie below. Bins that are NAN do not count; NAN where all are. 0 without memory. */
double svi_noise_floor(const double *power, size_t bins);

/* Peaks at least 10 dB above the floor, strongest first, each a separate hump: fills peaks[SVI_MAX_PEAKS], returns how many. */
size_t svi_peaks_find(const double *power, size_t bins, double floor, struct svi_peak *peaks);

#endif
