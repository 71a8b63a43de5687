#include "visual/plan.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TAKERS = 64 };

struct transform {
    struct svi_stft_request request; /* its window is the plan's copy */
    float *window;
    struct svi_planned_stft made;
};

struct count {
    uint32_t channel;
    struct svi_sample_sums *sums;
};

struct svi_plan {
    struct svi_device *device;
    struct svi_capture *capture;
    struct svi_taker takers[MAX_TAKERS];
    size_t taker_count;
    struct transform transforms[MAX_TAKERS];
    size_t transform_count;
    struct count counts[MAX_TAKERS];
    size_t count_count;
    struct svi_pass_cost cost;
};

bool svi_plan_create(struct svi_plan **out, struct svi_device *device, struct svi_capture *capture, struct svi_error *err)
{
    struct svi_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return svi_fail_memory(err, sizeof *plan);
    plan->device = device;
    plan->capture = capture;
    *out = plan;
    return true;
}

static void clear_transform(struct transform *transform)
{
    svi_stft_destroy(transform->made.stft);
    svi_spectrum_destroy(transform->made.spectrum);
    free(transform->window);
}

void svi_plan_destroy(struct svi_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->transform_count; i++)
        clear_transform(&plan->transforms[i]);
    for (size_t i = 0; i < plan->count_count; i++)
        svi_sample_sums_destroy(plan->counts[i].sums);
    free(plan);
}

bool svi_plan_take(struct svi_plan *plan, struct svi_taker taker, struct svi_error *err)
{
    if (plan->taker_count == MAX_TAKERS)
        return svi_fail(err, SVI_BUG, "One job wants more than %d things of a recording.", MAX_TAKERS);
    plan->takers[plan->taker_count++] = taker;
    return true;
}

static bool same_engine(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool alike(const struct svi_stft_request *a, const struct svi_stft_request *b)
{
    return a->fft_size == b->fft_size && a->hop_samples == b->hop_samples && a->first_sample == b->first_sample
           && a->frame_count == b->frame_count && a->channel == b->channel && a->one_sided == b->one_sided && a->raw == b->raw
           && same_engine(a->engine, b->engine) && !memcmp(a->window, b->window, a->fft_size * sizeof *a->window);
}

static bool make_transform(struct svi_plan *plan, struct transform *transform, const struct svi_stft_request *request,
                           struct svi_error *err)
{
    const size_t bytes = request->fft_size * sizeof *request->window;
    transform->window = malloc(bytes);
    if (!transform->window)
        return svi_fail_memory(err, bytes);
    memcpy(transform->window, request->window, bytes);
    transform->request = *request;
    transform->request.window = transform->window;
    struct svi_planned_stft *made = &transform->made;
    return svi_stft_create(&made->stft, plan->device, plan->capture, &transform->request, err)
           && svi_spectrum_create(&made->spectrum, plan->device, svi_stft_bins(request->fft_size, request->one_sided), err)
           && svi_stft_feed(made->stft, svi_spectrum_accumulator(made->spectrum), err)
           && svi_plan_take(plan, svi_stft_taker(made->stft), err);
}

bool svi_plan_stft(struct svi_plan *plan, const struct svi_stft_request *request, struct svi_planned_stft *out,
                   struct svi_error *err)
{
    for (size_t i = 0; i < plan->transform_count; i++)
        if (alike(&plan->transforms[i].request, request)) {
            *out = plan->transforms[i].made;
            return true;
        }
    if (plan->transform_count == MAX_TAKERS)
        return svi_fail(err, SVI_BUG, "One job wants more than %d transforms of a recording.", MAX_TAKERS);
    struct transform transform = { 0 };
    if (!make_transform(plan, &transform, request, err)) {
        clear_transform(&transform);
        return false;
    }
    *out = transform.made;
    plan->transforms[plan->transform_count++] = transform;
    return true;
}

bool svi_plan_count(struct svi_plan *plan, uint32_t channel, struct svi_sample_sums **out, struct svi_error *err)
{
    for (size_t i = 0; i < plan->count_count; i++)
        if (plan->counts[i].channel == channel) {
            *out = plan->counts[i].sums;
            return true;
        }
    if (plan->count_count == MAX_TAKERS)
        return svi_fail(err, SVI_BUG, "One job wants more than %d counts of a recording.", MAX_TAKERS);
    const struct svi_sample_sums_request request = { .channel = channel, .only_count = true };
    struct count *count = &plan->counts[plan->count_count];
    count->channel = channel;
    if (!svi_sample_sums_create(&count->sums, plan->device, svi_capture_recording(plan->capture), &request, err))
        return false;
    plan->count_count++;
    *out = count->sums;
    return true;
}

/* Counts come last: a transform that has been there before them knows most of what they ask. A GPU would have to be waited for. */
static bool take_counts(struct svi_plan *plan, struct svi_error *err)
{
    const bool cpu = svi_device_about(plan->device)->type == SVI_DEVICE_CPU;
    for (size_t i = 0; i < plan->count_count; i++) {
        for (size_t j = plan->transform_count; cpu && j > 0; j--)
            if (plan->transforms[j - 1].request.channel == plan->counts[i].channel)
                svi_sample_sums_rely_on(plan->counts[i].sums, plan->transforms[j - 1].made.stft);
        if (!svi_plan_take(plan, svi_sample_sums_taker(plan->counts[i].sums), err))
            return false;
    }
    return true;
}

bool svi_plan_run(struct svi_plan *plan, svi_pass_progress *progress, void *progress_self, struct svi_error *err)
{
    return take_counts(plan, err)
           && (!plan->taker_count
               || svi_pass_run(plan->device, plan->capture, plan->takers, plan->taker_count, progress, progress_self, &plan->cost,
                               err));
}

const struct svi_pass_cost *svi_plan_cost(const struct svi_plan *plan)
{
    return &plan->cost;
}
