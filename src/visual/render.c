#include "visual/render.h"

#include "base/file.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "device/opencl.h"
#include "visual/npy.h"
#include "visual/png.h"
#include "visual/recording.h"
#include "visual/visual.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PICTURE_BYTES = 2000 << 20, MAX_SUMMARY_BYTES = 64 << 10 };

enum result { RESULT_DATA, RESULT_PICTURE, RESULT_SUMMARY, RESULT_COUNT };

struct results {
    bool written[RESULT_COUNT];
};

static const struct svi_visual *const visuals[] = {
#define SVI_VISUAL(name) &svi_##name,
#include "visual/visual_list.h"
#undef SVI_VISUAL
};

enum { VISUAL_COUNT = sizeof visuals / sizeof visuals[0] };

const char *svi_render_type(size_t i)
{
    return i < VISUAL_COUNT ? visuals[i]->name : NULL;
}

static const struct svi_visual *find(const char *type)
{
    for (size_t i = 0; i < VISUAL_COUNT; i++)
        if (!strcmp(visuals[i]->name, type))
            return visuals[i];
    return NULL;
}

bool svi_render_knows(const char *type)
{
    return find(type) != NULL;
}

void svi_render_types(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < VISUAL_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", visuals[i]->name);
}

bool svi_run_progress(struct svi_run *run, double share, const char *stage, struct svi_error *err)
{
    const struct svi_render_request *request = run->request;
    return !request->progress || request->progress(request->progress_self, share, stage)
           || svi_fail(err, SVI_CANCELLED, "The job was cancelled.");
}

static json_t *summarize(const struct svi_run *run, double encode_s, double total_s)
{
    const struct svi_device_info *device = svi_device_about(run->device);
    char file[64];
    svi_format(file, sizeof file, "%s.png", run->request->type);
    json_object_set_new(run->image, "file", json_string(file));
    return json_pack(
        "{s:s, s:s, s:O, s:o, s:O, s:o, s:O, s:O, s:O, s:{s:s, s:s, s:s, s:s}, s:{s:f, s:f, s:f, s:f, s:f, s:f}, s:I, s:f, "
        "s:{s:s, s:s}}",
        "schema", "svi-worker.summary/1", "type", run->request->type, "recording", run->about_recording, "parameters",
        svi_values_effective(&run->values), "ignored_parameters", run->values.ignored, "warnings",
        svi_warnings_list(&run->warnings), "power", run->power, "peaks", run->peaks, "image", run->image, "device", "name",
        device->name, "type", svi_device_type_name(device->type), "driver", device->driver, "stft", run->engine, "timing_s", "read",
        run->read_s, "upload", run->upload_s, "compute", run->compute_s, "figure", run->figure_s, "encode", encode_s, "total",
        total_s, "bytes_read", (json_int_t)run->bytes_read, "samples_per_s",
        (double)run->recording->sample_count / fmax(total_s, 1e-9), "program", "name", SVI_PROGRAM_NAME, "version", svi_version);
}

/* The files of a picture, in the order in which they appear: whoever sees the summary finds the others. */
static const char *const endings[RESULT_COUNT] = { [RESULT_DATA] = "npy", [RESULT_PICTURE] = "png", [RESULT_SUMMARY] = "json" };

static bool result_path(char path[PATH_MAX], const struct svi_render_request *request, enum result result)
{
    return svi_format(path, PATH_MAX, "%s/%s.%s", request->folder, request->type, endings[result]);
}

/* Whole or not at all. */
static bool write_result(struct results *results, const struct svi_run *run, enum result result, const struct svi_buffer *bytes,
                         struct svi_error *err)
{
    char path[PATH_MAX];
    if (!result_path(path, run->request, result))
        return svi_fail(err, SVI_IO, "The name of the folder for results is too long.");
    results->written[result] = svi_file_write(path, (struct svi_bytes){ bytes->at, bytes->count }, err);
    return results->written[result];
}

/* What this run wrote, and nothing that an earlier one left there. */
static void remove_results(const struct results *results, const struct svi_render_request *request)
{
    char path[PATH_MAX];
    for (enum result result = 0; result < RESULT_COUNT; result++)
        if (results->written[result] && result_path(path, request, result))
            unlink(path);
}

static bool write_picture(struct results *results, struct svi_run *run, struct svi_error *err)
{
    const struct svi_png_text texts[] = {
        { "Title", run->title },
        { "Description", run->footer },
        { "Software", SVI_PROGRAM_NAME },
    };
    struct svi_buffer png;
    svi_buffer_init(&png, MAX_PICTURE_BYTES);
    bool ok = svi_png_encode(&png, &run->canvas, run->values.at[SVI_PARAM_DPI].number, texts, sizeof texts / sizeof *texts, err)
              && write_result(results, run, RESULT_PICTURE, &png, err);
    svi_buffer_clear(&png);
    return ok;
}

static bool write_data(struct results *results, const struct svi_run *run, struct svi_error *err)
{
    if (!run->data)
        return true;
    struct svi_buffer npy;
    svi_buffer_init(&npy, MAX_PICTURE_BYTES);
    bool ok = (svi_npy_encode(&npy, run->data, run->data_rows, run->data_columns) || svi_fail_memory(err, npy.limit))
              && write_result(results, run, RESULT_DATA, &npy, err);
    svi_buffer_clear(&npy);
    return ok;
}

static bool write_summary(struct results *results, const struct svi_run *run, json_t *summary, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, MAX_SUMMARY_BYTES);
    char *dump = json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    bool ok = ((dump && svi_buffer_add(&text, dump, strlen(dump)) && svi_buffer_add(&text, "\n", 1))
               || svi_fail_memory(err, text.limit))
              && write_result(results, run, RESULT_SUMMARY, &text, err);
    free(dump);
    svi_buffer_clear(&text);
    return ok;
}

static void clear(struct svi_run *run)
{
    svi_canvas_clear(&run->canvas);
    svi_values_clear(&run->values);
    json_decref(run->about_recording);
    json_decref(run->power);
    json_decref(run->peaks);
    json_decref(run->image);
    free(run->data);
    svi_capture_close(run->capture);
}

/* Narrows the capture to what start and duration say, in whole samples. */
static bool select_time(struct svi_run *run, struct svi_error *err)
{
    const struct svi_recording *recording = run->recording;
    const struct svi_value *start = &run->values.at[SVI_PARAM_START], *duration = &run->values.at[SVI_PARAM_DURATION];
    const double rate_hz = recording->sample_rate_hz, all = (double)recording->sample_count;
    const double first = round(start->number * rate_hz);
    if (first >= all)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter start is %.10g s, but the recording ends at %.10g s.", start->number,
                        all / rate_hz);
    const double count = fmin(duration->given ? round(duration->number * rate_hz) : all, all - first);
    if (count < 1)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter duration is %.10g s, less than one sample.", duration->number);
    run->start_s = first / rate_hz;
    svi_values_default_number(&run->values, SVI_PARAM_DURATION, count / rate_hz);
    return svi_capture_select(run->capture, (uint64_t)first, (uint64_t)count, err);
}

bool svi_render(struct svi_device *device, const struct svi_render_request *request, json_t **summary, struct svi_error *err)
{
    const double start_s = svi_now_s();
    const struct svi_visual *visual = find(request->type);
    if (!visual) {
        char types[256];
        svi_render_types(types, sizeof types);
        return svi_fail(err, SVI_UNKNOWN_TYPE, "There is no visualization \"%.40s\"; there is: %s.", request->type, types);
    }
    struct svi_run run = { .device = device, .request = request };
    struct results results = { { false } };
    bool ok = svi_values_read(&run.values, request->config, err) && svi_run_progress(&run, 0, "open", err)
              && svi_recording_open(&run.capture, &request->capture, &run.values, err);
    if (ok) {
        run.recording = svi_capture_recording(run.capture);
        run.warnings = run.recording->warnings;
        run.about_recording = svi_recording_about(run.recording);
        ok = select_time(&run, err) && visual->draw(&run, err);
    }
    double encode_begin_s = svi_now_s();
    ok = ok && svi_run_progress(&run, 0.95, "encode", err) && write_data(&results, &run, err) && write_picture(&results, &run, err);
    if (ok) {
        double now_s = svi_now_s();
        *summary = summarize(&run, now_s - encode_begin_s, now_s - start_s);
        ok = (*summary || svi_fail_memory(err, MAX_SUMMARY_BYTES)) && write_summary(&results, &run, *summary, err);
        if (!ok)
            json_decref(*summary);
    }
    if (!ok)
        remove_results(&results, request);
    clear(&run);
    return ok;
}
