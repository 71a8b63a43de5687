#include "device/engine_table.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TABLE_BYTES = 256 << 10, MAX_DEVICES = 64 };

static const char schema[] = "svi-worker.stft-engines/1";
static const char *const engines[] = { "clfft", "fused" };

/* What a driver says of itself need not be UTF-8. */
static json_t *driver_text(const char *text)
{
    char clean[256];
    svi_text_clean(clean, sizeof clean, text);
    return json_string(clean);
}

/* {"platform", "device", "driver"}: the same driver on the same device measures the same. */
static json_t *key_of(const struct svi_device_info *about)
{
    return json_pack("{s:o, s:o, s:o}", "platform", driver_text(about->platform), "device", driver_text(about->name), "driver",
                     driver_text(about->driver));
}

static bool has_key(const json_t *row, const json_t *key)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)key, name, value)
    {
        if (!json_equal(json_object_get(row, name), value))
            return false;
    }
    return true;
}

static bool path_of(char path[PATH_MAX], const char *cache_folder)
{
    return *cache_folder && svi_format(path, PATH_MAX, "%s/stft-engines.json", cache_folder);
}

/* The file's rows, one a device; NULL where there are none, or the file is not what it should be. The caller ends *tree. */
static json_t *read_rows(const char *path, json_t **tree)
{
    struct svi_error err = { 0 };
    struct svi_buffer text;
    *tree = NULL;
    if (!svi_file_read(&text, path, "the table of STFT engines", MAX_TABLE_BYTES, &err))
        return NULL;
    *tree = svi_json_parse((struct svi_bytes){ text.at, text.count }, "the table of STFT engines", SVI_IO, &err);
    svi_buffer_clear(&text);
    const char *says = json_string_value(json_object_get(*tree, "schema"));
    json_t *rows = json_object_get(*tree, "devices");
    if (says && !strcmp(says, schema) && json_is_array(rows))
        return rows;
    svi_log(SVI_LOG_WARNING, "%s is not a table of STFT engines and is ignored; bench --tune writes a new one", path);
    return NULL;
}

/* Lengths and engines that nobody knows are skipped: a newer version may have written them. */
static void take_row(struct svi_engine_table *out, const json_t *row)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(row, "engines"), name, value)
    {
        const char *said = json_string_value(value);
        char *end;
        const unsigned long length = strtoul(name, &end, 10);
        for (size_t i = 0; said && !*end && length <= UINT32_MAX && i < sizeof engines / sizeof *engines; i++)
            if (!strcmp(said, engines[i]) && out->count < SVI_ENGINE_LENGTHS)
                out->choices[out->count++] = (struct svi_engine_choice){ (uint32_t)length, engines[i] };
    }
}

void svi_engine_table_read(struct svi_engine_table *out, const char *cache_folder, const struct svi_device_info *about)
{
    char path[PATH_MAX];
    *out = (struct svi_engine_table){ 0 };
    json_t *tree = NULL, *key = key_of(about);
    const json_t *rows = key && path_of(path, cache_folder) ? read_rows(path, &tree) : NULL, *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (has_key(row, key)) {
            take_row(out, row);
            break;
        }
    }
    json_decref(key);
    json_decref(tree);
}

static json_t *row_of(const struct svi_engine_table *table, const json_t *key)
{
    json_t *row = json_deep_copy(key), *choices = json_object();
    for (size_t i = 0; i < table->count; i++) {
        char length[16];
        svi_format(length, sizeof length, "%u", table->choices[i].length);
        json_object_set_new(choices, length, json_string(table->choices[i].engine));
    }
    if (json_object_set_new(row, "engines", choices) == 0)
        return row;
    json_decref(row);
    return NULL;
}

static bool write_rows(const char *path, const json_t *rows, struct svi_error *err)
{
    json_t *tree = json_pack("{s:s, s:O}", "schema", schema, "devices", rows);
    struct svi_buffer text;
    svi_buffer_init(&text, MAX_TABLE_BYTES);
    bool ok = (tree || svi_fail_memory(err, 1)) && svi_json_write(&text, tree, err)
              && svi_file_write(path, (struct svi_bytes){ text.at, text.count }, err);
    svi_buffer_clear(&text);
    json_decref(tree);
    return ok;
}

bool svi_engine_table_write(const struct svi_engine_table *table, const char *cache_folder, const struct svi_device_info *about,
                            struct svi_error *err)
{
    char path[PATH_MAX];
    if (!path_of(path, cache_folder))
        return svi_fail(err, SVI_BAD_USAGE, "There is no cache folder to keep the table of STFT engines in.");
    if (!svi_make_folders(cache_folder, SVI_FOLDER_PRIVATE, err))
        return false;
    json_t *tree, *old = read_rows(path, &tree), *key = key_of(about), *rows = json_array(), *row;
    bool ok = key && json_array_append_new(rows, row_of(table, key)) == 0;
    size_t i;
    json_array_foreach(old, i, row)
    {
        if (ok && !has_key(row, key) && json_array_size(rows) < MAX_DEVICES)
            ok = json_array_append(rows, row) == 0;
    }
    ok = (ok || svi_fail_memory(err, 1)) && write_rows(path, rows, err);
    json_decref(rows);
    json_decref(key);
    json_decref(tree);
    return ok;
}

const char *svi_engine_for(const struct svi_engine_table *table, const struct svi_device_info *about, uint32_t length)
{
    static const struct {
        const char *platform;
        uint32_t least, most;
        const char *engine;
    } shipped[] = {
#define SVI_ENGINE(platform, least, most, engine) { platform, least, most, engine },
#include "device/engine_list.h"
#undef SVI_ENGINE
    };
    for (size_t i = 0; i < table->count; i++)
        if (table->choices[i].length == length)
            return table->choices[i].engine;
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        if (!strncmp(about->platform, shipped[i].platform, strlen(shipped[i].platform)) && length >= shipped[i].least
            && length <= shipped[i].most)
            return shipped[i].engine;
    return "clfft";
}
