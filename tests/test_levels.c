/* test_levels - percentiles and automatic ranges from histograms that are known. */
#include "visual/levels.h"

#include <math.h>

#include "check.h"

static struct svi_levels levels;

/* `count` cells spread evenly from low to high. */
static void fill_evenly(double low_db, double high_db, uint32_t per_step)
{
    levels = (struct svi_levels){ .min_db = low_db, .max_db = high_db, .shown = (uint64_t)per_step * SVI_LEVEL_STEPS };
    for (size_t i = 0; i < SVI_LEVEL_STEPS; i++)
        levels.histogram[i] = per_step;
}

static void percentiles_of_an_even_spread(void **state)
{
    (void)state;
    fill_evenly(-100, 0, 3);
    for (double percent = 0; percent <= 100; percent += 12.5)
        check_near(svi_levels_percentile(&levels, percent), -100 + percent, 100.0 / SVI_LEVEL_STEPS);
    double low, high;
    svi_levels_auto_range(&levels, false, &low, &high);
    check_near(low, -98, 0.02);
    check_near(high, -0.2, 0.02);
    svi_levels_auto_range(&levels, true, &low, &high);
    check_near(low, -100, 0);
    check_near(high, 0, 0);
}

static void one_hot_cell_does_not_move_the_range(void **state)
{
    (void)state;
    fill_evenly(-100, -60, 10);
    levels.max_db = -60 + 40.0; /* the histogram now spans 80 dB, its upper half empty but for one cell */
    for (size_t i = 0; i < SVI_LEVEL_STEPS; i++)
        levels.histogram[i] = i < SVI_LEVEL_STEPS / 2 ? 20 : 0;
    levels.histogram[SVI_LEVEL_STEPS - 1] = 1;
    levels.shown++;
    double low, high;
    svi_levels_auto_range(&levels, false, &low, &high);
    check_near(low, -99.2, 0.05);
    check_near(high, -60.08, 0.05);
}

static void flat_levels_get_a_span(void **state)
{
    (void)state;
    levels = (struct svi_levels){ .min_db = -70, .max_db = -70, .least_db = -200, .shown = 1000, .histogram = { 1000 } };
    for (int whole = 0; whole < 2; whole++) {
        double low, high;
        svi_levels_auto_range(&levels, whole, &low, &high);
        check_near(low, -80, 0.01);
        check_near(high, -60, 0.01);
        levels.least_db = -74; /* the span stays */
        svi_levels_auto_range(&levels, whole, &low, &high);
        check_near(low, -74, 0.01);
        check_near(high, -54, 0.01);
        levels.least_db = -INFINITY;
    }
}

static void a_matrix_is_counted_without_its_gaps(void **state)
{
    (void)state;
    static const float some[] = { NAN, -30, -50, NAN, -40, -50, -49.9999F, NAN }, none[] = { NAN, NAN }, one[] = { NAN, -7 };
    svi_levels_measure_matrix(&levels, some, ROWS(some));
    assert_int_equal(levels.shown, 5);
    check_near(levels.min_db, -50, 0);
    check_near(levels.max_db, -30, 0);
    assert_int_equal(levels.histogram[0], 3);
    assert_int_equal(levels.histogram[SVI_LEVEL_STEPS / 2], 1);
    assert_int_equal(levels.histogram[SVI_LEVEL_STEPS - 1], 1);
    svi_levels_measure_matrix(&levels, none, ROWS(none));
    assert_int_equal(levels.shown, 0);
    check_near(levels.min_db, 0, 0);
    check_near(levels.max_db, 0, 0);
    svi_levels_measure_matrix(&levels, one, ROWS(one));
    assert_int_equal(levels.shown, 1);
    assert_int_equal(levels.histogram[0], 1);
    check_near(levels.max_db, -7, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_of_an_even_spread),
        cmocka_unit_test(one_hot_cell_does_not_move_the_range),
        cmocka_unit_test(flat_levels_get_a_span),
        cmocka_unit_test(a_matrix_is_counted_without_its_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
