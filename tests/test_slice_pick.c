/* test_slice_pick - which slices are picked: on paper, and against a loop over all of them that asks each gap. */
#include "visual/slice_pick.h"

#include "check.h"

static struct svi_slice_pick pick_of(uint64_t samples, const struct svi_gap *gaps, size_t gap_count, uint32_t length, uint64_t most)
{
    const struct svi_recording recording = { .sample_count = samples, .gaps = gaps, .gap_count = gap_count };
    return svi_slice_pick_of(&recording, length, most);
}

static void picks_on_paper(void **state)
{
    (void)state;
    static const struct svi_gap none[1] = { { 0, 0 } };
    static const struct {
        uint64_t samples, most;
        uint64_t total, picked, at[8];
    } rows[] = {
        { 1023, 4096, 0, 0, { 0 } },
        { 1024, 4096, 1, 1, { 0 } },
        { 2047, 4096, 1, 1, { 0 } },
        { 3072, 4096, 3, 3, { 0, 1, 2 } },
        { 3072, 3, 3, 3, { 0, 1, 2 } },
        { 3072, 2, 3, 2, { 0, 2 } },
        { 3072, 1, 3, 1, { 0 } },
        { 30 * 1024, 7, 30, 7, { 0, 4, 9, 14, 19, 24, 29 } },
        /* a year at 1 GS/s */
        { UINT64_C(31536000000000000),
          5,
          UINT64_C(30796875000000),
          5,
          { 0, UINT64_C(7699218749999), UINT64_C(15398437499999), UINT64_C(23097656249999), UINT64_C(30796874999999) } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_slice_pick pick = pick_of(rows[i].samples, none, 0, 1024, rows[i].most);
        assert_int_equal(pick.total, rows[i].total);
        assert_int_equal(pick.picked, rows[i].picked);
        assert_int_equal(pick.skipped, 0);
        for (uint64_t k = 0; k < pick.picked; k++)
            assert_int_equal(svi_slice_pick_at(&pick, k), rows[i].at[k]);
    }
    /* All of the largest list that a parameter may ask for, at its end. */
    struct svi_slice_pick pick = pick_of(UINT64_C(31536000000000000), none, 0, 16, 1000000000);
    const uint64_t last = UINT64_C(1971000000000000) - 1;
    struct svi_slice_pick anew = pick;
    assert_int_equal(svi_slice_pick_at(&anew, 999999999), last);
    __extension__ typedef unsigned __int128 wide;
    assert_int_equal(svi_slice_pick_at(&pick, 777777777), (uint64_t)((wide)777777777 * last / 999999999));
}

static uint32_t next_random(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(*state >> 8) * below >> 24);
}

static void check_against_loop(uint64_t samples, const struct svi_gap *gaps, size_t gap_count, uint32_t length, uint64_t most)
{
    uint64_t whole[600], count = 0, total = samples / length;
    for (uint64_t slice = 0; slice < total; slice++) {
        bool touches = false;
        for (size_t i = 0; i < gap_count; i++)
            touches |= gaps[i].first_sample < (slice + 1) * length && gaps[i].first_sample + gaps[i].sample_count > slice * length;
        if (!touches)
            whole[count++] = slice;
    }
    struct svi_slice_pick pick = pick_of(samples, gaps, gap_count, length, most);
    assert_int_equal(pick.total, total);
    assert_int_equal(pick.skipped, total - count);
    assert_int_equal(pick.picked, count < most ? count : most);
    for (uint64_t k = 0; k < pick.picked; k++)
        assert_int_equal(svi_slice_pick_at(&pick, k), whole[pick.picked > 1 ? k * (count - 1) / (pick.picked - 1) : 0]);
}

static void gaps_are_walked_around(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        struct svi_gap gaps[40];
        size_t gap_count = 0;
        const uint64_t samples = 1 + next_random(&random, 500);
        const uint32_t mean = 1 + next_random(&random, 60);
        for (uint64_t at = next_random(&random, mean + 1); at < samples && gap_count < ROWS(gaps); gap_count++) {
            uint64_t length = 1 + next_random(&random, mean);
            gaps[gap_count] = (struct svi_gap){ at, length < samples - at ? length : samples - at };
            at += length + 1 + next_random(&random, mean);
        }
        check_against_loop(samples, gaps, gap_count, 1 + next_random(&random, 20), 1 + next_random(&random, 40));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picks_on_paper),
        cmocka_unit_test(gaps_are_walked_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
