/* text_mask.h - the opacities of short lines of text that were drawn before: a figure's ticks and labels come again and again.
 * Knows nothing of fonts. */
#ifndef SVI_VISUAL_TEXT_MASK_H
#define SVI_VISUAL_TEXT_MASK_H

#include "visual/coverage.h"
#include "visual/text.h"

struct svi_text_key {
    const char *text;
    double size_px;
    enum svi_text_direction direction;
};

/* Whether a text with that ink would be kept. */
bool svi_text_mask_fits(const struct svi_text_key *key, struct svi_rect ink);

/* Keeps what it looks like with the pen at (0, 0), in place of another text. Any thread may. */
void svi_text_mask_keep(const struct svi_text_key *key, const struct svi_coverage *coverage);

/* The pixels that it touches with the pen at (0, 0); false: it is not kept. */
bool svi_text_mask_ink(const struct svi_text_key *key, struct svi_rect *ink);

/* Paints it with the pen at (x, y); false: it is not kept, and nothing was done. */
bool svi_text_mask_paint(const struct svi_text_key *key, struct svi_canvas *canvas, int x, int y, struct svi_color color);

#endif
