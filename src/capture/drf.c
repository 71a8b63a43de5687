/* drf.c - the row of Digital RF in the table of formats: from the files' indices to one recording, and its samples range by range.
 */
#include "capture/drf_file.h"
#include "capture/drf_index.h"
#include "capture/drf_metadata.h"
#include "capture/drf_tree.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/view_rooms.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_FILES = 3, SCAN_SAMPLES = 4096, EDGE_SAMPLES = 64 };

/* Filler inside of files is looked for up to so many samples of a recording; in longer ones only at both ends of a file. */
static const uint64_t most_scanned = 1 << 20, most_span = UINT64_C(1) << 44;

static const double least_rate_hz = 1e-6, most_rate_hz = 1e15; /* as of SigMF */

/* An open file of the recording. */
struct slot {
    struct svi_drf_file file;
    size_t number;
    uint64_t first_row;  /* the number of the sample in row 0, as of the run that was read last */
    uint64_t lent_until; /* the view that may close it again: what is mapped was given out */
};

struct drf {
    struct svi_drf_tree tree;
    struct svi_drf_index index;
    struct svi_drf_shape shape;
    unsigned subchannel;
    uint64_t scanned, filler;
    struct slot slots[OPEN_FILES]; /* files that were read from last */
    size_t next_slot;
    uint64_t views; /* so far, and this one */
    struct svi_segment segment;
    struct svi_view_rooms rooms; /* for views */
};

/* What the files that could not be used had in common. */
struct losses {
    size_t count;
    const char *label, *why; /* of the first */
};

static void lose(struct losses *losses, const char *label, const char *why)
{
    if (!losses->count++) {
        losses->label = label;
        losses->why = why;
    }
}

static bool probe(struct svi_bytes head, const char *label)
{
    static const uint8_t signature[] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n' };
    (void)label;
    return head.count >= sizeof signature && !memcmp(head.at, signature, sizeof signature);
}

static bool same_shape(const struct svi_drf_shape *a, const struct svi_drf_shape *b)
{
    return a->datatype == b->datatype && a->wide == b->wide && a->wide_unsigned == b->wide_unsigned
           && a->subchannels == b->subchannels && a->rate_numerator == b->rate_numerator
           && a->rate_denominator == b->rate_denominator;
}

/* A walk over the samples of a file in search of filler. */
struct walk {
    const struct svi_drf_file *file;
    struct svi_drf_run run; /* the whole of it */
    uint64_t gone;          /* samples before the run that is now the last one of the index */
    bool found;             /* filler, in what was read last */
    uint8_t samples[SCAN_SAMPLES * SVI_DRF_SAMPLE_BYTES];
};

static const char *punch_part(struct drf *drf, struct walk *walk, uint64_t at, uint64_t count)
{
    const size_t bytes = svi_datatype_bytes(drf->shape.datatype);
    if (!svi_drf_file_read_stored(walk->file, drf->subchannel, walk->run.row + at, count, walk->samples))
        return "has samples that cannot be read";
    drf->scanned += count;
    walk->found = false;
    for (uint64_t i = 0, same; i < count; i += same) {
        bool filler;
        same = svi_drf_same_kind(&drf->shape, walk->samples + i * bytes, count - i, &filler);
        if (!filler)
            continue;
        if (!svi_drf_index_punch(&drf->index, at + i - walk->gone, same))
            return "needs more memory than there is";
        walk->gone = at + i + same;
        walk->found = true;
        drf->filler += same;
    }
    return NULL;
}

/* A sample behind `at` from which on all filler at the end of the file is met. */
static uint64_t find_tail(const struct drf *drf, struct walk *walk, uint64_t at)
{
    bool filler = true;
    uint64_t back = EDGE_SAMPLES / 4;
    while (filler && back < (walk->run.count - at) / 4) {
        back *= 4;
        filler = svi_drf_file_read_stored(walk->file, drf->subchannel, walk->run.row + walk->run.count - back, 1, walk->samples)
                 && svi_drf_same_kind(&drf->shape, walk->samples, 1, &filler) && filler;
    }
    return filler ? at : walk->run.count - back;
}

/* Takes filler out of the run that was added last. */
static const char *punch_filler(struct drf *drf, const struct svi_drf_file *file)
{
    const char *wrong = NULL;
    bool jumped = false;
    struct walk *walk = malloc(sizeof *walk);
    if (!walk)
        return "needs more memory than there is";
    *walk = (struct walk){ .file = file, .run = drf->index.runs[drf->index.run_count - 1] };
    for (uint64_t at = 0, take; at < walk->run.count && !wrong; at += take) {
        bool hurry = drf->scanned >= most_scanned && !walk->found;
        take = hurry ? EDGE_SAMPLES : SCAN_SAMPLES;
        take = take < walk->run.count - at ? take : walk->run.count - at;
        wrong = punch_part(drf, walk, at, take);
        if (!wrong && hurry && !walk->found && !jumped) {
            jumped = true;
            take = find_tail(drf, walk, at + take) - at;
        }
    }
    free(walk);
    return wrong;
}

static const char *index_file(struct drf *drf, const struct svi_drf_file *file, size_t number)
{
    uint64_t(*pairs)[2];
    size_t count, before = drf->index.run_count;
    const char *wrong = svi_drf_file_index(file, &pairs, &count);
    if (wrong)
        return wrong;
    wrong = svi_drf_index_add(&drf->index, (const uint64_t(*)[2])pairs, count, file->rows, number);
    free(pairs);
    if (!wrong && file->filled && count == 1)
        wrong = punch_filler(drf, file);
    if (wrong)
        drf->index.run_count = before;
    return wrong;
}

/* The rate stands in the files themselves, or in the properties of the channel. */
static void complete_shape(struct drf *drf, struct svi_drf_shape *shape)
{
    if (shape->rate_denominator || !drf->tree.properties[0])
        return;
    hid_t file = svi_drf_open_h5(drf->tree.properties);
    if (file >= 0) {
        svi_drf_read_rate(file, &shape->rate_numerator, &shape->rate_denominator);
        H5Fclose(file);
    }
}

static const char *take_file(struct drf *drf, size_t number, unsigned subchannel)
{
    struct svi_drf_file file;
    const char *wrong = svi_drf_file_open(&file, drf->tree.data.at[number].path);
    if (wrong)
        return wrong;
    complete_shape(drf, &file.shape);
    if (!drf->shape.datatype) {
        drf->shape = file.shape;
        drf->subchannel = subchannel < file.shape.subchannels ? subchannel : 0;
    }
    wrong = same_shape(&drf->shape, &file.shape) ? index_file(drf, &file, number)
                                                 : "has another sample type, rate or number of sub-channels than those before";
    svi_drf_file_close(&file);
    return wrong;
}

static bool read_indices(struct drf *drf, struct svi_recording *recording, unsigned subchannel, struct svi_error *err)
{
    struct losses losses = { 0 };
    uint64_t overlapping;
    for (size_t i = 0; i < drf->tree.data.count; i++) {
        const char *wrong = take_file(drf, i, subchannel);
        if (wrong)
            lose(&losses, drf->tree.data.at[i].label, wrong);
    }
    if (!svi_drf_index_finish(&drf->index, &overlapping))
        return svi_fail_memory(err, drf->index.run_count * sizeof *drf->index.gaps);
    if (!drf->index.run_count && losses.count)
        return svi_fail(err, SVI_BAD_RECORDING, "None of %zu files of samples can be read: %s %s.", drf->tree.data.count,
                        losses.label, losses.why);
    if (!drf->index.run_count)
        return svi_fail(err, SVI_BAD_RECORDING, "The recording holds nothing but filler: no sample was ever written.");
    if (losses.count)
        svi_warn(&recording->warnings, "Files that were left out: %zu of %zu. %s %s.", losses.count, drf->tree.data.count,
                 losses.label, losses.why);
    if (overlapping)
        svi_warn(&recording->warnings,
                 "Samples that were recorded twice, or belong to another channel: %" PRIu64 "; the first ones are drawn.",
                 overlapping);
    if (drf->filler)
        svi_warn(&recording->warnings, "Samples that are filler, not signal: %" PRIu64 "; they are left out.", drf->filler);
    return true;
}

static bool check_request(const struct drf *drf, const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_drf_run *first = drf->index.runs, *last = first + drf->index.run_count - 1;
    if (request->stated.datatype)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter datatype does not go together with Digital RF, whose files say it.");
    if (request->subchannel >= drf->shape.subchannels)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter subchannel is %u, but the recording has %u, counted from 0.",
                        request->subchannel, drf->shape.subchannels);
    if (!drf->shape.rate_denominator && !(request->stated.sample_rate_hz > 0))
        return svi_fail(err, SVI_BAD_RECORDING,
                        "The recording does not say its sample rate. Give drf_properties.h5 too, or the parameter sampleRate.");
    const double rate_hz = drf->shape.rate_denominator ? (double)drf->shape.rate_numerator / (double)drf->shape.rate_denominator
                                                       : 1;
    if (!(rate_hz >= least_rate_hz && rate_hz <= most_rate_hz))
        return svi_fail(err, SVI_BAD_RECORDING, "%s says a sample rate of %g Hz; from %g to %g Hz can be drawn.",
                        drf->tree.data.at[0].label, rate_hz, least_rate_hz, most_rate_hz);
    if (last->first + last->count - first->first > most_span)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "The samples are too far from each other: from number %" PRIu64 " to %" PRIu64
                        ". Give files of one recording.",
                        first->first, last->first + last->count - 1);
    return true;
}

static void describe(struct drf *drf, struct svi_recording *recording, const struct svi_capture_request *request)
{
    const struct svi_drf_run *first = drf->index.runs, *last = first + drf->index.run_count - 1;
    const struct svi_drf_shape *shape = &drf->shape;
    recording->datatype = shape->datatype;
    recording->channels = 1;
    recording->subchannels = shape->subchannels;
    recording->sample_rate_hz = shape->rate_denominator ? (double)shape->rate_numerator / (double)shape->rate_denominator
                                                        : request->stated.sample_rate_hz;
    recording->rate = shape->rate_denominator ? (struct svi_rate){ shape->rate_numerator, shape->rate_denominator }
                                              : svi_rate_of(request->stated.sample_rate_hz);
    recording->first_index = first->first;
    recording->index_is_time = true;
    recording->sample_count = last->first + last->count - first->first;
    recording->segment_count = 1;
    recording->segments = &drf->segment;
    recording->gap_count = drf->index.gap_count;
    recording->gaps = drf->index.gaps;
    drf->segment.sample_count = recording->sample_count;
    drf->segment.center_frequency_hz = svi_drf_center_hz(&drf->tree, first->first, recording->rate, drf->subchannel);
    if (drf->tree.metadata.count && isnan(drf->segment.center_frequency_hz) && !request->stated.has_center_frequency)
        svi_warn(&recording->warnings,
                 "The Digital Metadata say no center frequency that can be read; the first file of them is %s.",
                 drf->tree.metadata.at[0].label);
    svi_drf_moment(drf->segment.start_time, first->first, recording->rate);
    svi_label_stem(recording->name, sizeof recording->name, drf->tree.channel[0] ? drf->tree.channel : drf->tree.data.at[0].label,
                   ".h5");
}

static void close_drf(void *self)
{
    struct drf *drf = self;
    for (size_t i = 0; i < OPEN_FILES; i++)
        svi_drf_file_close(&drf->slots[i].file);
    svi_drf_index_clear(&drf->index);
    svi_drf_tree_clear(&drf->tree);
    svi_view_rooms_clear(&drf->rooms);
    free(drf);
}

static bool open_drf(void **self, struct svi_recording *recording, const struct svi_capture_request *request, struct svi_error *err)
{
    struct drf *drf = calloc(1, sizeof *drf);
    if (!drf)
        return svi_fail_memory(err, sizeof *drf);
    for (size_t i = 0; i < OPEN_FILES; i++)
        drf->slots[i].file = (struct svi_drf_file){ .file = -1, .data = -1, .memory_type = -1 };
    svi_drf_quiet();
    bool ok = svi_drf_tree_find(&drf->tree, request, &recording->warnings, err)
              && read_indices(drf, recording, request->subchannel, err) && check_request(drf, request, err);
    if (!ok) {
        close_drf(drf);
        return false;
    }
    describe(drf, recording, request);
    *self = drf;
    return true;
}

/* In place of the one that was opened longest ago, unless that is lent. At most two are. */
static struct slot *next_slot(struct drf *drf)
{
    struct slot *slot;
    do {
        slot = &drf->slots[drf->next_slot];
        drf->next_slot = (drf->next_slot + 1) % OPEN_FILES;
    } while (slot->lent_until > drf->views);
    return slot;
}

/* The file, open. NULL where it cannot be opened. */
static struct slot *slot_of(struct drf *drf, size_t number)
{
    for (size_t i = 0; i < OPEN_FILES; i++)
        if (drf->slots[i].file.file >= 0 && drf->slots[i].number == number)
            return &drf->slots[i];
    struct slot *slot = next_slot(drf);
    const struct svi_drf_path *path = &drf->tree.data.at[number];
    struct svi_drf_file *file = &slot->file;
    svi_drf_file_close(file);
    slot->number = number;
    if (svi_drf_file_open(file, path->path))
        return NULL;
    if (!file->shape.rate_denominator) {
        file->shape.rate_numerator = drf->shape.rate_numerator;
        file->shape.rate_denominator = drf->shape.rate_denominator;
    }
    /* It was fine when the recording was opened, but another program may write to it. */
    if (!same_shape(&file->shape, &drf->shape) || !svi_drf_file_map(file, path->path, path->label)) {
        svi_drf_file_close(file); /* else it would be found here the next time */
        return NULL;
    }
    return slot;
}

static bool read_run(struct drf *drf, const struct svi_drf_run *run, uint64_t from, uint64_t count, uint8_t *into,
                     struct svi_error *err)
{
    struct slot *slot = slot_of(drf, run->file);
    if (slot)
        slot->first_row = run->first - run->row;
    return (slot && svi_drf_file_read(&slot->file, drf->subchannel, run->row + (from - run->first), count, into))
           || svi_fail(err, SVI_IO, "The samples of %s cannot be read: they are damaged, or the file has changed.",
                       drf->tree.data.at[run->file].label)
           || svi_because(err, "%s", drf->tree.data.at[run->file].path);
}

/* Samples that lie in one file as they are. */
static bool view_mapped(struct drf *drf, uint64_t begin, uint64_t count, struct svi_bytes *out)
{
    const size_t found = svi_drf_index_find(&drf->index, begin);
    const struct svi_drf_run *run = &drf->index.runs[found];
    if (!count || found == drf->index.run_count || begin < run->first || begin + count > run->first + run->count)
        return false;
    struct slot *slot = slot_of(drf, run->file);
    if (!slot || !svi_drf_file_view(&slot->file, run->row + (begin - run->first), count, out))
        return false;
    slot->first_row = run->first - run->row;
    slot->lent_until = drf->views + 2;
    return true;
}

static bool view(void *self, uint64_t first, uint64_t count, struct svi_bytes *out, struct svi_error *err)
{
    struct drf *drf = self;
    const struct svi_drf_index *index = &drf->index;
    const size_t bytes = svi_datatype_bytes(drf->shape.datatype);
    const uint64_t begin = index->runs[0].first + first, end = begin + count;
    drf->views++;
    if (view_mapped(drf, begin, count, out))
        return true;
    uint8_t *room = svi_view_rooms_next(&drf->rooms, count * bytes, err);
    if (!room)
        return false;
    if (index->gap_count)
        svi_datatype_silence(drf->shape.datatype, room, count * bytes);
    for (size_t i = svi_drf_index_find(index, begin); i < index->run_count && index->runs[i].first < end; i++) {
        const struct svi_drf_run *run = &index->runs[i];
        uint64_t from = run->first > begin ? run->first : begin, to = run->first + run->count;
        to = to < end ? to : end;
        if (!read_run(drf, run, from, to - from, room + (from - begin) * bytes, err))
            return false;
    }
    *out = (struct svi_bytes){ room, count * bytes };
    return true;
}

static void forget(void *self, uint64_t before_sample)
{
    struct drf *drf = self;
    const uint64_t before = drf->index.runs[0].first + before_sample;
    for (size_t i = 0; i < OPEN_FILES; i++) {
        const struct slot *slot = &drf->slots[i];
        if (slot->file.mapped && before > slot->first_row)
            svi_mapped_file_forget(slot->file.mapped, (before - slot->first_row) * svi_datatype_bytes(drf->shape.datatype));
    }
}

const struct svi_format svi_format_drf = {
    .name = "drf",
    .about = "Digital RF: a folder, or its .h5 files",
    .folders = true,
    .probe = probe,
    .open = open_drf,
    .view = view,
    .forget = forget,
    .close = close_drf,
};
