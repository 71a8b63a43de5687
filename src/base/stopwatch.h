/* stopwatch.h - seconds that only go forward. */
#ifndef SVI_BASE_STOPWATCH_H
#define SVI_BASE_STOPWATCH_H

/* Seconds of the monotonic clock; only differences mean something. */
double svi_now_s(void);

#endif
