#include "visual/paint.h"

#include "device/launch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The cell that each pixel of an edge shows, times `stride`. `backwards`: the last cell first. */
static uint32_t *find_cells(size_t pixels, uint32_t cells, uint32_t stride, bool backwards, struct svi_error *err)
{
    uint32_t *found = malloc(pixels * sizeof *found);
    if (!found)
        svi_fail_memory(err, pixels * sizeof *found);
    for (size_t i = 0; found && i < pixels; i++) {
        size_t pixel = backwards ? pixels - 1 - i : i;
        found[i] = (uint32_t)svi_cell_of_pixel(pixel, pixels, cells) * stride;
    }
    return found;
}

/* A pixel's value is at across[x] + down[y]. */
struct cells {
    uint32_t *across, *down;
};

static bool make_cells(struct cells *out, const struct svi_paint *paint, struct svi_rect painted, struct svi_error *err)
{
    const size_t width = (size_t)painted.width, height = (size_t)painted.height;
    const uint32_t rows = paint->rows, columns = paint->columns;
    *out = (struct cells){ 0 };
    if ((uint64_t)rows * columns > UINT32_MAX)
        return svi_fail(err, SVI_BAD_PARAMETER, "%u x %u cells are too many for a picture.", rows, columns);
    out->across = paint->time_on_x ? find_cells(width, rows, columns, false, err) : find_cells(width, columns, 1, false, err);
    out->down = paint->time_on_x ? find_cells(height, columns, 1, true, err) : find_cells(height, rows, columns, false, err);
    return out->across && out->down;
}

static void clear_cells(struct cells *cells)
{
    free(cells->across);
    free(cells->down);
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
                     struct svi_rect painted, struct svi_error *err)
{
    const size_t width = (size_t)painted.width, height = (size_t)painted.height;
    const struct svi_variant variant = by_rows(device);
    const cl_mem_flags flags = CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR;
    struct cells cells;
    bool ok = make_cells(&cells, paint, painted, err);
    cl_mem across = ok ? svi_mem_create(device, flags, width * sizeof *cells.across, cells.across, err) : NULL;
    cl_mem down = ok ? svi_mem_create(device, flags, height * sizeof *cells.down, cells.down, err) : NULL;
    ok = across && down
         && svi_launch_variant(device, "colorize", &variant, ((const size_t[2]){ variant.single ? 1 : width, height }), err,
                               SVI_MEM(values), SVI_MEM(colors), SVI_MEM(image), SVI_MEM(across), SVI_MEM(down),
                               SVI_F32((float)paint->low), SVI_F32((float)paint->high), SVI_U32((cl_uint)width));
    svi_mem_release(across);
    svi_mem_release(down);
    clear_cells(&cells);
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
    *out = (struct svi_plot_pixels){
        .rgba = malloc(bytes), .rows = (uint32_t)painted.height, .upwards = paint->upwards, .opaque = paint->nothing[3] == 255
    };
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

enum { TOGETHER = 64 };

/* As the kernel colorize does it: the color of each value. */
static void find_steps(uint32_t steps[TOGETHER], const float values[TOGETHER], float low, float span)
{
    for (size_t i = 0; i < TOGETHER; i++) {
        const float scaled = (values[i] - low) / span * 256, positive = scaled > 0 ? scaled : 0;
        const int step = (int)(positive < 255 ? positive : 255);
        steps[i] = (uint32_t)(isnan(values[i]) ? 256 : step);
    }
}

static void colorize_here(const struct svi_plot_pixels *out, const float *values, const struct svi_paint *paint,
                          struct svi_rect painted, const struct cells *cells)
{
    const size_t width = (size_t)painted.width, height = (size_t)painted.height;
    const float low = (float)paint->low, span = (float)paint->high - low;
    uint8_t palette[COLORS][4];
    make_palette(palette, paint);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x += TOGETHER) {
            const size_t count = width - x < TOGETHER ? width - x : TOGETHER;
            float here[TOGETHER] = { 0 };
            uint32_t steps[TOGETHER];
            for (size_t i = 0; i < count; i++)
                here[i] = values[cells->across[x + i] + cells->down[y]];
            find_steps(steps, here, low, span);
            for (size_t i = 0; i < count; i++)
                memcpy(out->rgba + (y * width + x + i) * 4, palette[steps[i]], 4);
        }
}

bool svi_paint_matrix(struct svi_plot_pixels *out, const float *values, const struct svi_paint *paint, struct svi_rect plot,
                      struct svi_error *err)
{
    const struct svi_rect painted = painted_part(paint, plot);
    struct cells cells;
    const bool ok = make_cells(&cells, paint, painted, err) && make_pixels(out, paint, painted, err);
    if (ok)
        colorize_here(out, values, paint, painted, &cells);
    clear_cells(&cells);
    return ok;
}
