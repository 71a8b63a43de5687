/* sigmf_files.c - the SigMF row of the table of formats: the metadata, and the samples in the data. */
#include "capture/checksum.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/sigmf.h"
#include "capture/sigmf_headers.h"
#include "capture/sigmf_pair.h"
#include "capture/view_rooms.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_METADATA_BYTES = 32 << 20 };

struct recording_files {
    struct svi_mapped_file *data;
    struct svi_sigmf_layout layout;
    uint64_t *missing_before; /* each gap, in the gaps before it: there may be very many */
    const struct svi_datatype *datatype;
    struct svi_view_rooms rooms; /* for views with a gap or a header in them */
};

static bool probe(struct svi_bytes head, const char *label)
{
    return svi_label_ends(label, SVI_SIGMF_META_ENDING) || svi_label_ends(label, SVI_SIGMF_DATA_ENDING)
           || svi_sigmf_kind(head) != SVI_SIGMF_OTHER;
}

static bool read_metadata(struct svi_sigmf *meta, const struct svi_sigmf_pair *pair, const struct svi_stated *stated,
                          struct svi_error *err)
{
    const struct svi_file *file = &pair->meta;
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open_span(&mapped, file->path, &pair->meta_span, file->label, err))
        return false;
    char label[SVI_LABEL_SHOWN];
    svi_label_shown(label, file->label);
    struct svi_bytes text = svi_mapped_file_bytes(mapped);
    bool ok = false;
    if (text.count > MOST_METADATA_BYTES)
        svi_fail(err, SVI_BAD_RECORDING, "The metadata file %s has %zu bytes; at most %d are read.", label, text.count,
                 MOST_METADATA_BYTES);
    else
        ok = svi_sigmf_parse(meta, text, stated, file->label, err);
    svi_mapped_file_close(mapped);
    if (ok && meta->metadata_only && !meta->dataset[0]) {
        svi_sigmf_clear(meta);
        return svi_fail(err, SVI_BAD_RECORDING, "%s says core:metadata_only: there are no samples to draw.", label);
    }
    return ok;
}

static void describe(struct svi_recording *recording, const struct svi_sigmf *meta, const struct svi_sigmf_layout *layout,
                     const char *meta_label)
{
    svi_label_stem(recording->name, sizeof recording->name, meta_label, SVI_SIGMF_META_ENDING);
    recording->datatype = meta->datatype;
    recording->datatype_claimed = true;
    recording->channels = meta->channels;
    recording->sample_rate_hz = meta->sample_rate_hz;
    recording->sample_count = layout->sample_count;
    recording->segment_count = layout->segment_count;
    recording->segments = layout->segments;
    recording->gap_count = layout->gap_count;
    recording->gaps = layout->gaps;
    recording->annotation_count = layout->annotation_count;
    recording->annotations = layout->annotations;
    svi_format(recording->description, sizeof recording->description, "%s", meta->description);
    recording->warnings = meta->warnings;
}

static void close_files(void *self)
{
    struct recording_files *files = self;
    svi_mapped_file_close(files->data);
    svi_sigmf_layout_clear(&files->layout);
    free(files->missing_before);
    svi_view_rooms_clear(&files->rooms);
    free(files);
}

static bool add_up_gaps(struct recording_files *files, struct svi_error *err)
{
    const size_t count = files->layout.gap_count;
    uint64_t missing = 0;
    files->missing_before = malloc((count + 1) * sizeof *files->missing_before);
    if (!files->missing_before)
        return svi_fail_memory(err, (count + 1) * sizeof *files->missing_before);
    for (size_t i = 0; i < count; i++) {
        files->missing_before[i] = missing;
        missing += files->layout.gaps[i].sample_count;
    }
    return true;
}

static bool open_data(struct recording_files *files, struct svi_recording *recording, struct svi_sigmf *meta,
                      const struct svi_sigmf_pair *pair, const struct svi_capture_request *request, struct svi_error *err)
{
    enum svi_checksum checksum = SVI_CHECKSUM_NONE;
    if (!svi_mapped_file_open_span(&files->data, pair->data.path, &pair->data_span, pair->data.label, err)
        || !svi_sigmf_fit(&files->layout, meta, svi_mapped_file_bytes(files->data).count, pair->data.label, err)
        || !add_up_gaps(files, err) || !svi_checksum_check(&checksum, files->data, meta->sha512, request, err))
        return false;
    if (checksum == SVI_CHECKSUM_WRONG)
        svi_warn(&meta->warnings,
                 "The data are not what their metadata were written for: their SHA-512 is not the one in core:sha512.");
    files->datatype = meta->datatype;
    describe(recording, meta, &files->layout, pair->meta.label);
    recording->checksum = checksum;
    return true;
}

static bool open_files(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                       struct svi_error *err)
{
    struct recording_files *files = calloc(1, sizeof *files);
    if (!files)
        return svi_fail_memory(err, sizeof *files);
    struct svi_sigmf_pair *pair = calloc(1, sizeof *pair);
    struct svi_sigmf meta = { 0 };
    bool ok = pair ? svi_sigmf_pair_meta(pair, request, err) && read_metadata(&meta, pair, &request->stated, err)
                         && svi_sigmf_pair_data(pair, &meta, request, err) && open_data(files, recording, &meta, pair, request, err)
                   : svi_fail_memory(err, sizeof *pair);
    svi_sigmf_clear(&meta);
    free(pair);
    if (ok)
        *self = files;
    else
        close_files(files);
    return ok;
}

/* How many gaps begin before this sample of the recording. */
static size_t gaps_before(const struct recording_files *files, uint64_t sample)
{
    size_t low = 0, high = files->layout.gap_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (files->layout.gaps[middle].first_sample < sample)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many samples of the data lie before this one of the recording. */
static uint64_t stored_before(const struct recording_files *files, uint64_t sample)
{
    const size_t count = gaps_before(files, sample);
    if (!count)
        return sample;
    const struct svi_gap *gap = &files->layout.gaps[count - 1];
    const uint64_t passed = sample - gap->first_sample;
    return sample - files->missing_before[count - 1] - (passed < gap->sample_count ? passed : gap->sample_count);
}

/* Stored samples in one piece. */
static bool view_stored(const struct recording_files *files, uint64_t stored, uint64_t count, struct svi_bytes *out,
                        struct svi_error *err)
{
    return svi_mapped_file_view(files->data, svi_sigmf_byte_of(&files->layout, stored), count * files->layout.sample_bytes, out,
                                err);
}

/* Samples of the recording between which no gap is, but headers may be. */
static bool copy_stored(struct recording_files *files, uint64_t first, uint64_t count, uint8_t *into, struct svi_error *err)
{
    uint64_t stored = stored_before(files, first);
    while (count) {
        const uint64_t run = svi_sigmf_run_of(&files->layout, stored), piece = run < count ? run : count;
        struct svi_bytes part;
        if (!view_stored(files, stored, piece, &part, err))
            return false;
        memcpy(into, part.at, part.count);
        into += part.count;
        stored += piece;
        count -= piece;
    }
    return true;
}

static bool view_pieces(struct recording_files *files, uint64_t first, uint64_t count, struct svi_bytes *out, struct svi_error *err)
{
    const size_t sample_bytes = files->layout.sample_bytes, bytes = count * sample_bytes;
    uint8_t *room = svi_view_rooms_next(&files->rooms, bytes, err);
    if (!room)
        return false;
    svi_datatype_silence(files->datatype, room, bytes);
    uint64_t at = first, end = first + count;
    const size_t passed = gaps_before(files, first);
    for (size_t i = passed ? passed - 1 : 0; i < files->layout.gap_count && files->layout.gaps[i].first_sample < end; i++) {
        const struct svi_gap *gap = &files->layout.gaps[i];
        uint64_t behind = gap->first_sample + gap->sample_count;
        if (behind <= at)
            continue;
        uint64_t before = gap->first_sample > at ? gap->first_sample - at : 0;
        if (!copy_stored(files, at, before, room + (at - first) * sample_bytes, err))
            return false;
        at = behind < end ? behind : end;
    }
    *out = (struct svi_bytes){ room, bytes };
    return copy_stored(files, at, end - at, room + (at - first) * sample_bytes, err);
}

static bool view(void *self, uint64_t first, uint64_t count, struct svi_bytes *out, struct svi_error *err)
{
    struct recording_files *files = self;
    const uint64_t stored = stored_before(files, first);
    const bool whole = stored_before(files, first + count) - stored == count
                       && (!count || svi_sigmf_run_of(&files->layout, stored) >= count);
    return whole ? view_stored(files, stored, count, out, err) : view_pieces(files, first, count, out, err);
}

static void forget(void *self, uint64_t before_sample)
{
    const struct recording_files *files = self;
    svi_mapped_file_forget(files->data, svi_sigmf_byte_of(&files->layout, stored_before(files, before_sample)));
}

const struct svi_format svi_format_sigmf = {
    .name = "sigmf",
    .about = "SigMF: .sigmf-meta with .sigmf-data",
    .foreign_data = true,
    .reads_spans = true,
    .probe = probe,
    .open = open_files,
    .view = view,
    .forget = forget,
    .close = close_files,
};
