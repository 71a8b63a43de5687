/* stream.h - brings a recording to the device block by block: never the whole of it, in whatever order ranges are asked for.
 *
 * On a CPU device a block is the mapped file itself, no byte is copied, and the host is a block ahead; elsewhere it goes through a
 * ring of pinned buffers (ring.h), and the host is some blocks ahead. Blocks behind leave the resident set. */
#ifndef SVI_DEVICE_STREAM_H
#define SVI_DEVICE_STREAM_H

#include "capture/capture.h"
#include "device/opencl.h"

/* What a pass reads ahead. On a CPU device two of them are all that is resident of a recording: few bytes, but enough for the
 * device to be busy with a block until it is told of the next one. */
enum { SVI_BLOCK_BYTES = 32 << 20, SVI_BLOCK_BYTES_ON_CPU = 8 << 20 };

struct svi_stream;

/* The capture and the device must outlive the stream. */
bool svi_stream_open(struct svi_stream **out, struct svi_device *device, struct svi_capture *capture, size_t block_bytes,
                     struct svi_error *err);
void svi_stream_close(struct svi_stream *stream); /* takes NULL; waits for the device */

/* A run of samples on the device, all channels interleaved, as stored. */
struct svi_block {
    cl_mem samples;
    uint64_t first_sample, sample_count; /* which samples of the recording the buffer holds */
};

/* The block that holds [first, first + count), which must lie in the recording; brought there if it is not. The block is valid for
 * commands that are enqueued before the next fetch; on a CPU device that waits for those with the block before. Fetching forwards
 * reads ahead by the block size. */
bool svi_stream_fetch(struct svi_stream *stream, uint64_t first, uint64_t count, struct svi_block *block, struct svi_error *err);

/* What it took so far. */
uint64_t svi_stream_bytes_read(const struct svi_stream *stream);
double svi_stream_read_s(const struct svi_stream *stream);
double svi_stream_upload_s(const struct svi_stream *stream);

#endif
