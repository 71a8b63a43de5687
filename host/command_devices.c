/* command_devices - lists OpenCL devices, the one that would be chosen, and why. */
#include "base/bytes.h"
#include "device/device.h"
#include "host/command.h"
#include "host/driver_cache.h"

#include <stdio.h>
#include <stdlib.h>

struct choice {
    const struct svi_device_info *list;
    size_t count, chosen;
    char why[200];
};

/* What a driver says need not be UTF-8. */
static json_t *driver_text(const char *text)
{
    return json_string(svi_utf8_valid(svi_bytes_of(text)) ? text : "?");
}

static bool print_json(const struct choice *choice, struct svi_error *err)
{
    json_t *devices = json_array();
    for (size_t i = 0; i < choice->count; i++) {
        const struct svi_device_info *info = &choice->list[i];
        json_array_append_new(devices,
                              json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:I, s:b}", "index", (int)info->index,
                                        "type", svi_device_type_name(info->type), "name", driver_text(info->name), "vendor",
                                        driver_text(info->vendor), "platform", driver_text(info->platform), "driver",
                                        driver_text(info->driver), "opencl", driver_text(info->version), "compute_units",
                                        (int)info->compute_units, "clock_mhz", (int)info->clock_mhz, "memory_bytes",
                                        (json_int_t)info->memory_bytes, "chosen", i == choice->chosen));
    }
    json_t *tree = json_pack("{s:o, s:i, s:s}", "devices", devices, "chosen", (int)choice->list[choice->chosen].index, "why",
                             choice->why);
    bool ok = tree && json_dumpf(tree, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    json_decref(tree);
    return ok || svi_fail(err, SVI_IO, "Standard output cannot be written.");
}

/* chosen may lie past the end: none is marked. */
static void print_table(const struct svi_device_info *list, size_t count, size_t chosen)
{
    printf("  %-5s  %-11s  %5s  %7s  %8s  %s\n", "INDEX", "TYPE", "UNITS", "MHZ", "MEMORY", "NAME (PLATFORM, DRIVER)");
    for (size_t i = 0; i < count; i++)
        printf("%c %5u  %-11s  %5u  %7u  %6.1f G  %s (%s, %s)\n", i == chosen ? '*' : ' ', list[i].index,
               svi_device_type_name(list[i].type), list[i].compute_units, list[i].clock_mhz,
               (double)list[i].memory_bytes / 1073741824.0, list[i].name, list[i].platform, list[i].driver);
}

int svi_command_devices(const struct svi_options *options, struct svi_error *err)
{
    struct svi_device_info *list = NULL;
    struct choice choice = { 0 };
    bool json = svi_option_on(options, SVI_OPTION_JSON);
    char cache[PATH_MAX];
    bool ok = svi_cache_folder(options, cache, err);
    if (ok)
        svi_driver_cache_claim(cache);
    ok = ok && svi_device_list(&list, &choice.count, err);
    if (ok) {
        choice.list = list;
        choice.chosen = choice.count;
        ok = svi_device_choose(list, choice.count, svi_option_text(options, SVI_OPTION_DEVICE), &choice.chosen, choice.why,
                               sizeof choice.why, err);
        if (!json)
            print_table(list, choice.count, ok ? choice.chosen : choice.count);
        if (ok && json)
            ok = print_json(&choice, err);
        else if (ok)
            printf("* is used: %s.\n", choice.why);
    }
    free(list);
    return svi_exit_code(ok, err);
}
