#include "capture/sigmf.h"

#include "capture/checksum.h"
#include "capture/label.h"
#include "capture/sigmf_annotations.h"
#include "capture/sigmf_headers.h"
#include "capture/sigmf_object.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this, as beyond svi_sigmf_most_hz, a number is a slip of the pen. */
static const double least_rate_hz = 1e-6;
static const uint64_t most_missing_times = 1000;

/* Extensions of the SigMF project. None of them changes how samples are stored, so a recording may insist on them. */
static const char *const known_extensions[] = { "antenna", "capture_details", "signal", "spatial", "traceability" };

static bool read_datatype(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    const char *name = NULL;
    if (meta->datatype)
        return true;
    if (!svi_sigmf_read_text(global, "core:datatype", &name))
        return false;
    if (!name)
        return svi_sigmf_refuse(global, "core:datatype", "is missing. It says how numbers are stored, for example \"ci16_le\".");
    char shown[40];
    svi_text_clean(shown, sizeof shown, name);
    meta->datatype = svi_datatype_find(name);
    if (!meta->datatype) {
        char names[400];
        svi_datatype_names(names, sizeof names);
        return svi_sigmf_refuse(global, "core:datatype", "is \"%s\", which is none of: %s.", shown, names);
    }
    if (strlen(name) < strlen(meta->datatype->name))
        svi_warn(&meta->warnings, "core:datatype \"%s\" does not say the order of bytes; read as %s.", shown, meta->datatype->name);
    return true;
}

static bool read_sample_rate(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    json_t *value = svi_sigmf_value_of(global, "core:sample_rate");
    if (meta->sample_rate_hz > 0)
        return true;
    if (!value)
        return svi_sigmf_refuse(global, "core:sample_rate",
                                "is missing. Without it there is neither time nor frequency: add the rate in hertz, for example "
                                "\"core:sample_rate\": 1000000, or give the parameter sampleRate.");
    if (json_is_number(value) && !(json_number_value(value) > 0))
        return svi_sigmf_refuse(global, "core:sample_rate", "is %g Hz; it must be greater than 0.", json_number_value(value));
    return svi_sigmf_read_hertz(global, "core:sample_rate", least_rate_hz, &meta->sample_rate_hz);
}

static bool read_channels(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    uint64_t channels = 1;
    bool present;
    if (!svi_sigmf_read_count(global, "core:num_channels", &channels, &present))
        return false;
    if (channels < 1 || channels > SVI_SIGMF_MAX_CHANNELS)
        return svi_sigmf_refuse(global, "core:num_channels", "is %" PRIu64 "; from 1 to %d can be read.", channels,
                                SVI_SIGMF_MAX_CHANNELS);
    meta->channels = (unsigned)channels;
    return true;
}

static bool read_dataset(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    const char *name = "";
    bool present;
    if (!svi_sigmf_read_text(global, "core:dataset", &name)
        || !svi_sigmf_read_flag(global, "core:metadata_only", &meta->metadata_only)
        || !svi_sigmf_read_count(global, "core:trailing_bytes", &meta->trailing_bytes, &present))
        return false;
    if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
        return svi_sigmf_refuse(global, "core:dataset", "must be the name of a file in the same folder, without a path.");
    if (!svi_format(meta->dataset, sizeof meta->dataset, "%s", name))
        return svi_sigmf_refuse(global, "core:dataset", "is longer than %zu bytes.", sizeof meta->dataset - 1);
    return true;
}

static bool is_known_extension(const char *name)
{
    for (size_t i = 0; i < sizeof known_extensions / sizeof *known_extensions; i++)
        if (!strcmp(known_extensions[i], name))
            return true;
    return false;
}

static bool check_extensions(const struct svi_sigmf_object *global)
{
    size_t i;
    json_t *extension;
    json_array_foreach(json_object_get(global->json, "core:extensions"), i, extension)
    {
        const char *name = json_string_value(json_object_get(extension, "name"));
        if (!json_is_false(json_object_get(extension, "optional")) || (name && is_known_extension(name)))
            continue;
        char shown[SVI_LABEL_SHOWN];
        svi_text_clean(shown, sizeof shown, name ? name : "(without a name)");
        return svi_sigmf_refuse(global, "core:extensions",
                                "says that the recording cannot be understood without \"%s\", which is not supported.", shown);
    }
    return true;
}

static bool read_sha512(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    const char *text = NULL;
    if (!svi_sigmf_read_text(global, "core:sha512", &text))
        return false;
    if (!text || !*text)
        return true;
    if (strlen(text) == SVI_SHA512_DIGITS && strspn(text, "0123456789abcdefABCDEF") == SVI_SHA512_DIGITS)
        svi_format(meta->sha512, sizeof meta->sha512, "%s", text);
    else
        svi_warn(&meta->warnings, "core:sha512 is no SHA-512, which has %d hexadecimal digits; the data were not compared with it.",
                 SVI_SHA512_DIGITS);
    return true;
}

static bool read_description(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    const char *text = "";
    if (!svi_sigmf_read_text(global, "core:description", &text))
        return false;
    svi_text_clean(meta->description, sizeof meta->description, text);
    return true;
}

static bool read_global(struct svi_sigmf *meta, const struct svi_sigmf_object *global)
{
    return read_datatype(meta, global) && read_sample_rate(meta, global) && read_channels(meta, global)
           && read_dataset(meta, global) && check_extensions(global) && read_description(meta, global) && read_sha512(meta, global);
}

static bool read_start(struct svi_sigmf_capture *capture, const struct svi_sigmf_object *object, uint64_t offset,
                       size_t *before_offset)
{
    bool present;
    uint64_t start;
    if (!svi_sigmf_read_count(object, "core:sample_start", &start, &present))
        return false;
    if (!present)
        return svi_sigmf_refuse(object, "core:sample_start",
                                "is missing. It says at which sample the segment begins; the first has 0.");
    *before_offset += start < offset;
    capture->first_sample = start < offset ? 0 : start - offset;
    return true;
}

/* What was noticed in more than one capture becomes one warning, with its number. */
struct notices {
    size_t before_offset, bad_times, zoneless_times, repeated;
    bool unsorted;
};

static bool read_start_time(struct svi_sigmf_capture *capture, const struct svi_sigmf_object *object, struct notices *notices)
{
    const char *text = "";
    bool zone_missing = false;
    if (!svi_sigmf_read_text(object, "core:datetime", &text))
        return false;
    if (*text && !svi_utc_read(capture->start_time, text, &zone_missing))
        notices->bad_times++;
    notices->zoneless_times += zone_missing;
    return true;
}

static bool read_capture(struct svi_sigmf_capture *capture, const struct svi_sigmf_object *object, uint64_t offset,
                         struct notices *notices)
{
    bool present;
    *capture = (struct svi_sigmf_capture){ .center_frequency_hz = NAN };
    return read_start(capture, object, offset, &notices->before_offset)
           && svi_sigmf_read_count(object, "core:header_bytes", &capture->header_bytes, &present)
           && svi_sigmf_read_count(object, "core:global_index", &capture->global_index, &capture->has_global_index)
           && svi_sigmf_read_hertz(object, "core:frequency", -svi_sigmf_most_hz, &capture->center_frequency_hz)
           && read_start_time(capture, object, notices);
}

static int by_start(const void *a, const void *b)
{
    const struct svi_sigmf_capture *left = a, *right = b;
    if (left->first_sample != right->first_sample)
        return left->first_sample < right->first_sample ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* Sorts; of captures that begin at the same sample the last one speaks, behind the headers of all. */
static void put_in_order(struct svi_sigmf *meta, struct notices *notices)
{
    struct svi_sigmf_capture *captures = meta->captures;
    for (size_t i = 1; i < meta->capture_count; i++)
        notices->unsorted |= captures[i].first_sample < captures[i - 1].first_sample;
    qsort(captures, meta->capture_count, sizeof *captures, by_start);
    size_t kept = 0;
    for (size_t i = 1; i < meta->capture_count; i++) {
        uint64_t headers = captures[i].header_bytes;
        if (captures[i].first_sample != captures[kept].first_sample) {
            kept++;
        } else {
            notices->repeated++;
            if (__builtin_add_overflow(headers, captures[kept].header_bytes, &headers))
                headers = UINT64_MAX;
        }
        captures[kept] = captures[i];
        captures[kept].header_bytes = headers;
    }
    meta->capture_count = kept + 1;
}

static void warn_of(struct svi_warnings *warnings, const struct notices *notices)
{
    if (notices->unsorted)
        svi_warn(warnings, "The captures are not sorted by core:sample_start; they were sorted.");
    if (notices->before_offset)
        svi_warn(warnings, "Captures whose core:sample_start is before core:offset: %zu; they begin at the first sample.",
                 notices->before_offset);
    if (notices->repeated)
        svi_warn(warnings, "Captures that begin where a later one begins too: %zu; the later one is used.", notices->repeated);
    if (notices->bad_times)
        svi_warn(warnings, "Captures whose core:datetime is no RFC 3339 time: %zu; it is ignored there.", notices->bad_times);
    if (notices->zoneless_times)
        svi_warn(warnings, "Captures whose core:datetime has no time zone: %zu; it is taken as UTC.", notices->zoneless_times);
}

static bool read_captures(struct svi_sigmf *meta, const struct svi_sigmf_object *root, uint64_t offset)
{
    json_t *array = svi_sigmf_value_of(root, "captures");
    if (array && !json_is_array(array))
        return svi_sigmf_refuse(root, "captures", "must be an array, not %s.", svi_json_kind(array));
    size_t count = json_array_size(array);
    meta->capture_count = count ? count : 1;
    meta->captures = calloc(meta->capture_count, sizeof *meta->captures);
    if (!meta->captures)
        return svi_fail_memory(root->err, meta->capture_count * sizeof *meta->captures);
    meta->captures[0].center_frequency_hz = NAN;

    struct notices notices = { 0 };
    for (size_t i = 0; i < count; i++) {
        char name[40];
        svi_format(name, sizeof name, "captures[%zu]", i);
        const struct svi_sigmf_object object = { json_array_get(array, i), root->file, name, root->err };
        if (!json_is_object(object.json))
            return svi_fail(root->err, SVI_BAD_RECORDING, "%s: %s must be an object, not %s.", root->file, name,
                            svi_json_kind(object.json));
        if (!read_capture(&meta->captures[i], &object, offset, &notices))
            return false;
        meta->captures[i].place = i;
    }
    put_in_order(meta, &notices);
    warn_of(&meta->warnings, &notices);
    return true;
}

static bool read_metadata(struct svi_sigmf *meta, const struct svi_sigmf_object *root)
{
    const struct svi_sigmf_object global = { json_object_get(root->json, "global"), root->file, "global", root->err };
    if (!json_is_object(global.json))
        return svi_fail(root->err, SVI_BAD_RECORDING,
                        "%s has no object \"global\", so it is no SigMF metadata. It must hold core:datatype and core:sample_rate.",
                        root->file);
    uint64_t offset = 0;
    bool present;
    return read_global(meta, &global) && svi_sigmf_read_count(&global, "core:offset", &offset, &present)
           && read_captures(meta, root, offset) && svi_sigmf_annotations_parse(meta, root, offset);
}

bool svi_sigmf_parse(struct svi_sigmf *out, struct svi_bytes text, const struct svi_stated *stated, const char *label,
                     struct svi_error *err)
{
    static const uint8_t byte_order_mark[] = { 0xEF, 0xBB, 0xBF };
    *out = (struct svi_sigmf){ .datatype = stated->datatype, .sample_rate_hz = stated->sample_rate_hz };
    char file[SVI_LABEL_SHOWN];
    svi_label_shown(file, label);
    if (text.count >= sizeof byte_order_mark && !memcmp(text.at, byte_order_mark, sizeof byte_order_mark))
        svi_bytes_cut(text, sizeof byte_order_mark, text.count - sizeof byte_order_mark, &text);
    if (!text.count)
        return svi_fail(err, SVI_BAD_RECORDING, "The metadata file %s is empty.", file);

    const struct svi_sigmf_object root = { svi_json_parse(text, file, SVI_BAD_RECORDING, err), file, "the metadata", err };
    bool ok = root.json && read_metadata(out, &root);
    json_decref(root.json);
    if (!ok)
        svi_sigmf_clear(out);
    return ok;
}

/* Samples that are missing before the later of two captures. */
static uint64_t missing_between(const struct svi_sigmf_capture *left, const struct svi_sigmf_capture *right)
{
    uint64_t stored = right->first_sample - left->first_sample;
    bool known = left->has_global_index && right->has_global_index && right->global_index > left->global_index;
    uint64_t passed = known ? right->global_index - left->global_index : 0;
    return passed > stored ? passed - stored : 0;
}

/* Where much more is missing than is there, or more than can be counted, the picture would show nothing but gap. */
static bool worth_drawing(struct svi_sigmf *meta, size_t used, uint64_t stored)
{
    uint64_t missing = 0, most;
    bool countable = true;
    for (size_t i = 1; i < used && countable; i++)
        countable = !__builtin_add_overflow(missing, missing_between(&meta->captures[i - 1], &meta->captures[i]), &missing);
    if (__builtin_mul_overflow(stored, most_missing_times, &most))
        most = UINT64_MAX;
    if (countable && missing <= most && missing < UINT64_MAX / 4 && stored < UINT64_MAX / 4)
        return true;
    svi_warn(&meta->warnings,
             "By core:global_index more than %" PRIu64
             " times as many samples are missing as there are; the parts are drawn side by "
             "side.",
             most_missing_times);
    return false;
}

static void add_gap(struct svi_sigmf_layout *out, uint64_t first, uint64_t count)
{
    if (!count)
        return;
    out->gaps[out->gap_count++] = (struct svi_gap){ first, count };
    out->sample_count += count;
}

static void add_segment(struct svi_sigmf_layout *out, uint64_t first, const struct svi_sigmf_capture *capture)
{
    struct svi_segment *segment = &out->segments[out->segment_count++];
    segment->first_sample = first;
    segment->center_frequency_hz = capture ? capture->center_frequency_hz : NAN;
    svi_format(segment->start_time, sizeof segment->start_time, "%s", capture ? capture->start_time : "");
}

/* A gap belongs to the segment before it. */
static void place_segments(struct svi_sigmf_layout *out, const struct svi_sigmf *meta, size_t used, bool with_gaps)
{
    if (!used || meta->captures[0].first_sample)
        add_segment(out, 0, NULL); /* samples that no capture speaks of */
    for (size_t i = 0; i < used; i++) {
        const struct svi_sigmf_capture *capture = &meta->captures[i];
        uint64_t shift = out->sample_count - out->stored_count, missing = 0;
        if (i && with_gaps)
            missing = missing_between(&meta->captures[i - 1], capture);
        add_gap(out, capture->first_sample + shift, missing);
        add_segment(out, capture->first_sample + shift + missing, capture);
    }
    for (size_t i = 0; i < out->segment_count; i++) {
        uint64_t end = i + 1 < out->segment_count ? out->segments[i + 1].first_sample : out->sample_count;
        out->segments[i].sample_count = end - out->segments[i].first_sample;
    }
}

static bool make_segments(struct svi_sigmf_layout *out, struct svi_sigmf *meta, struct svi_error *err)
{
    size_t used = 0;
    while (used < meta->capture_count && meta->captures[used].first_sample < out->stored_count)
        used++;
    if (used < meta->capture_count)
        svi_warn(&meta->warnings, "Captures that begin behind the end of the data (%" PRIu64 " samples): %zu; they are ignored.",
                 out->stored_count, meta->capture_count - used);
    out->segments = calloc(used + 1, sizeof *out->segments);
    out->gaps = calloc(used + 1, sizeof *out->gaps);
    if (!out->segments || !out->gaps)
        return svi_fail_memory(err, (used + 1) * sizeof *out->segments);
    place_segments(out, meta, used, worth_drawing(meta, used, out->stored_count));
    return true;
}

bool svi_sigmf_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, uint64_t data_bytes, const char *data_label,
                   struct svi_error *err)
{
    *out = (struct svi_sigmf_layout){ 0 };
    char data[SVI_LABEL_SHOWN];
    svi_label_shown(data, data_label);
    bool ok = svi_sigmf_headers_fit(out, meta, data_bytes, data, err) && make_segments(out, meta, err)
              && svi_sigmf_annotations_fit(out, meta, err);
    if (!ok)
        svi_sigmf_layout_clear(out);
    return ok;
}

void svi_sigmf_layout_clear(struct svi_sigmf_layout *layout)
{
    free(layout->headers);
    free(layout->segments);
    free(layout->gaps);
    free(layout->annotations);
    *layout = (struct svi_sigmf_layout){ 0 };
}

void svi_sigmf_clear(struct svi_sigmf *meta)
{
    free(meta->captures);
    free(meta->annotations);
    *meta = (struct svi_sigmf){ 0 };
}
