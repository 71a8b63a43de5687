/* test_figure - whatever the size, the axes and the texts: nothing overlaps, nothing leaves the picture, the plot is untouched. */
#include "visual/figure.h"

#include "base/bytes.h"
#include "visual/figure_layout.h"

#include <math.h>

#include "allocator.h"
#include "check.h"
#include "dice.h"
#include "figure_checks.h"

static struct dice dice = { 99 };

static struct svi_figure usual_figure(uint32_t width, uint32_t height)
{
    return (struct svi_figure){
        .width = width,
        .height = height,
        .dpi = 100.0,
        .title = "Spectrogram",
        .footer = "recording · ci16_le · 1 MHz · FFT 1024, gaussian σ 100 · hop 500 · max of 12 frames",
        .x = { "Time", "s", 0.0, 6.0 },
        .y = { "Frequency", "Hz", 0.0, 24e3 },
        .bar = { "Power", "dBFS", svi_colormap_find("magma"), -110.0, -20.0 },
    };
}

static const struct svi_placed_text *find_text(const struct svi_figure_layout *layout, const char *part)
{
    for (size_t i = 0; i < layout->text_count; i++)
        if (strstr(layout->texts[i].text, part))
            return &layout->texts[i];
    return NULL;
}

static void a_usual_figure_has_everything(void **state)
{
    (void)state;
    struct svi_figure figure = usual_figure(800, 600);
    struct svi_figure_layout *layout = layout_of(&figure);
    check_beside_plot(layout);
    assert_int_equal(layout->left_out, 0);
    static const char *const texts[] = { "Spectrogram", "Time (s)", "Frequency (kHz)", "Power (dBFS)", "−100", "recording ·" };
    for (size_t i = 0; i < ROWS(texts); i++)
        assert_non_null(find_text(layout, texts[i]));
    assert_int_equal(find_text(layout, "Frequency")->direction, SVI_TEXT_UP);
    assert_int_equal(find_text(layout, "Power")->direction, SVI_TEXT_UP);
    assert_int_equal(layout->bar.height, layout->plot.height);
    struct svi_rect plot = svi_figure_plot_area(layout);
    assert_true(plot.width > 600 && plot.height > 480);
    svi_figure_layout_destroy(layout);
    svi_figure_layout_destroy(NULL);
}

/* At every size, what is left out is the first so many parts. */
static void parts_go_in_order(void **state)
{
    (void)state;
    bool seen[SVI_PART_COUNT + 1] = { false };
    for (uint32_t width = 1; width <= 640; width += width < 100 ? 3 : 13)
        for (uint32_t height = 1; height <= 480; height += height < 100 ? 4 : 17) {
            struct svi_figure figure = usual_figure(width, height);
            struct svi_figure_layout *layout = layout_of(&figure);
            check_beside_plot(layout);
            int left_out = layout->left_out;
            seen[left_out] = true;
            assert_int_equal(find_text(layout, "recording") != NULL, left_out <= SVI_PART_FOOTER);
            assert_int_equal(find_text(layout, "Spectro") != NULL, left_out <= SVI_PART_TITLE);
            assert_int_equal(find_text(layout, "s)") != NULL, left_out <= SVI_PART_LABELS);
            assert_int_equal(layout->bar.width != 0, left_out <= SVI_PART_BAR);
            assert_int_equal(layout->text_count != 0, left_out <= SVI_PART_TICKS);
            assert_int_equal(layout->box_count != 0, left_out <= SVI_PART_FRAME);
            svi_figure_layout_destroy(layout);
        }
    for (int i = 0; i <= SVI_PART_COUNT; i++)
        assert_true(seen[i] || i == SVI_PART_MINOR_TICKS + 1); /* small ticks take no room: they go together with the labels */
}

static void a_bare_picture_is_the_plot(void **state)
{
    (void)state;
    for (uint32_t edge = 1; edge < 2000; edge = edge * 2 + 3) {
        struct svi_figure figure = usual_figure(edge, edge + 5);
        figure.theme = SVI_THEME_BARE;
        struct svi_figure_layout *layout = layout_of(&figure);
        svi_figure_layout_refresh(layout, &figure);
        assert_int_equal(layout->plot.width, edge);
        assert_int_equal(layout->plot.height, edge + 5);
        assert_int_equal(layout->text_count + layout->box_count, 0);
        svi_figure_layout_destroy(layout);
    }
}

static void themes_have_names(void **state)
{
    (void)state;
    char names[64];
    svi_theme_names(names, sizeof names);
    assert_string_equal(names, "light, dark, bare");
    assert_int_equal(svi_theme_find("dark"), SVI_THEME_DARK);
    assert_int_equal(svi_theme_find("bare"), SVI_THEME_BARE);
    assert_int_equal(svi_theme_find("pink"), SVI_THEME_COUNT);
}

static void small_pictures_keep_what_matters(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        int most_left_out;
    } rows[] = {
        { 400, 300, 0 }, { 300, 225, 0 }, { 200, 150, SVI_PART_BAR }, { 100, 75, SVI_PART_TICKS }, { 30, 20, SVI_PART_FRAME }
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_figure figure = usual_figure(rows[i].width, rows[i].height);
        struct svi_figure_layout *layout = layout_of(&figure);
        assert_true(layout->left_out <= rows[i].most_left_out);
        svi_figure_layout_destroy(layout);
    }
}

static const char long_title[] =
    "A title that goes on and on and on and on, since whoever wrote it had much to say about a recording that was long itself, and "
    "so "
    "on and on, until there is no room for it in a picture of any reasonable width, and then some more, to be sure that it is cut";
static const char *const words[] = {
    NULL,
    "",
    "Time",
    "Frequency",
    "σ²",
    "A label of quite some length for an axis",
    long_title,
    "Öl Ångström µΔ",
    "\xFF\xC3 broken",
    "line\nbreak\ttab",
    "…",
};
static const char *const units[] = {
    NULL, "", "Hz", "s", "dBFS", "dBFS/Hz", "counts", "V", "a strange unit that is long", SVI_UNIT_UTC, SVI_UNIT_UTC
};

static struct svi_figure_axis random_axis(void)
{
    static const double scales[] = { 1e-9, 1e-3, 1.0, 1e3, 1e6, 1e9, 1e15 };
    double center = dice_below(&dice, 4) ? ((double)dice_below(&dice, 2001) - 1000.0) * scales[dice_below(&dice, ROWS(scales))]
                                         : 0.0;
    double span = (1.0 + dice_below(&dice, 1000)) * scales[dice_below(&dice, ROWS(scales))];
    struct svi_figure_axis axis = { .label = words[dice_below(&dice, ROWS(words))],
                                    .unit = units[dice_below(&dice, ROWS(units))],
                                    .at_start = center - span / 3,
                                    .at_end = center + span,
                                    .scale = dice_below(&dice, 4) ? SVI_EDGE_LINEAR : SVI_EDGE_LOG,
                                    .second = dice_below(&dice, 2) ? 1795392000 : -(int64_t)dice_below(&dice, 2000000000) };
    static const double odd[] = { NAN, INFINITY, -INFINITY, 0.0, 1e308, -1e308, 5e-324 };
    if (dice_below(&dice, 10) == 0)
        axis.at_start = odd[dice_below(&dice, ROWS(odd))];
    if (dice_below(&dice, 10) == 0)
        axis.at_end = dice_below(&dice, 2) ? axis.at_start : odd[dice_below(&dice, ROWS(odd))];
    if (dice_below(&dice, 3) == 0) {
        double start = axis.at_start;
        axis.at_start = axis.at_end;
        axis.at_end = start;
    }
    return axis;
}

static uint32_t random_edge(uint32_t most)
{
    static const uint32_t some[] = { 1, 2, 5, 16, 40, 100, 150, 200, 300, 1000 };
    return dice_below(&dice, 3) ? 1 + dice_below(&dice, most) : some[dice_below(&dice, ROWS(some))];
}

/* What an equalized histogram of counts may have: many equal values, and few that are far away. */
static void fill_table(double *table, size_t count)
{
    double growth = dice_below(&dice, 2) ? 0.0 : 1.0 / (1.0 + dice_below(&dice, 40));
    table[0] = dice_below(&dice, 3);
    for (size_t i = 1; i < count; i++)
        table[i] = table[i - 1] + (dice_below(&dice, 3) ? 0.0 : floor(pow(10.0, growth * (double)i * 0.5) * dice_below(&dice, 4)));
}

static void random_figures(void **state)
{
    (void)state;
    for (int run = 0; run < 1500; run++) {
        bool small = dice_below(&dice, 2);
        struct svi_figure_axis bar = random_axis();
        double table[257];
        fill_table(table, ROWS(table));
        struct svi_figure figure = {
            .width = random_edge(small ? 500 : 4000),
            .height = random_edge(small ? 400 : 3000),
            .dpi = dice_below(&dice, 3) ? 100.0 : 20.0 + dice_below(&dice, 1181),
            .title = words[dice_below(&dice, ROWS(words))],
            .footer = words[dice_below(&dice, ROWS(words))],
            .x = random_axis(),
            .y = random_axis(),
            .square = dice_below(&dice, 4) == 0,
            .bar = { .label = bar.label,
                     .unit = bar.unit,
                     .colormap = dice_below(&dice, 4) ? svi_colormap_find("viridis") : NULL,
                     .min = bar.at_start,
                     .max = bar.at_end,
                     .scale = (enum svi_edge_scale_kind)dice_below(&dice, 3),
                     .table = table,
                     .table_count = ROWS(table),
                     .whole = dice_below(&dice, 2) },
        };
        struct svi_figure_layout *layout = layout_of(&figure);
        check_beside_plot(layout);
        const struct svi_rect plot = svi_figure_plot_area(layout);
        assert_true(!figure.square || layout->left_out >= SVI_PART_FRAME || plot.width == plot.height);
        svi_figure_layout_destroy(layout);
    }
}

/* Nothing but the room around the plot changes: it stays as large as the shorter edge allows, in the middle. */
static void a_square_plot_keeps_its_things_close(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = { { 800, 800 }, { 1600, 500 }, { 400, 1200 }, { 300, 300 }, { 200, 150 } };
    for (size_t i = 0; i < ROWS(sizes); i++) {
        struct svi_figure figure = usual_figure(sizes[i][0], sizes[i][1]);
        struct svi_figure_layout *free_layout = layout_of(&figure);
        figure.square = true;
        struct svi_figure_layout *layout = layout_of(&figure);
        check_beside_plot(layout);
        const struct svi_rect wide = svi_figure_plot_area(free_layout), plot = svi_figure_plot_area(layout);
        const int shorter = wide.width < wide.height ? wide.width : wide.height;
        assert_int_equal(plot.width, plot.height);
        assert_true(plot.width <= shorter + 30 && plot.width >= shorter - 2);
        assert_int_equal(layout->left_out, free_layout->left_out);
        if (wide.width > wide.height) {
            assert_int_equal(plot.top, wide.top);
            check_near(plot.left - wide.left, (wide.width - plot.width) / 2.0, 1);
        } else {
            check_near(plot.top - wide.top, (wide.height - plot.height) / 2.0, 1);
        }
        if (layout->bar.width)
            assert_true(layout->bar.left - (plot.left + plot.width) < 60);
        svi_figure_layout_destroy(layout);
        svi_figure_layout_destroy(free_layout);
    }
}

/* The range of a bar and the footer become known late: the plot area stays, and still nothing overlaps. */
static void refreshing_keeps_the_plot_area(void **state)
{
    (void)state;
    static const double ranges[][2] = { { -110, -20 },    { -99.5, -79.5 }, { 0, 1 }, { -1e6, 1e6 },
                                        { 1e9, 1e9 + 1 }, { NAN, 0 },       { 5, 5 } };
    static const char *const footers[] = { "short", "gjpqy|ÄÅβ", long_title };
    for (int run = 0; run < 600; run++) {
        struct svi_figure figure = usual_figure(1 + dice_below(&dice, 900), 1 + dice_below(&dice, 700));
        figure.x = random_axis();
        figure.bar.widest = dice_below(&dice, 2) ? "−102.5" : NULL;
        figure.square = dice_below(&dice, 3) == 0;
        struct svi_figure_layout *layout = layout_of(&figure);
        struct svi_rect before = svi_figure_plot_area(layout);
        size_t texts = layout->text_count, boxes = layout->box_count;
        svi_figure_layout_refresh(layout, &figure);
        assert_true(layout->text_count == texts && layout->box_count == boxes);
        for (size_t i = 0; i < ROWS(ranges); i++) {
            figure.bar.min = ranges[i][0];
            figure.bar.max = ranges[i][1];
            figure.footer = footers[i % ROWS(footers)];
            svi_figure_layout_refresh(layout, &figure);
            struct svi_rect after = svi_figure_plot_area(layout);
            assert_memory_equal(&before, &after, sizeof before);
            check_beside_plot(layout);
        }
        svi_figure_layout_destroy(layout);
    }
}

/* The ticks of a bar stand where the colors of their values are. */
static void bars_of_counts_have_real_counts(void **state)
{
    (void)state;
    double table[257];
    for (size_t i = 0; i < ROWS(table); i++)
        table[i] = i < 100 ? 1 : i < 180 ? 2 : i < 256 ? round(2 + pow(1.1, (double)i - 180)) : 5000;
    static const struct {
        enum svi_edge_scale_kind scale;
        double max;
        const char *in, *in_too, *missing;
    } rows[] = {
        { SVI_EDGE_LINEAR, 3, "0", "3", "0.5" },
        { SVI_EDGE_LOG, 5000, "20", "1000", "0.5" },
        { SVI_EDGE_TABLE, 0, "2", "1000", "1.5" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_figure figure = usual_figure(800, 600);
        figure.title = figure.footer = "";
        figure.bar = (struct svi_figure_bar){ .label = "Samples",
                                              .colormap = svi_colormap_find("viridis"),
                                              .min = rows[i].scale == SVI_EDGE_LOG,
                                              .max = rows[i].max,
                                              .scale = rows[i].scale,
                                              .table = table,
                                              .table_count = ROWS(table),
                                              .whole = true };
        struct svi_figure_layout *layout = layout_of(&figure);
        check_beside_plot(layout);
        size_t found[3] = { 0 };
        const struct svi_edge_scale scale = { rows[i].scale, figure.bar.min, figure.bar.max, table, ROWS(table) };
        for (size_t k = 0; k < layout->text_count; k++) {
            const struct svi_placed_text *text = &layout->texts[k];
            if (text->touches.left < layout->bar.left + layout->bar.width || text->direction == SVI_TEXT_UP)
                continue;
            found[0] += !strcmp(text->text, rows[i].in);
            found[1] += !strcmp(text->text, rows[i].in_too);
            found[2] += !strcmp(text->text, rows[i].missing);
            double middle = text->touches.top + 0.5 * text->touches.height, value = strtod(text->text, NULL);
            double place = layout->bar.top + layout->bar.height * (1.0 - svi_edge_share(&scale, value));
            check_near(middle, place, 2.0);
        }
        assert_true(found[0] == 1 && found[1] == 1 && found[2] == 0);
        svi_figure_layout_destroy(layout);
    }
}

static void the_largest_picture_is_laid_out_too(void **state)
{
    (void)state;
    static const double dpi[] = { 20.0, 100.0, 1200.0 };
    for (size_t i = 0; i < ROWS(dpi); i++) {
        struct svi_figure figure = usual_figure(SVI_MAX_IMAGE_EDGE, SVI_MAX_IMAGE_EDGE);
        figure.dpi = dpi[i];
        struct svi_figure_layout *layout = layout_of(&figure);
        check_beside_plot(layout);
        assert_int_equal(layout->left_out, 0);
        assert_true(layout->plot.width > 14000 && layout->plot.height > 14000);
        svi_figure_layout_destroy(layout);
    }
}

/* Ticks that count from an offset are never shown without it. */
static void an_offset_stands_beside_its_ticks(void **state)
{
    (void)state;
    int counted[2] = { 0 };
    for (uint32_t edge = 60; edge < 900; edge += 7) {
        struct svi_figure figure = usual_figure(edge, edge);
        figure.bar.colormap = NULL;
        figure.y =
            (struct svi_figure_axis){ .label = "Frequency", .unit = "Hz", .at_start = 433.92e6 - 50.0, .at_end = 433.92e6 + 50.0 };
        struct svi_figure_layout *layout = layout_of(&figure);
        check_beside_plot(layout);
        bool has_ticks = find_text(layout, "−20") || find_text(layout, "−50");
        bool has_offset = find_text(layout, "Hz) + 433.92 MHz") || find_text(layout, "Hz + 433.92 MHz");
        counted[has_offset]++;
        assert_true(has_offset || !has_ticks);
        svi_figure_layout_destroy(layout);
    }
    assert_true(counted[false] && counted[true]);
}

static void long_texts_are_shortened(void **state)
{
    (void)state;
    struct svi_figure figure = usual_figure(640, 480);
    figure.title = figure.x.label = figure.y.label = long_title;
    struct svi_figure_layout *layout = layout_of(&figure);
    check_beside_plot(layout);
    check_has(layout->texts[0].text, "A title that goes on and on");
    assert_true(svi_ends_with(layout->texts[0].text, "…"));
    assert_non_null(find_text(layout, "… (s)"));
    assert_non_null(find_text(layout, "… (kHz)"));
    svi_figure_layout_destroy(layout);
}

static void bad_figures_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        double dpi;
        const char *says;
    } rows[] = {
        { 0, 100, 100, "width of 0 pixels" },
        { 100, 16385, 100, "height of 16385 pixels is outside the permitted range 1…16384" },
        { 100, 100, NAN, "dpi" },
        { 100, 100, 0, "0 dpi is outside the permitted range 20…1200" },
        { 100, 100, -100, "-100 dpi" },
        { 100, 100, 1e9, "dpi" },
        { UINT32_MAX, 1, 100, "4294967295" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_figure figure = usual_figure(rows[i].width, rows[i].height);
        figure.dpi = rows[i].dpi;
        struct svi_figure_layout *layout = NULL;
        assert_false(svi_figure_layout_create(&layout, &figure, &err));
        assert_null(layout);
        assert_int_equal(err.status, SVI_BAD_PARAMETER);
        check_has(err.message, rows[i].says);
    }
}

static struct svi_plot_pixels plot_pixels(struct svi_rect plot)
{
    uint8_t *rgba = malloc((size_t)plot.width * (size_t)plot.height * 4);
    assert_non_null(rgba);
    for (size_t i = 0; i < (size_t)plot.width * (size_t)plot.height * 4; i++)
        rgba[i] = i % 4 == 3 ? 255 : (uint8_t)dice_below(&dice, 256);
    return (struct svi_plot_pixels){ .rgba = rgba, .rows = (uint32_t)plot.height };
}

static bool touches(struct svi_rect rect, int x, int y)
{
    return !are_apart(rect, (struct svi_rect){ x, y, 1, 1 });
}

/* Every pixel is the plot's, the bar's, a line's, a text's, or background. */
static void what_is_drawn_is_what_was_laid_out(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = { { 640, 480 }, { 200, 150 }, { 61, 47 }, { 16, 16 }, { 1, 1 }, { 300, 20 } };
    for (size_t i = 0; i < ROWS(sizes); i++)
        for (int theme = SVI_THEME_LIGHT; theme < SVI_THEME_COUNT; theme++) {
            struct svi_error err = { 0 };
            struct svi_figure figure = usual_figure(sizes[i][0], sizes[i][1]);
            figure.theme = (enum svi_theme)theme;
            struct svi_figure_layout *layout = layout_of(&figure);
            struct svi_rect plot = layout->plot, bar = layout->bar;
            struct svi_plot_pixels shown = plot_pixels(plot);
            struct svi_canvas canvas;
            check_ok(svi_figure_draw(&canvas, &figure, layout, &shown, &err), err);
            assert_int_equal(canvas.width, sizes[i][0]);
            assert_int_equal(canvas.height, sizes[i][1]);
            for (int y = 0; y < (int)canvas.height; y++)
                for (int x = 0; x < (int)canvas.width; x++) {
                    const uint8_t *pixel = svi_canvas_pixels(&canvas, (uint32_t)x, (uint32_t)y);
                    assert_int_equal(pixel[3], 255);
                    if (touches(plot, x, y)) {
                        assert_memory_equal(
                            pixel, shown.rgba + ((size_t)(y - plot.top) * (size_t)plot.width + (size_t)(x - plot.left)) * 4, 4);
                        continue;
                    }
                    bool used = touches(bar, x, y);
                    for (size_t k = 0; k < layout->box_count && !used; k++)
                        used = touches(layout->boxes[k].where, x, y);
                    for (size_t k = 0; k < layout->text_count && !used; k++)
                        used = touches(layout->texts[k].touches, x, y);
                    if (!used)
                        assert_memory_equal(pixel, svi_canvas_pixels(&canvas, 0, 0),
                                            3); /* the corner is background in all that have a margin */
                }
            svi_canvas_clear(&canvas);
            free(shown.rgba);
            svi_figure_layout_destroy(layout);
        }
}

static void the_bar_shows_the_whole_map(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_figure figure = usual_figure(640, 480);
    struct svi_figure_layout *layout = layout_of(&figure);
    struct svi_plot_pixels shown = plot_pixels(layout->plot);
    struct svi_canvas canvas;
    check_ok(svi_figure_draw(&canvas, &figure, layout, &shown, &err), err);
    struct svi_rect bar = layout->bar;
    const uint8_t *first = svi_canvas_pixels(&canvas, (uint32_t)bar.left, (uint32_t)bar.top);
    const uint8_t *last = svi_canvas_pixels(&canvas, (uint32_t)(bar.left + bar.width - 1), (uint32_t)(bar.top + bar.height - 1));
    assert_memory_equal(first, figure.bar.colormap->rgb[255], 3);
    assert_memory_equal(last, figure.bar.colormap->rgb[0], 3);
    svi_canvas_clear(&canvas);
    free(shown.rgba);
    svi_figure_layout_destroy(layout);
}

/* A row of the plot shows the row of pixels that its middle lies in. */
static void rows_of_a_plot_may_share_pixels(void **state)
{
    (void)state;
    static const uint32_t rows[] = { 1, 2, 3, 7, 50, 99, 100 };
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        struct svi_error err = { 0 };
        const struct svi_figure figure = { .width = 20, .height = 100, .dpi = 100.0, .theme = SVI_THEME_BARE };
        struct svi_figure_layout *layout = layout_of(&figure);
        struct svi_plot_pixels shown = plot_pixels(layout->plot);
        struct svi_canvas canvas;
        shown.rows = rows[i / 2];
        shown.upwards = i % 2;
        check_ok(svi_figure_draw(&canvas, &figure, layout, &shown, &err), err);
        for (uint32_t y = 0; y < 100; y++) {
            const double from_first = (shown.upwards ? 99 - y : y) + 0.5;
            const size_t row = (size_t)floor(from_first * shown.rows / 100);
            assert_memory_equal(svi_canvas_pixels(&canvas, 0, y), shown.rgba + row * 20 * 4, 20 * 4);
        }
        svi_canvas_clear(&canvas);
        free(shown.rgba);
        svi_figure_layout_destroy(layout);
    }
}

static void each_failing_allocation_is_an_error(void **state)
{
    (void)state;
    struct svi_figure figure = usual_figure(320, 240);
    struct svi_figure_layout *layout = layout_of(&figure);
    struct svi_plot_pixels shown = plot_pixels(layout->plot);
    svi_figure_layout_destroy(layout);
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_error err = { 0 };
        struct svi_canvas canvas = { 0 };
        allocator_fail_at(++n);
        bool ok = svi_figure_layout_create(&layout, &figure, &err) && svi_figure_draw(&canvas, &figure, layout, &shown, &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        assert_int_equal(err.status, failed ? SVI_OUT_OF_MEMORY : SVI_OK);
        assert_int_equal(canvas.pixels != NULL, ok);
        svi_canvas_clear(&canvas);
        svi_figure_layout_destroy(layout);
    }
    assert_true(n > 50);
    free(shown.rgba);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_figure_has_everything),
        cmocka_unit_test(parts_go_in_order),
        cmocka_unit_test(small_pictures_keep_what_matters),
        cmocka_unit_test(random_figures),
        cmocka_unit_test(a_square_plot_keeps_its_things_close),
        cmocka_unit_test(refreshing_keeps_the_plot_area),
        cmocka_unit_test(the_largest_picture_is_laid_out_too),
        cmocka_unit_test(an_offset_stands_beside_its_ticks),
        cmocka_unit_test(long_texts_are_shortened),
        cmocka_unit_test(bad_figures_are_refused),
        cmocka_unit_test(what_is_drawn_is_what_was_laid_out),
        cmocka_unit_test(a_bare_picture_is_the_plot),
        cmocka_unit_test(bars_of_counts_have_real_counts),
        cmocka_unit_test(themes_have_names),
        cmocka_unit_test(the_bar_shows_the_whole_map),
        cmocka_unit_test(rows_of_a_plot_may_share_pixels),
        cmocka_unit_test(each_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
