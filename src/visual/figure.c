#include "visual/figure.h"

#include "visual/figure_layout.h"

/* The colors of the themes. */
static const struct svi_color colors[][SVI_INK_COUNT] = {
    [SVI_THEME_LIGHT] = {
        [SVI_INK_BACKGROUND] = { 255, 255, 255 },
        [SVI_INK_TITLE] = { 20, 20, 24 },
        [SVI_INK_LABEL] = { 30, 30, 34 },
        [SVI_INK_TICK_LABEL] = { 48, 48, 54 },
        [SVI_INK_FOOTER] = { 122, 122, 130 },
        [SVI_INK_LINE] = { 64, 64, 70 },
    },
    [SVI_THEME_DARK] = {
        [SVI_INK_BACKGROUND] = { 18, 19, 23 },
        [SVI_INK_TITLE] = { 242, 242, 245 },
        [SVI_INK_LABEL] = { 226, 226, 231 },
        [SVI_INK_TICK_LABEL] = { 204, 204, 211 },
        [SVI_INK_FOOTER] = { 138, 139, 148 },
        [SVI_INK_LINE] = { 150, 151, 160 },
    },
};

static void draw_bar(struct svi_canvas *canvas, struct svi_rect bar, const struct svi_colormap *colormap)
{
    for (int y = 0; y < bar.height; y++) {
        const uint8_t *rgb = colormap->rgb[255 - (2 * (int64_t)y + 1) * 128 / bar.height];
        svi_canvas_fill(canvas, (struct svi_rect){ bar.left, bar.top + y, bar.width, 1 },
                        (struct svi_color){ rgb[0], rgb[1], rgb[2] });
    }
}

bool svi_figure_draw(struct svi_canvas *out, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                     const uint8_t *plot_rgba, struct svi_error *err)
{
    const struct svi_color *theme = colors[figure->theme];
    if (!svi_canvas_create(out, layout->width, layout->height, theme[SVI_INK_BACKGROUND], err))
        return false;
    svi_canvas_blit(out, layout->plot.left, layout->plot.top, plot_rgba, (uint32_t)layout->plot.width,
                    (uint32_t)layout->plot.height);
    if (layout->bar.width)
        draw_bar(out, layout->bar, figure->bar.colormap);
    for (size_t i = 0; i < layout->box_count; i++)
        svi_canvas_fill(out, layout->boxes[i].where, theme[layout->boxes[i].ink]);
    bool ok = true;
    for (size_t i = 0; ok && i < layout->text_count; i++) {
        const struct svi_placed_text *text = &layout->texts[i];
        ok = svi_text_draw(out, text->x, text->y, text->direction, text->text, text->size_px, theme[text->ink], err);
    }
    if (!ok)
        svi_canvas_clear(out);
    return ok;
}
