#include "device/stft.h"

#include "base/stopwatch.h"
#include "device/fft.h"
#include "device/launch.h"
#include "device/stream.h"

#include <stdlib.h>
#include <string.h>

/* Batches in the queue before the host looks up: for progress, cancellation, and an end to what the driver has to remember. */
enum { BATCHES_IN_FLIGHT = 16 };

uint32_t svi_stft_bins(uint32_t fft_size, bool one_sided)
{
    return one_sided ? fft_size / 2 + 1 : fft_size;
}

/* The first of `total` items that falls into this of `shares` shares; the same rule as in accumulate_cells.cl. */
static uint64_t share_of(uint64_t item, uint64_t total, uint64_t shares)
{
    return item * shares / total;
}

/* Frames of one launch: as many as the plan takes, but their samples must fit into one block. */
static uint32_t frames_per_launch(const struct svi_stft_request *request, const struct svi_fft *fft, size_t sample_bytes)
{
    uint64_t block_samples = SVI_BLOCK_BYTES / sample_bytes;
    uint64_t fitting = block_samples > request->fft_size ? (block_samples - request->fft_size) / request->hop_samples + 1 : 1;
    uint32_t batch = svi_fft_batch(fft);
    return fitting < batch ? (uint32_t)fitting : batch;
}

/* Enqueues the transforms of frames [first, first + frames). */
static bool transform(struct svi_device *device, struct svi_stream *stream, struct svi_fft *fft,
                      const struct svi_recording *recording, const struct svi_stft_request *request, uint64_t first_frame,
                      uint32_t frames, struct svi_error *err)
{
    int64_t begin = request->first_sample + (int64_t)(first_frame * request->hop_samples);
    int64_t end = begin + (int64_t)(frames - 1) * request->hop_samples + request->fft_size;
    int64_t all = (int64_t)recording->sample_count;
    int64_t inside_begin = begin < 0 ? 0 : begin < all ? begin : all - 1;
    int64_t inside_end = end > all ? all : end > inside_begin ? end : inside_begin + 1;

    struct svi_block block;
    if (!svi_stream_fetch(stream, (uint64_t)inside_begin, (uint64_t)(inside_end - inside_begin), &block, err))
        return false;
    const struct svi_fft_frames place = {
        .first = (int32_t)(begin - (int64_t)block.first_sample),
        .hop = (int32_t)request->hop_samples,
        .samples = (int32_t)block.sample_count,
        .channels = recording->channels,
        .channel = request->channel,
        .raw = request->raw,
        .frames = frames,
    };
    return svi_fft_launch(device, fft, block.samples, &place, err);
}

/* Enqueues what brings the power of a batch into cells and spectrum. */
static bool accumulate(struct svi_device *device, const struct svi_stft_result *result, const struct svi_fft *fft, cl_mem spectrum,
                       uint64_t first_frame, uint32_t frames, struct svi_error *err)
{
    uint32_t first_row = (uint32_t)share_of(first_frame, result->frame_count, result->rows);
    uint32_t last_row = (uint32_t)share_of(first_frame + frames - 1, result->frame_count, result->rows);
    cl_mem power = svi_fft_power(fft);
    return svi_launch(device, "accumulate_cells", ((const size_t[2]){ result->columns, last_row - first_row + 1 }), err,
                      SVI_MEM(power), SVI_MEM(result->cells), SVI_U64(first_frame), SVI_U32(frames), SVI_U64(result->frame_count),
                      SVI_U32(result->rows), SVI_U32(first_row), SVI_U32(result->bins), SVI_U32(result->columns),
                      SVI_U32(result->reduction == SVI_REDUCE_MEAN))
           && svi_launch(device, "accumulate_spectrum", ((const size_t[2]){ result->bins, 1 }), err, SVI_MEM(power),
                         SVI_MEM(spectrum), SVI_U32(frames), SVI_U32(result->bins));
}

static bool read_spectrum(struct svi_device *device, struct svi_stft_result *result, cl_mem spectrum, struct svi_error *err)
{
    const size_t bins = result->bins, bytes = 3 * bins * sizeof(float);
    float *values = malloc(bytes);
    result->mean_power = calloc(bins, sizeof *result->mean_power);
    result->max_power = calloc(bins, sizeof *result->max_power);
    bool ok = (values && result->mean_power && result->max_power) || svi_fail_memory(err, bytes);
    ok = ok && svi_mem_read(device, values, spectrum, bytes, err);
    for (size_t i = 0; ok && i < bins; i++) {
        result->mean_power[i] = ((double)values[i] + (double)values[bins + i]) / (double)result->frame_count;
        result->max_power[i] = (double)values[2 * bins + i];
    }
    free(values);
    return ok;
}

static bool check_request(const struct svi_recording *recording, const struct svi_stft_request *request, const char *engine,
                          struct svi_error *err)
{
    if (engine && strcmp(engine, "auto") != 0 && strcmp(engine, "clfft") != 0)
        return svi_fail(err, SVI_BAD_PARAMETER, "There is no STFT engine \"%s\"; there is: auto, clfft.", engine);
    bool sane = svi_fft_supports(request->fft_size) && request->hop_samples && request->hop_samples <= INT32_MAX
                && request->frame_count && request->channel < recording->channels && request->rows && request->columns;
    return sane || svi_fail(err, SVI_BUG, "The transform was asked for in an impossible way.");
}

bool svi_stft_run(struct svi_stft_result *out, struct svi_device *device, struct svi_capture *capture,
                  const struct svi_stft_request *request, const char *engine, svi_stft_progress *progress, void *progress_self,
                  struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    *out = (struct svi_stft_result){ 0 };
    if (!check_request(recording, request, engine, err))
        return false;
    const double start_s = svi_now_s();
    const uint32_t bins = svi_stft_bins(request->fft_size, request->one_sided);
    *out = (struct svi_stft_result){
        .rows = request->frame_count < request->rows ? (uint32_t)request->frame_count : request->rows,
        .columns = bins < request->columns ? bins : request->columns,
        .bins = bins,
        .frame_count = request->frame_count,
        .reduction = request->reduction,
        .engine = "clfft",
    };
    const size_t cell_bytes = (size_t)out->rows * out->columns * sizeof(cl_float2), spectrum_bytes = 3 * bins * sizeof(cl_float);
    struct svi_fft *fft = NULL;
    struct svi_stream *stream = NULL;
    cl_mem spectrum = NULL;

    bool ok = svi_fft_plan(device, request->fft_size, recording->datatype, request->one_sided, &fft, err)
              && svi_fft_window(device, fft, request->window, err)
              && svi_stream_open(&stream, device, capture, SVI_BLOCK_BYTES, err)
              && (out->cells = svi_mem_create(device, CL_MEM_READ_WRITE, cell_bytes, NULL, err))
              && (spectrum = svi_mem_create(device, CL_MEM_READ_WRITE, spectrum_bytes, NULL, err))
              && svi_mem_fill_zero(device, out->cells, cell_bytes, err) && svi_mem_fill_zero(device, spectrum, spectrum_bytes, err);

    const uint32_t batch = ok ? frames_per_launch(request, fft, svi_datatype_bytes(recording->datatype) * recording->channels) : 0;
    unsigned in_flight = 0;
    for (uint64_t first = 0; ok && first < request->frame_count; first += batch) {
        uint64_t left = request->frame_count - first;
        uint32_t frames = left < batch ? (uint32_t)left : batch;
        ok = transform(device, stream, fft, recording, request, first, frames, err)
             && accumulate(device, out, fft, spectrum, first, frames, err);
        if (ok && ++in_flight == BATCHES_IN_FLIGHT) {
            in_flight = 0;
            ok = svi_device_finish(device, err);
            if (ok && progress && !progress(progress_self, (double)(first + frames) / (double)request->frame_count))
                ok = svi_fail(err, SVI_CANCELLED, "The job was cancelled.");
        }
    }
    ok = ok && read_spectrum(device, out, spectrum, err);
    if (stream) {
        out->bytes_read = svi_stream_bytes_read(stream);
        out->read_s = svi_stream_read_s(stream);
        out->upload_s = svi_stream_upload_s(stream);
        out->compute_s = svi_now_s() - start_s - out->read_s - out->upload_s;
    }
    svi_stream_close(stream);
    svi_mem_release(spectrum);
    if (!ok)
        svi_stft_clear(out);
    return ok;
}

void svi_stft_clear(struct svi_stft_result *result)
{
    svi_mem_release(result->cells);
    free(result->mean_power);
    free(result->max_power);
    *result = (struct svi_stft_result){ 0 };
}

bool svi_stft_levels(struct svi_device *device, const struct svi_stft_result *result, double gain, double least, cl_mem level_db,
                     struct svi_error *err)
{
    return svi_launch(device, "cells_to_db", ((const size_t[2]){ result->columns, result->rows }), err, SVI_MEM(result->cells),
                      SVI_MEM(level_db), SVI_U64(result->frame_count), SVI_U32(result->rows), SVI_U32(result->bins),
                      SVI_U32(result->columns), SVI_U32(result->reduction == SVI_REDUCE_MEAN), SVI_F32((float)gain),
                      SVI_F32((float)least));
}
