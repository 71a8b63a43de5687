#include "visual/stroke.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines are painted in bands of so many rows, so that a large picture needs little memory. */
enum { BAND_ROWS = 64 };

/* Opacity is how far a pixel's center lies inside the line's edge; of several pieces the largest counts, which makes corners
 * round and keeps them from adding up. */
struct band {
    struct svi_rect area; /* of the canvas */
    uint8_t *coverage;    /* [area.height][area.width] */
    double radius, opacity;
};

static bool is_break(struct svi_point point)
{
    return !isfinite(point.x) || !isfinite(point.y);
}

/* Cuts a piece at one edge, where `a` and `b` are the distances of its ends from it, inwards. false: nothing is inside. */
static bool cut(double a, double b, double *from, double *to)
{
    if (a < 0.0 && b < 0.0)
        return false;
    if (a < 0.0)
        *from = fmax(*from, a / (a - b));
    if (b < 0.0)
        *to = fmin(*to, a / (a - b));
    return *from <= *to;
}

/* Moves `a` along the piece to where one of its coordinates is the limit. */
static double moved(double a, double b, double other_a, double other_b, double limit)
{
    return other_a + (limit - a) / (b - a) * (other_b - other_a);
}

/* Cuts what lies below `low` and above `high`; the coordinate that is cut is exact afterwards, however far it was off. */
static bool cut_to_range(double *a, double *b, double *other_a, double *other_b, double low, double high)
{
    if ((*a < low && *b < low) || (*a > high && *b > high))
        return false;
    double begin = fmin(fmax(*a, low), high), end = fmin(fmax(*b, low), high);
    double other_begin = begin == *a ? *other_a : moved(*a, *b, *other_a, *other_b, begin);
    double other_end = end == *b ? *other_b : moved(*b, *a, *other_b, *other_a, end);
    *a = begin;
    *b = end;
    *other_a = other_begin;
    *other_b = other_end;
    return true;
}

/* What of a piece lies near the band; far ends would cost precision. */
static bool cut_to_band(const struct band *band, struct svi_point *a, struct svi_point *b)
{
    const double reach = band->radius + 2.0;
    return cut_to_range(&a->y, &b->y, &a->x, &b->x, band->area.top - reach, band->area.top + band->area.height + reach)
           && cut_to_range(&a->x, &b->x, &a->y, &b->y, band->area.left - reach, band->area.left + band->area.width + reach);
}

static int clamp_column(const struct band *band, double x)
{
    return (int)fmin(fmax(floor(x) - band->area.left, 0.0), band->area.width);
}

/* The pixels of one row that a piece may touch: those near what of it lies near the row. */
static void add_to_row(const struct band *band, int row, struct svi_point a, struct svi_point b)
{
    double reach = band->radius + 0.5, y = band->area.top + row + 0.5, from = 0.0, to = 1.0;
    if (!cut(a.y - (y - reach), b.y - (y - reach), &from, &to) || !cut(y + reach - a.y, y + reach - b.y, &from, &to))
        return;
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double one = a.x + from * dx, other = a.x + to * dx;
    int first = clamp_column(band, fmin(one, other) - reach), last = clamp_column(band, fmax(one, other) + reach + 1.0);
    const uint8_t most = (uint8_t)lround(fmin(2.0 * band->radius, 1.0) * band->opacity);
    uint8_t *coverage = band->coverage + (size_t)row * (size_t)band->area.width;
    for (int column = first; column < last; column++) {
        if (coverage[column] == most) /* of a noisy line, most pixels */
            continue;
        double x = band->area.left + column + 0.5;
        double along = square > 0.0 ? fmin(fmax(((x - a.x) * dx + (y - a.y) * dy) / square, 0.0), 1.0) : 0.0;
        double beside_x = x - a.x - along * dx, beside_y = y - a.y - along * dy;
        double distance = sqrt(beside_x * beside_x + beside_y * beside_y);
        double covered = fmin(fmax(reach - distance, 0.0), fmin(2.0 * band->radius, 1.0));
        uint8_t opacity = (uint8_t)lround(covered * band->opacity);
        if (coverage[column] < opacity)
            coverage[column] = opacity;
    }
}

static void add_piece(const struct band *band, struct svi_point a, struct svi_point b)
{
    if (!cut_to_band(band, &a, &b))
        return;
    double reach = band->radius + 0.5;
    int first = (int)fmax(floor(fmin(a.y, b.y) - reach) - band->area.top, 0.0);
    int last = (int)fmin(ceil(fmax(a.y, b.y) + reach) - band->area.top, band->area.height);
    for (int row = first; row < last; row++)
        add_to_row(band, row, a, b);
}

static void add_line(const struct band *band, const struct svi_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool begins = i == 0 || is_break(points[i - 1]), ends = i + 1 == count || is_break(points[i + 1]);
        if (is_break(points[i]) || (ends && !begins))
            continue;
        add_piece(band, points[i], points[ends ? i : i + 1]);
    }
}

static void paint(struct svi_canvas *canvas, const struct band *band, struct svi_color color)
{
    for (int row = 0; row < band->area.height; row++)
        for (int column = 0; column < band->area.width; column++) {
            uint8_t opacity = band->coverage[(size_t)row * (size_t)band->area.width + (size_t)column];
            if (opacity)
                svi_canvas_blend(canvas, band->area.left + column, band->area.top + row, color, opacity);
        }
}

bool svi_stroke_draw(struct svi_canvas *canvas, struct svi_rect area, const struct svi_pen *pen, const struct svi_point *points,
                     size_t count, struct svi_error *err)
{
    struct band band = { .area = area, .radius = 0.5 * pen->width, .opacity = pen->opacity };
    if (area.width <= 0 || area.height <= 0 || !count)
        return true;
    const size_t bytes = (size_t)area.width * BAND_ROWS;
    band.coverage = malloc(bytes);
    if (!band.coverage)
        return svi_fail_memory(err, bytes);
    for (int top = 0; top < area.height; top += BAND_ROWS) {
        band.area.top = area.top + top;
        band.area.height = area.height - top < BAND_ROWS ? area.height - top : BAND_ROWS;
        memset(band.coverage, 0, bytes);
        add_line(&band, points, count);
        paint(canvas, &band, pen->color);
    }
    free(band.coverage);
    return true;
}
