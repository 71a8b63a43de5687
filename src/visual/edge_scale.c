#include "visual/edge_scale.h"

#include <math.h>
#include <stdbool.h>

struct svi_edge_ends svi_edge_range(const struct svi_edge_scale *scale)
{
    bool is_table = scale->kind == SVI_EDGE_TABLE;
    if (is_table && (!scale->table || scale->table_count < 2))
        return (struct svi_edge_ends){ NAN, NAN };
    double start = is_table ? scale->table[0] : scale->at_start;
    double end = is_table ? scale->table[scale->table_count - 1] : scale->at_end;
    double low = fmin(start, end), high = fmax(start, end);
    bool usable = isfinite(start) && isfinite(end) && (scale->kind != SVI_EDGE_LOG || low > 0.0) && (!is_table || start <= end);
    return usable ? (struct svi_edge_ends){ low, high } : (struct svi_edge_ends){ NAN, NAN };
}

/* How many of the table's values are less than the value, or, with `or_equal`, not greater. */
static size_t count_below(const struct svi_edge_scale *scale, double value, bool or_equal)
{
    size_t low = 0, high = scale->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scale->table[middle] < value || (or_equal && scale->table[middle] == value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double share_in_table(const struct svi_edge_scale *scale, double value)
{
    size_t below = count_below(scale, value, false), not_above = count_below(scale, value, true);
    double last = (double)(scale->table_count - 1);
    if (not_above > below)
        return 0.5 * ((double)below + (double)(not_above - 1)) / last;
    if (!below || below == scale->table_count)
        return NAN;
    double before = scale->table[below - 1], after = scale->table[below];
    return ((double)(below - 1) + (value - before) / (after - before)) / last;
}

double svi_edge_share(const struct svi_edge_scale *scale, double value)
{
    struct svi_edge_ends range = svi_edge_range(scale);
    if (isnan(range.low) || isnan(value))
        return NAN;
    if (scale->kind == SVI_EDGE_TABLE)
        return share_in_table(scale, value);
    if (range.low == range.high)
        return NAN;
    if (scale->kind == SVI_EDGE_LINEAR)
        return (value - scale->at_start) / (scale->at_end - scale->at_start);
    const double start = log(scale->at_start);
    return value > 0.0 ? (log(value) - start) / (log(scale->at_end) - start) : NAN;
}
