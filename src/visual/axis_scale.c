#include "base/bytes.h"
#include "visual/axis.h"
#include "visual/number.h"

#include <math.h>
#include <string.h>

enum { MAX_CANDIDATES = 1000 };

/* Ticks of uneven scales come in levels: all of one level are rounder than those of the next. */
struct level {
    const double *mantissas; /* ended by 0 */
    double step;
    int every;    /* decade */
    bool decades; /* mantissa × 10ⁿ for each n, else multiples of `step` */
};

struct placing {
    struct svi_axis *axis;
    const struct svi_edge_scale *scale;
    const struct svi_axis_room *room;
    struct svi_edge_ends range;
    double smallest; /* the least value above 0: where decades begin */
    bool whole, as_powers;
    size_t failed; /* candidates that found no room */
};

static const double one[] = { 1.0, 0.0 }, two_and_five[] = { 2.0, 5.0, 0.0 }, others[] = { 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, 0.0 },
                    each[] = { 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 0.0 };

/* ---- what becomes of a candidate ---- */

/* Neighbors may be closer than those of an even axis, where the same distance comes again and again. */
static bool tick_fits(const struct placing *placing, const struct svi_axis_tick *tick, const struct svi_axis_tick *other)
{
    const struct svi_axis_room *room = placing->room;
    double distance = fabs(tick->share - other->share) * room->length;
    double need = 0.5 * (room->extent(room->self, tick->label) + room->extent(room->self, other->label)) + room->gap;
    return distance >= need && distance >= 0.5 * room->pitch;
}

static void place_tick(struct placing *placing, double value, double share)
{
    struct svi_axis *axis = placing->axis;
    struct svi_axis_tick tick = { .share = share };
    bool is_short = value == 0.0 || (fabs(value) >= 1e-3 && fabs(value) < 1e4);
    bool as_power = placing->scale->kind == SVI_EDGE_TABLE ? !is_short : placing->as_powers;
    (as_power ? svi_number_power : svi_number_short)(tick.label, sizeof tick.label, value);
    size_t at = axis->tick_count;
    while (at && axis->ticks[at - 1].share > share)
        at--;
    bool is_there = at && axis->ticks[at - 1].share == share;
    if (is_there)
        return;
    bool fits = axis->tick_count < SVI_AXIS_MAX_TICKS && (!at || tick_fits(placing, &tick, &axis->ticks[at - 1]))
                && (at == axis->tick_count || tick_fits(placing, &tick, &axis->ticks[at]));
    if (!fits) {
        placing->failed++;
        return;
    }
    memmove(&axis->ticks[at + 1], &axis->ticks[at], (axis->tick_count - at) * sizeof *axis->ticks);
    axis->ticks[at] = tick;
    axis->tick_count++;
}

/* Small ticks of logarithms stand closer than others: that they crowd towards the next decade is what tells them. */
static void place_minor(struct placing *placing, double value, double share)
{
    struct svi_axis *axis = placing->axis;
    const double least = 0.5 * placing->room->minor_pitch / placing->room->length;
    (void)value;
    for (size_t i = 0; i < axis->tick_count; i++)
        if (fabs(axis->ticks[i].share - share) < least)
            return;
    for (size_t i = 0; i < axis->minor_count; i++)
        if (fabs(axis->minor[i] - share) < least)
            return;
    if (axis->minor_count < SVI_AXIS_MAX_MINOR)
        axis->minor[axis->minor_count++] = share;
}

typedef void take_candidate(struct placing *placing, double value, double share);

/* ---- candidates ---- */

static void offer(struct placing *placing, double value, take_candidate *take)
{
    const double slack = 1e-9 * fabs(value);
    bool counts = !placing->whole || value == round(value);
    if (value < placing->range.low - slack || value > placing->range.high + slack || !counts)
        return;
    double share = svi_edge_share(placing->scale, fmin(fmax(value, placing->range.low), placing->range.high));
    if (!isnan(share))
        take(placing, value, fmin(fmax(share, 0.0), 1.0));
}

static void offer_decades(struct placing *placing, const struct level *level, take_candidate *take)
{
    int first = (int)floor(log10(placing->smallest)) - 1, last = (int)ceil(log10(placing->range.high));
    for (int decade = first; decade <= last; decade++)
        for (const double *mantissa = level->mantissas; *mantissa > 0.0 && decade % level->every == 0; mantissa++)
            offer(placing, decade < 0 ? *mantissa / pow(10.0, -decade) : *mantissa * pow(10.0, decade), take);
}

static void offer_multiples(struct placing *placing, double step, take_candidate *take)
{
    double first = ceil(placing->range.low / step - 1e-9), last = floor(placing->range.high / step + 1e-9);
    for (int i = 0; i <= last - first && i < MAX_CANDIDATES; i++)
        offer(placing, (first + i) * step, take);
}

static void offer_level(struct placing *placing, const struct level *level, take_candidate *take)
{
    if (level->decades)
        offer_decades(placing, level, take);
    else
        offer_multiples(placing, level->step, take);
}

/* A level as a whole, or nothing of it. */
static bool place_level(struct placing *placing, const struct level *level)
{
    struct svi_axis *axis = placing->axis, before = *axis;
    placing->failed = 0;
    offer_level(placing, level, place_tick);
    if (!placing->failed)
        return true;
    *axis = before;
    return false;
}

/* ---- kinds of axes ---- */

/* Decades, each or each second, third…; where all fit, those between them. */
static void place_logarithm(struct placing *placing)
{
    static const int strides[] = { 1, 2, 3, 5, 10, 20, 50, 100 };
    const struct level between = { .decades = true, .mantissas = two_and_five, .every = 1 };
    const struct level nine = { .decades = true, .mantissas = each, .every = 1 };
    size_t i = 0;
    while (i < sizeof strides / sizeof *strides
           && !place_level(placing, &(struct level){ .decades = true, .mantissas = one, .every = strides[i] }))
        i++;
    const size_t enough_powers = 3; /* "10³" is read at a glance, "2×10³" is not */
    if (i == 0 && !(placing->as_powers && placing->axis->tick_count >= enough_powers))
        place_level(placing, &between);
    double decade_px = placing->room->length / log10(placing->range.high / placing->range.low);
    bool has_room_for_nine = decade_px * log10(10.0 / 9.0) >= 0.5 * placing->room->minor_pitch;
    if (placing->room->minor_pitch > 0.0)
        offer_level(placing, has_room_for_nine ? &nine : &(struct level){ .decades = true, .mantissas = one, .every = 1 },
                    place_minor);
}

/* The rounder a value, the earlier it gets its place; of a level that does not fit, what does. */
static void place_by_roundness(struct placing *placing, const struct level *levels, size_t count)
{
    enum { ENOUGH = 6 };
    size_t used = 0;
    while (used < count && placing->axis->tick_count < ENOUGH)
        offer_level(placing, &levels[used++], place_tick);
    if (placing->room->minor_pitch > 0.0)
        for (size_t i = 0; i < count && i <= used; i++)
            offer_level(placing, &levels[i], place_minor);
}

static void place_decades_of_table(struct placing *placing)
{
    const struct level levels[] = {
        { .decades = true, .mantissas = one, .every = 1 },
        { .decades = true, .mantissas = two_and_five, .every = 1 },
        { .decades = true, .mantissas = others, .every = 1 },
    };
    offer(placing, 0.0, place_tick);
    place_by_roundness(placing, levels, sizeof levels / sizeof *levels);
}

/* Levels of multiples, from the largest power of ten down to what a range has many of. */
static size_t list_multiples(const struct placing *placing, const double *mantissas, size_t per_decade, struct level *levels,
                             size_t size)
{
    int exponent = svi_number_exponent(fmax(fabs(placing->range.low), fabs(placing->range.high)));
    size_t count = 0;
    for (; count < size; count++) {
        double step = mantissas[count % per_decade] * pow(10.0, exponent - (int)(count / per_decade));
        if ((placing->range.high - placing->range.low) / step > MAX_CANDIDATES || (placing->whole && step < 1.0))
            break;
        levels[count] = (struct level){ .step = step };
    }
    return count;
}

/* A table may crowd them anywhere, so finer ones stand between coarse ones only where there is room. */
static void place_multiples_of_table(struct placing *placing)
{
    static const double nested[] = { 1.0, 0.5 };
    struct level levels[12];
    size_t count = list_multiples(placing, nested, 2, levels, sizeof levels / sizeof *levels);
    place_by_roundness(placing, levels, count);
}

/* The finest step with which all labels fit, as on an even axis. */
static void place_even_steps(struct placing *placing)
{
    static const double round_steps[] = { 1.0, 0.5, 0.2 };
    struct svi_axis *axis = placing->axis;
    struct level levels[30];
    size_t count = list_multiples(placing, round_steps, 3, levels, sizeof levels / sizeof *levels);
    for (size_t i = 0; i < count; i++) {
        struct svi_axis coarser = *axis;
        axis->tick_count = 0;
        if (place_level(placing, &levels[i]))
            continue;
        *axis = coarser;
        if (placing->room->minor_pitch > 0.0)
            offer_level(placing, &levels[i], place_minor);
        break;
    }
}

/* The least value above 0. */
static double smallest_of(const struct svi_edge_scale *scale, struct svi_edge_ends range)
{
    for (size_t i = 0; range.low <= 0.0 && i < scale->table_count; i++)
        if (scale->table[i] > 0.0)
            return scale->table[i];
    return range.low;
}

void svi_axis_fit_scale(struct svi_axis *out, const struct svi_edge_scale *scale, const char *unit, bool whole,
                        const struct svi_axis_room *room)
{
    struct svi_edge_ends range = svi_edge_range(scale);
    double largest = fmax(fabs(range.low), fabs(range.high));
    *out = (struct svi_axis){ 0 };
    if (!(largest < 1e290) || !(room->length > 0.0))
        return;
    if (range.high - range.low <= 1e-9 * largest) {
        svi_axis_fit(out, range.low, range.low, unit, room);
        return;
    }
    struct placing placing = { .axis = out, .scale = scale, .room = room, .range = range, .whole = whole };
    placing.smallest = scale->kind == SVI_EDGE_TABLE ? smallest_of(scale, range) : range.low;
    bool many_decades = range.low >= 0.0 && placing.smallest > 0.0 && range.high >= 10.0 * placing.smallest;
    placing.as_powers = largest >= 1e5 || largest < 1e-2 || (many_decades && placing.smallest < 1e-3);
    svi_format(out->unit, sizeof out->unit, "%s", unit ? unit : "");
    if (many_decades && scale->kind == SVI_EDGE_LOG)
        place_logarithm(&placing);
    else if (many_decades && scale->kind == SVI_EDGE_TABLE)
        place_decades_of_table(&placing);
    else if (scale->kind == SVI_EDGE_TABLE)
        place_multiples_of_table(&placing);
    else
        place_even_steps(&placing);
}
