/* command_bench - measures transforms and whole pictures on this machine, or compares two such measurements. */
#include "base/file.h"
#include "host/bench.h"
#include "host/command.h"
#include "host/driver_cache.h"
#include "host/kept_memory.h"
#include "host/stop.h"
#include "host/tune.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "?";
}

static double number_of(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static void print_row(void *self, const json_t *row)
{
    if (*(const bool *)self)
        return;
    const double seconds = number_of(row, "seconds"), bins = number_of(row, "bins");
    char rate[32] = "";
    if (bins > 0)
        snprintf(rate, sizeof rate, "%10.0f", bins / seconds / 1e6);
    printf("%-18s %-7s %-8s %10.4f %10.1f %s\n", text_of(row, "name"), text_of(row, "engine"), text_of(row, "datatype"), seconds,
           number_of(row, "samples") / seconds / 1e6, rate);
    fflush(stdout);
}

static bool print_json(const json_t *tree, struct svi_error *err)
{
    bool ok = json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 && putchar('\n') != EOF;
    return ok || svi_fail(err, SVI_IO, "Standard output cannot be written.");
}

static bool make_folder(const struct svi_options *options, char folder[PATH_MAX], struct svi_error *err)
{
    char work[PATH_MAX];
    if (!svi_work_folder(options, work, err))
        return false;
    if (svi_format(folder, PATH_MAX, "%s/bench-XXXXXX", work) && mkdtemp(folder))
        return true;
    folder[0] = '\0';
    return svi_fail(err, SVI_IO, "No folder can be made for the bench: %s.", strerror(errno));
}

/* Keeps what was measured for all that is drawn on this device from now on. */
static bool tune(const struct svi_device *device, const char *cache, const json_t *measured, bool quiet, struct svi_error *err)
{
    struct svi_engine_table table;
    svi_tune(&table, json_object_get(measured, "rows"));
    if (!table.count)
        return svi_fail(err, SVI_BAD_USAGE, "No length was measured with both engines: more --samples are needed.");
    for (size_t i = 0; !quiet && i < table.count; i++)
        printf("%s%u: %s", i ? ", " : "", table.choices[i].length, table.choices[i].engine);
    if (!quiet)
        putchar('\n');
    return svi_engine_table_write(&table, cache, svi_device_about(device), err);
}

static bool measure(const struct svi_options *options, const char *folder, struct svi_error *err)
{
    bool json = svi_option_on(options, SVI_OPTION_JSON);
    const struct svi_bench_wishes wishes = {
        .folder = folder,
        .samples = (uint64_t)svi_option_number(options, SVI_OPTION_SAMPLES),
        .rounds = (unsigned)svi_option_number(options, SVI_OPTION_ROUNDS),
        .only = svi_option_text(options, SVI_OPTION_ONLY),
        .tune = svi_option_on(options, SVI_OPTION_TUNE),
        .stop = &svi_stop,
    };
    char cache[PATH_MAX];
    struct svi_device *device = NULL;
    json_t *measured = NULL;
    if (!svi_cache_folder(options, cache, err))
        return false;
    svi_driver_cache_claim(cache);
    svi_keep_memory_of_pictures(); /* as a renderer does */
    if (!json)
        printf("%-18s %-7s %-8s %10s %10s %10s\n", "WHAT", "ENGINE", "DATATYPE", "SECONDS", "MSAMPLES/S", "MBINS/S");
    bool ok = svi_device_open(&device, svi_option_text(options, SVI_OPTION_DEVICE), cache, err)
              && svi_bench_run(device, &wishes, print_row, &json, &measured, err)
              && (!wishes.tune || tune(device, cache, measured, json, err)) && (!json || print_json(measured, err));
    json_decref(measured);
    svi_device_close(device);
    return ok;
}

static json_t *read_rows(const char *path, json_t **tree, struct svi_error *err)
{
    json_error_t fault;
    *tree = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
    json_t *rows = json_object_get(*tree, "rows");
    if (!json_is_array(rows))
        svi_fail(err, SVI_IO, "%s is not what bench --json has written: %s.", svi_base_name(path),
                 *tree ? "it has no rows" : fault.text);
    return json_is_array(rows) ? rows : NULL;
}

static const json_t *row_like(const json_t *rows, const json_t *wanted)
{
    size_t i;
    const json_t *row;
    json_array_foreach(rows, i, row)
    {
        if (!strcmp(text_of(row, "name"), text_of(wanted, "name")) && !strcmp(text_of(row, "engine"), text_of(wanted, "engine"))
            && !strcmp(text_of(row, "datatype"), text_of(wanted, "datatype"))
            && number_of(row, "samples") == number_of(wanted, "samples"))
            return row;
    }
    return NULL;
}

/* Rows that both have; more than 1: the second is faster. */
static bool compare(const char *before, const char *after, struct svi_error *err)
{
    json_t *old_tree = NULL, *new_tree = NULL;
    const json_t *old_rows = read_rows(before, &old_tree, err), *new_rows = old_rows ? read_rows(after, &new_tree, err) : NULL;
    size_t i, shown = 0;
    const json_t *row;
    if (new_rows)
        printf("%-18s %-7s %-8s %10s %10s %7s\n", "WHAT", "ENGINE", "DATATYPE", "BEFORE S", "AFTER S", "RATIO");
    json_array_foreach(old_rows, i, row)
    {
        const json_t *other = row_like(new_rows, row);
        if (!other || !(number_of(other, "seconds") > 0))
            continue;
        printf("%-18s %-7s %-8s %10.4f %10.4f %7.2f\n", text_of(row, "name"), text_of(row, "engine"), text_of(row, "datatype"),
               number_of(row, "seconds"), number_of(other, "seconds"), number_of(row, "seconds") / number_of(other, "seconds"));
        shown++;
    }
    json_decref(old_tree);
    json_decref(new_tree);
    return new_rows && (shown || svi_fail(err, SVI_IO, "The two measurements have no row in common."));
}

int svi_command_bench(const struct svi_options *options, struct svi_error *err)
{
    const size_t files = svi_operand_count(options);
    if (svi_option_on(options, SVI_OPTION_COMPARE) != (files == 2) || files == 1) {
        svi_fail(err, SVI_BAD_USAGE, "bench takes no files, and bench --compare two that bench --json has written.");
        return svi_exit_code(false, err);
    }
    if (files)
        return svi_exit_code(compare(svi_operand(options, 0), svi_operand(options, 1), err), err);
    char folder[PATH_MAX] = "";
    svi_stop_catch();
    bool ok = make_folder(options, folder, err) && measure(options, folder, err);
    struct svi_error trouble = { 0 };
    if (*folder && !svi_remove_tree(folder, &trouble))
        svi_log_error(SVI_LOG_WARNING, &trouble, "the folder of this run stays");
    return svi_exit_code(ok, err);
}
