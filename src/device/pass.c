#include "device/pass.h"

#include "base/stopwatch.h"
#include "device/program.h"
#include "device/queue_mark.h"

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

enum { TURNS_AHEAD = 2 };

/* The turns that were enqueued last: each one's mark stands behind all of it. */
struct turns {
    struct svi_device *device;
    struct svi_queue_mark ends[TURNS_AHEAD];
    size_t next;
};

/* While the device works, the host makes a program that will be needed later. */
static bool end_turn(struct turns *turns, struct svi_error *err)
{
    struct svi_queue_mark *end = &turns->ends[turns->next++ % TURNS_AHEAD];
    if (!svi_queue_mark_wait(end, err) || !svi_queue_mark_set(end, turns->device, err))
        return false;
    svi_program_prepare(turns->device);
    return true;
}

static bool end_all_turns(struct turns *turns, bool ok, struct svi_error *err)
{
    while (ok && svi_program_prepare(turns->device))
        ;
    for (size_t i = 0; i < TURNS_AHEAD; i++)
        ok = svi_queue_mark_wait(&turns->ends[turns->next++ % TURNS_AHEAD], err) && ok;
    return ok;
}

bool svi_pass_run_in_blocks(struct svi_device *device, struct svi_capture *capture, size_t block_bytes,
                            const struct svi_taker *takers, size_t taker_count, svi_pass_progress *progress, void *progress_self,
                            struct svi_pass_cost *cost, struct svi_error *err)
{
    const double start_s = svi_now_s(), all = (double)svi_capture_recording(capture)->sample_count;
    struct turns turns = { .device = device };
    struct svi_stream *stream = NULL;
    bool ok = svi_stream_open(&stream, device, capture, block_bytes, err);
    uint64_t first = 0, count = 0;
    const struct svi_taker *taker;
    while (ok && (taker = furthest_behind(takers, taker_count, &first, &count))) {
        struct svi_block block;
        ok = svi_stream_fetch(stream, first, count, &block, err) && taker->take(taker->self, &block, err) && end_turn(&turns, err);
        if (ok && progress && !progress(progress_self, (double)first / all))
            ok = svi_fail(err, SVI_CANCELLED, "The job was cancelled.");
    }
    ok = end_all_turns(&turns, ok, err);
    if (stream) {
        cost->bytes_read = svi_stream_bytes_read(stream);
        cost->read_s = svi_stream_read_s(stream);
        cost->upload_s = svi_stream_upload_s(stream);
        cost->compute_s = svi_now_s() - start_s - cost->read_s - cost->upload_s;
    }
    svi_stream_close(stream);
    return ok;
}

bool svi_pass_run(struct svi_device *device, struct svi_capture *capture, const struct svi_taker *takers, size_t taker_count,
                  svi_pass_progress *progress, void *progress_self, struct svi_pass_cost *cost, struct svi_error *err)
{
    const size_t block_bytes = svi_device_about(device)->type == SVI_DEVICE_CPU ? SVI_BLOCK_BYTES_ON_CPU : SVI_BLOCK_BYTES;
    return svi_pass_run_in_blocks(device, capture, block_bytes, takers, taker_count, progress, progress_self, cost, err);
}
