#include "host/fetch.h"

#include "base/log.h"
#include "host/job_api.h"
#include "host/report.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the threads share. */
struct work {
    const struct svi_fetch *fetch;
    struct svi_file *files;
    struct svi_http_room room;
    atomic_size_t next;
    atomic_int halt; /* a download failed: the others end */
    pthread_mutex_t lock;
    struct svi_error first; /* the failure that ended the work */
};

static bool begins_right(const struct svi_capture_kind *kind, int fd)
{
    uint8_t head[SVI_CAPTURE_HEAD_BYTES];
    ssize_t count = pread(fd, head, sizeof head, 0);
    return count >= 0 && kind->begins((struct svi_bytes){ head, (size_t)count });
}

/* What is thrown away no longer takes room. */
static bool empty(struct work *work, int fd, uint64_t bytes, struct svi_error *err)
{
    atomic_fetch_sub(&work->room.used_bytes, bytes);
    return ftruncate(fd, 0) == 0 || svi_fail(err, SVI_IO, "The worker cannot store the file.");
}

/* The data system's error pages come as 200, like a file. */
static bool download(struct work *work, struct svi_http *http, const struct svi_job_file *file, int fd, struct svi_error *err)
{
    const struct svi_capture_kind *kind = work->fetch->job->kind;
    const struct svi_http_policy *policy = svi_http_policy_of(http);
    double pause_s = policy->backoff_s;
    for (unsigned tries = 1;; tries++) {
        uint64_t bytes = 0;
        if (!svi_job_api_fetch_file(http, file, fd, &work->room, &bytes, err))
            return false;
        if (!kind || begins_right(kind, fd))
            return true;
        if (tries >= policy->tries)
            return svi_fail(err, SVI_BAD_ANSWER,
                            "What came is not %s, but %" PRIu64 " bytes that begin otherwise, such as an error page of the data "
                            "system. Try again later.",
                            kind->about, bytes);
        svi_log(SVI_LOG_WARNING, "a file of the capture does not begin as it should; again in %.1f s", pause_s);
        if (!empty(work, fd, bytes, err) || !svi_http_pause(http, pause_s, err))
            return false;
        pause_s = pause_s * 2 < policy->longest_pause_s ? pause_s * 2 : policy->longest_pause_s;
    }
}

static bool fetch_one(struct work *work, struct svi_http *http, size_t i, struct svi_error *err)
{
    const struct svi_job_file *file = &work->fetch->job->files[i];
    int fd = -1;
    char *path = NULL;
    if (!svi_workspace_add_input(work->fetch->workspace, i, &path, &fd, err))
        return false;
    work->files[i] = (struct svi_file){ .path = path, .label = file->label };
    bool ok = download(work, http, file, fd, err);
    /* Some file systems report a full disk as late as this. */
    if (close(fd) != 0 && ok)
        ok = svi_fail(err, svi_status_of_errno(errno), "The worker cannot store the file: %s.", strerror(errno));
    if (!ok)
        svi_report_stage(err, SVI_FETCH_FAILED,
                         work->fetch->job->kind ? "Could not fetch file %s of the capture." : "Could not fetch local file %s.",
                         file->label);
    return ok;
}

static void fail(struct work *work, const struct svi_error *err)
{
    pthread_mutex_lock(&work->lock);
    if (work->first.status == SVI_OK)
        work->first = *err;
    pthread_mutex_unlock(&work->lock);
    atomic_store(&work->halt, 1);
}

/* Takes the next file until there is none. */
static void fetch_next(struct work *work, struct svi_http *http)
{
    size_t i;
    while (!atomic_load(&work->halt) && (i = atomic_fetch_add(&work->next, 1)) < work->fetch->job->file_count) {
        struct svi_error err = { 0 };
        if (!fetch_one(work, http, i, &err))
            fail(work, &err);
    }
}

static void *fetch_beside(void *self)
{
    struct work *work = self;
    struct svi_http *http = NULL;
    struct svi_error err = { 0 };
    if (svi_http_open(&http, work->fetch->options, &err)) {
        svi_http_stop_also(http, &work->halt);
        fetch_next(work, http);
    } else {
        fail(work, &err);
    }
    svi_http_close(http);
    return NULL;
}

static unsigned count_threads(const struct svi_fetch *fetch)
{
    unsigned count = fetch->side_by_side ? fetch->side_by_side : SVI_FETCH_SIDE_BY_SIDE;
    count = count < SVI_FETCH_MOST_SIDE_BY_SIDE ? count : SVI_FETCH_MOST_SIDE_BY_SIDE;
    return count < fetch->job->file_count ? count : (unsigned)fetch->job->file_count;
}

bool svi_fetch_files(const struct svi_fetch *fetch, struct svi_file *files, uint64_t *received_bytes, struct svi_error *err)
{
    struct work work = {
        .fetch = fetch, .files = files, .room.limit_bytes = fetch->limit_bytes, .lock = PTHREAD_MUTEX_INITIALIZER
    };
    pthread_t threads[SVI_FETCH_MOST_SIDE_BY_SIDE];
    unsigned wanted = count_threads(fetch), started = 0;
    /* The caller is the first of them; where a thread cannot be had, fewer do the same. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, fetch_beside, &work) == 0)
        started++;
    svi_http_stop_also(fetch->http, &work.halt);
    fetch_next(&work, fetch->http);
    svi_http_stop_also(fetch->http, NULL);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    *received_bytes = work.room.used_bytes;
    if (work.first.status == SVI_OK)
        return true;
    *err = work.first;
    return false;
}
