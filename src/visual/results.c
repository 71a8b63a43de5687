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
#include <pthread.h>
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
    if (run->result_count == SVI_MAX_RUN_RESULTS)
        return svi_fail(err, SVI_BUG, "One picture makes more than %d files.", SVI_MAX_RUN_RESULTS);
    struct svi_result *result = &run->results[run->result_count++];
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
    const struct svi_bytes content = { bytes->at, bytes->count };
    return svi_run_file_path(run, ending, path, err)
           && (run->request->folder_is_ours ? svi_file_fill(path, content, err) : svi_file_write(path, content, err))
           && svi_run_file_written(run, kind, ending, err);
}

static const char thumbnail_ending[] = ".thumb.png";

enum { PICTURE_TEXTS = 5 };

struct svi_encoding {
    struct svi_run *run;
    const json_t *recording; /* about the whole of it, or of the table */
    char *about;             /* of the picture: what it says of itself */
    struct svi_buffer png, thumbnail;
    pthread_t thread;
    bool running, ok;
    struct svi_error err;
};

static bool wants_thumbnail(const struct svi_run *run)
{
    return run->values.at[SVI_PARAM_THUMBNAIL].on;
}

/* Of the plot alone: the writing around it could not be read in a picture that small. */
static bool encode_thumbnail(struct svi_encoding *encoding, const struct svi_canvas *canvas)
{
    struct svi_canvas small = { 0 };
    const bool ok = svi_thumbnail_make(&small, canvas, svi_figure_plot_area(encoding->run->layout), &encoding->err)
                    && svi_png_encode(&encoding->thumbnail, &small, 0, NULL, 0, &encoding->err);
    svi_canvas_clear(&small);
    return ok;
}

static bool encode_picture(struct svi_encoding *encoding, const struct svi_canvas *canvas)
{
    const struct svi_run *run = encoding->run;
    const struct svi_png_text texts[PICTURE_TEXTS] = {
        { "Title", run->title },
        { "Description", run->footer },
        { "Software", SVI_PROGRAM_NAME },
        { "Source", svi_device_about(run->device)->name },
        { SVI_PICTURE_KEYWORD, encoding->about },
    };
    return svi_png_encode(&encoding->png, canvas, run->figure.dpi, texts, PICTURE_TEXTS, &encoding->err);
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

/* What the picture says of itself. */
static bool describe_picture(struct svi_encoding *encoding)
{
    struct svi_run *run = encoding->run;
    char name[SVI_RESULT_NAME_SIZE];
    if (!svi_picture_add_transform(run, &encoding->err))
        return false;
    if (wants_thumbnail(run) && result_name(name, run, thumbnail_ending))
        json_object_set_new(run->image, "thumbnail", json_string(name));
    json_t *about = svi_picture_about(run, encoding->recording);
    encoding->about = about ? json_dumps(about, JSON_COMPACT | JSON_REAL_PRECISION(SVI_JSON_DIGITS)) : NULL;
    json_decref(about);
    return encoding->about || svi_fail_memory(&encoding->err, MAX_SUMMARY_BYTES);
}

static bool write_pictures(struct svi_encoding *encoding)
{
    struct svi_run *run = encoding->run;
    return (!wants_thumbnail(run) || write_file(run, SVI_RESULT_FILE, thumbnail_ending, &encoding->thumbnail, &encoding->err))
           && write_file(run, SVI_RESULT_PICTURE, ".png", &encoding->png, &encoding->err);
}

/* The run is this thread's until the picture was waited for. */
static void *make_picture(void *self)
{
    struct svi_encoding *encoding = self;
    struct svi_run *run = encoding->run;
    struct svi_canvas canvas = { 0 };
    const double begin_s = svi_now_s();
    encoding->ok = (!run->visual->compose || run->visual->compose(run, &encoding->err)) && write_data(run, &encoding->err)
                   && describe_picture(encoding) && svi_figure_draw(&canvas, &run->figure, run->layout, run->shown, &encoding->err);
    const double painted_s = svi_now_s();
    encoding->ok = encoding->ok && encode_picture(encoding, &canvas)
                   && (!wants_thumbnail(run) || encode_thumbnail(encoding, &canvas));
    run->figure_s += painted_s - begin_s;
    run->encode_s = svi_now_s() - painted_s;
    svi_canvas_clear(&canvas);
    encoding->ok = encoding->ok && write_pictures(encoding);
    return NULL;
}

static void wait_for(struct svi_encoding *encoding)
{
    if (encoding->running)
        pthread_join(encoding->thread, NULL);
    encoding->running = false;
}

static bool write_summary(struct svi_run *run, const json_t *summary, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, MAX_SUMMARY_BYTES);
    char *dump = json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(SVI_JSON_DIGITS));
    bool ok = ((dump && svi_buffer_add(&text, dump, strlen(dump)) && svi_buffer_add(&text, "\n", 1))
               || svi_fail_memory(err, text.limit))
              && write_file(run, SVI_RESULT_SUMMARY, ".json", &text, err);
    free(dump);
    svi_buffer_clear(&text);
    return ok;
}

void svi_results_drop(struct svi_encoding *encoding)
{
    if (!encoding)
        return;
    wait_for(encoding);
    svi_buffer_clear(&encoding->png);
    svi_buffer_clear(&encoding->thumbnail);
    free(encoding->about);
    free(encoding);
}

bool svi_results_begin(struct svi_encoding **out, struct svi_run *run, const struct svi_result_context *context, bool beside,
                       struct svi_error *err)
{
    struct svi_encoding *encoding = calloc(1, sizeof *encoding);
    if (!encoding)
        return svi_fail_memory(err, sizeof *encoding);
    encoding->run = run;
    encoding->recording = context->about;
    svi_buffer_init(&encoding->png, MAX_PICTURE_BYTES);
    svi_buffer_init(&encoding->thumbnail, MAX_PICTURE_BYTES);
    encoding->running = beside && pthread_create(&encoding->thread, NULL, make_picture, encoding) == 0;
    if (!encoding->running)
        make_picture(encoding);
    *out = encoding;
    return true;
}

static bool end_results(struct svi_encoding *encoding, const struct svi_result_context *context, struct svi_error *err)
{
    struct svi_run *run = encoding->run;
    wait_for(encoding);
    if (!encoding->ok) {
        *err = encoding->err;
        return false;
    }
    run->summary = summarize(run, context);
    return run->summary ? write_summary(run, run->summary, err) : svi_fail_memory(err, MAX_SUMMARY_BYTES);
}

bool svi_results_end(struct svi_encoding *encoding, const struct svi_result_context *context, struct svi_error *err)
{
    const bool ok = end_results(encoding, context, err);
    svi_results_drop(encoding);
    return ok;
}

void svi_results_remove(const struct svi_rendering *rendering, const char *folder)
{
    char path[SVI_RESULT_PATH_SIZE];
    for (size_t i = 0; i < rendering->result_count; i++)
        if (result_path(path, folder, rendering->results[i].name))
            unlink(path);
}
