/* lanes.h - threads that each work on one job at a time. Knows how jobs are handed in and out, not where they come from. */
#ifndef SVI_HOST_LANES_H
#define SVI_HOST_LANES_H

#include "host/worker.h"

/* One job on its way through a lane. The caller owns it, and leaves it alone between `give` and `take`, but for `stop`. */
struct svi_lane_job {
    struct svi_assignment assignment;
    struct svi_error refusal; /* where it says something the job is not worked on: its owner is told this */
    atomic_int stop;          /* see svi_worker.stop */
    void *owner;              /* whatever the caller needs to find its way back */

    struct svi_worker_outcome outcome;
    struct svi_error err;
    struct svi_lane_job *next; /* the lanes' own */
};

struct svi_lanes;

/* The worker is copied; each job brings its own `stop`. wake_fd: an eventfd that is written to whenever a job has ended. */
bool svi_lanes_open(struct svi_lanes **out, const struct svi_worker *worker, unsigned count, int wake_fd, struct svi_error *err);

/* Begins as soon as a lane is free. */
void svi_lanes_give(struct svi_lanes *lanes, struct svi_lane_job *job);

/* A job that has ended; NULL: none. */
struct svi_lane_job *svi_lanes_take(struct svi_lanes *lanes);

/* More lanes, or fewer: those that are busy go when their job has ended. False: a thread cannot be started. */
bool svi_lanes_resize(struct svi_lanes *lanes, unsigned count, struct svi_error *err);

/* Waits for the jobs that are under way; none may be waiting for a lane. Takes NULL. */
void svi_lanes_close(struct svi_lanes *lanes);

#endif
