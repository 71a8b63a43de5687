/* test_log - what a line of the log says. */
#include "base/log.h"
#include "check.h"

#include <jansson.h>
#include <unistd.h>

static char text[16384];

/* What was written since the pipe was made; the log goes nowhere again. */
static const char *take(int ends[2])
{
    svi_log_to(-1, SVI_LOG_INFO, SVI_LOG_TEXT);
    close(ends[1]);
    ssize_t count = read(ends[0], text, sizeof text - 1);
    text[count > 0 ? count : 0] = '\0';
    close(ends[0]);
    return text;
}

/* The line behind its time, which has a fixed width. */
static const char *behind_time(const char *line)
{
    static const size_t width = sizeof "2026-11-29T12:00:00.000Z " - 1;
    assert_true(strlen(line) > width);
    return line + width;
}

static void a_line_names_level_job_and_text(void **state)
{
    (void)state;
    static const struct {
        enum svi_log_level level;
        const char *job, *text, *line;
    } rows[] = {
        { SVI_LOG_INFO, NULL, "drew it", "info    drew it\n" },
        { SVI_LOG_WARNING, "7", "slow", "warning job 7: slow\n" },
        { SVI_LOG_ERROR, "", "two\nlines\x7F", "error   two\\x0alines\\x7f\n" },
        { SVI_LOG_ERROR, NULL, "5 µs", "error   5 µs\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        svi_log_to(ends[1], SVI_LOG_INFO, SVI_LOG_TEXT);
        svi_log_job(rows[i].job);
        svi_log(rows[i].level, "%s", rows[i].text);
        svi_log_job(NULL);
        assert_string_equal(behind_time(take(ends)), rows[i].line);
    }
}

static void an_error_shows_a_cause_where_it_has_one(void **state)
{
    (void)state;
    static const struct {
        const char *message, *cause, *line;
    } rows[] = {
        { "The disk is full.", "/work: ENOSPC", "error   job 7 failed: The disk is full. [/work: ENOSPC]\n" },
        { "The disk is full.", "", "error   job 7 failed: The disk is full.\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int ends[2];
        struct svi_error err = { 0 };
        assert_false(svi_fail(&err, SVI_IO, "%s", rows[i].message) || svi_because(&err, "%s", rows[i].cause));
        assert_int_equal(pipe(ends), 0);
        svi_log_to(ends[1], SVI_LOG_ERROR, SVI_LOG_TEXT);
        svi_log_error(SVI_LOG_ERROR, &err, "job %d failed", 7);
        svi_log_error(SVI_LOG_WARNING, &err, "not of this level");
        assert_string_equal(behind_time(take(ends)), rows[i].line);
    }
}

static void json_lines_are_json(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    svi_log_to(ends[1], SVI_LOG_DEBUG, SVI_LOG_JSON);
    svi_log_job("8");
    svi_log(SVI_LOG_DEBUG, "\"%s\"\n", "quoted");
    svi_log_job(NULL);
    json_t *line = json_loads(take(ends), JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "debug");
    assert_string_equal(json_string_value(json_object_get(line, "job")), "8");
    assert_string_equal(json_string_value(json_object_get(line, "text")), "\"quoted\"\n");
    json_decref(line);
}

/* JSON has no way to say other bytes; names of files may hold some. */
static void a_json_line_keeps_what_can_be_read(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    svi_log_to(ends[1], SVI_LOG_INFO, SVI_LOG_JSON);
    svi_log(SVI_LOG_INFO, "/data/caf\xE9/h\u00f6he: no room");
    json_t *line = json_loads(take(ends), JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "text")), "/data/caf\uFFFD/h\u00f6he: no room");
    json_decref(line);
}

/* Longer than any line: what stays ends with a whole character. */
static void a_long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    char longer[6001];
    for (size_t i = 0; i + 3 <= sizeof longer - 1; i += 3)
        memcpy(longer + i, "€", 3);
    longer[sizeof longer - 1] = '\0';
    for (size_t shift = 0; shift < 3; shift++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        svi_log_to(ends[1], SVI_LOG_INFO, SVI_LOG_TEXT);
        svi_log(SVI_LOG_INFO, "%.*s%s", (int)shift, "ab", longer);
        const char *line = take(ends);
        const size_t length = strlen(line);
        assert_true(length > 2000 && length < 2100);
        assert_memory_equal(line + length - 4, "€\n", 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_names_level_job_and_text),
        cmocka_unit_test(an_error_shows_a_cause_where_it_has_one),
        cmocka_unit_test(json_lines_are_json),
        cmocka_unit_test(a_json_line_keeps_what_can_be_read),
        cmocka_unit_test(a_long_text_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
