/* iq_statistics.h - statistics of all samples of a channel, for the summary: offset, power, clipping, imbalance. */
#ifndef SVI_VISUAL_IQ_STATISTICS_H
#define SVI_VISUAL_IQ_STATISTICS_H

#include "device/sample_sums.h"
#include "visual/visual.h"

/* From sums to what is written; null where there is nothing to tell. Amplitudes at full scale 1, whatever the units.
 *   samples, not_finite    how many are finite, and are not: the latter enter nothing
 *   dc_offset              means of I and Q
 *   rms_dbfs               10 log10 of the mean of I² + Q²: a full-scale complex exponential reads 0
 *   peak                   the largest |I| or |Q|
 *   crest_factor_db        10 log10 of the largest I² + Q² over their mean
 *   clipped_percent        samples with I or Q at an end of an integer type's range, or at 1 or beyond of floats
 *   gain_imbalance_db      10 log10 (var I / var Q), about the means
 *   phase_imbalance_deg    asin(cov(I, Q) / sqrt(var I var Q)): by how much Q leans towards I
 * The two imbalances are the receiver's where I and Q of the signal itself are alike and independent, as of noise, QPSK, QAM, OFDM,
 * or a tone over whole periods. NULL without memory; the caller ends it with json_decref. */
json_t *svi_iq_statistics(const struct svi_sample_statistics *of);

/* The two imbalances; NAN where there is nothing to tell. */
double svi_iq_gain_imbalance_db(const struct svi_sample_statistics *of);
double svi_iq_phase_imbalance_deg(const struct svi_sample_statistics *of);

/* Warns of silence, of samples that are not finite, and of clipping of integers. */
void svi_iq_statistics_warn(struct svi_run *run, const struct svi_sample_statistics *of);

#endif
