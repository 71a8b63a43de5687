#include "visual/coverage.h"

#include <math.h>
#include <stdlib.h>

static size_t stride(const struct svi_coverage *coverage)
{
    return (size_t)coverage->area.width + 2;
}

bool svi_coverage_create(struct svi_coverage *out, struct svi_rect area, struct svi_error *err)
{
    *out = (struct svi_coverage){ .area = area };
    if (area.width <= 0 || area.height <= 0)
        return true;
    size_t cells = stride(out) * (size_t)area.height;
    out->cells = calloc(cells, sizeof *out->cells);
    return out->cells || svi_fail_memory(err, cells * sizeof *out->cells);
}

void svi_coverage_clear(struct svi_coverage *coverage)
{
    free(coverage->cells);
    *coverage = (struct svi_coverage){ 0 };
}

static double within(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

/* fmin and fmax would be calls, here where most of the time of text goes; there are no NAN. */
static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* A piece of a line inside one row of pixels, from x0 to x1 with x0 <= x1, that goes through `height` (signed) of the row. */
static void add_to_row(float *row, double x0, double x1, double height)
{
    int first = (int)x0, last = (int)x1 + ((int)x1 < x1);
    if (last <= first + 1) {
        double right = height * (0.5 * (x0 + x1) - first);
        row[first] += (float)(height - right);
        row[first + 1] += (float)right;
        return;
    }
    /* The share of the height to the left of a pixel's right edge grows along the line: quadratic, linear, quadratic. */
    double slope = 1.0 / (x1 - x0), before = 0.0;
    for (int x = first; x < last; x++) {
        double begin = greater(x0, x), end = lesser(x1, x + 1.0);
        double inside = slope * (end - begin);
        double covered = inside * (x + 1.0 - 0.5 * (begin + end)) + slope * (begin - x0);
        row[x] += (float)(height * (covered - before));
        before = covered;
    }
    row[last] += (float)(height * (1.0 - before));
}

/* A line that does not cross the left or the right edge: what lies beyond an edge counts as lying on it. */
static void add_line(struct svi_coverage *coverage, double x0, double y0, double x1, double y1)
{
    if (y0 == y1)
        return;
    double direction = y0 < y1 ? 1.0 : -1.0, slope = (x1 - x0) / (y1 - y0);
    double low = lesser(y0, y1) - coverage->area.top, high = greater(y0, y1) - coverage->area.top;
    double x_at_low = (y0 < y1 ? x0 : x1) - coverage->area.left;
    double from = within(low, 0.0, coverage->area.height), to = within(high, 0.0, coverage->area.height);
    for (int y = (int)from; y < to; y++) {
        double begin = greater(from, y), end = lesser(to, y + 1.0);
        double a = within(x_at_low + (begin - low) * slope, 0.0, coverage->area.width);
        double b = within(x_at_low + (end - low) * slope, 0.0, coverage->area.width);
        add_to_row(coverage->cells + stride(coverage) * (size_t)y, lesser(a, b), greater(a, b), direction * (end - begin));
    }
}

void svi_coverage_line(struct svi_coverage *coverage, double x0, double y0, double x1, double y1)
{
    if (!coverage->cells)
        return;
    const double edges[2] = { coverage->area.left, (double)coverage->area.left + coverage->area.width };
    double cuts[3] = { 0.0 };
    size_t count = 1;
    for (size_t i = 0; i < 2; i++) {
        double edge = edges[x0 <= x1 ? i : 1 - i];
        if ((x0 < edge && edge < x1) || (x1 < edge && edge < x0))
            cuts[count++] = (edge - x0) / (x1 - x0);
    }
    for (size_t i = 0; i < count; i++) {
        double from = cuts[i], to = i + 1 < count ? cuts[i + 1] : 1.0;
        add_line(coverage, x0 + from * (x1 - x0), y0 + from * (y1 - y0), x0 + to * (x1 - x0), y0 + to * (y1 - y0));
    }
}

static uint8_t opacity_of(float sum)
{
    return (uint8_t)(fminf(fabsf(sum), 1.0F) * 255.0F + 0.5F);
}

void svi_coverage_opacity(const struct svi_coverage *coverage, uint8_t *opacity)
{
    for (int y = 0; y < coverage->area.height; y++) {
        const float *row = coverage->cells + stride(coverage) * (size_t)y;
        float sum = 0.0F;
        for (int x = 0; x < coverage->area.width; x++) {
            sum += row[x];
            *opacity++ = opacity_of(sum);
        }
    }
}

void svi_coverage_paint(const struct svi_coverage *coverage, struct svi_canvas *canvas, struct svi_color color)
{
    for (int y = 0; coverage->cells && y < coverage->area.height; y++) {
        const float *row = coverage->cells + stride(coverage) * (size_t)y;
        float sum = 0.0F;
        for (int x = 0; x < coverage->area.width; x++) {
            sum += row[x];
            const uint8_t opacity = opacity_of(sum);
            svi_canvas_blend(canvas, coverage->area.left + x, coverage->area.top + y, color, &opacity, 1);
        }
    }
}
