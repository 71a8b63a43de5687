/* fuzz_sigmf - any bytes as SigMF metadata: refused with a reason, or a description that keeps its promises. */
#include "base/bytes.h"
#include "capture/sigmf.h"
#include "capture/sigmf_headers.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void check_reason(const struct svi_error *err)
{
    must(err->status != SVI_OK && err->message[0] && svi_utf8_valid(svi_bytes_of(err->message)));
}

static void check_description(const struct svi_sigmf *meta)
{
    must(meta->datatype != NULL);
    must(meta->channels >= 1 && meta->channels <= SVI_SIGMF_MAX_CHANNELS);
    must(isfinite(meta->sample_rate_hz) && meta->sample_rate_hz > 0);
    must(svi_utf8_valid(svi_bytes_of(meta->description)));
    must(meta->dataset[0] == '\0' || !strchr(meta->dataset, '/'));
    must(meta->capture_count >= 1);
    for (size_t i = 1; i < meta->capture_count; i++)
        must(meta->captures[i].first_sample > meta->captures[i - 1].first_sample);
}

/* The segments follow each other from the first sample to the last, and the samples lie inside of the data. */
static void check_layout(const struct svi_sigmf_layout *layout, uint64_t data_bytes)
{
    uint64_t next = 0, end;
    must(layout->segment_count >= 1 && layout->sample_count >= 1);
    for (size_t i = 0; i < layout->segment_count; i++) {
        must(layout->segments[i].first_sample == next && layout->segments[i].sample_count >= 1);
        must(!isinf(layout->segments[i].center_frequency_hz));
        next += layout->segments[i].sample_count;
    }
    must(next == layout->sample_count);
    uint64_t missing = 0;
    for (size_t i = 0; i < layout->gap_count; i++) {
        const struct svi_gap *gap = &layout->gaps[i];
        must(gap->sample_count >= 1 && gap->first_sample > 0);
        must(i == 0 || gap->first_sample > gap[-1].first_sample + gap[-1].sample_count);
        must(gap->first_sample + gap->sample_count < layout->sample_count);
        missing += gap->sample_count;
    }
    must(missing == layout->sample_count - layout->stored_count);
    must(!__builtin_mul_overflow(layout->stored_count, layout->sample_bytes, &end));
    for (size_t i = 0; i < layout->header_count; i++)
        must(i == 0 || layout->headers[i].first_sample > layout->headers[i - 1].first_sample);
    const uint64_t last = layout->stored_count - 1;
    must(svi_sigmf_byte_of(layout, last) <= data_bytes && data_bytes - svi_sigmf_byte_of(layout, last) >= layout->sample_bytes);
    must(svi_sigmf_run_of(layout, last) == 1 && svi_sigmf_run_of(layout, 0) <= layout->stored_count);
}

/* Annotations lie in the recording, and their texts can be shown. */
static void check_annotations(const struct svi_sigmf *meta, const struct svi_sigmf_layout *layout)
{
    must(layout->annotation_count <= meta->annotation_count && meta->annotation_count <= SVI_SIGMF_MAX_ANNOTATIONS);
    for (size_t i = 0; i < layout->annotation_count; i++) {
        const struct svi_annotation *annotation = &layout->annotations[i];
        must(annotation->first_sample < layout->sample_count && annotation->sample_count >= 1);
        must(annotation->sample_count <= layout->sample_count - annotation->first_sample);
        must(isnan(annotation->low_hz) ? isnan(annotation->high_hz) : annotation->low_hz <= annotation->high_hz);
        must(!isinf(annotation->low_hz) && !isinf(annotation->high_hz));
        must(svi_utf8_valid(svi_bytes_of(annotation->label)) && !strpbrk(annotation->label, "\r\n\t"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t data_sizes[] = { 0, 1, 7, 4096, 1000003, UINT64_C(1) << 62, UINT64_MAX };
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    if (!svi_sigmf_parse(&meta, (struct svi_bytes){ data, size }, &(struct svi_stated){ 0 }, "fuzz.sigmf-meta", &err)) {
        check_reason(&err);
        return 0;
    }
    check_description(&meta);
    for (size_t i = 0; i < sizeof data_sizes / sizeof *data_sizes; i++) {
        struct svi_sigmf_layout layout;
        if (svi_sigmf_fit(&layout, &meta, data_sizes[i], "fuzz.sigmf-data", &err)) {
            check_layout(&layout, data_sizes[i]);
            check_annotations(&meta, &layout);
        } else {
            check_reason(&err);
        }
        svi_sigmf_layout_clear(&layout);
        svi_error_clear(&err);
    }
    svi_sigmf_clear(&meta);
    return 0;
}
