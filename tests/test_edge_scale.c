/* test_edge_scale - where values lie along an edge. */
#include "visual/edge_scale.h"

#include <math.h>

#include "check.h"

static void values_lie_where_their_scale_says(void **state)
{
    (void)state;
    static const double table[] = { 1, 2, 2, 2, 10 }, falling[] = { 2, 1 };
    static const struct {
        struct svi_edge_scale scale;
        double value, share;
    } rows[] = {
        { { SVI_EDGE_LINEAR, 10, 20, NULL, 0 }, 12, 0.2 },    { { SVI_EDGE_LINEAR, 20, 10, NULL, 0 }, 12, 0.8 },
        { { SVI_EDGE_LINEAR, 10, 20, NULL, 0 }, 25, 1.5 },    { { SVI_EDGE_LINEAR, 10, 10, NULL, 0 }, 10, NAN },
        { { SVI_EDGE_LINEAR, NAN, 10, NULL, 0 }, 10, NAN },   { { SVI_EDGE_LINEAR, 10, 20, NULL, 0 }, NAN, NAN },
        { { SVI_EDGE_LOG, 1, 1000, NULL, 0 }, 10, 1.0 / 3 },  { { SVI_EDGE_LOG, 1000, 1, NULL, 0 }, 10, 2.0 / 3 },
        { { SVI_EDGE_LOG, 1e-200, 1e200, NULL, 0 }, 1, 0.5 }, { { SVI_EDGE_LOG, 1, 1000, NULL, 0 }, 0.1, -1.0 / 3 },
        { { SVI_EDGE_LOG, 1, 1000, NULL, 0 }, 0, NAN },       { { SVI_EDGE_LOG, 0, 1000, NULL, 0 }, 10, NAN },
        { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 1, 0 },         { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 1.5, 0.125 },
        { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 2, 0.5 },       { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 6, 0.875 },
        { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 10, 1 },        { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 0.9, NAN },
        { { SVI_EDGE_TABLE, 0, 0, table, 5 }, 10.1, NAN },    { { SVI_EDGE_TABLE, 0, 0, table, 1 }, 1, NAN },
        { { SVI_EDGE_TABLE, 0, 0, NULL, 5 }, 1, NAN },        { { SVI_EDGE_TABLE, 0, 0, falling, 2 }, 1, NAN },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        double share = svi_edge_share(&rows[i].scale, rows[i].value);
        if (isnan(rows[i].share))
            assert_true(isnan(share));
        else
            check_near(share, rows[i].share, 1e-12);
    }
}

static void ranges_run_upwards(void **state)
{
    (void)state;
    static const double table[] = { -3, 0, 7 };
    struct svi_edge_ends range = svi_edge_range(&(struct svi_edge_scale){ SVI_EDGE_LOG, 100, 1, NULL, 0 });
    assert_true(range.low == 1 && range.high == 100);
    range = svi_edge_range(&(struct svi_edge_scale){ SVI_EDGE_TABLE, 0, 0, table, 3 });
    assert_true(range.low == -3 && range.high == 7);
    range = svi_edge_range(&(struct svi_edge_scale){ SVI_EDGE_LOG, -1, 1, NULL, 0 });
    assert_true(isnan(range.low) && isnan(range.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_lie_where_their_scale_says),
        cmocka_unit_test(ranges_run_upwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
