#include "host/queue_feeder.h"

#include "base/log.h"
#include "host/task_publisher.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PAUSE_MS = 2000 };

struct svi_queue_feeder {
    struct svi_platform *platform;
    struct svi_task_publisher *publisher;
    int stop_fd;
    pthread_t thread;
    bool started;
};

/* True where the feeder is told to stop meanwhile. */
static bool pause_or_stop(const struct svi_queue_feeder *feeder)
{
    struct pollfd stop = { .fd = feeder->stop_fd, .events = POLLIN };
    return poll(&stop, 1, PAUSE_MS) > 0;
}

static void queue(const struct svi_queue_feeder *feeder, const struct svi_platform_ticket *ticket)
{
    struct svi_error err = { 0 };
    bool told = false;
    while (!svi_task_publisher_put(feeder->publisher, ticket->job, ticket->token, ticket->again || told, &err)) {
        if (!told)
            svi_log_error(SVI_LOG_ERROR, &err, "job %" PRId64 " waits for the broker", ticket->job);
        told = true;
        if (pause_or_stop(feeder))
            return;
        svi_error_clear(&err);
    }
    svi_log(SVI_LOG_INFO, "job %" PRId64 " is queued", ticket->job);
}

static void *feed(void *self)
{
    const struct svi_queue_feeder *feeder = self;
    struct svi_platform_ticket ticket;
    struct svi_error err = { 0 };
    while (svi_platform_take(feeder->platform, &ticket, &err))
        queue(feeder, &ticket);
    if (err.status != SVI_CANCELLED)
        svi_log_error(SVI_LOG_ERROR, &err, "no more jobs can be queued");
    return NULL;
}

bool svi_queue_feeder_start(struct svi_queue_feeder **out, struct svi_platform *platform, const struct svi_broker_wish *wish,
                            struct svi_error *err)
{
    struct svi_queue_feeder *feeder = calloc(1, sizeof *feeder);
    if (!feeder)
        return svi_fail_memory(err, sizeof *feeder);
    feeder->platform = platform;
    feeder->stop_fd = eventfd(0, EFD_CLOEXEC);
    bool ok = (feeder->stop_fd >= 0 || svi_fail(err, SVI_IO, "The feeder of the queue cannot be set up: %s.", strerror(errno)))
              && svi_task_publisher_open(&feeder->publisher, wish, err);
    int failure = ok ? pthread_create(&feeder->thread, NULL, feed, feeder) : 0;
    feeder->started = ok && !failure;
    if (failure)
        ok = svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
    if (ok)
        *out = feeder;
    else
        svi_queue_feeder_stop(feeder);
    return ok;
}

void svi_queue_feeder_stop(struct svi_queue_feeder *feeder)
{
    if (!feeder)
        return;
    const uint64_t one = 1;
    if (feeder->started) {
        svi_platform_stop_waiting(feeder->platform);
        if (write(feeder->stop_fd, &one, sizeof one) == sizeof one)
            pthread_join(feeder->thread, NULL);
    }
    svi_task_publisher_close(feeder->publisher);
    if (feeder->stop_fd >= 0)
        close(feeder->stop_fd);
    free(feeder);
}
