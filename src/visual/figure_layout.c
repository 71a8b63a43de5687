#include "visual/figure_layout.h"

#include "base/bytes.h"
#include "visual/figure_over.h"
#include "visual/figure_sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_DPI = 20, MAX_DPI = 1200 };

/* One try to lay out a figure with some parts left out. */
struct attempt {
    const struct svi_figure *figure;
    struct svi_figure_layout *out;
    struct svi_figure_sizes sizes;
    struct svi_axis x, y, bar;
    char title[512], footer[512], x_title[256], y_title[256], bar_title[256];
    int left, top, right, bottom; /* margins, with the frame's lines */
    int x_title_top, footer_top;  /* rows of text */
    bool x_has_row;               /* there is one for the labels of the x axis */
    int side_top;                 /* the upright titles keep below it */
    int label_count;              /* upright titles that are more than a unit */
};

static bool has(const struct attempt *attempt, enum svi_figure_part part)
{
    return (int)part >= attempt->out->left_out;
}

static bool has_bar(const struct attempt *attempt)
{
    return has(attempt, SVI_PART_BAR) && attempt->figure->bar.colormap;
}

static int right_of(struct svi_rect rect)
{
    return rect.left + rect.width;
}

static int bottom_of(struct svi_rect rect)
{
    return rect.top + rect.height;
}

/* ---- text ---- */

/* How far a line of text reaches above and below its base line: at least as far as capitals and descenders do. */
struct reach {
    int above, below;
};

static struct reach reach_of(const char *text, double size_px)
{
    struct svi_rect ink = svi_text_ink(text, size_px, SVI_TEXT_RIGHT);
    int capitals = svi_text_cap_height(size_px), descenders = (int)ceil(0.24 * size_px);
    return (struct reach){ -ink.top > capitals ? -ink.top : capitals, bottom_of(ink) > descenders ? bottom_of(ink) : descenders };
}

static int height_of(const char *text, double size_px)
{
    struct reach reach = reach_of(text, size_px);
    return reach.above + reach.below;
}

static int width_of(const char *text, double size_px)
{
    return (int)ceil(svi_text_advance(text, size_px));
}

static void put_text(struct attempt *attempt, int x, int y, enum svi_text_direction direction, const char *text, double size_px,
                     enum svi_ink ink)
{
    struct svi_figure_layout *out = attempt->out;
    if (out->text_count == SVI_LAYOUT_MAX_TEXTS || !*text)
        return;
    struct svi_placed_text *placed = &out->texts[out->text_count++];
    *placed = (struct svi_placed_text){ .x = x, .y = y, .direction = direction, .ink = ink, .size_px = size_px };
    svi_format(placed->text, sizeof placed->text, "%s", text);
    placed->touches = svi_text_ink(placed->text, size_px, direction);
    placed->touches.left += x;
    placed->touches.top += y;
}

static void put_box(struct attempt *attempt, int left, int top, int width, int height)
{
    struct svi_figure_layout *out = attempt->out;
    if (out->box_count < SVI_LAYOUT_MAX_BOXES)
        out->boxes[out->box_count++] = (struct svi_placed_box){ { left, top, width, height }, SVI_INK_LINE };
}

static void put_frame(struct attempt *attempt, struct svi_rect inside)
{
    int line = attempt->sizes.line;
    put_box(attempt, inside.left - line, inside.top - line, inside.width + 2 * line, line);
    put_box(attempt, inside.left - line, bottom_of(inside), inside.width + 2 * line, line);
    put_box(attempt, inside.left - line, inside.top, line, inside.height);
    put_box(attempt, right_of(inside), inside.top, line, inside.height);
}

/* ---- axes ---- */

static double width_along(void *self, const char *label)
{
    return svi_text_advance(label, ((const struct svi_figure_sizes *)self)->tick_label);
}

static double height_along(void *self, const char *label)
{
    (void)label;
    return svi_text_cap_height(((const struct svi_figure_sizes *)self)->tick_label);
}

/* About eight ticks on a usual edge, more on a long one. */
static struct svi_axis_room room_along(struct attempt *attempt, int length, bool is_x)
{
    struct svi_figure_sizes *sizes = &attempt->sizes;
    return (struct svi_axis_room){
        .length = length,
        .gap = (is_x ? 1.8 : 1.2) * sizes->tick_label,
        .pitch = length / (6.0 + length / (250.0 * sizes->unit)),
        .minor_pitch = has(attempt, SVI_PART_MINOR_TICKS) ? 6.0 * sizes->unit : 0.0,
        .extent = is_x ? width_along : height_along,
        .self = sizes,
    };
}

static void fit_axis(struct attempt *attempt, struct svi_axis *axis, const struct svi_figure_axis *values, int length, bool is_x)
{
    const struct svi_axis_room room = room_along(attempt, length, is_x);
    const struct svi_edge_scale scale = { .kind = values->scale, .at_start = values->at_start, .at_end = values->at_end };
    *axis = (struct svi_axis){ 0 };
    if (!has(attempt, SVI_PART_TICKS))
        return;
    if (values->unit && !strcmp(values->unit, SVI_UNIT_UTC))
        svi_axis_fit_utc(axis, values->at_start, values->at_end, values->second, &room);
    else if (values->scale != SVI_EDGE_LINEAR)
        svi_axis_fit_scale(axis, &scale, values->unit, false, &room);
    else
        svi_axis_fit(axis, values->at_start, values->at_end, values->unit, &room);
}

/* Counts of a few have no ticks between them either where the scale is even. */
static void fit_bar(struct attempt *attempt, int length)
{
    enum { FEW = 32 };
    const struct svi_figure_bar *bar = &attempt->figure->bar;
    const struct svi_axis_room room = room_along(attempt, length, false);
    const struct svi_edge_scale scale = { bar->scale, bar->min, bar->max, bar->table, bar->table_count };
    attempt->bar = (struct svi_axis){ 0 };
    if (!has(attempt, SVI_PART_TICKS))
        return;
    if (bar->scale != SVI_EDGE_LINEAR || (bar->whole && fabs(bar->max - bar->min) < FEW))
        svi_axis_fit_scale(&attempt->bar, &scale, bar->unit, bar->whole, &room);
    else
        svi_axis_fit(&attempt->bar, bar->min, bar->max, bar->unit, &room);
}

/* The title of an axis, a long label shortened, or the unit alone where only that fits; "" where nothing does. Ticks that count
 * from an offset which nobody sees would be wrong, so they go with it. false: there is no label, or it found no place. */
static bool choose_title(const struct attempt *attempt, char *into, size_t size, const char *label, struct svi_axis *axis, int room)
{
    enum { LEAST_LABEL = 16 }; /* bytes: less says nothing */
    double size_px = attempt->sizes.label;
    char unit[128], shortened[128];
    bool has_label = false;
    into[0] = '\0';
    if (has(attempt, SVI_PART_LABELS)) {
        svi_axis_title(unit, sizeof unit, NULL, axis);
        svi_text_shorten(shortened, sizeof shortened, label ? label : "", size_px, room - width_of(unit, size_px) - size_px);
        bool is_whole = label && !strcmp(label, shortened);
        has_label = is_whole || strlen(shortened) >= LEAST_LABEL;
        svi_axis_title(into, size, has_label ? shortened : NULL, axis);
        if (width_of(into, size_px) > room)
            into[0] = '\0';
    }
    if (!*into && *axis->offset)
        *axis = (struct svi_axis){ 0 };
    return has_label && *into && *shortened;
}

static int widest_label(const struct attempt *attempt, const struct svi_axis *axis)
{
    int widest = 0;
    for (size_t i = 0; i < axis->tick_count; i++) {
        int width = width_of(axis->ticks[i].label, attempt->sizes.tick_label);
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Where a line of `line` pixels begins that stands for a share of an edge: at share 0 and 1 it meets the frame's lines. */
static int line_at(int begin, int length, int line, double share)
{
    return (int)lround(begin - line + share * (length + line));
}

/* A row of text in the middle of the plot's width where that is possible. */
static void put_centered(struct attempt *attempt, int top, const char *text, double size_px, enum svi_ink ink)
{
    struct svi_rect plot = attempt->out->plot;
    int pad = attempt->sizes.pad, width = width_of(text, size_px), left = plot.left + (plot.width - width) / 2;
    int most = (int)attempt->out->width - pad - width;
    left = left > most ? most : left;
    left = left < pad ? pad : left;
    put_text(attempt, left, top + reach_of(text, size_px).above, SVI_TEXT_RIGHT, text, size_px, ink);
}

static void put_x_axis(struct attempt *attempt)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    struct svi_rect plot = attempt->out->plot;
    int top = bottom_of(plot) + sizes->line, cap_height = svi_text_cap_height(sizes->tick_label);
    for (size_t i = 0; i < attempt->x.tick_count; i++) {
        const struct svi_axis_tick *tick = &attempt->x.ticks[i];
        int left = line_at(plot.left, plot.width, sizes->line, tick->share);
        struct svi_rect ink = svi_text_ink(tick->label, sizes->tick_label, SVI_TEXT_RIGHT);
        double middle = left + 0.5 * sizes->line - (ink.left + 0.5 * ink.width);
        put_box(attempt, left, top, sizes->line, sizes->tick);
        put_text(attempt, (int)lround(middle), top + sizes->tick + sizes->close + cap_height, SVI_TEXT_RIGHT, tick->label,
                 sizes->tick_label, SVI_INK_TICK_LABEL);
    }
    for (size_t i = 0; i < attempt->x.minor_count; i++)
        put_box(attempt, line_at(plot.left, plot.width, sizes->line, attempt->x.minor[i]), top, sizes->line, sizes->minor_tick);
    put_centered(attempt, attempt->x_title_top, attempt->x_title, sizes->label, SVI_INK_LABEL);
}

/* Ticks of an upright axis that begin at `x` and point to the left or to the right. */
static void put_upright_axis(struct attempt *attempt, const struct svi_axis *axis, int x, bool to_left)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    struct svi_rect plot = attempt->out->plot;
    int cap_height = svi_text_cap_height(sizes->tick_label);
    for (size_t i = 0; i < axis->tick_count; i++) {
        const struct svi_axis_tick *tick = &axis->ticks[i];
        int top = line_at(plot.top, plot.height, sizes->line, 1.0 - tick->share);
        int base = (int)lround(top + 0.5 * (sizes->line + cap_height));
        int label_x = x + sizes->tick + sizes->close;
        if (to_left)
            label_x = x - sizes->tick - sizes->close - width_of(tick->label, sizes->tick_label);
        put_box(attempt, to_left ? x - sizes->tick : x, top, sizes->tick, sizes->line);
        put_text(attempt, label_x, base, SVI_TEXT_RIGHT, tick->label, sizes->tick_label, SVI_INK_TICK_LABEL);
    }
    for (size_t i = 0; i < axis->minor_count; i++) {
        int top = line_at(plot.top, plot.height, sizes->line, 1.0 - axis->minor[i]);
        put_box(attempt, to_left ? x - sizes->minor_tick : x, top, sizes->minor_tick, sizes->line);
    }
}

/* A title turned upright, in the middle of the plot's height where that is possible. */
static void put_upright_title(struct attempt *attempt, const char *title, int left)
{
    double size_px = attempt->sizes.label;
    struct svi_rect plot = attempt->out->plot;
    int length = width_of(title, size_px), bottom = plot.top + (plot.height + length) / 2;
    bottom = bottom - length < attempt->side_top ? attempt->side_top + length : bottom;
    put_text(attempt, left + reach_of(title, size_px).above, bottom, SVI_TEXT_UP, title, size_px, SVI_INK_LABEL);
}

/* ---- the whole ---- */

static int at_least(int a, int b)
{
    return a > b ? a : b;
}

static int plot_width(const struct attempt *attempt)
{
    return (int)attempt->out->width - attempt->left - attempt->right;
}

static int plot_height(const struct attempt *attempt)
{
    return (int)attempt->out->height - attempt->top - attempt->bottom;
}

static void fit_x(struct attempt *attempt, int length, int title_room)
{
    const struct svi_figure_axis *x = &attempt->figure->x;
    fit_axis(attempt, &attempt->x, x, length, true);
    choose_title(attempt, attempt->x_title, sizeof attempt->x_title, x->label, &attempt->x, title_room);
}

/* Margins at the top and the bottom from the rows of text there. What stands in them depends on the picture's width alone, or,
 * for the x axis, is told well enough by it. */
static void measure_rows(struct attempt *attempt)
{
    const struct svi_figure *figure = attempt->figure;
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    int room = (int)attempt->out->width - 2 * sizes->pad, pad = has(attempt, SVI_PART_TICKS) ? sizes->pad : 0;
    bool has_title = has(attempt, SVI_PART_TITLE) && figure->title, has_footer = has(attempt, SVI_PART_FOOTER) && figure->footer;
    svi_text_shorten(attempt->title, sizeof attempt->title, has_title ? figure->title : "", sizes->title, room);
    svi_text_shorten(attempt->footer, sizeof attempt->footer, has_footer ? figure->footer : "", sizes->footer, room);
    fit_x(attempt, (int)attempt->out->width, room);

    attempt->side_top = pad;
    if (*attempt->title)
        attempt->side_top += height_of(attempt->title, sizes->title) + (3 * sizes->gap) / 4;
    attempt->top = attempt->side_top + sizes->line;

    int row = (int)attempt->out->height - pad;
    if (*attempt->footer)
        row -= height_of(attempt->footer, sizes->footer);
    attempt->footer_top = row;
    if (*attempt->footer)
        row -= sizes->gap;
    if (*attempt->x_title)
        row -= height_of(attempt->x_title, sizes->label);
    attempt->x_title_top = row;
    if (*attempt->x_title)
        row -= sizes->gap;
    attempt->x_has_row = attempt->x.tick_count > 0;
    if (attempt->x_has_row)
        row -= svi_text_cap_height(sizes->tick_label) + sizes->close + sizes->tick;
    attempt->bottom = (int)attempt->out->height - row + sizes->line;
}

/* What ticks with their labels and a title take beside an upright edge. */
static int width_beside(const struct attempt *attempt, const struct svi_axis *axis, const char *title)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    int width = axis->tick_count ? sizes->tick + sizes->close + widest_label(attempt, axis) : 0;
    return width + (*title ? height_of(title, sizes->label) + sizes->gap : 0);
}

/* What a bar takes, with all that stands beside it. */
static int width_of_bar(const struct attempt *attempt)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    const char *widest = attempt->figure->bar.widest;
    int width = sizes->bar_gap + sizes->bar + 2 * sizes->line + width_beside(attempt, &attempt->bar, attempt->bar_title);
    if (widest && attempt->bar.tick_count)
        width += at_least(0, width_of(widest, sizes->tick_label) - widest_label(attempt, &attempt->bar));
    return width;
}

/* Makes the margins wide enough for the first and the last label of the x axis. true: they had to grow. */
static bool widen_sides(struct attempt *attempt)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    int need_left = 0, need_right = 0;
    for (size_t i = 0; i < attempt->x.tick_count; i++) {
        const struct svi_axis_tick *tick = &attempt->x.ticks[i];
        int half = width_of(tick->label, sizes->tick_label) / 2 + 2 + sizes->pad / 2;
        need_left = at_least(need_left, half - (int)(tick->share * plot_width(attempt)));
        need_right = at_least(need_right, half - (int)((1.0 - tick->share) * plot_width(attempt)));
    }
    bool grows = need_left > attempt->left || need_right > attempt->right;
    attempt->left = at_least(attempt->left, need_left);
    attempt->right = at_least(attempt->right, need_right);
    return grows;
}

/* The upright axes, which depend on the height, and the margins that their labels need. */
static void fit_upright(struct attempt *attempt)
{
    const struct svi_figure *figure = attempt->figure;
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    int height = plot_height(attempt), title_room = height + attempt->top - attempt->side_top;
    int pad = has(attempt, SVI_PART_TICKS) ? sizes->pad : 0;
    fit_axis(attempt, &attempt->y, &figure->y, height, false);
    attempt->label_count = choose_title(attempt, attempt->y_title, sizeof attempt->y_title, figure->y.label, &attempt->y,
                                        title_room);
    attempt->left = pad + width_beside(attempt, &attempt->y, attempt->y_title) + sizes->line;
    attempt->right = pad + sizes->line;
    if (has_bar(attempt)) {
        fit_bar(attempt, height);
        attempt->label_count += choose_title(attempt, attempt->bar_title, sizeof attempt->bar_title, figure->bar.label,
                                             &attempt->bar, title_room);
        attempt->right += width_of_bar(attempt);
    }
}

/* The x axis at the plot's true width. What got no row when rows were measured, gets no place now. */
static void fit_final_x(struct attempt *attempt)
{
    fit_x(attempt, plot_width(attempt), *attempt->x_title ? (int)attempt->out->width - 2 * attempt->sizes.pad : -1);
    if (!attempt->x_has_row)
        attempt->x = (struct svi_axis){ 0 };
}

/* Margins at the left and the right, and the x axis, whose labels depend on the width that they leave. */
static void measure_sides(struct attempt *attempt)
{
    fit_upright(attempt);
    do
        fit_final_x(attempt);
    while (widen_sides(attempt));
}

/* The bar's title keeps close to its labels, also where the margin has room for wider ones. */
static void put_bar(struct attempt *attempt)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    struct svi_figure_layout *out = attempt->out;
    out->bar = (struct svi_rect){ right_of(out->plot) + 2 * sizes->line + sizes->bar_gap, out->plot.top, sizes->bar,
                                  out->plot.height };
    put_frame(attempt, out->bar);
    put_upright_axis(attempt, &attempt->bar, right_of(out->bar) + sizes->line, false);
    int beside = width_beside(attempt, &attempt->bar, attempt->bar_title);
    put_upright_title(attempt, attempt->bar_title,
                      right_of(out->bar) + sizes->line + beside - height_of(attempt->bar_title, sizes->label));
}

/* Everything in its place around the plot area. */
static void put_everything(struct attempt *attempt)
{
    const struct svi_figure_sizes *sizes = &attempt->sizes;
    struct svi_figure_layout *out = attempt->out;
    out->text_count = out->box_count = 0;
    if (!has(attempt, SVI_PART_FRAME))
        return;
    put_centered(attempt, sizes->pad + out->spare_top, attempt->title, sizes->title, SVI_INK_TITLE);
    put_frame(attempt, out->plot);
    put_x_axis(attempt);
    put_upright_axis(attempt, &attempt->y, out->plot.left - sizes->line, true);
    put_upright_title(attempt, attempt->y_title, sizes->pad + out->spare_left);
    out->bar = (struct svi_rect){ 0 };
    if (has_bar(attempt))
        put_bar(attempt);
    put_text(attempt, sizes->pad, attempt->footer_top + reach_of(attempt->footer, sizes->footer).above, SVI_TEXT_RIGHT,
             attempt->footer, sizes->footer, SVI_INK_FOOTER);
    svi_figure_over_place(out, attempt->figure, sizes, &attempt->x, &attempt->y);
}

/* Gives what the longer edge has too much back, half on either side: to the margins, in which everything but the footer keeps close
 * to the plot. Less height may change what the sides need, and that the height: sides only grow, so it settles. false: too little
 * is left. */
static bool make_square(struct attempt *attempt, int least)
{
    struct svi_figure_layout *out = attempt->out;
    while (plot_height(attempt) > plot_width(attempt)) {
        const int spare = plot_height(attempt) - plot_width(attempt), above = spare / 2, below = spare - above;
        const int left = attempt->left, right = attempt->right;
        if (plot_width(attempt) < least)
            return false;
        out->spare_top += above;
        out->spare_bottom += below;
        attempt->top += above;
        attempt->side_top += above;
        attempt->bottom += below;
        attempt->x_title_top -= below;
        measure_sides(attempt);
        attempt->left = at_least(attempt->left, left);
        attempt->right = at_least(attempt->right, right);
    }
    const int spare = plot_width(attempt) - plot_height(attempt);
    out->spare_left = spare / 2;
    attempt->left += spare / 2;
    attempt->right += spare - spare / 2;
    fit_final_x(attempt);
    return true;
}

/* Finds the plot area with the parts that out->left_out leaves. false: it would be too small. */
static bool fits(struct attempt *attempt)
{
    struct svi_figure_layout *out = attempt->out;
    out->plot = (struct svi_rect){ 0, 0, (int)out->width, (int)out->height };
    out->spare_left = out->spare_top = out->spare_bottom = 0;
    if (!has(attempt, SVI_PART_FRAME))
        return true;

    const double least_pixels = 8.0, least_share = has(attempt, SVI_PART_TICKS) ? 0.42 : 0.0;
    measure_rows(attempt);
    if (plot_height(attempt) < fmax(least_pixels, least_share * out->height))
        return false;
    measure_sides(attempt);
    if (plot_width(attempt) < fmax(least_pixels, least_share * out->width))
        return false;
    if (attempt->figure->square && !make_square(attempt, (int)least_pixels))
        return false;
    out->plot = (struct svi_rect){ attempt->left, attempt->top, plot_width(attempt), plot_height(attempt) };
    return true;
}

/* Without the footer, or that and the title, upright labels have more room: where that helps, these are left out. */
static void make_room_for_labels(struct attempt *attempt)
{
    const struct svi_figure *figure = attempt->figure;
    const int all_labels = (figure->y.label != NULL) + (figure->bar.colormap && figure->bar.label);
    int *left_out = &attempt->out->left_out, best = 0, most_labels = 0;
    for (*left_out = 0; *left_out <= SVI_PART_TITLE + 1 && most_labels < all_labels; ++*left_out)
        if (fits(attempt) && attempt->label_count > most_labels) {
            most_labels = attempt->label_count;
            best = *left_out;
        }
    *left_out = best;
}

bool svi_figure_layout_create(struct svi_figure_layout **out, const struct svi_figure *figure, struct svi_error *err)
{
    *out = NULL;
    if (!svi_canvas_size_is_valid(figure->width, figure->height, err))
        return false;
    if (!(figure->dpi >= MIN_DPI && figure->dpi <= MAX_DPI))
        return svi_fail(err, SVI_BAD_PARAMETER, "A resolution of %g dpi is outside the permitted range %d…%d.", figure->dpi,
                        MIN_DPI, MAX_DPI);
    struct svi_figure_layout *layout = malloc(sizeof *layout);
    if (!layout)
        return svi_fail_memory(err, sizeof *layout);
    memset(layout, 0, offsetof(struct svi_figure_layout, texts));
    layout->width = figure->width;
    layout->height = figure->height;
    layout->left_out = figure->theme == SVI_THEME_BARE ? SVI_PART_COUNT : 0;
    struct attempt attempt = { .figure = figure, .out = layout, .sizes = svi_figure_sizes_for(figure) };
    if (!layout->left_out)
        make_room_for_labels(&attempt);
    while (!fits(&attempt)) /* the last try, with everything left out, succeeds */
        layout->left_out++;
    put_everything(&attempt);
    *out = layout;
    return true;
}

/* Where the bar needs more room than its margin has: no title, or else no ticks, or else neither. An offset is never without its
 * ticks, nor they without it. */
static void squeeze_bar(struct attempt *attempt, int margin)
{
    const int room = margin - attempt->sizes.pad - attempt->sizes.line;
    const bool has_offset = *attempt->bar.offset != '\0';
    char title[sizeof attempt->bar_title];
    if (width_of_bar(attempt) <= room)
        return;
    svi_format(title, sizeof title, "%s", has_offset ? "" : attempt->bar_title);
    attempt->bar_title[0] = '\0';
    if (!has_offset && width_of_bar(attempt) <= room)
        return;
    attempt->bar = (struct svi_axis){ 0 };
    svi_format(attempt->bar_title, sizeof attempt->bar_title, "%s", title);
    if (width_of_bar(attempt) > room)
        attempt->bar_title[0] = '\0';
}

void svi_figure_layout_refresh(struct svi_figure_layout *layout, const struct svi_figure *figure)
{
    struct svi_figure shown = *figure;
    struct attempt attempt = { .figure = &shown, .out = layout, .sizes = svi_figure_sizes_for(figure) };
    if (!has(&attempt, SVI_PART_FRAME))
        return;
    const struct svi_rect plot = layout->plot;
    const int right = (int)layout->width - right_of(plot), bottom = (int)layout->height - bottom_of(plot);
    measure_rows(&attempt);
    if (attempt.bottom + layout->spare_bottom > bottom) {
        shown.footer = NULL;
        measure_rows(&attempt);
    }
    attempt.side_top += layout->spare_top;
    attempt.x_title_top -= layout->spare_bottom;
    attempt.top = plot.top;
    attempt.bottom = bottom;
    fit_upright(&attempt);
    if (has_bar(&attempt))
        squeeze_bar(&attempt, right);
    attempt.left = plot.left;
    attempt.right = right;
    fit_final_x(&attempt);
    put_everything(&attempt);
}

struct svi_rect svi_figure_plot_area(const struct svi_figure_layout *layout)
{
    return layout->plot;
}

size_t svi_figure_boxes_left_out(const struct svi_figure_layout *layout)
{
    return layout->boxes_left_out;
}

void svi_figure_layout_destroy(struct svi_figure_layout *layout)
{
    free(layout);
}
