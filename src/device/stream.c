#include "device/stream.h"

#include "base/stopwatch.h"
#include "device/ring.h"

#include <stdlib.h>
#include <string.h>

struct svi_stream {
    struct svi_device *device;
    struct svi_capture *capture;
    size_t sample_bytes; /* of all channels */
    size_t block_bytes;
    uint64_t sample_count;
    struct svi_block block;
    size_t room;           /* bytes of block.samples where it is a copy; 0 where it is not the stream's own, or the mapped file */
    struct svi_ring *ring; /* of a device with memory of its own; else NULL */
    uint64_t bytes_read;
    double read_s, upload_s;
};

bool svi_stream_open(struct svi_stream **out, struct svi_device *device, struct svi_capture *capture, size_t block_bytes,
                     struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return svi_fail_memory(err, sizeof *stream);
    stream->device = device;
    stream->capture = capture;
    stream->sample_bytes = svi_datatype_bytes(recording->datatype) * recording->channels;
    stream->block_bytes = block_bytes;
    stream->sample_count = recording->sample_count;
    if (svi_device_about(device)->type != SVI_DEVICE_CPU && !svi_ring_create(&stream->ring, device, err)) {
        free(stream);
        return false;
    }
    *out = stream;
    return true;
}

static void drop_block(struct svi_stream *stream)
{
    if (!stream->ring)
        svi_mem_release(stream->block.samples);
    stream->block = (struct svi_block){ 0 };
    stream->room = 0;
}

void svi_stream_close(struct svi_stream *stream)
{
    if (!stream)
        return;
    struct svi_error ignored = { 0 };
    svi_device_finish(stream->device, &ignored);
    drop_block(stream);
    svi_ring_destroy(stream->ring);
    free(stream);
}

/* A CPU device reads the mapped file in place, if a number of it does not begin at an odd address. */
static bool can_share(const struct svi_stream *stream, const uint8_t *at)
{
    return (uintptr_t)at % svi_capture_recording(stream->capture)->datatype->part_bytes == 0;
}

static bool place(struct svi_stream *stream, struct svi_bytes view, struct svi_error *err)
{
    if (can_share(stream, view.at)) {
        drop_block(stream);
        /* The flag promises that kernels only read; the const is OpenCL's to lose. */
        stream->block.samples = svi_mem_create(stream->device, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, view.count,
                                               (void *)(uintptr_t)view.at, err);
        return stream->block.samples != NULL;
    }
    if (stream->room < view.count) {
        drop_block(stream);
        stream->block.samples = svi_mem_create(stream->device, CL_MEM_READ_ONLY, view.count, NULL, err);
        if (!stream->block.samples)
            return false;
        stream->room = view.count;
    }
    return svi_mem_write(stream->device, stream->block.samples, 0, view.at, view.count, err);
}

static bool read_in_place(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_error *err)
{
    if (!svi_device_finish(stream->device, err))
        return false;
    if (!stream->room)
        drop_block(stream); /* it stands on memory that the capture may now use otherwise */
    svi_capture_forget(stream->capture, first);
    const double start_s = svi_now_s();
    struct svi_bytes view;
    if (!svi_capture_view(stream->capture, first, count, &view, err))
        return false;
    const double read_s = svi_now_s();
    if (!place(stream, view, err))
        return false;
    stream->read_s += read_s - start_s;
    stream->upload_s += svi_now_s() - read_s;
    return true;
}

/* A mapped file is read when it is copied. */
static bool read_through_ring(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_error *err)
{
    const size_t bytes = (size_t)count * stream->sample_bytes;
    const double start_s = svi_now_s();
    void *room;
    struct svi_bytes view;
    if (!svi_ring_next(stream->ring, bytes, &room, err))
        return false;
    const double ready_s = svi_now_s();
    svi_capture_forget(stream->capture, first);
    if (!svi_capture_view(stream->capture, first, count, &view, err))
        return false;
    memcpy(room, view.at, bytes);
    const double read_s = svi_now_s();
    if (!svi_ring_send(stream->ring, bytes, &stream->block.samples, err))
        return false;
    stream->read_s += read_s - ready_s;
    stream->upload_s += ready_s - start_s + svi_now_s() - read_s;
    return true;
}

bool svi_stream_fetch(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_block *block, struct svi_error *err)
{
    const struct svi_block *now = &stream->block;
    if (now->samples && first >= now->first_sample && first + count <= now->first_sample + now->sample_count) {
        *block = *now;
        return true;
    }
    const uint64_t ahead = stream->block_bytes / stream->sample_bytes, left = stream->sample_count - first;
    uint64_t take = ahead > count ? ahead : count;
    take = take < left ? take : left;
    if (!(stream->ring ? read_through_ring(stream, first, take, err) : read_in_place(stream, first, take, err)))
        return false;
    stream->bytes_read += take * stream->sample_bytes;
    stream->block.first_sample = first;
    stream->block.sample_count = take;
    *block = stream->block;
    return true;
}

uint64_t svi_stream_bytes_read(const struct svi_stream *stream)
{
    return stream->bytes_read;
}

double svi_stream_read_s(const struct svi_stream *stream)
{
    return stream->read_s;
}

double svi_stream_upload_s(const struct svi_stream *stream)
{
    return stream->upload_s;
}
