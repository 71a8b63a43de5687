#include "visual/results.h"

#include "base/file.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "device/opencl.h"
#include "visual/npy.h"
#include "visual/png.h"
#include "visual/png_about.h"
#include "visual/recording.h"
#include "visual/thumbnail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PICTURE_BYTES = 2000 << 20, MAX_SUMMARY_BYTES = 64 << 10 };

static bool result_path(char path[SVI_RESULT_PATH_SIZE], const char *folder, const char *name)
{
    return svi_format(path, SVI_RESULT_PATH_SIZE, "%s/%s", folder, name);
}

static bool result_name(char name[SVI_RESULT_NAME_SIZE], const struct svi_run *run, const char *ending)
{
    return svi_format(name, SVI_RESULT_NAME_SIZE, "%s%s", run->visual->name, ending);
}

bool svi_run_file_path(const struct svi_run *run, const char *ending, char path[SVI_RESULT_PATH_SIZE], struct svi_error *err)
{
    char name[SVI_RESULT_NAME_SIZE];
    return (result_name(name, run, ending) && result_path(path, run->request->folder, name))
           || svi_fail(err, SVI_IO, "The name of the folder for results is too long.");
}

bool svi_run_file_written(struct svi_run *run, enum svi_result_kind kind, const char *ending, struct svi_error *err)
{
    struct svi_rendering *rendering = run->rendering;
    if (rendering->result_count == SVI_MAX_RESULTS)
        return svi_fail(err, SVI_BUG, "One job makes more than %d files.", SVI_MAX_RESULTS);
    struct svi_result *result = &rendering->results[rendering->result_count++];
    result->kind = kind;
    return result_name(result->name, run, ending);
}

static json_t *summarize(const struct svi_run *run, const struct svi_result_context *context)
{
    const struct svi_pass_cost *cost = context->cost;
    const double total_s = svi_now_s() - context->begin_s;
    const double samples_per_s = run->recording ? (double)run->recording->sample_count / fmax(total_s, 1e-9) : 0;
    char file[SVI_RESULT_NAME_SIZE];
    svi_format(file, sizeof file, "%s.png", run->visual->name);
    json_object_set_new(run->image, "file", json_string(file));
    return json_pack(
        "{s:s, s:s, s:O, s:o, s:O, s:o, s:O*, s:O*, s:O*, s:O, s:O*, s:o, s:{s:f, s:f, s:f, s:f, s:f, s:f}, s:I, s:f, s:o}",
        "schema", SVI_SUMMARY_SCHEMA, "type", run->visual->name, run->table ? "table" : "recording", context->about, "parameters",
        svi_values_effective(&run->values), "ignored_parameters", run->values.ignored, "warnings",
        svi_warnings_list(&run->warnings), "power", run->power, "peaks", run->peaks, "statistics", run->statistics, "image",
        run->image, "slices", run->slices, "device", svi_about_device(run), "timing_s", "read", cost->read_s, "upload",
        cost->upload_s, "compute", cost->compute_s, "figure", run->figure_s, "encode", run->encode_s, "total", total_s,
        "bytes_read", (json_int_t)cost->bytes_read, "samples_per_s", samples_per_s, "program", svi_about_program());
}

static bool write_file(struct svi_run *run, enum svi_result_kind kind, const char *ending, const struct svi_buffer *bytes,
                       struct svi_error *err)
{
    char path[SVI_RESULT_PATH_SIZE];
    bool (*write)(const char *, struct svi_bytes, struct svi_error *) = run->request->unsynced ? svi_file_write_unsynced
                                                                                               : svi_file_write;
    return svi_run_file_path(run, ending, path, err) && write(path, (struct svi_bytes){ bytes->at, bytes->count }, err)
           && svi_run_file_written(run, kind, ending, err);
}

static bool encode_picture(struct svi_buffer *png, const struct svi_run *run, const json_t *recording, struct svi_error *err)
{
    json_t *about = svi_picture_about(run, recording);
    char *self = about ? json_dumps(about, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    const struct svi_png_text texts[] = {
        { "Title", run->title },          { "Description", run->footer },
        { "Software", SVI_PROGRAM_NAME }, { "Source", svi_device_about(run->device)->name },
        { SVI_PICTURE_KEYWORD, self },
    };
    bool ok = self ? svi_png_encode(png, &run->canvas, run->values.at[SVI_PARAM_DPI].number, texts, sizeof texts / sizeof *texts,
                                    err)
                   : svi_fail_memory(err, MAX_SUMMARY_BYTES);
    free(self);
    json_decref(about);
    return ok;
}

static bool write_picture(struct svi_run *run, const json_t *recording, struct svi_error *err)
{
    struct svi_buffer png;
    svi_buffer_init(&png, MAX_PICTURE_BYTES);
    bool ok = svi_picture_add_transform(run, err) && encode_picture(&png, run, recording, err)
              && write_file(run, SVI_RESULT_PICTURE, ".png", &png, err);
    svi_buffer_clear(&png);
    return ok;
}

/* Of the plot alone: the writing around it could not be read in a picture that small. */
static bool write_thumbnail(struct svi_run *run, struct svi_error *err)
{
    static const char ending[] = ".thumb.png";
    char name[SVI_RESULT_NAME_SIZE];
    if (!run->values.at[SVI_PARAM_THUMBNAIL].on)
        return true;
    struct svi_rect plot;
    struct svi_canvas small = { 0 };
    struct svi_buffer png;
    svi_buffer_init(&png, MAX_PICTURE_BYTES);
    bool ok = json_unpack(json_object_get(run->image, "plot"), "{s:i, s:i, s:i, s:i}", "left", &plot.left, "top", &plot.top,
                          "width", &plot.width, "height", &plot.height)
                  == 0
              && result_name(name, run, ending) && json_object_set_new(run->image, "thumbnail", json_string(name)) == 0;
    ok = ok ? svi_thumbnail_make(&small, &run->canvas, plot, err) : svi_fail(err, SVI_BUG, "The picture has no plot.");
    ok = ok && svi_png_encode(&png, &small, 0, NULL, 0, err) && write_file(run, SVI_RESULT_FILE, ending, &png, err);
    svi_buffer_clear(&png);
    svi_canvas_clear(&small);
    return ok;
}

static bool write_data(struct svi_run *run, struct svi_error *err)
{
    if (!run->data)
        return true;
    struct svi_buffer npy;
    svi_buffer_init(&npy, MAX_PICTURE_BYTES);
    bool ok = (svi_npy_encode(&npy, run->data, run->data_rows, run->data_columns) || svi_fail_memory(err, npy.limit))
              && write_file(run, SVI_RESULT_LOCAL, ".npy", &npy, err);
    svi_buffer_clear(&npy);
    return ok;
}

static bool write_summary(struct svi_run *run, json_t *summary, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, MAX_SUMMARY_BYTES);
    char *dump = json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    bool ok = ((dump && svi_buffer_add(&text, dump, strlen(dump)) && svi_buffer_add(&text, "\n", 1))
               || svi_fail_memory(err, text.limit))
              && write_file(run, SVI_RESULT_SUMMARY, ".json", &text, err);
    free(dump);
    svi_buffer_clear(&text);
    return ok;
}

bool svi_results_write(struct svi_run *run, const struct svi_result_context *context, struct svi_error *err)
{
    const double encode_s = svi_now_s();
    if (!write_data(run, err) || !write_thumbnail(run, err) || !write_picture(run, context->about, err))
        return false;
    run->encode_s = svi_now_s() - encode_s;
    json_t *summary = summarize(run, context);
    if (!summary)
        return svi_fail_memory(err, MAX_SUMMARY_BYTES);
    bool ok = write_summary(run, summary, err);
    return json_array_append_new(run->rendering->summaries, summary) == 0 && ok;
}

void svi_results_remove(const struct svi_rendering *rendering, const char *folder)
{
    char path[SVI_RESULT_PATH_SIZE];
    for (size_t i = 0; i < rendering->result_count; i++)
        if (result_path(path, folder, rendering->results[i].name))
            unlink(path);
}
