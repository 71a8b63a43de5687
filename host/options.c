#include "host/options.h"

#include "base/bytes.h"
#include "base/nearest.h"
#include "base/version.h"
#include "host/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const struct svi_command_row svi_commands[SVI_COMMAND_COUNT] = {
#define SVI_COMMAND(NAME, function, word, operands, least, most, log, hidden, summary)                                             \
    { word, operands, least, most, SVI_LOG_##log, hidden, summary },
#include "host/command_list.h"
#undef SVI_COMMAND
};

enum {
#define SVI_COMMAND(NAME, ...) ON_##NAME = 1 << SVI_COMMAND_##NAME,
#include "host/command_list.h"
#undef SVI_COMMAND
};

const struct svi_option_row svi_option_rows[SVI_OPTION_COUNT] = {
#define SVI_OPTION(NAME, flag, letter, kind, variable, other, standard, least, most, commands, value, help)                        \
    { flag, letter, SVI_KIND_##kind, value, variable, other, standard, least, most, (unsigned)(commands), help },
#include "host/option_list.h"
#undef SVI_OPTION
};

bool svi_option_belongs(enum svi_option option, enum svi_command command)
{
    return command == SVI_NO_COMMAND || (svi_option_rows[option].commands >> command & 1u);
}

/* ---- what there is not ---- */

/* A broker's URL without its flag is met where words are; its password is not to be shown. */
enum { LONGEST_NAME = 40, SHOWN_SIZE = 300 };

static bool fail_unknown_option(enum svi_command command, const char *name, struct svi_error *err)
{
    struct svi_nearest nearest = { 0 };
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (svi_option_belongs((enum svi_option)i, command))
            svi_nearest_consider(&nearest, name, svi_option_rows[i].flag);
    return nearest.name ? svi_fail(err, SVI_BAD_USAGE, "There is no option --%s. Did you mean --%s?", name, nearest.name)
                        : svi_fail(err, SVI_BAD_USAGE, "There is no option --%s.", name);
}

static bool fail_unknown_command(const char *word, struct svi_error *err)
{
    struct svi_nearest nearest = { 0 };
    for (int i = 0; i < SVI_COMMAND_COUNT; i++)
        if (!svi_commands[i].hidden)
            svi_nearest_consider(&nearest, word, svi_commands[i].word);
    char shown[SHOWN_SIZE];
    svi_mask_urls(shown, sizeof shown, word);
    return nearest.name ? svi_fail(err, SVI_BAD_USAGE, "There is no command \"%s\". Did you mean \"%s\"?", shown, nearest.name)
                        : svi_fail(err, SVI_BAD_USAGE, "There is no command \"%s\".", shown);
}

/* ---- values ---- */

/* "INFO" is "info", as for Celery. */
static bool find_word(const char *choices, const char *word, char into[SVI_OPTION_WORD_SIZE])
{
    const size_t length = strlen(word);
    for (const char *at = choices; at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
        if (length && strcspn(at, "|") == length && !strncasecmp(at, word, length))
            return svi_format(into, SVI_OPTION_WORD_SIZE, "%.*s", (int)length, at);
    return false;
}

static bool read_switch(const char *text, double *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "1", 1 }, { "0", 0 }, { "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 }, { "on", 1 }, { "off", 0 } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(words[i].word, text)) {
            *out = words[i].value;
            return true;
        }
    return false;
}

/* Digits, perhaps a fraction, and a suffix of the kind. */
static bool read_number(enum svi_option_kind kind, const char *text, double *out)
{
    static const struct {
        enum svi_option_kind kind;
        const char *suffix;
        double factor;
    } suffixes[] = {
        { SVI_KIND_SIZE, "K", 1024.0 },          { SVI_KIND_SIZE, "M", 1048576.0 }, { SVI_KIND_SIZE, "G", 1073741824.0 },
        { SVI_KIND_SIZE, "T", 1099511627776.0 }, { SVI_KIND_SECONDS, "s", 1.0 },    { SVI_KIND_SECONDS, "m", 60.0 },
        { SVI_KIND_SECONDS, "h", 3600.0 },
    };
    size_t digits = strspn(text, "-0123456789.");
    char *end;
    double value = strtod(text, &end);
    if (!digits || end != text + digits)
        return false;
    bool known = !*end;
    for (size_t i = 0; !known && i < sizeof suffixes / sizeof *suffixes; i++)
        if (suffixes[i].kind == kind && !strcasecmp(suffixes[i].suffix, end)) {
            value *= suffixes[i].factor;
            known = true;
        }
    *out = value;
    return known && (kind != SVI_KIND_INTEGER || (!strchr(text, '.') && value >= -9e15 && value <= 9e15));
}

/* Fills in number, and of a choice the word; text and source stand already. */
static bool check_value(const struct svi_option_row *row, struct svi_option_value *value, char word[SVI_OPTION_WORD_SIZE],
                        struct svi_error *err)
{
    static const char *const expected[] = {
        [SVI_KIND_SWITCH] = "yes or no (1 or 0, true or false, on or off)",
        [SVI_KIND_INTEGER] = "a whole number",
        [SVI_KIND_SIZE] = "a number of bytes, perhaps with K, M, G or T",
        [SVI_KIND_SECONDS] = "a number of seconds, perhaps with s, m or h",
    };
    const char *source = value->source ? value->source : row->flag;
    switch (row->kind) {
    case SVI_KIND_TEXT:
    case SVI_KIND_LIST:
        return true;
    case SVI_KIND_CHOICE:
        if (!find_word(row->value, value->text, word))
            return svi_fail(err, SVI_BAD_USAGE, "%s is \"%s\", but must be one of %s.", source, value->text, row->value);
        value->text = word;
        return true;
    case SVI_KIND_SWITCH:
        return read_switch(value->text, &value->number)
               || svi_fail(err, SVI_BAD_USAGE, "%s is \"%s\", but must be %s.", source, value->text, expected[row->kind]);
    case SVI_KIND_INTEGER:
    case SVI_KIND_SIZE:
    case SVI_KIND_SECONDS:
        break;
    }
    if (!read_number(row->kind, value->text, &value->number))
        return svi_fail(err, SVI_BAD_USAGE, "%s is \"%s\", but must be %s.", source, value->text, expected[row->kind]);
    if (!(value->number >= row->least && value->number <= row->most))
        return svi_fail(err, SVI_BAD_USAGE, "%s is \"%s\", but must be between %.15g and %.15g.", source, value->text, row->least,
                        row->most);
    return true;
}

/* ---- the command line ---- */

struct reader {
    struct svi_options *out;
    char *const *argv;
    int count, next;
    struct svi_error *err;
};

static void add_given(struct reader *reader, enum svi_option option, const char *text)
{
    reader->out->given[reader->out->given_count++] = (struct svi_option_given){ option, text };
}

static bool take_operand(struct reader *reader, const char *text)
{
    if (reader->out->command != SVI_NO_COMMAND) {
        add_given(reader, SVI_OPTION_COUNT, text);
        return true;
    }
    for (int i = 0; i < SVI_COMMAND_COUNT; i++)
        if (!strcmp(svi_commands[i].word, text)) {
            reader->out->command = (enum svi_command)i;
            return true;
        }
    return fail_unknown_command(text, reader->err);
}

/* attached: what stands behind "=" or behind the letter; NULL: the value is the next argument. */
static bool take_option(struct reader *reader, enum svi_option option, const char *attached)
{
    static const char *const sources[] = {
#define SVI_OPTION(NAME, flag, ...) "--" flag,
#include "host/option_list.h"
#undef SVI_OPTION
    };
    const struct svi_option_row *row = &svi_option_rows[option];
    const char *text = attached;
    if (row->kind == SVI_KIND_SWITCH) {
        if (attached) {
            char shown[SHOWN_SIZE];
            svi_mask_urls(shown, sizeof shown, attached);
            return svi_fail(reader->err, SVI_BAD_USAGE, "--%s takes no value, but was given \"%s\".", row->flag, shown);
        }
        text = "1";
    } else if (!text) {
        if (reader->next == reader->count)
            return svi_fail(reader->err, SVI_BAD_USAGE, "--%s needs a value: --%s=%s.", row->flag, row->flag, row->value);
        text = reader->argv[reader->next++];
    }
    reader->out->values[option] = (struct svi_option_value){ .text = text, .source = sources[option] };
    if (row->kind == SVI_KIND_LIST || row->kind == SVI_KIND_TEXT)
        add_given(reader, option, text);
    return true;
}

static bool take_long(struct reader *reader, const char *text)
{
    size_t length = strcspn(text, "=");
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (!strncmp(svi_option_rows[i].flag, text, length) && !svi_option_rows[i].flag[length])
            return take_option(reader, (enum svi_option)i, text[length] ? text + length + 1 : NULL);
    char name[LONGEST_NAME + 1];
    svi_format(name, sizeof name, "%.*s", (int)(length < LONGEST_NAME ? length : LONGEST_NAME), text);
    return fail_unknown_option(reader->out->command, name, reader->err);
}

/* Commands may share a letter; SVI_OPTION_COUNT: this one, once it is known, has none. */
static int find_letter(char letter, enum svi_command command)
{
    int found = SVI_OPTION_COUNT;
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (svi_option_rows[i].letter == letter && svi_option_belongs((enum svi_option)i, command))
            found = i;
    return found;
}

/* A file's name may begin with a dash. */
static bool fail_unknown_letter(const struct reader *reader, const char *letters, const char *letter)
{
    const int bytes = (unsigned char)*letter < 0x80 ? 1 : 4;
    return access(letters - 1, F_OK) == 0
               ? svi_fail(reader->err, SVI_BAD_USAGE, "There is no option -%.*s. The file of this name is given as ./%s.", bytes,
                          letter, letters - 1)
               : svi_fail(reader->err, SVI_BAD_USAGE, "There is no option -%.*s.", bytes, letter);
}

/* "-v", "-qv", "-oDIR", "-o DIR" */
static bool take_letters(struct reader *reader, const char *letters)
{
    for (const char *letter = letters; *letter; letter++) {
        int i = find_letter(*letter, reader->out->command);
        if (i == SVI_OPTION_COUNT)
            return fail_unknown_letter(reader, letters, letter);
        bool has_value = svi_option_rows[i].kind != SVI_KIND_SWITCH;
        if (!take_option(reader, (enum svi_option)i, has_value && letter[1] ? letter + 1 : NULL))
            return false;
        if (has_value)
            break;
    }
    return true;
}

static bool read_arguments(struct reader *reader)
{
    bool only_operands = false;
    while (reader->next < reader->count) {
        const char *text = reader->argv[reader->next++];
        bool ok;
        if (!only_operands && !strcmp(text, "--")) {
            only_operands = true;
            ok = true;
        } else if (only_operands || text[0] != '-' || !text[1]) {
            ok = take_operand(reader, text);
        } else {
            ok = text[1] == '-' ? take_long(reader, text + 2) : take_letters(reader, text + 1);
        }
        if (!ok)
            return false;
    }
    return true;
}

static bool check_belonging(const struct svi_options *options, struct svi_error *err)
{
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (options->values[i].text && !svi_option_belongs((enum svi_option)i, options->command))
            return svi_fail(err, SVI_BAD_USAGE, "The command %s has no option --%s.", svi_commands[options->command].word,
                            svi_option_rows[i].flag);
    return true;
}

static bool check_operands(const struct svi_options *options, struct svi_error *err)
{
    const struct svi_command_row *row = &svi_commands[options->command];
    size_t count = svi_operand_count(options);
    if (count < (size_t)row->least)
        return svi_fail(err, SVI_BAD_USAGE, "The command %s needs \"%s\".", row->word, row->operands);
    for (size_t i = 0; i < count; i++)
        if (!*svi_operand(options, i))
            return svi_fail(err, SVI_BAD_USAGE, "The command %s was given \"\", which is the name of nothing.", row->word);
    if (count <= (size_t)row->most)
        return true;
    char shown[SHOWN_SIZE];
    svi_mask_urls(shown, sizeof shown, svi_operand(options, (size_t)row->most));
    return svi_fail(err, SVI_BAD_USAGE, "The command %s does not know what to do with \"%s\".", row->word, shown);
}

/* An empty variable is one that is not set. */
static const char *from_environment(const char *variable)
{
    const char *text = variable ? getenv(variable) : NULL;
    return text && *text ? text : NULL;
}

static bool fill_values(struct svi_options *options, struct svi_error *err)
{
    for (int i = 0; i < SVI_OPTION_COUNT; i++) {
        if (!svi_option_belongs((enum svi_option)i, options->command))
            continue;
        const struct svi_option_row *row = &svi_option_rows[i];
        struct svi_option_value *value = &options->values[i];
        const char *const variables[] = { row->variable, row->other };
        for (size_t k = 0; !value->text && k < 2; k++)
            *value = (struct svi_option_value){ .text = from_environment(variables[k]), .source = variables[k] };
        if (!value->text)
            *value = (struct svi_option_value){ .text = row->standard };
        if (value->text && !check_value(row, value, options->words[i], err))
            return false;
    }
    return true;
}

/* --help and the like: these are answered whatever else stands on the command line or in the environment. */
static bool asks_about_program(struct svi_options *options)
{
    static const enum svi_option questions[] = { SVI_OPTION_HELP, SVI_OPTION_VERSION, SVI_OPTION_MAN };
    bool any = false;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (options->values[questions[i]].text) {
            options->values[questions[i]].number = 1;
            any = true;
        }
    return any;
}

bool svi_options_read(struct svi_options *out, int argc, char *const *argv, struct svi_error *err)
{
    *out = (struct svi_options){ .command = SVI_NO_COMMAND };
    size_t room = argc > 1 ? (size_t)argc : 1;
    out->given = calloc(room, sizeof *out->given);
    if (!out->given)
        return svi_fail_memory(err, room * sizeof *out->given);
    struct reader reader = { .out = out, .argv = argv, .count = argc, .next = argc > 0 ? 1 : 0, .err = err };
    if (!read_arguments(&reader))
        return false;
    if (asks_about_program(out))
        return true;
    if (out->command == SVI_NO_COMMAND)
        return svi_fail(err, SVI_BAD_USAGE, "Which command? %s --help lists them.", SVI_PROGRAM_NAME);
    return check_belonging(out, err) && check_operands(out, err) && fill_values(out, err);
}

void svi_options_clear(struct svi_options *options)
{
    free(options->given);
    *options = (struct svi_options){ .command = SVI_NO_COMMAND };
}

const char *svi_option_text(const struct svi_options *options, enum svi_option option)
{
    return options->values[option].text;
}

double svi_option_number(const struct svi_options *options, enum svi_option option)
{
    return options->values[option].number;
}

bool svi_option_on(const struct svi_options *options, enum svi_option option)
{
    return options->values[option].number != 0;
}

const char *svi_option_item(const struct svi_options *options, enum svi_option option, size_t i)
{
    for (size_t k = 0; k < options->given_count; k++)
        if (options->given[k].option == option && i-- == 0)
            return options->given[k].text;
    return NULL;
}

const char *svi_operand(const struct svi_options *options, size_t i)
{
    return svi_option_item(options, SVI_OPTION_COUNT, i);
}

size_t svi_operand_count(const struct svi_options *options)
{
    size_t count = 0;
    for (size_t k = 0; k < options->given_count; k++)
        count += options->given[k].option == SVI_OPTION_COUNT;
    return count;
}
