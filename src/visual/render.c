#include "visual/render.h"

#include "base/stopwatch.h"
#include "visual/recording.h"
#include "visual/results.h"
#include "visual/visuals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shares of the whole, for whoever watches. */
static const double pass_share = 0.9;

struct job {
    struct svi_device *device;
    const struct svi_render_request *request;
    struct svi_chosen_visuals chosen;
    struct svi_run *runs; /* as many as are chosen */
    size_t run_count;
    struct svi_values values; /* of the recording, not of one picture */
    struct svi_input input;
    const struct svi_recording *recording; /* of the input's capture, if it is one */
    struct svi_plausibility plausibility;
    json_t *about; /* the one that there is */
    double begin_s, start_s;
    struct svi_plan *plan;
    struct svi_rendering *rendering;
};

static bool tell_progress(const struct svi_render_request *request, double share, const char *stage, struct svi_error *err)
{
    return !request->progress || request->progress(request->progress_self, share, stage)
           || svi_fail(err, SVI_CANCELLED, "The job was cancelled.");
}

bool svi_run_progress(struct svi_run *run, double share, const char *stage, struct svi_error *err)
{
    return tell_progress(run->request, share, stage, err);
}

void svi_run_show(struct svi_run *run, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                  const struct svi_plot_pixels *shown)
{
    run->figure = *figure;
    run->layout = layout;
    run->shown = shown;
}

void *svi_run_state(struct svi_run *run, size_t size, struct svi_error *err)
{
    run->state = calloc(1, size);
    if (!run->state)
        svi_fail_memory(err, size);
    return run->state;
}

/* All but what it has made. */
static void clear_run(struct svi_run *run)
{
    if (run->state)
        run->visual->end(run);
    free(run->state);
    svi_values_clear(&run->values);
    json_decref(run->power);
    json_decref(run->peaks);
    json_decref(run->statistics);
    json_decref(run->image);
    json_decref(run->slices);
    free(run->data);
    struct svi_run left = { .result_count = run->result_count, .summary = run->summary };
    memcpy(left.results, run->results, sizeof left.results);
    *run = left;
}

/* What the runs have made, in the order of the types. */
static bool list_results(struct job *job, struct svi_error *err)
{
    struct svi_rendering *rendering = job->rendering;
    bool ok = true;
    for (size_t i = 0; i < job->run_count; i++) {
        const struct svi_run *run = &job->runs[i];
        for (size_t k = 0; k < run->result_count; k++)
            rendering->results[rendering->result_count++] = run->results[k];
        ok = ok && (!run->summary || json_array_append(rendering->summaries, run->summary) == 0 || svi_fail_memory(err, 1));
    }
    return ok;
}

static void clear(struct job *job)
{
    for (size_t i = 0; i < job->run_count; i++) {
        clear_run(&job->runs[i]);
        json_decref(job->runs[i].summary);
    }
    svi_plan_destroy(job->plan);
    svi_values_clear(&job->values);
    json_decref(job->about);
    svi_input_close(&job->input);
    free(job->runs);
    free(job);
}

/* Narrows the capture to what start and duration say, in whole samples. */
static bool select_time(struct job *job, struct svi_error *err)
{
    const struct svi_recording *recording = job->recording;
    const struct svi_value *start = &job->values.at[SVI_PARAM_START], *duration = &job->values.at[SVI_PARAM_DURATION];
    const double rate_hz = recording->sample_rate_hz, all = (double)recording->sample_count;
    const double first = round(start->number * rate_hz);
    if (first >= all)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter start is %.10g s, but the recording ends at %.10g s.", start->number,
                        all / rate_hz);
    const double count = fmin(duration->given ? round(duration->number * rate_hz) : all, all - first);
    if (count < 1)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter duration is %.10g s, less than one sample.", duration->number);
    job->start_s = first / rate_hz;
    svi_values_default_number(&job->values, SVI_PARAM_DURATION, count / rate_hz);
    return svi_capture_select(job->input.capture, (uint64_t)first, (uint64_t)count, err);
}

/* Archives take their time. */
static bool keep_opening(void *self)
{
    const struct job *job = self;
    struct svi_error ignored = { 0 };
    return tell_progress(job->request, 0, "unpack", &ignored);
}

/* Samples, where nothing else can be drawn by one of the types. */
static enum svi_text_as wanted_text(const struct svi_chosen_visuals *chosen)
{
    for (size_t i = 0; i < chosen->count; i++)
        if (chosen->at[i]->of_table)
            return SVI_TEXT_BY_COLUMNS;
    return SVI_TEXT_AS_SAMPLES;
}

static bool open_files(struct job *job, struct svi_error *err)
{
    struct svi_capture_request request = job->request->capture;
    request.go_on = keep_opening;
    request.go_on_self = job;
    request.text_as = wanted_text(&job->chosen);
    if (!svi_values_read(&job->values, job->request->config, err) || !tell_progress(job->request, 0, "open", err)
        || !svi_recording_open(&job->input, &request, &job->values, err))
        return false;
    if (job->input.capture) {
        job->recording = svi_capture_recording(job->input.capture);
        job->about = svi_recording_about(job->recording);
        if (!select_time(job, err) || !svi_plausibility_judge(&job->plausibility, job->input.capture, err))
            return false;
        json_object_set_new(job->about, "plausibility", svi_plausibility_about(&job->plausibility));
        return true;
    }
    job->about = job->input.table ? svi_table_about(job->input.table) : svi_sweeps_about(job->input.sweeps);
    return true;
}

/* They suit every visualization. */
static bool samples_came(const struct job *job)
{
    return !job->input.table && !job->input.sweeps;
}

/* The visualization that draws what there is; NULL: this one cannot. */
static const struct svi_visual *suited(const struct job *job, const struct svi_visual *visual)
{
    return job->input.table ? visual->of_table : job->input.sweeps ? visual->of_sweeps : visual;
}

static bool fail_unsuited(const struct job *job, const struct svi_visual *visual, struct svi_error *err)
{
    if (job->input.table)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "A %s is made of samples, but %s is a table. Choose heatmap or scatterplot; columns are samples where they "
                        "are called i and q, or hold numbers like 0.1-0.2j, and sampleRate is stated.",
                        visual->name, job->input.table->name);
    return svi_fail(err, SVI_BAD_RECORDING,
                    "A %s is made of samples, but %s holds power spectra. Choose waterfall, heatmap or periodogram.", visual->name,
                    job->input.sweeps->name);
}

static bool begin_run(struct job *job, struct svi_run *run, const struct svi_visual *visual, struct svi_error *err)
{
    *run = (struct svi_run){
        .visual = suited(job, visual),
        .device = job->device,
        .request = job->request,
        .plan = job->plan,
        .capture = job->input.capture,
        .recording = job->recording,
        .table = job->input.table,
        .sweeps = job->input.sweeps,
        .name = job->input.table    ? job->input.table->name
                : job->input.sweeps ? job->input.sweeps->name
                                    : job->recording->name,
        .plausibility = &job->plausibility,
        .start_s = job->start_s,
        .warnings = job->input.table    ? job->input.table->warnings
                    : job->input.sweeps ? job->input.sweeps->warnings
                                        : job->recording->warnings,
    };
    if (job->request->notice)
        svi_warn(&run->warnings, "%s", job->request->notice);
    if (job->plausibility.sentence[0])
        svi_warn(&run->warnings, "%s", job->plausibility.sentence);
    if (!samples_came(job) && !run->visual)
        return fail_unsuited(job, visual, err);
    if (!svi_values_read(&run->values, job->request->config, err))
        return false;
    svi_values_default_number(&run->values, SVI_PARAM_DURATION, job->values.at[SVI_PARAM_DURATION].number);
    return run->visual->begin(run, err);
}

/* Nobody asked for these, and what came does not suit them at all. Where it suits none, all stay, to say why. */
static void leave_out_unsuited(struct job *job)
{
    size_t count = 0;
    for (size_t i = 0; i < job->chosen.count; i++)
        if (suited(job, job->chosen.at[i]))
            job->chosen.at[count++] = job->chosen.at[i];
    job->chosen.count = count ? count : job->chosen.count;
}

/* Where nobody named types, those are drawn that suit what came. One for which it is too short, say, is left out, and the others
 * say so. */
static bool begin_runs(struct job *job, struct svi_error *err)
{
    struct svi_error unsuited[SVI_MAX_TYPES];
    size_t unsuited_count = 0;
    if (job->chosen.any && !samples_came(job))
        leave_out_unsuited(job);
    job->runs = malloc(job->chosen.count * sizeof *job->runs);
    if (!job->runs)
        return svi_fail_memory(err, job->chosen.count * sizeof *job->runs);
    for (size_t i = 0; i < job->chosen.count; i++) {
        struct svi_error why = { 0 };
        struct svi_run *run = &job->runs[job->run_count++];
        if (begin_run(job, run, job->chosen.at[i], &why))
            continue;
        clear_run(run);
        job->run_count--;
        if (!job->chosen.any || why.status != SVI_BAD_RECORDING) {
            *err = why;
            return false;
        }
        unsuited[unsuited_count++] = why;
    }
    if (!job->run_count) {
        *err = unsuited[0];
        return false;
    }
    for (size_t i = 0; i < job->run_count; i++)
        for (size_t k = 0; k < unsuited_count; k++)
            svi_warn(&job->runs[i].warnings, "%s", unsuited[k].message);
    return true;
}

static bool on_pass(void *self, double share)
{
    const struct svi_render_request *request = self;
    struct svi_error ignored = { 0 };
    return tell_progress(request, pass_share * share, "compute", &ignored);
}

static bool draw_run(struct svi_run *run, double share, struct svi_error *err)
{
    const double draw_s = svi_now_s();
    const bool ok = svi_run_progress(run, share, "figure", err) && run->visual->draw(run, err);
    run->figure_s = svi_now_s() - draw_s;
    return ok;
}

static bool is_large(const struct svi_run *run)
{
    const double pixels = (double)(1 << 22), dots = SVI_DOTS_PER_INCH;
    return run->values.at[SVI_PARAM_WIDTH].number * dots * run->values.at[SVI_PARAM_HEIGHT].number * dots > pixels;
}

/* A large picture has the memory for itself, and is not left to be painted beside the next one. */
static bool begin_results(struct job *job, struct svi_run *run, size_t begun, const struct svi_result_context *context,
                          struct svi_encoding **encoding, struct svi_error *err)
{
    const double share = pass_share + (1 - pass_share) * (double)begun / (double)job->run_count;
    if (!draw_run(run, share, err) || !svi_run_progress(run, share, "encode", err))
        return false;
    return svi_results_begin(encoding, run, context, begun + 1 < job->run_count && !is_large(run), err);
}

/* The runs in the order in which they are drawn. */
static void order_runs(const struct job *job, size_t order[SVI_MAX_TYPES])
{
    for (size_t i = 0; i < job->run_count; i++) {
        const unsigned composing = job->runs[i].visual->composing;
        size_t at = i;
        for (; at > 0 && job->runs[order[at - 1]].visual->composing < composing; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* Pictures are composed, painted and encoded while the next ones are drawn. */
static bool finish_runs(struct job *job, struct svi_error *err)
{
    enum { PICTURES_AT_A_TIME = 4 };
    const struct svi_result_context context = { job->about, svi_plan_cost(job->plan), job->begin_s };
    struct svi_encoding *encodings[SVI_MAX_TYPES] = { NULL };
    size_t order[SVI_MAX_TYPES] = { 0 };
    size_t begun = 0, ended = 0;
    bool ok = true;
    order_runs(job, order);
    while (ok && ended < job->run_count) {
        if (begun < job->run_count && begun - ended < PICTURES_AT_A_TIME) {
            ok = begin_results(job, &job->runs[order[begun]], begun, &context, &encodings[begun], err);
            begun++;
            continue;
        }
        ok = svi_results_end(encodings[ended], &context, err);
        encodings[ended] = NULL;
        clear_run(&job->runs[order[ended++]]);
    }
    for (size_t i = ended; i < begun; i++)
        svi_results_drop(encodings[i]);
    return ok;
}

/* That there is no device is told before anything else is found fault with, although it may be known later. The wait for it is no
 * part of the job's time. */
static bool look_at_files(struct job *job, struct svi_error *err)
{
    struct svi_error why = { 0 };
    const bool ok = svi_visuals_choose(&job->chosen, job->request, &why) && open_files(job, &why);
    const double wait_s = svi_now_s();
    if (!svi_device_ready(job->device, err))
        return false;
    job->begin_s += svi_now_s() - wait_s;
    if (!ok)
        *err = why;
    return ok;
}

bool svi_render(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *out,
                struct svi_error *err)
{
    *out = (struct svi_rendering){ .summaries = json_array() };
    struct job *job = calloc(1, sizeof *job);
    if (!job || !out->summaries) {
        free(job);
        svi_rendering_clear(out);
        return svi_fail_memory(err, sizeof *job);
    }
    job->device = device;
    job->request = request;
    job->begin_s = svi_now_s();
    job->rendering = out;
    bool ok = look_at_files(job, err) && svi_plan_create(&job->plan, device, job->input.capture, err) && begin_runs(job, err)
              && svi_plan_run(job->plan, on_pass, (void *)(uintptr_t)request, err) && finish_runs(job, err);
    ok = list_results(job, err) && ok;
    clear(job);
    if (!ok) {
        svi_results_remove(out, request->folder);
        svi_rendering_clear(out);
    }
    return ok;
}

void svi_rendering_clear(struct svi_rendering *rendering)
{
    json_decref(rendering->summaries);
    *rendering = (struct svi_rendering){ 0 };
}
