/* test_stft - power of frames against SciPy, against theory, for every datatype and whichever way a recording is cut. */
#include "base/file.h"
#include "capture/capture.h"
#include "device/fft.h"
#include "device/stft.h"
#include "visual/window.h"

#include <math.h>

#include "check.h"
#include "npy.h"
#include "signals.h"
#include "with_device.h"

/* Writes samples as they are, as a SigMF recording, and opens it. */
static struct svi_capture *capture_of(const char *name, const char *datatype, unsigned channels, double sample_rate_hz,
                                      const void *samples, size_t bytes)
{
    struct svi_error err = { 0 };
    char meta[512], data[512], text[256];
    snprintf(meta, sizeof meta, "%s/%s.sigmf-meta", scratch_folder(), name);
    snprintf(data, sizeof data, "%s/%s.sigmf-data", scratch_folder(), name);
    snprintf(text, sizeof text,
             "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.0.0\", \"core:sample_rate\": %.17g, "
             "\"core:num_channels\": %u}, "
             "\"captures\": [], \"annotations\": []}",
             datatype, sample_rate_hz, channels);
    check_ok(svi_file_write(meta, svi_bytes_of(text), &err), err);
    check_ok(svi_file_write(data, (struct svi_bytes){ samples, bytes }, &err), err);
    const struct svi_file file = { meta, svi_base_name(meta) };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

/* Runs the transform and reads the cells back: float [rows][columns], the value without what rounding lost. The caller frees it. */
static float *cells_of(struct svi_capture *capture, const struct svi_stft_request *request, struct svi_stft_result *result)
{
    struct svi_error err = { 0 };
    check_ok(svi_stft_run(result, device, capture, request, NULL, NULL, NULL, &err), err);
    size_t count = (size_t)result->rows * result->columns;
    cl_float2 *pairs = malloc(count * sizeof *pairs);
    float *cells = malloc(count * sizeof *cells);
    assert_true(pairs && cells);
    check_ok(svi_mem_read(device, pairs, result->cells, count * sizeof *pairs, &err), err);
    for (size_t i = 0; i < count; i++)
        cells[i] = pairs[i].s[0] + (request->reduction == SVI_REDUCE_MEAN ? pairs[i].s[1] : 0);
    free(pairs);
    return cells;
}

/* Linear power agrees to 1e-5 of the bin, or of the frame's mean where a bin holds next to nothing: float32 cannot tell more. */
static void check_power(const char *name, const float *actual, const double *expected, size_t rows, size_t bins)
{
    for (size_t row = 0; row < rows; row++) {
        double mean = 0;
        for (size_t bin = 0; bin < bins; bin++)
            mean += expected[row * bins + bin] / (double)bins;
        for (size_t bin = 0; bin < bins; bin++) {
            double want = expected[row * bins + bin], got = (double)actual[row * bins + bin];
            if (!(fabs(got - want) <= 1e-5 * fmax(want, mean)))
                fail_msg("%s: row %zu, bin %zu: %.9g, not %.9g (mean %.3g)", name, row, bin, got, want, mean);
        }
    }
}

struct scipy_case {
    const char *name, *input;
    uint64_t samples;
    uint32_t fft_size, hop;
    const char *window;
    double sigma;
    int sides;
    int64_t p_min;
    uint64_t p_num, row_step, rows, bins;
};

static void check_scipy_case(const struct scipy_case *row)
{
    char input_name[64];
    snprintf(input_name, sizeof input_name, "input_%s", row->input);
    struct npy input = npy_read_data("stft", input_name), expected = npy_read_data("stft", row->name);
    const bool real = row->input[0] == 'r';
    char datatype[16];
    snprintf(datatype, sizeof datatype, "%s_le", row->input);
    const struct svi_datatype *type = svi_datatype_find(datatype);
    assert_non_null(type);
    struct svi_capture *capture = capture_of("scipy", datatype, 1, 1000, input.data, row->samples * svi_datatype_bytes(type));

    float *window = malloc(row->fft_size * sizeof *window);
    struct svi_window_gain gain;
    assert_true(svi_window_fill(row->window, row->sigma, row->fft_size, window, &gain));
    const struct svi_stft_request request = {
        .fft_size = row->fft_size,
        .hop_samples = row->hop,
        .window = window,
        .first_sample = row->p_min * (int64_t)row->hop - row->fft_size / 2,
        .frame_count = row->p_num,
        .one_sided = real && row->sides == 1,
        .raw = true,
        .rows = (uint32_t)row->p_num,
        .columns = (uint32_t)row->bins,
    };
    struct svi_stft_result result;
    float *cells = cells_of(capture, &request, &result);
    assert_int_equal(result.rows, row->p_num);
    assert_int_equal(result.columns, row->bins);

    float *kept = malloc(row->rows * row->bins * sizeof *kept);
    double *want = malloc(row->rows * row->bins * sizeof *want);
    for (size_t r = 0; r < row->rows; r++)
        for (size_t b = 0; b < row->bins; b++) {
            bool doubled = request.one_sided && b != 0 && 2 * b != row->fft_size;
            size_t at = r * row->bins + b;
            kept[at] = cells[r * row->row_step * row->bins + b];
            want[at] = (expected.type == NPY_FLOAT64 ? ((double *)expected.data)[at] : (double)((float *)expected.data)[at])
                       * (doubled ? 2 : 1);
        }
    check_power(row->name, kept, want, row->rows, row->bins);
    free(want);
    free(kept);
    free(cells);
    free(window);
    svi_stft_clear(&result);
    svi_capture_close(capture);
    npy_clear(&expected);
    npy_clear(&input);
}

static void power_is_scipys(void **state)
{
    (void)state;
    static const struct scipy_case rows[] = {
#define STFT_CASE(...) { __VA_ARGS__ },
#include "data/stft/cases.h"
#undef STFT_CASE
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        check_scipy_case(&rows[i]);
}

static struct svi_capture *capture_of_signal(const struct signal *signal, const char *datatype, unsigned channels)
{
    struct svi_error err = { 0 };
    char meta[512];
    check_ok(signal_write_sigmf(scratch_folder(), "signal", signal, svi_datatype_find(datatype), channels, NULL, &err), err);
    snprintf(meta, sizeof meta, "%s/signal.sigmf-meta", scratch_folder());
    const struct svi_file file = { meta, "signal.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

/* Fills a window and describes a plain transform of the whole recording with it. The caller frees the window. */
static struct svi_stft_request plain_request(struct svi_capture *capture, uint32_t fft_size, uint32_t hop, const char *name,
                                             float **window, struct svi_window_gain *gain)
{
    *window = malloc(fft_size * sizeof **window);
    assert_true(svi_window_fill(name, fft_size / 8.0, fft_size, *window, gain));
    uint64_t samples = svi_capture_recording(capture)->sample_count;
    return (struct svi_stft_request){
        .fft_size = fft_size,
        .hop_samples = hop,
        .window = *window,
        .frame_count = (samples - fft_size) / hop + 1,
        .rows = UINT32_MAX,
        .columns = UINT32_MAX,
    };
}

static void a_tone_reads_its_level_at_its_bin_in_every_datatype(void **state)
{
    (void)state;
    /* Half of full scale, which at a quarter of the rate is stored exactly, even in 8 bits. */
    const double level_dbfs = 20 * log10(0.5);
    const struct signal_tone tone = { 250e3, level_dbfs };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 4096, .tones = &tone, .tone_count = 1 };
    for (const struct svi_datatype *type = svi_datatypes; type->name; type++) {
        struct svi_capture *capture = capture_of_signal(&signal, type->name, 1);
        float *window;
        struct svi_window_gain gain;
        struct svi_stft_request request = plain_request(capture, 64, 64, "hann", &window, &gain);
        bool real = request.one_sided = type->parts == 1;
        struct svi_stft_result result;
        float *cells = cells_of(capture, &request, &result);
        uint32_t bin = real ? 16 : 48;
        for (uint32_t row = 0; row < result.rows; row++) {
            double level_db = 10 * log10((double)cells[row * result.columns + bin] / (gain.sum * gain.sum));
            /* A real tone has half the power of a complex one of the same amplitude. */
            check_near(level_db, real ? level_dbfs - 10 * log10(2) : level_dbfs, 0.01);
        }
        free(cells);
        free(window);
        svi_stft_clear(&result);
        svi_capture_close(capture);
    }
}

static void tones_read_their_level_at_their_bin(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        double tone_hz, level_db;
        uint32_t fft_size, bin;
    } rows[] = {
        { "a quarter up", 250e3, -10.0, 1024, 768 },  { "at the lowest edge", -500e3, -60.0, 1024, 0 },
        { "at the center", 0, -3.0, 1024, 512 },      { "one bin below", -1e6 / 1024, -20.0, 1024, 511 },
        { "a short transform", 125e3, -1.0, 16, 10 }, { "a length of threes", 1e6 / 3, -30.0, 2187, 1822 },
        { "a long one", 250e3, -90.0, 65536, 49152 }, { "thousand bins", 123e3, -45.0, 1000, 623 },
        { "13 · 11 · 7", 1e6 / 7, 0.0, 1001, 643 },   { "the longest", 250e3, -100.0, 1048576, 786432 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct signal_tone tone = { rows[i].tone_hz, rows[i].level_db };
        uint64_t samples = rows[i].fft_size * 2 > 8192 ? rows[i].fft_size * 2 : 8192;
        const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = samples, .tones = &tone, .tone_count = 1 };
        struct svi_capture *capture = capture_of_signal(&signal, "cf32_le", 1);
        float *window;
        struct svi_window_gain gain;
        struct svi_stft_request request = plain_request(capture, rows[i].fft_size, rows[i].fft_size / 2, "blackmanharris", &window,
                                                        &gain);
        struct svi_stft_result result;
        float *cells = cells_of(capture, &request, &result);
        uint32_t best = 0;
        for (uint32_t bin = 0; bin < result.bins; bin++)
            if (cells[bin] > cells[best])
                best = bin;
        if (best != rows[i].bin)
            fail_msg("%s: bin %u, not %u", rows[i].what, best, rows[i].bin);
        check_near(10 * log10((double)cells[best] / (gain.sum * gain.sum)), rows[i].level_db, 0.01);
        free(cells);
        free(window);
        svi_stft_clear(&result);
        svi_capture_close(capture);
    }
}

static void noise_reads_its_density(void **state)
{
    (void)state;
    static const char *const windows[] = { "gaussian", "hann",    "hamming", "blackman", "blackmanharris",
                                           "nuttall",  "flattop", "kaiser",  "rect" };
    const struct signal signal = {
        .sample_rate_hz = 2e6, .sample_count = 400000, .noise_power = signal_noise_power(-110.0, 2e6), .seed = 7
    };
    struct svi_capture *capture = capture_of_signal(&signal, "cf32_le", 1);
    for (size_t i = 0; i < ROWS(windows); i++) {
        float *window;
        struct svi_window_gain gain;
        struct svi_stft_request request = plain_request(capture, 512, 256, windows[i], &window, &gain);
        request.reduction = SVI_REDUCE_MEAN;
        request.rows = request.columns = 1;
        struct svi_stft_result result;
        float *cells = cells_of(capture, &request, &result);
        double mean = (double)cells[0] / ((double)result.frame_count * result.bins), by_spectrum = 0;
        for (uint32_t bin = 0; bin < result.bins; bin++)
            by_spectrum += result.mean_power[bin] / result.bins;
        check_near(10 * log10(mean / (signal.sample_rate_hz * gain.square_sum)), -110.0, 0.1);
        check_near(mean / by_spectrum, 1.0, 1e-6);
        free(cells);
        free(window);
        svi_stft_clear(&result);
    }
    svi_capture_close(capture);
}

/* Every frame must enter its row and every bin its column, whichever counts: the reduced picture against one of full size. */
static void reductions_hold_every_frame_and_bin(void **state)
{
    (void)state;
    static const struct signal_tone tone = { 100e3, -20.0 };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = 70000,
                                   .tones = &tone,
                                   .tone_count = 1,
                                   .noise_power = 1e-6,
                                   .seed = 3,
                                   .burst = { 31000, 40, -300e3, -5.0 } };
    struct svi_capture *capture = capture_of_signal(&signal, "ci16_le", 1);
    float *window;
    struct svi_window_gain gain;
    struct svi_stft_request request = plain_request(capture, 64, 16, "hann", &window, &gain);
    struct svi_stft_result whole;
    float *all = cells_of(capture, &request, &whole);
    static const uint32_t sizes[][2] = { { 1, 1 }, { 7, 64 }, { 100, 10 }, { 4370, 63 }, { 999, 33 }, { 5000, 100 } };
    for (size_t i = 0; i < ROWS(sizes); i++)
        for (int mean = 0; mean < 2; mean++) {
            request.rows = sizes[i][0];
            request.columns = sizes[i][1];
            request.reduction = mean ? SVI_REDUCE_MEAN : SVI_REDUCE_MAX;
            struct svi_stft_result result;
            float *cells = cells_of(capture, &request, &result);
            size_t count = (size_t)result.rows * result.columns;
            double *expected = calloc(count, sizeof *expected);
            for (uint64_t frame = 0; frame < whole.frame_count; frame++)
                for (uint32_t bin = 0; bin < whole.bins; bin++) {
                    size_t row = (size_t)(frame * result.rows / whole.frame_count),
                           column = (size_t)bin * result.columns / whole.bins;
                    double p = (double)all[frame * whole.bins + bin], *cell = &expected[row * result.columns + column];
                    *cell = mean ? *cell + p : fmax(*cell, p);
                }
            for (size_t c = 0; c < count; c++)
                check_near((double)cells[c], expected[c], 1e-6 * expected[c]);
            free(expected);
            free(cells);
            svi_stft_clear(&result);
        }
    free(all);
    free(window);
    svi_stft_clear(&whole);
    svi_capture_close(capture);
}

static void each_channel_is_its_own(void **state)
{
    (void)state;
    static const struct signal_tone tone = { -200e3, -6.0 };
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 5000, .tones = &tone, .tone_count = 1, .channel_step_hz = 125e3
    };
    struct svi_capture *capture = capture_of_signal(&signal, "ci32_be", 3);
    for (uint32_t channel = 0; channel < 3; channel++) {
        float *window;
        struct svi_window_gain gain;
        struct svi_stft_request request = plain_request(capture, 1000, 500, "flattop", &window, &gain);
        request.channel = channel;
        struct svi_stft_result result;
        float *cells = cells_of(capture, &request, &result);
        check_near(10 * log10((double)cells[300 + 125 * channel] / (gain.sum * gain.sum)), -6.0, 0.01);
        free(cells);
        free(window);
        svi_stft_clear(&result);
    }
    svi_capture_close(capture);
}

static bool stop_at_once(void *self, double share)
{
    *(double *)self = share;
    return false;
}

static void a_job_can_be_cancelled(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 60000, .noise_power = 1e-3 };
    struct svi_capture *capture = capture_of_signal(&signal, "ci8", 1);
    float *window;
    struct svi_window_gain gain;
    struct svi_stft_request request = plain_request(capture, 256, 1, "rect", &window, &gain);
    request.rows = request.columns = 10;
    struct svi_stft_result result;
    struct svi_error err = { 0 };
    double share = -1;
    assert_false(svi_stft_run(&result, device, capture, &request, NULL, stop_at_once, &share, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
    assert_true(share > 0 && share < 1);
    free(window);
    svi_capture_close(capture);
}

static void lengths_that_cannot_be_done_name_their_neighbours(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        bool good;
        uint32_t below, above;
    } rows[] = { { 16, true, 16, 16 },
                 { 15, false, 16, 16 },
                 { 17, false, 16, 18 },
                 { 1009, false, 1008, 1014 },
                 { 1024, true, 1024, 1024 },
                 { 4097, false, 4096, 4116 },
                 { 1048576, true, 1048576, 1048576 },
                 { 1048577, false, 1048576, 1048576 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint32_t below, above;
        svi_fft_neighbours(rows[i].length, &below, &above);
        assert_int_equal(svi_fft_supports(rows[i].length), rows[i].good);
        assert_int_equal(below, rows[i].below);
        assert_int_equal(above, rows[i].above);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_is_scipys),
        cmocka_unit_test(a_tone_reads_its_level_at_its_bin_in_every_datatype),
        cmocka_unit_test(tones_read_their_level_at_their_bin),
        cmocka_unit_test(noise_reads_its_density),
        cmocka_unit_test(reductions_hold_every_frame_and_bin),
        cmocka_unit_test(each_channel_is_its_own),
        cmocka_unit_test(a_job_can_be_cancelled),
        cmocka_unit_test(lengths_that_cannot_be_done_name_their_neighbours),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
