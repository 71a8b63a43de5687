/* test_token - a token comes from a file or the environment, and is nowhere else afterwards. */
#include "base/file.h"
#include "base/log.h"
#include "host/token.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char path[600];

static void write_token_file(const char *bytes, size_t count, mode_t mode)
{
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/token", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ (const uint8_t *)bytes, count }, &err), err);
    assert_int_equal(chmod(path, mode), 0);
}

static void files_are_read(void **state)
{
    (void)state;
    static char much[400];
    memset(much, 'a', sizeof much);
    static const struct {
        const char *bytes;
        size_t count;
        const char *token, *message;
    } rows[] = {
        { "secret1", 7, "secret1", NULL },
        { "secret1\n", 8, "secret1", NULL },
        { "secret1\r\n\n", 10, "secret1", NULL },
        { "", 0, NULL, "The token is empty" },
        { "\n", 1, NULL, "The token is empty" },
        { "sec ret", 7, NULL, "characters that no token has" },
        { "secret1\nsecret2\n", 16, NULL, "characters that no token has" },
        { "caf\xC3\xA9", 5, NULL, "characters that no token has" },
        { "sec\0ret", 7, NULL, "more than a token" },
        { much, sizeof much, NULL, "more than a token" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char token[SVI_TOKEN_SIZE];
        struct svi_error err = { 0 };
        write_token_file(rows[i].bytes, rows[i].count, 0600);
        bool ok = svi_token_read(token, path, &err);
        assert_int_equal(ok, rows[i].token != NULL);
        assert_string_equal(token, rows[i].token ? rows[i].token : "");
        if (!ok) {
            assert_int_equal(err.status, SVI_BAD_USAGE);
            check_has(err.message, rows[i].message ? rows[i].message : "");
            assert_null(strstr(err.message, "secret"));
            assert_null(strstr(err.cause, "secret"));
        }
        svi_token_clear(token);
        for (size_t k = 0; k < sizeof token; k++)
            assert_int_equal(token[k], 0);
    }
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    char token[SVI_TOKEN_SIZE];
    struct svi_error err = { 0 };
    assert_false(svi_token_read(token, "/nowhere/token", &err));
    assert_int_equal(err.status, SVI_IO);
    check_has(err.message, "The file with the token cannot be opened");
}

static void others_that_can_read_the_file_are_told(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool told;
    } rows[] = { { 0600, false }, { 0400, false }, { 0640, true }, { 0604, true }, { 0644, true } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        svi_log_to(ends[1], SVI_LOG_WARNING, SVI_LOG_TEXT);
        char token[SVI_TOKEN_SIZE], text[1000] = "";
        struct svi_error err = { 0 };
        write_token_file("secret1", 7, rows[i].mode);
        check_ok(svi_token_read(token, path, &err), err);
        svi_log_to(-1, SVI_LOG_WARNING, SVI_LOG_TEXT);
        close(ends[1]);
        assert_true(read(ends[0], text, sizeof text - 1) >= 0);
        close(ends[0]);
        assert_int_equal(strstr(text, "can be read by others") != NULL, rows[i].told);
        assert_null(strstr(text, "secret1"));
    }
}

static void the_environment_is_wiped(void **state)
{
    (void)state;
    char token[SVI_TOKEN_SIZE];
    struct svi_error err = { 0 };
    setenv("SVI_TOKEN", "secret1", 1);
    char *text = getenv("SVI_TOKEN");
    check_ok(svi_token_read(token, NULL, &err), err);
    assert_string_equal(token, "secret1");
    assert_null(getenv("SVI_TOKEN"));
    assert_string_equal(text, "");
    assert_false(svi_token_read(token, NULL, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    check_has(err.message, "SVI_TOKEN");
    check_has(err.message, "--token-file");

    /* Also where the file counts. */
    setenv("SVI_TOKEN", "secret2", 1);
    write_token_file("secret1", 7, 0600);
    svi_error_clear(&err);
    check_ok(svi_token_read(token, path, &err), err);
    assert_string_equal(token, "secret1");
    assert_null(getenv("SVI_TOKEN"));
}

static void no_core_file_is_left(void **state)
{
    (void)state;
    struct rlimit limit;
    svi_leave_no_core_files();
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    assert_int_equal(limit.rlim_max, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
        cmocka_unit_test(others_that_can_read_the_file_are_told),
        cmocka_unit_test(the_environment_is_wiped),
        cmocka_unit_test(no_core_file_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
