/* deflate_runs.h - bytes that are mostly runs -> a zlib stream (RFC 1950, 1951). Looks for nothing but runs of one byte and of
 * three that repeat, so it costs next to nothing where those are long, and packs nothing else. Knows no pixels. */
#ifndef SVI_VISUAL_DEFLATE_RUNS_H
#define SVI_VISUAL_DEFLATE_RUNS_H

#include "base/bytes.h"

struct svi_deflate_runs;

/* Appends the stream to `out`. NULL: no memory. */
struct svi_deflate_runs *svi_deflate_runs_begin(struct svi_buffer *out);

void svi_deflate_runs_add(struct svi_deflate_runs *stream, struct svi_bytes bytes);
void svi_deflate_runs_add_zeros(struct svi_deflate_runs *stream, size_t count);

/* Completes the stream and ends its handle. False: it did not fit into `out`, or there was no memory for that. */
bool svi_deflate_runs_finish(struct svi_deflate_runs *stream);

#endif
