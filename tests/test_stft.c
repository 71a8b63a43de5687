/* test_stft - power of frames against SciPy, against theory, for every datatype and whichever way a recording is cut. */
#include "device/fft.h"

#include "npy.h"
#include "stft_run.h"

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
    const struct plan plan = {
        .stft = { .fft_size = row->fft_size,
                  .hop_samples = row->hop,
                  .window = window,
                  .first_sample = row->p_min * (int64_t)row->hop - row->fft_size / 2,
                  .frame_count = row->p_num,
                  .one_sided = real && row->sides == 1,
                  .raw = true },
        .rows = (uint32_t)row->p_num,
        .columns = (uint32_t)row->bins,
    };
    struct result result = run(capture, &plan);
    assert_int_equal(result.rows, row->p_num);
    assert_int_equal(result.columns, row->bins);

    float *kept = malloc(row->rows * row->bins * sizeof *kept);
    double *want = malloc(row->rows * row->bins * sizeof *want);
    for (size_t r = 0; r < row->rows; r++)
        for (size_t b = 0; b < row->bins; b++) {
            bool doubled = plan.stft.one_sided && b != 0 && 2 * b != row->fft_size;
            size_t at = r * row->bins + b;
            kept[at] = result.power[r * row->row_step * row->bins + b];
            want[at] = (expected.type == NPY_FLOAT64 ? ((double *)expected.data)[at] : (double)((float *)expected.data)[at])
                       * (doubled ? 2 : 1);
        }
    check_power(row->name, kept, want, row->rows, row->bins);
    free(want);
    free(kept);
    clear(&result);
    free(window);
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
    /* Other lengths are clFFT's whichever engine is asked for. */
    for (size_t i = 0; i < ROWS(rows); i++)
        if (!strcmp(engine, "clfft") || !(rows[i].fft_size & (rows[i].fft_size - 1)))
            check_scipy_case(&rows[i]);
}

static void a_tone_reads_its_level_at_its_bin_in_every_datatype(void **state)
{
    (void)state;
    /* Half of full scale, which at a quarter of the rate is stored exactly, even in 8 bits. */
    const double level_dbfs = 20 * log10(0.5);
    const struct signal_tone tone = { 250e3, level_dbfs };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 4096, .tones = &tone, .tone_count = 1 };
    /* Both engines read numbers by the same text, and the fused one is built anew for each type: every fourth, in its turn. */
    const size_t step = strcmp(engine, "clfft") ? 4 : 1;
    size_t count = 0;
    while (svi_datatypes[count].name)
        count++;
    for (size_t i = 0; i < count; i += step) {
        const struct svi_datatype *type = &svi_datatypes[i];
        struct svi_capture *capture = capture_of_signal(&signal, type->name, 1);
        float *window;
        struct svi_window_gain gain;
        struct plan plan = plain_plan(capture, 64, 64, "hann", &window, &gain);
        bool real = plan.stft.one_sided = type->parts == 1;
        struct result result = run(capture, &plan);
        uint32_t bin = real ? 16 : 48;
        for (uint32_t row = 0; row < result.rows; row++) {
            double level_db = 10 * log10((double)result.power[row * result.columns + bin] / (gain.sum * gain.sum));
            /* A real tone has half the power of a complex one of the same amplitude. */
            check_near(level_db, real ? level_dbfs - 10 * log10(2) : level_dbfs, 0.01);
        }
        clear(&result);
        free(window);
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
        struct plan plan = plain_plan(capture, rows[i].fft_size, rows[i].fft_size / 2, "blackmanharris", &window, &gain);
        struct result result = run(capture, &plan);
        uint32_t best = 0;
        for (uint32_t bin = 0; bin < result.bins; bin++)
            if (result.power[bin] > result.power[best])
                best = bin;
        if (best != rows[i].bin)
            fail_msg("%s: bin %u, not %u", rows[i].what, best, rows[i].bin);
        check_near(10 * log10((double)result.power[best] / (gain.sum * gain.sum)), rows[i].level_db, 0.01);
        clear(&result);
        free(window);
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
        struct plan plan = plain_plan(capture, 512, 256, windows[i], &window, &gain);
        plan.reduction = SVI_REDUCE_MEAN;
        plan.rows = plan.columns = 1;
        struct result result = run(capture, &plan);
        double mean = (double)result.power[0], by_spectrum = 0;
        for (uint32_t bin = 0; bin < result.bins; bin++)
            by_spectrum += result.spectrum.mean[bin] / result.bins;
        check_near(10 * log10(mean / (signal.sample_rate_hz * gain.square_sum)), -110.0, 0.1);
        check_near(mean / by_spectrum, 1.0, 5e-6);
        clear(&result);
        free(window);
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
    struct plan plan = plain_plan(capture, 64, 16, "hann", &window, &gain);
    const uint64_t frame_count = plan.stft.frame_count;
    struct result whole = run(capture, &plan);
    static const struct {
        uint32_t rows, columns, first_bin, bin_count;
    } cases[] = { { 1, 1, 0, 64 },    { 7, 64, 0, 64 },     { 100, 10, 0, 64 }, { 4370, 63, 0, 64 },
                  { 999, 33, 0, 64 }, { 5000, 100, 0, 64 }, { 50, 5, 3, 17 },   { 50, 50, 63, 1 } };
    for (size_t i = 0; i < ROWS(cases); i++)
        for (enum svi_reduction reduction = SVI_REDUCE_MAX; reduction <= SVI_REDUCE_MIN; reduction++) {
            plan.rows = cases[i].rows;
            plan.columns = cases[i].columns;
            plan.first_bin = cases[i].first_bin;
            plan.bin_count = cases[i].bin_count;
            plan.reduction = reduction;
            struct result result = run(capture, &plan);
            size_t count = (size_t)result.rows * result.columns;
            double *expected = calloc(count, sizeof *expected), *entered = calloc(count, sizeof *entered);
            assert_true(expected && entered);
            for (uint64_t frame = 0; frame < frame_count; frame++)
                for (uint32_t bin = 0; bin < plan.bin_count; bin++) {
                    size_t row = (size_t)(frame * result.rows / frame_count),
                           column = (size_t)bin * result.columns / plan.bin_count;
                    size_t at = row * result.columns + column;
                    double p = (double)whole.power[frame * whole.bins + plan.first_bin + bin];
                    double so_far = expected[at];
                    expected[at] = entered[at] == 0               ? p
                                   : reduction == SVI_REDUCE_MEAN ? so_far + p
                                   : reduction == SVI_REDUCE_MAX  ? fmax(so_far, p)
                                                                  : fmin(so_far, p);
                    entered[at]++;
                }
            for (size_t c = 0; c < count; c++)
                check_near((double)result.power[c] * (reduction == SVI_REDUCE_MEAN ? entered[c] : 1), expected[c],
                           5e-6 * expected[c]);
            free(entered);
            free(expected);
            clear(&result);
        }
    for (uint32_t bin = 0; bin < whole.bins; bin++) {
        double least = INFINITY, largest = 0;
        for (uint64_t frame = 0; frame < frame_count; frame++) {
            least = fmin(least, (double)whole.power[frame * whole.bins + bin]);
            largest = fmax(largest, (double)whole.power[frame * whole.bins + bin]);
        }
        check_near(whole.spectrum.min[bin], least, 5e-6 * least);
        check_near(whole.spectrum.max[bin], largest, 5e-6 * largest);
    }
    clear(&whole);
    free(window);
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
        struct plan plan = plain_plan(capture, 1000, 500, "flattop", &window, &gain);
        plan.stft.channel = channel;
        struct result result = run(capture, &plan);
        check_near(10 * log10((double)result.power[300 + 125 * channel] / (gain.sum * gain.sum)), -6.0, 0.01);
        clear(&result);
        free(window);
    }
    svi_capture_close(capture);
}

/* The fused engine against clFFT: every length, frames close together, apart and padded, one side and two. */
struct agreement {
    uint32_t fft_size, hop;
    unsigned channels;
    int64_t first_sample;
    const char *datatype;
};

static const struct agreement agreements[] = {
    { 16, 1, 1, 0, "ci16_le" },          { 16, 16, 1, -8, "ri16_le" },     { 16, 70001, 1, 0, "ci16_le" },
    { 32, 24, 3, -31, "ci16_le" },       { 32, 11, 1, 0, "ri16_le" },      { 64, 200, 1, 0, "ci16_le" },
    { 128, 50, 1, 5, "ci16_le" },        { 256, 128, 1, -255, "ci16_le" }, { 512, 512, 2, 0, "ci16_le" },
    { 1024, 333, 1, -512, "ci16_le" },   { 1024, 512, 1, 0, "ri16_le" },   { 2048, 1000, 1, 0, "ci16_le" },
    { 4096, 4096, 1, -2048, "ci16_le" }, { 8192, 100, 1, -1, "ci16_le" },  { 16384, 30000, 1, -16000, "ci16_le" },
};

static struct result run_agreement(const struct agreement *row, const char *with)
{
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 150000, .noise_power = 1e-3, .seed = row->fft_size + row->hop
    };
    struct svi_capture *capture = capture_of_signal(&signal, row->datatype, row->channels);
    float *window;
    struct svi_window_gain gain;
    struct plan plan = plain_plan(capture, row->fft_size, row->hop, "hann", &window, &gain);
    plan.stft.one_sided = row->datatype[0] == 'r';
    plan.stft.channel = row->channels - 1;
    plan.stft.first_sample = row->first_sample;
    plan.stft.frame_count++; /* the last one is padded, unless frames are far apart */
    plan.rows = 13;
    plan.reduction = SVI_REDUCE_MEAN;
    engine = with;
    struct result result = run(capture, &plan);
    free(window);
    svi_capture_close(capture);
    return result;
}

static void check_agreement(const struct agreement *row, const struct result *actual, const struct result *expected)
{
    const size_t count = (size_t)actual->rows * actual->columns;
    double mean = 0;
    for (size_t at = 0; at < count; at++)
        mean += (double)expected->power[at] / (double)count;
    for (size_t at = 0; at < count; at++)
        if (!(fabs((double)(actual->power[at] - expected->power[at])) <= 1e-5 * fmax((double)expected->power[at], mean)))
            fail_msg("length %u, hop %u, cell %zu: %g, not %g", row->fft_size, row->hop, at, (double)actual->power[at],
                     (double)expected->power[at]);
    for (uint32_t bin = 0; bin < actual->bins; bin++) {
        const struct svi_spectrum_power *got = &actual->spectrum, *want = &expected->spectrum;
        check_near(got->max[bin], want->max[bin], 1e-5 * want->max[bin]);
        check_near(got->min[bin], want->min[bin], 1e-5 * want->max[bin]);
        check_near(got->mean[bin], want->mean[bin], 1e-5 * want->mean[bin]);
    }
}

static void engines_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(agreements); i++) {
        struct result expected = run_agreement(&agreements[i], "clfft"), actual = run_agreement(&agreements[i], "fused");
        check_agreement(&agreements[i], &actual, &expected);
        clear(&expected);
        clear(&actual);
    }
}

/* Where a frame just fits into local memory, its halves go through it in turn; where there is more, together. */
static void engines_agree_whatever_local_memory_a_gpu_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(agreements); i++) {
        uint64_t least_bytes = 1024;
        svi_device_pretend(device, SVI_DEVICE_GPU, least_bytes);
        struct result expected = run_agreement(&agreements[i], "clfft");
        for (; !svi_fused_supports(device, agreements[i].fft_size); least_bytes += least_bytes / 8)
            svi_device_pretend(device, SVI_DEVICE_GPU, least_bytes);
        const uint64_t memories[] = { least_bytes, 2 * least_bytes };
        for (size_t m = 0; m < ROWS(memories); m++) {
            svi_device_pretend(device, SVI_DEVICE_GPU, memories[m]);
            struct result actual = run_agreement(&agreements[i], "fused");
            check_agreement(&agreements[i], &actual, &expected);
            clear(&actual);
        }
        clear(&expected);
    }
}

/* Two transforms of one length share a plan, each with a window of its own; a third has other frames. All in one pass give what
 * each gives alone. */
static void one_pass_serves_several_transforms(void **state)
{
    (void)state;
    static const struct {
        uint32_t fft_size, hop;
        const char *window;
    } rows[] = { { 128, 64, "hann" }, { 128, 128, "flattop" }, { 1000, 3000, "rect" } };
    enum { COUNT = ROWS(rows) };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 3000000, .noise_power = 1e-3, .seed = 2 };
    struct svi_capture *capture = capture_of_signal(&signal, "cf64_le", 1);
    struct svi_error err = { 0 };
    struct svi_pass_cost cost;
    struct plan plans[COUNT];
    float *windows[COUNT];
    struct svi_stft *stfts[COUNT];
    struct svi_spectrum *spectra[COUNT];
    struct svi_taker takers[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct svi_window_gain gain;
        plans[i] = plain_plan(capture, rows[i].fft_size, rows[i].hop, rows[i].window, &windows[i], &gain);
        plans[i].rows = plans[i].columns = 10;
        plans[i].stft.engine = engine_for(rows[i].fft_size);
        check_ok(svi_stft_create(&stfts[i], device, capture, &plans[i].stft, &err), err);
        check_ok(svi_spectrum_create(&spectra[i], device, rows[i].fft_size, &err), err);
        check_ok(svi_stft_feed(stfts[i], svi_spectrum_accumulator(spectra[i]), &err), err);
        takers[i] = svi_stft_taker(stfts[i]);
    }
    check_ok(svi_pass_run(device, capture, takers, COUNT, NULL, NULL, &cost, &err), err);
    /* 48 MB in blocks of 32 MiB that overlap a little. */
    assert_in_range(cost.bytes_read, 48000000, 49000000);
    for (size_t i = 0; i < COUNT; i++) {
        struct svi_spectrum_power together;
        check_ok(svi_spectrum_read(spectra[i], &together, &err), err);
        struct result alone = run(capture, &plans[i]);
        for (size_t bin = 0; bin < rows[i].fft_size; bin++) {
            check_near(together.mean[bin], alone.spectrum.mean[bin], 1e-6 * alone.spectrum.mean[bin]);
            check_near(together.max[bin], alone.spectrum.max[bin], 0);
        }
        clear(&alone);
        svi_spectrum_power_clear(&together);
        svi_spectrum_destroy(spectra[i]);
        svi_stft_destroy(stfts[i]);
        free(windows[i]);
    }
    svi_capture_close(capture);
}

/* However a recording is cut into blocks, each frame has the same power, and those that touch a gap are left out. */
static void blocks_of_any_size_give_the_same(void **state)
{
    (void)state;
    static const struct svi_gap gaps[] = { { 1000, 7 }, { 30000, 5000 } };
    static const size_t blocks[] = { 1, 1 << 12, 1 << 15, 100001, 1 << 18 };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 60000, .noise_power = 1e-3, .seed = 8 };
    struct svi_capture *capture = capture_of_signal(&signal, "cf32_le", 1);
    struct svi_recording *recording = (struct svi_recording *)(uintptr_t)svi_capture_recording(capture);
    recording->gaps = gaps;
    recording->gap_count = ROWS(gaps);
    float *window;
    struct svi_window_gain gain;
    struct plan plan = plain_plan(capture, 256, 128, "hann", &window, &gain);
    struct result whole = run(capture, &plan);
    const size_t count = (size_t)whole.rows * whole.columns;
    assert_in_range(whole.frames, 1, whole.rows - 40);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        struct result cut = run_in_blocks(capture, &plan, blocks[b]);
        assert_memory_equal(cut.power, whole.power, count * sizeof *cut.power);
        assert_int_equal(cut.frames, whole.frames);
        for (uint32_t bin = 0; bin < whole.bins; bin++) {
            check_near(cut.spectrum.max[bin], whole.spectrum.max[bin], 0);
            check_near(cut.spectrum.min[bin], whole.spectrum.min[bin], 0);
            check_near(cut.spectrum.mean[bin], whole.spectrum.mean[bin], 1e-6 * whole.spectrum.mean[bin]);
        }
        clear(&cut);
    }
    clear(&whole);
    free(window);
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
    struct plan plan = plain_plan(capture, 256, 1, "rect", &window, &gain);
    struct svi_error err = { 0 };
    struct svi_stft *stft;
    struct svi_pass_cost cost;
    double share = -1;
    check_ok(svi_stft_create(&stft, device, capture, &plan.stft, &err), err);
    const struct svi_taker taker = svi_stft_taker(stft);
    assert_false(svi_pass_run(device, capture, &taker, 1, stop_at_once, &share, &cost, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
    assert_true(share >= 0 && share < 1);
    svi_stft_destroy(stft);
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
        cmocka_unit_test(one_pass_serves_several_transforms),
        cmocka_unit_test(blocks_of_any_size_give_the_same),
        cmocka_unit_test(a_job_can_be_cancelled),
        cmocka_unit_test(lengths_that_cannot_be_done_name_their_neighbours),
    };
    int failed = 0;
    RUN_WITH_BOTH_ENGINES(tests, failed)
    const struct CMUnitTest agreement[] = {
        cmocka_unit_test(engines_agree),
        cmocka_unit_test(engines_agree_whatever_local_memory_a_gpu_has),
    };
    return failed + cmocka_run_group_tests_name("both", agreement, open_device, close_device);
}
