/* test_stft_left_out - frames that touch a gap of the recording, or whose power is not finite, are left out of everything. */
#include <complex.h>

#include "device/sample_sums.h"

#include "stft_run.h"

/* Frames that touch a gap are left out, whatever samples stand there; a row of nothing but such frames has no level. */
static void frames_that_touch_gaps_are_left_out(void **state)
{
    (void)state;
    static const struct svi_gap gaps[] = { { 0, 1 }, { 5000, 3000 }, { 9000, 10 }, { 19999, 1 } };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 20000, .noise_power = 1e-3, .seed = 4 };
    struct svi_capture *capture = capture_of_signal(&signal, "cf32_le", 1);
    float *window;
    struct svi_window_gain gain;
    struct plan plan = plain_plan(capture, 100, 50, "rect", &window, &gain);
    struct result whole = run(capture, &plan);
    /* A recording with gaps, whatever its format. */
    struct svi_recording *recording = (struct svi_recording *)(uintptr_t)svi_capture_recording(capture);
    recording->gaps = gaps;
    recording->gap_count = ROWS(gaps);
    struct result with_gaps = run(capture, &plan);
    plan.rows = 30;
    plan.columns = 10;
    plan.reduction = SVI_REDUCE_MEAN;
    struct result reduced = run(capture, &plan);

    double mean[100] = { 0 }, cells[30][10] = { { 0 } };
    size_t left = 0, entered[30] = { 0 };
    for (size_t frame = 0; frame < whole.rows; frame++) {
        bool in_gap = false;
        for (size_t g = 0; g < ROWS(gaps); g++)
            in_gap |= gaps[g].first_sample < frame * 50 + 100 && gaps[g].first_sample + gaps[g].sample_count > frame * 50;
        left += !in_gap;
        entered[frame * 30 / whole.rows] += !in_gap;
        for (size_t bin = 0; bin < 100; bin++) {
            double p = (double)whole.power[frame * 100 + bin];
            assert_int_equal(isnan(with_gaps.power[frame * 100 + bin]) != 0, in_gap);
            if (in_gap)
                continue;
            check_near((double)with_gaps.power[frame * 100 + bin], p, 0);
            mean[bin] += p;
            cells[frame * 30 / whole.rows][bin / 10] += p / 10;
        }
    }
    assert_in_range(left, 320, 340);
    for (size_t bin = 0; bin < 100; bin++)
        check_near(with_gaps.spectrum.mean[bin], mean[bin] / (double)left, 1e-5 * mean[bin] / (double)left);
    for (size_t row = 0; row < 30; row++)
        for (size_t column = 0; column < 10; column++) {
            double expected = cells[row][column] / (double)entered[row], got = (double)reduced.power[row * 10 + column];
            assert_int_equal(isnan(got) != 0, entered[row] == 0);
            if (entered[row])
                check_near(got, expected, 1e-5 * expected);
        }
    clear(&reduced);
    clear(&with_gaps);
    clear(&whole);
    free(window);
    svi_capture_close(capture);
}

static bool spoils(double complex sample, const struct svi_datatype *datatype)
{
    return !isfinite(creal(sample)) || creal(sample) > 1e10 || (datatype->parts == 2 && !isfinite(cimag(sample)));
}

/* Frames whose power is not finite in some bin are left out, of the others nothing changes. 0 times infinity is no number. */
static void check_lost_frames(uint32_t length)
{
    enum { SAMPLES = 20000 };
    const size_t hop = length / 2, all_frames = (SAMPLES - length) / hop + 1;
    static const struct {
        size_t first, count;
        double complex sample;
    } odd[] = { { 7, 1, NAN },        { 3333, 1, CMPLX(0, INFINITY) }, { 5001, 2, -INFINITY }, { 9000, 1, 3e30 },
                { 12000, 128, 1e20 }, { 19999, 1, CMPLX(1, NAN) } };
    static const char *const datatypes[] = { "cf32_be", "cf64_le", "rf64_be", "rf32_le" };
    static const struct svi_gap gap = { 14000, 500 };
    for (size_t d = 0; d < ROWS(datatypes); d++) {
        const struct svi_datatype *datatype = svi_datatype_find(datatypes[d]);
        const size_t bytes = svi_datatype_bytes(datatype);
        const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = SAMPLES, .noise_power = 1e-3, .seed = 4 };
        uint8_t *samples = malloc(SAMPLES * bytes);
        assert_non_null(samples);
        for (size_t i = 0; i < SAMPLES; i++)
            signal_encode(samples + i * bytes, datatype, signal_sample(&signal, 0, i));
        float *window;
        struct svi_window_gain gain;
        struct svi_capture *capture = capture_of("clean", datatypes[d], 1, 1e6, samples, SAMPLES * bytes);
        struct plan plan = plain_plan(capture, length, length / 2, "hann", &window, &gain);
        struct result clean = run(capture, &plan);
        svi_capture_close(capture);
        assert_int_equal(clean.frames, all_frames);
        assert_int_equal(clean.lost, 0);
        for (size_t o = 0; o < ROWS(odd); o++)
            for (size_t i = odd[o].first; i < odd[o].first + odd[o].count && spoils(odd[o].sample, datatype); i++)
                signal_encode(samples + i * bytes, datatype, odd[o].sample);
        capture = capture_of("odd", datatypes[d], 1, 1e6, samples, SAMPLES * bytes);
        struct svi_recording *recording = (struct svi_recording *)(uintptr_t)svi_capture_recording(capture);
        recording->gaps = &gap;
        recording->gap_count = 1;
        struct result with_odd = run(capture, &plan);
        plan.rows = 30;
        plan.columns = 1;
        plan.reduction = SVI_REDUCE_MEAN;
        struct result reduced = run(capture, &plan);

        size_t kept = 0, lost = 0, entered[30] = { 0 };
        double mean[128] = { 0 }, cells[30] = { 0 };
        for (size_t frame = 0; frame < all_frames; frame++) {
            const bool in_gap = frame * hop < 14500 && frame * hop + length > 14000;
            bool spoilt = false;
            for (size_t o = 0; o < ROWS(odd); o++)
                spoilt |= odd[o].first < frame * hop + length && odd[o].first + odd[o].count > frame * hop
                          && !(isfinite(creal(odd[o].sample)) && isfinite(cimag(odd[o].sample)) && odd[o].first == frame * hop
                               && odd[o].count == 1)
                          && spoils(odd[o].sample, datatype);
            kept += !in_gap && !spoilt;
            lost += !in_gap && spoilt;
            for (size_t bin = 0; bin < with_odd.bins; bin++) {
                const float p = with_odd.power[frame * with_odd.bins + bin];
                if (in_gap || spoilt) {
                    assert_true(isnan(p));
                    continue;
                }
                check_near((double)p, (double)clean.power[frame * with_odd.bins + bin], 0);
                mean[bin] += (double)p;
                cells[frame * 30 / all_frames] += (double)p / with_odd.bins;
            }
            entered[frame * 30 / all_frames] += !in_gap && !spoilt;
        }
        assert_int_equal(with_odd.frames, kept);
        assert_int_equal(with_odd.lost, lost);
        assert_in_range(lost, 6, 16);
        for (size_t bin = 0; bin < with_odd.bins; bin++)
            check_near(with_odd.spectrum.mean[bin], mean[bin] / (double)kept, 1e-5 * mean[bin] / (double)kept);
        for (size_t row = 0; row < 30; row++)
            check_near((double)reduced.power[row], cells[row] / (double)entered[row], 1e-5 * cells[row] / (double)entered[row]);
        clear(&reduced);
        clear(&with_odd);
        clear(&clean);
        free(window);
        free(samples);
        svi_capture_close(capture);
    }
}

static void frames_whose_power_is_not_finite_are_left_out(void **state)
{
    (void)state;
    check_lost_frames(100);
    check_lost_frames(128);
}

static uint32_t any_below(uint32_t *state, uint32_t limit)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % limit;
}

/* One pass with two transforms at paces of their own; the count relies on the first. */
static struct svi_sample_statistics count_beside(struct svi_capture *capture, uint32_t channel, uint32_t *state)
{
    const int64_t all = (int64_t)svi_capture_recording(capture)->sample_count;
    const struct svi_sample_sums_request request = { .channel = channel, .only_count = true };
    struct svi_error err = { 0 };
    struct svi_stft *stfts[2];
    struct svi_taker takers[3];
    float *windows[2];
    struct svi_window_gain gain;
    for (size_t i = 0; i < 2; i++) {
        const uint32_t length = 64 << any_below(state, 2), hop = 1 + any_below(state, 2 * length);
        struct plan plan = plain_plan(capture, length, hop, i ? "rect" : "hann", &windows[i], &gain);
        plan.stft.first_sample = (int64_t)any_below(state, 300) - 200;
        plan.stft.frame_count = 1 + any_below(state, (uint32_t)(all / hop + 4));
        plan.stft.channel = channel;
        plan.stft.engine = engine;
        check_ok(svi_stft_create(&stfts[i], device, capture, &plan.stft, &err), err);
        takers[i] = svi_stft_taker(stfts[i]);
    }
    struct svi_sample_sums *sums;
    check_ok(svi_sample_sums_create(&sums, device, svi_capture_recording(capture), &request, &err), err);
    svi_sample_sums_rely_on(sums, stfts[0]);
    takers[2] = svi_sample_sums_taker(sums);
    struct svi_pass_cost cost;
    struct svi_sample_statistics made;
    check_ok(svi_pass_run_in_blocks(device, capture, 256 + any_below(state, 30000), takers, 3, NULL, NULL, &cost, &err), err);
    check_ok(svi_sample_sums_read(sums, &made, &err), err);
    svi_sample_sums_destroy(sums);
    for (size_t i = 0; i < 2; i++) {
        svi_stft_destroy(stfts[i]);
        free(windows[i]);
    }
    return made;
}

/* Whatever frames hold them, and whether any does. */
static void finite_samples_are_counted_beside_transforms(void **unused)
{
    (void)unused;
    enum { ROUNDS = 100, MOST_SAMPLES = 4000 };
    static float samples[MOST_SAMPLES * 2][2];
    uint32_t state = 7;
    for (size_t round = 0; round < ROUNDS; round++) {
        const uint32_t channels = 1 + any_below(&state, 2), channel = any_below(&state, channels);
        const uint32_t count = round % 8 ? 300 + any_below(&state, MOST_SAMPLES - 300) : 1 + any_below(&state, 100);
        const struct svi_gap gap = { any_below(&state, count), 1 };
        for (size_t i = 0; i < count * channels; i++)
            samples[i][0] = samples[i][1] = 0.5f;
        for (uint32_t odd = any_below(&state, 4); odd; odd--) {
            const uint64_t beside = gap.first_sample + 20, at = odd == 1 && beside < count ? beside : any_below(&state, count);
            samples[at * channels + channel][odd % 2] = odd % 2 ? NAN : -INFINITY;
        }
        struct svi_capture *capture = capture_of("counted", "cf32_le", channels, 1e6, samples, count * channels * sizeof *samples);
        struct svi_recording *recording = (struct svi_recording *)(uintptr_t)svi_capture_recording(capture);
        recording->gaps = &gap;
        recording->gap_count = round % 2 == 0 && count > 1;
        uint64_t finite = 0, others = 0;
        for (size_t i = 0; i < count; i++) {
            const float *sample = samples[i * channels + channel];
            const bool is_finite = isfinite(sample[0]) && isfinite(sample[1]),
                       in_gap = recording->gap_count && i == gap.first_sample;
            finite += !in_gap && is_finite;
            others += !in_gap && !is_finite;
        }
        const struct svi_sample_statistics made = count_beside(capture, channel, &state);
        assert_int_equal(made.finite, finite);
        assert_int_equal(made.not_finite, others);
        svi_capture_close(capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_touch_gaps_are_left_out),
        cmocka_unit_test(frames_whose_power_is_not_finite_are_left_out),
        cmocka_unit_test(finite_samples_are_counted_beside_transforms),
    };
    int failed = 0;
    RUN_WITH_BOTH_ENGINES(tests, failed)
    return failed;
}
