#include "device/stream.h"

#include "base/stopwatch.h"
#include "device/queue_mark.h"
#include "device/ring.h"

#include <stdlib.h>
#include <string.h>

/* Where a block lies that a CPU device reads in place. */
struct place {
    cl_mem samples;
    size_t room;                    /* bytes of samples where it is a copy; 0 where it is not the stream's own, but the capture's */
    struct svi_queue_mark released; /* the device has computed with it: the capture may use the memory otherwise */
};

struct svi_stream {
    struct svi_device *device;
    struct svi_capture *capture;
    size_t sample_bytes; /* of all channels */
    size_t block_bytes;
    uint64_t sample_count;
    struct svi_block block; /* the last one that was fetched */
    struct place places[2]; /* in turn: one is brought there while the other is computed with */
    size_t next_place;
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

static void drop(struct place *place)
{
    svi_mem_release(place->samples);
    place->samples = NULL;
    place->room = 0;
}

void svi_stream_close(struct svi_stream *stream)
{
    if (!stream)
        return;
    struct svi_error ignored = { 0 };
    svi_device_finish(stream->device, &ignored);
    for (size_t i = 0; i < 2; i++) {
        svi_queue_mark_clear(&stream->places[i].released);
        drop(&stream->places[i]);
    }
    svi_ring_destroy(stream->ring);
    free(stream);
}

/* A CPU device reads the mapped file in place, if a number of it does not begin at an odd address. */
static bool can_share(const struct svi_stream *stream, const uint8_t *at)
{
    return (uintptr_t)at % svi_capture_recording(stream->capture)->datatype->part_bytes == 0;
}

static bool put(struct svi_stream *stream, struct place *place, struct svi_bytes view, struct svi_error *err)
{
    if (can_share(stream, view.at)) {
        drop(place);
        /* The flag promises that kernels only read; the const is OpenCL's to lose. */
        place->samples = svi_mem_create(stream->device, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, view.count,
                                        (void *)(uintptr_t)view.at, err);
        return place->samples != NULL;
    }
    if (place->room < view.count) {
        drop(place);
        place->samples = svi_mem_create(stream->device, CL_MEM_READ_ONLY, view.count, NULL, err);
        if (!place->samples)
            return false;
        place->room = view.count;
    }
    return svi_mem_write(stream->device, place->samples, 0, view.at, view.count, err);
}

/* The device computes with the block before, while this one is brought; what it has left leaves the resident set. */
static bool read_in_place(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_error *err)
{
    struct place *place = &stream->places[stream->next_place], *other = &stream->places[1 - stream->next_place];
    if ((other->samples && !svi_queue_mark_set(&other->released, stream->device, err))
        || !svi_queue_mark_wait(&place->released, err))
        return false;
    if (!place->room)
        drop(place); /* it stands on memory that the capture may now use otherwise */
    const double start_s = svi_now_s();
    struct svi_bytes view;
    svi_capture_forget(stream->capture, other->samples && stream->block.first_sample < first ? stream->block.first_sample : first);
    if (!svi_capture_view(stream->capture, first, count, &view, err))
        return false;
    const double read_s = svi_now_s();
    if (!put(stream, place, view, err))
        return false;
    stream->block.samples = place->samples;
    stream->next_place = 1 - stream->next_place;
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
