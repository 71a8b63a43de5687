/* test_level_counts - the counts of a persistence spectrum, to the count, against the same in plain C. */
#include "device/level_counts.h"

#include "device/cells.h"
#include "device/opencl.h"

#include <math.h>

#include "check.h"
#include "signals.h"
#include "with_device.h"

enum { LENGTH = 256, HOP = 192 };

/* Keeps the power of all frames as the device made it. */
struct keeper {
    float *power;
    size_t frames;
};

static bool keep(void *self, const struct svi_power_batch *batch, struct svi_error *err)
{
    struct keeper *keeper = self;
    keeper->power = realloc(keeper->power, (keeper->frames + batch->frames) * LENGTH * sizeof *keeper->power);
    assert_non_null(keeper->power);
    bool ok = svi_mem_read(device, keeper->power + keeper->frames * LENGTH, batch->power, batch->frames * LENGTH * sizeof(float),
                           err);
    keeper->frames += batch->frames;
    return ok;
}

static void check_counts(const struct svi_level_counts_request *request, const struct keeper *keeper, const uint32_t *counts,
                         uint32_t columns)
{
    uint32_t *expected = calloc((request->steps + 2) * (size_t)columns, sizeof *expected);
    float *edges = malloc((request->steps + 1) * sizeof *edges);
    assert_non_null(expected);
    assert_non_null(edges);
    for (uint32_t i = 0; i <= request->steps; i++)
        edges[i] = svi_level_counts_edge(request, i);
    for (size_t frame = 0; frame < keeper->frames; frame++)
        for (uint32_t bin = 0; bin < request->bin_count; bin++) {
            const float stored = keeper->power[frame * LENGTH + request->first_bin + bin];
            const float p = fmaxf(stored, (float)(request->least / request->gain));
            uint32_t place = 0;
            while (place <= request->steps && p >= edges[place])
                place++;
            expected[bin * columns / request->bin_count * (request->steps + 2) + place]++;
        }
    assert_memory_equal(counts, expected, (request->steps + 2) * (size_t)columns * sizeof *expected);
    free(edges);
    free(expected);
}

static void every_bin_of_every_frame_counts_once(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 250e3, 0 }, { -130e3, -50 } };
    const struct signal signal = {
        .sample_rate_hz = 1e6, .sample_count = 100000, .tones = tones, .tone_count = 2, .noise_power = 1e-7, .seed = 11
    };
    static const struct svi_level_counts_request requests[] = {
        { 0, LENGTH, LENGTH, 256, -130, 10, 1.0 / (LENGTH * LENGTH), 0 },
        { 0, LENGTH, 1000, 2400, -230, 70, 1, 0 },
        { 0, LENGTH, 10, 7, -80, -60, 1e-3, 1e-7 },
        { 5, 250, 237, 100, -100, -90, 1e-3, 0 },
        { 63, 1, 5, 1, -50, 0, 1e-4, 0 },
        { 0, LENGTH, 64, 4096, -430, 70, 1, 0 },  /* edges that are hardly floats */
        { 0, LENGTH, 64, 256, -1000, 100, 1, 0 }, /* or none */
    };
    struct svi_error err = { 0 };
    char path[600];
    check_ok(signal_write_sigmf(scratch_folder(), "counts", &signal, svi_datatype_find("cf32_le"), 1, NULL, &err), err);
    snprintf(path, sizeof path, "%s/counts.sigmf-meta", scratch_folder());
    const struct svi_file file = { path, "counts.sigmf-meta" };
    const struct svi_capture_request capture_request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &capture_request, &err), err);

    float window[LENGTH];
    for (size_t i = 0; i < LENGTH; i++)
        window[i] = (float)pow(sin(M_PI * (double)i / LENGTH), 2);
    const struct svi_stft_request request = {
        .fft_size = LENGTH, .hop_samples = HOP, .window = window, .frame_count = (signal.sample_count - LENGTH) / HOP + 1
    };
    struct keeper keeper = { 0 };
    struct svi_stft *stft;
    struct svi_level_counts *counts[ROWS(requests)];
    struct svi_pass_cost cost;
    check_ok(svi_stft_create(&stft, device, capture, &request, &err), err);
    check_ok(svi_stft_feed(stft, (struct svi_accumulator){ .self = &keeper, .add = keep }, &err), err);
    for (size_t i = 0; i < ROWS(requests); i++) {
        check_ok(svi_level_counts_create(&counts[i], device, &requests[i], &err), err);
        check_ok(svi_stft_feed(stft, svi_level_counts_accumulator(counts[i]), &err), err);
    }
    const struct svi_taker taker = svi_stft_taker(stft);
    check_ok(svi_pass_run(device, capture, &taker, 1, NULL, NULL, &cost, &err), err);
    assert_int_equal(keeper.frames, request.frame_count);
    for (size_t i = 0; i < ROWS(requests); i++) {
        uint32_t columns = svi_level_counts_columns(counts[i]);
        const size_t bytes = (requests[i].steps + 2) * (size_t)columns * sizeof(uint32_t);
        uint32_t *made = malloc(bytes);
        assert_non_null(made);
        check_ok(svi_mem_read(device, made, svi_level_counts_memory(counts[i]), bytes, &err), err);
        check_counts(&requests[i], &keeper, made, columns);
        free(made);
        svi_level_counts_destroy(counts[i]);
    }
    svi_stft_destroy(stft);
    svi_capture_close(capture);
    free(keeper.power);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bin_of_every_frame_counts_once),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
