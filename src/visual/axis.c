#include "visual/axis.h"

#include "base/bytes.h"
#include "visual/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit for values of at least `least` that lie at least `least_span` apart. */
struct scale {
    const char *name;
    double factor, least, least_span;
    const int *steps; /* of a unit that is not divided by ten, in units, ended by 0; NULL: decimal */
};

static const int minutes[] = { 1, 2, 5, 10, 15, 20, 30, 60, 120, 0 }, hours[] = { 1, 2, 3, 6, 12, 24, 48, 0 };

static const struct scale durations[] = {
    { "d", 86400.0, 3 * 86400.0, 4 * 86400.0, NULL },
    { "h", 3600.0, 3 * 3600.0, 4 * 3600.0, hours },
    { "min", 60.0, 5 * 60.0, 4 * 60.0, minutes },
    { "s", 1.0, 1.0, 0.0, NULL },
    { "ms", 1e-3, 1e-3, 0.0, NULL },
    { "µs", 1e-6, 1e-6, 0.0, NULL },
    { "ns", 1e-9, 1e-9, 0.0, NULL },
    { "ps", 1e-12, 1e-12, 0.0, NULL },
    { NULL, 0.0, 0.0, 0.0, NULL },
};

/* Their names are put before the unit's. */
static const struct scale prefixes[] = {
    { "T", 1e12, 1e12, 0.0, NULL }, { "G", 1e9, 1e9, 0.0, NULL },   { "M", 1e6, 1e6, 0.0, NULL },
    { "k", 1e3, 1e3, 0.0, NULL },   { "", 1.0, 1.0, 0.0, NULL },    { "m", 1e-3, 1e-3, 0.0, NULL },
    { "µ", 1e-6, 1e-6, 0.0, NULL }, { "n", 1e-9, 1e-9, 0.0, NULL }, { "p", 1e-12, 1e-12, 0.0, NULL },
    { NULL, 0.0, 0.0, 0.0, NULL },
};

static const struct {
    const char *unit;
    const struct scale *scales;
} scaled_units[] = { { "Hz", prefixes }, { "s", durations }, { "S/s", prefixes }, { "V", prefixes }, { "W", prefixes } };

/* How values are written: divided by `factor`, with `decimals`, behind them `unit`. */
struct style {
    double factor;
    const int *steps; /* as in a scale */
    char unit[32];
};

/* The style for values up to `largest` that lie `span` apart. */
static struct style choose_style(double largest, double span, const char *unit)
{
    const struct scale *scales = NULL;
    for (size_t i = 0; i < sizeof scaled_units / sizeof *scaled_units; i++)
        if (!strcmp(unit, scaled_units[i].unit))
            scales = scaled_units[i].scales;

    struct style style = { .factor = 1.0 };
    double rounded = largest * (1.0 + 1e-9);
    bool plain = largest == 0.0 || (rounded >= 1e-3 && rounded < 1e6);
    bool too_large = scales && rounded >= 1e6 * scales->factor;
    for (const struct scale *row = scales; row && row->name && largest > 0.0 && !too_large; row++) {
        if (rounded < row->least || span < row->least_span)
            continue;
        style.factor = row->factor;
        style.steps = row->steps;
        svi_format(style.unit, sizeof style.unit, "%s%s", row->name, scales == prefixes ? unit : "");
        return style;
    }
    if (plain) {
        svi_format(style.unit, sizeof style.unit, "%s", unit);
        return style;
    }
    int exponent = 3 * (int)floor(svi_number_exponent(largest) / 3.0);
    char power[32];
    svi_number_factor(power, sizeof power, exponent);
    style.factor = pow(10.0, exponent);
    svi_format(style.unit, sizeof style.unit, "%s%s%s", power, *unit ? " " : "", unit);
    return style;
}

/* A distance between ticks, in units of a style: mantissa × 10^exponent. */
struct step {
    double mantissa;
    int exponent;
    int parts; /* small steps in it */
};

static double step_times(const struct step *step, double count)
{
    double power = pow(10.0, abs(step->exponent));
    return step->exponent < 0 ? count * step->mantissa / power : count * step->mantissa * power;
}

static int decimals_of(const struct step *step)
{
    int decimals = (step->mantissa == 2.5) - step->exponent;
    return decimals > 0 ? decimals : 0;
}

/* The i-th step from `least` upwards; false past the end. */
static bool step_at(size_t i, double least, const int *steps, struct step *out)
{
    if (steps) {
        size_t first = 0;
        while (steps[first] && steps[first] < least)
            first++;
        for (size_t k = first; k < first + i; k++)
            if (!steps[k])
                return false;
        int step = steps[first + i];
        static const int divisors[] = { 5, 4, 3, 2, 1 };
        size_t k = 0;
        while (step % divisors[k])
            k++;
        *out = (struct step){ step, 0, divisors[k] };
        return step > 0;
    }
    static const struct step decimal[] = { { 1.0, 0, 5 }, { 2.0, 0, 4 }, { 2.5, 0, 5 }, { 5.0, 0, 5 } };
    int exponent = svi_number_exponent(least);
    size_t first = 0;
    while (first < 4 && decimal[first].mantissa * pow(10.0, exponent) < least * (1.0 - 1e-9))
        first++;
    *out = decimal[(first + i) % 4];
    out->exponent = exponent + (int)((first + i) / 4);
    return i < 24;
}

static int digits_of(double largest, int decimals)
{
    return (largest >= 1.0 ? svi_number_exponent(largest) + 1 : 1) + decimals;
}

/* The edge in units of a style. */
struct edge {
    double start, end, low, high;
};

static struct edge scaled_edge(double at_start, double at_end, double factor)
{
    double start = at_start / factor, end = at_end / factor;
    return (struct edge){ start, end, fmin(start, end), fmax(start, end) };
}

/* First and last whole number of steps on the edge, with mercy for the last bit. */
static void steps_on(const struct edge *edge, double step, double *first, double *last)
{
    double slack = 1e-6 + 4e-16 * fmax(fabs(edge->low), fabs(edge->high)) / step;
    *first = ceil(edge->low / step - slack);
    *last = floor(edge->high / step + slack);
}

static double share_of(const struct edge *edge, double value)
{
    return fmin(fmax((value - edge->start) / (edge->end - edge->start), 0.0), 1.0);
}

/* Ticks at each whole number of steps. false: too many, or their labels are too close. */
static bool place_ticks(struct svi_axis *axis, const struct edge *edge, const struct step *step, const struct svi_axis_room *room)
{
    double first, last;
    steps_on(edge, step_times(step, 1.0), &first, &last);
    axis->tick_count = 0;
    if (last - first >= SVI_AXIS_MAX_TICKS)
        return false;
    bool backward = edge->end < edge->start;
    double before = 0.0, before_share = 0.0;
    for (int i = 0; i <= (int)(last - first); i++) {
        double value = step_times(step, backward ? last - i : first + i);
        struct svi_axis_tick *tick = &axis->ticks[axis->tick_count];
        tick->share = share_of(edge, value);
        svi_number_fixed(tick->label, sizeof tick->label, value, decimals_of(step));
        double extent = room->extent(room->self, tick->label), distance = (tick->share - before_share) * room->length;
        if (i && (distance < 0.5 * (before + extent) + room->gap || distance < room->pitch))
            return false;
        before = extent;
        before_share = tick->share;
        axis->tick_count++;
    }
    return true;
}

static void place_minor(struct svi_axis *axis, const struct edge *edge, const struct step *step, const struct svi_axis_room *room)
{
    double width = step_times(step, 1.0) * room->length / (edge->high - edge->low);
    int parts = step->parts;
    if (width < parts * room->minor_pitch)
        parts = step->mantissa == 1.0 || step->mantissa == 2.0 ? 2 : 1;
    if (room->minor_pitch <= 0.0 || parts < 2 || width < parts * room->minor_pitch)
        return;
    double first, last;
    steps_on(edge, step_times(step, 1.0) / parts, &first, &last);
    for (int i = 0; i <= last - first && axis->minor_count < SVI_AXIS_MAX_MINOR; i++)
        if (fmod(first + i, parts) != 0.0)
            axis->minor[axis->minor_count++] = share_of(edge, step_times(step, first + i) / parts);
}

/* The finest step with which all labels fit. false where the labels would get too many digits. */
static bool place(struct svi_axis *axis, const struct edge *edge, const int *steps, bool any_digits,
                  const struct svi_axis_room *room)
{
    double span = edge->high - edge->low, most = fmin(SVI_AXIS_MAX_TICKS - 1.0, fmax(1.0, room->length / fmax(room->pitch, 1e-9)));
    struct step step;
    for (size_t i = 0; step_at(i, span / most, steps, &step); i++) {
        if (!place_ticks(axis, edge, &step, room))
            continue;
        int decimals = decimals_of(&step), digits = digits_of(fmax(fabs(edge->low), fabs(edge->high)), decimals);
        if (!any_digits && (digits > SVI_AXIS_MAX_DIGITS || decimals > SVI_AXIS_MAX_DECIMALS))
            return false;
        place_minor(axis, edge, &step, room);
        return true;
    }
    axis->tick_count = 0;
    return true;
}

/* The roundest number on the edge: the multiple of the largest power of ten that lies on it, the one next to its middle. */
static double roundest_between(double low, double high, int *exponent)
{
    double middle = low + 0.5 * (high - low), value = middle;
    for (*exponent = svi_number_exponent(fmax(fabs(low), fabs(high))) + 1; *exponent > -300; --*exponent) {
        double power = pow(10.0, abs(*exponent));
        value = *exponent < 0 ? round(middle * power) / power : round(middle / power) * power;
        if (value >= low && value <= high)
            break;
    }
    return value;
}

static void write_offset(char *into, size_t size, double offset, int exponent, const char *unit)
{
    struct style style = choose_style(fabs(offset), 0.0, unit);
    int decimals = svi_number_exponent(style.factor) - exponent;
    char number[64];
    svi_number_fixed(number, sizeof number, fabs(offset) / style.factor, decimals > 0 ? decimals : 0);
    svi_format(into, size, "%s %s%s%s", offset < 0.0 ? "−" : "+", number, *style.unit ? " " : "", style.unit);
}

static void place_single(struct svi_axis *axis, double value, const char *unit)
{
    struct style style = choose_style(fabs(value), 0.0, unit);
    char number[64];
    svi_format(number, sizeof number, "%.6g", fabs(value) / style.factor);
    svi_format(axis->ticks[0].label, sizeof axis->ticks[0].label, "%s%s", value < 0.0 ? "−" : "", number);
    svi_format(axis->unit, sizeof axis->unit, "%s", style.unit);
    axis->ticks[0].share = 0.5;
    axis->tick_count = 1;
}

void svi_axis_fit(struct svi_axis *out, double at_start, double at_end, const char *unit, const struct svi_axis_room *room)
{
    *out = (struct svi_axis){ 0 };
    unit = unit ? unit : "";
    double low = fmin(at_start, at_end), high = fmax(at_start, at_end), span = high - low, largest = fmax(fabs(low), fabs(high));
    bool usable = isfinite(at_start) && isfinite(at_end) && largest < 1e290 && (largest == 0.0 || largest > 1e-290);
    if (!usable || !(room->length > 0.0))
        return;
    if (span <= largest * 1e-12) {
        place_single(out, low + 0.5 * span, unit);
        return;
    }

    struct style style = choose_style(largest, span, unit);
    struct edge edge = scaled_edge(at_start, at_end, style.factor);
    if (!place(out, &edge, style.steps, false, room)) {
        int exponent;
        double offset = roundest_between(low, high, &exponent);
        write_offset(out->offset, sizeof out->offset, offset, exponent, unit);
        style = choose_style(fmax(fabs(low - offset), fabs(high - offset)), span, unit);
        edge = scaled_edge(at_start - offset, at_end - offset, style.factor);
        place(out, &edge, style.steps, true, room);
    }
    svi_format(out->unit, sizeof out->unit, "%s", style.unit);
}

void svi_axis_title(char *into, size_t size, const char *label, const struct svi_axis *axis)
{
    bool has_label = label && *label, has_unit = *axis->unit != '\0';
    svi_format(into, size, "%s%s%s%s%s%s", has_label ? label : "", has_label && has_unit ? " (" : "", axis->unit,
               has_label && has_unit ? ")" : "", *axis->offset && (has_label || has_unit) ? " " : "", axis->offset);
}
