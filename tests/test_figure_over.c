/* test_figure_over - lines, marks, boxes, legend and grid stay in the plot, and their texts never collide. */
#include "visual/figure.h"
#include "visual/figure_layout.h"

#include <math.h>

#include "allocator.h"
#include "check.h"
#include "dice.h"
#include "figure_checks.h"

static struct dice dice = { 7 };

enum { POINTS = 3000, MARKS = 80, BOXES = 260 };

/* A figure with everything over its plot. Values of x: 0…1, of y: 1…1000. */
struct scene {
    double x[POINTS], low[POINTS], high[POINTS];
    struct svi_figure_line lines[3];
    struct svi_figure_mark marks[MARKS];
    struct svi_figure_box boxes[BOXES];
    struct svi_figure figure;
};

static struct scene *make_scene(uint32_t width, uint32_t height)
{
    static struct scene scene;
    static const struct svi_color rim = { 0, 0, 0 };
    for (size_t i = 0; i < POINTS; i++) {
        scene.x[i] = (double)i / (POINTS - 1);
        scene.low[i] = 10.0 + dice_share(&dice);
        scene.high[i] = i % 100 ? 30.0 + 10.0 * dice_share(&dice) : 500.0;
    }
    scene.lines[0] = (struct svi_figure_line){ scene.x, scene.high, POINTS, { 200, 60, 60 }, 1.0, "Maximum", NULL };
    scene.lines[1] = (struct svi_figure_line){ scene.x, scene.low, POINTS, { 30, 90, 170 }, 1.5, "Mean", &rim };
    scene.lines[2] = (struct svi_figure_line){ scene.x, scene.low, POINTS, { 0, 0, 0 }, 1.5, NULL, NULL };
    for (size_t i = 0; i < MARKS; i++)
        scene.marks[i] =
            (struct svi_figure_mark){ dice_share(&dice), 1.0 + 900.0 * dice_share(&dice), "440.25 MHz, −10.0 dBFS", { 0, 0, 0 } };
    for (size_t i = 0; i < BOXES; i++) {
        double left = dice_share(&dice), bottom = 1.0 + 900.0 * dice_share(&dice);
        scene.boxes[i] = (struct svi_figure_box){ left, left + 0.1 * dice_share(&dice), bottom, bottom * 1.2, "burst" };
    }
    scene.figure = (struct svi_figure){
        .width = width,
        .height = height,
        .dpi = 100.0,
        .title = "Periodogram",
        .x = { .label = "Frequency", .at_start = 0.0, .at_end = 1.0 },
        .y = { .label = "Power", .unit = "W", .at_start = 1.0, .at_end = 1000.0, .scale = SVI_EDGE_LOG },
        .grid = true,
        .lines = scene.lines,
        .line_count = 3,
        .marks = scene.marks,
        .mark_count = 5,
        .boxes = scene.boxes,
        .box_count = 10,
    };
    return &scene;
}

static size_t count_texts(const struct svi_figure_layout *layout, const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < layout->over_count; i++)
        count += !strcmp(layout->over[i].text.text, text);
    return count;
}

static void a_usual_figure_has_everything(void **state)
{
    (void)state;
    struct scene *scene = make_scene(1000, 700);
    scene->figure.box_count = 3;
    for (size_t i = 0; i < 5; i++)
        scene->marks[i] = (struct svi_figure_mark){ 0.1 + 0.15 * (double)i, 600.0, "peak", { 0, 0, 0 } };
    for (size_t i = 0; i < 3; i++)
        scene->boxes[i] = (struct svi_figure_box){ 0.2 + 0.2 * (double)i, 0.1 + 0.2 * (double)i, 2.0, 4.0, "burst" };
    struct svi_figure_layout *layout = layout_of(&scene->figure);
    check_over_plot(layout);
    assert_int_equal(layout->swatch_count, 2); /* a line without a name is not in the legend */
    assert_int_equal(layout->mark_count, 5);
    assert_int_equal(layout->outline_count, 3);
    assert_int_equal(count_texts(layout, "Maximum") + count_texts(layout, "Mean"), 2);
    assert_int_equal(count_texts(layout, "peak"), 5);
    assert_int_equal(count_texts(layout, "burst"), 3);
    assert_true(layout->grid_count > 8);
    /* Values lie where the axes say: y is logarithmic. */
    check_near(layout->marks[0].x, layout->plot.left + 0.1 * layout->plot.width, 1e-6);
    check_near(layout->marks[0].tip, layout->plot.top + (1.0 - log10(600.0) / 3.0) * layout->plot.height, 4.0);
    check_near(layout->outlines[0].left, layout->plot.left + 0.1 * layout->plot.width, 1.0);
    check_near(layout->outlines[0].width, 0.1 * layout->plot.width, 1.0);
    check_near(layout->outlines[0].top, layout->plot.top + (1.0 - log10(4.0) / 3.0) * layout->plot.height, 1.0);
    svi_figure_layout_destroy(layout);
}

/* The legend keeps out of the way of the lines. */
static void the_legend_goes_where_nothing_is(void **state)
{
    (void)state;
    static const struct {
        double from, to, low, high; /* where a line is dense */
        bool right, bottom;
    } rows[] = {
        { 0.0, 0.6, 1, 1000, true, false },
        { 0.4, 1.0, 1, 1000, false, false },
        { 0.0, 1.0, 100, 1000, true, true },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct scene *scene = make_scene(800, 600);
        scene->figure.box_count = scene->figure.mark_count = 0;
        scene->figure.line_count = 1;
        for (size_t k = 0; k < POINTS; k++) {
            scene->x[k] = rows[i].from + (rows[i].to - rows[i].from) * (double)k / POINTS;
            scene->high[k] = k % 2 ? rows[i].low : rows[i].high;
        }
        struct svi_figure_layout *layout = layout_of(&scene->figure);
        check_over_plot(layout);
        struct svi_rect plot = layout->plot, legend = layout->legend;
        assert_true(legend.width > 0);
        assert_int_equal(2 * legend.left + legend.width > 2 * plot.left + plot.width, rows[i].right);
        assert_int_equal(2 * legend.top + legend.height > 2 * plot.top + plot.height, rows[i].bottom);
        svi_figure_layout_destroy(layout);
    }
}

static double apart_px(struct svi_rect a, struct svi_rect b)
{
    double x = fmax(a.left, b.left) - fmin(a.left + a.width, b.left + b.width);
    double y = fmax(a.top, b.top) - fmin(a.top + a.height, b.top + b.height);
    return hypot(fmax(x, 0), fmax(y, 0));
}

/* The mark that is nearest to a text, from its edges or, where `from_middle`, its middle. */
static size_t nearest_mark(const struct svi_figure_layout *layout, struct svi_rect text, bool from_middle)
{
    if (from_middle)
        text = (struct svi_rect){ text.left + text.width / 2, text.top + text.height / 2, 1, 1 };
    size_t nearest = 0;
    for (size_t i = 1; i < layout->mark_count; i++)
        if (apart_px(text, layout->marks[i].touches) < apart_px(text, layout->marks[nearest].touches))
            nearest = i;
    return layout->marks[nearest].index;
}

/* Marks whose labels are "mark 00", "mark 01", …; returns how many labels are shown. */
static size_t check_labels_stand_by_their_marks(struct scene *scene)
{
    static char labels[MARKS][32];
    for (size_t i = 0; i < scene->figure.mark_count; i++) {
        snprintf(labels[i], sizeof labels[i], "mark %02zu of that", i);
        scene->marks[i].label = labels[i];
    }
    scene->figure.box_count = scene->figure.line_count = 0;
    struct svi_figure_layout *layout = layout_of(&scene->figure);
    check_over_plot(layout);
    for (size_t i = 0; i < layout->over_count; i++) {
        struct svi_placed_text text = layout->over[i].text;
        size_t own = strtoul(text.text + strlen("mark "), NULL, 10);
        assert_int_equal(nearest_mark(layout, text.touches, false), own);
        assert_int_equal(nearest_mark(layout, text.touches, true), own);
    }
    size_t shown = layout->over_count;
    svi_figure_layout_destroy(layout);
    return shown;
}

/* A label that would be read as another mark's is left out. */
static void labels_stand_by_their_own_marks(void **state)
{
    (void)state;
    struct scene *scene = make_scene(1000, 700);
    scene->figure.mark_count = 9; /* hops of equal level, closer to each other than their labels are wide */
    for (size_t i = 0; i < 9; i++)
        scene->marks[i] = (struct svi_figure_mark){ 0.3 + 0.03 * (double)((4 * i) % 9), 300.0, NULL, { 0, 0, 0 } };
    assert_int_equal(check_labels_stand_by_their_marks(scene), 2); /* the outer ones, beside the row */
    scene->figure.mark_count = 3;                                  /* far apart: each has its label */
    assert_int_equal(check_labels_stand_by_their_marks(scene), 3);
    for (int run = 0; run < 50; run++) {
        scene = make_scene(600 + dice_below(&dice, 800), 400 + dice_below(&dice, 500));
        scene->figure.mark_count = 2 + dice_below(&dice, 30);
        assert_true(check_labels_stand_by_their_marks(scene) > 0);
    }
}

/* What is left of a number would be read as another one. */
static void labels_of_marks_are_whole_or_not_there(void **state)
{
    (void)state;
    static const char *const whole = "440.25 MHz, −10.0 dBFS";
    size_t shown = 0, hidden = 0;
    for (uint32_t width = 120; width < 500; width += 10) {
        struct scene *scene = make_scene(width, 700);
        scene->figure.box_count = scene->figure.line_count = 0;
        scene->figure.mark_count = 1;
        scene->marks[0] = (struct svi_figure_mark){ 0.5, 300.0, whole, { 0, 0, 0 } };
        struct svi_figure_layout *layout = layout_of(&scene->figure);
        assert_int_equal(layout->over_count, count_texts(layout, whole));
        shown += layout->over_count;
        hidden += !layout->over_count && layout->mark_count;
        svi_figure_layout_destroy(layout);
    }
    assert_true(shown > 20 && hidden > 2);
}

/* Marks where a legend would stand first send it elsewhere. */
static void the_legend_hides_no_marks(void **state)
{
    (void)state;
    struct scene *scene = make_scene(800, 600);
    scene->figure.box_count = 0;
    scene->figure.mark_count = 2;
    scene->marks[0] = (struct svi_figure_mark){ 0.93, 700.0, "right", { 0, 0, 0 } };
    scene->marks[1] = (struct svi_figure_mark){ 0.05, 700.0, "left", { 0, 0, 0 } };
    for (size_t i = 0; i < POINTS; i++)
        scene->high[i] = 30.0;
    struct svi_figure_layout *layout = layout_of(&scene->figure);
    check_over_plot(layout);
    assert_int_equal(layout->mark_count, 2);
    assert_true(layout->legend.width > 0);
    svi_figure_layout_destroy(layout);
}

static void boxes_beyond_two_hundred_are_counted(void **state)
{
    (void)state;
    struct scene *scene = make_scene(1200, 900);
    scene->figure.box_count = BOXES;
    for (size_t i = 0; i < 10; i++)
        scene->boxes[i] = (struct svi_figure_box){ 1.5, 2.0, 10, 20, "not in the plot" };
    scene->boxes[10] = (struct svi_figure_box){ 0.5, NAN, 10, 20, "nowhere" };
    scene->boxes[11] = (struct svi_figure_box){ -7.0, 7.0, 1e-9, 1e9, "everywhere" };
    struct svi_figure_layout *layout = layout_of(&scene->figure);
    check_over_plot(layout);
    assert_int_equal(layout->outline_count, 200);
    assert_int_equal(svi_figure_boxes_left_out(layout), BOXES - 11 - 200);
    assert_int_equal(count_texts(layout, "not in the plot") + count_texts(layout, "nowhere"), 0);
    assert_int_equal(layout->outlines[0].width, layout->plot.width);
    svi_figure_layout_destroy(layout);
}

static double odd_value(double usual)
{
    static const double odd[] = { NAN, INFINITY, -INFINITY, 0.0, -5.0, 1e300, -1e300, 1e-300 };
    return dice_below(&dice, 8) ? usual : odd[dice_below(&dice, ROWS(odd))];
}

static void random_figures(void **state)
{
    (void)state;
    static const char *const names[] = { NULL, "", "Mean", "A name of quite some length for a line, which goes on and on",
                                         "σ\xFF" };
    for (int run = 0; run < 250; run++) {
        struct scene *scene = make_scene(1 + dice_below(&dice, 1200), 1 + dice_below(&dice, 900));
        struct svi_figure *figure = &scene->figure;
        bool wild = dice_below(&dice, 2);
        figure->dpi = dice_below(&dice, 3) ? 100.0 : 20.0 + dice_below(&dice, 600);
        figure->theme = (enum svi_theme)dice_below(&dice, SVI_THEME_COUNT);
        figure->grid = dice_below(&dice, 2);
        figure->mark_count = dice_below(&dice, MARKS + 1);
        figure->box_count = dice_below(&dice, BOXES + 1);
        figure->line_count = dice_below(&dice, 4);
        for (size_t i = 0; i < 3; i++) {
            scene->lines[i].name = names[dice_below(&dice, ROWS(names))];
            scene->lines[i].count = dice_below(&dice, POINTS + 1);
        }
        for (size_t i = 0; wild && i < POINTS; i++)
            scene->high[i] = odd_value(scene->high[i]);
        for (size_t i = 0; wild && i < MARKS; i++) {
            scene->marks[i].x = odd_value(scene->marks[i].x);
            scene->marks[i].y = odd_value(scene->marks[i].y);
            scene->marks[i].label = names[dice_below(&dice, ROWS(names))];
        }
        for (size_t i = 0; wild && i < BOXES; i++) {
            scene->boxes[i].x1 = odd_value(scene->boxes[i].x1);
            scene->boxes[i].y0 = odd_value(scene->boxes[i].y0);
            scene->boxes[i].label = names[dice_below(&dice, ROWS(names))];
        }
        if (wild)
            figure->y.at_start = odd_value(1.0);
        struct svi_figure_layout *layout = layout_of(figure);
        check_over_plot(layout);
        struct svi_error err = { 0 };
        struct svi_canvas canvas;
        check_ok(svi_figure_draw(&canvas, figure, layout, NULL, &err), err);
        svi_canvas_clear(&canvas);
        svi_figure_layout_destroy(layout);
    }
}

/* What lies over the plot changes nothing beside it, and in a bare picture it is the lines alone. */
static void the_margins_are_untouched(void **state)
{
    (void)state;
    for (int theme = 0; theme < SVI_THEME_COUNT; theme++) {
        struct svi_error err = { 0 };
        struct scene *scene = make_scene(640, 480);
        struct svi_figure with = scene->figure, without;
        with.theme = (enum svi_theme)theme;
        without = with;
        without.grid = false;
        without.line_count = without.mark_count = without.box_count = 0;
        struct svi_figure_layout *layout = layout_of(&with), *empty = layout_of(&without);
        struct svi_canvas canvas, plain;
        check_ok(svi_figure_draw(&canvas, &with, layout, NULL, &err), err);
        check_ok(svi_figure_draw(&plain, &without, empty, NULL, &err), err);
        size_t changed = 0;
        for (int y = 0; y < 480; y++)
            for (int x = 0; x < 640; x++) {
                bool differs = memcmp(svi_canvas_pixels(&canvas, (uint32_t)x, (uint32_t)y),
                                      svi_canvas_pixels(&plain, (uint32_t)x, (uint32_t)y), 4)
                               != 0;
                assert_true(!differs || is_inside(layout->plot, (struct svi_rect){ x, y, 1, 1 }));
                changed += differs;
            }
        assert_true(changed > 1000);
        assert_int_equal(layout->over_count + layout->mark_count + layout->outline_count + layout->grid_count == 0,
                         theme == SVI_THEME_BARE);
        svi_canvas_clear(&canvas);
        svi_canvas_clear(&plain);
        svi_figure_layout_destroy(layout);
        svi_figure_layout_destroy(empty);
    }
}

/* Where more points than pixels are in a line, its extremes are still seen. */
static void a_single_spike_among_many_points_is_seen(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    static double x[MANY], y[MANY];
    struct svi_error err = { 0 };
    struct scene *scene = make_scene(400, 300);
    for (size_t i = 0; i < MANY; i++) {
        x[i] = (double)i / MANY;
        y[i] = 10.0;
    }
    y[123456] = 900.0;
    scene->lines[0] = (struct svi_figure_line){ x, y, MANY, { 255, 0, 0 }, 1.0, NULL, false };
    scene->figure.theme = SVI_THEME_BARE;
    scene->figure.line_count = 1;
    struct svi_figure_layout *layout = layout_of(&scene->figure);
    struct svi_canvas canvas;
    check_ok(svi_figure_draw(&canvas, &scene->figure, layout, NULL, &err), err);
    size_t seen = 0;
    for (int row = 20; row < 180; row++)
        for (int column = 244; column < 250; column++)
            seen += svi_canvas_pixels(&canvas, (uint32_t)column, (uint32_t)row)[1] < 200;
    assert_true(seen >= 160);
    svi_canvas_clear(&canvas);
    svi_figure_layout_destroy(layout);
}

static void gaps_of_the_plot_are_hatched(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_figure figure = { .width = 40, .height = 30, .dpi = 100.0, .theme = SVI_THEME_BARE };
    struct svi_figure_layout *layout = layout_of(&figure);
    struct svi_plot_pixels shown = { .rgba = calloc(40 * 30, 4), .rows = 30 };
    assert_non_null(shown.rgba);
    struct svi_canvas canvas;
    check_ok(svi_figure_draw(&canvas, &figure, layout, &shown, &err), err);
    for (uint32_t i = 0; i < 40 * 30; i++) {
        const uint8_t *pixel = svi_canvas_pixels(&canvas, i % 40, i / 40);
        assert_true(pixel[3] == 255 && pixel[0] > 190);
    }
    svi_canvas_clear(&canvas);
    free(shown.rgba);
    svi_figure_layout_destroy(layout);
}

static void each_failing_allocation_is_an_error(void **state)
{
    (void)state;
    struct scene *scene = make_scene(320, 240);
    scene->figure.box_count = 1;
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_error err = { 0 };
        struct svi_canvas canvas = { 0 };
        struct svi_figure_layout *layout = NULL;
        allocator_fail_at(++n);
        bool ok = svi_figure_layout_create(&layout, &scene->figure, &err)
                  && svi_figure_draw(&canvas, &scene->figure, layout, NULL, &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        assert_int_equal(err.status, failed ? SVI_OUT_OF_MEMORY : SVI_OK);
        svi_canvas_clear(&canvas);
        svi_figure_layout_destroy(layout);
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_figure_has_everything),
        cmocka_unit_test(the_legend_goes_where_nothing_is),
        cmocka_unit_test(labels_stand_by_their_own_marks),
        cmocka_unit_test(labels_of_marks_are_whole_or_not_there),
        cmocka_unit_test(the_legend_hides_no_marks),
        cmocka_unit_test(boxes_beyond_two_hundred_are_counted),
        cmocka_unit_test(random_figures),
        cmocka_unit_test(the_margins_are_untouched),
        cmocka_unit_test(a_single_spike_among_many_points_is_seen),
        cmocka_unit_test(gaps_of_the_plot_are_hatched),
        cmocka_unit_test(each_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
