/* text.h - one line of text in the embedded font: measured, shortened, drawn. Knows nothing of figures.
 *
 * Text is UTF-8: a bad byte is drawn as U+FFFD, a character that the font lacks as a box, a control character as a space. Sizes
 * are pixels of the em. Heights of letters are fitted to whole pixels, so that lines of text are crisp and never shift. */
#ifndef SVI_VISUAL_TEXT_H
#define SVI_VISUAL_TEXT_H

#include "base/error.h"
#include "visual/canvas.h"

#include <stddef.h>

enum svi_text_direction {
    SVI_TEXT_RIGHT,
    SVI_TEXT_UP, /* turned 90° counter-clockwise: the letters' tops point to the left */
};

/* Where the pen stands after the text, in pixels from its start. */
double svi_text_advance(const char *text, double size_px);

/* Height of capitals and digits, in whole pixels. */
int svi_text_cap_height(double size_px);

/* The pixels that the text touches when the pen starts at (0, 0) on the base line; empty for blanks. */
struct svi_rect svi_text_ink(const char *text, double size_px, enum svi_text_direction direction);

/* Copies the text, or as much of it as fits into max_width with … at its end; "" where not even … fits. */
void svi_text_shorten(char *into, size_t size, const char *text, double size_px, double max_width);

/* Draws from pen position (x, y) on the base line. */
bool svi_text_draw(struct svi_canvas *canvas, int x, int y, enum svi_text_direction direction, const char *text, double size_px,
                   struct svi_color color, struct svi_error *err);

#endif
