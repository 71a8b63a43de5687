#include "visual/overlay.h"

#include "base/bytes.h"
#include "visual/number.h"

#include <math.h>

/* So many segments are looked at for all annotations: a million of each must not keep a job for hours. */
enum { MOST_STEPS = 10000000 };

struct making {
    struct svi_overlay *out;
    const struct svi_run *run;
    const struct svi_recording *recording;
    const struct svi_band *band;
    bool time_on_x;
    double zero_s;
    size_t steps_left;
};

static double time_of(const struct making *making, uint64_t sample)
{
    return making->zero_s + (double)sample / making->recording->sample_rate_hz;
}

/* ---- annotations ---- */

/* Moves on to the next tuning, or to `end`, and says where that begins. */
static uint64_t tuning_end(struct making *making, size_t *segment, uint64_t end)
{
    const struct svi_recording *recording = making->recording;
    do {
        ++*segment;
        making->steps_left -= making->steps_left > 0;
    } while (*segment < recording->segment_count && recording->segments[*segment].first_sample < end
             && !svi_recording_retunes(recording, *segment) && making->steps_left);
    if (*segment == recording->segment_count || recording->segments[*segment].first_sample > end || !making->steps_left)
        return end;
    return recording->segments[*segment].first_sample;
}

/* Edges on the axis, for a part of the annotation that has another center frequency than its beginning. false: not in the band. */
static bool edges_of(const struct making *making, const struct svi_annotation *annotation, size_t begins_in, size_t segment,
                     double edges_hz[2])
{
    const struct svi_segment *segments = making->recording->segments;
    const double moved_hz = segments[begins_in].center_frequency_hz - segments[segment].center_frequency_hz;
    const double zero_hz = making->band->radio ? segments[segment].center_frequency_hz : 0;
    const double shift_hz = zero_hz + (isnan(moved_hz) ? 0 : moved_hz);
    const bool whole = isnan(annotation->low_hz);
    edges_hz[0] = whole ? making->band->low_hz : annotation->low_hz + shift_hz;
    edges_hz[1] = whole ? making->band->high_hz : annotation->high_hz + shift_hz;
    return edges_hz[0] <= making->band->high_hz && edges_hz[1] >= making->band->low_hz;
}

/* The boxes of one annotation, one for each tuning that it lasts over; returns how many there are, and keeps as many as fit. */
static size_t make_boxes(struct making *making, const struct svi_annotation *annotation)
{
    struct svi_overlay *out = making->out;
    const uint64_t end = annotation->first_sample + annotation->sample_count;
    const size_t begins_in = svi_recording_segment(making->recording, annotation->first_sample);
    size_t segment = begins_in, count = 0;
    for (uint64_t at = annotation->first_sample; at < end;) {
        double edges_hz[2];
        const bool seen = edges_of(making, annotation, begins_in, segment, edges_hz);
        const bool whole = isnan(annotation->low_hz); /* one box, whatever the tuning */
        const uint64_t until = whole ? end : tuning_end(making, &segment, end);
        const double begin_s = time_of(making, at), end_s = time_of(making, until);
        at = until;
        if (!seen)
            continue;
        if (out->box_count + count < SVI_OVERLAY_MAX_BOXES)
            out->boxes[out->box_count + count] = (struct svi_figure_box){
                .x0 = making->time_on_x ? begin_s : edges_hz[0],
                .x1 = making->time_on_x ? end_s : edges_hz[1],
                .y0 = making->time_on_x ? edges_hz[0] : begin_s,
                .y1 = making->time_on_x ? edges_hz[1] : end_s,
                .label = count ? "" : annotation->label,
            };
        count++;
    }
    return count;
}

static void add_annotations(struct making *making)
{
    struct svi_overlay *out = making->out;
    out->outside = making->recording->annotations_elsewhere;
    for (size_t i = 0; i < making->recording->annotation_count; i++) {
        const size_t boxes = make_boxes(making, &making->recording->annotations[i]);
        if (!boxes) {
            out->outside++;
        } else if (!making->steps_left || boxes > SVI_OVERLAY_MAX_BOXES - out->box_count) {
            out->left_out++;
        } else {
            out->drawn++;
            out->box_count += boxes;
        }
    }
}

/* ---- breaks ---- */

static void label_break(char into[32], double center_hz)
{
    char center[26] = "unknown";
    if (!isnan(center_hz))
        svi_number_hertz(center, sizeof center, center_hz);
    svi_format(into, 32, "→ %s", center);
}

/* A line across the picture, and a mark near the edge that carries the label. */
static void add_break(const struct making *making, const struct svi_segment *segment)
{
    struct svi_overlay *out = making->out;
    const size_t i = out->break_count++;
    const enum svi_theme theme = svi_theme_find(making->run->values.at[SVI_PARAM_THEME].text);
    const struct svi_color color = svi_theme_color(theme, SVI_INK_TITLE);
    const double time_s = time_of(making, segment->first_sample), span_hz = out->edges_hz[1] - out->edges_hz[0];
    const double mark_hz = making->time_on_x ? out->edges_hz[1] : out->edges_hz[0] + 0.03 * span_hz;
    out->at[i][0] = out->at[i][1] = time_s;
    label_break(out->labels[i], segment->center_frequency_hz);
    out->lines[i] = (struct svi_figure_line){ .x = making->time_on_x ? out->at[i] : out->edges_hz,
                                              .y = making->time_on_x ? out->edges_hz : out->at[i],
                                              .count = 2,
                                              .color = color,
                                              .width = 1.6,
                                              .halo = &out->halo };
    out->marks[i] = (struct svi_figure_mark){ making->time_on_x ? time_s : mark_hz, making->time_on_x ? mark_hz : time_s,
                                              out->labels[i], color };
}

static void add_breaks(const struct making *making)
{
    const struct svi_recording *recording = making->recording;
    for (size_t i = 1; i < recording->segment_count && making->out->break_count < SVI_OVERLAY_MAX_BREAKS; i++)
        if (svi_recording_retunes(recording, i))
            add_break(making, &recording->segments[i]);
}

void svi_overlay_make(struct svi_overlay *out, struct svi_run *run, const struct svi_band *band, bool time_on_x, double zero_s)
{
    struct making making = { out, run, run->recording, band, time_on_x, zero_s, MOST_STEPS };
    const enum svi_theme theme = svi_theme_find(run->values.at[SVI_PARAM_THEME].text);
    *out = (struct svi_overlay){ .edges_hz = { band->low_hz, band->high_hz }, .halo = svi_theme_color(theme, SVI_INK_BACKGROUND) };
    add_breaks(&making);
    if (!run->values.at[SVI_PARAM_ANNOTATIONS].on)
        return;
    add_annotations(&making);
    if (out->left_out)
        svi_warn(&run->warnings, "Annotations without a box: %zu; at most %d boxes are drawn.", out->left_out,
                 SVI_OVERLAY_MAX_BOXES);
}

void svi_overlay_lay(const struct svi_overlay *overlay, struct svi_figure *figure)
{
    figure->boxes = overlay->boxes;
    figure->box_count = overlay->box_count;
    figure->lines = overlay->lines;
    figure->marks = overlay->marks;
    figure->line_count = figure->mark_count = overlay->break_count;
}

void svi_overlay_summarize(const struct svi_overlay *overlay, struct svi_run *run)
{
    if (run->values.at[SVI_PARAM_ANNOTATIONS].on)
        json_object_set_new(run->image, "annotations",
                            json_pack("{s:I, s:I, s:I}", "drawn", (json_int_t)overlay->drawn, "outside",
                                      (json_int_t)overlay->outside, "left_out", (json_int_t)overlay->left_out));
}
