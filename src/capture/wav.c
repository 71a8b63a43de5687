#include "capture/wav.h"

#include "capture/label.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    TAG_PCM = 1,
    TAG_FLOAT = 3,
    TAG_EXTENSIBLE = 0xFFFE,
    FILE_HEADER = 12,
    CHUNK_HEADER = 8,
    FORMAT_BYTES = 16,
    EXTENSIBLE_BYTES = 40,
    DS64_BYTES = 16,
    AUXI_BYTES = 36,
    MOST_CHUNKS = 10000,
};

static const uint32_t unknown_size = UINT32_MAX; /* the true one stands in the chunk ds64 */

/* The rest of the GUID of a subtype that is an ordinary tag. */
static const uint8_t guid_tail[14] = { 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71 };

static const struct {
    unsigned tag;
    const char *name;
} compressions[] = {
    { 2, "ADPCM" }, { 6, "A-law" }, { 7, "\xC2\xB5-law" }, { 0x11, "IMA ADPCM" }, { 0x31, "GSM" }, { 0x55, "MP3" }
};

struct reading {
    struct svi_wav *wav;
    struct svi_bytes bytes;
    const char *file;
    bool has_format, has_data;
    uint64_t long_data_bytes; /* by ds64 */
    bool has_long_sizes;
    struct svi_error *err;
};

static uint64_t little(const uint8_t *at, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static unsigned u16(const uint8_t *at)
{
    return (unsigned)little(at, 2);
}

static bool too_short(const struct reading *reading, const char *chunk, struct svi_bytes body, size_t wanted, uint64_t at)
{
    return svi_fail(reading->err, SVI_BAD_RECORDING, "%s: the chunk \"%s\" at byte %" PRIu64 " has %zu bytes; it must have %zu.",
                    reading->file, chunk, at, body.count, wanted);
}

static bool refuse_tag(const struct reading *reading, unsigned tag)
{
    const char *name = NULL;
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++)
        if (compressions[i].tag == tag)
            name = compressions[i].name;
    return svi_fail(reading->err, SVI_BAD_RECORDING,
                    "%s is compressed audio (format tag %u%s%s). Record or export it as PCM or float.", reading->file, tag,
                    name ? ", " : "", name ? name : "");
}

/* The tag that counts: that of the subtype where the format is extensible. */
static bool read_tag(const struct reading *reading, struct svi_bytes body, uint64_t at, unsigned *tag)
{
    *tag = u16(body.at);
    if (*tag == TAG_EXTENSIBLE) {
        if (body.count < EXTENSIBLE_BYTES)
            return too_short(reading, "fmt ", body, EXTENSIBLE_BYTES, at);
        if (memcmp(body.at + 26, guid_tail, sizeof guid_tail) != 0)
            return svi_fail(reading->err, SVI_BAD_RECORDING, "%s: the format's GUID is not one of PCM or float.", reading->file);
        *tag = u16(body.at + 24);
    }
    return *tag == TAG_PCM || *tag == TAG_FLOAT || refuse_tag(reading, *tag);
}

static bool read_format(struct reading *reading, struct svi_bytes body, uint64_t at)
{
    struct svi_wav *wav = reading->wav;
    unsigned tag;
    if (reading->has_format)
        return svi_fail(reading->err, SVI_BAD_RECORDING, "%s has a second chunk \"fmt \" at byte %" PRIu64 ".", reading->file, at);
    if (body.count < FORMAT_BYTES)
        return too_short(reading, "fmt ", body, FORMAT_BYTES, at);
    if (!read_tag(reading, body, at, &tag))
        return false;
    wav->floating = tag == TAG_FLOAT;
    wav->channels = u16(body.at + 2);
    wav->sample_rate_hz = (uint32_t)little(body.at + 4, 4);
    wav->frame_bytes = u16(body.at + 12);
    wav->number_bits = u16(body.at + 14);
    if (wav->channels < 1 || wav->channels > SVI_WAV_MAX_CHANNELS)
        return svi_fail(reading->err, SVI_BAD_RECORDING, "%s says that it has %u channels; from 1 to %d can be read.",
                        reading->file, wav->channels, SVI_WAV_MAX_CHANNELS);
    bool known = wav->floating
                     ? wav->number_bits == 32 || wav->number_bits == 64
                     : wav->number_bits == 8 || wav->number_bits == 16 || wav->number_bits == 24 || wav->number_bits == 32;
    if (!known)
        return svi_fail(reading->err, SVI_BAD_RECORDING, "%s has %s numbers of %u bits; %s can be read.", reading->file,
                        wav->floating ? "float" : "PCM", wav->number_bits, wav->floating ? "32 and 64" : "8, 16, 24 and 32");
    if (wav->frame_bytes != wav->channels * wav->number_bits / 8)
        return svi_fail(reading->err, SVI_BAD_RECORDING,
                        "%s: %u channels of %u bits take %u bytes, but the format says %zu (block align).", reading->file,
                        wav->channels, wav->number_bits, wav->channels * wav->number_bits / 8, wav->frame_bytes);
    reading->has_format = true;
    return true;
}

static bool read_long_sizes(struct reading *reading, struct svi_bytes body, uint64_t at)
{
    if (body.count < DS64_BYTES)
        return too_short(reading, "ds64", body, DS64_BYTES, at);
    reading->long_data_bytes = little(body.at + 8, 8);
    reading->has_long_sizes = true;
    return true;
}

/* Some programs keep XML in it, in UTF-16; that is left alone. */
static bool read_auxi(struct reading *reading, struct svi_bytes body, uint64_t at)
{
    bool zone_missing;
    char text[SVI_UTC_TEXT];
    (void)at;
    if (body.count < AUXI_BYTES || body.at[0] == '<' || body.at[0] == 0xFF)
        return true;
    const uint8_t *time = body.at;
    if (svi_format(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", u16(time), u16(time + 2), u16(time + 6), u16(time + 8),
                   u16(time + 10), u16(time + 12), u16(time + 14)))
        svi_utc_read(reading->wav->start_time, text, &zone_missing);
    uint32_t center_hz = (uint32_t)little(body.at + 32, 4);
    if (center_hz)
        reading->wav->center_frequency_hz = center_hz;
    return true;
}

/* How many bytes of samples there are, whatever the header says. */
static void measure_data(struct reading *reading, uint64_t stated, uint64_t first_byte)
{
    uint64_t there = reading->bytes.count - first_byte;
    if (stated == unknown_size && reading->has_long_sizes)
        stated = reading->long_data_bytes;
    bool never_set = (stated == 0 || stated == unknown_size) && there > 0;
    if (never_set)
        svi_warn(&reading->wav->warnings,
                 "%s does not say how many bytes of samples it has, as if the recording was cut off; all %" PRIu64
                 " up to its end are read.",
                 reading->file, there);
    else if (stated > there)
        svi_warn(&reading->wav->warnings, "%s says that it has %" PRIu64 " bytes of samples, but only %" PRIu64 " are there.",
                 reading->file, stated, there);
    reading->wav->first_byte = first_byte;
    reading->wav->byte_count = never_set || stated > there ? there : stated;
    reading->has_data = true;
}

static const struct {
    char id[5];
    bool (*read)(struct reading *reading, struct svi_bytes body, uint64_t at);
} chunks[] = { { "fmt ", read_format }, { "ds64", read_long_sizes }, { "auxi", read_auxi } };

static bool read_chunk(struct reading *reading, const uint8_t *id, struct svi_bytes body, uint64_t at)
{
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        if (!memcmp(chunks[i].id, id, 4))
            return chunks[i].read(reading, body, at);
    return true;
}

/* Chunks until the end, or until what is there is no chunk any more: the samples may be followed by anything. */
static bool read_chunks(struct reading *reading)
{
    const struct svi_bytes all = reading->bytes;
    uint64_t at = FILE_HEADER;
    for (size_t i = 0; i < MOST_CHUNKS && at <= all.count && all.count - at >= CHUNK_HEADER; i++) {
        const uint8_t *header = all.at + at;
        uint64_t size = little(header + 4, 4), body_at = at + CHUNK_HEADER;
        if (!memcmp(header, "data", 4) && !reading->has_data) {
            measure_data(reading, size, body_at);
            size = reading->wav->byte_count;
        }
        struct svi_bytes body;
        if (!svi_bytes_cut(all, body_at, size, &body)) {
            if (reading->has_data)
                return true;
            return svi_fail(reading->err, SVI_BAD_RECORDING,
                            "%s ends inside the chunk at byte %" PRIu64 ", before any samples: it needs %" PRIu64 " bytes, %" PRIu64
                            " are there.",
                            reading->file, at, size, all.count - body_at);
        }
        if (!read_chunk(reading, header, body, at))
            return false;
        at = body_at + size + (size & 1);
    }
    return true;
}

bool svi_wav_begins(struct svi_bytes head)
{
    static const char *const kinds[] = { "RIFF", "RF64", "BW64", "RIFX" };
    if (head.count < FILE_HEADER || memcmp(head.at + 8, "WAVE", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!memcmp(head.at, kinds[i], 4))
            return true;
    return false;
}

bool svi_wav_parse(struct svi_wav *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *out = (struct svi_wav){ .center_frequency_hz = NAN };
    char file[SVI_LABEL_SHOWN];
    svi_label_shown(file, label);
    struct reading reading = { .wav = out, .bytes = bytes, .file = file, .err = err };
    if (!svi_wav_begins(bytes))
        return svi_fail(err, SVI_BAD_RECORDING, "%s is no WAV file: it does not begin with RIFF, RF64 or BW64, and WAVE.", file);
    if (!memcmp(bytes.at, "RIFX", 4))
        return svi_fail(err, SVI_BAD_RECORDING, "%s is a big-endian WAV file (RIFX), which is not supported. Export it as RIFF.",
                        file);
    if (!read_chunks(&reading))
        return false;
    if (!reading.has_format)
        return svi_fail(err, SVI_BAD_RECORDING, "%s has no chunk \"fmt \": nothing says what its samples are.", file);
    if (!reading.has_data || !out->byte_count)
        return svi_fail(err, SVI_BAD_RECORDING, "%s has no samples: its chunk \"data\" is %s.", file,
                        reading.has_data ? "empty" : "missing");
    return out->sample_rate_hz || svi_fail(err, SVI_BAD_RECORDING, "%s says that it has 0 samples a second.", file);
}
