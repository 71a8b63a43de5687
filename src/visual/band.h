/* band.h - which bins of a transform are shown, and at which frequencies they lie. */
#ifndef SVI_VISUAL_BAND_H
#define SVI_VISUAL_BAND_H

#include "visual/visual.h"

struct svi_band {
    bool one_sided;                /* real samples: bins 0 … rate / 2 */
    size_t tunings;                /* runs of segments with one center frequency; where there are several, none is on the axis */
    bool radio;                    /* frequencies are radio frequencies, not distances from an unknown center */
    uint32_t bins;                 /* of the transform */
    uint32_t first_bin, bin_count; /* those that are shown */
    double bin_hz;                 /* from one bin to the next */
    double middle;                 /* where in its pixels a bin's frequency lies, in bins: 0.5, or 0 with units=compat */
    double low_hz, high_hz;        /* outer edges of what is shown */
};

/* From fftSize, units, frequencyAxis, minFrequency and maxFrequency. Pixels are centered on a bin's frequency; with units=compat
 * they begin there, as on the platform, and both sides of real signals are shown. A band outside the recording's is
 * SVI_BAD_PARAMETER. */
bool svi_band_of(struct svi_band *out, const struct svi_run *run, struct svi_error *err);

/* Cuts a band to what minFrequency and maxFrequency ask for: every bin that lies in it at least in part. */
bool svi_band_zoom(struct svi_band *band, const struct svi_run *run, struct svi_error *err);

/* The frequency of a bin of the transform, counted from its first. */
double svi_band_hz(const struct svi_band *band, double bin);

#endif
