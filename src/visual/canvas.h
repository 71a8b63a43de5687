/* canvas.h - pixels in memory: rectangles, rows, blends. Knows nothing of samples or units. */
#ifndef SVI_VISUAL_CANVAS_H
#define SVI_VISUAL_CANVAS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SVI_MAX_IMAGE_EDGE = 16384, SVI_TILE_PIXELS = 64 };

/* RGBA, 8 bits each. Most of a figure shows what the row above does. Rows are cut into tiles; those that show the same one below
 * the other are a band and share their pixels, which are made, drawn on and encoded once for all of them. What is drawn on a part
 * of a band parts it. */
struct svi_canvas {
    uint32_t width, height, columns; /* columns: of tiles; the last one may be cut off */
    uint32_t *bands;                 /* [height][columns]: which one a tile belongs to */
    uint8_t *pixels;                 /* of each band, a tile: room for as many as there are tiles */
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

/* What row y shows from column x on, up to the end of the tile; valid until something is drawn. */
const uint8_t *svi_canvas_pixels(const struct svi_canvas *canvas, uint32_t x, uint32_t y);

/* Where the tile of column x ends, or the canvas. */
uint32_t svi_canvas_tile_end(const struct svi_canvas *canvas, uint32_t x);

/* The first column from x on whose tile in row y is of another band than the one above; the width: there is none. */
uint32_t svi_canvas_next_change(const struct svi_canvas *canvas, uint32_t x, uint32_t y);

/* Copies `count` pixels. */
void svi_canvas_read(const struct svi_canvas *canvas, uint32_t x, uint32_t y, uint8_t *rgba, uint32_t count);

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
