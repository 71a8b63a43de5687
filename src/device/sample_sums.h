/* sample_sums.h - mean, power and the like of all stored samples of a channel. */
#ifndef SVI_DEVICE_SAMPLE_SUMS_H
#define SVI_DEVICE_SAMPLE_SUMS_H

#include "device/stft.h"

struct svi_sample_sums;

/* Amplitudes at full scale 1. Of integers, sums are exact; floats are first rounded to single precision, then added up with errors
 * below those of doubles. NAN where there is no finite sample, or where squares of floats were too large (see
 * svi_sample_sums_create). */
struct svi_sample_statistics {
    uint64_t finite, not_finite; /* samples */
    uint64_t clipped; /* samples with I or Q at an end of an integer type's range; of floats: with |I| or |Q| at 1 or above */
    double mean_i, mean_q;
    double mean_power;                         /* of I² + Q² */
    double peak;                               /* largest |I| or |Q| */
    double peak_power;                         /* largest I² + Q² */
    double variance_i, variance_q, covariance; /* about the means; a variance below 10^-15 of the power is 0 */
};

struct svi_sample_sums_request {
    uint32_t channel;
    double typical;  /* of floats, an amplitude not far from the larger ones, or 0: squares of amplitudes 10^18 times as large are
                        too  large */
    bool only_count; /* finite and not_finite alone, several times as fast for floats; the others are NAN or meaningless */
};

/* The recording and the device must outlive it. Samples may be real: Q is 0 then. */
bool svi_sample_sums_create(struct svi_sample_sums **out, struct svi_device *device, const struct svi_recording *recording,
                            const struct svi_sample_sums_request *request, struct svi_error *err);
void svi_sample_sums_destroy(struct svi_sample_sums *sums); /* takes NULL */

/* For those who only count: samples that the transform, of the same channel, finds to be finite need not be looked at again. It
 * must be fed before by the same pass. */
void svi_sample_sums_rely_on(struct svi_sample_sums *sums, const struct svi_stft *stft);

struct svi_taker svi_sample_sums_taker(struct svi_sample_sums *sums);

/* Waits for the sums. */
bool svi_sample_sums_read(struct svi_sample_sums *sums, struct svi_sample_statistics *out, struct svi_error *err);

#endif
