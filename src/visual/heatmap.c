/* heatmap - persistence spectrum: how often each level of power is seen at each frequency, in percent of the slices, or how it
 * glows on a screen of phosphor. Frequency to the right, power upwards. */
#include "visual/color_scale.h"
#include "visual/colormap.h"
#include "visual/paint.h"
#include "visual/persistence.h"
#include "visual/spectrum_lines.h"
#include "visual/sweep_analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell that was hit once must stand out from one that was not: the colors of counts begin here in the map. */
enum { FIRST_COLOR = 40 };

struct heatmap {
    struct svi_run *run;
    struct svi_analysis analysis;
    struct svi_persistence persistence;
    struct svi_color_scale scale;
    uint8_t colors[256][3];
    struct svi_colormap palette;
    struct svi_color never; /* what was never seen; the rim of lines, too */
    struct svi_spectrum_lines lines;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
};

static struct svi_value *value(struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

static bool glows(struct svi_run *run)
{
    return !strcmp(value(run, SVI_PARAM_PERSISTENCE)->text, "fosphor");
}

/* The colors of the bar: the map without its darkest part, which is for what never happened. A glow fades into it. */
static void set_colors(struct heatmap *heatmap)
{
    const struct svi_colormap *map = svi_colormap_find(value(heatmap->run, SVI_PARAM_COLORMAP)->text);
    heatmap->palette = svi_colormap_of_counts(map, glows(heatmap->run) ? 0 : FIRST_COLOR, heatmap->colors);
    heatmap->never = (struct svi_color){ map->rgb[0][0], map->rgb[0][1], map->rgb[0][2] };
}

/* A glow is shown as it is, from 0 to 1. */
static bool choose_scale(struct heatmap *heatmap, struct svi_error *err)
{
    const struct svi_persistence *persistence = &heatmap->persistence;
    const struct svi_value *name = value(heatmap->run, SVI_PARAM_COLOR_SCALE);
    if (glows(heatmap->run)) {
        heatmap->scale = svi_color_scale_linear(1);
        return true;
    }
    return svi_color_scale_make(&heatmap->scale, svi_color_scale_kind(name->text), persistence->matrix,
                                (size_t)persistence->rows * persistence->columns, err);
}

static void describe_figure(struct heatmap *heatmap)
{
    set_colors(heatmap);
    heatmap->figure = svi_run_figure(heatmap->run, "Persistence spectrum");
    heatmap->figure.x = svi_analysis_frequency_axis(&heatmap->analysis);
    heatmap->figure.y = (struct svi_figure_axis){
        .label = heatmap->analysis.scale.label, .unit = heatmap->analysis.scale.unit, .at_start = -120, .at_end = -102.5
    };
    /* Stand-ins, as far as the widest label: the range is found out. */
    heatmap->figure.bar = (struct svi_figure_bar){
        .label = glows(heatmap->run)    ? "Persistence"
                 : heatmap->run->sweeps ? "Share of spectra"
                                        : "Share of slices",
        .unit = glows(heatmap->run) ? NULL : "%",
        .colormap = &heatmap->palette,
        .min = 0.01,
        .max = 100,
        .widest = "0.002",
        .scale = SVI_EDGE_LOG,
    };
}

/* Shares of the colors, NAN where nothing was. */
static bool paint(struct heatmap *heatmap, struct svi_error *err)
{
    const struct svi_persistence *persistence = &heatmap->persistence;
    const size_t cells = (size_t)persistence->rows * persistence->columns;
    float *shares = malloc(cells * sizeof *shares);
    if (!shares)
        return svi_fail_memory(err, cells * sizeof *shares);
    svi_color_scale_shares(&heatmap->scale, persistence->matrix, cells, shares);
    const struct svi_paint paint = {
        .rows = persistence->rows,
        .columns = persistence->columns,
        .upwards = true,
        .low = 0,
        .high = 1,
        .colormap = &heatmap->palette,
        .nothing = { heatmap->never.r, heatmap->never.g, heatmap->never.b, 255 },
    };
    bool ok = svi_paint_matrix(&heatmap->pixels, shares, &paint, svi_figure_plot_area(heatmap->layout), err);
    free(shares);
    return ok;
}

static void describe_footer(struct heatmap *heatmap)
{
    struct svi_run *run = heatmap->run;
    char more[128], slices[64], glow[64] = "";
    if (glows(run))
        svi_format(glow, sizeof glow, ", fosphor: rise %.6g, decay %.6g slices", value(run, SVI_PARAM_RISE)->number,
                   value(run, SVI_PARAM_DECAY)->number);
    svi_analysis_count(slices, sizeof slices, &heatmap->analysis);
    svi_format(more, sizeof more, "%s, %u levels%s", slices, heatmap->persistence.rows, glow);
    svi_analysis_footer(&heatmap->analysis, more);
    heatmap->figure.footer = run->footer;
}

static bool draw_figure(struct heatmap *heatmap, struct svi_error *err)
{
    struct svi_run *run = heatmap->run;
    heatmap->figure.y.at_start = heatmap->persistence.low_db;
    heatmap->figure.y.at_end = heatmap->persistence.high_db;
    svi_color_scale_bar(&heatmap->scale, &heatmap->figure.bar);
    if (!svi_analysis_frames_seen(&heatmap->analysis))
        heatmap->figure.bar.colormap = NULL; /* no color stands for anything */
    describe_footer(heatmap);
    const uint32_t pixels = (uint32_t)svi_figure_plot_area(heatmap->layout).width;
    if (!svi_spectrum_lines_make(&heatmap->lines, &heatmap->analysis, pixels, &heatmap->never, err))
        return false;
    heatmap->figure.lines = heatmap->lines.lines;
    /* A single spectrum is its own line, which would hide the cells. */
    heatmap->figure.line_count = run->sweeps && heatmap->analysis.row_count == 1 ? 0 : SVI_SPECTRUM_LINES;
    svi_figure_layout_destroy(heatmap->layout);
    heatmap->layout = NULL;
    if (!svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err) || !paint(heatmap, err))
        return false;
    svi_run_show(run, &heatmap->figure, heatmap->layout, &heatmap->pixels);
    return true;
}

static void summarize(struct heatmap *heatmap)
{
    struct svi_run *run = heatmap->run;
    const struct svi_band *band = &heatmap->analysis.band;
    const struct svi_figure *figure = &heatmap->figure;
    struct svi_persistence *persistence = &heatmap->persistence;
    svi_analysis_summarize(&heatmap->analysis, &persistence->range, heatmap->analysis.power.max);
    run->image = svi_summary_image(
        run, svi_figure_plot_area(heatmap->layout), svi_summary_axis("frequency", "Hz", band->low_hz, band->high_hz, NULL),
        svi_summary_axis("power", heatmap->analysis.scale.unit, figure->y.at_start, figure->y.at_end, NULL),
        !figure->bar.colormap ? json_null()
                              : json_pack("{s:s, s:f, s:f, s:s, s:s}", "colormap", heatmap->palette.name, "min", figure->bar.min,
                                          "max", figure->bar.max, "unit", figure->bar.unit ? figure->bar.unit : "", "scale",
                                          svi_color_scale_name(heatmap->scale.kind)));
    json_object_set_new(run->image, run->sweeps ? "spectra" : "slices",
                        json_integer((json_int_t)svi_analysis_frames_seen(&heatmap->analysis)));
    json_object_set_new(run->image, "power_bins", json_integer(persistence->rows));
    json_object_set_new(run->image, "under_percent", json_real(persistence->under_percent));
    json_object_set_new(run->image, "over_percent", json_real(persistence->over_percent));
    if (run->request->save_data) {
        run->data = persistence->matrix;
        run->data_rows = persistence->rows;
        run->data_columns = persistence->columns;
        persistence->matrix = NULL;
    }
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = svi_run_state(run, sizeof *heatmap, err);
    uint64_t frames;
    if (!heatmap || !svi_run_whole_frames(run, "heatmap", &frames, err) || !svi_analysis_begin(&heatmap->analysis, run, err))
        return false;
    heatmap->run = run;
    if (glows(run) && value(run, SVI_PARAM_COLOR_SCALE)->given)
        svi_warn(&run->warnings, "A persistence of fosphor is shown as it is, from 0 to 1: colorScale was not used.");
    if (glows(run))
        svi_values_default_text(&run->values, SVI_PARAM_COLOR_SCALE, svi_color_scale_name(SVI_COLOR_LINEAR));
    describe_figure(heatmap);
    return svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err)
           && svi_analysis_frames(&heatmap->analysis, 0, frames, err)
           && svi_persistence_begin(&heatmap->persistence, &heatmap->analysis,
                                    (uint32_t)svi_figure_plot_area(heatmap->layout).width, err);
}

static bool begin_sweeps(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = svi_run_state(run, sizeof *heatmap, err);
    if (!heatmap || !svi_sweep_analysis_begin(&heatmap->analysis, run, err))
        return false;
    heatmap->run = run;
    if (glows(run))
        return svi_fail(err, SVI_BAD_PARAMETER,
                        "The parameter persistence is fosphor, but %s holds power spectra, not samples. Use persistence=exact.",
                        run->name);
    describe_figure(heatmap);
    return svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err)
           && svi_sweep_persistence(&heatmap->persistence, &heatmap->analysis,
                                    (uint32_t)svi_figure_plot_area(heatmap->layout).width, err);
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    return svi_analysis_finish(&heatmap->analysis, err) && svi_persistence_fetch(&heatmap->persistence, err);
}

static bool draw_sweeps(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    return svi_analysis_finish(&heatmap->analysis, err);
}

static bool compose(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    if ((!run->sweeps && !svi_persistence_finish(&heatmap->persistence, err)) || !choose_scale(heatmap, err)
        || !draw_figure(heatmap, err))
        return false;
    summarize(heatmap);
    return true;
}

static void end(struct svi_run *run)
{
    struct heatmap *heatmap = run->state;
    svi_spectrum_lines_clear(&heatmap->lines);
    svi_color_scale_clear(&heatmap->scale);
    svi_persistence_end(&heatmap->persistence);
    svi_figure_layout_destroy(heatmap->layout);
    svi_analysis_end(&heatmap->analysis);
    free(heatmap->pixels.rgba);
}

static const struct svi_visual of_sweeps = {
    .name = "heatmap", .begin = begin_sweeps, .draw = draw_sweeps, .compose = compose, .end = end
};

const struct svi_visual svi_heatmap = {
    .name = "heatmap",
    .help = "how often each level is seen at each frequency",
    .alias = "persistence",
    .begin = begin,
    .draw = draw,
    .compose = compose,
    .composing = 3,
    .end = end,
    .of_sweeps = &of_sweeps,
    .of_table = &svi_table_heatmap,
};
