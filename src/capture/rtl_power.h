/* rtl_power.h - the bytes of a table of rtl_power (or hackrf_sweep) -> rows of sweeps. Opens no file; sweeps.c does.
 *
 * A line is a piece of a row: date, time, lowest Hz, highest Hz, step in Hz, number of samples, levels in dB. Pieces of one time
 * make one row, until the piece comes again that it began with. A piece has (highest - lowest) / step bins; rtl_power writes the
 * last one twice, and what is beyond that number is left out. */
#ifndef SVI_CAPTURE_RTL_POWER_H
#define SVI_CAPTURE_RTL_POWER_H

#include "capture/sweeps.h"

/* True where the first line looks like it. */
bool svi_rtl_power_probe(struct svi_bytes file);

/* Adds the file's rows. Messages name the label and the line. */
bool svi_rtl_power_parse(struct svi_sweeps *out, struct svi_bytes file, const char *label, struct svi_error *err);

#endif
