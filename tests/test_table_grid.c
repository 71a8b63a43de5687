/* test_table_grid - rows into cells against a slow twin: for each cell all rows are looked at, and sums are those of long doubles.
 * Axes against grids that were written by hand. */
#include "visual/table_grid.h"

#include <float.h>
#include <math.h>

#include "allocator.h"
#include "check.h"

enum { COLUMNS = 3, MOST_ROWS = 5000 };

static struct svi_table_column columns[COLUMNS];

static struct svi_table table_of(double *values, size_t rows)
{
    return (struct svi_table){ .column_count = COLUMNS, .row_count = rows, .columns = columns, .values = values };
}

static double random_share(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Numbers of very different size, and some holes. */
static void fill(double *values, size_t rows, uint64_t seed)
{
    for (size_t i = 0; i < rows * COLUMNS; i++) {
        const double share = random_share(&seed), size = random_share(&seed);
        values[i] = size < 0.02 ? NAN : i % COLUMNS == 2 ? (share - 0.5) * pow(10, 20 * size) : share * 7 - (i % COLUMNS ? 0 : 3);
    }
}

/* ---- the slow twin ---- */

static uint32_t slow_bin(const struct svi_grid_axis *axis, double value)
{
    const double low = axis->log ? log(axis->low) : axis->low, high = axis->log ? log(axis->high) : axis->high;
    const double at = axis->log ? log(value) : value;
    if (isnan(at) || at < low || at > high)
        return UINT32_MAX;
    for (uint32_t bin = 0; bin + 1 < axis->bins; bin++)
        if (at < low + (high - low) * (bin + 1) / axis->bins)
            return bin;
    return axis->bins - 1;
}

static double slow_cell(const struct svi_grid *grid, const struct svi_table *table, uint32_t x, uint32_t y, long double *sizes)
{
    long double sum = 0;
    double least = INFINITY, most = -INFINITY;
    uint64_t count = 0;
    *sizes = 0;
    for (size_t row = 0; row < table->row_count; row++) {
        const double *at = &table->values[row * COLUMNS];
        if (isnan(at[2]) || slow_bin(&grid->x, at[0]) != x || slow_bin(&grid->y, at[1]) != y)
            continue;
        count++;
        sum += (long double)at[2];
        *sizes += fabsl((long double)at[2]);
        least = fmin(least, at[2]);
        most = fmax(most, at[2]);
    }
    switch (grid->aggregate) {
    case SVI_AGGREGATE_COUNT:
        return (double)count;
    case SVI_AGGREGATE_MEAN:
        return count ? (double)(sum / count) : NAN;
    case SVI_AGGREGATE_SUM:
        return count ? (double)sum : NAN;
    case SVI_AGGREGATE_MAX:
        return count ? most : NAN;
    case SVI_AGGREGATE_MIN:
        return count ? least : NAN;
    }
    return NAN;
}

static void cells_agree_with_a_slow_twin(void **state)
{
    (void)state;
    static double values[MOST_ROWS * COLUMNS];
    static const struct {
        uint32_t x_bins, y_bins;
        bool x_log, y_log;
        size_t rows;
    } cases[] = { { 7, 5, false, false, MOST_ROWS }, { 13, 4, true, false, 2000 }, { 1, 1, false, false, 500 },
                  { 6, 9, true, true, 1000 },        { 40, 30, false, false, 60 }, { 3, 3, false, false, 1 } };
    for (size_t i = 0; i < ROWS(cases); i++)
        for (int aggregate = SVI_AGGREGATE_COUNT; aggregate <= SVI_AGGREGATE_SUM; aggregate++) {
            struct svi_grid grid = { .aggregate = (enum svi_aggregate)aggregate };
            struct svi_error err = { 0 };
            fill(values, cases[i].rows, 17 + i);
            values[0] = values[1] = values[2] = 2; /* a single row has numbers */
            const struct svi_table table = table_of(values, cases[i].rows);
            assert_true(svi_grid_axis_fit(&grid.x, &table, 0, cases[i].x_log, cases[i].x_bins));
            assert_true(svi_grid_axis_fit(&grid.y, &table, 1, cases[i].y_log, cases[i].y_bins));
            check_ok(svi_grid_fill(&grid, &table, 0, 1, 2, &err), err);
            assert_int_equal(grid.shown + grid.missing + grid.outside, cases[i].rows);
            for (uint32_t y = 0; y < grid.y.bins; y++)
                for (uint32_t x = 0; x < grid.x.bins; x++) {
                    long double sizes;
                    const double slow = slow_cell(&grid, &table, x, y, &sizes), cell = grid.values[y * grid.x.bins + x];
                    if (isnan(slow) != isnan(cell)
                        || fabs(cell - slow) > 1e-12 * fabs(slow) + DBL_EPSILON * DBL_EPSILON * (double)sizes)
                        fail_msg("case %zu, %s, cell %u, %u is %.17g, not %.17g", i, svi_aggregate_name(grid.aggregate), x, y, cell,
                                 slow);
                }
            free(grid.values);
        }
}

/* What a plain sum loses: 1 among 1e16 and its opposite. */
static void sums_are_exact(void **state)
{
    (void)state;
    double values[] = { 0, 0, 1e16, 0, 0, 1, 0, 0, -1e16, 0, 0, 1 };
    const struct svi_table table = table_of(values, 4);
    struct svi_grid grid = { .x = { -1, 1, false, 1 }, .y = { -1, 1, false, 1 }, .aggregate = SVI_AGGREGATE_SUM };
    struct svi_error err = { 0 };
    check_ok(svi_grid_fill(&grid, &table, 0, 1, 2, &err), err);
    assert_true(grid.values[0] == 2);
    free(grid.values);
}

static void rows_are_shown_missing_or_outside(void **state)
{
    (void)state;
    double values[] = { 0, 0, 5, 4, 4, 5, 4.1, 0, 5, 0, -0.1, 5, NAN, 0, 5, 0, NAN, 5, 0, 0, NAN, 9, 9, NAN };
    const struct svi_table table = table_of(values, 8);
    struct svi_grid grid = { .x = { 0, 4, false, 4 }, .y = { 0, 4, false, 4 } };
    struct svi_error err = { 0 };
    check_ok(svi_grid_fill(&grid, &table, 0, 1, SVI_COLUMN_NONE, &err), err);
    assert_int_equal(grid.shown, 3);
    assert_int_equal(grid.outside, 3);
    assert_int_equal(grid.missing, 2);
    assert_true(grid.values[0] == 2 && grid.values[15] == 1); /* the upper edge belongs to the last bin */
    free(grid.values);
}

static void axes_fit_their_columns(void **state)
{
    (void)state;
    static const struct {
        double values[6];
        size_t count;
        bool log;
        uint32_t bins;
        double low, high;
        uint32_t becomes;
    } cases[] = {
        { { 0, 1, 2, 3 }, 4, false, 0, -0.5, 3.5, 4 },
        { { 3, 1, 0, 1, 3, 0 }, 6, false, 0, -0.5, 3.5, 4 },
        { { 0.33, 0.67, 1, 1.33, 1.67, 2 }, 6, false, 0, 0.33 - 0.167, 2.167, 6 },
        { { 0, 1, 10, 100 }, 4, false, 0, 0, 100, 8 },
        { { 0, 1, 2, 3 }, 4, false, 2, 0, 3, 2 },
        { { 1, 10, 100, NAN }, 4, true, 3, 1, 100, 3 },
        { { -1, 0, 10, 100 }, 4, true, 0, 10, 100, 8 },
        { { 7, 7, 7 }, 3, false, 0, 6.65, 7.35, 1 },
        { { 0, NAN, 0 }, 3, false, 0, -0.5, 0.5, 1 },
        { { -2, -2 }, 2, false, 10, -2.1, -1.9, 10 },
        { { 5, 5 }, 2, true, 0, 4.75, 5.25, 1 },
        { { -1e300, 1e300, 0 }, 3, false, 0, -1.5e300, 1.5e300, 3 },
    };
    for (size_t i = 0; i < ROWS(cases); i++) {
        double values[6 * COLUMNS] = { 0 };
        for (size_t k = 0; k < cases[i].count; k++)
            values[k * COLUMNS] = cases[i].values[k];
        const struct svi_table table = table_of(values, cases[i].count);
        struct svi_grid_axis axis;
        assert_true(svi_grid_axis_fit(&axis, &table, 0, cases[i].log, cases[i].bins));
        check_near(axis.low, cases[i].low, 1e-12 * fabs(cases[i].low));
        check_near(axis.high, cases[i].high, 1e-12 * fabs(cases[i].high));
        assert_int_equal(axis.bins, cases[i].becomes);
    }
    double none[] = { -1, NAN, 0, 0, NAN, 0 };
    const struct svi_table table = table_of(none, 2);
    struct svi_grid_axis axis;
    assert_false(svi_grid_axis_fit(&axis, &table, 0, true, 0));
    assert_false(svi_grid_axis_fit(&axis, &table, 1, false, 0));
}

static void failing_allocations_are_reported(void **state)
{
    (void)state;
    double values[] = { 1, 1, 1 };
    const struct svi_table table = table_of(values, 1);
    for (unsigned n = 1; n <= 3; n++) {
        struct svi_grid grid = { .x = { 0, 4, false, 4 }, .y = { 0, 4, false, 4 }, .aggregate = SVI_AGGREGATE_MEAN };
        struct svi_error err = { 0 };
        allocator_fail_at(n);
        assert_false(svi_grid_fill(&grid, &table, 0, 1, 2, &err));
        assert_true(allocator_has_failed());
        assert_int_equal(err.status, SVI_OUT_OF_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_agree_with_a_slow_twin),      cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(rows_are_shown_missing_or_outside), cmocka_unit_test(axes_fit_their_columns),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
