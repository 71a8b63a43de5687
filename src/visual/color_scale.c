#include "visual/color_scale.h"

#include "base/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum svi_edge_scale_kind edge;
} kinds[] = {
    [SVI_COLOR_LOG] = { "log", SVI_EDGE_LOG },
    [SVI_COLOR_EQ_HIST] = { "eq_hist", SVI_EDGE_TABLE },
    [SVI_COLOR_LINEAR] = { "linear", SVI_EDGE_LINEAR },
};

enum { KIND_COUNT = sizeof kinds / sizeof *kinds, KNOWN_BITS = 11 };

void svi_color_scale_names(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < KIND_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", kinds[i].name);
}

enum svi_color_scale_kind svi_color_scale_kind(const char *name)
{
    size_t kind = 0;
    while (kind < KIND_COUNT && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return kind < KIND_COUNT ? (enum svi_color_scale_kind)kind : SVI_COLOR_LOG;
}

const char *svi_color_scale_name(enum svi_color_scale_kind kind)
{
    return kinds[kind].name;
}

/* ---- ranks ---- */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* The bits of floats above 0 are in the order of the floats. `spare` has as many places. */
static void sort_bits(uint32_t *bits, uint32_t *spare, size_t count)
{
    uint32_t *from = bits, *to = spare;
    for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
        size_t begin[DIGITS + 1] = { 0 };
        for (size_t i = 0; i < count; i++)
            begin[(from[i] >> shift) % DIGITS + 1]++;
        for (size_t digit = 0; digit < DIGITS; digit++)
            begin[digit + 1] += begin[digit];
        for (size_t i = 0; i < count; i++)
            to[begin[(from[i] >> shift) % DIGITS]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    memcpy(bits, from, count * sizeof *bits);
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The values that occur, and what share of the cells is not greater, the least ones not counted. */
static void rank(struct svi_color_scale *scale, const uint32_t *sorted, size_t count)
{
    size_t least_count = 0;
    scale->value_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && sorted[i + 1] == sorted[i])
            continue;
        if (!scale->value_count)
            least_count = i + 1;
        scale->values[scale->value_count] = float_of(sorted[i]);
        scale->shares[scale->value_count++] = (float)((double)(i + 1 - least_count) / (double)(count - least_count));
    }
}

/* What value has each share: straight lines between the values that occur. */
static void set_borders(struct svi_color_scale *scale)
{
    size_t above = 1;
    for (size_t i = 0; i < SVI_COLOR_BORDERS; i++) {
        const double share = (double)i / (SVI_COLOR_BORDERS - 1);
        while (above + 1 < scale->value_count && (double)scale->shares[above] < share)
            above++;
        const double low = (double)scale->values[above - 1], high = (double)scale->values[above];
        const double begin = (double)scale->shares[above - 1], end = (double)scale->shares[above];
        scale->borders[i] = low + (high - low) * (share - begin) / (end - begin);
    }
    scale->borders[SVI_COLOR_BORDERS - 1] = scale->high; /* whatever was rounded */
}

static bool equalize(struct svi_color_scale *scale, const float *values, size_t count, struct svi_error *err)
{
    const size_t bytes = (count ? count : 1) * sizeof(uint32_t);
    uint32_t *bits = malloc(bytes), *spare = malloc(bytes);
    size_t kept = 0;
    for (size_t i = 0; bits && i < count; i++)
        if (values[i] > 0)
            memcpy(&bits[kept++], &values[i], sizeof *bits);
    if (bits && spare) {
        sort_bits(bits, spare, kept);
        size_t distinct = 1;
        for (size_t i = 1; i < kept; i++)
            distinct += bits[i] != bits[i - 1];
        scale->values = malloc(distinct * sizeof *scale->values);
        scale->shares = malloc(distinct * sizeof *scale->shares);
    }
    const bool ok = scale->values && scale->shares;
    if (ok) {
        rank(scale, bits, kept);
        set_borders(scale);
    }
    free(spare);
    free(bits);
    return ok || svi_fail_memory(err, bytes);
}

/* ---- the scale ---- */

static double straightened(enum svi_color_scale_kind kind, double value)
{
    return kind == SVI_COLOR_LOG ? log(value) : value;
}

/* Of the values above 0: the least, infinite where there is none, and the greatest, or 0. Their bits are in the same order, and can
 * be compared many at once. */
static void find_extremes(const float *values, size_t count, double *least, double *most)
{
    const uint32_t infinite = 0x7F800000;
    uint32_t low = infinite, high = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        const uint32_t place = bits - 1; /* not below `infinite` where the value is not above 0 */
        const uint32_t from_least = place < infinite ? bits : infinite, from_most = place < infinite ? bits : 0;
        low = from_least < low ? from_least : low;
        high = from_most > high ? from_most : high;
    }
    *least = (double)float_of(low);
    *most = (double)float_of(high);
}

bool svi_color_scale_make(struct svi_color_scale *out, enum svi_color_scale_kind kind, const float *values, size_t count,
                          struct svi_error *err)
{
    *out = (struct svi_color_scale){ .kind = kind };
    double least, most;
    find_extremes(values, count, &least, &most);
    if (kind == SVI_COLOR_EQ_HIST && !(least < most))
        out->kind = SVI_COLOR_LINEAR;
    out->high = most > 0 ? most : 1;
    out->low = out->kind == SVI_COLOR_LINEAR ? 0 : out->kind == SVI_COLOR_EQ_HIST ? least : fmin(least, out->high / 10);
    out->start = straightened(out->kind, out->low);
    out->span = straightened(out->kind, out->high) - out->start;
    return out->kind != SVI_COLOR_EQ_HIST || equalize(out, values, count, err);
}

struct svi_color_scale svi_color_scale_linear(double high)
{
    return (struct svi_color_scale){ .kind = SVI_COLOR_LINEAR, .high = high, .span = high };
}

void svi_color_scale_clear(struct svi_color_scale *scale)
{
    free(scale->values);
    free(scale->shares);
    *scale = (struct svi_color_scale){ 0 };
}

/* Values that do not occur get the share of the next one below. */
static float share_by_rank(const struct svi_color_scale *scale, float value)
{
    size_t low = 0, high = scale->value_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (scale->values[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return scale->shares[low];
}

float svi_color_scale_share(const struct svi_color_scale *scale, float value)
{
    if (!(value > 0))
        return NAN;
    if (scale->kind == SVI_COLOR_EQ_HIST)
        return share_by_rank(scale, value);
    return (float)fmin(fmax((straightened(scale->kind, (double)value) - scale->start) / scale->span, 0), 1);
}

void svi_color_scale_shares(const struct svi_color_scale *scale, const float *values, size_t count, float *shares)
{
    /* What counts something has few values, and a logarithm takes longer than a look at what it was before. */
    struct {
        uint32_t bits;
        float share;
    } known[1 << KNOWN_BITS] = { 0 };
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        const size_t place = (bits * UINT32_C(0x9E3779B9)) >> (32 - KNOWN_BITS);
        if (known[place].bits != bits || !bits) {
            known[place].bits = bits;
            known[place].share = svi_color_scale_share(scale, values[i]);
        }
        shares[i] = known[place].share;
    }
}

void svi_color_scale_bar(const struct svi_color_scale *scale, struct svi_figure_bar *bar)
{
    bar->scale = kinds[scale->kind].edge;
    bar->min = scale->low;
    bar->max = scale->high;
    bar->table = scale->kind == SVI_COLOR_EQ_HIST ? scale->borders : NULL;
    bar->table_count = bar->table ? SVI_COLOR_BORDERS : 0;
}
