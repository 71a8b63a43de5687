/* command_render - draws local recordings in this one process: no platform, no network. */
#include "base/bytes.h"
#include "base/file.h"
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
    json_t *config;
    const char *folder, *shown_folder; /* as realpath and as the user wrote it */
    struct svi_device *device;
};

static void print_paths(const struct drawing *drawing, const char *type)
{
    static const char *const endings[] = { "png", "json", "npy" };
    for (size_t i = 0; i < 2u + svi_option_on(drawing->options, SVI_OPTION_SAVE_DATA); i++)
        printf("%s/%s.%s\n", drawing->shown_folder, type, endings[i]);
    fflush(stdout);
}

static void tell_warnings(const json_t *summary)
{
    size_t i;
    const json_t *text;
    json_array_foreach(json_object_get(summary, "warnings"), i, text)
        svi_log(SVI_LOG_WARNING, "%s", json_string_value(text) ? json_string_value(text) : "");
    json_array_foreach(json_object_get(summary, "ignored_parameters"), i, text) svi_log(
        SVI_LOG_WARNING, "the parameter %s is not known and was ignored", json_string_value(text) ? json_string_value(text) : "");
}

static bool draw_type(const struct drawing *drawing, const char *type, struct svi_error *err)
{
    struct svi_progress_bar bar = svi_progress_bar_start(STDERR_FILENO, type, svi_wants_progress_bar(drawing->options));
    const struct svi_render_request request = {
        .type = type,
        .config = drawing->config,
        .capture = { .files = drawing->files,
                     .file_count = drawing->file_count,
                     .look_beside = true,
                     .format = json_string_value(json_object_get(drawing->config, "capture_type")) },
        .folder = drawing->folder,
        .save_data = svi_option_on(drawing->options, SVI_OPTION_SAVE_DATA),
        .stft = svi_option_text(drawing->options, SVI_OPTION_STFT),
        .progress = svi_progress_bar_update,
        .progress_self = &bar,
    };
    json_t *summary = NULL;
    bool ok = svi_render(drawing->device, &request, &summary, err);
    svi_progress_bar_end(&bar);
    if (ok) {
        tell_warnings(summary);
        print_paths(drawing, type);
    }
    json_decref(summary);
    return ok;
}

static bool draw_types(struct drawing *drawing, struct svi_error *err)
{
    char cache[PATH_MAX];
    if (!svi_cache_folder(drawing->options, cache, err))
        return false;
    svi_driver_cache_claim(cache);
    bool ok = svi_device_open(&drawing->device, svi_option_text(drawing->options, SVI_OPTION_DEVICE), cache, err);
    const char *type;
    for (size_t i = 0; ok && (type = svi_wanted_type(drawing->options, i)); i++)
        ok = draw_type(drawing, type, err);
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
    bool ok = drawing.config && svi_check_types(options, err) && svi_folder(folder, drawing.shown_folder, err)
              && draw_types(&drawing, err);
    json_decref(drawing.config);
    free(files);
    return svi_exit_code(ok, err);
}
