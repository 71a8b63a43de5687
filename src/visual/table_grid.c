#include "visual/table_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EVEN_BINS = 1024, LEAST_BINS = 8, MOST_FOUND_BINS = 256 };

/* Below that there is nothing for a logarithm: it keeps ratios of edges finite. */
static const double least_of_log = 1e-300;

static const char *const aggregates[] = {
    [SVI_AGGREGATE_COUNT] = "count", [SVI_AGGREGATE_MEAN] = "mean", [SVI_AGGREGATE_MAX] = "max",
    [SVI_AGGREGATE_MIN] = "min",     [SVI_AGGREGATE_SUM] = "sum",
};

enum { AGGREGATE_COUNT = sizeof aggregates / sizeof *aggregates };

void svi_aggregate_names(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < AGGREGATE_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", aggregates[i]);
}

enum svi_aggregate svi_aggregate_of(const char *name)
{
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        if (!strcmp(aggregates[i], name))
            return (enum svi_aggregate)i;
    return SVI_AGGREGATE_COUNT;
}

const char *svi_aggregate_name(enum svi_aggregate aggregate)
{
    return aggregates[aggregate];
}

double svi_table_number(const struct svi_table *table, size_t row, size_t column)
{
    return column == SVI_COLUMN_ROW ? (double)row + 1 : table->values[row * table->column_count + column];
}

/* ---- axes ---- */

static bool has_place(double value, bool log)
{
    return !isnan(value) && (!log || value >= least_of_log);
}

bool svi_table_range(const struct svi_table *table, size_t column, bool log, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t row = 0; row < table->row_count; row++) {
        const double value = svi_table_number(table, row, column);
        if (!has_place(value, log))
            continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
    return *low <= *high;
}

/* The different numbers of a column, rising; 0: there are more than MOST_EVEN_BINS. */
static size_t list_values(double values[MOST_EVEN_BINS], const struct svi_table *table, size_t column)
{
    size_t count = 0;
    for (size_t row = 0; row < table->row_count; row++) {
        const double value = svi_table_number(table, row, column);
        size_t low = 0, high = count;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (values[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        if (isnan(value) || (low < count && values[low] == value))
            continue;
        if (count == MOST_EVEN_BINS)
            return 0;
        memmove(&values[low + 1], &values[low], (count - low) * sizeof *values);
        values[low] = value;
        count++;
    }
    return count;
}

/* How many steps lie between the first value and the last, if all lie near whole steps and at least every second is there; else
 * 0. Texts round their numbers: a tenth of a step is near. */
static uint32_t even_steps(const double *values, size_t count)
{
    double least = INFINITY;
    for (size_t i = 1; i < count; i++)
        least = fmin(least, values[i] - values[i - 1]);
    const double span = values[count - 1] - values[0], steps = round(span / least);
    if (!(steps < MOST_EVEN_BINS) || steps + 1 > 2.0 * (double)count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const double step = (values[i] - values[0]) / span * steps;
        if (fabs(step - round(step)) > 0.1)
            return 0;
    }
    return (uint32_t)steps;
}

static bool fit_even_values(struct svi_grid_axis *axis, const struct svi_table *table, size_t column)
{
    double values[MOST_EVEN_BINS];
    const size_t count = list_values(values, table, column);
    const uint32_t steps = count > 1 ? even_steps(values, count) : 0;
    if (!steps || steps + 1 > table->row_count)
        return false;
    const double half = (axis->high - axis->low) / steps / 2;
    axis->low -= half;
    axis->high += half;
    axis->bins = steps + 1;
    return true;
}

static void widen(struct svi_grid_axis *axis)
{
    const double value = axis->low;
    axis->low = value - 0.05 * fabs(value);
    axis->high = value + 0.05 * fabs(value);
    if (axis->low < axis->high)
        return;
    axis->low = -0.5;
    axis->high = 0.5;
}

bool svi_grid_axis_fit(struct svi_grid_axis *out, const struct svi_table *table, size_t column, bool log, uint32_t bins)
{
    *out = (struct svi_grid_axis){ .log = log, .bins = bins };
    if (!svi_table_range(table, column, log, &out->low, &out->high))
        return false;
    const bool constant = !(out->low < out->high);
    if (constant)
        widen(out);
    if (bins || (!constant && !log && fit_even_values(out, table, column)))
        return true;
    const double root = ceil(sqrt((double)table->row_count));
    out->bins = constant ? 1 : (uint32_t)fmin(fmax(root, LEAST_BINS), MOST_FOUND_BINS);
    return true;
}

double svi_grid_share(const struct svi_grid_axis *axis, double value)
{
    if (!has_place(value, axis->log))
        return NAN;
    return axis->log ? log(value / axis->low) / log(axis->high / axis->low) : (value - axis->low) / (axis->high - axis->low);
}

/* ---- cells ---- */

/* What is kept of a cell while rows come in. */
struct cells {
    double *sums, *rests; /* rests: what sums lost, or NULL */
    uint32_t *counts;
};

/* bins: there is no place. */
static uint32_t bin_of(const struct svi_grid_axis *axis, double value)
{
    const double place = svi_grid_share(axis, value) * axis->bins;
    if (!(place >= 0 && place <= axis->bins))
        return axis->bins;
    const uint32_t bin = (uint32_t)place;
    return bin < axis->bins ? bin : axis->bins - 1;
}

static void add_exactly(double *sum, double *rest, double value)
{
    const double total = *sum + value;
    *rest += fabs(*sum) >= fabs(value) ? (*sum - total) + value : (value - total) + *sum;
    *sum = total;
}

static void add(const struct cells *cells, size_t cell, enum svi_aggregate aggregate, double value)
{
    const bool first = cells->counts[cell]++ == 0;
    double *sum = &cells->sums[cell];
    switch (aggregate) {
    case SVI_AGGREGATE_MEAN:
    case SVI_AGGREGATE_SUM:
        add_exactly(sum, &cells->rests[cell], value);
        break;
    case SVI_AGGREGATE_MAX:
        *sum = first ? value : fmax(*sum, value);
        break;
    case SVI_AGGREGATE_MIN:
        *sum = first ? value : fmin(*sum, value);
        break;
    case SVI_AGGREGATE_COUNT:
        *sum += 1;
        break;
    }
}

static void add_rows(struct svi_grid *grid, const struct cells *cells, const struct svi_table *table, size_t x, size_t y,
                     size_t value)
{
    for (size_t row = 0; row < table->row_count; row++) {
        const double at_x = svi_table_number(table, row, x), at_y = svi_table_number(table, row, y);
        const double number = value == SVI_COLUMN_NONE ? 1 : svi_table_number(table, row, value);
        const uint32_t column = bin_of(&grid->x, at_x), line = bin_of(&grid->y, at_y);
        if (isnan(at_x) || isnan(at_y) || isnan(number)) {
            grid->missing++;
        } else if (column == grid->x.bins || line == grid->y.bins) {
            grid->outside++;
        } else {
            grid->shown++;
            add(cells, (size_t)line * grid->x.bins + column, grid->aggregate, number);
        }
    }
}

static void finish(const struct svi_grid *grid, const struct cells *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells->rests)
            cells->sums[i] += cells->rests[i];
        if (grid->aggregate == SVI_AGGREGATE_MEAN && cells->counts[i])
            cells->sums[i] /= cells->counts[i];
        if (grid->aggregate != SVI_AGGREGATE_COUNT && !cells->counts[i])
            cells->sums[i] = NAN;
    }
}

bool svi_grid_fill(struct svi_grid *grid, const struct svi_table *table, size_t x, size_t y, size_t value, struct svi_error *err)
{
    const size_t count = (size_t)grid->x.bins * grid->y.bins;
    const bool sums = grid->aggregate == SVI_AGGREGATE_MEAN || grid->aggregate == SVI_AGGREGATE_SUM;
    const struct cells cells = { .sums = calloc(count, sizeof(double)),
                                 .rests = sums ? calloc(count, sizeof(double)) : NULL,
                                 .counts = calloc(count, sizeof(uint32_t)) };
    const bool ok = cells.sums && cells.counts && (!sums || cells.rests);
    grid->shown = grid->missing = grid->outside = 0;
    if (ok) {
        add_rows(grid, &cells, table, x, y, value);
        finish(grid, &cells, count);
        grid->values = cells.sums;
    } else {
        free(cells.sums);
    }
    free(cells.rests);
    free(cells.counts);
    return ok || svi_fail_memory(err, count * sizeof(double));
}
