#include "capture/sigmf_annotations.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was noticed in the annotations, and the first reason to leave one out. */
struct notices {
    size_t bad, before_data;
    struct svi_error first_bad;
};

/* Cleans the first line of a text that has one. */
static void first_line(char *into, size_t size, const char *text)
{
    char line[4 * SVI_ANNOTATION_LABEL];
    text += strspn(text, " \t\r\n");
    svi_format(line, sizeof line, "%.*s", (int)fmin((double)strcspn(text, "\r\n"), sizeof line - 1), text);
    svi_text_clean(into, size, line);
}

static bool read_label(struct svi_annotation *out, const struct svi_sigmf_object *object)
{
    static const char *const keys[] = { "core:label", "core:comment", "core:generator" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = "";
        if (!svi_sigmf_read_text(object, keys[i], &text))
            return false;
        if (!out->label[0])
            first_line(out->label, sizeof out->label, text);
    }
    return true;
}

static bool read_edges(struct svi_annotation *out, const struct svi_sigmf_object *object)
{
    if (!svi_sigmf_read_hertz(object, "core:freq_lower_edge", -svi_sigmf_most_hz, &out->low_hz)
        || !svi_sigmf_read_hertz(object, "core:freq_upper_edge", -svi_sigmf_most_hz, &out->high_hz))
        return false;
    if (isnan(out->low_hz) != isnan(out->high_hz))
        return svi_sigmf_refuse(object, isnan(out->low_hz) ? "core:freq_upper_edge" : "core:freq_lower_edge",
                                "stands without the other edge.");
    return !(out->low_hz > out->high_hz)
           || svi_sigmf_refuse(object, "core:freq_lower_edge", "(%.10g Hz) is above core:freq_upper_edge (%.10g Hz).", out->low_hz,
                               out->high_hz);
}

/* *before_data: all of it lies before the first sample. */
static bool read_range(struct svi_annotation *out, const struct svi_sigmf_object *object, uint64_t offset, bool *before_data)
{
    bool has_start, has_count;
    uint64_t start = 0, count = 0;
    if (!svi_sigmf_read_count(object, "core:sample_start", &start, &has_start)
        || !svi_sigmf_read_count(object, "core:sample_count", &count, &has_count))
        return false;
    if (!has_start)
        return svi_sigmf_refuse(object, "core:sample_start", "is missing.");
    const uint64_t missing = start < offset ? offset - start : 0;
    count = count ? count : 1; /* a moment */
    *before_data = has_count && missing >= count;
    out->first_sample = start + missing - offset;
    out->sample_count = has_count ? count - missing : UINT64_MAX;
    return true;
}

static bool read_annotation(struct svi_annotation *out, const struct svi_sigmf_object *object, uint64_t offset, bool *before_data)
{
    *out = (struct svi_annotation){ .low_hz = NAN, .high_hz = NAN };
    return (json_is_object(object->json)
            || svi_fail(object->err, SVI_BAD_RECORDING, "%s: %s must be an object, not %s.", object->file, object->name,
                        svi_json_kind(object->json)))
           && read_range(out, object, offset, before_data) && read_edges(out, object) && read_label(out, object);
}

static void warn_of(struct svi_warnings *warnings, const struct notices *notices)
{
    if (notices->bad)
        svi_warn(warnings, "Annotations that cannot be understood: %zu; they are left out. The first: %s", notices->bad,
                 notices->first_bad.message);
    if (notices->before_data)
        svi_warn(warnings, "Annotations that end before the first sample: %zu; they are ignored.", notices->before_data);
}

bool svi_sigmf_annotations_parse(struct svi_sigmf *meta, const struct svi_sigmf_object *root, uint64_t offset)
{
    json_t *array = svi_sigmf_value_of(root, "annotations");
    if (array && !json_is_array(array))
        svi_warn(&meta->warnings, "The annotations are %s, not an array; they are ignored.", svi_json_kind(array));
    const size_t all = json_array_size(array), count = all < SVI_SIGMF_MAX_ANNOTATIONS ? all : SVI_SIGMF_MAX_ANNOTATIONS;
    if (!count)
        return true;
    meta->annotations = calloc(count, sizeof *meta->annotations);
    if (!meta->annotations)
        return svi_fail_memory(root->err, count * sizeof *meta->annotations);
    struct notices notices = { 0 };
    for (size_t i = 0; i < count; i++) {
        char name[40];
        bool before_data = false;
        svi_format(name, sizeof name, "annotations[%zu]", i);
        const struct svi_sigmf_object object = { json_array_get(array, i), root->file, name, &notices.first_bad };
        bool is_good = read_annotation(&meta->annotations[meta->annotation_count], &object, offset, &before_data);
        notices.bad += !is_good;
        notices.before_data += is_good && before_data;
        meta->annotation_count += is_good && !before_data;
    }
    warn_of(&meta->warnings, &notices);
    if (count < all)
        svi_warn(&meta->warnings, "There are %zu annotations; the first %zu are used.", all, count);
    return true;
}

/* Stored samples and segments: segment s holds the stored samples from begin(s) on. */
struct map {
    const struct svi_sigmf_layout *layout;
    const struct svi_sigmf *meta;
    size_t lead; /* 1: the first segment is one that no capture speaks of */
};

static uint64_t stored_begin(const struct map *map, size_t segment)
{
    return segment < map->lead ? 0 : map->meta->captures[segment - map->lead].first_sample;
}

/* The segment of a stored sample. */
static size_t segment_of(const struct map *map, uint64_t stored)
{
    size_t low = 0, high = map->layout->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (stored_begin(map, middle) <= stored)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where a stored sample lies when gaps are counted. */
static uint64_t place_of(const struct map *map, uint64_t stored)
{
    size_t segment = segment_of(map, stored);
    return map->layout->segments[segment].first_sample + (stored - stored_begin(map, segment));
}

/* Of an annotation that begins in the data. */
static struct svi_annotation fit(const struct map *map, const struct svi_annotation *stated)
{
    struct svi_annotation fitted = *stated;
    const size_t segment = segment_of(map, stated->first_sample);
    const uint64_t data_end = map->layout->stored_count;
    const uint64_t own_end = segment + 1 < map->layout->segment_count ? stored_begin(map, segment + 1) : data_end;
    const uint64_t most = (stated->sample_count == UINT64_MAX ? own_end : data_end) - stated->first_sample;
    const uint64_t count = stated->sample_count < most ? stated->sample_count : most;
    const double center_hz = map->layout->segments[segment].center_frequency_hz;
    fitted.first_sample = place_of(map, stated->first_sample);
    fitted.sample_count = place_of(map, stated->first_sample + count - 1) + 1 - fitted.first_sample;
    if (!isnan(center_hz)) {
        fitted.low_hz -= center_hz;
        fitted.high_hz -= center_hz;
    }
    return fitted;
}

bool svi_sigmf_annotations_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, struct svi_error *err)
{
    const struct map map = { out, meta, meta->captures[0].first_sample != 0 };
    if (!meta->annotation_count)
        return true;
    out->annotations = calloc(meta->annotation_count, sizeof *out->annotations);
    if (!out->annotations)
        return svi_fail_memory(err, meta->annotation_count * sizeof *out->annotations);
    for (size_t i = 0; i < meta->annotation_count; i++)
        if (meta->annotations[i].first_sample < out->stored_count)
            out->annotations[out->annotation_count++] = fit(&map, &meta->annotations[i]);
    if (out->annotation_count < meta->annotation_count)
        svi_warn(&meta->warnings, "Annotations that begin behind the end of the data (%" PRIu64 " samples): %zu; they are ignored.",
                 out->stored_count, meta->annotation_count - out->annotation_count);
    return true;
}
