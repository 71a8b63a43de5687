#include "visual/paint.h"

#include "device/launch.h"

#include <stdlib.h>
#include <string.h>

/* Of each pixel, times `stride`. `backwards`: the last cell first. */
static cl_mem find_cells(struct svi_device *device, size_t pixels, uint32_t cells, uint32_t stride, bool backwards,
                         struct svi_error *err)
{
    cl_uint *found = malloc(pixels * sizeof *found);
    if (!found) {
        svi_fail_memory(err, pixels * sizeof *found);
        return NULL;
    }
    for (size_t i = 0; i < pixels; i++) {
        size_t pixel = backwards ? pixels - 1 - i : i;
        found[i] = (cl_uint)svi_cell_of_pixel(pixel, pixels, cells) * stride;
    }
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, pixels * sizeof *found, found, err);
    free(found);
    return memory;
}

static bool colorize(struct svi_device *device, cl_mem values, cl_mem colors, cl_mem image, const struct svi_paint *paint,
                     struct svi_rect plot, struct svi_error *err)
{
    const size_t width = (size_t)plot.width, height = (size_t)plot.height;
    const uint32_t rows = paint->rows, columns = paint->columns;
    if ((uint64_t)rows * columns > UINT32_MAX)
        return svi_fail(err, SVI_BAD_PARAMETER, "%u x %u cells are too many for a picture.", rows, columns);
    /* A work-item of a CPU takes a row. PoCL's own choice of groups makes some sizes five times as slow as their neighbours. */
    const bool cpu = svi_device_about(device)->type == SVI_DEVICE_CPU;
    const struct svi_variant variant = { .single = cpu };
    cl_mem across = paint->time_on_x ? find_cells(device, width, rows, columns, false, err)
                                     : find_cells(device, width, columns, 1, false, err);
    cl_mem down = paint->time_on_x ? find_cells(device, height, columns, 1, true, err)
                                   : find_cells(device, height, rows, columns, false, err);
    bool ok = across && down
              && svi_launch_variant(device, "colorize", &variant, ((const size_t[2]){ cpu ? 1 : width, height }), err,
                                    SVI_MEM(values), SVI_MEM(colors), SVI_MEM(image), SVI_MEM(across), SVI_MEM(down),
                                    SVI_F32((float)paint->low), SVI_F32((float)paint->high), SVI_U32((cl_uint)width));
    svi_mem_release(across);
    svi_mem_release(down);
    return ok;
}

/* Each row of cells is painted once, however many rows of the plot show it. */
bool svi_paint(struct svi_plot_pixels *out, struct svi_device *device, cl_mem values, const struct svi_paint *paint,
               struct svi_rect plot, struct svi_error *err)
{
    const bool repeats = !paint->time_on_x && paint->rows < (uint32_t)plot.height;
    const struct svi_rect painted = { .width = plot.width, .height = repeats ? (int)paint->rows : plot.height };
    const size_t bytes = (size_t)painted.width * (size_t)painted.height * 4;
    uint8_t palette[257][4]; /* the last one is for nothing */
    for (size_t i = 0; i < 256; i++) {
        memcpy(palette[i], paint->colormap->rgb[i], 3);
        palette[i][3] = 255;
    }
    memcpy(palette[256], paint->nothing, 4);
    *out = (struct svi_plot_pixels){ .rgba = malloc(bytes), .rows = (uint32_t)painted.height, .upwards = paint->upwards };
    if (!out->rgba)
        return svi_fail_memory(err, bytes);
    cl_mem colors = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof palette, palette, err);
    cl_mem image = colors ? svi_mem_create(device, CL_MEM_WRITE_ONLY, bytes, NULL, err) : NULL;
    bool ok = image && colorize(device, values, colors, image, paint, painted, err)
              && svi_mem_read(device, out->rgba, image, bytes, err);
    svi_mem_release(image);
    svi_mem_release(colors);
    if (!ok) {
        free(out->rgba);
        *out = (struct svi_plot_pixels){ 0 };
    }
    return ok;
}

bool svi_paint_matrix(struct svi_plot_pixels *out, struct svi_device *device, const float *values, const struct svi_paint *paint,
                      struct svi_rect plot, struct svi_error *err)
{
    const size_t bytes = (size_t)paint->rows * paint->columns * sizeof *values;
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, bytes, NULL, err);
    bool ok = memory && svi_mem_write(device, memory, 0, values, bytes, err) && svi_paint(out, device, memory, paint, plot, err);
    svi_mem_release(memory);
    return ok;
}
