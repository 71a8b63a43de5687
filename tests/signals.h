/* signals.h - signals whose answers are known on paper, as numbers and as SigMF recordings. Part of tests only.
 *
 * A sample is computed from its number alone, so any part of a signal can be made at any time, and always comes out the same.
 * Amplitude 1 is full scale: a complex exponential of 0 dBFS has the magnitude 1, and real datatypes store the real part. */
#ifndef SVI_TESTS_SIGNALS_H
#define SVI_TESTS_SIGNALS_H

#include "base/error.h"
#include "capture/datatype.h"

#include <complex.h>
#include <stdint.h>

/* A complex exponential: amplitude 10^(level_dbfs / 20), phase 0 at sample 0. */
struct signal_tone {
    double frequency_hz, level_dbfs;
};

/* What is left zero is left out. The parts add up. */
struct signal {
    double sample_rate_hz;
    uint64_t sample_count;

    const struct signal_tone *tones;
    size_t tone_count;
    double channel_step_hz; /* channel c has its tones at frequency_hz + c * channel_step_hz */

    double noise_power; /* mean of |noise|^2, white over the whole band; see signal_noise_power. Differs from channel to channel */
    uint64_t seed;

    /* A tone that moves evenly from from_hz at the first sample to to_hz at the last. Left out where both are equal. */
    struct {
        double from_hz, to_hz, level_dbfs;
    } chirp;

    /* A tone that is there for sample_count samples. */
    struct {
        uint64_t first_sample, sample_count;
        double frequency_hz, level_dbfs;
    } burst;
};

/* The noise_power of white noise of this density. */
double signal_noise_power(double density_dbfs_hz, double sample_rate_hz);

double complex signal_sample(const struct signal *signal, unsigned channel, uint64_t i);

/* Stores a sample as the datatype says: svi_datatype_bytes() bytes. Integers are rounded, and clipped at the ends of their range.
 */
void signal_encode(void *into, const struct svi_datatype *datatype, double complex sample);

/* Reads it back; a real datatype has the imaginary part 0. */
double complex signal_decode(const void *from, const struct svi_datatype *datatype);

/* Writes FOLDER/NAME.sigmf-meta and FOLDER/NAME.sigmf-data. `captures`: the JSON text of the array "captures"; NULL: one at
 * sample 0 without a frequency. The folder must exist. */
bool signal_write_sigmf(const char *folder, const char *name, const struct signal *signal, const struct svi_datatype *datatype,
                        unsigned channels, const char *captures, struct svi_error *err);

#endif
