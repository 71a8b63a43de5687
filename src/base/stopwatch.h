/* stopwatch.h - seconds that only go forward. */
#ifndef SVI_BASE_STOPWATCH_H
#define SVI_BASE_STOPWATCH_H

#include <sys/time.h>

/* Seconds of the monotonic clock; only differences mean something. */
double svi_now_s(void);

/* A time that was used up, as getrusage tells it. */
double svi_timeval_s(struct timeval time);

#endif
