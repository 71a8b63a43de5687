#include "capture/radiohound.h"

#include "base/base64.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_WORD = 24 };

static bool holds(struct svi_bytes file, const char *word)
{
    const size_t length = strlen(word);
    for (const uint8_t *at = file.at; (size_t)(file.at + file.count - at) >= length; at++) {
        at = memchr(at, word[0], (size_t)(file.at + file.count - at) - length + 1);
        if (!at)
            return false;
        if (!memcmp(at, word, length))
            return true;
    }
    return false;
}

bool svi_radiohound_probe(struct svi_bytes file)
{
    size_t first = file.count >= 3 && !memcmp(file.at, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (first < file.count && file.at[first] && strchr(" \t\r\n", file.at[first]))
        first++;
    if (first == file.count || file.at[first] != '{' || file.count > SVI_SWEEPS_MOST_BYTES)
        return false;
    return holds(file, "\"data\"") && holds(file, "\"metadata\"") && (holds(file, "\"nfft\"") || holds(file, "\"mac_address\""))
           && !holds(file, "\"core:");
}

static bool fail_key(const char *label, const char *key, const char *wanted, const json_t *value, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_RECORDING, "%s: \"%s\" must be %s, but is %s.", label, key, wanted,
                    value ? svi_json_kind(value) : "missing");
}

/* A text that is none of those that are known; it may be long, or not printable. */
static bool fail_word(const char *label, const char *key, const char *word, const char *but, struct svi_error *err)
{
    char shown[SHOWN_WORD];
    svi_text_clean(shown, sizeof shown, word);
    return svi_fail(err, SVI_BAD_RECORDING, "%s: \"%s\" is \"%s\", but %s.", label, key, shown, but);
}

/* A number inside of bounds; `key` as it is named in messages. */
static bool read_number(double *out, const json_t *object, const char *key, const char *shown, double least, double most,
                        const char *label, struct svi_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return fail_key(label, shown, "a number", value, err);
    *out = json_number_value(value);
    return (*out >= least && *out <= most)
           || svi_fail(err, SVI_BAD_RECORDING, "%s: \"%s\" is %.10g, but must be from %.10g to %.10g.", label, shown, *out, least,
                       most);
}

/* The number of values, and their memory, still empty. */
static bool make_values(struct svi_sweep *row, size_t count, const char *label, struct svi_error *err)
{
    if (!count || count > SVI_SWEEPS_MOST_BINS)
        return svi_fail(err, SVI_BAD_RECORDING, "%s: \"data\" has %zu values, but must have from 1 to %d.", label, count,
                        SVI_SWEEPS_MOST_BINS);
    row->count = count;
    row->power = malloc(count * sizeof *row->power);
    return row->power || svi_fail_memory(err, count * sizeof *row->power);
}

/* Little-endian, as the program writes them on all machines that it knows. */
static double value_at(const uint8_t *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = size; i-- > 0;)
        bits = bits << 8 | bytes[i];
    if (size == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    const uint32_t half = (uint32_t)bits;
    float value;
    memcpy(&value, &half, sizeof value);
    return (double)value;
}

static bool decode(struct svi_sweep *row, const json_t *data, size_t size, const char *label, struct svi_error *err)
{
    const struct svi_bytes text = { (const uint8_t *)json_string_value(data), json_string_length(data) };
    uint8_t *bytes = malloc(text.count / 4 * 3 + 1);
    size_t count;
    if (!bytes)
        return svi_fail_memory(err, text.count);
    bool ok = svi_base64_read(bytes, &count, text) || svi_fail(err, SVI_BAD_RECORDING, "%s: \"data\" is not base64.", label);
    ok = ok
         && (count % size == 0
             || svi_fail(err, SVI_BAD_RECORDING, "%s: \"data\" holds %zu bytes, which is no whole number of values of %zu bytes.",
                         label, count, size))
         && make_values(row, count / size, label, err);
    for (size_t i = 0; ok && i < row->count; i++)
        row->power[i] = (float)value_at(bytes + i * size, size);
    free(bytes);
    return ok;
}

static bool take_numbers(struct svi_sweep *row, const json_t *data, const char *label, struct svi_error *err)
{
    if (!make_values(row, json_array_size(data), label, err))
        return false;
    for (size_t i = 0; i < row->count; i++) {
        const json_t *value = json_array_get(data, i);
        if (!json_is_number(value) && !json_is_null(value))
            return svi_fail(err, SVI_BAD_RECORDING, "%s: \"data\" must hold numbers, but value %zu is %s.", label, i + 1,
                            svi_json_kind(value));
        row->power[i] = json_is_number(value) ? (float)json_number_value(value) : NAN;
    }
    return true;
}

/* What has no place in a float is missing, too: no receiver reads 10^38 W. */
static bool read_data(struct svi_sweep *row, const json_t *tree, const char *label, struct svi_error *err)
{
    const json_t *data = json_object_get(tree, "data"), *type = json_object_get(tree, "type");
    const char *name = json_string_value(type);
    if (json_is_array(data))
        return take_numbers(row, data, label, err);
    if (!json_is_string(data))
        return fail_key(label, "data", "base64 or a list of numbers", data, err);
    if (type && !name)
        return fail_key(label, "type", "\"float32\" or \"float64\"", type, err);
    if (name && strcmp(name, "float32") != 0 && strcmp(name, "float64") != 0)
        return fail_word(label, "type", name, "must be \"float32\" or \"float64\"", err);
    return decode(row, data, name && !strcmp(name, "float64") ? 8 : 4, label, err);
}

static bool read_moment(struct svi_sweep *row, const json_t *tree, const char *label, struct svi_error *err)
{
    const json_t *value = json_object_get(tree, "timestamp");
    char text[SVI_UTC_TEXT];
    bool zone_missing;
    if (!json_is_string(value))
        return fail_key(label, "timestamp", "a text", value, err);
    return (svi_utc_read(text, json_string_value(value), &zone_missing) && svi_moment_read(&row->moment, text))
           || svi_fail(err, SVI_BAD_RECORDING, "%s: \"timestamp\" is no moment like \"2025-02-04T18:39:11.075-05:00\".", label);
}

/* Words that say that this is something else, where they are there. */
static bool check_words(const json_t *tree, const json_t *metadata, const char *label, struct svi_error *err)
{
    const char *version = json_string_value(json_object_get(tree, "version"));
    const char *data_type = json_string_value(json_object_get(metadata, "data_type"));
    if (version && strcmp(version, "v0") != 0)
        return fail_word(label, "version", version, "only v0 is known", err);
    return !data_type || !strcmp(data_type, "periodogram")
           || fail_word(label, "metadata.data_type", data_type, "only \"periodogram\" is read", err);
}

static bool read_axis(struct svi_sweep *row, const json_t *tree, const json_t *metadata, const char *label, struct svi_error *err)
{
    double rate_hz, nfft, scan_s;
    struct svi_error none = { 0 };
    if (!read_number(&rate_hz, tree, "sample_rate", "sample_rate", 1e-3, 1e12, label, err)
        || !read_number(&row->first_hz, metadata, "fmin", "metadata.fmin", -1e12, 1e15, label, err)
        || !read_number(&nfft, metadata, "nfft", "metadata.nfft", 1, 1 << 30, label, err))
        return false;
    if (nfft != floor(nfft))
        return svi_fail(err, SVI_BAD_RECORDING, "%s: \"metadata.nfft\" is %.10g, but must be a whole number.", label, nfft);
    row->step_hz = rate_hz / nfft;
    row->length_s = read_number(&scan_s, metadata, "scan_time", "", 0, 1e9, label, &none) ? scan_s : 0;
    return true;
}

static void name_device(struct svi_sweeps *out, const json_t *tree, const char *label)
{
    const char *name = json_string_value(json_object_get(tree, "short_name"));
    const char *address = json_string_value(json_object_get(tree, "mac_address"));
    char device[sizeof out->device] = "";
    if (name && *name)
        svi_text_clean(device, sizeof device, name);
    else if (address)
        svi_text_clean(device, sizeof device, address);
    if (!out->row_count)
        memcpy(out->device, device, sizeof device);
    else if (strcmp(device, out->device) != 0)
        svi_warn(&out->warnings, "%s is of another device than the first file; it is shown with it.", label);
}

static bool read_tree(struct svi_sweeps *out, char scan_group[SVI_RADIOHOUND_GROUP], const json_t *tree, const char *label,
                      struct svi_error *err)
{
    const json_t *metadata = json_object_get(tree, "metadata");
    const char *group = json_string_value(json_object_get(tree, "scan_group"));
    struct svi_sweep row = { 0 };
    if (!json_is_object(tree))
        return svi_fail(err, SVI_BAD_RECORDING, "%s: the file must be an object, but is %s.", label, svi_json_kind(tree));
    if (!json_is_object(metadata))
        return fail_key(label, "metadata", "an object", metadata, err);
    if (!check_words(tree, metadata, label, err) || !read_axis(&row, tree, metadata, label, err)
        || !read_moment(&row, tree, label, err) || !read_data(&row, tree, label, err)) {
        free(row.power);
        return false;
    }
    svi_text_clean(scan_group, SVI_RADIOHOUND_GROUP, group ? group : "");
    name_device(out, tree, label);
    return svi_sweeps_add(out, row, label, err);
}

bool svi_radiohound_parse(struct svi_sweeps *out, char scan_group[SVI_RADIOHOUND_GROUP], struct svi_bytes file, const char *label,
                          struct svi_error *err)
{
    out->watts = true;
    scan_group[0] = '\0';
    if (file.count > SVI_SWEEPS_MOST_BYTES)
        return svi_fail(err, SVI_BAD_RECORDING, "%s is larger than %d MiB, which is the most of a RadioHound file.", label,
                        SVI_SWEEPS_MOST_BYTES >> 20);
    json_t *tree = svi_json_parse(file, label, SVI_BAD_RECORDING, err);
    if (!tree)
        return false;
    const bool ok = read_tree(out, scan_group, tree, label, err);
    json_decref(tree);
    return ok;
}
