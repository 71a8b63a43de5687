#include "visual/figure.h"

#include "visual/figure_layout.h"
#include "visual/figure_over.h"
#include "visual/hatch.h"

#include <math.h>

static size_t color_of_bar(struct svi_rect bar, int y)
{
    return (size_t)(255 - (2 * (int64_t)y + 1) * 128 / bar.height);
}

static void draw_bar(struct svi_canvas *canvas, struct svi_rect bar, const struct svi_colormap *colormap)
{
    for (int y = 0, end; y < bar.height; y = end) {
        const uint8_t *rgb = colormap->rgb[color_of_bar(bar, y)];
        for (end = y + 1; end < bar.height && color_of_bar(bar, end) == color_of_bar(bar, y);)
            end++;
        svi_canvas_fill(canvas, (struct svi_rect){ bar.left, bar.top + y, bar.width, end - y },
                        (struct svi_color){ rgb[0], rgb[1], rgb[2] });
    }
}

static void draw_plot(struct svi_canvas *canvas, const struct svi_figure *figure, struct svi_rect plot,
                      const struct svi_plot_pixels *shown)
{
    const double unit = figure->dpi / 100.0;
    const struct svi_hatch hatch = { .ground = svi_theme_color(figure->theme, SVI_INK_GAP),
                                     .stripe = svi_theme_color(figure->theme, SVI_INK_GAP_STRIPE),
                                     .pitch = fmax(4.0, 9.0 * unit),
                                     .width = fmax(1.0, 1.5 * unit) };
    const size_t width = (size_t)plot.width, height = (size_t)plot.height;
    for (size_t y = 0, end; y < height; y = end) {
        const uint8_t *row = svi_plot_row(shown, width, height, y);
        for (end = y + 1; end < height && svi_plot_row(shown, width, height, end) == row;)
            end++;
        svi_canvas_repeat(canvas, (struct svi_rect){ plot.left, plot.top + (int)y, plot.width, (int)(end - y) }, row);
    }
    if (!shown->opaque && svi_hatch_has_gap(shown->rgba, width * shown->rows))
        svi_hatch_gaps(canvas, plot, &hatch);
}

bool svi_figure_draw(struct svi_canvas *out, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                     const struct svi_plot_pixels *shown, struct svi_error *err)
{
    const struct svi_color ground = svi_theme_color(figure->theme, SVI_INK_BACKGROUND);
    if (!svi_canvas_create(out, layout->width, layout->height, ground, err))
        return false;
    if (shown)
        draw_plot(out, figure, layout->plot, shown);
    if (layout->bar.width)
        draw_bar(out, layout->bar, figure->bar.colormap);
    for (size_t i = 0; i < layout->box_count; i++)
        svi_canvas_fill(out, layout->boxes[i].where, svi_theme_color(figure->theme, layout->boxes[i].ink));
    bool ok = svi_figure_over_draw(out, figure, layout, err);
    for (size_t i = 0; ok && i < layout->text_count; i++) {
        const struct svi_placed_text *text = &layout->texts[i];
        ok = svi_text_draw(out, text->x, text->y, text->direction, text->text, text->size_px,
                           svi_theme_color(figure->theme, text->ink), err);
    }
    if (!ok)
        svi_canvas_clear(out);
    return ok;
}
