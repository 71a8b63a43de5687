/* time_axis.h - the axis of time of a picture: seconds from the beginning of the recording, or UTC. */
#ifndef SVI_VISUAL_TIME_AXIS_H
#define SVI_VISUAL_TIME_AXIS_H

#include "visual/figure.h"
#include "visual/visual.h"

struct svi_time_axis {
    bool utc;
    double zero_s;         /* the axis' value at the first sample that is shown */
    double begin_s, end_s; /* of what is shown, from that sample */
    bool has_moment;
    struct svi_moment moment; /* of that sample */
};

/* By the parameter timeAxis. SVI_BAD_PARAMETER where it is utc and the recording does not state when it was taken. */
bool svi_time_axis_of(struct svi_time_axis *out, struct svi_run *run, double begin_s, double end_s, struct svi_error *err);

/* The axis of a figure; backward: its end is at the left or at the bottom. */
struct svi_figure_axis svi_time_axis_figure(const struct svi_time_axis *axis, bool backward);

/* The axis for the summary: seconds from the beginning of the recording, whatever the figure shows, with the UTC of its ends where
 * that is known. */
json_t *svi_time_axis_summary(const struct svi_time_axis *axis, const struct svi_run *run, const char *direction);

#endif
