/* command_render - draws local recordings in this one process: no platform, no network. */
#include "base/bytes.h"
#include "base/file.h"
#include "host/another_device.h"
#include "host/command.h"
#include "host/driver_cache.h"
#include "host/progress.h"
#include "host/stop.h"
#include "visual/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct drawing {
    const struct svi_options *options;
    const struct svi_file *files;
    size_t file_count;
    const char *types[SVI_MAX_TYPES];
    size_t type_count;
    json_t *config;
    const char *folder, *shown_folder; /* as realpath and as the user wrote it */
    struct svi_device *device;
};

static void print_paths(const struct drawing *drawing, const struct svi_rendering *rendering)
{
    for (size_t i = 0; i < rendering->result_count; i++)
        printf("%s/%s\n", drawing->shown_folder, rendering->results[i].name);
    fflush(stdout);
}

static const char *text_of(const json_t *tree)
{
    return json_string_value(tree) ? json_string_value(tree) : "";
}

/* What is true of several pictures is told once. */
static void tell_warnings(const json_t *summaries)
{
    json_t *told = json_object();
    const json_t *summary, *text;
    size_t i, k;
    json_array_foreach(summaries, i, summary)
    {
        json_array_foreach(json_object_get(summary, "warnings"), k, text)
        {
            if (!json_object_get(told, text_of(text)))
                svi_log(SVI_LOG_WARNING, "%s", text_of(text));
            json_object_set_new(told, text_of(text), json_true());
        }
    }
    svi_tell_ignored(json_object_get(json_array_get(summaries, 0), "ignored_parameters"));
    json_decref(told);
}

static bool list_types(struct drawing *drawing, struct svi_error *err)
{
    const char *type;
    while ((type = svi_option_item(drawing->options, SVI_OPTION_TYPE, drawing->type_count))) {
        char types[400];
        svi_render_types(types, sizeof types);
        if (!svi_render_knows(type))
            return svi_fail(err, SVI_BAD_USAGE, "There is no type \"%s\". Types: %s.", type, types);
        if (drawing->type_count == SVI_MAX_TYPES)
            return svi_fail(err, SVI_BAD_USAGE, "--type is given more than %d times. Types: %s.", SVI_MAX_TYPES, types);
        drawing->types[drawing->type_count++] = type;
    }
    return true;
}

static bool draw(const struct drawing *drawing, const char *notice, struct svi_error *err)
{
    struct svi_progress_bar bar = svi_progress_bar_start(STDERR_FILENO, drawing->type_count == 1 ? drawing->types[0] : "pictures",
                                                         svi_wants_progress_bar(drawing->options));
    const struct svi_render_request request = {
        .types = drawing->types,
        .type_count = drawing->type_count,
        .config = drawing->config,
        .capture = { .files = drawing->files,
                     .file_count = drawing->file_count,
                     .look_beside = true,
                     .format = json_string_value(json_object_get(drawing->config, "capture_type")),
                     .recording = json_string_value(json_object_get(drawing->config, "recording")),
                     .scratch_folder = svi_scratch_folder() },
        .folder = drawing->folder,
        .save_data = svi_option_on(drawing->options, SVI_OPTION_SAVE_DATA),
        .stft = svi_option_text(drawing->options, SVI_OPTION_STFT),
        .notice = notice,
        .progress = svi_progress_bar_update,
        .progress_self = &bar,
    };
    struct svi_rendering rendering = { 0 };
    bool ok = svi_render(drawing->device, &request, &rendering, err);
    svi_progress_bar_end(&bar);
    if (ok) {
        tell_warnings(rendering.summaries);
        print_paths(drawing, &rendering);
    }
    svi_rendering_clear(&rendering);
    return ok;
}

static bool open_and_draw(struct drawing *drawing, struct svi_error *err)
{
    char cache[PATH_MAX];
    if (!svi_cache_folder(drawing->options, cache, err))
        return false;
    svi_driver_cache_claim(cache);
    struct svi_another_device another = { .wish = svi_option_text(drawing->options, SVI_OPTION_DEVICE), .cache_folder = cache };
    bool ok = svi_device_open_beside(&drawing->device, another.wish, cache, err) && draw(drawing, NULL, err);
    /* Who names a device wants that one. */
    while (!ok && !another.wish && svi_another_device(&another, &drawing->device, err))
        ok = draw(drawing, another.notice, err);
    svi_device_close(drawing->device);
    return ok;
}

static struct svi_file *list_files(const struct svi_options *options, struct svi_error *err)
{
    size_t count = svi_operand_count(options);
    struct svi_file *files = calloc(count, sizeof *files);
    if (!files)
        svi_fail_memory(err, count * sizeof *files);
    for (size_t i = 0; files && i < count; i++)
        files[i] = (struct svi_file){ svi_operand(options, i), svi_base_name(svi_operand(options, i)) };
    return files;
}

int svi_command_render(const struct svi_options *options, struct svi_error *err)
{
    const char *output = svi_option_text(options, SVI_OPTION_OUTPUT);
    char folder[PATH_MAX];
    struct drawing drawing = { .options = options, .folder = folder, .shown_folder = output ? output : "." };
    svi_stop_catch();
    struct svi_file *files = list_files(options, err);
    drawing.files = files;
    drawing.file_count = svi_operand_count(options);
    drawing.config = files ? svi_config_from_sets(options, err) : NULL;
    bool ok = drawing.config && list_types(&drawing, err) && svi_results_folder(folder, drawing.shown_folder, err)
              && open_and_draw(&drawing, err);
    json_decref(drawing.config);
    free(files);
    return svi_exit_code(ok, err);
}
