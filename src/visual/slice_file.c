#include "visual/slice_file.h"

#include "device/frame_text.h"
#include "device/picked.h"
#include "visual/scale.h"
#include "visual/slice_writer.h"

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
    struct svi_slice_record_facts facts;
    double watts_gain;          /* |X|² times the gain is power in watts */
    struct svi_slice_pick pick; /* where the samples are */
    float *window;              /* [fft_size] */
    struct svi_picked *picked;
    struct svi_frame_text *text;
    struct svi_slice_writer *writer;
    struct svi_slice_outcome outcome; /* after the pass */
};

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

/* ---- what the file holds ---- */

static uint32_t fft_size_of(const struct svi_run *run)
{
    return (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
}

static struct svi_slice_pick pick_of(const struct svi_run *run)
{
    return svi_slice_pick_of(run->recording, fft_size_of(run), (uint64_t)value(run, SVI_PARAM_MAX_SLICES)->number);
}

bool svi_slice_file_check(const struct svi_run *run, struct svi_error *err)
{
    const struct svi_slice_pick pick = pick_of(run);
    if (pick.picked)
        return true;
    if (!pick.total)
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "No valid waterfall slices found: the recording has %llu samples, less than one slice of %u. Choose a smaller "
            "fftSize.",
            (unsigned long long)run->recording->sample_count, fft_size_of(run));
    return svi_fail(err, SVI_BAD_RECORDING,
                    "No valid waterfall slices found: every slice of %u samples touches a gap of the recording. Choose a smaller "
                    "fftSize.",
                    fft_size_of(run));
}

/* Where no calibration is given, full scale counts as 0 dBm: what a page shows as dBm is then dBFS. */
static void choose_units(struct svi_slice_file *file)
{
    const struct svi_run *run = file->run;
    const struct svi_value *calibration = value(run, SVI_PARAM_CALIBRATION);
    const double fft_size = file->facts.fft_size;
    file->facts.watts = !strcmp(value(run, SVI_PARAM_SLICE_UNITS)->text, "watts");
    file->facts.stored = svi_run_compat(run) && !file->facts.watts;
    file->facts.full_scale_dbm = calibration->given ? calibration->number : 0;
    file->watts_gain = pow(10, file->facts.full_scale_dbm / 10 - 3) / (fft_size * fft_size);
}

/* The level that a page shows for such a value: dB, or dBm of watts. */
static double level_of(const struct svi_slice_file *file, float power)
{
    return 10 * log10(((double)power + least_power) * (file->facts.watts ? file->watts_gain * 1000 : 1));
}

/* ---- begin, finish, end ---- */

static bool give(void *self, cl_mem power, uint32_t frames, struct svi_error *err)
{
    struct svi_slice_file *file = self;
    size_t room;
    if (!svi_slice_writer_room(file->writer, &room, err) || !svi_frame_text_make(file->text, room, power, frames, err))
        return false;
    svi_slice_writer_put(file->writer, frames);
    return true;
}

static uint64_t begin_of(void *self, uint64_t frame)
{
    struct svi_slice_file *file = self;
    return svi_slice_pick_at(&file->pick, frame) * file->facts.fft_size;
}

static bool make_window(struct svi_slice_file *file, struct svi_error *err)
{
    const size_t bytes = file->facts.fft_size * sizeof *file->window;
    file->window = malloc(bytes);
    if (!file->window)
        return svi_fail_memory(err, bytes);
    for (uint32_t i = 0; i < file->facts.fft_size; i++)
        file->window[i] = 1;
    return true;
}

static bool make_text(struct svi_slice_file *file, struct svi_error *err)
{
    struct svi_device *device = file->run->device;
    const struct svi_frame_text_request request = {
        .bins = file->facts.fft_size,
        .most_frames = svi_picked_most_frames(device, file->facts.fft_size),
        .decibels = !file->facts.watts,
        .gain = file->watts_gain,
    };
    return svi_frame_text_create(&file->text, device, &request, err);
}

static bool begin_writer(struct svi_slice_file *file, struct svi_error *err)
{
    char path[SVI_RESULT_PATH_SIZE];
    const struct svi_slice_writer_request request = { path, file->text, file->facts, file->pick };
    return svi_run_file_path(file->run, ending, path, err) && svi_slice_writer_begin(&file->writer, &request, err);
}

static bool join_plan(struct svi_slice_file *file, struct svi_error *err)
{
    struct svi_run *run = file->run;
    const struct svi_picked_request request = {
        .fft_size = file->facts.fft_size,
        .window = file->window,
        .channel = (uint32_t)value(run, SVI_PARAM_CHANNEL)->number,
        .raw = file->facts.stored,
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
    file->facts.recording = run->recording;
    file->facts.fft_size = fft_size_of(run);
    file->pick = pick_of(run);
    choose_units(file);
    return make_window(file, err) && make_text(file, err) && begin_writer(file, err) && join_plan(file, err);
}

static json_t *power_bounds(const struct svi_slice_file *file)
{
    if (file->outcome.least > file->outcome.largest)
        return json_pack("{s:n, s:n}", "min", "max");
    const double least_db = level_of(file, file->outcome.least), most_db = level_of(file, file->outcome.largest);
    const double extra_db = margin * (most_db - least_db);
    return json_pack("{s:f, s:f}", "min", least_db - extra_db, "max", most_db + extra_db);
}

static json_t *about(const struct svi_slice_file *file)
{
    const struct svi_recording *recording = file->run->recording;
    const struct svi_slice_pick *pick = &file->pick;
    const struct svi_slice_band band = svi_slice_band_at(&file->facts, 0);
    char name[SVI_RESULT_NAME_SIZE];
    svi_format(name, sizeof name, "%s%s", file->run->visual->name, ending);
    const uint64_t skipped = pick->skipped + file->outcome.lost, omitted = pick->total - pick->skipped - pick->picked;
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:s}", "file", name, "units",
                     file->facts.watts ? "watts" : "db", "amplitudes", file->facts.stored ? "stored" : "full_scale",
                     "center_frequency", band.center_hz, "sample_rate", recording->sample_rate_hz, "min_frequency", band.low_hz,
                     "max_frequency", band.high_hz, "total_slices", (json_int_t)pick->total, "slices_processed",
                     (json_int_t)file->outcome.written, "slices_skipped", (json_int_t)skipped, "slices_omitted",
                     (json_int_t)omitted, "fft_size", (json_int_t)file->facts.fft_size, "samples_per_slice",
                     (json_int_t)file->facts.fft_size, "channel", recording->name, "power_bounds", power_bounds(file),
                     "power_bounds_unit", file->facts.watts ? "dBm" : "dB");
}

bool svi_slice_file_finish(struct svi_slice_file *file, struct svi_error *err)
{
    struct svi_run *run = file->run;
    const struct svi_slice_pick *pick = &file->pick;
    if (!svi_slice_writer_wait(file->writer, &file->outcome, err))
        return false;
    if (!file->outcome.written)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "No valid waterfall slices found: every slice of %u samples holds one that is not finite, or too large.",
                        file->facts.fft_size);
    if (!svi_slice_writer_finish(file->writer, err) || !svi_run_file_written(run, SVI_RESULT_FILE, ending, err))
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
    svi_slice_writer_end(file->writer);
    svi_frame_text_destroy(file->text);
    svi_picked_destroy(file->picked);
    free(file->window);
    free(file);
}
