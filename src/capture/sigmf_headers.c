#include "capture/sigmf_headers.h"

#include <inttypes.h>
#include <stdlib.h>

/* The headers of captures that begin in the data, as far as there are any; *end_byte is where the data end. */
static void find_headers(struct svi_sigmf_layout *out, const struct svi_sigmf *meta, uint64_t *end_byte)
{
    uint64_t before = 0; /* bytes of all headers so far */
    for (size_t i = 0; i < meta->capture_count; i++) {
        const struct svi_sigmf_capture *capture = &meta->captures[i];
        uint64_t header_byte, first_byte;
        if (__builtin_mul_overflow(capture->first_sample, out->sample_bytes, &header_byte)
            || __builtin_add_overflow(header_byte, before, &header_byte) || (header_byte >= *end_byte && capture->first_sample))
            return;
        if (!capture->header_bytes)
            continue;
        if (__builtin_add_overflow(header_byte, capture->header_bytes, &first_byte) || first_byte > *end_byte) {
            *end_byte = header_byte;
            return;
        }
        before += capture->header_bytes;
        out->headers[out->header_count++] = (struct svi_sigmf_header){ capture->first_sample, before };
    }
}

static bool check_first(const struct svi_sigmf *meta, uint64_t data_bytes, const char *data, struct svi_error *err)
{
    const uint64_t header = meta->captures[0].first_sample ? 0 : meta->captures[0].header_bytes, trailer = meta->trailing_bytes;
    if (!data_bytes)
        return svi_fail(err, SVI_BAD_RECORDING, "The data file %s is empty.", data);
    return (header <= data_bytes && trailer <= data_bytes - header)
           || svi_fail(err, SVI_BAD_RECORDING,
                       "%s: core:header_bytes (%" PRIu64 ") and core:trailing_bytes (%" PRIu64 ") are more than the %" PRIu64
                       " bytes of the file.",
                       data, header, trailer, data_bytes);
}

bool svi_sigmf_headers_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, uint64_t data_bytes, const char *data,
                           struct svi_error *err)
{
    const char *name = meta->datatype->name, *plural = meta->channels > 1 ? "s" : "";
    uint64_t end_byte = data_bytes - meta->trailing_bytes;
    out->sample_bytes = svi_datatype_bytes(meta->datatype) * meta->channels;
    if (!check_first(meta, data_bytes, data, err))
        return false;
    out->headers = calloc(meta->capture_count, sizeof *out->headers);
    if (!out->headers)
        return svi_fail_memory(err, meta->capture_count * sizeof *out->headers);
    find_headers(out, meta, &end_byte);
    const uint64_t bytes = end_byte - (out->header_count ? out->headers[out->header_count - 1].bytes_before : 0);
    const uint64_t rest = bytes % out->sample_bytes;
    out->stored_count = out->sample_count = bytes / out->sample_bytes;
    if (!out->sample_count)
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds %" PRIu64 " bytes; one sample (%s, %u channel%s) takes %zu.", data, bytes,
                        name, meta->channels, plural, out->sample_bytes);
    if (rest)
        svi_warn(&meta->warnings,
                 "%s ends inside a sample: %" PRIu64 " bytes, %zu per sample (%s, %u channel%s). The last %" PRIu64
                 " are left out.",
                 data, bytes, out->sample_bytes, name, meta->channels, plural, rest);
    return true;
}

/* The number of headers in front of a stored sample. */
static size_t headers_before(const struct svi_sigmf_layout *layout, uint64_t stored)
{
    size_t low = 0, high = layout->header_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (layout->headers[middle].first_sample <= stored)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t svi_sigmf_byte_of(const struct svi_sigmf_layout *layout, uint64_t stored)
{
    const size_t before = headers_before(layout, stored);
    return stored * layout->sample_bytes + (before ? layout->headers[before - 1].bytes_before : 0);
}

uint64_t svi_sigmf_run_of(const struct svi_sigmf_layout *layout, uint64_t stored)
{
    const size_t next = headers_before(layout, stored);
    return (next < layout->header_count ? layout->headers[next].first_sample : layout->stored_count) - stored;
}
