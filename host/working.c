#include "host/working.h"

#include "base/log.h"
#include "host/outbox.h"
#include "host/stop.h"
#include "host/workspace.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static bool asks_for_level(const struct svi_options *options, const char *word)
{
    const char *level = svi_option_text(options, SVI_OPTION_LOG_LEVEL);
    return level && !strcmp(level, word);
}

/* The renderer is told what the command line says of drawing, by the same flags. */
static void list_arguments(struct svi_working *working, const struct svi_options *options)
{
    size_t count = 0;
    if (*working->cache_folder) {
        working->arguments[count++] = "--cache";
        working->arguments[count++] = working->cache_folder;
    }
    if (svi_option_on(options, SVI_OPTION_VERBOSE) || asks_for_level(options, "debug"))
        working->arguments[count++] = "--verbose";
    else if (svi_option_on(options, SVI_OPTION_QUIET) || asks_for_level(options, "error"))
        working->arguments[count++] = "--quiet";
    working->arguments[count++] = "--log-format";
    working->arguments[count++] = svi_option_text(options, SVI_OPTION_LOG_FORMAT);
    working->argument_count = count;
}

static void add_device(struct svi_working *working, const char *device)
{
    size_t count = working->argument_count;
    if (device) {
        working->arguments[count++] = "--device";
        working->arguments[count++] = device;
    }
    working->arguments[count] = NULL;
}

bool svi_working_plan(struct svi_working *working, const struct svi_options *options, const char *api_url, struct svi_error *err)
{
    *working = (struct svi_working){ 0 };
    double soft_s = svi_option_number(options, SVI_OPTION_SOFT_LIMIT), hard_s = svi_option_number(options, SVI_OPTION_HARD_LIMIT);
    if (soft_s > hard_s)
        return svi_fail(err, SVI_BAD_USAGE, "The soft limit of %g s is longer than the hard limit of %g s.", soft_s, hard_s);
    const char *ca_file;
    if (!svi_ca_file(options, &ca_file, err) || !svi_cache_folder(options, working->cache_folder, err)
        || !svi_work_folder(options, working->work_folder, err))
        return false;
    list_arguments(working, options);
    size_t removed = 0;
    struct svi_error unclean = { 0 };
    if (!svi_workspace_clean(working->work_folder, &removed, &unclean))
        svi_log_error(SVI_LOG_WARNING, &unclean, "what earlier jobs left stays");
    else if (removed)
        svi_log(SVI_LOG_INFO, "removed %zu folders of jobs that died", removed);
    svi_outbox_clean(working->work_folder, SVI_OUTBOX_AGE_S);
    add_device(working, svi_option_text(options, SVI_OPTION_DEVICE));
    working->settings = (struct svi_renderer_link_settings){
        .arguments = working->arguments,
        .stft = svi_option_text(options, SVI_OPTION_STFT),
        .soft_limit_s = soft_s,
        .hard_limit_s = hard_s,
    };
    working->worker = (struct svi_worker){
        .api_url = api_url,
        .ca_file = ca_file,
        .policy = svi_http_standard_policy,
        .work_folder = working->work_folder,
        .input_limit_bytes = (uint64_t)svi_option_number(options, SVI_OPTION_MAX_INPUT),
        .downloads = (unsigned)svi_option_number(options, SVI_OPTION_DOWNLOADS),
        .stop = &svi_stop,
    };
    return true;
}

bool svi_working_open(struct svi_working *working, const struct svi_options *options, const char *api_url, struct svi_error *err)
{
    if (!svi_working_plan(working, options, api_url, err) || !svi_renderer_link_open(&working->link, &working->settings, err))
        return false;
    working->worker.renderer = svi_renderer_link_seam(working->link);
    return true;
}

void svi_working_close(struct svi_working *working)
{
    svi_renderer_link_close(working->link);
    *working = (struct svi_working){ 0 };
}

/* ---- a worker beside an embedded platform ---- */

static const double end_pause_s = 5;

struct svi_local_worker {
    struct svi_platform *platform;
    struct svi_working working;
    struct svi_worker_resources resources;
    pthread_t thread;
};

/* A platform whose disk is full takes no end of a job; nobody but us would ever tell it again. */
static void work_on(const struct svi_local_worker *worker, const struct svi_platform_ticket *ticket)
{
    struct svi_assignment assignment = {
        .job = ticket->job, .token = ticket->token, .repeated = ticket->again, .failed_is_final = true
    };
    for (bool open = true; open; assignment.repeated = true) {
        struct svi_worker_outcome outcome;
        struct svi_error err = { 0 };
        const bool ok = svi_worker_run(&worker->working.worker, &assignment, &outcome, &err);
        open = (outcome.end == SVI_WORKER_NOT_BEGUN || outcome.end == SVI_WORKER_NO_END) && err.may_pass;
        if (ok)
            svi_log(SVI_LOG_INFO, "job %lld completed", (long long)ticket->job);
        else
            svi_log_error(SVI_LOG_ERROR, &err, "job %lld %s", (long long)ticket->job, open ? "waits for the platform" : "failed");
        open = open && svi_platform_pause(worker->platform, end_pause_s);
    }
}

static void *take_jobs(void *self)
{
    struct svi_local_worker *worker = self;
    struct svi_platform_ticket ticket;
    struct svi_error err = { 0 };
    while (svi_platform_take(worker->platform, &ticket, &err)) {
        work_on(worker, &ticket);
        svi_worker_resources_tidy(&worker->resources);
    }
    if (err.status != SVI_CANCELLED)
        svi_log_error(SVI_LOG_ERROR, &err, "no more jobs can be taken");
    /* Here, not in stop: the renderer belongs to the thread that started it. */
    svi_worker_resources_close(&worker->resources);
    svi_working_close(&worker->working);
    return NULL;
}

bool svi_local_worker_start(struct svi_local_worker **out, const struct svi_options *options, struct svi_platform *platform,
                            svi_progress *progress, void *progress_self, struct svi_error *err)
{
    struct svi_local_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return svi_fail_memory(err, sizeof *worker);
    worker->platform = platform;
    bool ok = svi_working_open(&worker->working, options, svi_platform_url(platform), err);
    /* The first signal lets a job that is under way end; the second ends the process, and the job is offered again at the next
     * start. */
    worker->working.worker.stop = NULL;
    worker->working.worker.resources = &worker->resources;
    worker->working.worker.progress = progress;
    worker->working.worker.progress_self = progress_self;
    int failure = ok ? pthread_create(&worker->thread, NULL, take_jobs, worker) : 0;
    if (failure)
        ok = svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
    if (ok) {
        *out = worker;
    } else {
        svi_working_close(&worker->working);
        free(worker);
    }
    return ok;
}

void svi_local_worker_stop(struct svi_local_worker *worker)
{
    if (!worker)
        return;
    svi_platform_stop_waiting(worker->platform);
    pthread_join(worker->thread, NULL);
    free(worker);
}
