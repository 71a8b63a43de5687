/* rendering.h - draws recordings of a test's own folder on the device of with_device.h, and reads what came out. */
#ifndef SVI_TESTS_RENDERING_H
#define SVI_TESTS_RENDERING_H

#include "visual/render.h"

#include <unistd.h>

#include "signals.h"
#include "with_device.h"

/* SCRATCH/NAME; valid until four more calls. */
static inline const char *in_scratch(const char *name)
{
    static char paths[4][600];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch_folder(), name);
    return path;
}

static inline bool exists(const char *name)
{
    return access(in_scratch(name), F_OK) == 0;
}

/* Draws SCRATCH/NAME.sigmf-meta into SCRATCH, the matrix too. config: JSON text, or NULL. The caller ends the summary. */
static inline bool render(const char *name, const char *type, const char *config, json_t **summary, struct svi_error *err)
{
    char label[128], path[700];
    snprintf(label, sizeof label, "%s.sigmf-meta", name);
    snprintf(path, sizeof path, "%s", in_scratch(label));
    json_t *tree = config ? json_loads(config, JSON_DECODE_ANY, NULL) : NULL;
    assert_true(!config || tree);
    const struct svi_file file = { path, label };
    const struct svi_render_request request = {
        .types = &type,
        .type_count = 1,
        .config = tree,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = scratch_folder(),
        .save_data = true,
    };
    struct svi_rendering rendering;
    *summary = NULL;
    bool ok = svi_render(device, &request, &rendering, err);
    json_decref(tree);
    if (ok) {
        *summary = json_incref(json_array_get(rendering.summaries, 0));
        svi_rendering_clear(&rendering);
    }
    return ok;
}

/* Writes SCRATCH/NAME.sigmf-meta and .sigmf-data; see signal_write_sigmf. */
static inline void write_signal(const char *name, const struct signal *signal, const char *datatype, unsigned channels,
                                const char *captures)
{
    struct svi_error err = { 0 };
    check_ok(signal_write_sigmf(scratch_folder(), name, signal, svi_datatype_find(datatype), channels, captures, &err), err);
}

/* The number at a path like "power.max" or "peaks.0.frequency_hz". */
static inline double number_at(const json_t *tree, const char *path)
{
    char part[64];
    while (tree && *path) {
        size_t length = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        tree = json_is_array(tree) ? json_array_get(tree, (size_t)strtoul(part, NULL, 10)) : json_object_get(tree, part);
        path += length + (path[length] == '.');
    }
    assert_true(json_is_number(tree));
    return json_number_value(tree);
}

static inline const char *text_at(const json_t *tree, const char *object, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(tree, object), key));
    assert_non_null(text);
    return text;
}

#endif
