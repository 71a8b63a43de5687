/* fosphor.h - how brightly each level of power glows at each frequency: rises while it is hit, decays while it is not, as on the
 * phosphor of an analyzer's screen. The definition is gr-fosphor's; docs/figures.md states it. */
#ifndef SVI_DEVICE_FOSPHOR_H
#define SVI_DEVICE_FOSPHOR_H

#include "device/level_counts.h"

/* Slices by which a screen moves on: counted from the first of the recording, those in gaps too. */
enum { SVI_FOSPHOR_GROUP = 64 };

struct svi_fosphor_request {
    struct svi_level_counts_request levels;
    double rise_slices, decay_slices; /* at least 1: time constants */
};

struct svi_fosphor;

bool svi_fosphor_create(struct svi_fosphor **out, struct svi_device *device, const struct svi_fosphor_request *request,
                        struct svi_error *err);
void svi_fosphor_destroy(struct svi_fosphor *fosphor); /* takes NULL */

struct svi_accumulator svi_fosphor_accumulator(struct svi_fosphor *fosphor);

uint32_t svi_fosphor_columns(const struct svi_fosphor *fosphor);

/* The screen after the last slice, 0 … 1: float [steps][columns], lowest level first, in the caller's memory. Waits. */
bool svi_fosphor_read(struct svi_fosphor *fosphor, float *out, struct svi_error *err);

#endif
