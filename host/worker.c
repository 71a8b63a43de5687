#include "host/worker.h"

#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/fetch.h"
#include "host/job_api.h"
#include "host/metrics.h"
#include "host/outbox.h"
#include "host/report.h"
#include "host/workspace.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUMMARY_LIMIT_BYTES = 1 << 20 };

/* Far shorter than any lease of a broker. */
static const double doubt_after_s = 5;

/* Work that took longer is worth a wait for the disk before it is posted: a power cut does not cost it once more. */
static const double sync_after_s = 1;

/* All that one job needs, while it is worked on. */
struct work {
    const struct svi_worker *worker;
    const struct svi_assignment *assignment;
    double begin_s;
    struct svi_http_options http_options;
    struct svi_http *http;
    struct svi_job job;
    struct svi_worker_resources *resources, own_resources;
    struct svi_file *files; /* paths are ours to free, labels are the job's */
    size_t file_count;
    struct svi_render_outcome rendered;
    struct svi_outbox *outbox;
    json_t *posted; /* names of results and the ids that they were given */
    struct svi_worker_outcome *outcome;
};

static int stop_reason(const struct svi_worker *worker)
{
    return worker->stop ? atomic_load(worker->stop) : SVI_WORKER_GO_ON;
}

static struct svi_outbox_place outbox_place(const struct work *work)
{
    return (struct svi_outbox_place){ .root = work->worker->work_folder,
                                      .platform = work->worker->api_url,
                                      .job = work->assignment->job };
}

static bool get_job(struct work *work, struct svi_error *err)
{
    return work->job.id || svi_job_api_get(work->http, work->assignment->job, &work->job, err)
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
        .workspace = work->resources->workspace,
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
    svi_metric_add_s(SVI_METRIC_FETCH_S, svi_now_s() - start_s);
    svi_metric_add(SVI_METRIC_FETCHED_BYTES, bytes);
    if (ok)
        svi_log(SVI_LOG_INFO, "fetched %zu files, %" PRIu64 " bytes in %.1f s", work->file_count, bytes, svi_now_s() - start_s);
    return ok;
}

static bool watch(void *self, double share, const char *stage)
{
    const struct work *work = self;
    const struct svi_worker *worker = work->worker;
    bool go_on = !worker->progress || worker->progress(worker->progress_self, share, stage);
    return go_on && !stop_reason(worker);
}

/* 0: nobody has set a limit. */
static double time_left_s(const struct work *work)
{
    const double limit_s = work->assignment->hard_limit_s;
    return limit_s > 0 ? fmax(work->begin_s + limit_s - svi_now_s(), 0.001) : 0;
}

static bool render(struct work *work, struct svi_error *err)
{
    const struct svi_worker *worker = work->worker;
    const struct svi_render_order order = {
        .folder = svi_workspace_output(work->resources->workspace),
        .type = work->job.type,
        .config = work->job.config,
        .files = work->files,
        .file_count = work->file_count,
        .progress = watch,
        .progress_self = work,
        .hard_limit_s = time_left_s(work),
    };
    double start_s = svi_now_s();
    const bool ok = worker->renderer.render(worker->renderer.self, &order, &work->rendered, err);
    svi_metric_add_s(SVI_METRIC_DRAW_S, svi_now_s() - start_s);
    if (!ok)
        return svi_fail(err, SVI_BUG, "The renderer failed without a reason.");
    svi_log(SVI_LOG_INFO, "drew %s in %.1f s", work->job.type, svi_now_s() - start_s);
    return true;
}

/* The caller clears the text. */
static bool read_summary(const char *path, struct svi_buffer *text, struct svi_error *err)
{
    return svi_file_read(text, path, "with the summary", SUMMARY_LIMIT_BYTES, err);
}

static bool check_summary(const char *path, struct svi_error *err)
{
    struct svi_buffer text = { 0 };
    json_t *summary = read_summary(path, &text, err) ? svi_json_parse((struct svi_bytes){ text.at, text.count },
                                                                      "The renderer's summary", SVI_RENDERER_DIED, err)
                                                     : NULL;
    const bool ok = summary
                    && (json_object_size(summary) > 0 || svi_fail(err, SVI_RENDERER_DIED, "The renderer's summary is empty."));
    json_decref(summary);
    svi_buffer_clear(&text);
    return ok;
}

static bool check_result(const struct work *work, const struct svi_result *result, struct svi_error *err)
{
    char *path;
    bool ok = svi_workspace_find_output(work->resources->workspace, result->name, &path, err)
              && (result->kind != SVI_RESULT_SUMMARY || check_summary(path, err));
    free(path);
    return ok;
}

/* All results are looked at before the first of them is sent, so that a broken one leaves nothing half-posted. */
static bool collect_results(struct work *work, struct svi_error *err)
{
    for (size_t i = 0; i < work->rendered.result_count; i++)
        if (!check_result(work, &work->rendered.results[i], err))
            return false;
    const struct svi_outbox_place place = outbox_place(work);
    return svi_outbox_put(&work->outbox, &place, svi_workspace_output(work->resources->workspace), work->rendered.results,
                          work->rendered.result_count, err)
           && (svi_now_s() - work->begin_s < sync_after_s || svi_outbox_sync(work->outbox, err));
}

static bool save_result(struct work *work, const struct svi_result *result, const char *path, int64_t *id, struct svi_error *err)
{
    const struct svi_http_file file = { .path = path,
                                        .name = result->name,
                                        .content_type = svi_ends_with(result->name, ".png") ? "image/png" : "application/json" };
    struct svi_buffer summary = { 0 };
    if (result->kind != SVI_RESULT_SUMMARY)
        return svi_job_api_save_file(work->http, work->assignment->job, &file, id, err);
    bool ok = read_summary(path, &summary, err)
              && svi_job_api_save_json(work->http, work->assignment->job, (struct svi_bytes){ summary.at, summary.count }, id, err);
    svi_buffer_clear(&summary);
    return ok;
}

/* One that an earlier attempt has saved keeps its id. */
static bool post_result(struct work *work, size_t i, int64_t *id, struct svi_error *err)
{
    *id = svi_outbox_id(work->outbox, i);
    if (*id)
        return true;
    char *path = svi_outbox_path(work->outbox, i);
    bool ok = (path || svi_fail_memory(err, 256)) && save_result(work, svi_outbox_result(work->outbox, i), path, id, err);
    if (ok) {
        svi_outbox_saved(work->outbox, i, *id);
        svi_metric_add(SVI_METRIC_PICTURES, svi_outbox_result(work->outbox, i)->kind == SVI_RESULT_PICTURE);
    }
    free(path);
    return ok;
}

static bool post_all(struct work *work, struct svi_error *err)
{
    struct svi_worker_outcome *outcome = work->outcome;
    for (size_t i = 0; i < svi_outbox_count(work->outbox); i++) {
        const struct svi_result *result = svi_outbox_result(work->outbox, i);
        int64_t id = 0;
        if (!post_result(work, i, &id, err))
            return svi_report_stage(err, SVI_POST_FAILED, "Could not post results.");
        if (result->kind == SVI_RESULT_PICTURE && !outcome->results_id)
            outcome->results_id = id;
        if (result->kind == SVI_RESULT_SUMMARY && !outcome->json_data_id)
            outcome->json_data_id = id;
        json_object_set_new(work->posted, result->name, json_integer(id));
    }
    return true;
}

static bool post_results(struct work *work, struct svi_error *err)
{
    const double start_s = svi_now_s();
    const bool ok = post_all(work, err);
    svi_metric_add_s(SVI_METRIC_POST_S, svi_now_s() - start_s);
    return ok;
}

static bool draw(struct work *work, struct svi_error *err)
{
    return get_job(work, err) && check_type(work, err) && find_files(work, err)
           && svi_worker_resources_need_workspace(work->resources, work->worker->work_folder, err) && fetch_files(work, err)
           && render(work, err) && collect_results(work, err);
}

/* What lies there for a job that nobody has worked on is of another, of a platform that counts from the beginning again. */
static bool make_results(struct work *work, struct svi_error *err)
{
    const struct svi_outbox_place place = outbox_place(work);
    if (work->assignment->repeated)
        work->outbox = svi_outbox_find(&place);
    else
        svi_outbox_forget(&place);
    if (work->outbox)
        svi_log(SVI_LOG_INFO, "the results of an earlier attempt are posted");
    return (work->outbox || draw(work, err)) && post_results(work, err);
}

static bool post_completed(struct work *work, struct svi_error *err)
{
    json_t *info = json_pack("{s:I, s:I}", "results_id", (json_int_t)work->outcome->results_id, "json_data_id",
                             (json_int_t)work->outcome->json_data_id);
    /* The platform's page shows one picture; whoever asked for several finds the others here. */
    if (info && json_object_size(work->posted) > 2)
        json_object_set(info, "results", work->posted);
    bool ok = info ? svi_job_api_set_status(work->http, work->assignment->job, "completed", info, false, err)
                   : svi_fail_memory(err, 64);
    json_decref(info);
    return ok;
}

/* A platform without power may lose results until it has the job's end. */
static bool complete(struct work *work, struct svi_error *err)
{
    if (post_completed(work, err) || err->status != SVI_POST_FAILED)
        return err->status == SVI_OK;
    svi_log(SVI_LOG_WARNING, "the platform has lost results of the job; they are saved again");
    svi_error_clear(err);
    svi_outbox_lost(work->outbox);
    work->outcome->results_id = work->outcome->json_data_id = 0;
    return post_results(work, err) && post_completed(work, err);
}

static bool post_failed(struct work *work, const struct svi_error *why, bool fresh, struct svi_error *err)
{
    json_t *info = svi_report_failure(why);
    bool ok = info ? svi_job_api_set_status(work->http, work->assignment->job, "failed", info, fresh, err)
                   : svi_fail_memory(err, 64);
    json_decref(info);
    return ok;
}

/* Whoever stops a job knows why; those who are stopped only know that they were. */
static void say_why_stopped(const struct work *work, struct svi_error *err)
{
    const struct svi_assignment *assignment = work->assignment;
    int reason = stop_reason(work->worker);
    if (err->status == SVI_TIME_LIMIT && assignment->hard_limit_s > 0)
        reason = SVI_WORKER_STOP_HARD;
    else if (err->status != SVI_CANCELLED || !reason)
        return;
    svi_error_clear(err);
    if (reason == SVI_WORKER_STOP_SOFT)
        svi_fail(err, SVI_TIME_LIMIT, "The job took longer than the soft time limit of %g s.", assignment->soft_limit_s);
    else if (reason == SVI_WORKER_STOP_HARD)
        svi_fail(err, SVI_TIME_LIMIT, "The job took longer than the hard time limit of %g s.", assignment->hard_limit_s);
    else if (reason == SVI_WORKER_STOP_RETURN)
        svi_fail(err, SVI_CANCELLED, "The job was handed back.");
    else
        svi_fail(err, SVI_CANCELLED, "The job was terminated by signal %d.", reason);
}

/* A job that took long may have been given to another meanwhile: who was stopped, or cut off, does not see its lease run out. */
static bool was_ended_by_another(const struct work *work)
{
    struct svi_job now = { 0 };
    struct svi_error ignored = { 0 };
    if (!work->assignment->repeated && svi_now_s() - work->begin_s < doubt_after_s)
        return false;
    bool ended = svi_job_api_get(work->http, work->assignment->job, &now, &ignored) && !strcmp(now.status, "completed");
    svi_job_clear(&now);
    return ended;
}

/* The one terminal status, and the last call about the job. */
static void finish(struct work *work, bool made, struct svi_error *err)
{
    struct svi_error last = { 0 };
    if (!made) {
        say_why_stopped(work, err);
        if (err->status == SVI_CANCELLED && stop_reason(work->worker) == SVI_WORKER_STOP_RETURN)
            return;
        if (err->may_pass && work->assignment->may_repeat) {
            work->outcome->end = SVI_WORKER_TO_REPEAT;
            return;
        }
    }
    svi_http_ignore_stop(work->http);
    if (was_ended_by_another(work)) {
        svi_log(SVI_LOG_WARNING, "another worker has completed the job");
        svi_error_clear(err);
        work->outcome->end = SVI_WORKER_LEFT_ALONE;
        return;
    }
    if (made ? complete(work, &last) : post_failed(work, err, false, &last)) {
        work->outcome->end = made ? SVI_WORKER_COMPLETED : SVI_WORKER_FAILED;
        return;
    }
    if (!made)
        svi_log_error(SVI_LOG_ERROR, err, "the job fails");
    svi_log(SVI_LOG_ERROR, "the platform did not take the status %s", made ? "completed" : "failed");
    *err = last;
}

/* What the platform has taken, or will never take, nobody needs again. */
static void leave_outbox(struct work *work, const struct svi_error *err)
{
    const enum svi_worker_end end = work->outcome->end;
    bool needed = end == SVI_WORKER_TO_REPEAT || end == SVI_WORKER_NOT_BEGUN
                  || (end == SVI_WORKER_NO_END && (err->may_pass || err->status == SVI_CANCELLED));
    if (needed) {
        svi_outbox_close(work->outbox);
        return;
    }
    svi_outbox_remove(work->outbox, work->resources->workspace ? svi_workspace_output(work->resources->workspace) : NULL);
    const struct svi_outbox_place place = outbox_place(work);
    if (work->assignment->repeated)
        svi_outbox_forget(&place);
}

static void clear_work(struct work *work, const struct svi_error *err)
{
    for (size_t i = 0; i < work->file_count; i++)
        free((char *)work->files[i].path);
    free(work->files);
    json_decref(work->posted);
    leave_outbox(work, err);
    svi_job_clear(&work->job);
    svi_http_close(work->http);
    svi_worker_resources_end_job(work->resources, work->outcome->end == SVI_WORKER_COMPLETED);
    svi_worker_resources_close(&work->own_resources);
}

/* False where the platform has the job's end already, or cannot be asked now. One that says nothing of the job says it once more to
 * the status `running`, and clearer. */
static bool has_no_end(struct work *work, struct svi_error *err)
{
    struct svi_error silent = { 0 };
    if (!work->assignment->repeated)
        return true;
    if (!get_job(work, &silent)) {
        if (silent.may_pass || silent.status == SVI_CANCELLED)
            *err = silent;
        return err->status == SVI_OK;
    }
    bool completed = !strcmp(work->job.status, "completed");
    if (!completed && !(work->assignment->failed_is_final && !strcmp(work->job.status, "failed")))
        return true;
    work->outcome->end = SVI_WORKER_LEFT_ALONE;
    return completed || svi_fail(err, SVI_JOB_FAILED, "The job has failed before.");
}

static bool begin(struct work *work, const struct svi_worker *worker, const struct svi_assignment *assignment,
                  struct svi_worker_outcome *outcome, struct svi_error *err)
{
    *outcome = (struct svi_worker_outcome){ .end = SVI_WORKER_NOT_BEGUN };
    *work = (struct work){ .worker = worker, .assignment = assignment, .begin_s = svi_now_s(), .outcome = outcome };
    work->resources = worker->resources ? worker->resources : &work->own_resources;
    work->posted = json_object();
    work->http_options = (struct svi_http_options){ .base_url = worker->api_url,
                                                    .token = assignment->token,
                                                    .ca_file = worker->ca_file,
                                                    .stop = worker->stop,
                                                    .policy = worker->policy };
    struct svi_http_options options = work->http_options;
    if (!svi_worker_resources_need_line(work->resources, err))
        return false;
    options.line = work->resources->line;
    return svi_http_open(&work->http, &options, err);
}

bool svi_worker_run(const struct svi_worker *worker, const struct svi_assignment *assignment, struct svi_worker_outcome *outcome,
                    struct svi_error *err)
{
    struct work work;
    if (begin(&work, worker, assignment, outcome, err) && has_no_end(&work, err) && outcome->end == SVI_WORKER_NOT_BEGUN
        && svi_job_api_set_status(work.http, assignment->job, "running", NULL, true, err)) {
        outcome->end = SVI_WORKER_NO_END;
        finish(&work, make_results(&work, err), err);
    }
    if (outcome->end == SVI_WORKER_NOT_BEGUN)
        say_why_stopped(&work, err);
    clear_work(&work, err);
    return err->status == SVI_OK;
}

bool svi_worker_refuse(const struct svi_worker *worker, const struct svi_assignment *assignment, const struct svi_error *why,
                       struct svi_worker_outcome *outcome, struct svi_error *err)
{
    struct work work;
    if (begin(&work, worker, assignment, outcome, err) && has_no_end(&work, err) && outcome->end == SVI_WORKER_NOT_BEGUN
        && post_failed(&work, why, true, err))
        outcome->end = SVI_WORKER_FAILED;
    clear_work(&work, err);
    return outcome->end != SVI_WORKER_NOT_BEGUN;
}

int svi_worker_exit_code(const struct svi_worker_outcome *outcome, const struct svi_error *err)
{
    if (outcome->end == SVI_WORKER_COMPLETED)
        return 0;
    return outcome->end == SVI_WORKER_FAILED ? 1 : svi_status_exit_code(err->status);
}
