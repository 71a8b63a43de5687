#include "figure_checks.h"

#include "check.h"

unsigned checked_figure;

#define WHERE         "figure %u, %u × %u: "
#define WHICH(layout) checked_figure, (layout)->width, (layout)->height

/* Fails, naming the figure and what the text says of it. */
#define demand(layout, condition)                                                                                                  \
    do {                                                                                                                           \
        if (!(condition))                                                                                                          \
            fail_msg(WHERE "not so: %s", WHICH(layout), #condition);                                                               \
    } while (0)

struct svi_figure_layout *layout_of(const struct svi_figure *figure)
{
    struct svi_error err = { 0 };
    struct svi_figure_layout *layout = NULL;
    check_ok(svi_figure_layout_create(&layout, figure, &err), err);
    return layout;
}

bool is_inside(struct svi_rect outer, struct svi_rect inner)
{
    return inner.left >= outer.left && inner.top >= outer.top && inner.left + inner.width <= outer.left + outer.width
           && inner.top + inner.height <= outer.top + outer.height;
}

bool are_apart(struct svi_rect a, struct svi_rect b)
{
    return a.left + a.width <= b.left || b.left + b.width <= a.left || a.top + a.height <= b.top || b.top + b.height <= a.top;
}

/* ---- beside the plot ---- */

static void check_within(const struct svi_figure_layout *layout, struct svi_rect rect, const char *name)
{
    const struct svi_rect picture = { 0, 0, (int)layout->width, (int)layout->height };
    if (rect.width < 0 || rect.height < 0 || !is_inside(picture, rect))
        fail_msg(WHERE "\"%s\" (%d, %d, %d × %d) leaves the picture", WHICH(layout), name, rect.left, rect.top, rect.width,
                 rect.height);
}

static void check_apart(const struct svi_figure_layout *layout, struct svi_rect a, const char *name_a, struct svi_rect b,
                        const char *name_b)
{
    if (a.width && b.width && !are_apart(a, b))
        fail_msg(WHERE "\"%s\" (%d, %d, %d × %d) and \"%s\" (%d, %d, %d × %d) overlap", WHICH(layout), name_a, a.left, a.top,
                 a.width, a.height, name_b, b.left, b.top, b.width, b.height);
}

void check_beside_plot(const struct svi_figure_layout *layout)
{
    demand(layout, layout->plot.width >= 1 && layout->plot.height >= 1);
    check_within(layout, layout->plot, "plot");
    check_within(layout, layout->bar, "bar");
    check_apart(layout, layout->plot, "plot", layout->bar, "bar");
    for (size_t i = 0; i < layout->box_count; i++) {
        struct svi_rect box = layout->boxes[i].where;
        check_within(layout, box, "line");
        check_apart(layout, box, "line", layout->plot, "plot");
        check_apart(layout, box, "line", layout->bar, "bar");
    }
    for (size_t i = 0; i < layout->text_count; i++) {
        const struct svi_placed_text *text = &layout->texts[i];
        demand(layout, text->text[0]);
        check_within(layout, text->touches, text->text);
        check_apart(layout, text->touches, text->text, layout->plot, "plot");
        check_apart(layout, text->touches, text->text, layout->bar, "bar");
        for (size_t k = 0; k < layout->box_count; k++)
            check_apart(layout, text->touches, text->text, layout->boxes[k].where, "line");
        for (size_t k = 0; k < i; k++)
            check_apart(layout, text->touches, text->text, layout->texts[k].touches, layout->texts[k].text);
    }
}

/* ---- over it ---- */

static void check_over_texts(const struct svi_figure_layout *layout)
{
    for (size_t i = 0; i < layout->over_count; i++) {
        const struct svi_over_text *over = &layout->over[i];
        bool in_legend = i < layout->swatch_count;
        demand(layout, over->text.text[0] && is_inside(in_legend ? layout->legend : over->plate, over->text.touches));
        demand(layout, in_legend || (is_inside(layout->plot, over->plate) && are_apart(over->plate, layout->legend)));
        for (size_t k = 0; k < layout->mark_count; k++)
            demand(layout, are_apart(over->text.touches, layout->marks[k].touches));
        for (size_t k = 0; k < i; k++) {
            check_apart(layout, over->text.touches, over->text.text, layout->over[k].text.touches, layout->over[k].text.text);
            check_apart(layout, over->plate, over->text.text, layout->over[k].plate, layout->over[k].text.text);
        }
    }
}

void check_over_plot(const struct svi_figure_layout *layout)
{
    demand(layout, layout->grid_count <= ROWS(layout->grid) && layout->over_count <= ROWS(layout->over));
    for (size_t i = 0; i < layout->grid_count; i++)
        demand(layout, is_inside(layout->plot, layout->grid[i]));
    for (size_t i = 0; i < layout->outline_count; i++)
        demand(layout,
               is_inside(layout->plot, layout->outlines[i]) && layout->outlines[i].width > 0 && layout->outlines[i].height > 0);
    demand(layout, !layout->legend.width || is_inside(layout->plot, layout->legend));
    for (size_t i = 0; i < layout->mark_count; i++) {
        demand(layout, is_inside(layout->plot, layout->marks[i].touches) && are_apart(layout->marks[i].touches, layout->legend));
        for (size_t k = 0; k < i; k++)
            demand(layout, are_apart(layout->marks[i].touches, layout->marks[k].touches));
    }
    check_over_texts(layout);
    for (size_t i = 0; i < layout->swatch_count; i++)
        demand(layout,
               layout->swatches[i].left >= layout->legend.left && layout->swatches[i].right < layout->over[i].text.touches.left);
}

/* ---- what is left out ---- */

static bool has_ink(const struct svi_figure_layout *layout, enum svi_ink ink)
{
    for (size_t i = 0; i < layout->text_count; i++)
        if (layout->texts[i].ink == ink)
            return true;
    return false;
}

static bool is_shown(const struct svi_figure_layout *layout, enum svi_figure_part part)
{
    switch (part) {
    case SVI_PART_FOOTER:
        return has_ink(layout, SVI_INK_FOOTER);
    case SVI_PART_TITLE:
        return has_ink(layout, SVI_INK_TITLE);
    case SVI_PART_LABELS:
        return has_ink(layout, SVI_INK_LABEL);
    case SVI_PART_BAR:
        return layout->bar.width > 0;
    case SVI_PART_TICKS:
        return has_ink(layout, SVI_INK_TICK_LABEL);
    default:
        return layout->box_count > 0;
    }
}

static bool has_part(const struct svi_figure *figure, enum svi_figure_part part)
{
    switch (part) {
    case SVI_PART_FOOTER:
        return figure->footer && *figure->footer;
    case SVI_PART_TITLE:
        return figure->title && *figure->title;
    case SVI_PART_BAR:
        return figure->bar.colormap != NULL;
    default:
        return part == SVI_PART_FRAME;
    }
}

static bool begins_like(const char *text, const char *label)
{
    const size_t enough = 8;
    return text && label && *label && !strncmp(text, label, strlen(label) < enough ? strlen(label) : enough);
}

/* The upright labels of a layout; units alone are none, and what could be either does not count. */
static size_t count_upright_labels(const struct svi_figure *figure, const struct svi_figure_layout *layout)
{
    const struct {
        const char *label, *unit;
    } axes[] = { { figure->y.label, figure->y.unit }, { figure->bar.label, figure->bar.unit } };
    size_t count = 0;
    for (size_t i = 0; i < layout->text_count; i++) {
        const struct svi_placed_text *text = &layout->texts[i];
        size_t axis = text->touches.left > layout->plot.left;
        count += text->direction == SVI_TEXT_UP && begins_like(text->text, axes[axis].label)
                 && !begins_like(axes[axis].unit, axes[axis].label);
    }
    return count;
}

/* A footer or a title is not there at the cost of a label. */
static void check_labels(const struct svi_figure *figure, const struct svi_figure_layout *layout)
{
    if (!is_shown(layout, SVI_PART_FOOTER) && !is_shown(layout, SVI_PART_TITLE))
        return;
    struct svi_figure less = *figure;
    less.title = less.footer = NULL;
    less.line_count = less.mark_count = less.box_count = 0;
    struct svi_figure_layout *without = layout_of(&less);
    size_t here = count_upright_labels(figure, layout), there = count_upright_labels(figure, without);
    svi_figure_layout_destroy(without);
    if (here < there)
        fail_msg(WHERE "%zu upright labels, %zu without title and footer", WHICH(layout), here, there);
}

void check_order(const struct svi_figure *figure, const struct svi_figure_layout *layout)
{
    for (int part = 0; part < SVI_PART_COUNT; part++) {
        bool shown = is_shown(layout, (enum svi_figure_part)part);
        if (part == SVI_PART_MINOR_TICKS)
            continue;
        if (shown && part < layout->left_out)
            fail_msg(WHERE "part %d is there, though %d parts are left out", WHICH(layout), part, layout->left_out);
        if (!shown && part >= layout->left_out && has_part(figure, (enum svi_figure_part)part))
            fail_msg(WHERE "part %d is missing, though only %d parts are left out", WHICH(layout), part, layout->left_out);
    }
    check_labels(figure, layout);
}
