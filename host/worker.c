#include "host/worker.h"

#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/fetch.h"
#include "host/job_api.h"
#include "host/report.h"
#include "host/workspace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUMMARY_LIMIT_BYTES = 1 << 20 };

/* A result of the renderer, where it lies in the workspace. */
struct found {
    char *path;
    json_t *summary; /* NULL: it is to be posted as a file */
};

/* All that one job needs, while it is worked on. */
struct work {
    const struct svi_worker *worker;
    struct svi_http_options http_options;
    struct svi_http *http;
    struct svi_job job;
    struct svi_workspace *workspace;
    struct svi_file *files; /* paths are ours to free, labels are the job's */
    size_t file_count;
    struct svi_render_outcome rendered;
    struct found found[SVI_MAX_RESULTS];
    json_t *posted; /* names of results and the ids that they were given */
    struct svi_worker_outcome *outcome;
};

static int stop_signal(const struct svi_worker *worker)
{
    return worker->stop ? atomic_load(worker->stop) : 0;
}

static bool get_job(struct work *work, int64_t job, struct svi_error *err)
{
    return svi_job_api_get(work->http, job, &work->job, err)
           || svi_report_stage(err, SVI_NO_JOB_INFO, "Could not get job information.");
}

static bool check_type(const struct work *work, struct svi_error *err)
{
    const struct svi_renderer_seam *renderer = &work->worker->renderer;
    if (renderer->knows(work->job.type))
        return true;
    char types[256];
    renderer->types(types, sizeof types);
    return svi_fail(err, SVI_UNKNOWN_TYPE, "Unknown visualization type \"%s\". Known types: %s.", work->job.type, types);
}

/* Files that are not attached to the job may be those of a capture. */
static bool find_files(struct work *work, struct svi_error *err)
{
    if (work->job.file_count)
        return true;
    if (!work->job.capture_count)
        return svi_fail(err, SVI_FETCH_FAILED, "The job has no local files, and names no capture. Attach a recording to it.");
    return svi_job_api_find_capture(work->http, &work->job, err)
           || svi_report_stage(err, SVI_FETCH_FAILED, "Could not find the capture.");
}

static bool fetch_files(struct work *work, struct svi_error *err)
{
    const struct svi_worker *worker = work->worker;
    const struct svi_fetch fetch = {
        .job = &work->job,
        .workspace = work->workspace,
        .http = work->http,
        .options = &work->http_options,
        .side_by_side = worker->downloads,
        .limit_bytes = worker->input_limit_bytes ? worker->input_limit_bytes : SVI_WORKER_INPUT_LIMIT_BYTES,
    };
    work->files = calloc(work->job.file_count, sizeof *work->files);
    if (!work->files)
        return svi_fail_memory(err, work->job.file_count * sizeof *work->files);
    work->file_count = work->job.file_count;
    double start_s = svi_now_s();
    uint64_t bytes = 0;
    bool ok = svi_fetch_files(&fetch, work->files, &bytes, err);
    if (ok)
        svi_log(SVI_LOG_INFO, "fetched %zu files, %" PRIu64 " bytes in %.1f s", work->file_count, bytes, svi_now_s() - start_s);
    return ok;
}

static bool watch(void *self, double share, const char *stage)
{
    const struct work *work = self;
    const struct svi_worker *worker = work->worker;
    bool go_on = !worker->progress || worker->progress(worker->progress_self, share, stage);
    return go_on && !stop_signal(worker);
}

static bool render(struct work *work, struct svi_error *err)
{
    const struct svi_worker *worker = work->worker;
    const struct svi_render_order order = {
        .folder = svi_workspace_output(work->workspace),
        .type = work->job.type,
        .config = work->job.config,
        .files = work->files,
        .file_count = work->file_count,
        .progress = watch,
        .progress_self = work,
    };
    double start_s = svi_now_s();
    if (!worker->renderer.render(worker->renderer.self, &order, &work->rendered, err))
        return svi_fail(err, SVI_BUG, "The renderer failed without a reason.");
    svi_log(SVI_LOG_INFO, "drew %s in %.1f s", work->job.type, svi_now_s() - start_s);
    return true;
}

static bool read_summary(const char *path, json_t **summary, struct svi_error *err)
{
    struct svi_buffer text = { 0 };
    if (svi_file_read(&text, path, "with the summary", SUMMARY_LIMIT_BYTES, err))
        *summary = svi_json_parse((struct svi_bytes){ text.at, text.count }, "The renderer's summary", SVI_RENDERER_DIED, err);
    svi_buffer_clear(&text);
    return *summary && (json_object_size(*summary) > 0 || svi_fail(err, SVI_RENDERER_DIED, "The renderer's summary is empty."));
}

/* All results are looked at before the first of them is sent, so that a broken one leaves nothing half-posted. */
static bool collect_results(struct work *work, struct svi_error *err)
{
    for (size_t i = 0; i < work->rendered.result_count; i++) {
        const struct svi_result *result = &work->rendered.results[i];
        struct found *found = &work->found[i];
        if (!svi_workspace_find_output(work->workspace, result->name, &found->path, err)
            || (result->kind == SVI_RESULT_SUMMARY && !read_summary(found->path, &found->summary, err)))
            return false;
    }
    return true;
}

static bool post_result(struct work *work, const struct svi_result *result, const struct found *found, int64_t *id,
                        struct svi_error *err)
{
    const struct svi_http_file file = { .path = found->path,
                                        .name = result->name,
                                        .content_type = svi_ends_with(result->name, ".png") ? "image/png" : "application/json" };
    return found->summary ? svi_job_api_save_json(work->http, work->job.id, found->summary, id, err)
                          : svi_job_api_save_file(work->http, work->job.id, &file, id, err);
}

static bool post_results(struct work *work, struct svi_error *err)
{
    struct svi_worker_outcome *outcome = work->outcome;
    for (size_t i = 0; i < work->rendered.result_count; i++) {
        const struct svi_result *result = &work->rendered.results[i];
        int64_t id = 0;
        if (!post_result(work, result, &work->found[i], &id, err))
            return svi_report_stage(err, SVI_POST_FAILED, "Could not post results.");
        if (result->kind == SVI_RESULT_PICTURE && !outcome->results_id)
            outcome->results_id = id;
        if (result->kind == SVI_RESULT_SUMMARY && !outcome->json_data_id)
            outcome->json_data_id = id;
        json_object_set_new(work->posted, result->name, json_integer(id));
    }
    return true;
}

static bool make_results(struct work *work, int64_t job, struct svi_error *err)
{
    return get_job(work, job, err) && check_type(work, err) && find_files(work, err)
           && svi_workspace_create(&work->workspace, work->worker->work_folder, job, err) && fetch_files(work, err)
           && render(work, err) && collect_results(work, err) && post_results(work, err);
}

static bool post_completed(struct work *work, int64_t job, struct svi_error *err)
{
    json_t *info = json_pack("{s:I, s:I}", "results_id", (json_int_t)work->outcome->results_id, "json_data_id",
                             (json_int_t)work->outcome->json_data_id);
    /* The platform's page shows one picture; whoever asked for several finds the others here. */
    if (info && json_object_size(work->posted) > 2)
        json_object_set(info, "results", work->posted);
    bool ok = info ? svi_job_api_set_status(work->http, job, "completed", info, false, err) : svi_fail_memory(err, 64);
    json_decref(info);
    return ok;
}

static bool post_failed(struct work *work, int64_t job, const struct svi_error *why, struct svi_error *err)
{
    json_t *info = svi_report_failure(why);
    bool ok = info ? svi_job_api_set_status(work->http, job, "failed", info, false, err) : svi_fail_memory(err, 64);
    json_decref(info);
    return ok;
}

/* The one terminal status, and the last call about the job. */
static void finish(struct work *work, int64_t job, bool made, struct svi_error *err)
{
    struct svi_error last = { 0 };
    int signal_number = stop_signal(work->worker);
    if (!made && err->status == SVI_CANCELLED && signal_number) {
        svi_error_clear(err);
        svi_fail(err, SVI_CANCELLED, "The job was terminated by signal %d.", signal_number);
    }
    svi_http_ignore_stop(work->http);
    if (made ? post_completed(work, job, &last) : post_failed(work, job, err, &last)) {
        work->outcome->end = made ? SVI_WORKER_COMPLETED : SVI_WORKER_FAILED;
        return;
    }
    if (!made)
        svi_log(SVI_LOG_ERROR, "%s [%s]", err->message, err->cause);
    svi_log(SVI_LOG_ERROR, "the platform did not take the status %s", made ? "completed" : "failed");
    *err = last;
}

static void clear_work(struct work *work)
{
    for (size_t i = 0; i < work->file_count; i++)
        free((char *)work->files[i].path);
    free(work->files);
    for (size_t i = 0; i < SVI_MAX_RESULTS; i++) {
        free(work->found[i].path);
        json_decref(work->found[i].summary);
    }
    json_decref(work->posted);
    svi_workspace_destroy(work->workspace);
    svi_job_clear(&work->job);
    svi_http_close(work->http);
}

bool svi_worker_run(const struct svi_worker *worker, int64_t job, const char *token, struct svi_worker_outcome *outcome,
                    struct svi_error *err)
{
    *outcome = (struct svi_worker_outcome){ .end = SVI_WORKER_NOT_BEGUN };
    struct work work = { .worker = worker, .posted = json_object(), .outcome = outcome };
    work.http_options = (struct svi_http_options){
        .base_url = worker->api_url, .token = token, .ca_file = worker->ca_file, .stop = worker->stop, .policy = worker->policy
    };
    bool made = false;
    if (svi_http_open(&work.http, &work.http_options, err) && svi_job_api_set_status(work.http, job, "running", NULL, true, err)) {
        outcome->end = SVI_WORKER_NO_END;
        made = make_results(&work, job, err);
        finish(&work, job, made, err);
    }
    clear_work(&work);
    return outcome->end == SVI_WORKER_COMPLETED;
}

int svi_worker_exit_code(const struct svi_worker_outcome *outcome, const struct svi_error *err)
{
    if (outcome->end == SVI_WORKER_COMPLETED)
        return 0;
    return outcome->end == SVI_WORKER_FAILED ? 1 : svi_status_exit_code(err->status);
}
