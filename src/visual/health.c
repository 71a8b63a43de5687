#include "visual/health.h"

#include "capture/glance.h"
#include "visual/iq_statistics.h"
#include "visual/picture.h"
#include "visual/recording.h"

#include <math.h>

/* Which share of its part of the map each gap takes. */
static void draw_gap_map(char into[SVI_HEALTH_MAP + 1], const struct svi_recording *recording)
{
    double missing[SVI_HEALTH_MAP] = { 0 };
    const double part = (double)recording->sample_count / SVI_HEALTH_MAP;
    for (size_t i = 0; i < recording->gap_count; i++) {
        const double begin = (double)recording->gaps[i].first_sample / part;
        const double end = begin + (double)recording->gaps[i].sample_count / part;
        for (size_t k = (size_t)begin; k < SVI_HEALTH_MAP && (double)k < end; k++)
            missing[k] += fmin(end, (double)k + 1) - fmax(begin, (double)k);
    }
    for (size_t i = 0; i < SVI_HEALTH_MAP; i++)
        into[i] = missing[i] <= 0 ? '#' : missing[i] > 1 - 1e-9 ? '.' : '-';
    into[SVI_HEALTH_MAP] = '\0';
}

static bool sum_up(struct svi_health *out, struct svi_device *device, struct svi_capture *capture, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_sample_sums *sums = NULL;
    struct svi_pass_cost cost;
    struct svi_glance glance;
    if (!svi_glance(&glance, capture, out->channel, err))
        return false;
    const struct svi_sample_sums_request request = { .channel = out->channel, .typical = glance.peak };
    bool ok = svi_sample_sums_create(&sums, device, recording, &request, err);
    if (ok) {
        const struct svi_taker taker = svi_sample_sums_taker(sums);
        ok = svi_pass_run(device, capture, &taker, 1, NULL, NULL, &cost, err) && svi_sample_sums_read(sums, &out->statistics, err);
    }
    svi_sample_sums_destroy(sums);
    return ok;
}

bool svi_health_measure(struct svi_health *out, struct svi_device *device, struct svi_capture *capture, double channel,
                        struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    *out = (struct svi_health){ 0 };
    if (!svi_recording_has_channel(recording, channel, err))
        return false;
    out->channel = (unsigned)channel;
    draw_gap_map(out->gap_map, recording);
    return svi_plausibility_judge(&out->plausibility, capture, err) && sum_up(out, device, capture, err);
}

double svi_health_db(double power)
{
    return power > 0 ? 10 * log10(power) : NAN;
}

json_t *svi_health_about(const struct svi_health *health)
{
    const struct svi_sample_statistics *of = &health->statistics;
    const uint64_t all = of->finite + of->not_finite;
    json_t *about = svi_iq_statistics(of);
    if (!about)
        return NULL;
    json_object_set_new(about, "channel", json_integer((json_int_t)health->channel));
    json_object_set_new(about, "peak_dbfs", svi_summary_number(svi_health_db(of->peak * of->peak)));
    json_object_set_new(about, "not_finite_percent", json_real(all ? 100 * (double)of->not_finite / (double)all : 0));
    json_object_set_new(about, "gap_map", json_string(health->gap_map));
    json_object_set_new(about, "plausibility", svi_plausibility_about(&health->plausibility));
    return about;
}
