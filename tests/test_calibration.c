/* test_calibration - the levels that each type of picture shows, in each unit, against theory; and the matrices behind the pictures
 * against a slow twin in double precision. (Against SciPy: test_stft.c, test_render.c, test_compat.c.) */
#include "visual/window.h"

#include <math.h>
#include <stdlib.h>

#include "npy.h"
#include "rendering.h"

static double to_db(double power)
{
    return 10 * log10(power);
}

static double from_db(float level_db)
{
    return pow(10, (double)level_db / 10);
}

/* ---- levels on paper ---- */

enum { FFT_SIZE = 1024 };

static const double rate_hz = 1e6, tone_hz = 250e3, tone_dbfs = -20, noise_dbfs_hz = -100;

/* Σw and Σw² of a window. */
struct gain {
    double sum, square_sum;
};

/* The periodic Hann window has N/2 and 3N/8; the spectrogram's is a Gaussian of σ 100. */
static struct gain gain_of(const char *type)
{
    struct gain gain = { FFT_SIZE / 2.0, 3 * FFT_SIZE / 8.0 };
    if (strcmp(type, "spectrogram") != 0)
        return gain;
    gain = (struct gain){ 0, 0 };
    for (int i = 0; i < FFT_SIZE; i++) {
        double w = exp(-0.5 * pow((i - (FFT_SIZE - 1) / 2.0) / 100, 2));
        gain.sum += w;
        gain.square_sum += w * w;
    }
    return gain;
}

/* By what |X|², with samples at full scale 1, is multiplied: the table of docs/figures.md. Samples are stored as ci16. */
static double unit_gain(const char *units, struct gain gain)
{
    if (!strcmp(units, "dbfs_hz"))
        return 1 / (rate_hz * gain.square_sum);
    if (!strcmp(units, "dbm"))
        return pow(10, -12.5 / 10) / (gain.sum * gain.sum);
    return !strcmp(units, "compat") ? 32768.0 * 32768.0 : 1 / (gain.sum * gain.sum);
}

/* Linear power that the saved matrix shows in the mean, over all times and frequencies. */
static double mean_of_matrix(const char *type, const json_t *summary)
{
    char name[64];
    snprintf(name, sizeof name, "%s.npy", type);
    struct npy data = npy_read(in_scratch(name));
    const float *values = data.data;
    const bool counts = !strcmp(type, "heatmap"), lines = !strcmp(type, "periodogram");
    const double low_db = counts ? number_at(summary, "image.y.min") : 0, high_db = counts ? number_at(summary, "image.y.max") : 0;
    double sum = 0;
    for (size_t row = lines ? 1 : 0; row < (lines ? 2 : data.rows); row++)
        for (size_t column = 0; column < data.columns; column++) {
            float value = values[row * data.columns + column];
            double level_db = low_db + (high_db - low_db) * ((double)row + 0.5) / (double)data.rows;
            sum += counts ? (double)value / 100 * pow(10, level_db / 10) : from_db(value);
        }
    sum /= (double)data.columns * (double)(counts || lines ? 1 : data.rows);
    npy_clear(&data);
    return sum;
}

static void check_levels(const char *type, const char *units)
{
    const char *calibration = strcmp(units, "dbm") != 0 ? "" : ", \"calibration\": -12.5";
    char config[128];
    const struct gain gain = gain_of(type);
    const double factor = unit_gain(units, gain);
    struct svi_error err = { 0 };
    json_t *summary;
    snprintf(config, sizeof config, "{\"units\": \"%s\"%s}", units, calibration);
    check_ok(render("tone", type, config, &summary, &err), err);
    const double tone_db = tone_dbfs + to_db(gain.sum * gain.sum * factor);
    check_near(number_at(summary, "peaks.0.frequency_hz"), tone_hz, 1);
    check_near(number_at(summary, "peaks.0.power_db"), tone_db, 0.01);
    check_near(number_at(summary, "power.max"), tone_db, 0.01);
    json_decref(summary);

    snprintf(config, sizeof config, "{\"units\": \"%s\"%s, \"reduction\": \"mean\"}", units, calibration);
    check_ok(render("noise", type, config, &summary, &err), err);
    const double noise_db = noise_dbfs_hz + to_db(rate_hz * gain.square_sum * factor);
    check_near(number_at(summary, "power.mean"), noise_db, 0.1);
    check_near(to_db(mean_of_matrix(type, summary)), noise_db, 0.1);
    check_near(number_at(summary, "power.enbw_bins"), FFT_SIZE * gain.square_sum / (gain.sum * gain.sum), 1e-4);
    json_decref(summary);
}

static void write_tone_and_noise(void)
{
    const struct signal_tone tone = { tone_hz, tone_dbfs };
    const struct signal tones = { .sample_rate_hz = rate_hz, .sample_count = 50000, .tones = &tone, .tone_count = 1 };
    const struct signal noise = {
        .sample_rate_hz = rate_hz, .sample_count = 400000, .noise_power = signal_noise_power(noise_dbfs_hz, rate_hz), .seed = 11
    };
    write_signal("tone", &tones, "ci16_le", 1, NULL);
    write_signal("noise", &noise, "ci16_le", 1, NULL);
}

/* A tone in the middle of a bin to 0.01 dB, white noise to 0.1 dB. */
static void levels_are_those_of_theory(void **state)
{
    (void)state;
    static const char *const types[] = { "spectrogram", "waterfall", "heatmap", "periodogram" };
    static const char *const units[] = { "dbfs", "dbfs_hz", "dbm", "compat" };
    write_tone_and_noise();
    for (size_t t = 0; t < ROWS(types); t++)
        for (size_t u = 0; u < ROWS(units); u++)
            check_levels(types[t], units[u]);
}

/* Whatever the window: a tone's power in dBFS, the noise's density. */
static void every_window_reads_the_same_levels(void **state)
{
    (void)state;
    char names[256];
    svi_window_names(names, sizeof names);
    write_tone_and_noise();
    for (char *next = names, *name; (name = strsep(&next, ","));) {
        char config[128];
        struct svi_error err = { 0 };
        json_t *summary;
        name += *name == ' ';
        snprintf(config, sizeof config, "{\"window\": \"%s\"}", name);
        check_ok(render("tone", "waterfall", config, &summary, &err), err);
        check_near(number_at(summary, "peaks.0.power_db"), tone_dbfs, 0.01);
        json_decref(summary);
        snprintf(config, sizeof config, "{\"window\": \"%s\", \"units\": \"dbfs_hz\", \"reduction\": \"mean\"}", name);
        check_ok(render("noise", "waterfall", config, &summary, &err), err);
        check_near(number_at(summary, "power.mean"), noise_dbfs_hz, 0.1);
        check_near(to_db(mean_of_matrix("waterfall", summary)), noise_dbfs_hz, 0.1);
        json_decref(summary);
    }
}

/* ---- a slow twin ---- */

enum { TWIN_FFT = 64, TWIN_FRAMES = 300 };

/* Power with full scale 1: [frame][bin], Hann window, zero frequency in the middle. */
static double (*twin)[TWIN_FFT];
static double twin_mean;

static const struct signal_tone twin_tone = { 125e3, -15 };
static const struct signal twin_signal = { .sample_rate_hz = 1e6,
                                           .sample_count = (TWIN_FRAMES * TWIN_FFT) + 10, /* no whole frame behind the last */
                                           .tones = &twin_tone,
                                           .tone_count = 1,
                                           .noise_power = 1e-5,
                                           .seed = 12,
                                           .burst = { 5000, 700, -250e3, -10 } };

/* The definition of the transform, sum by sum. */
static int make_twin(void **state)
{
    (void)state;
    twin = malloc(TWIN_FRAMES * sizeof *twin);
    if (!twin || open_device(NULL))
        return -1;
    for (size_t frame = 0; frame < TWIN_FRAMES; frame++)
        for (size_t bin = 0; bin < TWIN_FFT; bin++) {
            double complex sum = 0;
            for (size_t i = 0; i < TWIN_FFT; i++) {
                double complex sample = signal_sample(&twin_signal, 0, frame * TWIN_FFT + i);
                sample = (double)(float)creal(sample) + I * (double)(float)cimag(sample);
                double w = 0.5 - 0.5 * cos(2 * M_PI * (double)i / TWIN_FFT);
                sum += w * sample * cexp(-2 * M_PI * I * ((double)bin - TWIN_FFT / 2.0) * (double)i / TWIN_FFT);
            }
            twin[frame][bin] = pow(cabs(sum) / (TWIN_FFT / 2.0), 2);
            twin_mean += twin[frame][bin] / (TWIN_FFT * TWIN_FRAMES);
        }
    write_signal("twin", &twin_signal, "cf32_le", 1, NULL);
    return 0;
}

static int end_twin(void **state)
{
    free(twin);
    return close_device(state);
}

/* 1e-5 of the power, or of the mean where a bin holds next to nothing. */
static void check_power(float level_db, double expected)
{
    check_near(from_db(level_db), expected, 1e-5 * fmax(expected, twin_mean));
}

/* The same pixels as `rows` shares of the frames, reduced; one bin a column. */
static double reduced(const char *reduction, size_t row, size_t rows, size_t bin)
{
    double most = 0, sum = 0, least = INFINITY;
    size_t count = 0;
    for (size_t frame = 0; frame < TWIN_FRAMES; frame++) {
        if (frame * rows / TWIN_FRAMES != row)
            continue;
        most = fmax(most, twin[frame][bin]);
        least = fmin(least, twin[frame][bin]);
        sum += twin[frame][bin];
        count++;
    }
    assert_true(count > 0);
    return !strcmp(reduction, "max") ? most : !strcmp(reduction, "min") ? least : sum / (double)count;
}

static void a_waterfalls_matrix_is_the_twins(void **state)
{
    (void)state;
    static const char *const reductions[] = { "max", "mean", "min" };
    static const size_t heights[] = { TWIN_FRAMES, 70, 16 };
    for (size_t i = 0; i < ROWS(reductions) * ROWS(heights); i++) {
        const char *reduction = reductions[i % ROWS(reductions)];
        const size_t rows = heights[i / ROWS(reductions)];
        char config[160];
        struct svi_error err = { 0 };
        json_t *summary;
        snprintf(config, sizeof config,
                 "{\"fftSize\": %d, \"theme\": \"bare\", \"reduction\": \"%s\", \"dimensions\": {\"width\": %d, \"height\": %zu}}",
                 TWIN_FFT, reduction, TWIN_FFT, rows);
        check_ok(render("twin", "waterfall", config, &summary, &err), err);
        json_decref(summary);
        struct npy data = npy_read(in_scratch("waterfall.npy"));
        assert_int_equal(data.rows, rows);
        assert_int_equal(data.columns, TWIN_FFT);
        for (size_t row = 0; row < rows; row++)
            for (size_t bin = 0; bin < TWIN_FFT; bin++)
                check_power(((float *)data.data)[row * TWIN_FFT + bin], reduced(reduction, row, rows, bin));
        npy_clear(&data);
    }
}

static void a_periodograms_lines_are_the_twins(void **state)
{
    (void)state;
    static const char *const lines[] = { "max", "mean", "min" };
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("twin", "periodogram", "{\"fftSize\": 64}", &summary, &err), err);
    json_decref(summary);
    struct npy data = npy_read(in_scratch("periodogram.npy"));
    assert_int_equal(data.rows, ROWS(lines));
    assert_int_equal(data.columns, TWIN_FFT);
    for (size_t line = 0; line < ROWS(lines); line++)
        for (size_t bin = 0; bin < TWIN_FFT; bin++)
            check_power(((float *)data.data)[line * TWIN_FFT + bin], reduced(lines[line], 0, 1, bin));
    npy_clear(&data);
}

/* To the count; only a level within float32's error of an edge may be on either side of it. */
static void a_heatmaps_counts_are_the_twins(void **state)
{
    (void)state;
    enum { LEVELS = 80 };
    const double low_db = -90, high_db = -10, step_db = (high_db - low_db) / LEVELS;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(render("twin", "heatmap", "{\"fftSize\": 64, \"powerBins\": 80, \"vmin\": -90, \"vmax\": -10}", &summary, &err), err);
    struct npy data = npy_read(in_scratch("heatmap.npy"));
    assert_int_equal(data.rows, LEVELS);
    assert_int_equal(data.columns, TWIN_FFT);
    unsigned under = 0, over = 0, borderline = 0;
    for (size_t bin = 0; bin < TWIN_FFT; bin++) {
        int counts[LEVELS] = { 0 }, unsure[LEVELS] = { 0 };
        for (size_t frame = 0; frame < TWIN_FRAMES; frame++) {
            double place = (to_db(twin[frame][bin]) - low_db) / step_db, edge = rint(place);
            if (fabs(place - edge) < 1e-4) {
                borderline++;
                for (int level = (int)edge - 1; level <= (int)edge; level++)
                    if (level >= 0 && level < LEVELS)
                        unsure[level]++;
            }
            under += place < 0;
            over += place >= LEVELS;
            if (place >= 0 && place < LEVELS)
                counts[(int)place]++;
        }
        for (size_t level = 0; level < LEVELS; level++)
            check_near((double)((float *)data.data)[level * TWIN_FFT + bin] * TWIN_FRAMES / 100, counts[level],
                       unsure[level] + 1e-3);
    }
    assert_true(borderline < 20 && under > 0 && over > 0);
    const double all = TWIN_FFT * TWIN_FRAMES, slack = borderline + 1e-3;
    check_near(number_at(summary, "image.under_percent") / 100 * all, under, slack);
    check_near(number_at(summary, "image.over_percent") / 100 * all, over, slack);
    json_decref(summary);
    npy_clear(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_those_of_theory),       cmocka_unit_test(every_window_reads_the_same_levels),
        cmocka_unit_test(a_waterfalls_matrix_is_the_twins), cmocka_unit_test(a_periodograms_lines_are_the_twins),
        cmocka_unit_test(a_heatmaps_counts_are_the_twins),
    };
    return cmocka_run_group_tests(tests, make_twin, end_twin);
}
