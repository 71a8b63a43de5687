#include "visual/slice_file.h"

#include "base/base64.h"
#include "base/file.h"
#include "device/fft.h"
#include "device/picked.h"
#include "visual/scale.h"
#include "visual/slice_pick.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char ending[] = "_slices.json";

/* What the platform's own slices add to |X|², so that silence has a level. */
static const double least_power = 1e-12;

/* What a page is to show beside the least and the largest level: so much of the span between them. */
static const double margin = 0.05;

struct svi_slice_file {
    struct svi_run *run;
    uint32_t fft_size;
    bool watts, raw;
    double watts_gain, full_scale_dbm; /* |X|² times the gain is power in watts */
    struct svi_slice_pick pick;        /* where the records are; to_gather: where the samples are */
    struct svi_slice_pick to_gather;
    uint64_t given, written, lost; /* slices that came; that are in the file; that hold what is not finite */
    float least, most;             /* power so far */
    float *window, *values;        /* [fft_size] */
    char *text;                    /* values in base64 */
    struct svi_picked *picked;
    struct svi_file_writer *writer;
};

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

/* ---- what the file holds ---- */

static bool check_pick(const struct svi_slice_file *file, struct svi_error *err)
{
    const struct svi_slice_pick *pick = &file->pick;
    if (pick->picked)
        return true;
    if (!pick->total)
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "No valid waterfall slices found: the recording has %llu samples, less than one slice of %u. Choose a smaller "
            "fftSize.",
            (unsigned long long)file->run->recording->sample_count, file->fft_size);
    return svi_fail(err, SVI_BAD_RECORDING,
                    "No valid waterfall slices found: every slice of %u samples touches a gap of the recording. Choose a smaller "
                    "fftSize.",
                    file->fft_size);
}

/* Where no calibration is given, full scale counts as 0 dBm: what a page shows as dBm is then dBFS. */
static void choose_units(struct svi_slice_file *file)
{
    const struct svi_run *run = file->run;
    const struct svi_value *calibration = value(run, SVI_PARAM_CALIBRATION);
    file->watts = !strcmp(value(run, SVI_PARAM_SLICE_UNITS)->text, "watts");
    file->raw = svi_run_compat(run) && !file->watts;
    file->full_scale_dbm = calibration->given ? calibration->number : 0;
    file->watts_gain = pow(10, file->full_scale_dbm / 10 - 3) / ((double)file->fft_size * file->fft_size);
}

/* A value of the file. Zeros would be taken for a slice without data, and a float holds no more than it can. */
static float value_of(const struct svi_slice_file *file, float power)
{
    const double p = (double)power + least_power, watts = p * file->watts_gain;
    if (!file->watts)
        return (float)(10 * log10(p));
    return (float)fmin(fmax(watts, FLT_MIN), FLT_MAX);
}

/* The level that a page shows for such a value: dB, or dBm of watts. */
static double level_of(const struct svi_slice_file *file, float power)
{
    return 10 * log10(((double)power + least_power) * (file->watts ? file->watts_gain * 1000 : 1));
}

static void convert(struct svi_slice_file *file, const float *power)
{
    for (uint32_t bin = 0; bin < file->fft_size; bin++) {
        file->values[bin] = value_of(file, power[bin]);
        file->least = fminf(file->least, power[bin]);
        file->most = fmaxf(file->most, power[bin]);
    }
    /* Floats as they lie in memory: as everywhere here, the machine is little-endian. */
    svi_base64_write(file->text, (struct svi_bytes){ (const uint8_t *)file->values, file->fft_size * sizeof *file->values });
}

/* ---- records ---- */

struct band {
    double center_hz, low_hz, high_hz; /* center 0: unknown, as the platform has it */
};

/* The band of the segment in which a slice begins. */
static struct band band_at(const struct svi_slice_file *file, uint64_t sample)
{
    const struct svi_recording *recording = file->run->recording;
    size_t segment = recording->segment_count - 1;
    while (segment && recording->segments[segment].first_sample > sample)
        segment--;
    const double center_hz = recording->segments[segment].center_frequency_hz, rate_hz = recording->sample_rate_hz;
    struct band band = { .center_hz = isnan(center_hz) ? 0 : center_hz };
    const uint32_t bins_below = file->fft_size / 2;
    band.low_hz = band.center_hz - bins_below * (rate_hz / file->fft_size);
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
static json_int_t sample_number(const struct svi_recording *recording, uint64_t sample)
{
    const uint64_t number = (recording->first_index ? recording->first_index : recording->cut_samples) + sample;
    return (json_int_t)number;
}

/* All of a record but its data, which is text that needs no check: it goes into the file as it is. */
static json_t *record_of(const struct svi_slice_file *file, uint64_t slice)
{
    const struct svi_recording *recording = file->run->recording;
    const uint64_t sample = slice * file->fft_size;
    const json_int_t length = file->fft_size;
    const struct band band = band_at(file, sample);
    char timestamp[SVI_UTC_TEXT];
    const bool time_known = timestamp_of(recording, sample, timestamp);
    json_t *custom = json_pack("{s:s, s:I, s:I, s:I, s:f, s:I, s:s, s:s, s:b}", "channel_name", recording->name, "start_sample",
                               sample_number(recording, sample), "num_samples", length, "fft_size", length, "scan_time",
                               (double)length / recording->sample_rate_hz, "slice_index", (json_int_t)slice, "units",
                               file->watts ? "watts" : "db", "amplitudes", file->raw ? "stored" : "full_scale", "time_known",
                               time_known);
    if (custom && file->watts)
        json_object_set_new(custom, "full_scale_dbm", json_real(file->full_scale_dbm));
    return json_pack("{s:s, s:s, s:f, s:f, s:I, s:f, s:f, s:o}", "data_type", "float32", "timestamp", timestamp, "min_frequency",
                     band.low_hz, "max_frequency", band.high_hz, "num_samples", length, "sample_rate", recording->sample_rate_hz,
                     "center_frequency", band.center_hz, "custom_fields", custom);
}

struct dump {
    struct svi_file_writer *writer;
    const struct svi_bytes *data; /* to stand first in the record; NULL: it does */
    struct svi_error *err;
};

static bool write_data(struct dump *dump)
{
    const struct svi_bytes *data = dump->data;
    dump->data = NULL;
    return svi_file_add(dump->writer, svi_bytes_of("{\n    \"data\": \""), dump->err)
           && svi_file_add(dump->writer, *data, dump->err) && svi_file_add(dump->writer, svi_bytes_of("\","), dump->err);
}

/* A piece of a record on its way into the file: inside the array, lines begin two columns further to the right. */
static int write_piece(const char *text, size_t count, void *self)
{
    struct dump *dump = self;
    if (dump->data && count) {
        if (!write_data(dump))
            return -1;
        text++; /* the brace */
        count--;
    }
    while (count) {
        const char *end = memchr(text, '\n', count);
        const size_t piece = end ? (size_t)(end - text) + 1 : count;
        if (!svi_file_add(dump->writer, (struct svi_bytes){ (const uint8_t *)text, piece }, dump->err)
            || (end && !svi_file_add(dump->writer, svi_bytes_of("  "), dump->err)))
            return -1;
        text += piece;
        count -= piece;
    }
    return 0;
}

static bool write_record(struct svi_slice_file *file, uint64_t slice, struct svi_error *err)
{
    const struct svi_bytes data = { (const uint8_t *)file->text, svi_base64_length(file->fft_size * sizeof *file->values) };
    struct dump dump = { file->writer, &data, err };
    json_t *record = record_of(file, slice);
    if (!record)
        return svi_fail_memory(err, data.count);
    bool ok = svi_file_add(file->writer, svi_bytes_of(file->written ? ",\n  " : "\n  "), err)
              && (json_dump_callback(record, write_piece, &dump, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0
                  || svi_fail_memory(err, file->fft_size));
    json_decref(record);
    file->written++;
    return ok;
}

/* One sample that is no number spoils all bins of its slice. */
static bool all_finite(const float *power, uint32_t bins)
{
    uint32_t bin = 0;
    while (bin < bins && isfinite(power[bin]))
        bin++;
    return bin == bins;
}

static bool give(void *self, const float *power, uint32_t frames, struct svi_error *err)
{
    struct svi_slice_file *file = self;
    bool ok = true;
    for (uint32_t i = 0; ok && i < frames; i++) {
        const float *slice = power + (size_t)i * file->fft_size;
        const uint64_t number = svi_slice_pick_at(&file->pick, file->given++);
        if (!all_finite(slice, file->fft_size)) {
            file->lost++;
            continue;
        }
        convert(file, slice);
        ok = write_record(file, number, err);
    }
    return ok;
}

static uint64_t begin_of(void *self, uint64_t frame)
{
    struct svi_slice_file *file = self;
    return svi_slice_pick_at(&file->to_gather, frame) * file->fft_size;
}

/* ---- begin, finish, end ---- */

static bool make_room(struct svi_slice_file *file, struct svi_error *err)
{
    const size_t bytes = file->fft_size * sizeof(float), text_bytes = svi_base64_length(bytes);
    file->window = malloc(bytes);
    file->values = malloc(bytes);
    file->text = malloc(text_bytes);
    if (!file->window || !file->values || !file->text)
        return svi_fail_memory(err, text_bytes);
    for (uint32_t i = 0; i < file->fft_size; i++)
        file->window[i] = 1;
    return true;
}

static bool open_file(struct svi_slice_file *file, struct svi_error *err)
{
    char path[SVI_RESULT_PATH_SIZE];
    if (!svi_run_file_path(file->run, ending, path, err) || !svi_file_begin(&file->writer, path, err))
        return false;
    if (file->run->request->unsynced)
        svi_file_unsynced(file->writer);
    return svi_file_add(file->writer, svi_bytes_of("["), err);
}

static bool join_plan(struct svi_slice_file *file, struct svi_error *err)
{
    struct svi_run *run = file->run;
    const struct svi_picked_request request = {
        .fft_size = file->fft_size,
        .window = file->window,
        .channel = (uint32_t)value(run, SVI_PARAM_CHANNEL)->number,
        .raw = file->raw,
        .frame_count = file->pick.picked,
        .self = file,
        .begin_of = begin_of,
        .give = give,
    };
    return svi_picked_create(&file->picked, run->device, run->capture, &request, err)
           && svi_plan_take(run->plan, svi_picked_taker(file->picked), err);
}

bool svi_slice_file_begin(struct svi_slice_file **out, struct svi_run *run, struct svi_error *err)
{
    struct svi_slice_file *file = calloc(1, sizeof *file);
    if (!file)
        return svi_fail_memory(err, sizeof *file);
    *out = file;
    file->run = run;
    file->fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    file->least = INFINITY;
    file->most = -INFINITY;
    file->pick = svi_slice_pick_of(run->recording, file->fft_size, (uint64_t)value(run, SVI_PARAM_MAX_SLICES)->number);
    file->to_gather = file->pick;
    choose_units(file);
    return check_pick(file, err) && make_room(file, err) && open_file(file, err) && join_plan(file, err);
}

static json_t *power_bounds(const struct svi_slice_file *file)
{
    if (file->least > file->most)
        return json_pack("{s:n, s:n}", "min", "max");
    const double least_db = level_of(file, file->least), most_db = level_of(file, file->most);
    const double extra_db = margin * (most_db - least_db);
    return json_pack("{s:f, s:f}", "min", least_db - extra_db, "max", most_db + extra_db);
}

static json_t *about(const struct svi_slice_file *file)
{
    const struct svi_recording *recording = file->run->recording;
    const struct svi_slice_pick *pick = &file->pick;
    const struct band band = band_at(file, 0);
    char name[SVI_RESULT_NAME_SIZE];
    svi_format(name, sizeof name, "%s%s", file->run->visual->name, ending);
    const uint64_t skipped = pick->skipped + file->lost, omitted = pick->total - pick->skipped - pick->picked;
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:s}", "file", name, "units",
                     file->watts ? "watts" : "db", "amplitudes", file->raw ? "stored" : "full_scale", "center_frequency",
                     band.center_hz, "sample_rate", recording->sample_rate_hz, "min_frequency", band.low_hz, "max_frequency",
                     band.high_hz, "total_slices", (json_int_t)pick->total, "slices_processed", (json_int_t)file->written,
                     "slices_skipped", (json_int_t)skipped, "slices_omitted", (json_int_t)omitted, "fft_size",
                     (json_int_t)file->fft_size, "samples_per_slice", (json_int_t)file->fft_size, "channel", recording->name,
                     "power_bounds", power_bounds(file), "power_bounds_unit", file->watts ? "dBm" : "dB");
}

bool svi_slice_file_finish(struct svi_slice_file *file, struct svi_error *err)
{
    struct svi_run *run = file->run;
    const struct svi_slice_pick *pick = &file->pick;
    if (!file->written)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "No valid waterfall slices found: every slice of %u samples holds one that is not finite, or too large.",
                        file->fft_size);
    if (!svi_file_add(file->writer, svi_bytes_of("\n]\n"), err) || !svi_file_finish(file->writer, err)
        || !svi_run_file_written(run, SVI_RESULT_FILE, ending, err))
        return false;
    if (pick->picked < pick->total - pick->skipped)
        svi_warn(&run->warnings, "%s%s holds %llu of %llu slices, spread evenly over the recording; maxSlices changes that.",
                 run->visual->name, ending, (unsigned long long)pick->picked, (unsigned long long)(pick->total - pick->skipped));
    run->slices = about(file);
    return run->slices || svi_fail_memory(err, 4096);
}

void svi_slice_file_end(struct svi_slice_file *file)
{
    if (!file)
        return;
    svi_picked_destroy(file->picked);
    svi_file_end(file->writer);
    free(file->window);
    free(file->values);
    free(file->text);
    free(file);
}
