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

/* Those of math.h, which heed NaN, are calls; there is none here. */
static double least(double a, double b)
{
    return a < b ? a : b;
}

static double largest(double a, double b)
{
    return a > b ? a : b;
}

static bool is_break(struct svi_point point)
{
    return !isfinite(point.x) || !isfinite(point.y);
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
    double begin = least(largest(*a, low), high), end = least(largest(*b, low), high);
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

struct piece {
    struct svi_point a, b;
    double dx, dy, square; /* square: of the length */
    double inverse_length; /* 0: a dot */
    double dx_per_row;     /* 0: all of it lies in one row */
};

static struct piece piece_of(struct svi_point a, struct svi_point b)
{
    const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    return (struct piece){
        .a = a,
        .b = b,
        .dx = dx,
        .dy = dy,
        .square = square,
        .inverse_length = square > 0 ? 1 / sqrt(square) : 0,
        .dx_per_row = dy != 0 ? dx / dy : 0,
    };
}

static double distance_between(struct svi_point a, struct svi_point b)
{
    return sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

static double distance_of(const struct piece *piece, struct svi_point at)
{
    const double right = at.x - piece->a.x, down = at.y - piece->a.y, along = right * piece->dx + down * piece->dy;
    if (along <= 0)
        return distance_between(at, piece->a);
    if (along >= piece->square)
        return distance_between(at, piece->b);
    return fabs(right * piece->dy - down * piece->dx) * piece->inverse_length;
}

/* Where the piece, or its nearest end, is at that height. */
static double x_at(const struct piece *piece, double y)
{
    const double top = least(piece->a.y, piece->b.y), bottom = largest(piece->a.y, piece->b.y);
    return piece->a.x + (least(largest(y, top), bottom) - piece->a.y) * piece->dx_per_row;
}

static int clamp_column(const struct band *band, double x)
{
    return (int)least(largest(x - band->area.left, 0.0), band->area.width);
}

/* The pixels of one row that a piece may touch: those near what of it lies near the row. */
static void add_to_row(const struct band *band, int row, const struct piece *piece)
{
    const double reach = band->radius + 0.5, y = band->area.top + row + 0.5;
    const bool is_level = piece->dy == 0;
    const double one = is_level ? piece->a.x : x_at(piece, y - reach), other = is_level ? piece->b.x : x_at(piece, y + reach);
    const int first = clamp_column(band, least(one, other) - reach), last = clamp_column(band, largest(one, other) + reach + 1.0);
    const double most_covered = least(2.0 * band->radius, 1.0);
    const uint8_t most = (uint8_t)(most_covered * band->opacity + 0.5);
    uint8_t *coverage = band->coverage + (size_t)row * (size_t)band->area.width;
    for (int column = first; column < last; column++) {
        if (coverage[column] == most) /* of a noisy line, most pixels */
            continue;
        const double inside = reach - distance_of(piece, (struct svi_point){ band->area.left + column + 0.5, y });
        const uint8_t opacity = (uint8_t)(least(largest(inside, 0.0), most_covered) * band->opacity + 0.5);
        if (coverage[column] < opacity)
            coverage[column] = opacity;
    }
}

static void add_piece(const struct band *band, struct svi_point a, struct svi_point b)
{
    if (!cut_to_band(band, &a, &b))
        return;
    const struct piece piece = piece_of(a, b);
    double reach = band->radius + 0.5;
    int first = (int)largest(floor(least(a.y, b.y) - reach) - band->area.top, 0.0);
    int last = (int)least(ceil(largest(a.y, b.y) + reach) - band->area.top, band->area.height);
    for (int row = first; row < last; row++)
        add_to_row(band, row, &piece);
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
        svi_canvas_blend(canvas, band->area.left, band->area.top + row, color,
                         band->coverage + (size_t)row * (size_t)band->area.width, (uint32_t)band->area.width);
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
