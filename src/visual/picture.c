#include "visual/picture.h"

#include "base/version.h"
#include "visual/levels.h"
#include "visual/number.h"
#include "visual/recording.h"

#include <math.h>

bool svi_run_check_channel(const struct svi_run *run, struct svi_error *err)
{
    return svi_recording_has_channel(run->recording, run->values.at[SVI_PARAM_CHANNEL].number, err);
}

struct svi_figure svi_run_figure(struct svi_run *run, const char *kind)
{
    const struct svi_value *values = run->values.at;
    if (*values[SVI_PARAM_TITLE].text)
        svi_text_clean(run->title, sizeof run->title, values[SVI_PARAM_TITLE].text);
    else
        svi_format(run->title, sizeof run->title, "%s of %s", kind, run->name);
    if (!*run->footer) {
        /* Its text is known later, its place now: as high as the name in it. */
        char name[128];
        svi_text_clean(name, sizeof name, run->name);
        svi_format(run->footer, sizeof run->footer, "%s · %s", SVI_PROGRAM_NAME, name);
    }
    return (struct svi_figure){
        .width = (uint32_t)lround(values[SVI_PARAM_WIDTH].number * SVI_DOTS_PER_INCH),
        .height = (uint32_t)lround(values[SVI_PARAM_HEIGHT].number * SVI_DOTS_PER_INCH),
        .dpi = values[SVI_PARAM_DPI].number,
        .theme = svi_theme_find(values[SVI_PARAM_THEME].text),
        .title = run->title,
        .footer = run->footer,
    };
}

struct svi_figure_bar svi_run_level_bar(const struct svi_run *run, const char *label, const char *unit)
{
    const struct svi_value *vmin = &run->values.at[SVI_PARAM_VMIN], *vmax = &run->values.at[SVI_PARAM_VMAX];
    return (struct svi_figure_bar){
        .label = label,
        .unit = unit,
        .colormap = svi_colormap_find(run->values.at[SVI_PARAM_COLORMAP].text),
        /* Stand-ins: an automatic range spans at least 20 dB, so its labels have one decimal at the most. */
        .min = vmin->given   ? vmin->number
               : vmax->given ? vmax->number - SVI_LEAST_SPAN_DB
                             : -120,
        .max = vmax->given   ? vmax->number
               : vmin->given ? vmin->number + SVI_LEAST_SPAN_DB
                             : -100,
        .widest = "−102.5",
    };
}

void svi_run_set_range(struct svi_run *run, struct svi_figure_bar *bar, double low_db, double high_db)
{
    const struct svi_value *vmin = &run->values.at[SVI_PARAM_VMIN], *vmax = &run->values.at[SVI_PARAM_VMAX],
                           *range = &run->values.at[SVI_PARAM_DYNAMIC_RANGE];
    if (vmin->given) {
        low_db = vmin->number;
        high_db = fmax(high_db, low_db + SVI_LEAST_SPAN_DB);
    }
    if (vmax->given) {
        high_db = vmax->number;
        low_db = vmin->given ? low_db : fmin(low_db, high_db - SVI_LEAST_SPAN_DB);
    }
    if (range->given && !vmin->given)
        low_db = high_db - range->number;
    svi_values_default_number(&run->values, SVI_PARAM_VMIN, low_db);
    svi_values_default_number(&run->values, SVI_PARAM_VMAX, high_db);
    bar->min = low_db;
    bar->max = high_db;
}

void svi_run_footer(struct svi_run *run, const char *made)
{
    const struct svi_recording *recording = run->recording;
    const char *prefix = "";
    char name[128], source[128];
    svi_text_clean(name, sizeof name, run->name);
    if (run->sweeps) {
        svi_format(source, sizeof source, "%s", *run->sweeps->device ? run->sweeps->device : run->sweeps->format);
    } else {
        const double rate = recording->sample_rate_hz / svi_number_si(recording->sample_rate_hz, &prefix);
        const char *doubt = run->plausibility ? run->plausibility->mark : "";
        svi_format(source, sizeof source, "%s%s%s%s · %.10g %sS/s", recording->datatype->name, *doubt ? " (" : "", doubt,
                   *doubt ? ")" : "", rate, prefix);
    }
    svi_format(run->footer, sizeof run->footer, "%s · %s · %s %s · %s", source, made, SVI_PROGRAM_NAME, svi_version, name);
}

json_t *svi_summary_axis(const char *quantity, const char *unit, double min, double max, const char *direction)
{
    return json_pack("{s:s, s:s, s:f, s:f, s:s*}", "quantity", quantity, "unit", unit, "min", min, "max", max, "direction",
                     direction);
}

/* The center frequencies of what is shown, at most MAX_TUNINGS of them; NULL: there is but one. */
static json_t *list_tunings(const struct svi_run *run)
{
    enum { MAX_TUNINGS = 100 };
    const struct svi_recording *recording = run->recording;
    json_t *list = json_array();
    for (size_t i = 0; recording && i < recording->segment_count && json_array_size(list) < MAX_TUNINGS; i++)
        if (!i || svi_recording_retunes(recording, i))
            json_array_append_new(
                list, json_pack("{s:o, s:f}", "center_frequency_hz", svi_summary_number(recording->segments[i].center_frequency_hz),
                                "start_s", run->start_s + (double)recording->segments[i].first_sample / recording->sample_rate_hz));
    if (json_array_size(list) > 1)
        return list;
    json_decref(list);
    return NULL;
}

json_t *svi_summary_image(const struct svi_run *run, struct svi_rect plot, json_t *x, json_t *y, json_t *color)
{
    json_t *image = json_pack("{s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:o, s:o, s:o}", "width", (int)run->figure.width, "height",
                              (int)run->figure.height, "plot", "left", plot.left, "top", plot.top, "width", plot.width, "height",
                              plot.height, "x", x, "y", y, "color", color);
    json_t *tunings = run->recording ? list_tunings(run) : NULL;
    if (tunings)
        json_object_set_new(image, "tunings", tunings);
    return image;
}

json_t *svi_summary_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}
