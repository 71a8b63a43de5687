#include "visual/stroke.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines are painted in bands of so many rows, so that a large picture needs little memory; so many pixels are looked at together.
 */
enum { BAND_ROWS = 64, TOGETHER = 8 };

/* Opacity is how far a pixel's center lies inside the line's edge; of several pieces the largest counts, which makes corners
 * round and keeps them from adding up. Noisy lines go up and down: the pixels of a column lie side by side. */
struct band {
    struct svi_rect area;           /* of the canvas */
    size_t stride;                  /* area.width, and as much as makes it a whole number of blocks */
    uint8_t (*coverage)[BAND_ROWS]; /* [stride] */
    uint8_t *rows;                  /* [BAND_ROWS][stride]: the same by rows */
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
    double dy_per_column;  /* 0: all of it lies in one column */
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
        .dy_per_column = dx != 0 ? dy / dx : 0,
    };
}

static double distance_between(struct svi_point a, struct svi_point b)
{
    return sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

/* False where the point lies beside the piece, not beyond one of its ends. */
static bool distance_beyond(const struct piece *piece, struct svi_point at, double *distance)
{
    const double right = at.x - piece->a.x, down = at.y - piece->a.y, along = right * piece->dx + down * piece->dy;
    if (along > 0 && along < piece->square)
        return false;
    *distance = distance_between(at, along <= 0 ? piece->a : piece->b);
    return true;
}

/* Where the piece, or its nearest end, is on that way to the right. */
static double y_at(const struct piece *piece, double x)
{
    const double left = least(piece->a.x, piece->b.x), right = largest(piece->a.x, piece->b.x);
    return piece->a.y + (least(largest(x, left), right) - piece->a.x) * piece->dy_per_column;
}

static int clamp_row(const struct band *band, double y)
{
    return (int)least(largest(y - band->area.top, 0.0), band->area.height);
}

/* The opacity of a pixel at that distance. */
static uint8_t covered(const struct band *band, double distance)
{
    const double reach = band->radius + 0.5, most_covered = least(2.0 * band->radius, 1.0);
    return (uint8_t)(least(largest(reach - distance, 0.0), most_covered) * band->opacity + 0.5);
}

/* Pixels of a column that lie beside the piece, not beyond its ends. */
static void add_beside(const struct band *band, uint8_t *coverage, int first, int end, const struct piece *piece, double x)
{
    const double reach = band->radius + 0.5, most_covered = least(2.0 * band->radius, 1.0), opacity = band->opacity;
    const double across = (x - piece->a.x) * piece->dy, dx = piece->dx, inverse_length = piece->inverse_length;
    int row = first;
    for (; row + TOGETHER <= end; row += TOGETHER) {
        const double down = band->area.top + row + 0.5;
        int32_t opacities[TOGETHER];
        for (int i = 0; i < TOGETHER; i++) {
            const double distance = fabs(across - (down + i - piece->a.y) * dx) * inverse_length;
            opacities[i] = (int32_t)(least(largest(reach - distance, 0.0), most_covered) * opacity + 0.5);
        }
        for (int i = 0; i < TOGETHER; i++)
            coverage[row + i] = coverage[row + i] < opacities[i] ? (uint8_t)opacities[i] : coverage[row + i];
    }
    for (; row < end; row++) {
        const uint8_t here = covered(band, fabs(across - (band->area.top + row + 0.5 - piece->a.y) * dx) * inverse_length);
        coverage[row] = coverage[row] < here ? here : coverage[row];
    }
}

/* The pixels of one column that a piece may touch: those near what of it lies near the column. */
static void add_to_column(const struct band *band, int column, const struct piece *piece)
{
    const double reach = band->radius + 0.5, x = band->area.left + column + 0.5;
    const bool is_upright = piece->dx == 0;
    const double one = is_upright ? piece->a.y : y_at(piece, x - reach), other = is_upright ? piece->b.y : y_at(piece, x + reach);
    int first = clamp_row(band, least(one, other) - reach), last = clamp_row(band, largest(one, other) + reach + 1.0);
    uint8_t *coverage = band->coverage[column];
    double distance;
    for (; first < last && distance_beyond(piece, (struct svi_point){ x, band->area.top + first + 0.5 }, &distance); first++)
        coverage[first] = (uint8_t)largest(coverage[first], covered(band, distance));
    for (; first < last && distance_beyond(piece, (struct svi_point){ x, band->area.top + last - 0.5 }, &distance); last--)
        coverage[last - 1] = (uint8_t)largest(coverage[last - 1], covered(band, distance));
    add_beside(band, coverage, first, last, piece, x);
}

static void add_piece(const struct band *band, struct svi_point a, struct svi_point b)
{
    if (!cut_to_band(band, &a, &b))
        return;
    const struct piece piece = piece_of(a, b);
    double reach = band->radius + 0.5;
    int first = (int)largest(floor(least(a.x, b.x) - reach) - band->area.left, 0.0);
    int last = (int)least(ceil(largest(a.x, b.x) + reach) - band->area.left, band->area.width);
    for (int column = first; column < last; column++)
        add_to_column(band, column, &piece);
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

/* Rows and columns of eight by eight bytes change places: halves, then quarters, then neighbours. */
static void turn_block(uint64_t words[TOGETHER])
{
    uint64_t mask = 0x00000000FFFFFFFF;
    for (unsigned off = 4; off; off /= 2, mask ^= mask << 8 * off)
        for (unsigned i = 0; i < TOGETHER; i = ((i | off) + 1) & ~off) {
            const uint64_t change = (words[i] >> 8 * off ^ words[i | off]) & mask;
            words[i] ^= change << 8 * off;
            words[i | off] ^= change;
        }
}

/* By rows, each a few bytes longer than the band. Most of it is clear. */
static void turn(const struct band *band)
{
    const size_t width = (size_t)band->area.width;
    for (size_t row = 0; row < BAND_ROWS; row += TOGETHER)
        for (size_t column = 0; column < width; column += TOGETHER) {
            uint64_t words[TOGETHER], any = 0;
            for (size_t i = 0; i < TOGETHER; i++) {
                memcpy(&words[i], band->coverage[column + i] + row, sizeof words[i]);
                words[i] = le64toh(words[i]);
                any |= words[i];
            }
            if (any)
                turn_block(words);
            for (size_t i = 0; i < TOGETHER; i++) {
                words[i] = htole64(words[i]);
                memcpy(band->rows + (row + i) * band->stride + column, &words[i], sizeof words[i]);
            }
        }
}

static void paint(struct svi_canvas *canvas, const struct band *band, struct svi_color color)
{
    turn(band);
    for (int row = 0; row < band->area.height; row++)
        svi_canvas_blend(canvas, band->area.left, band->area.top + row, color, band->rows + (size_t)row * band->stride,
                         (uint32_t)band->area.width);
}

/* Rows of the area that the line comes near. */
static void find_rows(const struct band *band, const struct svi_point *points, size_t count, int *first, int *end)
{
    const double reach = band->radius + 1.0;
    double top = INFINITY, bottom = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (!is_break(points[i])) {
            top = least(top, points[i].y);
            bottom = largest(bottom, points[i].y);
        }
    *first = clamp_row(band, floor(top - reach));
    *end = clamp_row(band, ceil(bottom + reach));
}

bool svi_stroke_draw(struct svi_canvas *canvas, struct svi_rect area, const struct svi_pen *pen, const struct svi_point *points,
                     size_t count, struct svi_error *err)
{
    struct band band = { .area = area, .radius = 0.5 * pen->width, .opacity = pen->opacity };
    if (area.width <= 0 || area.height <= 0 || !count)
        return true;
    band.stride = ((size_t)area.width + TOGETHER - 1) / TOGETHER * TOGETHER;
    const size_t bytes = band.stride * BAND_ROWS;
    band.coverage = malloc(2 * bytes);
    if (!band.coverage)
        return svi_fail_memory(err, 2 * bytes);
    band.rows = (uint8_t *)band.coverage + bytes;
    int first, end;
    find_rows(&band, points, count, &first, &end);
    for (int top = first / BAND_ROWS * BAND_ROWS; top < end; top += BAND_ROWS) {
        band.area.top = area.top + top;
        band.area.height = area.height - top < BAND_ROWS ? area.height - top : BAND_ROWS;
        memset(band.coverage, 0, bytes);
        add_line(&band, points, count);
        paint(canvas, &band, pen->color);
    }
    free(band.coverage);
    return true;
}
