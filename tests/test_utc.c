/* test_utc - RFC 3339 moments, written again in UTC. */
#include "capture/utc.h"

#include "check.h"

static void moments(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected; /* NULL: refused */
        bool zone_missing;
    } rows[] = {
        { "2021-06-18T23:17:51.163959Z", "2021-06-18T23:17:51.163959Z", false },
        { "2021-06-18T23:17:51Z", "2021-06-18T23:17:51Z", false },
        { "2021-06-18t23:17:51z", "2021-06-18T23:17:51Z", false },
        { "2021-06-18 23:17:51Z", "2021-06-18T23:17:51Z", false },
        { "2021-06-18T23:17:51", "2021-06-18T23:17:51Z", true },
        { "2021-06-18T23:17:51.5", "2021-06-18T23:17:51.5Z", true },
        { "2021-06-18T23:17:51.0+02:00", "2021-06-18T21:17:51.0Z", false },
        { "2021-12-31T23:30:00-01:00", "2022-01-01T00:30:00Z", false },
        { "2020-03-01T00:00:00+00:01", "2020-02-29T23:59:00Z", false },
        { "2021-06-18T23:17:51-00:00", "2021-06-18T23:17:51Z", false },
        { "1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z", false },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", false },
        { "2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z", false },
        { "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z", false },
        { "2021-06-18T23:17:51.123456789012345678901234567890Z", "2021-06-18T23:17:51.123456789012345678Z", false },
        { "", NULL, false },
        { "yesterday", NULL, false },
        { "2021-06-18", NULL, false },
        { "2021-06-18T23:17Z", NULL, false },
        { "2021-06-18T23:17:5Z", NULL, false },
        { "2021-6-18T23:17:51Z", NULL, false },
        { "2021-00-18T23:17:51Z", NULL, false },
        { "2021-13-18T23:17:51Z", NULL, false },
        { "2021-06-31T23:17:51Z", NULL, false },
        { "2021-02-29T23:17:51Z", NULL, false },
        { "1900-02-29T23:17:51Z", NULL, false },
        { "2021-06-00T23:17:51Z", NULL, false },
        { "2021-06-18T24:17:51Z", NULL, false },
        { "2021-06-18T23:60:51Z", NULL, false },
        { "2021-06-18T23:17:61Z", NULL, false },
        { "2021-06-18T23:17:51.Z", NULL, false },
        { "2021-06-18T23:17:51+2:00", NULL, false },
        { "2021-06-18T23:17:51+0200", NULL, false },
        { "2021-06-18T23:17:51+24:00", NULL, false },
        { "2021-06-18T23:17:51Zulu", NULL, false },
        { "2021-06-18T23:17:51 Z", NULL, false },
        { "+021-06-18T23:17:51Z", NULL, false },
        { "9999-12-31T23:59:59-00:01", NULL, false },
        { "0000-01-01T00:00:00+00:01", NULL, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[SVI_UTC_TEXT];
        bool zone_missing;
        bool read = svi_utc_read(text, rows[i].text, &zone_missing);
        if (read != (rows[i].expected != NULL))
            fail_msg("%s: %s", rows[i].text, read ? "taken" : "refused");
        assert_string_equal(text, read ? rows[i].expected : "");
        if (read)
            assert_int_equal(zone_missing, rows[i].zone_missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moments) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
