/* test_options - command lines and variables into values; every refusal names what was wrong and what is permitted. */
#include "host/options.h"

#include <unistd.h>

#include "check.h"

enum { MAX_WORDS = 12 };

/* Splits at spaces; "" gives none. */
static bool read_line(struct svi_options *options, const char *line, struct svi_error *err)
{
    static char copy[400];
    char *argv[MAX_WORDS + 1] = { (char[]){ "svi-worker" } };
    int argc = 1;
    char *rest = copy;
    assert_true(strlen(line) < sizeof copy);
    memcpy(copy, line, strlen(line) + 1);
    for (char *word; (word = strsep(&rest, " "));)
        if (*word)
            argv[argc++] = word;
    return svi_options_read(options, argc, argv, err);
}

static void set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void flags_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum svi_option option;
        const char *text;
        double number;
    } rows[] = {
        { "render --device gpu a", SVI_OPTION_DEVICE, "gpu", 0 },
        { "render --device=gpu a", SVI_OPTION_DEVICE, "gpu", 0 },
        { "render a --device=", SVI_OPTION_DEVICE, "", 0 },
        { "--device gpu render a", SVI_OPTION_DEVICE, "gpu", 0 },
        { "render --device cpu --device gpu a", SVI_OPTION_DEVICE, "gpu", 0 },
        { "render -o there a", SVI_OPTION_OUTPUT, "there", 0 },
        { "render -othere a", SVI_OPTION_OUTPUT, "there", 0 },
        { "render -vothere a", SVI_OPTION_OUTPUT, "there", 0 },
        { "render -o -- a", SVI_OPTION_OUTPUT, "--", 0 },
        { "render --save-data a", SVI_OPTION_SAVE_DATA, "1", 1 },
        { "render -vq a", SVI_OPTION_QUIET, "1", 1 },
        { "render a", SVI_OPTION_LOG_FORMAT, "text", 0 },
        { "serve -l INFO", SVI_OPTION_LOG_LEVEL, "info", 0 },
        { "render a", SVI_OPTION_DEVICE, NULL, 0 },
        { "run 7 --soft-limit 90", SVI_OPTION_SOFT_LIMIT, "90", 90 },
        { "run 7 --soft-limit 1.5m", SVI_OPTION_SOFT_LIMIT, "1.5m", 90 },
        { "run 7 --soft-limit 2H", SVI_OPTION_SOFT_LIMIT, "2H", 7200 },
        { "run 7 --soft-limit 30s", SVI_OPTION_SOFT_LIMIT, "30s", 30 },
        { "run 7", SVI_OPTION_HARD_LIMIT, "900", 900 },
        { "run 7", SVI_OPTION_MAX_INPUT, "64G", 68719476736.0 },
        { "run 7 --max-input 1.5k", SVI_OPTION_MAX_INPUT, "1.5k", 1536 },
        { "run 7 --max-input 7", SVI_OPTION_MAX_INPUT, "7", 7 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_options options;
        struct svi_error err = { 0 };
        check_ok(read_line(&options, rows[i].line, &err), err);
        if (rows[i].text)
            assert_string_equal(svi_option_text(&options, rows[i].option), rows[i].text);
        else
            assert_null(svi_option_text(&options, rows[i].option));
        check_near(svi_option_number(&options, rows[i].option), rows[i].number, 0);
        svi_options_clear(&options);
    }
}

static void lists_and_operands_keep_their_order(void **state)
{
    (void)state;
    struct svi_options options;
    struct svi_error err = { 0 };
    check_ok(read_line(&options, "render one -t a --set k=v two --type=b - -- --three -t", &err), err);
    assert_int_equal(options.command, SVI_COMMAND_RENDER);
    static const char *const operands[] = { "one", "two", "-", "--three", "-t" };
    assert_int_equal(svi_operand_count(&options), ROWS(operands));
    for (size_t i = 0; i < ROWS(operands); i++)
        assert_string_equal(svi_operand(&options, i), operands[i]);
    assert_null(svi_operand(&options, ROWS(operands)));
    assert_string_equal(svi_option_item(&options, SVI_OPTION_TYPE, 0), "a");
    assert_string_equal(svi_option_item(&options, SVI_OPTION_TYPE, 1), "b");
    assert_null(svi_option_item(&options, SVI_OPTION_TYPE, 2));
    assert_string_equal(svi_option_item(&options, SVI_OPTION_SET, 0), "k=v");
    svi_options_clear(&options);
}

static void a_flag_counts_before_its_variable_and_that_before_the_platforms(void **state)
{
    (void)state;
    static const struct {
        const char *line, *ours, *theirs, *text, *source;
    } rows[] = {
        { "run 7 --api-url http://flag", "http://ours", "http://theirs", "http://flag", "--api-url" },
        { "run 7", "http://ours", "http://theirs", "http://ours", "SVI_API_URL" },
        { "run 7", NULL, "http://theirs", "http://theirs", "API_URL" },
        { "run 7", "", "http://theirs", "http://theirs", "API_URL" },
        { "run 7", NULL, NULL, "http://django:8000", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        set_variable("SVI_API_URL", rows[i].ours);
        set_variable("API_URL", rows[i].theirs);
        struct svi_options options;
        struct svi_error err = { 0 };
        check_ok(read_line(&options, rows[i].line, &err), err);
        assert_string_equal(svi_option_text(&options, SVI_OPTION_API_URL), rows[i].text);
        if (rows[i].source)
            assert_string_equal(options.values[SVI_OPTION_API_URL].source, rows[i].source);
        else
            assert_null(options.values[SVI_OPTION_API_URL].source);
        svi_options_clear(&options);
    }
    set_variable("SVI_API_URL", NULL);
    set_variable("API_URL", NULL);
}

static void refusals_say_what_is_wrong_and_what_is_right(void **state)
{
    (void)state;
    static const struct {
        const char *line, *variable, *value;
        const char *says[4];
    } rows[] = {
        { "", NULL, NULL, { "Which command", "svi-worker --help" } },
        { "rendr a", NULL, NULL, { "no command \"rendr\"", "Did you mean \"render\"" } },
        { "frobnicate", NULL, NULL, { "no command \"frobnicate\"." } },
        { "render", NULL, NULL, { "render needs \"FILE...\"." } },
        { "run", NULL, NULL, { "run needs \"JOB_ID\"." } },
        { "serve redis://:pa55@host/0", NULL, NULL, { "serve does not know what to do with \"redis://:**@host/0\"" } },
        { "amqp://ann:pa55@host", NULL, NULL, { "There is no command \"amqp://ann:**@host\"" } },
        { "platform --worker=redis://:pa55@host", NULL, NULL, { "was given \"redis://:**@host\"" } },
        { "run 7 8", NULL, NULL, { "run does not know what to do with \"8\"" } },
        { "devices x", NULL, NULL, { "\"x\"" } },
        { "render --devise gpu a", NULL, NULL, { "no option --devise", "Did you mean --device?" } },
        { "render --sav a", NULL, NULL, { "no option --sav", "--save-data" } },
        { "render --sotf-limit=2 a", NULL, NULL, { "no option --sotf-limit." } },
        { "run 7 --sotf-limit=2", NULL, NULL, { "no option --sotf-limit", "--soft-limit" } },
        { "render --xyzzy-this-is-far-longer-than-any-name-that-there-could-be-in-the-table a",
          NULL,
          NULL,
          { "no option --xyzzy" } },
        { "render -z a", NULL, NULL, { "no option -z." } },
        { "render -data a", NULL, NULL, { "no option -d." } },
        { "render --wait a", NULL, NULL, { "render has no option --wait" } },
        { "render --quiet=maybe a", NULL, NULL, { "--quiet takes no value", "maybe" } },
        { "render a --device", NULL, NULL, { "--device needs a value", "--device=gpu|cpu|INDEX|NAME" } },
        { "render a -o", NULL, NULL, { "--output needs a value" } },
        { "render a --log-format xml", NULL, NULL, { "--log-format is \"xml\"", "text|json" } },
        { "render a --log-format tex", NULL, NULL, { "--log-format is \"tex\"", "text|json" } },
        { "render a --log-format text|json", NULL, NULL, { "must be one of text|json" } },
        { "run 7 --soft-limit 0", NULL, NULL, { "--soft-limit is \"0\"", "between 1 and 86400" } },
        { "run 7 --soft-limit 86401", NULL, NULL, { "between 1 and 86400" } },
        { "run 7 --soft-limit=-5", NULL, NULL, { "--soft-limit is \"-5\"", "between 1 and 86400" } },
        { "run 7 --soft-limit ten", NULL, NULL, { "--soft-limit is \"ten\"", "a number of seconds" } },
        { "run 7 --soft-limit 10x", NULL, NULL, { "\"10x\"" } },
        { "run 7 --soft-limit 0x10", NULL, NULL, { "\"0x10\"" } },
        { "run 7 --soft-limit nan", NULL, NULL, { "\"nan\"" } },
        { "run 7 --soft-limit 1e3", NULL, NULL, { "\"1e3\"" } },
        { "run 7 --soft-limit 1.2.3", NULL, NULL, { "\"1.2.3\"" } },
        { "run 7 --max-input 5s", NULL, NULL, { "--max-input is \"5s\"", "a number of bytes, perhaps with K, M, G or T" } },
        { "run 7 --soft-limit=", NULL, NULL, { "--soft-limit is \"\"" } },
        { "run 7", "SVI_HARD_LIMIT", "soon", { "SVI_HARD_LIMIT is \"soon\"", "a number of seconds" } },
        { "run 7", "SVI_HARD_LIMIT", "0.5", { "SVI_HARD_LIMIT is \"0.5\"", "between 1 and 86400" } },
        { "render a", "SVI_QUIET", "perhaps", { "SVI_QUIET is \"perhaps\"", "yes or no" } },
        { "render a", "SVI_LOG_FORMAT", "xml", { "SVI_LOG_FORMAT is \"xml\"", "text|json" } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].variable)
            set_variable(rows[i].variable, rows[i].value);
        struct svi_options options;
        struct svi_error err = { 0 };
        if (read_line(&options, rows[i].line, &err))
            fail_msg("\"%s\" was accepted", rows[i].line);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        for (size_t k = 0; k < ROWS(rows[i].says) && rows[i].says[k]; k++)
            check_has(err.message, rows[i].says[k]);
        svi_options_clear(&options);
        if (rows[i].variable)
            set_variable(rows[i].variable, NULL);
    }
}

static void what_cannot_be_a_file_is_told_at_once(void **state)
{
    (void)state;
    char program[] = "svi-worker", command[] = "info", nothing[] = "";
    char *const empty[] = { program, command, nothing };
    struct svi_options options;
    struct svi_error err = { 0 };
    assert_false(svi_options_read(&options, 3, empty, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    assert_string_equal(err.message, "The command info was given \"\", which is the name of nothing.");
    svi_options_clear(&options);

    assert_int_equal(chdir(scratch_folder()), 0);
    FILE *file = fopen("-dash.cf32", "w");
    assert_non_null(file);
    fclose(file);
    svi_error_clear(&err);
    assert_false(read_line(&options, "render -dash.cf32", &err));
    assert_string_equal(err.message, "There is no option -d. The file of this name is given as ./-dash.cf32.");
    svi_options_clear(&options);
}

static void switches_have_words_in_variables(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool on;
    } rows[] = {
        { "1", true }, { "0", false }, { "yes", true }, { "No", false }, { "TRUE", true }, { "off", false }, { "", false }
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        set_variable("SVI_VERBOSE", rows[i].word);
        struct svi_options options;
        struct svi_error err = { 0 };
        check_ok(read_line(&options, "devices", &err), err);
        assert_int_equal(svi_option_on(&options, SVI_OPTION_VERBOSE), rows[i].on);
        svi_options_clear(&options);
    }
    set_variable("SVI_VERBOSE", NULL);
}

static void a_variable_of_another_command_is_not_looked_at(void **state)
{
    (void)state;
    set_variable("SVI_SOFT_LIMIT", "nonsense");
    struct svi_options options;
    struct svi_error err = { 0 };
    check_ok(read_line(&options, "devices", &err), err);
    svi_options_clear(&options);
    assert_false(read_line(&options, "run 7", &err));
    svi_options_clear(&options);
    set_variable("SVI_SOFT_LIMIT", NULL);
}

static void questions_about_the_program_are_always_answered(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum svi_option option;
        enum svi_command command;
    } rows[] = {
        { "--help", SVI_OPTION_HELP, SVI_NO_COMMAND },       { "-h", SVI_OPTION_HELP, SVI_NO_COMMAND },
        { "run --help", SVI_OPTION_HELP, SVI_COMMAND_RUN },  { "--help run", SVI_OPTION_HELP, SVI_COMMAND_RUN },
        { "--version", SVI_OPTION_VERSION, SVI_NO_COMMAND }, { "render -V", SVI_OPTION_VERSION, SVI_COMMAND_RENDER },
        { "--man", SVI_OPTION_MAN, SVI_NO_COMMAND },
    };
    set_variable("SVI_SOFT_LIMIT", "nonsense");
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_options options;
        struct svi_error err = { 0 };
        check_ok(read_line(&options, rows[i].line, &err), err);
        assert_true(svi_option_on(&options, rows[i].option));
        assert_int_equal(options.command, rows[i].command);
        svi_options_clear(&options);
    }
    set_variable("SVI_SOFT_LIMIT", NULL);
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (int i = 0; i < SVI_OPTION_COUNT; i++) {
        const struct svi_option_row *row = &svi_option_rows[i];
        assert_int_equal(row->kind == SVI_KIND_SWITCH, row->value == NULL);
        assert_true(strlen(row->help) > 10);
        assert_true(row->commands != 0);
        assert_true(!row->variable || !strncmp(row->variable, "SVI_", 4));
        bool number = row->kind == SVI_KIND_INTEGER || row->kind == SVI_KIND_SIZE || row->kind == SVI_KIND_SECONDS;
        assert_int_equal(number, row->most > row->least);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(row->flag, svi_option_rows[k].flag);
            assert_true(!row->letter || row->letter != svi_option_rows[k].letter || !(row->commands & svi_option_rows[k].commands));
            assert_true(!row->variable || !svi_option_rows[k].variable || strcmp(row->variable, svi_option_rows[k].variable) != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_are_read),
        cmocka_unit_test(lists_and_operands_keep_their_order),
        cmocka_unit_test(a_flag_counts_before_its_variable_and_that_before_the_platforms),
        cmocka_unit_test(refusals_say_what_is_wrong_and_what_is_right),
        cmocka_unit_test(what_cannot_be_a_file_is_told_at_once),
        cmocka_unit_test(switches_have_words_in_variables),
        cmocka_unit_test(a_variable_of_another_command_is_not_looked_at),
        cmocka_unit_test(questions_about_the_program_are_always_answered),
        cmocka_unit_test(rows_are_sound),
    };
    /* Variables of the machine must not decide about a test. */
    for (int i = 0; i < SVI_OPTION_COUNT; i++) {
        if (svi_option_rows[i].variable)
            unsetenv(svi_option_rows[i].variable);
        if (svi_option_rows[i].other)
            unsetenv(svi_option_rows[i].other);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
