#include "visual/figure_over.h"

#include "base/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct placing {
    struct svi_figure_layout *layout;
    const struct svi_figure *figure;
    const struct svi_figure_sizes *sizes;
    struct svi_plane plane;
    struct svi_busy *busy;
};

static bool overlap(struct svi_rect a, struct svi_rect b)
{
    return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

static bool contains(struct svi_rect outer, struct svi_rect inner)
{
    return inner.left >= outer.left && inner.top >= outer.top && inner.left + inner.width <= outer.left + outer.width
           && inner.top + inner.height <= outer.top + outer.height;
}

struct svi_over_text svi_over_text_at(const char *text, double size_px, int x, int y, int rim)
{
    struct svi_over_text over = { .text = {
                                      .x = x, .y = y, .direction = SVI_TEXT_RIGHT, .ink = SVI_INK_LABEL, .size_px = size_px } };
    svi_format(over.text.text, sizeof over.text.text, "%s", text);
    struct svi_rect ink = svi_text_ink(over.text.text, size_px, SVI_TEXT_RIGHT);
    over.text.touches = (struct svi_rect){ x + ink.left, y + ink.top, ink.width, ink.height };
    if (rim) {
        struct svi_rect touches = over.text.touches;
        over.plate = (struct svi_rect){ touches.left - rim, touches.top - rim, touches.width + 2 * rim, touches.height + 2 * rim };
    }
    return over;
}

/* ---- labels ---- */

/* No plate, sign or small box, which it would hide, is where a label would stand. Its own box is never there. */
static bool is_free(const struct placing *placing, struct svi_rect plate)
{
    const struct svi_figure_layout *layout = placing->layout;
    bool free = contains(layout->plot, plate) && !overlap(plate, layout->legend);
    for (size_t i = 0; free && i < layout->over_count; i++)
        free = !overlap(plate, layout->over[i].plate);
    for (size_t i = 0; free && i < layout->mark_count; i++)
        free = !overlap(plate, layout->marks[i].touches);
    for (size_t i = 0; free && i < layout->outline_count; i++) {
        struct svi_rect box = layout->outlines[i];
        bool is_small = (int64_t)box.width * box.height < 2 * (int64_t)plate.width * plate.height;
        free = !is_small || !overlap(plate, box);
    }
    return free;
}

/* Where a label may stand beside a rectangle: -1 outside its left (top) edge, 0 in the middle, 1 outside its right (bottom) edge;
 * -0.5 and 0.5: flush with these edges. */
struct side {
    double x, y;
};

static int along(double side, int begin, int length, int size, int gap)
{
    if (side <= -1.0)
        return begin - size - gap;
    if (side >= 1.0)
        return begin + length + gap;
    return begin + (int)lround((side + 0.5) * (length - size));
}

static double apart_px(struct svi_rect a, struct svi_rect b)
{
    int x = a.left < b.left ? b.left - a.left - a.width : a.left - b.left - b.width;
    int y = a.top < b.top ? b.top - a.top - a.height : a.top - b.top - b.height;
    return hypot(fmax(x, 0.0), fmax(y, 0.0));
}

/* No reader takes a label there for another mark's: its own is the nearest one, clearly so from its edges, and from its middle. */
static bool is_nearest(const struct svi_figure_layout *layout, const struct svi_placed_mark *own, struct svi_rect plate)
{
    const struct svi_rect middle = { plate.left + plate.width / 2, plate.top + plate.height / 2, 1, 1 };
    bool nearest = true;
    for (size_t i = 0; nearest && i < layout->mark_count; i++) {
        const struct svi_placed_mark *other = &layout->marks[i];
        nearest = other == own
                  || (apart_px(plate, other->touches) > apart_px(plate, own->touches) + 2.0 * own->half
                      && apart_px(middle, other->touches) > apart_px(middle, own->touches));
    }
    return nearest;
}

/* Puts a label at the first of the sides that is free, or the one that covers the least of the lines. own: the mark that it is
 * beside; NULL: it is a box's. */
static void put_label(struct placing *placing, const char *text, struct svi_rect beside, const struct svi_placed_mark *own,
                      const struct side *sides, size_t count)
{
    struct svi_figure_layout *layout = placing->layout;
    const struct svi_figure_sizes *sizes = placing->sizes;
    const int rim = (int)fmax(2.0, round(2.5 * sizes->unit)), gap = (int)fmax(1.0, round(2.0 * sizes->unit));
    char shown[256];
    text = text ? text : "";
    svi_text_shorten(shown, sizeof shown, text, sizes->footer, own ? layout->plot.width : 0.5 * layout->plot.width);
    if (own && strcmp(shown, text) != 0)
        return; /* what is left of a number would be read as another one */
    struct svi_over_text best = { 0 }, label = svi_over_text_at(shown, sizes->footer, 0, 0, rim);
    double least = 0.02; /* what would hide more than that is left out */
    bool found = false;
    for (size_t i = 0; i < count && *shown && layout->over_count < SVI_LAYOUT_MAX_OVER; i++) {
        int left = along(sides[i].x, beside.left, beside.width, label.plate.width, gap);
        int top = along(sides[i].y, beside.top, beside.height, label.plate.height, gap);
        struct svi_rect plate = { left, top, label.plate.width, label.plate.height };
        double share = svi_busy_share(placing->busy, plate);
        if (share < least && is_free(placing, plate) && (!own || is_nearest(layout, own, plate))) {
            least = share;
            best = svi_over_text_at(shown, sizes->footer, left - label.plate.left, top - label.plate.top, rim);
            found = true;
        }
    }
    if (found)
        layout->over[layout->over_count++] = best;
}

/* ---- the parts ---- */

static void place_grid(struct placing *placing, const struct svi_axis *x, const struct svi_axis *y)
{
    struct svi_figure_layout *layout = placing->layout;
    struct svi_rect plot = layout->plot;
    int line = placing->sizes->line;
    for (size_t i = 0; i < x->tick_count; i++) {
        struct svi_rect where = { (int)lround(plot.left - line + x->ticks[i].share * (plot.width + line)), plot.top, line,
                                  plot.height };
        if (contains(plot, where))
            layout->grid[layout->grid_count++] = where;
    }
    for (size_t i = 0; i < y->tick_count; i++) {
        struct svi_rect where = { plot.left, (int)lround(plot.top - line + (1.0 - y->ticks[i].share) * (plot.height + line)),
                                  plot.width, line };
        if (contains(plot, where))
            layout->grid[layout->grid_count++] = where;
    }
}

/* A triangle above its point, its tip a little away; where the plot ends there, below it. */
static bool place_mark(struct placing *placing, size_t index)
{
    struct svi_figure_layout *layout = placing->layout;
    const struct svi_figure_mark *mark = &placing->figure->marks[index];
    struct svi_point at = svi_plane_at(&placing->plane, mark->x, mark->y);
    double edge = fmax(5.0, 8.0 * placing->sizes->unit), gap = 2.0 * placing->sizes->unit;
    struct svi_rect plot = layout->plot;
    bool inside = at.x >= plot.left && at.x <= plot.left + plot.width && at.y >= plot.top && at.y <= plot.top + plot.height;
    if (!inside || layout->mark_count == SVI_LAYOUT_MAX_MARKS)
        return false;
    bool below = at.y - gap - edge < plot.top;
    struct svi_placed_mark placed = { .index = index, .x = at.x, .tip = below ? at.y + gap : at.y - gap };
    placed.base = below ? placed.tip + edge : placed.tip - edge;
    placed.half = 0.55 * edge;
    placed.touches.left = (int)floor(placed.x - placed.half);
    placed.touches.top = (int)floor(fmin(placed.tip, placed.base));
    placed.touches.width = (int)ceil(placed.x + placed.half) - placed.touches.left;
    placed.touches.height = (int)ceil(fmax(placed.tip, placed.base)) - placed.touches.top;
    if (!contains(plot, placed.touches) || !is_free(placing, placed.touches))
        return false;
    layout->marks[layout->mark_count++] = placed;
    return true;
}

static void place_marks(struct placing *placing)
{
    static const struct side sides[] = {
        { 0, -1 }, { 1, -0.5 }, { -1, -0.5 }, { 1, -1 }, { -1, -1 }, { 0, 1 }, { 1, 1 }, { -1, 1 }
    };
    struct svi_figure_layout *layout = placing->layout;
    for (size_t i = 0; i < placing->figure->mark_count; i++)
        place_mark(placing, i);
    for (size_t i = 0; i < layout->mark_count; i++) {
        const struct svi_placed_mark *own = &layout->marks[i];
        put_label(placing, placing->figure->marks[own->index].label, own->touches, own, sides, sizeof sides / sizeof *sides);
    }
}

/* The pixels of a box, cut to the plot, at least `least` each way. false: nothing of it is seen. */
static bool box_pixels(const struct placing *placing, const struct svi_figure_box *box, struct svi_rect *out)
{
    const int least = 3 * placing->sizes->line + 2;
    const struct svi_rect plot = placing->layout->plot;
    struct svi_point a = svi_plane_at(&placing->plane, box->x0, box->y0), b = svi_plane_at(&placing->plane, box->x1, box->y1);
    double left = fmax(fmin(a.x, b.x), plot.left), right = fmin(fmax(a.x, b.x), (double)plot.left + plot.width);
    double top = fmax(fmin(a.y, b.y), plot.top), bottom = fmin(fmax(a.y, b.y), (double)plot.top + plot.height);
    if (isnan(a.x) || isnan(a.y) || isnan(b.x) || isnan(b.y) || left > right || top > bottom || plot.width < least
        || plot.height < least)
        return false;
    out->width = (int)fmax(least, round(right) - round(left));
    out->height = (int)fmax(least, round(bottom) - round(top));
    out->left = (int)fmin(fmax(round(0.5 * (left + right) - 0.5 * out->width), plot.left), plot.left + plot.width - out->width);
    out->top = (int)fmin(fmax(round(0.5 * (top + bottom) - 0.5 * out->height), plot.top), plot.top + plot.height - out->height);
    return true;
}

static void place_boxes(struct placing *placing, bool has_labels)
{
    static const struct side sides[] = { { -0.5, -1 }, { -0.5, 1 },    { 0.5, -1 },   { 0.5, 1 },    { 1, -0.5 },
                                         { -1, -0.5 }, { -0.5, -0.5 }, { -0.5, 0.5 }, { 0.5, -0.5 }, { 0.5, 0.5 } };
    struct svi_figure_layout *layout = placing->layout;
    size_t shown[SVI_LAYOUT_MAX_OUTLINES] = { 0 };
    for (size_t i = 0; i < placing->figure->box_count; i++) {
        struct svi_rect rect;
        if (!box_pixels(placing, &placing->figure->boxes[i], &rect))
            continue;
        if (layout->outline_count == SVI_LAYOUT_MAX_OUTLINES) {
            layout->boxes_left_out++;
            continue;
        }
        shown[layout->outline_count] = i;
        layout->outlines[layout->outline_count++] = rect;
    }
    for (size_t i = 0; has_labels && i < layout->outline_count; i++)
        put_label(placing, placing->figure->boxes[shown[i]].label, layout->outlines[i], NULL, sides, sizeof sides / sizeof *sides);
}

void svi_figure_over_place(struct svi_figure_layout *layout, const struct svi_figure *figure, const struct svi_figure_sizes *sizes,
                           const struct svi_axis *x, const struct svi_axis *y)
{
    struct svi_busy busy;
    struct placing placing = { layout, figure, sizes, svi_plane_of(figure, layout->plot), &busy };
    bool has_labels = layout->left_out <= SVI_PART_LABELS;
    layout->grid_count = layout->mark_count = layout->outline_count = layout->over_count = layout->boxes_left_out = 0;
    svi_busy_fill(&busy, figure, &placing.plane);
    if (figure->grid)
        place_grid(&placing, x, y);
    layout->legend = (struct svi_rect){ 0 };
    layout->swatch_count = 0;
    if (has_labels) {
        svi_figure_legend_place(layout, figure, sizes, &busy);
        place_marks(&placing);
    }
    place_boxes(&placing, has_labels);
}
