#include "visual/iq_grid.h"

#include "device/density.h"

#include <math.h>

enum { WIDEST_CELL = 3 }; /* pixels, where samples are few */

static uint32_t even_cells(int pixels, int cell_pixels)
{
    const uint32_t cells = (uint32_t)(pixels / cell_pixels) & ~1u;
    return cells < 2 ? 2 : cells > SVI_DENSITY_MOST_CELLS ? SVI_DENSITY_MOST_CELLS : cells;
}

/* How many of an integer's numbers make a cell, and how many pixels. Both are whole, so the grid comes out wider than asked for: by
 * little, but cells that are coarser than pixels and numbers cost something too. */
static void fit_numbers(double numbers, int shorter, int *cell_pixels, double *cell_numbers)
{
    const double coarse = 0.05; /* cost of a pixel, as a share of the width */
    const int least_pixels = *cell_pixels;
    double least_cost = INFINITY;
    for (int pixels = least_pixels; pixels <= shorter / 2 && least_cost > 1; pixels++) {
        const double cells = even_cells(shorter, pixels), each = fmax(1, ceil(numbers / cells - 1e-9));
        const double cost = cells * each / numbers * (each > 1 ? 1 + coarse * (pixels - least_pixels) : 1);
        if (cost >= least_cost)
            continue;
        least_cost = cost;
        *cell_pixels = pixels;
        *cell_numbers = each;
    }
}

struct svi_iq_grid svi_iq_grid_fit(const struct svi_datatype *datatype, double limit, uint64_t samples, struct svi_rect plot)
{
    const int longer = plot.width > plot.height ? plot.width : plot.height;
    const int shorter = plot.width > plot.height ? plot.height : plot.width;
    int cell_pixels = (longer + SVI_DENSITY_MOST_CELLS - 1) / SVI_DENSITY_MOST_CELLS;
    while (cell_pixels < WIDEST_CELL && (uint64_t)even_cells(longer, cell_pixels) * even_cells(shorter, cell_pixels) > samples)
        cell_pixels++;
    struct svi_iq_grid grid = { .number = 1 };
    if (svi_datatype_is_float(datatype)) {
        grid.cell_width = 2 * limit / even_cells(shorter, cell_pixels);
    } else {
        const double most = ldexp(datatype->full_scale, 1), numbers = fmin(fmax(2, 2 * limit * datatype->full_scale), 2 * most);
        grid.cell_width = fmax(1, ceil(numbers / even_cells(shorter, cell_pixels)));
        fit_numbers(numbers, shorter, &cell_pixels, &grid.cell_width);
        grid.cell_width = fmin(grid.cell_width, 2147483647.0);
        grid.number = 1 / datatype->full_scale;
        grid.low = -0.5 * grid.number;
    }
    grid.columns = even_cells(plot.width, cell_pixels);
    grid.rows = even_cells(plot.height, cell_pixels);
    return grid;
}

double svi_iq_grid_edge(const struct svi_iq_grid *grid, uint32_t cell, uint32_t cells, uint32_t doublings)
{
    return grid->low + ((double)cell - 0.5 * cells) * ldexp(grid->cell_width, (int)doublings) * grid->number;
}
