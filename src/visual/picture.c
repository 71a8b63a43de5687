#include "visual/picture.h"

#include "base/version.h"
#include "visual/number.h"

#include <math.h>

bool svi_run_check_channel(const struct svi_run *run, struct svi_error *err)
{
    const double channel = run->values.at[SVI_PARAM_CHANNEL].number;
    return channel < run->recording->channels
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter channel is %.0f, but the recording has %u channel%s, counted from 0.",
                       channel, run->recording->channels, run->recording->channels == 1 ? "" : "s");
}

struct svi_figure svi_run_figure(struct svi_run *run, const char *kind)
{
    const struct svi_value *values = run->values.at;
    svi_format(run->title, sizeof run->title, "%s of %s", kind, run->table ? run->table->name : run->recording->name);
    return (struct svi_figure){
        .width = (uint32_t)lround(values[SVI_PARAM_WIDTH].number * SVI_DOTS_PER_INCH),
        .height = (uint32_t)lround(values[SVI_PARAM_HEIGHT].number * SVI_DOTS_PER_INCH),
        .dpi = values[SVI_PARAM_DPI].number,
        .theme = svi_theme_find(values[SVI_PARAM_THEME].text),
        .title = run->title,
        .footer = SVI_PROGRAM_NAME, /* its text is known later, its place now */
    };
}

void svi_run_footer(struct svi_run *run, const char *made)
{
    const struct svi_recording *recording = run->recording;
    const char *prefix;
    const double rate = recording->sample_rate_hz / svi_number_si(recording->sample_rate_hz, &prefix);
    char name[128];
    svi_text_clean(name, sizeof name, recording->name);
    svi_format(run->footer, sizeof run->footer, "%s · %.10g %sS/s · %s · %s %s · %s", recording->datatype->name, rate, prefix, made,
               SVI_PROGRAM_NAME, svi_version, name);
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
    for (size_t i = 0; i < recording->segment_count && json_array_size(list) < MAX_TUNINGS; i++)
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
    json_t *image = json_pack("{s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:o, s:o, s:o}", "width", (int)run->canvas.width, "height",
                              (int)run->canvas.height, "plot", "left", plot.left, "top", plot.top, "width", plot.width, "height",
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
