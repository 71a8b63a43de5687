/* health.h - a recording's health card: what all samples of a channel say of how it was recorded. Draws nothing. */
#ifndef SVI_VISUAL_HEALTH_H
#define SVI_VISUAL_HEALTH_H

#include "base/json.h"
#include "capture/plausibility.h"
#include "device/sample_sums.h"

enum { SVI_HEALTH_MAP = 64 };

struct svi_health {
    unsigned channel;
    struct svi_sample_statistics statistics;
    struct svi_plausibility plausibility;
    /* The recording in parts of equal length: '#' is stored, '.' is gap, '-' is some of both. */
    char gap_map[SVI_HEALTH_MAP + 1];
};

/* Reads all samples. SVI_BAD_PARAMETER where there is no such channel. */
bool svi_health_measure(struct svi_health *out, struct svi_device *device, struct svi_capture *capture, double channel,
                        struct svi_error *err);

/* 10 log10 of a power, or of an amplitude's square; NAN where there is none. */
double svi_health_db(double power);

/* What iq_statistics.h writes, peak_dbfs, not_finite_percent, gap_map, plausibility. NULL without memory. */
json_t *svi_health_about(const struct svi_health *health);

#endif
