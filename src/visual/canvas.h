/* canvas.h - pixels in memory: rectangles, lines, blits. Knows nothing of samples or units. */
#ifndef SVI_VISUAL_CANVAS_H
#define SVI_VISUAL_CANVAS_H

#include "base/error.h"

#include <stdint.h>

enum { SVI_MAX_IMAGE_EDGE = 16384 };

/* RGBA, 8 bits each, rows from the top, no padding: width * height * 4 bytes. */
struct svi_canvas {
    uint32_t width, height;
    uint8_t *rgba;
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
/* The same, but for an area inside of the canvas whose pixels somebody sets next. */
bool svi_canvas_create_around(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_rect area, struct svi_color fill,
                              struct svi_error *err);
void svi_canvas_clear(struct svi_canvas *canvas); /* frees the pixels */

/* All drawing is clipped at the canvas' edges. */
void svi_canvas_fill(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color);
void svi_canvas_blit(struct svi_canvas *canvas, int left, int top, const uint8_t *rgba, uint32_t width, uint32_t height);
/* Lays color over one pixel with opacity 0…255. */
void svi_canvas_blend(struct svi_canvas *canvas, int x, int y, struct svi_color color, uint8_t opacity);

#endif
