/* test_render - a recording in, files out: levels, axes and summaries against theory and SciPy, and what bad input gets. */
#include "base/file.h"
#include "visual/render.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "npy.h"
#include "rendering.h"

static void a_spectrogram_shows_a_tone_at_its_frequency_and_level(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 250e3, -10 }, { -125e3, -40 } };
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 100000, .tones = tones, .tone_count = 2, .noise_power = signal_noise_power(-180, 1e6)
    };
    write_signal("tone", &signal, "cf32_le", 1,
                 "[{\"core:sample_start\": 0, \"core:frequency\": 440e6, \"core:datetime\": \"2026-01-02T03:04:05Z\"}]");
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("tone", "spectrogram", NULL, &summary, &err), err);
    check_near(number_at(summary, "power.max"), -10, 0.01);
    check_near(number_at(summary, "peaks.0.frequency_hz"), 440.25e6, 10);
    check_near(number_at(summary, "peaks.0.power_db"), -10, 0.01);
    check_near(number_at(summary, "peaks.1.frequency_hz"), 439.875e6, 10);
    check_near(number_at(summary, "peaks.1.power_db"), -40, 0.01);
    /* The Gaussian's width at half power, 2 sqrt(ln 2) / (2 pi sigma) of the rate. */
    check_near(number_at(summary, "peaks.0.bandwidth_hz"), sqrt(log(2)) / (M_PI * 100) * 1e6, 300);
    check_near(number_at(summary, "power.enbw_bins"), 2.889, 0.001);
    check_near(number_at(summary, "image.x.min"), -750e-6, 1e-9);
    check_near(number_at(summary, "image.y.min"), 440e6 - 500e3 - 1e6 / 2048, 1e-3);
    check_near(number_at(summary, "image.y.max"), 440e6 + 500e3 - 1e6 / 2048, 1e-3);
    assert_string_equal(text_at(summary, "recording", "start_time"), "2026-01-02T03:04:05Z");
    assert_string_equal(text_at(summary, "power", "unit"), "dBFS");
    assert_string_equal(text_at(summary, "device", "stft"), svi_device_about(device)->type == SVI_DEVICE_CPU ? "fused" : "clfft");
    assert_int_equal(number_at(summary, "recording.sample_count"), 100000);
    assert_true(exists("spectrogram.png") && exists("spectrogram.json") && exists("spectrogram.npy"));
    struct npy data = npy_read(in_scratch("spectrogram.npy"));
    assert_int_equal(data.columns, 203);
    assert_true(data.rows <= 1024 && data.rows > 500);
    npy_clear(&data);
    json_decref(summary);
}

static void noise_reads_its_density_and_floor(void **state)
{
    (void)state;
    const struct signal signal = {
        .sample_rate_hz = 2e6, .sample_count = 500000, .noise_power = signal_noise_power(-100, 2e6), .seed = 5
    };
    write_signal("noise", &signal, "ci16_be", 1, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("noise", "waterfall", "{\"units\": \"dbfs_hz\", \"reduction\": \"mean\"}", &summary, &err), err);
    check_near(number_at(summary, "power.mean"), -100, 0.1);
    check_near(number_at(summary, "power.noise_floor"), -100, 0.1);
    assert_string_equal(text_at(summary, "power", "unit"), "dBFS/Hz");
    check_near(number_at(summary, "power.rbw_hz"), 1.5 * 2e6 / 1024, 1e-6);
    check_near(number_at(summary, "image.y.max"), 488 * 1024 / 2e6, 1e-9);
    assert_int_equal(json_array_size(json_object_get(summary, "peaks")), 0);
    json_decref(summary);
    /* The same in dBFS differs by the resolution bandwidth alone. */
    check_ok(render("noise", "waterfall", "{\"reduction\": \"mean\"}", &summary, &err), err);
    check_near(number_at(summary, "power.mean"), -100 + 10 * log10(1.5 * 2e6 / 1024), 0.1);
    json_decref(summary);
}

/* With units=compat the numbers are the platform's own: SciPy's matrix in dB, floor and all. */
static void compat_is_the_platforms_matrix(void **state)
{
    (void)state;
    struct npy input = npy_read_data("stft", "input_ci16"), expected = npy_read_data("stft", "ci16_defaults");
    struct svi_error err = { 0 };
    const size_t samples = 6000; /* of this case, see tests/data/stft/cases.h */
    assert_true(input.rows * input.columns >= 2 * samples);
    check_ok(svi_file_write(in_scratch("compat.sigmf-data"), (struct svi_bytes){ input.data, samples * 4 }, &err), err);
    check_ok(svi_file_write(
                 in_scratch("compat.sigmf-meta"),
                 svi_bytes_of(
                     "{\"global\": {\"core:datatype\": \"ci16_le\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1000000}}"),
                 &err),
             err);
    json_t *summary;
    check_ok(render("compat", "spectrogram", "{\"units\": \"compat\", \"height\": 14}", &summary, &err), err);
    struct npy data = npy_read(in_scratch("spectrogram.npy"));
    /* SciPy's rows are slices, ours frequencies. */
    assert_int_equal(data.rows, expected.columns);
    assert_int_equal(data.columns, expected.rows);
    for (size_t slice = 0; slice < expected.rows; slice++) {
        double mean = 0;
        for (size_t bin = 0; bin < expected.columns; bin++)
            mean += (expected.type == NPY_FLOAT64 ? ((double *)expected.data)[slice * expected.columns + bin]
                                                  : (double)((float *)expected.data)[slice * expected.columns + bin])
                    / (double)expected.columns;
        for (size_t bin = 0; bin < expected.columns; bin++) {
            size_t at = slice * expected.columns + bin;
            double want = fmax(expected.type == NPY_FLOAT64 ? ((double *)expected.data)[at] : (double)((float *)expected.data)[at],
                               1e-4);
            double got = pow(10, (double)((float *)data.data)[bin * data.columns + slice] / 10);
            check_near(got, want, 2e-5 * fmax(want, mean));
        }
    }
    check_near(number_at(summary, "image.color.min"), number_at(summary, "power.min"), 1e-6);
    check_near(number_at(summary, "image.x.min"), -500e-6, 1e-12);
    check_near(number_at(summary, "image.y.min"), -500e3, 1e-6);
    check_near(number_at(summary, "image.y.max"), 500e3, 1e-6);
    json_decref(summary);
    npy_clear(&data);
    npy_clear(&expected);
    npy_clear(&input);
}

static void a_burst_and_a_chirp_are_where_they_were_put(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = 2000000,
                                   .noise_power = 1e-9,
                                   .chirp = { -400e3, 400e3, -20 },
                                   .burst = { 1500000, 300, 300e3, -6 } };
    write_signal("burst", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("burst", "waterfall", "{\"fftSize\": 128}", &summary, &err), err);
    json_decref(summary);
    struct npy data = npy_read(in_scratch("waterfall.npy"));
    const float *levels = data.data;
    assert_int_equal(data.columns, 128);
    for (size_t row = 5; row + 5 < data.rows; row += 7) {
        size_t best = 0;
        for (size_t column = 0; column < data.columns; column++)
            if (levels[row * data.columns + column] > levels[row * data.columns + best])
                best = column;
        double share = ((double)row + 0.5) / (double)data.rows;
        bool burst = fabs(share - 0.75) < 1.0 / (double)data.rows;
        if (!burst)
            check_near(((double)best - 64) * 1e6 / 128, -400e3 + 800e3 * share, 1.5 * 1e6 / 128);
    }
    /* 300 samples of 2 million, 20 dB above the chirp: max keeps them, in the one row of their time. */
    size_t row = (size_t)(0.75 * (double)data.rows), column = 64 + (size_t)(300e3 / (1e6 / 128));
    float strongest = -INFINITY;
    for (size_t r = row - 1; r <= row + 1; r++)
        for (size_t c = column - 1; c <= column + 1; c++)
            strongest = fmaxf(strongest, levels[r * data.columns + c]);
    check_near((double)strongest, -6, 1.5);
    npy_clear(&data);
}

static void real_samples_have_one_side(void **state)
{
    (void)state;
    static const struct signal_tone tone = { 12e3, 0 };
    const struct signal signal = { .sample_rate_hz = 48e3, .sample_count = 48000, .tones = &tone, .tone_count = 1 };
    write_signal("real", &signal, "rf32_le", 2, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("real", "waterfall", "{\"channel\": 1}", &summary, &err), err);
    check_near(number_at(summary, "power.max"), -10 * log10(2), 0.01);
    check_near(number_at(summary, "peaks.0.frequency_hz"), 12e3, 1);
    check_near(number_at(summary, "image.x.min"), -48e3 / 2048, 1e-6);
    check_near(number_at(summary, "image.x.max"), 24e3 + 48e3 / 2048, 1e-6);
    json_decref(summary);
    assert_false(render("real", "waterfall", "{\"channel\": 2}", &summary, &err));
    check_has(err.message, "channel is 2, but the recording has 2 channels");
}

/* Every bin of every slice is in one cell of its column, or counted as above or below. */
static void a_heatmap_accounts_for_every_bin(void **state)
{
    (void)state;
    static const struct signal_tone tone = { 250e3, -9.5 };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = 256 * 1000,
                                   .tones = &tone,
                                   .tone_count = 1,
                                   .noise_power = 1e-5,
                                   .burst = { 0, 25600, -250e3, 3 } };
    write_signal("heat", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("heat", "heatmap", "{\"fftSize\": 256, \"vmin\": -50, \"vmax\": 0, \"powerBins\": 50, \"window\": \"rect\"}",
                    &summary, &err),
             err);
    struct npy data = npy_read(in_scratch("heatmap.npy"));
    const float *percent = data.data;
    assert_int_equal(data.rows, 50);
    assert_int_equal(data.columns, 256);
    check_near((double)percent[40 * 256 + 192], 100, 0.5); /* -9.5 dBFS lies from -10 to -9 */
    double inside = 0;
    for (size_t i = 0; i < 50 * 256; i++)
        inside += (double)percent[i] / 256;
    double under = number_at(summary, "image.under_percent"), over = number_at(summary, "image.over_percent");
    check_near(inside + under + over, 100, 1e-3);
    check_near(over, 10.0 / 256, 1e-3); /* the burst: a tenth of the slices, one bin, above 0 dBFS */
    assert_true(under > 10);
    check_near(number_at(summary, "image.y.max"), 0, 0);
    npy_clear(&data);
    json_decref(summary);
    /* Without a range, one is found that holds nearly all. */
    check_ok(render("heat", "heatmap", "{\"fftSize\": 256, \"powerBins\": 100}", &summary, &err), err);
    assert_true(number_at(summary, "image.under_percent") < 0.2);
    check_near(number_at(summary, "image.over_percent"), 0, 0);
    assert_true(number_at(summary, "image.y.max") > 3 && number_at(summary, "image.y.max") < 8);
    check_near(number_at(summary, "peaks.0.power_db"), 3, 0.05);
    json_decref(summary);
}

static void a_periodogram_has_three_lines_in_order(void **state)
{
    (void)state;
    static const struct signal_tone tone = { -125e3, -20 };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = 512 * 400,
                                   .tones = &tone,
                                   .tone_count = 1,
                                   .noise_power = signal_noise_power(-120, 1e6),
                                   .seed = 6,
                                   .burst = { 51200, 5120, 250e3, -10 } };
    write_signal("lines", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("lines", "periodogram", "{\"fftSize\": 512, \"units\": \"dbfs\"}", &summary, &err), err);
    struct npy data = npy_read(in_scratch("periodogram.npy"));
    const float *most = data.data, *mean = most + 512, *least = mean + 512;
    assert_int_equal(data.rows, 3);
    assert_int_equal(data.columns, 512);
    double noise = 0;
    for (size_t bin = 0; bin < 512; bin++) {
        assert_true(most[bin] >= mean[bin] && mean[bin] >= least[bin]);
        if (bin < 150)
            noise += pow(10, (double)mean[bin] / 10) / 150;
    }
    check_near((double)mean[192], -20, 0.01);
    check_near((double)most[384], -10, 0.01);
    check_near((double)mean[384], -10 - 10 * log10(40), 0.05); /* a fortieth of the time */
    /* Density -120 dBFS/Hz in a bandwidth of 1.5 bins. */
    check_near(10 * log10(noise), -120 + 10 * log10(1.5 * 1e6 / 512), 0.1);
    assert_int_equal(json_array_size(json_object_get(summary, "peaks")), 2);
    npy_clear(&data);
    json_decref(summary);
    check_ok(render("lines", "periodogram", "{\"fftSize\": 65536, \"vmax\": -200}", &summary, &err), err);
    json_decref(summary);
}

/* A part in time and frequency shows what the whole shows there, at the same places of the axes. */
static void a_part_is_where_it_was_cut_from(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 250e3, -10 }, { -125e3, -40 } };
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 200000, .tones = tones, .tone_count = 2, .burst = { 150000, 1000, 97656.25, -3 }
    };
    write_signal("part", &signal, "cf32_le", 1, "[{\"core:sample_start\": 0, \"core:frequency\": 440e6}]");
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("part", "waterfall",
                    "{\"start\": 0.05, \"duration\": 0.08, \"minFrequency\": 439.8e6, \"maxFrequency\": 440.05e6}", &summary, &err),
             err);
    check_near(number_at(summary, "power.max"), -40, 0.01);
    check_near(number_at(summary, "peaks.0.frequency_hz"), 439.875e6, 10);
    check_near(number_at(summary, "image.y.min"), 0.05, 1e-9);
    check_near(number_at(summary, "image.y.max"), 0.05 + 78 * 1024e-6, 1e-9);
    check_near(number_at(summary, "image.x.min"), 439.8e6, 1e6 / 1024);
    check_near(number_at(summary, "image.x.max"), 440.05e6, 1e6 / 1024);
    check_near(number_at(summary, "parameters.duration"), 0.08, 1e-9);
    assert_int_equal(number_at(summary, "recording.sample_count"), 200000);
    json_decref(summary);
    check_ok(render("part", "spectrogram",
                    "{\"start\": 0.1495, \"duration\": 0.002, \"frequencyAxis\": \"baseband\", \"fftSize\": 256, \"hopSize\": 64, "
                    "\"stdDev\": 32}",
                    &summary, &err),
             err);
    check_near(number_at(summary, "peaks.0.frequency_hz"), 97656.25, 100);
    check_near(number_at(summary, "peaks.0.power_db"), -3, 0.05);
    json_decref(summary);

    static const struct {
        const char *config, *says;
    } rows[] = {
        { "{\"start\": 0.2}", "start is 0.2 s, but the recording ends at 0.2 s" },
        { "{\"duration\": 0}", "duration is 0 s, less than one sample" },
        { "{\"start\": -1}", "start is -1" },
        { "{\"centerFrequency\": 1e15, \"sampleRate\": 1e-6}",
          "The center frequency of 1e+15 Hz is too far from 0 to tell frequencies apart that lie within 1e-06 Hz" },
        { "{\"minFrequency\": 500e6}",
          "The parameter minFrequency is 500000000 Hz, but the axis of this recording goes from 439499511.7 to 440499511.7 Hz" },
        { "{\"minFrequency\": 500e6, \"maxFrequency\": 501e6}",
          "ask for 500000000 to 501000000 Hz, but the recording shows 439499511.7 to" },
        { "{\"start\": 0.19999}", "has 10 samples, but a waterfall with fftSize 1024 needs at least 512" },
        { "{\"units\": \"dbm\"}", "units=dbm needs the parameter calibration" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        svi_error_clear(&err);
        assert_false(render("part", "waterfall", rows[i].config, &summary, &err));
        check_has(err.message, rows[i].says);
    }
    svi_error_clear(&err);
    check_ok(render("part", "waterfall", "{\"units\": \"dbm\", \"calibration\": -30, \"reduction\": \"min\"}", &summary, &err),
             err);
    check_near(number_at(summary, "peaks.0.power_db"), -40, 0.01);
    assert_string_equal(text_at(summary, "power", "unit"), "dBm");
    json_decref(summary);
}

/* Where its bins are narrower than a double of their frequency can tell. */
static void a_band_far_from_zero_has_all_bins(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e-3, .sample_count = 3000, .noise_power = 1e-6 };
    write_signal("far", &signal, "cf32_le", 1, "[{\"core:sample_start\": 0, \"core:frequency\": 1e12}]");
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("far", "periodogram", NULL, &summary, &err), err);
    struct npy data = npy_read(in_scratch("periodogram.npy"));
    assert_int_equal(data.columns, 1024);
    npy_clear(&data);
    json_decref(summary);
}

static void a_figure_has_the_size_that_was_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        uint32_t width, height;
    } rows[] = { { NULL, 1000, 1000 },
                 { "{\"width\": 12.8, \"height\": 7.2}", 1280, 720 },
                 { "{\"dimensions\": {\"width\": 200, \"height\": 150}}", 200, 150 },
                 { "{\"dimensions\": {\"width\": 16, \"height\": 3000}, \"theme\": \"dark\"}", 16, 3000 },
                 { "{\"dimensions\": {\"width\": 300, \"height\": 200}, \"dpi\": 200, \"theme\": \"bare\"}", 300, 200 },
                 { "{\"width\": 4, \"height\": 3, \"dpi\": 200}", 400, 300 } };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 30000, .noise_power = 1e-6 };
    write_signal("size", &signal, "cu8", 1, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(render("size", "spectrogram", rows[i].config, &summary, &err), err);
        struct svi_buffer png;
        check_ok(svi_file_read(&png, in_scratch("spectrogram.png"), "png", 64 << 20, &err), err);
        assert_true(png.count > 24);
        assert_int_equal((uint32_t)png.at[18] << 8 | png.at[19], rows[i].width);
        assert_int_equal((uint32_t)png.at[22] << 8 | png.at[23], rows[i].height);
        assert_int_equal(number_at(summary, "image.width"), rows[i].width);
        bool is_bare = rows[i].config && strstr(rows[i].config, "bare");
        assert_int_equal(number_at(summary, "image.plot.width") == rows[i].width, is_bare);
        assert_int_equal(number_at(summary, "image.plot.height") == rows[i].height, is_bare);
        svi_buffer_clear(&png);
        json_decref(summary);
    }
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 300000, .noise_power = 1e-6 };
    write_signal("same", &signal, "ci16_le", 1, NULL);
    struct svi_buffer first = { 0 }, second = { 0 };
    for (int i = 0; i < 2; i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(render("same", "spectrogram", "{\"reduction\": \"mean\"}", &summary, &err), err);
        json_decref(summary);
        check_ok(svi_file_read(i ? &second : &first, in_scratch("spectrogram.png"), "png", 64 << 20, &err), err);
    }
    assert_int_equal(first.count, second.count);
    assert_memory_equal(first.at, second.at, first.count);
    svi_buffer_clear(&first);
    svi_buffer_clear(&second);
}

static void bad_input_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *type, *config;
        enum svi_status status;
        const char *says;
    } rows[] = {
        { "spectrogram", "{\"fftSize\": 2048}", SVI_BAD_RECORDING,
          "has 1023 samples, but a spectrogram with fftSize 2048 needs at least 1024" },
        { "waterfall", "{\"fftSize\": 2048}", SVI_BAD_RECORDING,
          "has 1023 samples, but a waterfall with fftSize 2048 needs at least 1024" },
        { "spectrogram", "{\"fftSize\": 1009}", SVI_BAD_PARAMETER, "the nearest are 1008 and 1014" },
        { "spectrogram", "{\"fftSize\": 3}", SVI_BAD_PARAMETER, "from 16 to 1048576" },
        { "mosaic", NULL, SVI_UNKNOWN_TYPE, "There is no visualization \"mosaic\"; there is: spectrogram, waterfall" },
        { "waterfall", "{\"channel\": 1}", SVI_BAD_PARAMETER, "the recording has 1 channel, counted from 0" },
        { "waterfall", "{\"channel\": \"foo\"}", SVI_BAD_PARAMETER,
          "channel is \"foo\", but the channels of this recording (sigmf) have no names. Give a number: there is 1, counted from "
          "0" },
        { "scatterplot", "{\"subchannel\": 3}", SVI_BAD_PARAMETER,
          "subchannel is 3, but this recording (sigmf) has no subchannels" },
        { "waterfall", "[1, 2]", SVI_BAD_PARAMETER, "must be an object" },
    };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 1023, .noise_power = 1e-6 };
    write_signal("short", &signal, "cf32_le", 1, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        char png[64];
        snprintf(png, sizeof png, "%s.png", rows[i].type);
        unlink(in_scratch(png));
        assert_false(render("short", rows[i].type, rows[i].config, &summary, &err));
        assert_int_equal(err.status, rows[i].status);
        check_has(err.message, rows[i].says);
        assert_false(exists(png));
    }
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("short", "waterfall", NULL, &summary, &err), err);
    assert_int_equal(json_array_size(json_object_get(summary, "warnings")), 1);
    json_decref(summary);
}

static void a_failure_leaves_earlier_results_as_they_were(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 3000, .noise_power = 1e-6 };
    write_signal("earlier", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("earlier", "waterfall", NULL, &summary, &err), err);
    json_decref(summary);
    assert_false(render("earlier", "waterfall", "{\"fftSize\": 3}", &summary, &err));
    assert_true(exists("waterfall.png") && exists("waterfall.json") && exists("waterfall.npy"));
}

static void a_folder_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 3000, .noise_power = 1e-6 };
    write_signal("folder", &signal, "cf32_le", 1, NULL);
    char path[700];
    snprintf(path, sizeof path, "%s", in_scratch("folder.sigmf-meta"));
    const struct svi_file file = { path, "folder.sigmf-meta" };
    const struct svi_render_request request = {
        .types = &(const char *){ "waterfall" },
        .type_count = 1,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = "/proc/nowhere",
    };
    struct svi_error err = { 0 };
    struct svi_rendering rendering;
    assert_false(svi_render(device, &request, &rendering, &err));
    assert_int_equal(err.status, SVI_IO);
    check_has(err.message, "waterfall.png cannot be written");
    assert_null(strstr(err.message, "/proc"));
}

/* Draws scratch/NAME.sigmf-meta with the types that are named, or those that the config names. */
static bool render_types(const char *name, const char *const *types, size_t type_count, const char *config,
                         struct svi_rendering *rendering, struct svi_error *err)
{
    char label[128], path[700];
    snprintf(label, sizeof label, "%s.sigmf-meta", name);
    snprintf(path, sizeof path, "%s", in_scratch(label));
    json_t *tree = config ? json_loads(config, 0, NULL) : NULL;
    const struct svi_file file = { path, label };
    const struct svi_render_request request = {
        .types = types,
        .type_count = type_count,
        .config = tree,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = scratch_folder(),
    };
    bool ok = svi_render(device, &request, rendering, err);
    json_decref(tree);
    return ok;
}

/* In the folder of a job, which is used again. */
static void results_fill_the_empty_files_of_a_folder_that_is_ours(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 10000, .noise_power = 1e-3 };
    char path[600], picture[600];
    write_signal("ours", &signal, "cf32_le", 1, NULL);
    snprintf(path, sizeof path, "%s", in_scratch("ours.sigmf-meta"));
    snprintf(picture, sizeof picture, "%s", in_scratch("waterfall.png"));
    struct svi_error err = { 0 };
    check_ok(svi_file_write(picture, svi_bytes_of(""), &err), err);
    unlink(in_scratch("waterfall.json"));
    struct stat before, after;
    assert_int_equal(stat(picture, &before), 0);
    const struct svi_file file = { path, "ours.sigmf-meta" };
    const struct svi_render_request request = {
        .types = &(const char *){ "waterfall" },
        .type_count = 1,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = scratch_folder(),
        .folder_is_ours = true,
    };
    struct svi_rendering rendering;
    check_ok(svi_render(device, &request, &rendering, &err), err);
    svi_rendering_clear(&rendering);
    assert_int_equal(stat(picture, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_true(after.st_size > 1000);
    assert_int_equal(stat(in_scratch("waterfall.json"), &after), 0);
    assert_true(after.st_size > 1000);
}

static void clear_pictures(void)
{
    char name[64];
    for (size_t i = 0; svi_render_type(i); i++) {
        snprintf(name, sizeof name, "%s.png", svi_render_type(i));
        unlink(in_scratch(name));
    }
}

static void one_pass_makes_many_pictures(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 250e3, -10 } };
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 300000, .tones = tones, .tone_count = 1, .noise_power = signal_noise_power(-140, 1e6)
    };
    write_signal("many", &signal, "ci16_le", 1, NULL);
    clear_pictures();
    struct svi_error err = { 0 };
    struct svi_rendering rendering;
    check_ok(render_types("many", &(const char *){ "waterfall" }, 1,
                          "{\"types\": [\"psd\", \"persistence\", \"waterfall\", \"spectrogram\"]}", &rendering, &err),
             err);
    static const char *const types[] = { "waterfall", "periodogram", "heatmap", "spectrogram" };
    assert_int_equal(json_array_size(rendering.summaries), ROWS(types));
    assert_int_equal(rendering.result_count, 2 * ROWS(types));
    for (size_t i = 0; i < ROWS(types); i++) {
        const json_t *summary = json_array_get(rendering.summaries, i);
        char name[64];
        snprintf(name, sizeof name, "%s.png", types[i]);
        assert_string_equal(json_string_value(json_object_get(summary, "type")), types[i]);
        assert_int_equal(rendering.results[2 * i].kind, SVI_RESULT_PICTURE);
        assert_string_equal(rendering.results[2 * i].name, name);
        assert_int_equal(rendering.results[2 * i + 1].kind, SVI_RESULT_SUMMARY);
        assert_true(exists(name));
        /* Each sample was read once, for all of them. */
        assert_int_equal(number_at(summary, "bytes_read"), 300000 * 4);
        check_near(number_at(summary, "peaks.0.power_db"), -10, 0.02);
    }
    svi_rendering_clear(&rendering);
}

/* Slices are a file before the pictures that were drawn earlier are. */
static void files_stand_with_their_picture(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 30000, .noise_power = 1e-6 };
    write_signal("listed", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    struct svi_rendering rendering;
    check_ok(render_types("listed", NULL, 0, "{\"types\": [\"spectrogram\", \"waterfall\", \"psd\"], \"slices\": true}", &rendering,
                          &err),
             err);
    static const char *const names[] = { "spectrogram.png", "spectrogram.json", "waterfall_slices.json", "waterfall.png",
                                         "waterfall.json",  "periodogram.png",  "periodogram.json" };
    assert_int_equal(rendering.result_count, ROWS(names));
    for (size_t i = 0; i < ROWS(names); i++)
        assert_string_equal(rendering.results[i].name, names[i]);
    svi_rendering_clear(&rendering);
}

/* Where nobody named types. What the waterfall had begun with must not stand in the way of the others' pass. */
static void a_type_that_does_not_suit_is_left_out(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 600, .noise_power = 1e-6 };
    write_signal("short", &signal, "cf32_le", 1, NULL);
    struct svi_error err = { 0 };
    struct svi_rendering rendering;
    check_ok(render_types("short", NULL, 0, "{\"slices\": true}", &rendering, &err), err);
    size_t drawn = 0;
    for (size_t i = 0; svi_render_type(i); i++) {
        if (!strcmp(svi_render_type(i), "waterfall"))
            continue;
        const json_t *summary = json_array_get(rendering.summaries, drawn++), *warnings = json_object_get(summary, "warnings");
        assert_string_equal(json_string_value(json_object_get(summary, "type")), svi_render_type(i));
        check_has(json_string_value(json_array_get(warnings, json_array_size(warnings) - 1)),
                  "No valid waterfall slices found: the recording has 600 samples, less than one slice of 1024.");
    }
    assert_int_equal(json_array_size(rendering.summaries), drawn);
    svi_rendering_clear(&rendering);
    clear_pictures();
}

static void types_of_a_config_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *config, *says;
        enum svi_status status;
    } rows[] = {
        { "{\"types\": [\"waterfall\", \"mosaic\"]}", "There is no visualization \"mosaic\"", SVI_UNKNOWN_TYPE },
        { "{\"types\": \"waterfall\"}", "types must be a list", SVI_BAD_PARAMETER },
        { "{\"types\": [7]}", "name types by text, not by", SVI_BAD_PARAMETER },
        { "{\"types\": [\"waterfall\", \"spectrogram\"], \"units\": \"dbm\"}", "calibration", SVI_BAD_PARAMETER },
    };
    clear_pictures();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_rendering rendering;
        assert_false(render_types("many", NULL, 0, rows[i].config, &rendering, &err));
        assert_int_equal(err.status, rows[i].status);
        check_has(err.message, rows[i].says);
        assert_false(exists("waterfall.png"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spectrogram_shows_a_tone_at_its_frequency_and_level),
        cmocka_unit_test(noise_reads_its_density_and_floor),
        cmocka_unit_test(compat_is_the_platforms_matrix),
        cmocka_unit_test(a_burst_and_a_chirp_are_where_they_were_put),
        cmocka_unit_test(real_samples_have_one_side),
        cmocka_unit_test(a_heatmap_accounts_for_every_bin),
        cmocka_unit_test(a_periodogram_has_three_lines_in_order),
        cmocka_unit_test(a_part_is_where_it_was_cut_from),
        cmocka_unit_test(a_band_far_from_zero_has_all_bins),
        cmocka_unit_test(a_figure_has_the_size_that_was_asked_for),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(bad_input_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_failure_leaves_earlier_results_as_they_were),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_an_error),
        cmocka_unit_test(results_fill_the_empty_files_of_a_folder_that_is_ours),
        cmocka_unit_test(one_pass_makes_many_pictures),
        cmocka_unit_test(files_stand_with_their_picture),
        cmocka_unit_test(a_type_that_does_not_suit_is_left_out),
        cmocka_unit_test(types_of_a_config_are_checked),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
