#include "visual/dots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_GROWTH = 3, LONE_DOT = 3 }; /* pixels at 100 dpi */

struct cell {
    uint32_t row, column;
    float count;
};

/* Pixels of a cell along an edge: [from, to), at least one. */
struct span {
    int from, to;
};

struct painting {
    const struct svi_dots *dots;
    uint8_t *pixels;
    int width, height;
    struct span *columns, *rows;
    size_t cell_count;
    struct cell *cells; /* those that were hit */
};

static bool is_hit(const struct svi_dots *dots, size_t i)
{
    return dots->counts[i] > 0;
}

static bool collect(struct painting *painting, struct svi_error *err)
{
    const struct svi_dots *dots = painting->dots;
    const size_t rows = dots->rows, columns = dots->columns;
    size_t hit = 0;
    for (size_t i = 0; i < rows * columns; i++)
        hit += is_hit(dots, i);
    painting->cells = malloc((hit + 1) * sizeof *painting->cells);
    if (!painting->cells)
        return svi_fail_memory(err, (hit + 1) * sizeof *painting->cells);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const float count = dots->counts[row * columns + column];
            if (count > 0)
                painting->cells[painting->cell_count++] = (struct cell){ (uint32_t)row, (uint32_t)column, count };
        }
    return true;
}

static bool any_hit(const struct svi_dots *dots, size_t row, size_t begin, size_t end)
{
    size_t column = begin;
    while (column < end && !is_hit(dots, row * dots->columns + column))
        column++;
    return column < end;
}

/* True where no other cell was hit within this many rows and columns. The nearest ones are asked first: mostly they were. */
static bool is_lone(const struct painting *painting, const struct cell *cell, uint32_t reach)
{
    const struct svi_dots *dots = painting->dots;
    const size_t left = cell->column > reach ? cell->column - reach : 0;
    const size_t right = cell->column + reach < dots->columns ? cell->column + reach + 1 : dots->columns;
    if (any_hit(dots, cell->row, cell->column + 1, right) || any_hit(dots, cell->row, left, cell->column))
        return false;
    for (size_t off = 1; off <= reach; off++)
        if ((cell->row + off < dots->rows && any_hit(dots, cell->row + off, left, right))
            || (cell->row >= off && any_hit(dots, cell->row - off, left, right)))
            return false;
    return true;
}

/* ---- how large ---- */

static double cell_pixels(const struct painting *painting)
{
    return fmax(1, fmin((double)painting->width / painting->dots->columns, (double)painting->height / painting->dots->rows));
}

/* Dots of cells that are further apart than this do not touch when each grows so many pixels to all sides. */
static uint32_t reach_of(const struct painting *painting, int growth)
{
    return (uint32_t)(1 + 2 * growth / cell_pixels(painting));
}

/* By how many pixels all dots grow. */
static int common_growth(const struct painting *painting)
{
    const double unit = painting->dots->unit, most_wide = (1 + 2 * MOST_GROWTH) * unit;
    int growth = 0;
    for (int step = 1; step <= MOST_GROWTH; step++) {
        const int next = (int)lround(step * unit);
        if (cell_pixels(painting) + 2 * next > most_wide)
            break;
        const uint32_t reach = reach_of(painting, next);
        size_t touching = 0;
        for (size_t i = 0; i < painting->cell_count && 2 * touching < painting->cell_count; i++)
            touching += !is_lone(painting, &painting->cells[i], reach);
        if (2 * touching >= painting->cell_count)
            break;
        growth = next;
    }
    return growth;
}

/* By how many a lone one grows at least. */
static int lone_growth(const struct painting *painting)
{
    return (int)fmax(0, ceil((LONE_DOT * painting->dots->unit - cell_pixels(painting)) / 2));
}

/* ---- pixels ---- */

static struct svi_color color_of(const struct painting *painting, float share)
{
    const size_t step = share < 1 ? (size_t)(share * 256.0f) : 255;
    const uint8_t *rgb = painting->dots->colors->rgb[step];
    return (struct svi_color){ rgb[0], rgb[1], rgb[2] };
}

/* Shares out an edge of `pixels` among cells; NULL: no memory. */
static struct span *make_spans(uint32_t cells, int pixels)
{
    struct span *spans = malloc(cells * sizeof *spans);
    for (uint32_t cell = 0; spans && cell < cells; cell++) {
        const int from = (int)((uint64_t)cell * (uint64_t)pixels / cells);
        const int to = (int)(((uint64_t)cell + 1) * (uint64_t)pixels / cells);
        spans[cell] = (struct span){ from, to > from ? to : from + 1 };
    }
    return spans;
}

static void put_pixel(struct painting *painting, int x, int y, struct svi_color color)
{
    const uint8_t rgba[4] = { color.r, color.g, color.b, 255 };
    memcpy(painting->pixels + ((size_t)y * (size_t)painting->width + (size_t)x) * 4, rgba, sizeof rgba);
}

static void put_cell(struct painting *painting, const struct cell *cell, struct svi_color color)
{
    const struct span across = painting->columns[cell->column], down = painting->rows[painting->dots->rows - 1 - cell->row];
    for (int y = down.from; y < down.to; y++)
        for (int x = across.from; x < across.to; x++)
            put_pixel(painting, x, y, color);
}

/* How far a place lies off [from, to). */
static int off(int at, int from, int to)
{
    return at < from ? from - at : at >= to ? at - to + 1 : 0;
}

/* The cell's rectangle with a round rim. */
static void put_dot(struct painting *painting, const struct cell *cell, int growth, struct svi_color color)
{
    const struct span across = painting->columns[cell->column], down = painting->rows[painting->dots->rows - 1 - cell->row];
    for (int y = down.from - growth; y < down.to + growth; y++)
        for (int x = across.from - growth; x < across.to + growth; x++) {
            const int dx = off(x, across.from, across.to), dy = off(y, down.from, down.to);
            const double rim = growth + 0.5;
            if (x >= 0 && y >= 0 && x < painting->width && y < painting->height && dx * dx + dy * dy <= rim * rim)
                put_pixel(painting, x, y, color);
        }
}

static int by_count(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return x->row != y->row ? (x->row < y->row ? -1 : 1) : (x->column > y->column) - (x->column < y->column);
}

static bool put_dots(struct painting *painting, struct svi_error *err)
{
    const int common = common_growth(painting), lone = lone_growth(painting);
    const uint32_t reach = reach_of(painting, lone);
    const size_t bytes = (painting->cell_count + 1) * sizeof(float);
    float *shares = calloc(1, bytes);
    if (!shares)
        return svi_fail_memory(err, bytes);
    if (common)
        qsort(painting->cells, painting->cell_count, sizeof *painting->cells, by_count);
    for (size_t i = 0; i < painting->cell_count; i++)
        shares[i] = painting->cells[i].count;
    svi_color_scale_shares(painting->dots->scale, shares, painting->cell_count, shares);
    for (size_t i = 0; i < painting->cell_count; i++) {
        const struct cell *cell = &painting->cells[i];
        const struct svi_color color = color_of(painting, shares[i]);
        const int growth = lone > common && is_lone(painting, cell, reach) ? lone : common;
        if (growth)
            put_dot(painting, cell, growth, color);
        else
            put_cell(painting, cell, color);
    }
    free(shares);
    return true;
}

bool svi_dots_paint(struct svi_plot_pixels *out, const struct svi_dots *dots, struct svi_rect plot, struct svi_error *err)
{
    const size_t count = (size_t)plot.width * (size_t)plot.height;
    struct painting painting = { .dots = dots, .width = plot.width, .height = plot.height, .pixels = malloc(count * 4) };
    bool ok = painting.pixels || svi_fail_memory(err, count * 4);
    painting.columns = make_spans(dots->columns, plot.width);
    painting.rows = make_spans(dots->rows, plot.height);
    ok = ok && ((painting.columns && painting.rows) || svi_fail_memory(err, (dots->columns + dots->rows) * sizeof(struct span)));
    ok = ok && collect(&painting, err);
    if (ok) {
        svi_pixels_fill(painting.pixels, count, dots->background);
        ok = put_dots(&painting, err);
    }
    free(painting.columns);
    free(painting.rows);
    free(painting.cells);
    if (!ok)
        free(painting.pixels);
    *out = (struct svi_plot_pixels){ .rgba = ok ? painting.pixels : NULL, .rows = (uint32_t)plot.height, .opaque = true };
    return ok;
}
