#include "base/bytes.h"
#include "visual/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static const double most_s = 1e11; /* three thousand years from now: what is beyond is no moment of a recording */

/* From one tick to the next: so many whole seconds, or that part of one. */
struct step {
    int64_t seconds, per_second; /* one of them is 0 */
    int parts;                   /* small steps in it */
};

static const struct step steps[] = {
    { 0, 1000, 5 },
    { 0, 500, 4 },
    { 0, 200, 5 },
    { 0, 100, 5 },
    { 0, 50, 4 },
    { 0, 20, 5 },
    { 0, 10, 5 },
    { 0, 5, 4 },
    { 0, 2, 5 },
    { 1, 0, 5 },
    { 2, 0, 2 },
    { 5, 0, 5 },
    { 10, 0, 5 },
    { 15, 0, 3 },
    { 30, 0, 3 },
    { MINUTE_S, 0, 6 },
    { 2 * MINUTE_S, 0, 4 },
    { 5 * MINUTE_S, 0, 5 },
    { 10 * MINUTE_S, 0, 5 },
    { 15 * MINUTE_S, 0, 3 },
    { 30 * MINUTE_S, 0, 3 },
    { HOUR_S, 0, 6 },
    { 2 * HOUR_S, 0, 4 },
    { 3 * HOUR_S, 0, 3 },
    { 6 * HOUR_S, 0, 6 },
    { 12 * HOUR_S, 0, 4 },
    { DAY_S, 0, 4 },
    { 2 * DAY_S, 0, 2 },
    { 5 * DAY_S, 0, 5 },
    { 10 * DAY_S, 0, 5 },
    { 20 * DAY_S, 0, 4 },
    { 50 * DAY_S, 0, 5 },
    { 100 * DAY_S, 0, 5 },
    { 200 * DAY_S, 0, 4 },
    { 500 * DAY_S, 0, 5 },
    { 1000 * DAY_S, 0, 5 },
    { 2000 * DAY_S, 0, 4 },
    { 5000 * DAY_S, 0, 5 },
    { 10000 * DAY_S, 0, 5 },
};

/* The edge from its earlier end on. */
struct edge {
    int64_t second;  /* the last whole one that is not after the earlier end */
    double fraction; /* from it to the earlier end, [0, 1) s */
    double span_s;
    bool backward;
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- text ---- */

struct date {
    int64_t year;
    int month, day;
};

/* The civil calendar, counted in eras of 400 years that begin on March 1st (Howard Hinnant's days_from_civil, inverted). */
static struct date date_of(int64_t second)
{
    int64_t days = floor_div(second, DAY_S) + 719468, era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = { .day = (int)(day_of_year - (153 * month + 2) / 5 + 1) };
    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.year = year_of_era + era * 400 + (date.month <= 2);
    return date;
}

static void write_date(char *into, size_t size, int64_t second)
{
    struct date date = date_of(second);
    svi_format(into, size, "%04lld-%02d-%02d", (long long)date.year, date.month, date.day);
}

/* "12:30", "12:30:15", "12:30:15.002" */
static void write_clock(char *into, size_t size, int64_t second, int64_t part, const struct step *step)
{
    static const int64_t powers[] = { 1, 10, 100, 1000 };
    int of_day = (int)(second - floor_div(second, DAY_S) * DAY_S);
    int hour = of_day / HOUR_S, minute = of_day / MINUTE_S % 60, s = of_day % 60;
    int decimals = step->per_second > 100 ? 3 : step->per_second > 10 ? 2 : 1;
    if (step->per_second > 0)
        svi_format(into, size, "%02d:%02d:%02d.%0*lld", hour, minute, s, decimals,
                   (long long)(part * powers[decimals] / step->per_second));
    else if (step->seconds % MINUTE_S == 0)
        svi_format(into, size, "%02d:%02d", hour, minute);
    else
        svi_format(into, size, "%02d:%02d:%02d", hour, minute, s);
}

static void write_label(char *into, size_t size, int64_t second, int64_t part, const struct step *step, bool has_days)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    bool is_midnight = !part && second % DAY_S == 0;
    if (step->seconds >= DAY_S)
        write_date(into, size, second);
    else if (is_midnight && has_days)
        svi_format(into, size, "%s %d", months[date_of(second).month - 1], date_of(second).day);
    else
        write_clock(into, size, second, part, step);
}

/* ---- ticks ---- */

/* A step counted: tick n is n whole steps after the epoch, or after the edge's second. */
static void count_steps(const struct edge *edge, const struct step *step, int64_t *first, int64_t *last)
{
    double slack = 1e-9 * edge->span_s, begin = edge->fraction - slack, end = edge->fraction + edge->span_s + slack;
    if (step->per_second > 0) {
        *first = (int64_t)ceil(begin * (double)step->per_second);
        *last = (int64_t)floor(end * (double)step->per_second);
    } else {
        *first = (int64_t)ceil(((double)edge->second + ceil(begin)) / (double)step->seconds);
        *last = (int64_t)floor(((double)edge->second + floor(end)) / (double)step->seconds);
    }
}

static double share_of(const struct edge *edge, double since_second)
{
    double share = fmin(fmax((since_second - edge->fraction) / edge->span_s, 0.0), 1.0);
    return edge->backward ? 1.0 - share : share;
}

/* Seconds from the edge's second to the n-th tick. */
static double time_of(const struct edge *edge, const struct step *step, int64_t n)
{
    return step->per_second ? (double)n / (double)step->per_second : (double)(n * step->seconds - edge->second);
}

static bool has_days(const struct edge *edge)
{
    int64_t last = edge->second + (int64_t)floor(edge->fraction + edge->span_s * (1.0 - 1e-9));
    return floor_div(edge->second, DAY_S) != floor_div(last, DAY_S);
}

static bool place_ticks(struct svi_axis *axis, const struct edge *edge, const struct step *step, const struct svi_axis_room *room)
{
    int64_t first, last;
    count_steps(edge, step, &first, &last);
    axis->tick_count = 0;
    if (last - first >= SVI_AXIS_MAX_TICKS)
        return false;
    double before = 0.0, before_share = 0.0;
    for (int64_t i = 0; i <= last - first; i++) {
        int64_t n = edge->backward ? last - i : first + i;
        struct svi_axis_tick *tick = &axis->ticks[axis->tick_count];
        int64_t whole = step->per_second > 0 ? floor_div(n, step->per_second) : 0;
        int64_t second = step->per_second > 0 ? edge->second + whole : n * step->seconds;
        int64_t part = step->per_second > 0 ? n - whole * step->per_second : 0;
        write_label(tick->label, sizeof tick->label, second, part, step, has_days(edge));
        tick->share = share_of(edge, time_of(edge, step, n));
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
    int parts = step->parts;
    struct step minor = step->seconds > 1 ? (struct step){ .seconds = step->seconds / parts }
                                          : (struct step){ .per_second = (step->per_second > 0 ? step->per_second : 1) * parts };
    double width = (minor.per_second ? 1.0 / (double)minor.per_second : (double)minor.seconds) * room->length / edge->span_s;
    if (parts < 2 || room->minor_pitch <= 0.0 || width < room->minor_pitch)
        return;
    int64_t first, last;
    count_steps(edge, &minor, &first, &last);
    for (int64_t n = first; n <= last && axis->minor_count < SVI_AXIS_MAX_MINOR; n++)
        if (n % parts != 0)
            axis->minor[axis->minor_count++] = share_of(edge, time_of(edge, &minor, n));
}

static bool place(struct svi_axis *axis, const struct edge *edge, const struct svi_axis_room *room)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!place_ticks(axis, edge, &steps[i], room))
            continue;
        char date[20];
        write_date(date, sizeof date, edge->second);
        svi_format(axis->unit, sizeof axis->unit, "UTC%s%s",
                   steps[i].seconds >= DAY_S ? ""
                   : has_days(edge)          ? ", from "
                                             : ", ",
                   steps[i].seconds >= DAY_S ? "" : date);
        place_minor(axis, edge, &steps[i], room);
        return axis->tick_count >= 2;
    }
    return false;
}

/* The time since a round moment at or before the edge's earlier end. */
static void place_since(struct svi_axis *axis, const struct edge *edge, const struct svi_axis_room *room)
{
    int decimals = 0;
    double quantum = 1.0;
    while (decimals < 12 && quantum * 0.1 >= edge->span_s) {
        decimals++;
        quantum *= 0.1;
    }
    double power = pow(10.0, decimals), parts = floor(edge->fraction * power + 1e-6), begin = edge->fraction - parts / power;
    double end = begin + edge->span_s;
    svi_axis_fit(axis, edge->backward ? end : begin, edge->backward ? begin : end, "s", room);

    char date[20], clock[20], fraction[20] = "";
    write_date(date, sizeof date, edge->second);
    write_clock(clock, sizeof clock, edge->second, 0, &(struct step){ .seconds = 1 });
    if (decimals)
        svi_format(fraction, sizeof fraction, ".%0*.0f", decimals, parts);
    svi_format(axis->offset, sizeof axis->offset, "+ %s %s%s UTC", date, clock, fraction);
}

/* One tick in the middle for the moment itself, to a millisecond. */
static void place_moment(struct svi_axis *axis, const struct edge *edge)
{
    const int64_t ms = (int64_t)round(edge->fraction * 1000.0), second = edge->second + ms / 1000;
    const struct step step = ms % 1000 ? (struct step){ .per_second = 1000 } : (struct step){ .seconds = 1 };
    char date[20];
    write_date(date, sizeof date, second);
    write_clock(axis->ticks[0].label, sizeof axis->ticks[0].label, second, ms % 1000, &step);
    svi_format(axis->unit, sizeof axis->unit, "UTC, %s", date);
    axis->ticks[0].share = 0.5;
    axis->tick_count = 1;
}

void svi_axis_fit_utc(struct svi_axis *out, double at_start, double at_end, int64_t second, const struct svi_axis_room *room)
{
    *out = (struct svi_axis){ 0 };
    double low = fmin(at_start, at_end), span = fabs(at_end - at_start);
    bool usable = fabs(at_start) < most_s && fabs(at_end) < most_s && fabs((double)second) < most_s;
    if (!usable || !(room->length > 0.0))
        return;
    struct edge edge = { second + (int64_t)floor(low), low - floor(low), span, at_end < at_start };
    const double least_clock_s = 0.004;
    if (span == 0.0) {
        place_moment(out, &edge);
        return;
    }
    if (span >= least_clock_s && place(out, &edge, room))
        return;
    struct svi_axis since = { 0 };
    place_since(&since, &edge, room);
    if (since.tick_count > out->tick_count)
        *out = since;
}
