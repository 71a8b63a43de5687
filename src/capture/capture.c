#include "capture/capture.h"

#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct svi_format *const formats[] = {
    &svi_format_sigmf,
};

enum { FORMAT_COUNT = sizeof formats / sizeof formats[0], HEAD_BYTES = 65536 };

struct svi_capture {
    const struct svi_format *format;
    void *self;
    struct svi_recording recording;
    uint64_t skipped;             /* samples of the file before the selection */
    struct svi_segment *segments; /* of the selection; NULL: the format's own are in use */
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

static void format_names(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, used = 0; i < FORMAT_COUNT && used < size; i++, used = strlen(into))
        svi_format(into + used, size - used, "%s%s (%s)", i ? ", " : "", formats[i]->name, formats[i]->about);
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

static const struct svi_format *named_format(const char *name, struct svi_error *err)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    char shown[SVI_LABEL_SHOWN], names[256];
    svi_label_shown(shown, name);
    format_names(names, sizeof names);
    svi_fail(err, SVI_BAD_PARAMETER, "capture_type \"%s\" is not read here. Supported: %s.", shown, names);
    return NULL;
}

/* The format that knows this file; NULL without a report where none does. */
static const struct svi_format *format_of(const struct svi_file *file, struct svi_error *err)
{
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open(&mapped, file->path, file->label, err))
        return NULL;
    struct svi_bytes head = svi_mapped_file_bytes(mapped);
    head.count = head.count < HEAD_BYTES ? head.count : HEAD_BYTES;
    const struct svi_format *found = NULL;
    for (size_t i = 0; i < FORMAT_COUNT && !found; i++)
        if (formats[i]->probe(head, file->label))
            found = formats[i];
    svi_mapped_file_close(mapped);
    return found;
}

static const struct svi_format *choose_format(const struct svi_capture_request *request, struct svi_error *err)
{
    if (request->format && request->format[0])
        return named_format(request->format, err);
    for (size_t i = 0; i < request->file_count && err->status == SVI_OK; i++) {
        const struct svi_format *found = format_of(&request->files[i], err);
        if (found)
            return found;
    }
    char labels[256], names[256];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    format_names(names, sizeof names);
    svi_fail(err, SVI_BAD_RECORDING, "No known recording format in %s. Supported: %s.", labels, names);
    return NULL;
}

bool svi_capture_open(struct svi_capture **out, const struct svi_capture_request *request, struct svi_error *err)
{
    *out = NULL;
    if (!request->file_count)
        return svi_fail(err, SVI_BAD_RECORDING, "There are no files to draw. Name at least one file of a recording.");
    const struct svi_format *format = choose_format(request, err);
    if (!format)
        return false;
    struct svi_capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return svi_fail_memory(err, sizeof *capture);
    capture->format = format;
    capture->recording.format = format->name;
    if (!format->open(&capture->self, &capture->recording, request, err)) {
        free(capture);
        return false;
    }
    *out = capture;
    return true;
}

const struct svi_recording *svi_capture_recording(const struct svi_capture *capture)
{
    return &capture->recording;
}

bool svi_capture_view(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err)
{
    uint64_t all = capture->recording.sample_count;
    if (first > all || count > all - first)
        return svi_fail(err, SVI_BUG, "Samples were asked for that the recording does not have.")
               || svi_because(err, "samples %llu + %llu of %llu", (unsigned long long)first, (unsigned long long)count,
                              (unsigned long long)all);
    return capture->format->view(capture->self, capture->skipped + first, count, view, err);
}

void svi_capture_forget(struct svi_capture *capture, uint64_t before_sample)
{
    uint64_t all = capture->recording.sample_count;
    capture->format->forget(capture->self, capture->skipped + (before_sample < all ? before_sample : all));
}

/* The part of a segment that lies in [first, first + count), counted from first. */
static struct svi_segment clip(struct svi_segment segment, uint64_t first, uint64_t count)
{
    uint64_t begin = segment.first_sample > first ? segment.first_sample : first;
    uint64_t end = segment.first_sample + segment.sample_count;
    end = end < first + count ? end : first + count;
    segment.first_sample = begin - first;
    segment.sample_count = end > begin ? end - begin : 0;
    return segment;
}

bool svi_capture_select(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_error *err)
{
    struct svi_recording *recording = &capture->recording;
    if (!count || first > recording->sample_count || count > recording->sample_count - first || capture->segments)
        return svi_fail(err, SVI_BUG, "A part of the recording was selected that it does not have.");
    capture->segments = calloc(recording->segment_count, sizeof *capture->segments);
    if (!capture->segments)
        return svi_fail_memory(err, recording->segment_count * sizeof *capture->segments);
    size_t kept = 0;
    for (size_t i = 0; i < recording->segment_count; i++) {
        capture->segments[kept] = clip(recording->segments[i], first, count);
        kept += capture->segments[kept].sample_count > 0;
    }
    recording->segments = capture->segments;
    recording->segment_count = kept;
    recording->sample_count = count;
    capture->skipped = first;
    return true;
}

void svi_capture_close(struct svi_capture *capture)
{
    if (!capture)
        return;
    capture->format->close(capture->self);
    free(capture->segments);
    free(capture);
}
