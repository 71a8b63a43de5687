/* test_percentile - percentiles of made-up power against sorted values in plain C, and against NumPy's (tests/data/percentile). */
#include "device/percentile.h"

#include "device/cells.h"
#include "device/opencl.h"

#include <math.h>

#include "check.h"
#include "with_device.h"

/* What rounding may do to a level in dB. */
static const double ROUNDING_DB = 5e-5;

struct percentile_case {
    uint32_t number, percent;
    uint64_t frames;
    uint32_t bins, first_bin, bin_count, rows, columns, gap_block;
};

static const struct percentile_case cases[] = {
#define PERCENTILE_CASE(...) { __VA_ARGS__ },
#define PERCENTILE_CELL(number, row, column, power)
#include "data/percentile/quantiles.h"
#undef PERCENTILE_CASE
#undef PERCENTILE_CELL
};

static const struct {
    uint32_t number, row, column;
    double power;
} cells_of_numpy[] = {
#define PERCENTILE_CASE(...)
#define PERCENTILE_CELL(...) { __VA_ARGS__ },
#include "data/percentile/quantiles.h"
#undef PERCENTILE_CASE
#undef PERCENTILE_CELL
};

/* As in tests/reference/make_percentile.py. */
static float *make_power(uint64_t count)
{
    float *power = malloc(count * sizeof *power);
    assert_non_null(power);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t x = (uint32_t)((i + 1) * 2654435761u);
        x = (x ^ x >> 15) * 2246822519u;
        x ^= x >> 13;
        power[i] = ldexpf((float)((x >> 8) + 1), -(int)(x & 31));
    }
    return power;
}

static bool frame_is_in_gap(const struct percentile_case *c, uint64_t frame)
{
    return c->gap_block && frame / c->gap_block % 3 == 1;
}

static enum svi_reduction reduction_for(uint32_t percent)
{
    return percent == 95 ? SVI_REDUCE_P95 : SVI_REDUCE_P50;
}

/* Hands the power over in batches of `batch` frames, and of all lengths below it, in turn. */
static void add_all(struct svi_cells *cells, const struct percentile_case *c, const float *power, uint32_t batch)
{
    struct svi_error err = { 0 };
    const struct svi_accumulator accumulator = svi_cells_accumulator(cells);
    uint8_t *in_gap = malloc(batch), *marks = malloc(batch);
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, (size_t)batch * c->bins * sizeof *power, NULL, &err);
    cl_mem gap_memory = svi_mem_create(device, CL_MEM_READ_ONLY, batch, NULL, &err);
    assert_true(in_gap && marks && memory && gap_memory);
    uint32_t frames;
    for (uint64_t first = 0, turn = 0; first < c->frames; first += frames, turn++) {
        frames = batch - (uint32_t)(turn % batch);
        frames = c->frames - first < frames ? (uint32_t)(c->frames - first) : frames;
        /* Half of what is left out is so because its power is not finite, which the device alone knows. */
        bool any = false;
        for (uint32_t i = 0; i < frames; i++) {
            marks[i] = (uint8_t)(frame_is_in_gap(c, first + i) ? 1 + (first + i) % 2 : 0);
            any |= marks[i];
            in_gap[i] = marks[i] == 1;
        }
        check_ok(svi_mem_write(device, memory, 0, power + first * c->bins, (size_t)frames * c->bins * sizeof *power, &err), err);
        check_ok(svi_mem_write(device, gap_memory, 0, marks, frames, &err), err);
        const struct svi_power_batch given = { .power = memory,
                                               .first_frame = first,
                                               .frames = frames,
                                               .bins = c->bins,
                                               .in_gap = any ? in_gap : NULL,
                                               .in_gap_memory = any ? gap_memory : NULL,
                                               .lost_marks = any ? gap_memory : NULL };
        check_ok(accumulator.add(accumulator.self, &given, &err), err);
    }
    svi_mem_release(gap_memory);
    svi_mem_release(memory);
    free(marks);
    free(in_gap);
}

/* Levels of all cells, float [rows][columns]; the caller frees them. */
static float *levels_of(const struct percentile_case *c, const float *power, uint32_t batch, double *bound_db)
{
    struct svi_error err = { 0 };
    const struct svi_cells_request request = { .frame_count = c->frames,
                                               .first_bin = c->first_bin,
                                               .bin_count = c->bin_count,
                                               .rows = c->rows,
                                               .columns = c->columns,
                                               .reduction = reduction_for(c->percent) };
    const size_t bytes = (size_t)c->rows * c->columns * sizeof(float);
    float *levels = malloc(bytes);
    assert_non_null(levels);
    struct svi_cells *cells;
    check_ok(svi_cells_create(&cells, device, &request, &err), err);
    add_all(cells, c, power, batch);
    *bound_db = svi_cells_bound_db(cells);
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_WRITE, bytes, NULL, &err);
    check_ok(memory && svi_cells_levels(cells, 1, 1e-20, memory, &err), err);
    check_ok(svi_mem_read(device, levels, memory, bytes, &err), err);
    svi_mem_release(memory);
    svi_cells_destroy(cells);
    return levels;
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The slow twin: all values of the cell, sorted. */
static double sorted_percentile(const struct percentile_case *c, const float *power, uint32_t row, uint32_t column)
{
    const uint64_t begin = (row * c->frames + c->rows - 1) / c->rows, end = ((row + 1) * c->frames + c->rows - 1) / c->rows;
    float *values = malloc((end - begin) * c->bin_count * sizeof *values);
    assert_non_null(values);
    size_t count = 0;
    for (uint64_t frame = begin; frame < end; frame++)
        for (uint32_t bin = 0; bin < c->bin_count && !frame_is_in_gap(c, frame); bin++)
            if (bin * c->columns / c->bin_count == column)
                values[count++] = power[frame * c->bins + c->first_bin + bin];
    qsort(values, count, sizeof *values, compare);
    const double percentile = count ? (double)values[(c->percent * count + 99) / 100 - 1] : NAN;
    free(values);
    return percentile;
}

static void check_level(float level_db, double power, double bound_db)
{
    if (isnan(power))
        assert_true(isnan(level_db));
    else
        check_near((double)level_db, 10 * log10(power), bound_db + ROUNDING_DB);
}

static void check_case(const struct percentile_case *c)
{
    double bound_db, other_bound_db;
    float *power = make_power(c->frames * c->bins);
    float *levels = levels_of(c, power, 300, &bound_db), *other = levels_of(c, power, c->frames > 1000 ? 4096 : 1, &other_bound_db);
    assert_memory_equal(levels, other, (size_t)c->rows * c->columns * sizeof *levels);
    for (uint32_t row = 0; row < c->rows; row++)
        for (uint32_t column = 0; column < c->columns; column++)
            check_level(levels[row * c->columns + column], sorted_percentile(c, power, row, column), bound_db);
    size_t compared = 0;
    for (size_t i = 0; i < ROWS(cells_of_numpy); i++) {
        if (cells_of_numpy[i].number != c->number)
            continue;
        check_level(levels[cells_of_numpy[i].row * c->columns + cells_of_numpy[i].column], cells_of_numpy[i].power, bound_db);
        compared++;
    }
    assert_true(compared > 0);
    free(levels);
    free(other);
    free(power);
}

static void percentiles_are_those_of_sorted_values_and_of_numpy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(cases); i++)
        check_case(&cases[i]);
}

/* Exact up to the stated number of values, within the stated bound above it. */
static void cells_of_very_many_values_have_a_bound(void **state)
{
    (void)state;
    static const struct {
        uint64_t values;
        bool exact;
    } rows[] = { { 81919, true }, { 81920, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct percentile_case c = {
            .percent = 95, .frames = rows[i].values, .bins = 1, .bin_count = 1, .rows = 1, .columns = 1
        };
        double bound_db;
        float *power = make_power(c.frames), *levels = levels_of(&c, power, 65536, &bound_db);
        assert_true(rows[i].exact ? bound_db == 0 : bound_db == SVI_PERCENTILE_BOUND_DB);
        check_level(levels[0], sorted_percentile(&c, power, 0, 0), bound_db);
        free(levels);
        free(power);
    }
}

/* Whatever the power is, infinite, zero or no number, it has a rank. */
static void odd_power_has_a_rank(void **state)
{
    (void)state;
    static const struct {
        float power[3];
        double level_db;
    } rows[] = { { { NAN, 1, 10 }, 0 }, { { NAN, NAN, 10 }, -200 }, { { 0, 0, 0 }, -200 }, { { 100, INFINITY, INFINITY }, 385.3 } };
    const struct percentile_case c = { .percent = 50, .frames = 3, .bins = 1, .bin_count = 1, .rows = 1, .columns = 1 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        double bound_db;
        float *levels = levels_of(&c, rows[i].power, 2, &bound_db);
        check_near((double)levels[0], rows[i].level_db, 0.1);
        free(levels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_sorted_values_and_of_numpy),
        cmocka_unit_test(cells_of_very_many_values_have_a_bound),
        cmocka_unit_test(odd_power_has_a_rank),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
