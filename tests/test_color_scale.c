/* test_color_scale - shares against NumPy's for datashader's eq_hist (tests/data/color_scale), against paper for log and linear. */
#include "visual/color_scale.h"

#include <math.h>

#include "allocator.h"
#include "check.h"

enum { MAX_CELLS = 20000 };

/* As in tests/reference/make_color_scale.py. */
static void make_counts(float *values, uint32_t seed, size_t cells, uint32_t most)
{
    uint32_t state = seed;
    for (size_t i = 0; i < cells; i++) {
        state = state * 1664525u + 1013904223u;
        uint32_t u = state >> 16;
        values[i] = u < 22000 ? 0.0f : (float)(most * 700u / (65536 + 700 - u) + 1);
    }
}

static struct svi_color_scale make_case(uint32_t seed)
{
    static const struct {
        uint32_t seed, cells, most;
        size_t distinct;
    } cases[] = {
#define EQ_HIST_CASE(seed, cells, most, distinct) { seed, cells, most, distinct },
#define EQ_HIST_SHARE(seed, value, share)
#define EQ_HIST_BORDER(seed, place, value)
#include "data/color_scale/eq_hist.h"
#undef EQ_HIST_CASE
#undef EQ_HIST_SHARE
#undef EQ_HIST_BORDER
    };
    static float values[MAX_CELLS];
    struct svi_color_scale scale;
    struct svi_error err = { 0 };
    for (size_t i = 0; i < ROWS(cases); i++) {
        if (cases[i].seed != seed)
            continue;
        assert_true(cases[i].cells <= MAX_CELLS);
        make_counts(values, seed, cases[i].cells, cases[i].most);
        check_ok(svi_color_scale_make(&scale, SVI_COLOR_EQ_HIST, values, cases[i].cells, &err), err);
        assert_int_equal(scale.value_count, cases[i].distinct);
        return scale;
    }
    fail_msg("no case %u", seed);
    return scale;
}

static void ranks_and_borders_are_those_of_numpy(void **state)
{
    (void)state;
    static const struct {
        uint32_t seed;
        double value, share;
    } shares[] = {
#define EQ_HIST_CASE(seed, cells, most, distinct)
#define EQ_HIST_SHARE(seed, value, share) { seed, value, share },
#define EQ_HIST_BORDER(seed, place, value)
#include "data/color_scale/eq_hist.h"
#undef EQ_HIST_SHARE
#undef EQ_HIST_BORDER
    };
    static const struct {
        uint32_t seed;
        size_t place;
        double value;
    } borders[] = {
#define EQ_HIST_SHARE(seed, value, share)
#define EQ_HIST_BORDER(seed, place, value) { seed, place, value },
#include "data/color_scale/eq_hist.h"
    };
    for (size_t i = 0; i < ROWS(shares); i++) {
        struct svi_color_scale scale = make_case(shares[i].seed);
        check_near((double)svi_color_scale_share(&scale, (float)shares[i].value), shares[i].share, 1e-7);
        svi_color_scale_clear(&scale);
    }
    for (size_t i = 0; i < ROWS(borders); i++) {
        struct svi_color_scale scale = make_case(borders[i].seed);
        check_near(scale.borders[borders[i].place], borders[i].value, 1e-5 * borders[i].value);
        svi_color_scale_clear(&scale);
    }
}

/* A tick must stand at the color that cells of its value have: 1/256 of the bar is a color. */
static void a_tick_stands_at_the_color_of_its_value(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        struct svi_color_scale scale = make_case(seed);
        struct svi_figure_bar bar = { 0 };
        svi_color_scale_bar(&scale, &bar);
        const struct svi_edge_scale edge = { bar.scale, bar.min, bar.max, bar.table, bar.table_count };
        for (size_t i = 0; i < scale.value_count; i++)
            check_near(svi_edge_share(&edge, (double)scale.values[i]), (double)scale.shares[i], 1.0 / 256);
        svi_color_scale_clear(&scale);
    }
}

static void scales_spread_values_as_they_say(void **state)
{
    (void)state;
    static const struct {
        enum svi_color_scale_kind kind;
        float values[6];
        double low, high;
        struct {
            float value;
            double share;
        } shares[4];
    } rows[] = {
        { SVI_COLOR_LOG, { 1, 0, 100, NAN, 10, 3 }, 1, 100, { { 1, 0 }, { 10, 0.5 }, { 100, 1 }, { 0, NAN } } },
        { SVI_COLOR_LOG, { 50, 100, 100 }, 10, 100, { { 100, 1 }, { 10, 0 }, { 5, 0 }, { -1, NAN } } },
        { SVI_COLOR_LOG, { 7 }, 0.7, 7, { { 7, 1 }, { 0, NAN }, { NAN, NAN }, { 0.7f, 0 } } },
        { SVI_COLOR_LOG, { 0 }, 0.1, 1, { { 0, NAN }, { 1, 1 }, { 0.1f, 0 }, { 0, NAN } } },
        { SVI_COLOR_LINEAR, { 1, 8, 4 }, 0, 8, { { 8, 1 }, { 4, 0.5 }, { 1, 0.125 }, { 0, NAN } } },
        { SVI_COLOR_LINEAR, { 0 }, 0, 1, { { 0, NAN }, { 1, 1 }, { 0.5f, 0.5 }, { 0, NAN } } },
        { SVI_COLOR_EQ_HIST, { 5, 5, 0, 5 }, 0, 5, { { 5, 1 }, { 0, NAN }, { 2.5f, 0.5 }, { 0, NAN } } },
        { SVI_COLOR_EQ_HIST, { 0 }, 0, 1, { { 0, NAN }, { 1, 1 }, { 0, NAN }, { 0, NAN } } },
        /* n = 5, N(least) = 2 */
        { SVI_COLOR_EQ_HIST, { 2, 0, 2, 9, 1e6f, 30 }, 2, 1e6, { { 2, 0 }, { 9, 1.0 / 3 }, { 30, 2.0 / 3 }, { 1e6f, 1 } } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_color_scale scale;
        struct svi_error err = { 0 };
        check_ok(svi_color_scale_make(&scale, rows[i].kind, rows[i].values, ROWS(rows[i].values), &err), err);
        check_near(scale.low, rows[i].low, 1e-6);
        check_near(scale.high, rows[i].high, 1e-6);
        for (size_t k = 0; k < ROWS(rows[i].shares); k++) {
            double share = (double)svi_color_scale_share(&scale, rows[i].shares[k].value);
            if (isnan(rows[i].shares[k].share))
                assert_true(isnan(share));
            else
                check_near(share, rows[i].shares[k].share, 1e-6);
        }
        svi_color_scale_clear(&scale);
    }
}

static void words_and_kinds_belong_together(void **state)
{
    (void)state;
    char names[64];
    svi_color_scale_names(names, sizeof names);
    assert_string_equal(names, "log, eq_hist, linear");
    for (int kind = SVI_COLOR_LOG; kind <= SVI_COLOR_LINEAR; kind++)
        assert_int_equal(svi_color_scale_kind(svi_color_scale_name((enum svi_color_scale_kind)kind)), kind);
    assert_int_equal(svi_color_scale_kind("loud"), SVI_COLOR_LOG);
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    static const float values[] = { 1, 2, 3 };
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_color_scale scale;
        struct svi_error err = { 0 };
        allocator_fail_at(++n);
        bool ok = svi_color_scale_make(&scale, SVI_COLOR_EQ_HIST, values, ROWS(values), &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        assert_true(ok || err.message[0]);
        svi_color_scale_clear(&scale);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_and_borders_are_those_of_numpy), cmocka_unit_test(a_tick_stands_at_the_color_of_its_value),
        cmocka_unit_test(scales_spread_values_as_they_say),     cmocka_unit_test(words_and_kinds_belong_together),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
