/* plan.h - what all pictures of one job want of the recording: one pass over it feeds them all, and a transform that several
 * of them ask for alike is made once. */
#ifndef SVI_VISUAL_PLAN_H
#define SVI_VISUAL_PLAN_H

#include "device/sample_sums.h"
#include "device/spectrum.h"
#include "device/stft.h"

struct svi_plan;

/* A transform and the spectrum that it feeds; both are the plan's. */
struct svi_planned_stft {
    struct svi_stft *stft;
    struct svi_spectrum *spectrum;
};

/* The device and the capture must outlive it. */
bool svi_plan_create(struct svi_plan **out, struct svi_device *device, struct svi_capture *capture, struct svi_error *err);
void svi_plan_destroy(struct svi_plan *plan); /* takes NULL */

/* Adds whoever makes something of samples; it must outlive the pass. */
bool svi_plan_take(struct svi_plan *plan, struct svi_taker taker, struct svi_error *err);

/* The transform of this request, made where no one asked for the same before. The window is copied. */
bool svi_plan_stft(struct svi_plan *plan, const struct svi_stft_request *request, struct svi_planned_stft *out,
                   struct svi_error *err);

/* How many samples of a channel are finite (svi_sample_sums_request.only_count), counted once for all who ask. */
bool svi_plan_count(struct svi_plan *plan, uint32_t channel, struct svi_sample_sums **out, struct svi_error *err);

bool svi_plan_run(struct svi_plan *plan, svi_pass_progress *progress, void *progress_self, struct svi_error *err);

/* Of the pass as a whole, for all pictures together. */
const struct svi_pass_cost *svi_plan_cost(const struct svi_plan *plan);

#endif
