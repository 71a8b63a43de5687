/* png.h - canvas -> PNG bytes in memory. */
#ifndef SVI_VISUAL_PNG_H
#define SVI_VISUAL_PNG_H

#include "base/bytes.h"
#include "visual/canvas.h"

/* A text chunk: UTF-8 in an iTXt chunk. The keyword is 1 to 79 bytes of ASCII without spaces at its ends. */
struct svi_png_text {
    const char *keyword, *text;
};

/* Starts the buffer and encodes as 8-bit RGB (figures are opaque), to be printed at dpi pixels an inch (0: unsaid). The same pixels
 * and texts give the same bytes. A text that is not UTF-8 gets U+FFFD in the place of each bad byte. On failure the buffer is
 * empty. The caller clears the buffer. */
bool svi_png_encode(struct svi_buffer *out, const struct svi_canvas *canvas, double dpi, const struct svi_png_text *texts,
                    size_t text_count, struct svi_error *err);

#endif
