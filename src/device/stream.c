#include "device/stream.h"

#include "base/stopwatch.h"

#include <stdlib.h>

struct svi_stream {
    struct svi_device *device;
    struct svi_capture *capture;
    size_t sample_bytes; /* of all channels */
    size_t block_bytes;
    uint64_t sample_count;
    struct svi_block block;
    size_t room; /* bytes of block.samples where it is a copy; 0 where it is the mapped file */
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
    *out = stream;
    return true;
}

static void drop_block(struct svi_stream *stream)
{
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
    free(stream);
}

/* A CPU device reads the mapped file in place, if a number of it does not begin at an odd address. */
static bool can_share(const struct svi_stream *stream, const uint8_t *at)
{
    size_t part_bytes = svi_capture_recording(stream->capture)->datatype->part_bytes;
    return svi_device_about(stream->device)->type == SVI_DEVICE_CPU && (uintptr_t)at % part_bytes == 0;
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

bool svi_stream_fetch(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_block *block, struct svi_error *err)
{
    const struct svi_block *now = &stream->block;
    if (now->samples && first >= now->first_sample && first + count <= now->first_sample + now->sample_count) {
        *block = *now;
        return true;
    }
    if (!svi_device_finish(stream->device, err))
        return false;
    if (!stream->room)
        drop_block(stream); /* it stands on memory that the capture may now use otherwise */
    svi_capture_forget(stream->capture, first);

    uint64_t ahead = stream->block_bytes / stream->sample_bytes, left = stream->sample_count - first;
    uint64_t take = ahead > count ? ahead : count;
    take = take < left ? take : left;
    double start_s = svi_now_s();
    struct svi_bytes view;
    if (!svi_capture_view(stream->capture, first, take, &view, err))
        return false;
    double read_s = svi_now_s();
    if (!place(stream, view, err))
        return false;
    stream->read_s += read_s - start_s;
    stream->upload_s += svi_now_s() - read_s;
    stream->bytes_read += view.count;
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
