/* test_report - what the person who asked for the picture reads. */
#include "host/report.h"

#include "base/bytes.h"

#include "check.h"

static void a_stage_stands_before_the_reason(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    svi_fail(&err, SVI_UNREACHABLE, "The connection to the platform was cut.");
    svi_because(&err, "GET /x: reset");
    assert_false(svi_report_stage(&err, SVI_FETCH_FAILED, "Could not fetch local file %s.", "a.csv"));
    assert_int_equal(err.status, SVI_FETCH_FAILED);
    assert_string_equal(err.message, "Could not fetch local file a.csv. The connection to the platform was cut.");
    assert_string_equal(err.cause, "platform_unreachable: GET /x: reset");

    svi_error_clear(&err);
    svi_fail(&err, SVI_CANCELLED, "The work was stopped.");
    svi_report_stage(&err, SVI_POST_FAILED, "Could not post results.");
    assert_int_equal(err.status, SVI_CANCELLED);
}

static void a_failure_is_one_short_line_of_utf8(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char text[1200] = "first\nsecond\t\x80third ";
    size_t count = strlen(text);
    for (; count + 4 < sizeof text; count += 3)
        memcpy(text + count, "\xE2\x82\xAC", 4);
    svi_fail(&err, SVI_BAD_RECORDING, "%s", text);
    json_t *info = svi_report_failure(&err);
    assert_non_null(info);
    assert_int_equal(json_object_size(info), 2);
    assert_string_equal(json_string_value(json_object_get(info, "code")), "bad_recording");
    const char *line = json_string_value(json_object_get(info, "error"));
    check_has(line, "first second  third \xE2\x82\xAC");
    assert_true(strlen(line) <= SVI_REPORT_MAX_BYTES && strlen(line) > SVI_REPORT_MAX_BYTES - 8);
    json_decref(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_stands_before_the_reason),
        cmocka_unit_test(a_failure_is_one_short_line_of_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
