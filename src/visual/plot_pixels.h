/* plot_pixels.h - what a plot area shows, where rows of the plot that follow on each other may share a row of pixels. */
#ifndef SVI_VISUAL_PLOT_PIXELS_H
#define SVI_VISUAL_PLOT_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct svi_plot_pixels {
    uint8_t *rgba; /* rows * the plot's width * 4 bytes; where alpha is 0 there is a gap */
    uint32_t rows; /* 1 … the plot's height */
    bool upwards;  /* the first one at the bottom */
    bool opaque;   /* there is no gap for sure */
};

/* The one of `cells` that the middle of one of `pixels` lies in. */
static inline size_t svi_cell_of_pixel(size_t pixel, size_t pixels, size_t cells)
{
    return (2 * (uint64_t)pixel + 1) * cells / (2 * (uint64_t)pixels);
}

/* What row y of a plot shows. */
static inline const uint8_t *svi_plot_row(const struct svi_plot_pixels *pixels, size_t width, size_t height, size_t y)
{
    return pixels->rgba + 4 * width * svi_cell_of_pixel(pixels->upwards ? height - 1 - y : y, height, pixels->rows);
}

#endif
