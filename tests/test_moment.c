/* test_moment - points of time against sums on paper, and fractions of rates against what they were made from. */
#include "capture/moment.h"

#include <math.h>

#include "check.h"

static void rates_are_exact(void **state)
{
    (void)state;
    static const struct {
        double rate_hz;
        uint64_t numerator, denominator;
    } rows[] = {
        { 1, 1, 1 },          { 1e6, 1000000, 1 },     { 2.4e6, 2400000, 1 },
        { 0.5, 1, 2 },        { 66.625, 533, 8 },      { 1e15, UINT64_C(1000000000000000), 1 },
        { 0x1p-10, 1, 1024 }, { 0x1p-20, 1, 1 << 20 }, { 1e300, UINT64_C(1000000000000000000), 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_rate rate = svi_rate_of(rows[i].rate_hz);
        assert_true(rate.numerator == rows[i].numerator && rate.denominator == rows[i].denominator);
    }
    static const double odd[] = { 200.0 / 3, 0.1, 1e-3, 44100.1, 61.44e6 / 7, 0.007, 123456789.123456 };
    for (size_t i = 0; i < ROWS(odd); i++) {
        struct svi_rate rate = svi_rate_of(odd[i]);
        assert_true((double)rate.numerator / (double)rate.denominator == odd[i]);
    }
    struct svi_rate slow = svi_rate_of(1.1e-6);
    check_near((double)slow.numerator / (double)slow.denominator, 1.1e-6, 0x1p-63);
    slow = svi_rate_of(0);
    assert_true(slow.numerator > 0 && slow.denominator > 0);
}

static void moments_on_paper(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        uint64_t samples;
        struct svi_rate rate;
        const char *expected; /* NULL: no calendar has it */
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0, { 1, 1 }, "1970-01-01T00:00:00.000000+00:00" },
        { "2021-06-18T23:17:51.163959Z", 1024, { 1000000, 1 }, "2021-06-18T23:17:51.164983+00:00" },
        /* 1024 / 2.4e6 s is 426.666… µs */
        { "2021-06-18T23:17:51Z", 1024, { 2400000, 1 }, "2021-06-18T23:17:51.000427+00:00" },
        { "2021-06-18T23:17:51Z", 2048, { 2400000, 1 }, "2021-06-18T23:17:51.000853+00:00" },
        { "2021-12-31T23:59:59.9999996Z", 0, { 1, 1 }, "2022-01-01T00:00:00.000000+00:00" },
        { "2021-12-31T23:59:59.9999994Z", 0, { 1, 1 }, "2021-12-31T23:59:59.999999+00:00" },
        { "2021-12-31T23:59:59.999999499999999999Z", 0, { 1, 1 }, "2021-12-31T23:59:59.999999+00:00" },
        { "2021-12-31T23:59:59.999999500000000000Z", 0, { 1, 1 }, "2022-01-01T00:00:00.000000+00:00" },
        { "2020-02-28T23:59:59.5Z", 1, { 2, 1 }, "2020-02-29T00:00:00.000000+00:00" },
        { "1969-12-31T23:59:59.25Z", 1, { 2, 1 }, "1969-12-31T23:59:59.750000+00:00" },
        { "0001-01-01T00:00:00Z", 86400, { 1, 1 }, "0001-01-02T00:00:00.000000+00:00" },
        /* Digital RF counts from 1970: its own example, and 25 MS/s, where the number has 17 digits */
        { "1970-01-01T00:00:00Z", 92957882001, { 200, 3 }, "2014-03-09T12:30:30.015000+00:00" },
        { "1970-01-01T00:00:00Z", 42500000000001024, { 25000000, 1 }, "2023-11-14T22:13:20.000041+00:00" },
        { "1970-01-01T00:00:00Z", 42500000000001038, { 25000000, 1 }, "2023-11-14T22:13:20.000042+00:00" },
        { "1970-01-01T00:00:00Z", 1, { 6000000, 1 }, "1970-01-01T00:00:00.000000+00:00" },
        { "1970-01-01T00:00:00Z", 4, { 6000000, 1 }, "1970-01-01T00:00:00.000001+00:00" },
        { "9999-12-31T23:59:59Z", 0, { 1, 1 }, "9999-12-31T23:59:59.000000+00:00" },
        { "9999-12-31T23:59:59Z", 1, { 1, 1 }, NULL },
        { "1970-01-01T00:00:00Z", INT64_MAX, { 1, 1 }, NULL },
        { "1970-01-01T00:00:00Z", INT64_MAX, { 1, UINT64_C(1) << 63 }, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_moment moment;
        char text[SVI_UTC_TEXT];
        assert_true(svi_moment_read(&moment, rows[i].from));
        bool exists = svi_moment_after(&moment, moment, rows[i].samples, rows[i].rate);
        if (exists != (rows[i].expected != NULL))
            fail_msg("row %zu: a calendar has %s", i, exists ? "it" : "it not");
        if (exists) {
            svi_moment_write(text, moment);
            assert_string_equal(text, rows[i].expected);
        }
    }
    struct svi_moment moment;
    assert_false(svi_moment_read(&moment, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_exact),
        cmocka_unit_test(moments_on_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
