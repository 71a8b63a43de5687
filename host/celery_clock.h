/* celery_clock.h - the logical clock that Celery's nodes keep in step with each other: Lamport's. Knows nothing of time. */
#ifndef SVI_HOST_CELERY_CLOCK_H
#define SVI_HOST_CELERY_CLOCK_H

#include <stdint.h>

/* Starts as { 0 }; one thread owns it. */
struct svi_celery_clock {
    int64_t value;
};

/* Before each event and reply, which carry the result. */
static inline int64_t svi_celery_clock_forward(struct svi_celery_clock *clock)
{
    return clock->value < INT64_MAX / 2 ? ++clock->value : clock->value;
}

/* For each message that came with another's clock, 0 where it came without. Numbers that no node can have reached are left out. */
static inline void svi_celery_clock_adjust(struct svi_celery_clock *clock, int64_t other)
{
    if (other > clock->value && other < INT64_MAX / 2)
        clock->value = other;
    svi_celery_clock_forward(clock);
}

#endif
