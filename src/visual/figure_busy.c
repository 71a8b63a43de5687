#include "visual/figure_over.h"

#include <math.h>
#include <string.h>

struct svi_plane svi_plane_of(const struct svi_figure *figure, struct svi_rect plot)
{
    return (struct svi_plane){
        .x = { .kind = figure->x.scale, .at_start = figure->x.at_start, .at_end = figure->x.at_end },
        .y = { .kind = figure->y.scale, .at_start = figure->y.at_start, .at_end = figure->y.at_end },
        .plot = plot,
    };
}

struct svi_point svi_plane_at(const struct svi_plane *plane, double x, double y)
{
    const struct svi_rect plot = plane->plot;
    return (struct svi_point){ plot.left + svi_edge_share(&plane->x, x) * plot.width,
                               plot.top + (1.0 - svi_edge_share(&plane->y, y)) * plot.height };
}

static bool cell_of(const struct svi_busy *busy, struct svi_point at, int *column, int *row)
{
    double x = (at.x - busy->plot.left) / busy->plot.width, y = (at.y - busy->plot.top) / busy->plot.height;
    if (!(x >= 0.0 && x < 1.0 && y >= 0.0 && y < 1.0))
        return false;
    *column = (int)(x * SVI_BUSY_EDGE);
    *row = (int)(y * SVI_BUSY_EDGE);
    return true;
}

static void touch(struct svi_busy *busy, struct svi_point at)
{
    int column, row;
    if (cell_of(busy, at, &column, &row))
        busy->cells[row][column] = 1;
}

/* Steps of a cell or less. Steep pieces that leave the plot are cut to what is near it, so that the count of steps is bounded. */
static void touch_piece(struct svi_busy *busy, struct svi_point a, struct svi_point b)
{
    const double low = busy->plot.top - 1.0, high = (double)busy->plot.top + busy->plot.height + 1.0;
    a.y = fmin(fmax(a.y, low), high);
    b.y = fmin(fmax(b.y, low), high);
    double columns = fabs(b.x - a.x) / busy->plot.width, rows = fabs(b.y - a.y) / busy->plot.height;
    int steps = 1 + (int)(fmin(fmax(columns, rows), 4.0) * SVI_BUSY_EDGE);
    for (int i = 0; i <= steps; i++) {
        double t = (double)i / steps;
        touch(busy, (struct svi_point){ a.x + t * (b.x - a.x), a.y + t * (b.y - a.y) });
    }
}

void svi_busy_fill(struct svi_busy *busy, const struct svi_figure *figure, const struct svi_plane *plane)
{
    memset(busy->cells, 0, sizeof busy->cells);
    busy->plot = plane->plot;
    for (size_t i = 0; i < figure->line_count; i++) {
        const struct svi_figure_line *line = &figure->lines[i];
        struct svi_point before = { NAN, NAN };
        for (size_t k = 0; k < line->count; k++) {
            struct svi_point at = svi_plane_at(plane, line->x[k], line->y[k]);
            bool joined = !isnan(before.x) && !isnan(before.y) && !isnan(at.x) && !isnan(at.y);
            touch_piece(busy, joined ? before : at, at);
            before = at;
        }
    }
    for (size_t i = 0; i < figure->mark_count; i++)
        touch(busy, svi_plane_at(plane, figure->marks[i].x, figure->marks[i].y));
}

double svi_busy_share(const struct svi_busy *busy, struct svi_rect rect)
{
    const double per_column = (double)busy->plot.width / SVI_BUSY_EDGE, per_row = (double)busy->plot.height / SVI_BUSY_EDGE;
    int left = (int)((rect.left - busy->plot.left) / per_column), top = (int)((rect.top - busy->plot.top) / per_row);
    int right = (int)((rect.left + rect.width - busy->plot.left) / per_column);
    int bottom = (int)((rect.top + rect.height - busy->plot.top) / per_row);
    size_t used = 0, all = 0;
    for (int row = top > 0 ? top : 0; row <= bottom && row < SVI_BUSY_EDGE; row++)
        for (int column = left > 0 ? left : 0; column <= right && column < SVI_BUSY_EDGE; column++, all++)
            used += busy->cells[row][column];
    return all ? (double)used / (double)all : 0.0;
}
