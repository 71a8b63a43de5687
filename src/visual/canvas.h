/* canvas.h - pixels in memory: rectangles, rows, blends. Knows nothing of samples or units. */
#ifndef SVI_VISUAL_CANVAS_H
#define SVI_VISUAL_CANVAS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SVI_MAX_IMAGE_EDGE = 16384 };

/* Columns [begin, end). */
struct svi_columns {
    uint32_t begin, end;
};

/* RGBA, 8 bits each. Most rows of a figure show what the row above does: such rows are a band and share their pixels, which are
 * made, drawn on and encoded once for all of them. What is drawn on a part of a band parts it. */
struct svi_canvas {
    uint32_t width, height;
    uint8_t **rows;              /* of each, from the top: its pixels */
    struct svi_columns *changes; /* of each: where something was drawn on it, or on the row above, alone */
    uint8_t *pixels;             /* of all bands: room for one for each row */
    uint32_t band_count;
};

struct svi_rect {
    int left, top, width, height; /* pixels of the canvas */
};

struct svi_color {
    uint8_t r, g, b;
};

/* True where a canvas of that size may be made: 1…SVI_MAX_IMAGE_EDGE pixels each way. */
bool svi_canvas_size_is_valid(uint32_t width, uint32_t height, struct svi_error *err);

bool svi_canvas_create(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_color fill, struct svi_error *err);
void svi_canvas_clear(struct svi_canvas *canvas); /* frees the pixels */

/* What a row shows: width * 4 bytes, valid until something is drawn. */
const uint8_t *svi_canvas_row(const struct svi_canvas *canvas, uint32_t y);

/* Where a row may differ from the one above; in the first one, everywhere. */
struct svi_columns svi_canvas_changes(const struct svi_canvas *canvas, uint32_t y);

/* The same pixels to be written to; other rows stay what they are. */
uint8_t *svi_canvas_own_row(struct svi_canvas *canvas, uint32_t y);

/* All drawing is clipped at the canvas' edges. */
void svi_canvas_fill(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color);
/* Shows the same row of where.width pixels in all rows of `where`. */
void svi_canvas_repeat(struct svi_canvas *canvas, struct svi_rect where, const uint8_t *rgba);
/* Lays color over what is there, with opacity 0…255. */
void svi_canvas_tint(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color, uint8_t opacity);
/* The same over `count` pixels of a row, each with an opacity of its own. */
void svi_canvas_blend(struct svi_canvas *canvas, int x, int y, struct svi_color color, const uint8_t *opacity, uint32_t count);

/* Pixels that need not be a canvas': makes `count` of them opaque in one color; lays color over one. */
void svi_pixels_fill(uint8_t *rgba, size_t count, struct svi_color color);
void svi_pixel_tint(uint8_t *rgba, struct svi_color color, uint8_t opacity);

#endif
