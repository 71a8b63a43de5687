/* moment.h - points of time as whole numbers, so that a sample's own is exact however far the recording is from 1970. */
#ifndef SVI_CAPTURE_MOMENT_H
#define SVI_CAPTURE_MOMENT_H

#include "capture/utc.h"

#include <stdint.h>

/* Whole seconds since 1970, and attoseconds (10^-18 s) of the next one. A text's 18 digits fit. */
struct svi_moment {
    int64_t second;
    uint64_t attosecond;
};

/* Samples a second: numerator / denominator, neither 0. */
struct svi_rate {
    uint64_t numerator, denominator;
};

/* A double is a fraction, and this is it. Below 1 mHz its last bits are lost; what is below 1 nHz or above 1 EHz is taken for that.
 */
struct svi_rate svi_rate_of(double rate_hz);

/* Reads what svi_utc_read wrote. "" is no moment: false. */
bool svi_moment_read(struct svi_moment *out, const char *utc);

/* The moment so many samples (below 2^63) later, cut to attoseconds; false where no calendar has it. */
bool svi_moment_after(struct svi_moment *out, struct svi_moment from, uint64_t samples, struct svi_rate rate);

/* "2014-03-09T12:30:30.015000+00:00": ISO 8601 to the nearest microsecond, as Python has it. */
void svi_moment_write(char into[SVI_UTC_TEXT], struct svi_moment moment);

/* "2014-03-09T12:30:30", the whole seconds. */
void svi_moment_write_seconds(char into[SVI_UTC_TEXT], struct svi_moment moment);

#endif
