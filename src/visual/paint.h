/* paint.h - a matrix of values to the pixels of a plot area, through a colormap. */
#ifndef SVI_VISUAL_PAINT_H
#define SVI_VISUAL_PAINT_H

#include "device/opencl.h"
#include "visual/canvas.h"
#include "visual/colormap.h"
#include "visual/plot_pixels.h"

struct svi_paint {
    uint32_t rows, columns;
    bool time_on_x;   /* rows to the right and columns upwards; else columns to the right and rows downwards */
    bool upwards;     /* of rows that run downwards: the first one at the bottom */
    double low, high; /* values of the first and the last color */
    const struct svi_colormap *colormap;
    uint8_t nothing[4]; /* RGBA where a value is NAN; all 0: transparent */
};

/* Before the pass: something will be painted after it. */
void svi_paint_expect(struct svi_device *device);

/* values: float [rows][columns] on the device. The caller frees out->rgba. */
bool svi_paint(struct svi_plot_pixels *out, struct svi_device *device, cl_mem values, const struct svi_paint *paint,
               struct svi_rect plot, struct svi_error *err);

/* The same from the host's memory, by the host. */
bool svi_paint_matrix(struct svi_plot_pixels *out, const float *values, const struct svi_paint *paint, struct svi_rect plot,
                      struct svi_error *err);

#endif
