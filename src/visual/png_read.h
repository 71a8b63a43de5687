/* png_read.h - a PNG file's size and texts, from its bytes. Pixels are passed over.
 *
 * Source: W3C, Portable Network Graphics (Second Edition), sections 5 and 11.3.4. */
#ifndef SVI_VISUAL_PNG_READ_H
#define SVI_VISUAL_PNG_READ_H

#include "base/bytes.h"
#include "base/error.h"

enum { SVI_PNG_MAX_TEXTS = 64, SVI_PNG_KEYWORD_SIZE = 80 };

struct svi_png_found {
    char keyword[SVI_PNG_KEYWORD_SIZE];
    struct svi_bytes text; /* UTF-8, a view of the file's bytes */
};

struct svi_png_facts {
    uint32_t width, height;
    size_t text_count; /* those beyond SVI_PNG_MAX_TEXTS are passed over, and so are compressed ones and tEXt, which is Latin-1 */
    struct svi_png_found texts[SVI_PNG_MAX_TEXTS];
};

/* True where the bytes begin as a PNG file does. */
bool svi_png_is(struct svi_bytes bytes);

/* Walks over all chunks and checks that they are whole: SVI_BAD_RECORDING where one is not, with what and where. label: the file's
 * name, as it is shown. The texts live as long as the bytes. */
bool svi_png_read(struct svi_png_facts *out, struct svi_bytes png, const char *label, struct svi_error *err);

/* The text of a keyword; NULL: there is none. */
const struct svi_bytes *svi_png_text(const struct svi_png_facts *facts, const char *keyword);

#endif
