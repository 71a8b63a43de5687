/* wav_file.c - the WAV row of the table of formats: one channel is real, two are I and Q, more are channels of real samples.
 *
 * Numbers of 24 bits are handed out as 32 bits, so that nobody else has to know of them. */
#include "capture/flat_file.h"
#include "capture/label.h"
#include "capture/view_rooms.h"
#include "capture/wav.h"

#include <inttypes.h>
#include <stdlib.h>

struct wav_file {
    struct svi_flat_file flat;   /* the first member: see flat_file.h */
    bool widened;                /* three bytes in the file, four in a view */
    struct svi_view_rooms rooms; /* for widened samples */
};

static bool probe(struct svi_bytes head, const char *label)
{
    return svi_wav_begins(head) || svi_label_ends(label, ".wav");
}

/* [bits / 8 - 1][is complex]; 24 bits are widened. */
static const char *const pcm_types[4][2] = {
    { "ru8", "cu8" }, { "ri16_le", "ci16_le" }, { "ri32_le", "ci32_le" }, { "ri32_le", "ci32_le" }
};

static const char *name_type(const struct svi_wav *wav)
{
    bool pair = wav->channels == 2;
    if (!wav->floating)
        return pcm_types[wav->number_bits / 8 - 1][pair];
    return wav->number_bits == 32 ? pair ? "cf32_le" : "rf32_le" : pair ? "cf64_le" : "rf64_le";
}

/* The numbers of one sample of all channels, in stored bytes, are shared out among as many channels as the datatype leaves. */
static bool choose_type(struct svi_flat_layout *layout, const struct svi_wav *wav, const struct svi_stated *stated,
                        const char *label, struct svi_error *err)
{
    layout->datatype = svi_datatype_find(name_type(wav));
    size_t bytes = wav->number_bits == 24 ? wav->channels * 4u : wav->frame_bytes;
    if (stated->datatype) {
        if (bytes % svi_datatype_bytes(stated->datatype) || (wav->number_bits == 24 && stated->datatype->part_bytes != 4))
            return svi_fail(err, SVI_BAD_PARAMETER,
                            "The parameter datatype is %s, but %s has %u channels of %u bits: they do not go together.",
                            stated->datatype->name, label, wav->channels, wav->number_bits);
        layout->datatype = stated->datatype;
    }
    layout->channels = (unsigned)(bytes / svi_datatype_bytes(layout->datatype));
    return true;
}

/* Of 24 bits, as bytes of views, which is what the layout is told in: whole samples of all channels. */
static uint64_t widened_bytes(const struct svi_wav *wav, struct svi_warnings *warnings, const char *label)
{
    const uint64_t rest = wav->byte_count % wav->frame_bytes;
    if (rest)
        svi_warn(warnings,
                 "%s ends inside a sample: %" PRIu64 " bytes, %zu per sample (%u channel%s of 24 bits). The last %" PRIu64
                 " are left out.",
                 label, wav->byte_count, wav->frame_bytes, wav->channels, wav->channels > 1 ? "s" : "", rest);
    return (wav->byte_count - rest) / 3 * 4;
}

static bool describe(struct wav_file *file, struct svi_recording *recording, const struct svi_stated *stated, struct svi_error *err)
{
    struct svi_wav wav;
    struct svi_flat_layout layout;
    if (!svi_wav_parse(&wav, svi_mapped_file_bytes(file->flat.file), file->flat.label, err)
        || !choose_type(&layout, &wav, stated, file->flat.label, err))
        return false;
    recording->warnings = wav.warnings;
    file->widened = wav.number_bits == 24;
    layout.sample_rate_hz = wav.sample_rate_hz;
    layout.center_frequency_hz = wav.center_frequency_hz;
    layout.start_time = wav.start_time;
    layout.first_byte = wav.first_byte;
    layout.byte_count = file->widened ? widened_bytes(&wav, &recording->warnings, file->flat.label) : wav.byte_count;
    return svi_flat_file_describe(&file->flat, recording, &layout, stated, err);
}

static void close_wav(void *self)
{
    struct wav_file *file = self;
    svi_flat_file_close(&file->flat);
    svi_view_rooms_clear(&file->rooms);
    free(file);
}

static bool open_wav(void **self, struct svi_recording *recording, const struct svi_capture_request *request, struct svi_error *err)
{
    struct wav_file *file = calloc(1, sizeof *file);
    if (!file)
        return svi_fail_memory(err, sizeof *file);
    bool ok = svi_flat_file_open(&file->flat, request, err) && describe(file, recording, &request->stated, err);
    if (ok)
        *self = file;
    else
        close_wav(file);
    return ok;
}

/* Four bytes for every three: the value times 256, so that full scale stays full scale. */
static bool widen(struct wav_file *file, struct svi_bytes narrow, struct svi_bytes *view, struct svi_error *err)
{
    size_t bytes = narrow.count / 3 * 4;
    uint8_t *room = svi_view_rooms_next(&file->rooms, bytes, err);
    if (!room)
        return false;
    for (size_t from = 0, to = 0; from < narrow.count; from += 3, to += 4) {
        room[to] = 0;
        room[to + 1] = narrow.at[from];
        room[to + 2] = narrow.at[from + 1];
        room[to + 3] = narrow.at[from + 2];
    }
    *view = (struct svi_bytes){ room, bytes };
    return true;
}

static bool view_wav(void *self, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err)
{
    struct wav_file *file = self;
    if (!file->widened)
        return svi_flat_file_view(self, first, count, view, err);
    uint64_t stored = file->flat.sample_bytes / 4 * 3;
    struct svi_bytes narrow;
    return svi_mapped_file_view(file->flat.file, file->flat.first_byte + first * stored, count * stored, &narrow, err)
           && widen(file, narrow, view, err);
}

static void forget_wav(void *self, uint64_t before_sample)
{
    struct wav_file *file = self;
    uint64_t stored = file->widened ? file->flat.sample_bytes / 4 * 3 : file->flat.sample_bytes;
    svi_mapped_file_forget(file->flat.file, file->flat.first_byte + before_sample * stored);
}

const struct svi_format svi_format_wav = {
    .name = "wav",
    .about = "WAV: .wav",
    .one_file = true,
    .reads_spans = true,
    .probe = probe,
    .open = open_wav,
    .view = view_wav,
    .forget = forget_wav,
    .close = close_wav,
};
