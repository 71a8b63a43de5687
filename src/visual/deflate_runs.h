/* deflate_runs.h - pixels that repeat, as a block of deflate (RFC 1951): written without a search. Knows nothing of rows or
 * pictures.
 *
 * One code of Huffman's for all pictures, in which long repetitions and the small differences of neighboring rows are short. */
#ifndef SVI_VISUAL_DEFLATE_RUNS_H
#define SVI_VISUAL_DEFLATE_RUNS_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SVI_DEFLATE_PIXEL_BYTES = 3 };

/* A block that is being written. */
struct svi_deflate_runs {
    struct svi_buffer *out;
    bool ok;
    uint64_t bits; /* that do not fill a byte yet, the next one above them */
    unsigned bit_count;
    size_t count;
    uint8_t bytes[4096];
};

/* `out` ends on a whole byte, and does again after the end. The block is not the stream's last. */
void svi_deflate_runs_begin(struct svi_deflate_runs *runs, struct svi_buffer *out);

void svi_deflate_runs_byte(struct svi_deflate_runs *runs, uint8_t byte);

/* The same pixel, `count` times: at least once. */
void svi_deflate_runs_pixels(struct svi_deflate_runs *runs, const uint8_t pixel[SVI_DEFLATE_PIXEL_BYTES], size_t count);

/* False where `out` could not take all. */
bool svi_deflate_runs_end(struct svi_deflate_runs *runs);

#endif
