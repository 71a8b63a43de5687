#include "host/lanes.h"

#include "base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct queue {
    struct svi_lane_job *first, **end;
};

struct svi_lanes {
    struct svi_worker worker;
    int wake_fd;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue given, ended;
    unsigned wanted, living; /* threads */
};

static void queue_init(struct queue *queue)
{
    *queue = (struct queue){ .first = NULL, .end = &queue->first };
}

static void queue_add(struct queue *queue, struct svi_lane_job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct svi_lane_job *queue_take(struct queue *queue)
{
    struct svi_lane_job *job = queue->first;
    if (job) {
        queue->first = job->next;
        if (!queue->first)
            queue->end = &queue->first;
    }
    return job;
}

static void work_on(const struct svi_lanes *lanes, struct svi_worker_resources *resources, struct svi_lane_job *job)
{
    struct svi_worker worker = lanes->worker;
    char name[32];
    svi_format(name, sizeof name, "%" PRId64, job->assignment.job);
    svi_log_job(name);
    worker.stop = &job->stop;
    worker.resources = resources;
    if (job->refusal.status != SVI_OK)
        svi_worker_refuse(&worker, &job->assignment, &job->refusal, &job->outcome, &job->err);
    else
        svi_worker_run(&worker, &job->assignment, &job->outcome, &job->err);
    svi_log_job(NULL);
}

static void wake(const struct svi_lanes *lanes)
{
    const uint64_t one = 1;
    ssize_t written = write(lanes->wake_fd, &one, sizeof one);
    /* A counter that is full wakes as well. */
    (void)written;
}

static void *drive(void *self)
{
    struct svi_lanes *lanes = self;
    struct svi_worker_resources resources = { 0 };
    pthread_mutex_lock(&lanes->lock);
    while (lanes->living <= lanes->wanted) {
        struct svi_lane_job *job = queue_take(&lanes->given);
        if (!job) {
            pthread_cond_wait(&lanes->changed, &lanes->lock);
            continue;
        }
        pthread_mutex_unlock(&lanes->lock);
        work_on(lanes, &resources, job);
        pthread_mutex_lock(&lanes->lock);
        queue_add(&lanes->ended, job);
        wake(lanes);
        pthread_mutex_unlock(&lanes->lock);
        svi_worker_resources_tidy(&resources);
        pthread_mutex_lock(&lanes->lock);
    }
    svi_worker_resources_close(&resources);
    lanes->living--;
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->lock);
    return NULL;
}

bool svi_lanes_resize(struct svi_lanes *lanes, unsigned count, struct svi_error *err)
{
    pthread_attr_t detached;
    pthread_t thread;
    int failure = 0;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_mutex_lock(&lanes->lock);
    lanes->wanted = count;
    while (!failure && lanes->living < count) {
        failure = pthread_create(&thread, &detached, drive, lanes);
        lanes->living += !failure;
    }
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->lock);
    pthread_attr_destroy(&detached);
    return !failure || svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
}

bool svi_lanes_open(struct svi_lanes **out, const struct svi_worker *worker, unsigned count, int wake_fd, struct svi_error *err)
{
    struct svi_lanes *lanes = calloc(1, sizeof *lanes);
    if (!lanes)
        return svi_fail_memory(err, sizeof *lanes);
    lanes->worker = *worker;
    lanes->wake_fd = wake_fd;
    queue_init(&lanes->given);
    queue_init(&lanes->ended);
    pthread_mutex_init(&lanes->lock, NULL);
    pthread_cond_init(&lanes->changed, NULL);
    if (svi_lanes_resize(lanes, count, err)) {
        *out = lanes;
        return true;
    }
    svi_lanes_close(lanes);
    return false;
}

void svi_lanes_give(struct svi_lanes *lanes, struct svi_lane_job *job)
{
    pthread_mutex_lock(&lanes->lock);
    queue_add(&lanes->given, job);
    /* All of them: the one that wakes may be about to go. */
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->lock);
}

struct svi_lane_job *svi_lanes_take(struct svi_lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    struct svi_lane_job *job = queue_take(&lanes->ended);
    pthread_mutex_unlock(&lanes->lock);
    return job;
}

void svi_lanes_close(struct svi_lanes *lanes)
{
    if (!lanes)
        return;
    pthread_mutex_lock(&lanes->lock);
    lanes->wanted = 0;
    pthread_cond_broadcast(&lanes->changed);
    while (lanes->living)
        pthread_cond_wait(&lanes->changed, &lanes->lock);
    pthread_mutex_unlock(&lanes->lock);
    pthread_cond_destroy(&lanes->changed);
    pthread_mutex_destroy(&lanes->lock);
    free(lanes);
}
