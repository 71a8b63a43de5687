#include "visual/paint.h"

#include "device/launch.h"

#include <math.h>
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

/* A work-item of a CPU takes a row. PoCL's own choice of groups makes some sizes five times as slow as their neighbours. */
static struct svi_variant by_rows(const struct svi_device *device)
{
    return (struct svi_variant){ .single = svi_device_about(device)->type == SVI_DEVICE_CPU };
}

void svi_paint_expect(struct svi_device *device)
{
    const struct svi_variant variant = by_rows(device);
    svi_program_expect(device, "colorize", &variant);
}

static bool colorize(struct svi_device *device, cl_mem values, cl_mem colors, cl_mem image, const struct svi_paint *paint,
                     struct svi_rect plot, struct svi_error *err)
{
    const size_t width = (size_t)plot.width, height = (size_t)plot.height;
    const uint32_t rows = paint->rows, columns = paint->columns;
    if ((uint64_t)rows * columns > UINT32_MAX)
        return svi_fail(err, SVI_BAD_PARAMETER, "%u x %u cells are too many for a picture.", rows, columns);
    const struct svi_variant variant = by_rows(device);
    cl_mem across = paint->time_on_x ? find_cells(device, width, rows, columns, false, err)
                                     : find_cells(device, width, columns, 1, false, err);
    cl_mem down = paint->time_on_x ? find_cells(device, height, columns, 1, true, err)
                                   : find_cells(device, height, rows, columns, false, err);
    bool ok = across && down
              && svi_launch_variant(device, "colorize", &variant, ((const size_t[2]){ variant.single ? 1 : width, height }), err,
                                    SVI_MEM(values), SVI_MEM(colors), SVI_MEM(image), SVI_MEM(across), SVI_MEM(down),
                                    SVI_F32((float)paint->low), SVI_F32((float)paint->high), SVI_U32((cl_uint)width));
    svi_mem_release(across);
    svi_mem_release(down);
    return ok;
}

/* Each row of cells is painted once, however many rows of the plot show it. */
static struct svi_rect painted_part(const struct svi_paint *paint, struct svi_rect plot)
{
    const bool repeats = !paint->time_on_x && paint->rows < (uint32_t)plot.height;
    return (struct svi_rect){ .width = plot.width, .height = repeats ? (int)paint->rows : plot.height };
}

static bool make_pixels(struct svi_plot_pixels *out, const struct svi_paint *paint, struct svi_rect painted, struct svi_error *err)
{
    const size_t bytes = (size_t)painted.width * (size_t)painted.height * 4;
    *out = (struct svi_plot_pixels){ .rgba = malloc(bytes), .rows = (uint32_t)painted.height, .upwards = paint->upwards };
    return out->rgba || svi_fail_memory(err, bytes);
}

enum { COLORS = 257 }; /* the last one is for nothing */

static void make_palette(uint8_t palette[COLORS][4], const struct svi_paint *paint)
{
    for (size_t i = 0; i < 256; i++) {
        memcpy(palette[i], paint->colormap->rgb[i], 3);
        palette[i][3] = 255;
    }
    memcpy(palette[256], paint->nothing, 4);
}

bool svi_paint(struct svi_plot_pixels *out, struct svi_device *device, cl_mem values, const struct svi_paint *paint,
               struct svi_rect plot, struct svi_error *err)
{
    const struct svi_rect painted = painted_part(paint, plot);
    const size_t bytes = (size_t)painted.width * (size_t)painted.height * 4;
    uint8_t palette[COLORS][4];
    make_palette(palette, paint);
    if (!make_pixels(out, paint, painted, err))
        return false;
    cl_mem colors = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof palette, palette, err);
    cl_mem image = colors ? svi_mem_create_onto(device, bytes, out->rgba, err) : NULL;
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

/* What the kernel colorize does, of so few pixels that the host has painted them before a device would have begun. */
enum { FEW_PIXELS = 1 << 15 };

static bool is_painted_here(const struct svi_paint *paint, struct svi_rect painted)
{
    return !paint->time_on_x && painted.width <= FEW_PIXELS / painted.height;
}

static bool paint_here(struct svi_plot_pixels *out, const float *values, const struct svi_paint *paint, struct svi_rect painted,
                       struct svi_error *err)
{
    const size_t width = (size_t)painted.width, height = (size_t)painted.height;
    uint8_t palette[COLORS][4];
    make_palette(palette, paint);
    if (!make_pixels(out, paint, painted, err))
        return false;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const float value =
                values[svi_cell_of_pixel(y, height, paint->rows) * paint->columns + svi_cell_of_pixel(x, width, paint->columns)];
            const float share = (value - (float)paint->low) / ((float)paint->high - (float)paint->low);
            const size_t step = isnan(value) ? 256 : (size_t)fminf(fmaxf(share * 256, 0), 255);
            memcpy(out->rgba + (y * width + x) * 4, palette[step], 4);
        }
    return true;
}

bool svi_paint_matrix(struct svi_plot_pixels *out, struct svi_device *device, const float *values, const struct svi_paint *paint,
                      struct svi_rect plot, struct svi_error *err)
{
    const struct svi_rect painted = painted_part(paint, plot);
    if (is_painted_here(paint, painted))
        return paint_here(out, values, paint, painted, err);
    const size_t bytes = (size_t)paint->rows * paint->columns * sizeof *values;
    cl_mem memory = svi_mem_create_from(device, bytes, values, err);
    bool ok = memory && svi_paint(out, device, memory, paint, plot, err);
    svi_mem_release(memory);
    return ok;
}
