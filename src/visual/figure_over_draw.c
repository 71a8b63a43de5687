#include "visual/coverage.h"
#include "visual/figure_over.h"

#include <math.h>
#include <stdlib.h>

/* Opacities of what the plot is to be seen through. */
enum { GRID_OPACITY = 46, PLATE_OPACITY = 208, HALO_OPACITY = 176 };

/* A frame of so many pixels along the inner edge of a rectangle. */
static void blend_frame(struct svi_canvas *canvas, struct svi_rect rect, int line, struct svi_color color, uint8_t opacity)
{
    const int inner = rect.height - 2 * line;
    svi_canvas_tint(canvas, (struct svi_rect){ rect.left, rect.top, rect.width, line }, color, opacity);
    svi_canvas_tint(canvas, (struct svi_rect){ rect.left, rect.top + rect.height - line, rect.width, line }, color, opacity);
    svi_canvas_tint(canvas, (struct svi_rect){ rect.left, rect.top + line, line, inner }, color, opacity);
    svi_canvas_tint(canvas, (struct svi_rect){ rect.left + rect.width - line, rect.top + line, line, inner }, color, opacity);
}

/* ---- lines ---- */

/* Of the points that fall into one column of pixels, the first, the lowest, the highest and the last tell all that is seen. */
struct run {
    struct svi_point first, low, high, last;
    size_t low_at, high_at, count;
};

static void add_to_run(struct run *run, struct svi_point at)
{
    if (!run->count)
        *run = (struct run){ .first = at, .low = at, .high = at };
    if (at.y < run->low.y) {
        run->low = at;
        run->low_at = run->count;
    }
    if (at.y > run->high.y) {
        run->high = at;
        run->high_at = run->count;
    }
    run->last = at;
    run->count++;
}

static size_t end_run(struct run *run, struct svi_point *points)
{
    bool low_first = run->low_at < run->high_at;
    const struct svi_point four[] = { run->first, low_first ? run->low : run->high, low_first ? run->high : run->low, run->last };
    size_t count = run->count < 4 ? run->count : 4;
    for (size_t i = 0; i < count; i++)
        points[i] = run->count == 1 ? run->first : run->count == 2 ? four[3 * i] : run->count == 3 && i == 2 ? run->last : four[i];
    run->count = 0;
    return count;
}

/* Values to pixels; at most as many points as the line has. */
static size_t thin_out(const struct svi_figure_line *line, const struct svi_plane *plane, struct svi_point *points)
{
    struct run run = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < line->count; i++) {
        struct svi_point at = svi_plane_at(plane, line->x[i], line->y[i]);
        bool is_break = isnan(at.x) || isnan(at.y);
        if (run.count && (is_break || floor(at.x) != floor(run.first.x)))
            count += end_run(&run, points + count);
        if (is_break)
            points[count++] = at;
        else
            add_to_run(&run, at);
    }
    return count + (run.count ? end_run(&run, points + count) : 0);
}

static bool draw_line(struct svi_canvas *canvas, const struct svi_figure *figure, const struct svi_figure_line *line,
                      const struct svi_plane *plane, struct svi_error *err)
{
    struct svi_point *points = line->count ? malloc(line->count * sizeof *points) : NULL;
    if (!points)
        return !line->count || svi_fail_memory(err, line->count * sizeof *points);
    const double unit = figure->dpi / 100.0, width = fmax(1.0, line->width * unit);
    const struct svi_pen pen = { line->color, 255, width };
    const struct svi_pen halo = { line->halo ? *line->halo : line->color, HALO_OPACITY, width + 2.0 * unit };
    size_t count = thin_out(line, plane, points);
    bool ok = (!line->halo || svi_stroke_draw(canvas, plane->plot, &halo, points, count, err))
              && svi_stroke_draw(canvas, plane->plot, &pen, points, count, err);
    free(points);
    return ok;
}

/* ---- the rest ---- */

/* Light between two dark lines: seen on any color. */
static void draw_outline(struct svi_canvas *canvas, struct svi_rect rect, int line)
{
    static const struct svi_color light = { 255, 255, 255 }, dark = { 0, 0, 0 };
    const struct svi_rect middle = { rect.left + line, rect.top + line, rect.width - 2 * line, rect.height - 2 * line };
    const struct svi_rect inner = { middle.left + line, middle.top + line, middle.width - 2 * line, middle.height - 2 * line };
    blend_frame(canvas, rect, line, dark, HALO_OPACITY);
    blend_frame(canvas, middle, line, light, 255);
    if (inner.width > 2 * line && inner.height > 2 * line)
        blend_frame(canvas, inner, line, dark, HALO_OPACITY);
}

static bool draw_mark(struct svi_canvas *canvas, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                      const struct svi_placed_mark *mark, struct svi_error *err)
{
    const struct svi_pen halo = { svi_theme_color(figure->theme, SVI_INK_BACKGROUND), HALO_OPACITY, 2.0 * figure->dpi / 100.0 };
    const struct svi_point corners[] = {
        { mark->x, mark->tip }, { mark->x - mark->half, mark->base }, { mark->x + mark->half, mark->base }, { mark->x, mark->tip }
    };
    struct svi_coverage coverage;
    if (!svi_stroke_draw(canvas, layout->plot, &halo, corners, 4, err) || !svi_coverage_create(&coverage, mark->touches, err))
        return false;
    for (size_t i = 0; i < 3; i++)
        svi_coverage_line(&coverage, corners[i].x, corners[i].y, corners[i + 1].x, corners[i + 1].y);
    svi_coverage_paint(&coverage, canvas, figure->marks[mark->index].color);
    svi_coverage_clear(&coverage);
    return true;
}

static bool draw_legend(struct svi_canvas *canvas, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                        int line_px, struct svi_error *err)
{
    bool ok = true;
    svi_canvas_tint(canvas, layout->legend, svi_theme_color(figure->theme, SVI_INK_BACKGROUND), PLATE_OPACITY);
    blend_frame(canvas, layout->legend, line_px, svi_theme_color(figure->theme, SVI_INK_LINE), GRID_OPACITY * 2);
    for (size_t i = 0; ok && i < layout->swatch_count; i++) {
        const struct svi_swatch *swatch = &layout->swatches[i];
        const struct svi_figure_line *line = &figure->lines[swatch->line];
        const struct svi_point ends[] = { { swatch->left, swatch->middle }, { swatch->right, swatch->middle } };
        const struct svi_pen pen = { line->color, 255, fmin(fmax(line->width, 1.5), 4.0) * figure->dpi / 100.0 };
        ok = svi_stroke_draw(canvas, layout->legend, &pen, ends, 2, err);
    }
    return ok;
}

bool svi_figure_over_draw(struct svi_canvas *canvas, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                          struct svi_error *err)
{
    const struct svi_plane plane = svi_plane_of(figure, layout->plot);
    const int line_px = svi_figure_sizes_for(figure).line;
    bool ok = true;
    for (size_t i = 0; i < layout->grid_count; i++)
        svi_canvas_tint(canvas, layout->grid[i], svi_theme_color(figure->theme, SVI_INK_LINE), GRID_OPACITY);
    for (size_t i = 0; ok && i < figure->line_count; i++)
        ok = draw_line(canvas, figure, &figure->lines[i], &plane, err);
    for (size_t i = 0; i < layout->outline_count; i++)
        draw_outline(canvas, layout->outlines[i], line_px);
    for (size_t i = 0; ok && i < layout->mark_count; i++)
        ok = draw_mark(canvas, figure, layout, &layout->marks[i], err);
    if (ok && layout->legend.width)
        ok = draw_legend(canvas, figure, layout, line_px, err);
    for (size_t i = 0; ok && i < layout->over_count; i++) {
        const struct svi_placed_text *text = &layout->over[i].text;
        svi_canvas_tint(canvas, layout->over[i].plate, svi_theme_color(figure->theme, SVI_INK_BACKGROUND), PLATE_OPACITY);
        ok = svi_text_draw(canvas, text->x, text->y, text->direction, text->text, text->size_px,
                           svi_theme_color(figure->theme, text->ink), err);
    }
    return ok;
}
