/* stft_run.h - transforms of made-up recordings, for tests: by both engines, added up to a picture and a spectrum. */
#ifndef SVI_TESTS_STFT_RUN_H
#define SVI_TESTS_STFT_RUN_H

#include "base/file.h"
#include "capture/capture.h"
#include "device/cells.h"
#include "device/fused.h"
#include "device/opencl.h"
#include "device/spectrum.h"
#include "visual/window.h"

#include <math.h>

#include "check.h"
#include "signals.h"
#include "with_device.h"

/* Writes samples as they are, as a SigMF recording, and opens it. */
static inline struct svi_capture *capture_of(const char *name, const char *datatype, unsigned channels, double sample_rate_hz,
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

/* A transform, and the picture that its power is added up to. */
struct plan {
    struct svi_stft_request stft;
    uint32_t rows, columns;
    uint32_t first_bin, bin_count; /* 0: all */
    enum svi_reduction reduction;
};

struct result {
    uint32_t rows, columns, bins;
    float *power; /* [rows][columns], linear */
    struct svi_spectrum_power spectrum;
    uint64_t frames, lost;
};

/* Everything is asked of both engines, and of both forms of the fused one. Lengths that it cannot do are clFFT's. */
static const char *engine;

static inline const char *engine_for(uint32_t fft_size)
{
    return svi_fused_supports(device, fft_size) ? engine : "clfft";
}

static inline struct result run_in_blocks(struct svi_capture *capture, const struct plan *plan, size_t block_bytes)
{
    struct svi_error err = { 0 };
    struct svi_stft_request transform = plan->stft;
    transform.engine = engine_for(transform.fft_size);
    struct svi_stft *stft;
    struct svi_cells *cells;
    struct svi_spectrum *spectrum;
    struct svi_pass_cost cost;
    struct result result = { .bins = svi_stft_bins(plan->stft.fft_size, plan->stft.one_sided) };
    const struct svi_cells_request request = {
        .frame_count = plan->stft.frame_count,
        .first_bin = plan->first_bin,
        .bin_count = plan->bin_count ? plan->bin_count : result.bins,
        .rows = plan->rows,
        .columns = plan->columns,
        .reduction = plan->reduction,
    };
    check_ok(svi_stft_create(&stft, device, capture, &transform, &err), err);
    check_ok(svi_cells_create(&cells, device, &request, &err), err);
    check_ok(svi_spectrum_create(&spectrum, device, result.bins, &err), err);
    check_ok(svi_stft_feed(stft, svi_cells_accumulator(cells), &err), err);
    check_ok(svi_stft_feed(stft, svi_spectrum_accumulator(spectrum), &err), err);
    const struct svi_taker taker = svi_stft_taker(stft);
    check_ok(svi_pass_run_in_blocks(device, capture, block_bytes, &taker, 1, NULL, NULL, &cost, &err), err);

    result.rows = svi_cells_rows(cells);
    result.columns = svi_cells_columns(cells);
    const size_t count = (size_t)result.rows * result.columns;
    result.power = malloc(count * sizeof *result.power);
    assert_non_null(result.power);
    cl_mem level_db = svi_mem_create(device, CL_MEM_READ_WRITE, count * sizeof(cl_float), NULL, &err);
    check_ok(level_db && svi_cells_levels(cells, 1, 1e-30, level_db, &err), err);
    check_ok(svi_mem_read(device, result.power, level_db, count * sizeof(cl_float), &err), err);
    for (size_t i = 0; i < count; i++)
        result.power[i] = result.power[i] < -299 ? 0.0f : (float)pow(10, (double)result.power[i] / 10);
    check_ok(svi_spectrum_read(spectrum, &result.spectrum, &err), err);
    result.frames = svi_spectrum_frames(spectrum);
    result.lost = svi_spectrum_lost(spectrum);
    svi_mem_release(level_db);
    svi_spectrum_destroy(spectrum);
    svi_cells_destroy(cells);
    svi_stft_destroy(stft);
    return result;
}

static inline struct result run(struct svi_capture *capture, const struct plan *plan)
{
    return run_in_blocks(capture, plan, SVI_BLOCK_BYTES);
}

static inline void clear(struct result *result)
{
    free(result->power);
    svi_spectrum_power_clear(&result->spectrum);
}

static inline struct svi_capture *capture_of_signal(const struct signal *signal, const char *datatype, unsigned channels)
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
static inline struct plan plain_plan(struct svi_capture *capture, uint32_t fft_size, uint32_t hop, const char *name, float **window,
                                     struct svi_window_gain *gain)
{
    *window = malloc(fft_size * sizeof **window);
    assert_true(svi_window_fill(name, fft_size / 8.0, fft_size, *window, gain));
    uint64_t samples = svi_capture_recording(capture)->sample_count;
    return (struct plan){
        .stft = { .fft_size = fft_size, .hop_samples = hop, .window = *window, .frame_count = (samples - fft_size) / hop + 1 },
        .rows = UINT32_MAX,
        .columns = UINT32_MAX,
    };
}

/* Runs the tests with each engine, and as on a GPU; the number of those that failed. */
#define RUN_WITH_BOTH_ENGINES(tests, failed)                                                                                       \
    for (size_t turn = 0; turn < 3; turn++) {                                                                                      \
        static const char *const names[] = { "clfft", "fused", "fused, as on a GPU" };                                             \
        engine = turn ? "fused" : "clfft";                                                                                         \
        (failed) += cmocka_run_group_tests_name(names[turn], tests, turn == 2 ? open_as_gpu : open_device, close_device);          \
    }

#endif
