#include "visual/time_axis.h"

#include "visual/picture.h"

#include <math.h>
#include <string.h>

static const double attoseconds = 1e18;

/* The moment some seconds, perhaps less than none, after another one: to a nanosecond or better. */
static struct svi_moment shifted(struct svi_moment moment, double seconds)
{
    const double whole = floor(seconds);
    moment.second += (int64_t)whole;
    moment.attosecond += (uint64_t)((seconds - whole) * attoseconds);
    if (moment.attosecond >= (uint64_t)attoseconds) {
        moment.attosecond -= (uint64_t)attoseconds;
        moment.second++;
    }
    return moment;
}

static double seconds_between(struct svi_moment from, struct svi_moment to)
{
    return (double)(to.second - from.second) + ((double)to.attosecond - (double)from.attosecond) / attoseconds;
}

/* When the first sample was taken: where nothing is stated for it, counted back from the first segment that says it. */
static bool find_moment(struct svi_time_axis *axis, const struct svi_recording *recording)
{
    for (size_t i = 0; i < recording->segment_count; i++) {
        const uint64_t sample = recording->segments[i].first_sample;
        if (!svi_recording_moment(recording, sample, &axis->moment))
            continue;
        axis->moment = shifted(axis->moment, -((double)sample / recording->sample_rate_hz));
        return true;
    }
    return false;
}

/* Segments that were stored side by side without the time between them: one axis cannot be right for all. */
static void check_segments(const struct svi_time_axis *axis, struct svi_run *run)
{
    const struct svi_recording *recording = run->recording;
    const double tolerance_s = fmax(1e-3, 2e-3 * (axis->end_s - axis->begin_s));
    for (size_t i = 0; i < recording->segment_count; i++) {
        const uint64_t sample = recording->segments[i].first_sample;
        struct svi_moment moment;
        if (!svi_recording_moment(recording, sample, &moment))
            continue;
        const double off_s = seconds_between(axis->moment, moment) - (double)sample / recording->sample_rate_hz;
        if (fabs(off_s) <= tolerance_s)
            continue;
        svi_warn(&run->warnings,
                 "The recording's parts do not follow on each other: the one at %.6g s was taken %.6g s off what "
                 "the time axis says, which counts on from the first.",
                 run->start_s + (double)sample / recording->sample_rate_hz, off_s);
        return;
    }
}

bool svi_time_axis_of(struct svi_time_axis *out, struct svi_run *run, double begin_s, double end_s, struct svi_error *err)
{
    *out = (struct svi_time_axis){
        .utc = !strcmp(run->values.at[SVI_PARAM_TIME_AXIS].text, "utc"), .zero_s = run->start_s, .begin_s = begin_s, .end_s = end_s
    };
    out->has_moment = find_moment(out, run->recording);
    if (!out->utc)
        return true;
    if (!out->has_moment)
        return svi_fail(err, SVI_BAD_PARAMETER,
                        "The parameter timeAxis is utc, but the recording does not say when it was taken. Use timeAxis=relative.");
    out->zero_s = (double)out->moment.attosecond / attoseconds;
    check_segments(out, run);
    return true;
}

struct svi_figure_axis svi_time_axis_figure(const struct svi_time_axis *axis, bool backward)
{
    const double begin_s = axis->zero_s + axis->begin_s, end_s = axis->zero_s + axis->end_s;
    return (struct svi_figure_axis){ .label = "Time",
                                     .unit = axis->utc ? SVI_UNIT_UTC : "s",
                                     .at_start = backward ? end_s : begin_s,
                                     .at_end = backward ? begin_s : end_s,
                                     .second = axis->utc ? axis->moment.second : 0 };
}

json_t *svi_time_axis_summary(const struct svi_time_axis *axis, const struct svi_run *run, const char *direction)
{
    json_t *summary = svi_summary_axis("time", "s", run->start_s + axis->begin_s, run->start_s + axis->end_s, direction);
    char text[SVI_UTC_TEXT];
    if (!axis->has_moment)
        return summary;
    svi_moment_write(text, shifted(axis->moment, axis->begin_s));
    json_object_set_new(summary, "min_utc", json_string(text));
    svi_moment_write(text, shifted(axis->moment, axis->end_s));
    json_object_set_new(summary, "max_utc", json_string(text));
    return summary;
}
