/* test_drf_index - indices of Digital RF: runs in order, gaps between them, filler taken out, and what is no index. */
#include "capture/drf_index.h"

#include "check.h"

enum { MOST_PAIRS = 4 };

static void runs_are_sorted_and_gaps_found(void **state)
{
    (void)state;
    static const uint64_t late[][2] = { { 1000, 0 }, { 1010, 5 } }, early[][2] = { { 900, 0 } }, twice[][2] = { { 1002, 0 } };
    struct svi_drf_index index = { 0 };
    uint64_t dropped;
    assert_null(svi_drf_index_add(&index, late, 2, 25, 0));
    assert_null(svi_drf_index_add(&index, early, 1, 50, 1));
    assert_null(svi_drf_index_add(&index, twice, 1, 7, 2));
    assert_true(svi_drf_index_punch(&index, 0, 1));
    assert_true(svi_drf_index_finish(&index, &dropped));
    assert_int_equal(dropped, 6);
    assert_int_equal(index.run_count, 3);
    assert_int_equal(index.runs[0].first, 900);
    assert_int_equal(index.runs[2].row, 5);
    assert_int_equal(index.runs[2].count, 20);
    assert_int_equal(index.gap_count, 2);
    assert_int_equal(index.gaps[0].first_sample, 50);
    assert_int_equal(index.gaps[0].sample_count, 50);
    assert_int_equal(index.gaps[1].first_sample, 105);
    assert_int_equal(index.gaps[1].sample_count, 5);
    static const struct {
        uint64_t sample;
        size_t run;
    } rows[] = {
        { 0, 0 }, { 900, 0 }, { 949, 0 }, { 950, 1 }, { 1004, 1 }, { 1005, 2 }, { 1029, 2 }, { 1030, 3 }, { UINT64_MAX, 3 }
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_int_equal(svi_drf_index_find(&index, rows[i].sample), rows[i].run);
    svi_drf_index_clear(&index);
}

static void filler_becomes_a_gap(void **state)
{
    (void)state;
    static const uint64_t pairs[][2] = { { 100, 0 } };
    struct svi_drf_index index = { 0 };
    uint64_t dropped;
    assert_null(svi_drf_index_add(&index, pairs, 1, 30, 0));
    assert_true(svi_drf_index_punch(&index, 0, 3));  /* at the start: 103… */
    assert_true(svi_drf_index_punch(&index, 7, 2));  /* 110, 111 */
    assert_true(svi_drf_index_punch(&index, 0, 1));  /* 112 */
    assert_true(svi_drf_index_punch(&index, 12, 5)); /* up to the end */
    assert_true(svi_drf_index_finish(&index, &dropped));
    assert_int_equal(dropped, 0);
    assert_int_equal(index.run_count, 2);
    assert_int_equal(index.runs[0].first, 103);
    assert_int_equal(index.runs[0].row, 3);
    assert_int_equal(index.runs[0].count, 7);
    assert_int_equal(index.runs[1].first, 113);
    assert_int_equal(index.runs[1].row, 13);
    assert_int_equal(index.runs[1].count, 12);
    assert_int_equal(index.gap_count, 1);
    assert_int_equal(index.gaps[0].first_sample, 7);
    assert_int_equal(index.gaps[0].sample_count, 3);
    svi_drf_index_clear(&index);
}

/* As rf_write_blocks() leaves it where a block ends with its file. */
static void a_block_that_the_next_file_holds_is_no_run(void **state)
{
    (void)state;
    static const uint64_t full[][2] = { { 100, 0 }, { 128, 27 }, { 150, 43 } }, next[][2] = { { 150, 0 } };
    struct svi_drf_index index = { 0 };
    uint64_t dropped;
    assert_null(svi_drf_index_add(&index, full, 3, 43, 0));
    assert_null(svi_drf_index_add(&index, next, 1, 5, 1));
    assert_true(svi_drf_index_finish(&index, &dropped));
    assert_int_equal(dropped, 0);
    assert_int_equal(index.run_count, 3);
    assert_int_equal(index.runs[1].first, 128);
    assert_int_equal(index.runs[1].count, 16);
    assert_int_equal(index.runs[2].file, 1);
    assert_int_equal(index.gap_count, 2);
    svi_drf_index_clear(&index);
}

static void what_is_no_index_is_named(void **state)
{
    (void)state;
    static const struct {
        uint64_t pairs[MOST_PAIRS][2];
        size_t count;
        uint64_t rows;
        const char *says;
    } rows[] = {
        { { { 0, 0 } }, 0, 10, "holds no samples" },
        { { { 5, 0 } }, 1, 0, "holds no samples" },
        { { { 5, 1 } }, 1, 10, "does not begin at its first row" },
        { { { 5, 0 }, { 50, 20 } }, 2, 10, "more rows than there are" },
        { { { 5, 0 }, { 50, 10 }, { 60, 10 } }, 3, 10, "is not sorted by row" },
        { { { 5, 0 }, { 50, UINT64_MAX } }, 2, 10, "more rows than there are" },
        { { { 5, 0 }, { 50, 4 }, { 60, 3 } }, 3, 10, "is not sorted by row" },
        { { { 5, 0 }, { 50, 4 }, { 60, 4 } }, 3, 10, "is not sorted by row" },
        { { { 5, 0 }, { 8, 4 } }, 2, 10, "is not sorted by sample" },
        { { { 5, 0 }, { 4, 1 } }, 2, 10, "is not sorted by sample" },
        { { { UINT64_MAX, 0 } }, 1, 10, "no clock reaches" },
        { { { 5, 0 } }, 1, UINT64_MAX, "no clock reaches" },
    };
    struct svi_drf_index index = { 0 };
    uint64_t dropped;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *wrong = svi_drf_index_add(&index, rows[i].pairs, rows[i].count, rows[i].rows, i);
        assert_non_null(wrong);
        check_has(wrong, rows[i].says);
        assert_int_equal(index.run_count, 0);
    }
    assert_true(svi_drf_index_finish(&index, &dropped));
    assert_int_equal(svi_drf_index_find(&index, 5), 0);
    svi_drf_index_clear(&index);
}

static void moments_are_exact(void **state)
{
    (void)state;
    static const struct {
        uint64_t sample, numerator, denominator;
        const char *text;
    } rows[] = {
        { 92957882000, 200, 3, "2014-03-09T12:30:30Z" },
        { 92957882001, 200, 3, "2014-03-09T12:30:30.015Z" },
        { 0, 1, 1, "1970-01-01T00:00:00Z" },
        { 42500000000000001, 25000000, 1, "2023-11-14T22:13:20.00000004Z" },
        { UINT64_MAX, 1, 1, "" },
        { UINT64_MAX, 1, UINT64_MAX, "" },
        { UINT64_MAX, UINT64_MAX, 1, "1970-01-01T00:00:01Z" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[40];
        svi_drf_moment(text, rows[i].sample, (struct svi_rate){ rows[i].numerator, rows[i].denominator });
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_sorted_and_gaps_found),
        cmocka_unit_test(filler_becomes_a_gap),
        cmocka_unit_test(a_block_that_the_next_file_holds_is_no_run),
        cmocka_unit_test(what_is_no_index_is_named),
        cmocka_unit_test(moments_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
