#include "visual/slice_record.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What differs from slice to slice, by what stands in front of it; a name in the record cannot look like that, since a quotation
 * mark in it has a backslash. The rest is the same in all slices of a segment, and is made by the JSON writer once. */
enum { PLACE_COUNT = 3, NUMBER_TEXT = 24 };

static const char *const places[PLACE_COUNT] = { "\"timestamp\": \"", "\"start_sample\": ", "\"slice_index\": " };

struct svi_slice_record {
    struct svi_slice_record_facts facts;
    size_t segment;  /* of text */
    bool time_known; /* likewise */
    char *text;      /* a record of this segment, cut into pieces; NULL: none was made yet */
    struct svi_bytes pieces[PLACE_COUNT + 1];
    char *tail;
};

bool svi_slice_record_create(struct svi_slice_record **out, const struct svi_slice_record_facts *facts, struct svi_error *err)
{
    struct svi_slice_record *record = calloc(1, sizeof *record);
    if (!record)
        return svi_fail_memory(err, sizeof *record);
    record->facts = *facts;
    *out = record;
    return true;
}

void svi_slice_record_destroy(struct svi_slice_record *record)
{
    if (!record)
        return;
    free(record->text);
    free(record->tail);
    free(record);
}

struct svi_slice_band svi_slice_band_at(const struct svi_slice_record_facts *facts, uint64_t slice)
{
    const struct svi_recording *recording = facts->recording;
    const size_t segment = svi_recording_segment(recording, slice * facts->fft_size);
    const double center_hz = recording->segments[segment].center_frequency_hz, rate_hz = recording->sample_rate_hz;
    struct svi_slice_band band = { .center_hz = isnan(center_hz) ? 0 : center_hz };
    const uint32_t bins_below = facts->fft_size / 2;
    band.low_hz = band.center_hz - bins_below * (rate_hz / facts->fft_size);
    band.high_hz = band.low_hz + rate_hz;
    return band;
}

/* Where the recording states no time, samples are counted from 1970 as if it had begun there. */
static bool timestamp_of(const struct svi_recording *recording, uint64_t sample, char into[SVI_UTC_TEXT])
{
    struct svi_moment moment;
    bool known = svi_recording_moment(recording, sample, &moment);
    if (!known && !svi_moment_after(&moment, (struct svi_moment){ 0 }, sample + recording->cut_samples, recording->rate))
        moment = (struct svi_moment){ 0 };
    svi_moment_write(into, moment);
    return known;
}

/* The number of a sample since 1970, or in the files. */
static uint64_t sample_number(const struct svi_recording *recording, uint64_t sample)
{
    return (recording->first_index ? recording->first_index : recording->cut_samples) + sample;
}

/* All of a record but its data; nothing stands in the places that differ. */
static json_t *tree_of(const struct svi_slice_record *record, uint64_t slice)
{
    const struct svi_slice_record_facts *facts = &record->facts;
    const struct svi_recording *recording = facts->recording;
    const json_int_t length = facts->fft_size, nothing = 0;
    const struct svi_slice_band band = svi_slice_band_at(facts, slice);
    json_t *custom = json_pack(
        "{s:s, s:I, s:I, s:I, s:f, s:I, s:s, s:s, s:b}", "channel_name", recording->name, "start_sample", nothing, "num_samples",
        length, "fft_size", length, "scan_time", (double)length / recording->sample_rate_hz, "slice_index", nothing, "units",
        facts->watts ? "watts" : "db", "amplitudes", facts->stored ? "stored" : "full_scale", "time_known", record->time_known);
    if (custom && facts->watts)
        json_object_set_new(custom, "full_scale_dbm", json_real(facts->full_scale_dbm));
    return json_pack("{s:s, s:s, s:f, s:f, s:I, s:f, s:f, s:o}", "data_type", "float32", "timestamp", "", "min_frequency",
                     band.low_hz, "max_frequency", band.high_hz, "num_samples", length, "sample_rate", recording->sample_rate_hz,
                     "center_frequency", band.center_hz, "custom_fields", custom);
}

/* A record's text with its lines two columns further to the right, and the end of the data in place of its brace. */
static char *shifted(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    char *moved = malloc(strlen(text) + 2 * lines + 3), *to = moved;
    if (!moved)
        return NULL;
    *to++ = '"';
    *to++ = ',';
    for (text++; *text; text++) {
        *to++ = *text;
        if (*text == '\n') {
            *to++ = ' ';
            *to++ = ' ';
        }
    }
    *to = '\0';
    return moved;
}

/* Cuts the text where something is to be put in, and takes out the 0 that stands there for a number. */
static bool cut(struct svi_slice_record *record, struct svi_error *err)
{
    const char *from = record->text;
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        const char *found = strstr(from, places[i]);
        if (!found)
            return svi_fail(err, SVI_BUG, "A record of slices lacks one of its keys.");
        const char *end = found + strlen(places[i]);
        record->pieces[i] = (struct svi_bytes){ (const uint8_t *)from, (size_t)(end - from) };
        from = *end == '0' ? end + 1 : end;
    }
    record->pieces[PLACE_COUNT] = svi_bytes_of(from);
    return true;
}

/* The text of the slices of a segment. */
static bool make_text(struct svi_slice_record *record, uint64_t slice, struct svi_error *err)
{
    json_t *tree = tree_of(record, slice);
    char *text = tree ? json_dumps(tree, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(tree);
    free(record->text);
    free(record->tail);
    record->text = text ? shifted(text) : NULL;
    record->tail = record->text ? malloc(strlen(record->text) + SVI_UTC_TEXT + 2 * NUMBER_TEXT) : NULL;
    free(text);
    return record->tail ? cut(record, err) : svi_fail_memory(err, 4096);
}

struct svi_bytes svi_slice_record_head(bool first)
{
    return svi_bytes_of(first ? "\n  {\n    \"data\": \"" : ",\n  {\n    \"data\": \"");
}

static char *put(char *at, struct svi_bytes piece)
{
    memcpy(at, piece.at, piece.count);
    return at + piece.count;
}

static char *put_number(char *at, uint64_t number)
{
    char digits[NUMBER_TEXT];
    size_t first = sizeof digits;
    do
        digits[--first] = (char)('0' + number % 10);
    while (number /= 10);
    return put(at, (struct svi_bytes){ (const uint8_t *)digits + first, sizeof digits - first });
}

bool svi_slice_record_tail(struct svi_slice_record *record, uint64_t slice, struct svi_bytes *out, struct svi_error *err)
{
    const struct svi_recording *recording = record->facts.recording;
    const uint64_t sample = slice * record->facts.fft_size;
    char timestamp[SVI_UTC_TEXT];
    const bool time_known = timestamp_of(recording, sample, timestamp);
    const size_t segment = svi_recording_segment(recording, sample);
    if (!record->text || segment != record->segment || time_known != record->time_known) {
        record->segment = segment;
        record->time_known = time_known;
        if (!make_text(record, slice, err))
            return false;
    }
    char *at = put(put(record->tail, record->pieces[0]), svi_bytes_of(timestamp));
    at = put_number(put(at, record->pieces[1]), sample_number(recording, sample));
    at = put_number(put(at, record->pieces[2]), slice);
    at = put(at, record->pieces[3]);
    *out = (struct svi_bytes){ (const uint8_t *)record->tail, (size_t)(at - record->tail) };
    return true;
}
