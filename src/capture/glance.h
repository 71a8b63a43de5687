/* glance.h - a first look at a recording: how far its amplitudes reach, told from samples spread evenly over it. What needs all
 * samples is no business of this. */
#ifndef SVI_CAPTURE_GLANCE_H
#define SVI_CAPTURE_GLANCE_H

#include "capture/capture.h"

/* Recordings up to this length are looked at whole; of longer ones so many samples are looked at, in runs that lie evenly. */
enum { SVI_GLANCE_RUNS = 256, SVI_GLANCE_RUN_SAMPLES = 512, SVI_GLANCE_SAMPLES = SVI_GLANCE_RUNS * SVI_GLANCE_RUN_SAMPLES };

struct svi_glance {
    uint64_t samples; /* looked at and finite in single precision, as devices read them; those in gaps are not looked at */
    double peak;      /* the largest |I| or |Q| of them, amplitude at full scale 1 */
    double usual;     /* of |I| and of |Q| of 99.9 % of them, the larger one, at most 2^-8 of it too large */
};

/* Views of the capture that were taken before are no longer valid. */
bool svi_glance(struct svi_glance *out, struct svi_capture *capture, uint32_t channel, struct svi_error *err);

#endif
