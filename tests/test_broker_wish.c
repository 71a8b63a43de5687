/* test_broker_wish - what options say of brokers, and that nobody who lists processes reads the passwords afterwards. */
#include "host/broker_wish.h"

#include "secret.h"

#define URL "redis://:" SECRET "@127.0.0.1:6379/3"

enum { MOST_WORDS = 8, LONGEST_WORD = 200 };

/* A command line in memory that can be written to, as that of a process. */
struct line {
    char words[MOST_WORDS][LONGEST_WORD];
    char *argv[MOST_WORDS + 1];
    int argc;
    struct svi_options options;
};

static void read_line(struct line *line, const char *const *words)
{
    struct svi_error err = { 0 };
    memset(line, 0, sizeof *line);
    for (; words[line->argc]; line->argc++) {
        svi_format(line->words[line->argc], LONGEST_WORD, "%s", words[line->argc]);
        line->argv[line->argc] = line->words[line->argc];
    }
    check_ok(svi_options_read(&line->options, line->argc, line->argv, &err), err);
}

static bool shows(const void *bytes, size_t count, const char *text)
{
    return memmem(bytes, count, text, strlen(text)) != NULL;
}

static void passwords_vanish_from_where_they_stood(void **state)
{
    (void)state;
    static const struct {
        const char *words[MOST_WORDS];
        const char *variable;
    } rows[] = {
        { { "svi-worker", "serve", "--broker", URL }, NULL },
        { { "svi-worker", "serve", "--broker=" URL }, NULL },
        { { "svi-worker", "serve", "-b", URL }, NULL },
        { { "svi-worker", "serve", "-b" URL }, NULL },
        { { "svi-worker", "serve" }, "SVI_BROKER" },
        { { "svi-worker", "serve" }, "CELERY_BROKER_URL" },
        { { "svi-worker", "serve", "-b", "redis://localhost;" URL }, NULL },
        { { "svi-worker", "serve", "-b", "redis://:" SECRET "@old:6379", "--broker=" URL }, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        static struct line line;
        struct svi_broker_wish wish;
        struct svi_error err = { 0 };
        if (rows[i].variable)
            setenv(rows[i].variable, URL, 1);
        read_line(&line, rows[i].words);
        const char *kept = rows[i].variable ? getenv(rows[i].variable) : line.words[0];
        size_t count = rows[i].variable ? strlen(URL) : sizeof line.words;
        assert_true(shows(kept, count, SECRET));
        check_ok(svi_broker_wish_read(&wish, &line.options, &err), err);
        if (shows(kept, count, SECRET) || shows(line.words, sizeof line.words, "6379"))
            fail_msg("row %zu still shows the URL", i);
        const struct svi_broker_url *url = &wish.brokers.at[wish.brokers.count - 1];
        assert_string_equal(url->password, SECRET);
        assert_int_equal(url->port, 6379);
        svi_broker_wish_clear(&wish);
        svi_options_clear(&line.options);
        if (rows[i].variable)
            unsetenv(rows[i].variable);
    }
}

/* What a flag stands above, or what nobody asks for, is no less readable. */
static void variables_vanish_that_are_not_heeded(void **state)
{
    (void)state;
    static const struct {
        const char *words[MOST_WORDS], *variable;
    } rows[] = {
        { { "svi-worker", "serve", "-b", "redis://localhost" }, "CELERY_BROKER_URL" },
        { { "svi-worker", "serve", "-b", "redis://localhost", "--broker-options", "{}" }, "SVI_BROKER_OPTIONS" },
        { { "svi-worker", "serve", "-b", "redis://localhost", "--result-backend", "none" }, "CELERY_RESULT_BACKEND" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        static struct line line;
        struct svi_broker_wish wish;
        struct svi_error err = { 0 };
        setenv(rows[i].variable, "{\"password\": \"" SECRET "\"}", 1);
        read_line(&line, rows[i].words);
        check_ok(svi_broker_wish_read(&wish, &line.options, &err), err);
        svi_broker_wish_hide(&line.options, SVI_OPTION_RESULTS);
        assert_string_equal(getenv(rows[i].variable), "");
        svi_broker_wish_clear(&wish);
        svi_options_clear(&line.options);
        unsetenv(rows[i].variable);
    }
}

static void options_vanish_too(void **state)
{
    (void)state;
    static struct line line;
    static const char *const words[] = { "svi-worker",
                                         "serve",
                                         "-b",
                                         "redis://localhost",
                                         "--broker-options",
                                         "{\"sentinel_kwargs\": {\"password\": \"" SECRET "\"}}",
                                         NULL };
    struct svi_broker_wish wish;
    struct svi_error err = { 0 };
    read_line(&line, words);
    check_ok(svi_broker_wish_read(&wish, &line.options, &err), err);
    assert_false(shows(line.words, sizeof line.words, SECRET));
    assert_string_equal(json_string_value(json_object_get(json_object_get(wish.broker_options, "sentinel_kwargs"), "password")),
                        SECRET);
    svi_broker_wish_clear(&wish);
    svi_options_clear(&line.options);
}

static void wishes_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words[MOST_WORDS];
        const char *says;
    } rows[] = {
        { { "svi-worker", "serve" }, "A broker is needed" },
        { { "svi-worker", "serve", "-b", "gopher://:" SECRET "@h" }, "" },
        { { "svi-worker", "serve", "-b", "" }, "" },
        { { "svi-worker", "serve", "-b", URL, "-Q", "a,,b" }, "--queues" },
        { { "svi-worker", "serve", "-b", URL, "--broker-options", "[1]" }, "must be a JSON object" },
        { { "svi-worker", "serve", "-b", URL, "--broker-options", "{" SECRET }, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        static struct line line;
        struct svi_broker_wish wish;
        struct svi_error err = { 0 };
        read_line(&line, rows[i].words);
        if (svi_broker_wish_read(&wish, &line.options, &err))
            fail_msg("row %zu is taken", i);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, rows[i].says);
        check_no_secret(err);
        svi_broker_wish_clear(&wish);
        svi_options_clear(&line.options);
    }
}

int main(void)
{
    unsetenv("SVI_BROKER");
    unsetenv("CELERY_BROKER_URL");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_vanish_from_where_they_stood),
        cmocka_unit_test(variables_vanish_that_are_not_heeded),
        cmocka_unit_test(options_vanish_too),
        cmocka_unit_test(wishes_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
