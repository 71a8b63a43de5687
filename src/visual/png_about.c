#include "visual/png_about.h"

#include "base/version.h"
#include "device/opencl.h"

#include <math.h>
#include <string.h>

/* ---- written ---- */

/* The moment at which the time axis reads 0 s. false: the recording does not say when it began. */
static bool find_zero(const struct svi_run *run, char into[SVI_UTC_TEXT])
{
    const double attoseconds = 1e18;
    struct svi_moment moment;
    if (run->sweeps) {
        svi_moment_write(into, run->sweeps->rows[0].moment);
        return true;
    }
    if (!run->recording || !svi_recording_moment(run->recording, 0, &moment))
        return false;
    const double whole_s = floor(run->start_s), part = round((run->start_s - whole_s) * attoseconds);
    const uint64_t back = (uint64_t)fmin(part, attoseconds - 1);
    moment.second -= (int64_t)whole_s;
    if (back > moment.attosecond) {
        moment.second--;
        moment.attosecond += (uint64_t)attoseconds;
    }
    moment.attosecond -= back;
    svi_moment_write(into, moment);
    return true;
}

/* start: the value at the left or top edge of the plot; end: at the other. */
static bool add_to_axis(const struct svi_run *run, json_t *axis, bool is_x, double pixels)
{
    const char *direction = json_string_value(json_object_get(axis, "direction"));
    const char *quantity = json_string_value(json_object_get(axis, "quantity"));
    const double min = json_number_value(json_object_get(axis, "min")), max = json_number_value(json_object_get(axis, "max"));
    const bool forward = is_x || (direction && !strcmp(direction, "down"));
    char zero[SVI_UTC_TEXT];
    if (json_object_get(axis, "scale")) /* a pixel is not the same everywhere */
        return true;
    return json_object_set_new(axis, "start", json_real(forward ? min : max)) == 0
           && json_object_set_new(axis, "per_pixel", json_real((forward ? max - min : min - max) / pixels)) == 0
           && (!quantity || strcmp(quantity, "time") != 0 || !find_zero(run, zero)
               || json_object_set_new(axis, "zero_utc", json_string(zero)) == 0);
}

bool svi_picture_add_transform(struct svi_run *run, struct svi_error *err)
{
    const json_t *plot = json_object_get(run->image, "plot");
    const double width = json_number_value(json_object_get(plot, "width"));
    const double height = json_number_value(json_object_get(plot, "height"));
    return (add_to_axis(run, json_object_get(run->image, "x"), true, width)
            && add_to_axis(run, json_object_get(run->image, "y"), false, height))
           || svi_fail_memory(err, 64);
}

json_t *svi_about_device(const struct svi_run *run)
{
    const struct svi_device_info *device = svi_device_about(run->device);
    return json_pack("{s:s, s:s, s:s, s:s*}", "name", device->name, "type", svi_device_type_name(device->type), "driver",
                     device->driver, "stft", run->engine);
}

json_t *svi_about_program(void)
{
    return json_pack("{s:s, s:s}", "name", SVI_PROGRAM_NAME, "version", svi_version);
}

json_t *svi_picture_about(const struct svi_run *run, const json_t *drawn)
{
    json_t *shorter = json_copy((json_t *)(uintptr_t)drawn);
    json_object_del(shorter, "gaps"); /* a hundred lines; how many they are stays */
    return json_pack("{s:s, s:s, s:o, s:o, s:O, s:o, s:o}", "schema", SVI_SUMMARY_SCHEMA, "type", run->visual->name,
                     run->table ? "table" : "recording", shorter, "parameters", svi_values_effective(&run->values), "image",
                     run->image, "device", svi_about_device(run), "program", svi_about_program());
}

/* ---- read ---- */

bool svi_picture_read(json_t **about, struct svi_png_facts *facts, struct svi_bytes png, const char *label, struct svi_error *err)
{
    *about = NULL;
    if (!svi_png_read(facts, png, label, err))
        return false;
    const struct svi_bytes *text = svi_png_text(facts, SVI_PICTURE_KEYWORD);
    if (!text)
        return svi_fail(err, SVI_BAD_RECORDING, "The picture %s was not made by %s, or what it said of itself was removed.", label,
                        SVI_PROGRAM_NAME);
    *about = svi_json_parse(*text, "What the picture says of itself", SVI_BAD_RECORDING, err);
    if (!*about)
        return false;
    const char *schema = json_string_value(json_object_get(*about, "schema"));
    if (schema && !strcmp(schema, SVI_SUMMARY_SCHEMA))
        return true;
    json_decref(*about);
    *about = NULL;
    return svi_fail(err, SVI_BAD_RECORDING, "The picture %s was made by another version of %s.", label, SVI_PROGRAM_NAME);
}
