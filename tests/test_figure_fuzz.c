/* test_figure_fuzz - ten thousand figures that nobody would ask for, laid out without pixels: no crash, no text outside the
 * picture, none on another, always a plot, and what is left out is left out in order. SVI_FIGURES=n makes n of them. */
#include "base/bytes.h"
#include "visual/figure.h"

#include <math.h>

#include "check.h"
#include "dice.h"
#include "figure_checks.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { FIGURES = 2000 }; /* as many as take a few seconds */
#else
enum { FIGURES = 10000 };
#endif
enum { TEXT_SIZE = 700, TEXTS = 24, POINTS = 120, LINES = 4, MARKS = 80, BOXES = 240, TABLE = 257 };

/* A figure with all that it borrows. */
struct scene {
    struct dice dice;
    char text[TEXTS][TEXT_SIZE];
    size_t text_count;
    double x[LINES][POINTS], y[LINES][POINTS], table[TABLE];
    struct svi_figure_line lines[LINES];
    struct svi_figure_mark marks[MARKS];
    struct svi_figure_box boxes[BOXES];
    struct svi_figure figure;
};

/* ---- texts ---- */

/* Letters of one to four bytes that the font has or lacks, marks that combine, controls, or bytes that are no letters. */
static const char *random_letter(struct dice *dice)
{
    static const char *const letters[] = { "a",
                                           "M",
                                           "i",
                                           " ",
                                           " ",
                                           ",",
                                           "g",
                                           "j",
                                           "1",
                                           "µ",
                                           "Å",
                                           "Ǻ",
                                           "σ",
                                           "−",
                                           "…",
                                           "日",
                                           "\u0301",
                                           "\u0302",
                                           "\u202E",
                                           "\uFEFF",
                                           "\U0001F4E1",
                                           "\U0010FFFF",
                                           "\t",
                                           "\n",
                                           "\x7F",
                                           "\x1B",
                                           "\xFF",
                                           "\xC3",
                                           "\xE2\x82",
                                           "\xED\xA0\x80",
                                           "\xF4\x90\x80\x80" };
    return letters[dice_below(dice, ROWS(letters))];
}

/* Of any length up to more than fits into any place; NULL now and then. */
static const char *random_text(struct scene *scene)
{
    static const char *const usual[] = { NULL, "", "Time", "Frequency", "Power", "Spectrogram of a recording", "σ²" };
    struct dice *dice = &scene->dice;
    if (dice_below(dice, 2) || scene->text_count == TEXTS)
        return usual[dice_below(dice, ROWS(usual))];
    char *text = scene->text[scene->text_count++];
    size_t length = (size_t)dice_log(dice, 1, TEXT_SIZE), used = 0;
    bool plain = dice_below(dice, 2);
    while (used + 8 < length) {
        const char *letter = plain ? "some words, " : random_letter(dice);
        if (used + strlen(letter) >= TEXT_SIZE)
            break;
        memcpy(text + used, letter, strlen(letter) + 1);
        used += strlen(letter);
    }
    text[used] = '\0';
    return text;
}

/* ---- values ---- */

static double random_value(struct dice *dice)
{
    static const double odd[] = { NAN,  INFINITY, -INFINITY, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e-290, 1e290,
                                  1e15, -1e15,    1e11,      0.1, 1.0,  -1.0,  1e-9,   86400,  4.4e8 };
    if (dice_below(dice, 12) == 0)
        return odd[dice_below(dice, ROWS(odd))];
    double size = dice_log(dice, 1e-12, 1e16);
    return dice_below(dice, 3) ? size : -size;
}

/* Any range: wide, narrow far from 0, equal, reversed, not finite. */
static void random_range(struct dice *dice, double *start, double *end)
{
    *start = random_value(dice);
    switch (dice_below(dice, 6)) {
    case 0:
        *end = *start;
        break;
    case 1:
        *end = *start + fabs(*start) * dice_log(dice, 1e-16, 1.0);
        break;
    case 2:
        *end = nextafter(*start, INFINITY);
        break;
    default:
        *end = random_value(dice);
        break;
    }
    if (dice_below(dice, 2)) {
        double before = *start;
        *start = *end;
        *end = before;
    }
}

static struct svi_figure_axis random_axis(struct scene *scene)
{
    static const char *const units[] = { NULL,     "",           "Hz",         "s",   "dBFS",          "dBFS/Hz",
                                         "counts", SVI_UNIT_UTC, SVI_UNIT_UTC, "S/s", "a strange unit" };
    struct dice *dice = &scene->dice;
    struct svi_figure_axis axis = { .label = random_text(scene),
                                    .unit = dice_below(dice, 12) ? units[dice_below(dice, ROWS(units))] : random_text(scene),
                                    .scale = dice_below(dice, 4) ? SVI_EDGE_LINEAR : SVI_EDGE_LOG,
                                    .second = (int64_t)random_value(dice) };
    random_range(dice, &axis.at_start, &axis.at_end);
    return axis;
}

/* What an equalized histogram of counts may have, or, now and then, what none has. */
static size_t random_table(struct scene *scene)
{
    struct dice *dice = &scene->dice;
    double growth = dice_below(dice, 2) ? 0.0 : dice_share(dice);
    scene->table[0] = dice_below(dice, 3);
    for (size_t i = 1; i < TABLE; i++)
        scene->table[i] = scene->table[i - 1]
                          + (dice_below(dice, 3) ? 0.0 : floor(pow(10.0, 0.2 * growth * (double)i) * dice_below(dice, 4)));
    if (dice_below(dice, 10) == 0)
        scene->table[dice_below(dice, TABLE)] = random_value(dice);
    return dice_below(dice, 10) ? TABLE : dice_below(dice, TABLE + 1);
}

static struct svi_figure_bar random_bar(struct scene *scene)
{
    struct dice *dice = &scene->dice;
    struct svi_figure_axis axis = random_axis(scene);
    return (struct svi_figure_bar){ .label = axis.label,
                                    .unit = axis.unit,
                                    .colormap = dice_below(dice, 4) ? svi_colormap_find("viridis") : NULL,
                                    .min = axis.at_start,
                                    .max = axis.at_end,
                                    .widest = dice_below(dice, 2) ? "−102.5" : NULL,
                                    .scale = (enum svi_edge_scale_kind)dice_below(dice, 3),
                                    .table = scene->table,
                                    .table_count = random_table(scene),
                                    .whole = dice_below(dice, 2) };
}

/* ---- over the plot ---- */

/* On an axis more often than not. */
static double value_near(struct dice *dice, const struct svi_figure_axis *axis)
{
    if (dice_below(dice, 10) == 0)
        return random_value(dice);
    double share = 1.2 * dice_share(dice) - 0.1;
    return axis->at_start + share * (axis->at_end - axis->at_start);
}

static void fill_over(struct scene *scene)
{
    struct dice *dice = &scene->dice;
    struct svi_figure *figure = &scene->figure;
    bool many = dice_below(dice, 8) == 0;
    figure->grid = dice_below(dice, 2);
    figure->line_count = dice_below(dice, LINES + 1);
    figure->mark_count = dice_below(dice, many ? MARKS + 1 : 6);
    figure->box_count = dice_below(dice, many ? BOXES + 1 : 6);
    static const struct svi_color rim = { 20, 0, 40 };
    for (size_t i = 0; i < figure->line_count; i++) {
        size_t count = dice_below(dice, POINTS + 1);
        for (size_t k = 0; k < count; k++) {
            scene->x[i][k] = value_near(dice, &figure->x);
            scene->y[i][k] = value_near(dice, &figure->y);
        }
        scene->lines[i] = (struct svi_figure_line){ .x = scene->x[i],
                                                    .y = scene->y[i],
                                                    .count = count,
                                                    .width = 1.0,
                                                    .name = random_text(scene),
                                                    .halo = dice_below(dice, 2) ? &rim : NULL };
    }
    for (size_t i = 0; i < figure->mark_count; i++)
        scene->marks[i] = (struct svi_figure_mark){ .x = value_near(dice, &figure->x),
                                                    .y = value_near(dice, &figure->y),
                                                    .label = random_text(scene) };
    for (size_t i = 0; i < figure->box_count; i++)
        scene->boxes[i] = (struct svi_figure_box){ value_near(dice, &figure->x), value_near(dice, &figure->x),
                                                   value_near(dice, &figure->y), value_near(dice, &figure->y), random_text(scene) };
    figure->lines = scene->lines;
    figure->marks = scene->marks;
    figure->boxes = scene->boxes;
}

/* ---- the figures ---- */

static uint32_t random_edge(struct dice *dice)
{
    if (dice_below(dice, 20) == 0)
        return dice_below(dice, 2) ? 1 : SVI_MAX_IMAGE_EDGE;
    return dice_below(dice, 3) ? 20 + dice_below(dice, 1500) : (uint32_t)dice_log(dice, 1, SVI_MAX_IMAGE_EDGE);
}

static void fill_scene(struct scene *scene, unsigned seed)
{
    scene->dice = (struct dice){ seed };
    struct dice *dice = &scene->dice;
    dice_bits(dice);
    scene->text_count = 0;
    scene->figure = (struct svi_figure){
        .width = random_edge(dice),
        .height = random_edge(dice),
        .dpi = dice_below(dice, 2) ? 100.0 : dice_log(dice, 20.0, 1200.0),
        .theme = (enum svi_theme)(dice_below(dice, 20) ? dice_below(dice, 2) : SVI_THEME_BARE),
        .title = random_text(scene),
        .footer = random_text(scene),
    };
    scene->figure.x = random_axis(scene);
    scene->figure.y = random_axis(scene);
    scene->figure.bar = random_bar(scene);
    fill_over(scene);
}

static unsigned figure_count(void)
{
    const char *wanted = getenv("SVI_FIGURES");
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : FIGURES;
}

static void random_figures(void **state)
{
    (void)state;
    struct scene *scene = malloc(sizeof *scene);
    assert_non_null(scene);
    unsigned left_out[SVI_PART_COUNT + 1] = { 0 };
    for (checked_figure = 0; checked_figure < figure_count(); checked_figure++) {
        fill_scene(scene, checked_figure);
        struct svi_figure_layout *layout = layout_of(&scene->figure);
        check_beside_plot(layout);
        check_over_plot(layout);
        check_order(&scene->figure, layout);
        left_out[layout->left_out]++;

        /* What becomes known after the plot's size. */
        const struct svi_rect plot = layout->plot;
        random_range(&scene->dice, &scene->figure.bar.min, &scene->figure.bar.max);
        scene->figure.footer = random_text(scene);
        svi_figure_layout_refresh(layout, &scene->figure);
        assert_memory_equal(&plot, &layout->plot, sizeof plot);
        check_beside_plot(layout);
        check_over_plot(layout);
        svi_figure_layout_destroy(layout);
    }
    for (int parts = 0; checked_figure >= FIGURES && parts <= SVI_PART_COUNT; parts++)
        assert_true(left_out[parts] || parts == SVI_PART_MINOR_TICKS + 1); /* small ticks take no room: they go with the labels */
    free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
