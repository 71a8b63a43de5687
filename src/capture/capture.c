#include "capture/capture.h"

#include "capture/archive.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/unpack.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SVI_FORMAT(name) &svi_format_##name,
static const struct svi_format *const formats[] = {
#include "capture/format_list.h"
};
#undef SVI_FORMAT

enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

struct svi_capture {
    const struct svi_format *format;
    void *self;
    struct svi_unpacked *unpacked; /* NULL: nothing was packed */
    struct svi_recording recording;
    bool selected;
    struct svi_segment *segments; /* what was stated or selected; NULL: the format's own are in use */
    struct svi_gap *gaps;         /* of the selection, likewise */
    struct svi_annotation *annotations;
    uint64_t forgotten; /* samples before this one; later ones that were looked at are held */
    unsigned runs_held;
};

void svi_warn(struct svi_warnings *warnings, const char *format, ...)
{
    if (warnings->count < SVI_MAX_WARNINGS) {
        char *text = warnings->text[warnings->count];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof warnings->text[0], format, arguments);
        va_end(arguments);
        text[svi_utf8_fit(text, strlen(text))] = '\0';
    }
    warnings->count++;
}

void svi_warn_all(struct svi_warnings *to, const struct svi_warnings *from)
{
    for (size_t i = 0; i < from->count && i < SVI_MAX_WARNINGS; i++)
        svi_warn(to, "%s", from->text[i]);
}

static void format_names(char *into, size_t size)
{
    size_t used = 0;
    into[0] = '\0';
    for (size_t i = 0; i < FORMAT_COUNT && used < size; i++, used = strlen(into))
        svi_format(into + used, size - used, "%s (%s), ", formats[i]->name, formats[i]->about);
    svi_format(into + used, size - used, "csv (a table), rh (RadioHound: .rh.json), rtl_power (its .csv)");
}

void svi_capture_labels(char *into, size_t size, const struct svi_file *files, size_t count)
{
    into[0] = '\0';
    for (size_t i = 0, used = 0; i < count; i++, used = strlen(into)) {
        char label[SVI_LABEL_SHOWN];
        svi_label_shown(label, files[i].label);
        if (used + strlen(label) + 24 > size) {
            svi_format(into + used, size - used, " and %zu more", count - i);
            return;
        }
        svi_format(into + used, size - used, "%s%s", i ? ", " : "", label);
    }
}

const struct svi_span *svi_capture_span(const struct svi_capture_request *request, size_t i)
{
    return request->spans ? &request->spans[i] : NULL;
}

static const struct svi_format *named_format(const char *name, struct svi_error *err)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    char shown[SVI_LABEL_SHOWN], names[400];
    svi_label_shown(shown, name);
    format_names(names, sizeof names);
    svi_fail(err, SVI_BAD_PARAMETER, "capture_type \"%s\" is not read here. Supported: %s.", shown, names);
    return NULL;
}

/* The format that knows this file; NULL without a report where none does. */
static const struct svi_format *format_of(const struct svi_file *file, const struct svi_span *span, struct svi_error *err)
{
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open_span(&mapped, file->path, span, file->label, err))
        return NULL;
    struct svi_bytes head = svi_mapped_file_head(mapped, SVI_FORMAT_HEAD_BYTES);
    const struct svi_format *found = NULL;
    for (size_t i = 0; i < FORMAT_COUNT && !found; i++)
        if (formats[i]->probe(head, file->label))
            found = formats[i];
    svi_mapped_file_close(mapped);
    return found;
}

bool svi_capture_is_known(const struct svi_capture_request *request)
{
    for (size_t i = 0; i < request->file_count; i++) {
        struct svi_error ignored = { 0 };
        const struct svi_format *found = format_of(&request->files[i], svi_capture_span(request, i), &ignored);
        if (found && found != &svi_format_csv_samples)
            return true;
    }
    return false;
}

/* Archives were opened before; one that is still here lay in another. */
static bool is_packed_again(const struct svi_capture_request *request)
{
    struct svi_error ignored = { 0 };
    bool found = false;
    for (size_t i = 0; request->spans && i < request->file_count && !found; i++) {
        struct svi_mapped_file *mapped;
        if (!svi_mapped_file_open_span(&mapped, request->files[i].path, &request->spans[i], request->files[i].label, &ignored))
            continue;
        found = svi_archive_kind(svi_mapped_file_bytes(mapped)) != SVI_ARCHIVE_NONE;
        svi_mapped_file_close(mapped);
    }
    return found;
}

/* The format whose recordings are folders. */
static const struct svi_format *format_of_folders(void)
{
    size_t i = 0;
    while (!formats[i]->folders)
        i++;
    return formats[i];
}

static bool is_folder(const struct svi_capture_request *request)
{
    struct stat about;
    return request->look_beside && request->file_count == 1 && stat(request->files[0].path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool are_empty(const struct svi_capture_request *request)
{
    struct stat about;
    bool empty = request->file_count > 0;
    for (size_t i = 0; empty && i < request->file_count; i++)
        empty = !(request->spans && request->spans[i].is_part) && stat(request->files[i].path, &about) == 0
                && S_ISREG(about.st_mode) && about.st_size == 0;
    return empty;
}

static const struct svi_format *choose_format(const struct svi_capture_request *request, struct svi_error *err)
{
    if (request->format && request->format[0])
        return named_format(request->format, err);
    if (is_folder(request))
        return format_of_folders();
    for (size_t i = 0; i < request->file_count && err->status == SVI_OK; i++) {
        const struct svi_format *found = format_of(&request->files[i], svi_capture_span(request, i), err);
        if (found)
            return found;
    }
    char labels[256], names[400];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    format_names(names, sizeof names);
    if (are_empty(request))
        svi_fail(err, SVI_BAD_RECORDING, "There is nothing in %s: 0 bytes.", labels);
    svi_fail(err, SVI_BAD_RECORDING, "No known recording format in %s%s. Supported: %s.", labels,
             is_packed_again(request) ? ": an archive in an archive is not opened" : "", names);
    return NULL;
}

/* From here on the segments are the capture's own, to be changed. */
static bool own_segments(struct svi_capture *capture, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    if (capture->segments)
        return true;
    capture->segments = malloc(recording->segment_count * sizeof *capture->segments);
    if (!capture->segments)
        return svi_fail_memory(err, recording->segment_count * sizeof *capture->segments);
    memcpy(capture->segments, recording->segments, recording->segment_count * sizeof *capture->segments);
    recording->segments = capture->segments;
    return true;
}

/* A segment that does not say when it began counts on from the one before. There may be very many: nobody is to look back for one
 * that does each time. */
static bool carry_start_times(struct svi_capture *capture, struct svi_error *err)
{
    if (capture->recording.segment_count > 1 && !own_segments(capture, err))
        return false;
    for (size_t i = 1; i < capture->recording.segment_count; i++) {
        struct svi_segment *segment = &capture->segments[i];
        const struct svi_segment *before = segment - 1;
        if (segment->start_time[0])
            continue;
        memcpy(segment->start_time, before->start_time, sizeof segment->start_time);
        segment->cut_samples = before->cut_samples + segment->first_sample - before->first_sample;
    }
    return true;
}

/* The datatype is for the formats to heed: they know what else hangs on it. */
static bool apply_stated(struct svi_capture *capture, const struct svi_stated *stated, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    recording->datatype_claimed |= stated->datatype && capture->format != &svi_format_csv_samples;
    if (stated->sample_rate_hz > 0 && stated->sample_rate_hz != recording->sample_rate_hz) {
        recording->sample_rate_hz = stated->sample_rate_hz;
        recording->rate = svi_rate_of(stated->sample_rate_hz);
        recording->index_is_time = false;
    }
    if (!recording->rate.numerator)
        recording->rate = svi_rate_of(recording->sample_rate_hz);
    if (!stated->has_center_frequency)
        return true;
    if (!own_segments(capture, err))
        return false;
    for (size_t i = 0; i < recording->segment_count; i++)
        capture->segments[i].center_frequency_hz = stated->center_frequency_hz;
    return true;
}

/* Takes over what was unpacked, also where it fails. */
static bool open_format(struct svi_capture **out, const struct svi_format *format, const struct svi_capture_request *request,
                        struct svi_unpacked *unpacked, struct svi_error *err)
{
    struct svi_capture *capture = calloc(1, sizeof *capture);
    if (!capture) {
        svi_unpacked_close(unpacked);
        return svi_fail_memory(err, sizeof *capture);
    }
    capture->format = format;
    capture->unpacked = unpacked;
    capture->recording.format = format->name;
    if (!format->open(&capture->self, &capture->recording, request, err)) {
        svi_unpacked_close(unpacked);
        free(capture);
        return false;
    }
    if (!carry_start_times(capture, err) || !apply_stated(capture, &request->stated, err)) {
        svi_capture_close(capture);
        return false;
    }
    *out = capture;
    return true;
}

/* What is in archives is picked there. */
static bool check_recording(const struct svi_capture_request *request, const struct svi_format *format, struct svi_error *err)
{
    char labels[200], shown[SVI_LABEL_SHOWN];
    if (!request->recording || !format->one_file)
        return true;
    for (size_t i = 0; i < request->file_count; i++)
        if (svi_label_names(request->files[i].label, request->recording))
            return true;
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    svi_label_shown(shown, request->recording);
    return svi_fail(err, SVI_BAD_PARAMETER, "There is no recording \"%s\" here, but %s.", shown, labels);
}

bool svi_capture_open_unpacked(struct svi_capture **out, const struct svi_capture_request *given, struct svi_unpacked *unpacked,
                               struct svi_error *err)
{
    *out = NULL;
    struct svi_capture_request request = *given;
    const struct svi_format *format = choose_format(&request, err);
    if (!format || !(unpacked ? svi_unpacked_fit(unpacked, &request, format, err) : check_recording(&request, format, err))) {
        svi_unpacked_close(unpacked);
        return false;
    }
    if (!open_format(out, format, &request, unpacked, err))
        return false;
    if (unpacked)
        svi_warn_all(&(*out)->recording.warnings, svi_unpacked_warnings(unpacked));
    return true;
}

bool svi_capture_open(struct svi_capture **out, const struct svi_capture_request *given, struct svi_error *err)
{
    *out = NULL;
    struct svi_capture_request request = *given;
    struct svi_unpacked *unpacked = NULL;
    return svi_unpack(&unpacked, &request, err) && svi_capture_open_unpacked(out, &request, unpacked, err);
}

const struct svi_recording *svi_capture_recording(const struct svi_capture *capture)
{
    return &capture->recording;
}

size_t svi_recording_segment(const struct svi_recording *recording, uint64_t sample)
{
    size_t low = 0, high = recording->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (recording->segments[middle].first_sample <= sample)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool svi_recording_retunes(const struct svi_recording *recording, size_t segment)
{
    if (!segment)
        return false;
    const double here_hz = recording->segments[segment].center_frequency_hz;
    const double before_hz = recording->segments[segment - 1].center_frequency_hz;
    return here_hz != before_hz && !(isnan(here_hz) && isnan(before_hz));
}

bool svi_recording_moment(const struct svi_recording *recording, uint64_t sample, struct svi_moment *out)
{
    if (recording->index_is_time)
        return svi_moment_after(out, (struct svi_moment){ 0 }, recording->first_index + sample, recording->rate);
    const struct svi_segment *segment = &recording->segments[svi_recording_segment(recording, sample)];
    struct svi_moment start;
    return svi_moment_read(&start, segment->start_time)
           && svi_moment_after(out, start, sample - segment->first_sample + segment->cut_samples, recording->rate);
}

bool svi_capture_view(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err)
{
    uint64_t all = capture->recording.sample_count;
    if (first > all || count > all - first)
        return svi_fail(err, SVI_BUG, "Samples were asked for that the recording does not have.")
               || svi_because(err, "samples %llu + %llu of %llu", (unsigned long long)first, (unsigned long long)count,
                              (unsigned long long)all);
    return capture->format->view(capture->self, capture->recording.cut_samples + first, count, view, err);
}

void svi_capture_forget(struct svi_capture *capture, uint64_t before_sample)
{
    uint64_t all = capture->recording.sample_count;
    capture->format->forget(capture->self, capture->recording.cut_samples + (before_sample < all ? before_sample : all));
    capture->forgotten = before_sample;
    capture->runs_held = 0;
}

/* Of a run, at most a huge page on either side of an edge of one stays resident. */
void svi_capture_forget_run(struct svi_capture *capture, uint64_t before_sample)
{
    enum { RUNS_HELD = 8, BYTES_HELD = 16 << 20 };
    const struct svi_recording *recording = &capture->recording;
    const uint64_t sample_bytes = svi_datatype_bytes(recording->datatype) * recording->channels;
    if (before_sample < capture->forgotten)
        capture->forgotten = 0;
    if (++capture->runs_held >= RUNS_HELD && (before_sample - capture->forgotten) * sample_bytes >= BYTES_HELD)
        svi_capture_forget(capture, before_sample);
}

struct range {
    uint64_t first, count;
};

/* The part of the run at `at` that lies in [first, first + count), counted from first. */
static struct range clip(uint64_t at, uint64_t length, uint64_t first, uint64_t count)
{
    uint64_t begin = at > first ? at : first, end = at + length;
    end = end < first + count ? end : first + count;
    return end > begin ? (struct range){ begin - first, end - begin } : (struct range){ 0, 0 };
}

/* The part of each gap that lies in the selection. */
static bool clip_gaps(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    if (!recording->gap_count)
        return true;
    capture->gaps = malloc(recording->gap_count * sizeof *capture->gaps);
    if (!capture->gaps)
        return svi_fail_memory(err, recording->gap_count * sizeof *capture->gaps);
    size_t kept = 0;
    for (size_t i = 0; i < recording->gap_count; i++) {
        struct range part = clip(recording->gaps[i].first_sample, recording->gaps[i].sample_count, first, count);
        if (part.count)
            capture->gaps[kept++] = (struct svi_gap){ part.first, part.count };
    }
    recording->gaps = capture->gaps;
    recording->gap_count = kept;
    return true;
}

/* An annotation that loses its beginning: its edges are counted from the center frequency of where it begins now. */
static void retune(struct svi_annotation *annotation, double old_center_hz, double new_center_hz)
{
    if (isnan(old_center_hz) || isnan(new_center_hz))
        return;
    annotation->low_hz += old_center_hz - new_center_hz;
    annotation->high_hz += old_center_hz - new_center_hz;
}

/* The part of each annotation that lies in the selection. The segments are still those of the whole. */
static bool clip_annotations(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    const struct svi_segment *segments = recording->segments;
    if (!recording->annotation_count)
        return true;
    capture->annotations = malloc(recording->annotation_count * sizeof *capture->annotations);
    if (!capture->annotations)
        return svi_fail_memory(err, recording->annotation_count * sizeof *capture->annotations);
    size_t kept = 0;
    for (size_t i = 0; i < recording->annotation_count; i++) {
        struct svi_annotation annotation = recording->annotations[i];
        struct range part = clip(annotation.first_sample, annotation.sample_count, first, count);
        if (part.count && annotation.first_sample < first)
            retune(&annotation, segments[svi_recording_segment(recording, annotation.first_sample)].center_frequency_hz,
                   segments[svi_recording_segment(recording, first)].center_frequency_hz);
        annotation.first_sample = part.first;
        annotation.sample_count = part.count;
        capture->annotations[kept] = annotation;
        kept += part.count > 0;
    }
    recording->annotations = capture->annotations;
    recording->annotations_elsewhere = recording->annotation_count - kept;
    recording->annotation_count = kept;
    return true;
}

bool svi_capture_select(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    if (!count || first > recording->sample_count || count > recording->sample_count - first || capture->selected)
        return svi_fail(err, SVI_BUG, "A part of the recording was selected that it does not have.");
    if (!own_segments(capture, err) || !clip_gaps(capture, first, count, err) || !clip_annotations(capture, first, count, err))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < recording->segment_count; i++) {
        struct svi_segment segment = capture->segments[i];
        struct range part = clip(segment.first_sample, segment.sample_count, first, count);
        segment.cut_samples += first > segment.first_sample ? first - segment.first_sample : 0;
        segment.first_sample = part.first;
        segment.sample_count = part.count;
        capture->segments[kept] = segment;
        kept += part.count > 0;
    }
    recording->segment_count = kept;
    recording->sample_count = count;
    recording->cut_samples = first;
    recording->first_index += recording->first_index || recording->index_is_time ? first : 0;
    capture->selected = true;
    return true;
}

void svi_capture_close(struct svi_capture *capture)
{
    if (!capture)
        return;
    capture->format->close(capture->self);
    svi_unpacked_close(capture->unpacked);
    free(capture->segments);
    free(capture->gaps);
    free(capture->annotations);
    free(capture);
}
