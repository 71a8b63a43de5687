/* test_select - each place of values in any order, equal ones among them, against sorting. */
#include "visual/select.h"

#include <stdbool.h>

#include "check.h"
#include "dice.h"

enum { MOST = 3000 };

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double random_value(struct dice *dice, size_t i)
{
    (void)i;
    return dice_share(dice) - 0.5;
}

static double few_value(struct dice *dice, size_t i)
{
    (void)i;
    return dice_below(dice, 3);
}

static double rising_value(struct dice *dice, size_t i)
{
    (void)dice;
    return (double)i;
}

static double falling_value(struct dice *dice, size_t i)
{
    (void)dice;
    return -(double)i;
}

/* The median of the first, the middle and the last one is next to the least again and again. */
static double organ_value(struct dice *dice, size_t i)
{
    (void)dice;
    return (double)(i % 2 ? i : MOST - i);
}

static double extreme_value(struct dice *dice, size_t i)
{
    return i % 7 == 0 ? HUGE_VAL : i % 11 == 0 ? -HUGE_VAL : random_value(dice, i);
}

static void check_place(const double *values, const double *sorted, size_t count, size_t k)
{
    static double room[MOST];
    memcpy(room, values, count * sizeof *room);
    svi_select(room, count, k);
    assert_true(room[k] == sorted[k]);
    for (size_t i = 0; i < count; i++)
        assert_true(i < k ? room[i] <= room[k] : room[i] >= room[k]);
    qsort(room, count, sizeof *room, by_value);
    assert_memory_equal(room, sorted, count * sizeof *room);
}

static void every_place_is_that_of_the_sorted(void **state)
{
    (void)state;
    static double (*const makers[])(struct dice *, size_t) = { random_value,  few_value,   rising_value,
                                                               falling_value, organ_value, extreme_value };
    static const size_t counts[] = { 1, 2, 3, 16, 17, 18, 100, 855, MOST };
    static double values[MOST], sorted[MOST];
    struct dice dice = { 3 };
    for (size_t row = 0; row < ROWS(makers) * ROWS(counts); row++) {
        const size_t count = counts[row % ROWS(counts)];
        for (size_t i = 0; i < count; i++)
            values[i] = makers[row / ROWS(counts)](&dice, i);
        memcpy(sorted, values, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_value);
        for (size_t k = 0; k < count; k += 1 + count / 37)
            check_place(values, sorted, count, k);
        check_place(values, sorted, count, count - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_place_is_that_of_the_sorted) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
