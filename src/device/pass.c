#include "device/pass.h"

#include "base/stopwatch.h"

/* The taker that is furthest behind, NULL where none wants more. So all stay near one place of the recording, and a block that has
 * left is not needed again. */
static const struct svi_taker *furthest_behind(const struct svi_taker *takers, size_t taker_count, uint64_t *first, uint64_t *count)
{
    const struct svi_taker *last = NULL;
    for (size_t i = 0; i < taker_count; i++) {
        uint64_t its_first, its_count;
        if (!takers[i].wants(takers[i].self, &its_first, &its_count) || (last && its_first >= *first))
            continue;
        last = &takers[i];
        *first = its_first;
        *count = its_count;
    }
    return last;
}

bool svi_pass_run(struct svi_device *device, struct svi_capture *capture, const struct svi_taker *takers, size_t taker_count,
                  svi_pass_progress *progress, void *progress_self, struct svi_pass_cost *cost, struct svi_error *err)
{
    const double start_s = svi_now_s(), all = (double)svi_capture_recording(capture)->sample_count;
    struct svi_stream *stream = NULL;
    bool ok = svi_stream_open(&stream, device, capture, SVI_BLOCK_BYTES, err);
    uint64_t first = 0, count = 0;
    const struct svi_taker *taker;
    while (ok && (taker = furthest_behind(takers, taker_count, &first, &count))) {
        struct svi_block block;
        ok = svi_stream_fetch(stream, first, count, &block, err) && taker->take(taker->self, &block, err)
             && svi_device_finish(device, err);
        if (ok && progress && !progress(progress_self, (double)first / all))
            ok = svi_fail(err, SVI_CANCELLED, "The job was cancelled.");
    }
    if (stream) {
        cost->bytes_read = svi_stream_bytes_read(stream);
        cost->read_s = svi_stream_read_s(stream);
        cost->upload_s = svi_stream_upload_s(stream);
        cost->compute_s = svi_now_s() - start_s - cost->read_s - cost->upload_s;
    }
    svi_stream_close(stream);
    return ok;
}
