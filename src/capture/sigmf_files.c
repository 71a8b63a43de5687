/* sigmf_files.c - the SigMF row of the table of formats: which file is the metadata, which the data, and the samples in it.
 *
 * Stored names cannot be trusted to belong together ("a/b/rec_x7Kq2.sigmf-meta"), so the content tells the metadata, and names
 * only choose where more than one file is left for the data. */
#include "base/file.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/sigmf.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char meta_ending[] = ".sigmf-meta", data_ending[] = ".sigmf-data";

enum { HEAD_BYTES = 65536, MOST_METADATA_BYTES = 32 << 20, LABEL_ROOM = 1024 };

struct recording_files {
    struct svi_mapped_file *data;
    struct svi_sigmf_layout layout;
    const struct svi_datatype *datatype;
    uint8_t *room; /* for views with a gap in them */
    size_t room_bytes;
};

/* The two files of a recording. At most one of them was found beside the other; its texts stand here. */
struct pair {
    struct svi_file meta, data;
    bool has_data;
    size_t meta_number; /* in the request, where has_data is not set */
    char beside_path[PATH_MAX], beside_label[LABEL_ROOM];
};

/* A JSON object that speaks SigMF, even if the rest of it is broken: the parser then says where. */
static bool speaks_sigmf(struct svi_bytes head)
{
    static const char *const words[] = { "\"core:", "\"global\"" };
    size_t i = head.count >= 3 && !memcmp(head.at, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (i < head.count && isspace(head.at[i]))
        i++;
    if (i == head.count || head.at[i] != '{')
        return false;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (memmem(head.at, head.count, words[k], strlen(words[k])))
            return true;
    return false;
}

static bool probe(struct svi_bytes head, const char *label)
{
    return svi_label_ends(label, meta_ending) || svi_label_ends(label, data_ending) || speaks_sigmf(head);
}

static bool reads_as_metadata(const struct svi_file *file, bool *yes, struct svi_error *err)
{
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open(&mapped, file->path, file->label, err))
        return false;
    struct svi_bytes head = svi_mapped_file_bytes(mapped);
    head.count = head.count < HEAD_BYTES ? head.count : HEAD_BYTES;
    *yes = speaks_sigmf(head);
    svi_mapped_file_close(mapped);
    return true;
}

/* The text of a file's name with its ending exchanged, or, where `name` is given, with that behind its folder. */
static bool exchange(char *into, size_t room, const char *text, const char *ending, const char *other_ending, const char *name)
{
    if (name[0])
        return svi_format(into, room, "%.*s%s", (int)(svi_base_name(text) - text), text, name);
    return svi_label_ends(text, ending)
           && svi_format(into, room, "%.*s%s", (int)(strlen(text) - strlen(ending)), text, other_ending);
}

static bool name_beside(struct pair *pair, const struct svi_file *known, const char *ending, const char *other_ending,
                        const char *name)
{
    return exchange(pair->beside_path, sizeof pair->beside_path, known->path, ending, other_ending, name)
           && exchange(pair->beside_label, sizeof pair->beside_label, known->label, ending, other_ending, name);
}

static bool metadata_beside(struct pair *pair, const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_file *only = &request->files[0];
    if (request->look_beside && request->file_count == 1 && name_beside(pair, only, data_ending, meta_ending, "")) {
        pair->meta = (struct svi_file){ pair->beside_path, pair->beside_label };
        pair->data = *only;
        pair->has_data = true;
        return true;
    }
    char labels[256];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    svi_fail(err, SVI_BAD_RECORDING, "No SigMF metadata came with %s. A recording is a .sigmf-meta file and its data; give both.",
             labels);
    return false;
}

static bool find_metadata(struct pair *pair, const struct svi_capture_request *request, struct svi_error *err)
{
    size_t by_content = 0, by_label = 0, labelled = 0;
    for (size_t i = 0; i < request->file_count; i++) {
        bool yes;
        if (!reads_as_metadata(&request->files[i], &yes, err))
            return false;
        if (yes) {
            by_content++;
            pair->meta_number = i;
        }
        if (svi_label_ends(request->files[i].label, meta_ending)) {
            by_label++;
            labelled = i;
        }
    }
    if (!by_content && by_label)
        pair->meta_number = labelled;
    if (by_content > 1 || (!by_content && by_label > 1)) {
        char labels[256];
        svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
        return svi_fail(err, SVI_BAD_RECORDING,
                        "There is more than one SigMF metadata file in %s. Give the files of one recording.", labels);
    }
    if (!by_content && !by_label)
        return metadata_beside(pair, request, err);
    pair->meta = request->files[pair->meta_number];
    return true;
}

/* How well a file's label says that it is the data. */
static int fitness(const char *label, const char *dataset)
{
    const char *ending = strrchr(dataset, '.');
    if (dataset[0] && !strcmp(svi_base_name(label), dataset))
        return 3;
    return svi_label_ends(label, ending ? ending : data_ending) ? 2 : 1;
}

static bool data_beside(struct pair *pair, const struct svi_sigmf *meta, bool look, struct svi_error *err)
{
    if (look && name_beside(pair, &pair->meta, meta_ending, data_ending, meta->dataset)) {
        pair->data = (struct svi_file){ pair->beside_path, pair->beside_label };
        return true;
    }
    char label[SVI_LABEL_SHOWN];
    svi_label_shown(label, pair->meta.label);
    return svi_fail(err, SVI_BAD_RECORDING, "%s came without its data. Give the .sigmf-data file too.", label);
}

/* The data among the other files: the one whose label fits best, as long as there is one such. */
static bool find_data(struct pair *pair, struct svi_sigmf *meta, const struct svi_capture_request *request, struct svi_error *err)
{
    int best = 0;
    size_t candidates = 0, others = 0;
    for (size_t i = 0; i < request->file_count; i++) {
        if (i == pair->meta_number)
            continue;
        others++;
        int fit = fitness(request->files[i].label, meta->dataset);
        if (fit > best) {
            best = fit;
            candidates = 0;
            pair->data = request->files[i];
        }
        candidates += fit == best;
    }
    if (!others)
        return data_beside(pair, meta, request->look_beside, err);
    char labels[256];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    if (candidates > 1)
        return svi_fail(err, SVI_BAD_RECORDING, "More than one file could hold the samples in %s. Give the files of one recording.",
                        labels);
    if (others > 1) {
        svi_label_shown(labels, pair->data.label);
        svi_warn(&meta->warnings, "The samples are taken from %s; %zu other files were not used.", labels, others - 1);
    }
    return true;
}

static bool read_metadata(struct svi_sigmf *meta, const struct svi_file *file, const struct svi_stated *stated,
                          struct svi_error *err)
{
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open(&mapped, file->path, file->label, err))
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
    svi_label_stem(recording->name, sizeof recording->name, meta_label, meta_ending);
    recording->datatype = meta->datatype;
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
    free(files->room);
    free(files);
}

static bool open_data(struct recording_files *files, struct svi_recording *recording, struct svi_sigmf *meta,
                      const struct pair *pair, struct svi_error *err)
{
    if (!svi_mapped_file_open(&files->data, pair->data.path, pair->data.label, err)
        || !svi_sigmf_fit(&files->layout, meta, svi_mapped_file_bytes(files->data).count, pair->data.label, err))
        return false;
    files->datatype = meta->datatype;
    describe(recording, meta, &files->layout, pair->meta.label);
    return true;
}

static bool open_files(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                       struct svi_error *err)
{
    struct recording_files *files = calloc(1, sizeof *files);
    if (!files)
        return svi_fail_memory(err, sizeof *files);
    struct pair pair = { 0 };
    struct svi_sigmf meta = { 0 };
    bool ok = find_metadata(&pair, request, err) && read_metadata(&meta, &pair.meta, &request->stated, err)
              && (pair.has_data || find_data(&pair, &meta, request, err)) && open_data(files, recording, &meta, &pair, err);
    svi_sigmf_clear(&meta);
    if (ok)
        *self = files;
    else
        close_files(files);
    return ok;
}

/* How many samples of the data lie before this one of the recording. */
static uint64_t stored_before(const struct recording_files *files, uint64_t sample)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < files->layout.gap_count && files->layout.gaps[i].first_sample < sample; i++) {
        const struct svi_gap *gap = &files->layout.gaps[i];
        uint64_t passed = sample - gap->first_sample;
        missing += passed < gap->sample_count ? passed : gap->sample_count;
    }
    return sample - missing;
}

/* Samples of the recording between which no gap is. */
static bool view_stored(const struct recording_files *files, uint64_t first, uint64_t count, struct svi_bytes *out,
                        struct svi_error *err)
{
    const size_t bytes = files->layout.sample_bytes;
    return svi_mapped_file_view(files->data, files->layout.first_byte + stored_before(files, first) * bytes, count * bytes, out,
                                err);
}

static bool copy_stored(struct recording_files *files, uint64_t first, uint64_t count, uint8_t *into, struct svi_error *err)
{
    struct svi_bytes part;
    if (!count)
        return true;
    if (!view_stored(files, first, count, &part, err))
        return false;
    memcpy(into, part.at, part.count);
    return true;
}

static bool view_with_gaps(struct recording_files *files, uint64_t first, uint64_t count, struct svi_bytes *out,
                           struct svi_error *err)
{
    const size_t sample_bytes = files->layout.sample_bytes, bytes = count * sample_bytes;
    if (files->room_bytes < bytes) {
        free(files->room);
        files->room = malloc(bytes);
        files->room_bytes = files->room ? bytes : 0;
        if (!files->room)
            return svi_fail_memory(err, bytes);
    }
    svi_datatype_silence(files->datatype, files->room, bytes);
    uint64_t at = first, end = first + count;
    for (size_t i = 0; i < files->layout.gap_count && files->layout.gaps[i].first_sample < end; i++) {
        const struct svi_gap *gap = &files->layout.gaps[i];
        uint64_t behind = gap->first_sample + gap->sample_count;
        if (behind <= at)
            continue;
        uint64_t before = gap->first_sample > at ? gap->first_sample - at : 0;
        if (!copy_stored(files, at, before, files->room + (at - first) * sample_bytes, err))
            return false;
        at = behind < end ? behind : end;
    }
    *out = (struct svi_bytes){ files->room, bytes };
    return copy_stored(files, at, end - at, files->room + (at - first) * sample_bytes, err);
}

static bool view(void *self, uint64_t first, uint64_t count, struct svi_bytes *out, struct svi_error *err)
{
    struct recording_files *files = self;
    bool whole = stored_before(files, first + count) - stored_before(files, first) == count;
    return whole ? view_stored(files, first, count, out, err) : view_with_gaps(files, first, count, out, err);
}

static void forget(void *self, uint64_t before_sample)
{
    const struct recording_files *files = self;
    svi_mapped_file_forget(files->data,
                           files->layout.first_byte + stored_before(files, before_sample) * files->layout.sample_bytes);
}

const struct svi_format svi_format_sigmf = {
    .name = "sigmf",
    .about = "SigMF: .sigmf-meta with .sigmf-data",
    .probe = probe,
    .open = open_files,
    .view = view,
    .forget = forget,
    .close = close_files,
};
