#include "host/help.h"

#include "base/bytes.h"
#include "base/version.h"
#include "visual/param.h"
#include "visual/render.h"

#include <string.h>

enum { WIDTH = 79, HELP_COLUMN = 26 };

/* Prints words from the given column on, broken at WIDTH. */
static void print_wrapped(FILE *to, const char *text, size_t indent, size_t column)
{
    for (const char *word = text; *word;) {
        size_t length = strcspn(word, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', to);
            column++;
        }
        fprintf(to, "%.*s", (int)length, word);
        column += length;
        word += length + strspn(word + length, " ");
    }
    fputc('\n', to);
}

/* "(SVI_SOFT_LIMIT; 1 to 86400; 600 where it is not given)", or nothing. */
static void describe_value(const struct svi_option_row *row, char *into, size_t size)
{
    char range[80] = "", variables[80] = "", standard[80] = "";
    if (row->most > row->least)
        svi_format(range, sizeof range, "%.15g to %.15g", row->least, row->most);
    if (row->variable)
        svi_format(variables, sizeof variables, "%s%s%s", row->variable, row->other ? ", " : "", row->other ? row->other : "");
    if (row->standard)
        svi_format(standard, sizeof standard, "otherwise %s", row->standard);
    const char *const parts[] = { variables, range, standard };
    size_t count = 0;
    svi_format(into, size, "%s", "");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (*parts[i]) {
            size_t length = strlen(into);
            svi_format(into + length, size - length, "%s%s", count++ ? "; " : " (", parts[i]);
        }
    size_t length = strlen(into);
    if (count)
        svi_format(into + length, size - length, ")");
}

static void print_option(FILE *to, const struct svi_option_row *row)
{
    char name[80], value[200], text[600];
    svi_format(name, sizeof name, "  %c%c%s --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
               row->letter ? "," : " ", row->flag, row->value ? "=" : "", row->value ? row->value : "");
    describe_value(row, value, sizeof value);
    svi_format(text, sizeof text, "%s%s", row->help, value);
    size_t column = strlen(name);
    fputs(name, to);
    if (column + 2 > HELP_COLUMN) {
        fputc('\n', to);
        column = 0;
    }
    fprintf(to, "%*s", (int)(HELP_COLUMN - column), "");
    print_wrapped(to, text, HELP_COLUMN, HELP_COLUMN);
}

static bool is_common(enum svi_option option)
{
    return svi_option_rows[option].commands == ~0u;
}

static void print_options(FILE *to, enum svi_command command, bool common)
{
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (is_common((enum svi_option)i) == common && svi_option_belongs((enum svi_option)i, command))
            print_option(to, &svi_option_rows[i]);
}

static bool has_own_options(enum svi_command command)
{
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (!is_common((enum svi_option)i) && svi_option_belongs((enum svi_option)i, command))
            return true;
    return false;
}

static const char exit_codes[] = "0 done, 1 failed job or bad input, 2 wrong usage, 3 no usable device, 75 try again later";

static void print_program_help(FILE *to)
{
    fprintf(to, "%s turns radio recordings into pictures on an OpenCL device.\n\nUsage: %s COMMAND [OPTION]...\n\nCommands:\n",
            SVI_PROGRAM_NAME, SVI_PROGRAM_NAME);
    for (int i = 0; i < SVI_COMMAND_COUNT; i++)
        if (!svi_commands[i].hidden) {
            fprintf(to, "  %-10s ", svi_commands[i].word);
            print_wrapped(to, svi_commands[i].summary, 13, 13);
        }
    fputs("\nOptions of every command:\n", to);
    print_options(to, SVI_NO_COMMAND, true);
    fprintf(to, "\nMore: %s COMMAND --help.\nExit codes:", SVI_PROGRAM_NAME);
    print_wrapped(to, exit_codes, 0, 11);
}

/* name: with the blanks around it. */
typedef void print_parameter(FILE *to, const char *name, size_t name_length, const char *text);

static void print_parameters(FILE *to, print_parameter *print)
{
    struct svi_buffer text;
    svi_buffer_init(&text, 65536);
    char *line = svi_params_describe(&text) ? (char *)text.at : NULL;
    while (line && *line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        size_t name = strspn(line, " ");
        name += strcspn(line + name, " ");
        name += strspn(line + name, " ");
        print(to, line, name, line + name);
        line = end ? end + 1 : NULL;
    }
    svi_buffer_clear(&text);
}

static void print_help_parameter(FILE *to, const char *name, size_t name_length, const char *text)
{
    fprintf(to, "%.*s", (int)name_length, name);
    print_wrapped(to, text, name_length, name_length);
}

void svi_help_print(FILE *to, enum svi_command command)
{
    if (command == SVI_NO_COMMAND) {
        print_program_help(to);
        return;
    }
    const struct svi_command_row *row = &svi_commands[command];
    char usage[120];
    svi_format(usage, sizeof usage, "%s %s [OPTION]... %s", SVI_PROGRAM_NAME, row->word, row->operands);
    fputs("Usage: ", to);
    print_wrapped(to, usage, 7, 7);
    fprintf(to, "\n%s %s:", SVI_PROGRAM_NAME, row->word);
    print_wrapped(to, row->summary, 0, strlen(SVI_PROGRAM_NAME) + strlen(row->word) + 2);
    if (has_own_options(command)) {
        fputs("\nOptions:\n", to);
        print_options(to, command, false);
    }
    fputs("\nOptions of every command:\n", to);
    print_options(to, command, true);
    if (svi_option_belongs(SVI_OPTION_TYPE, command)) {
        char types[400];
        svi_render_types(types, sizeof types);
        fputs("\nTypes: ", to);
        print_wrapped(to, types, 7, 7);
        fputs("\nParameters for --set:\n", to);
        print_parameters(to, print_help_parameter);
    } else if (svi_option_belongs(SVI_OPTION_SET, command)) {
        fprintf(to, "\nParameters for --set (those of the recording count): %s %s --help\n", SVI_PROGRAM_NAME,
                svi_commands[SVI_COMMAND_RENDER].word);
    }
}

/* ---- the man page ---- */

/* "-" is a hyphen in man pages unless it is written "\-"; a dot or quote at the beginning of a line would be a request. */
static void print_escaped(FILE *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            fputc('\\', to);
        fputc(*text == '\\' ? 'e' : *text, to);
    }
}

static void print_man_option(FILE *to, const struct svi_option_row *row)
{
    char value[200];
    fputs(".TP\n.B ", to);
    if (row->letter)
        fprintf(to, "\\-%c, ", row->letter);
    fputs("\\-\\-", to);
    print_escaped(to, row->flag);
    if (row->value) {
        fputs("\\fR=\\fI", to);
        print_escaped(to, row->value);
        fputs("\\fR", to);
    }
    fputc('\n', to);
    print_escaped(to, row->help);
    describe_value(row, value, sizeof value);
    print_escaped(to, value);
    fputc('\n', to);
}

static void print_man_options(FILE *to, enum svi_command command, bool common)
{
    for (int i = 0; i < SVI_OPTION_COUNT; i++)
        if (is_common((enum svi_option)i) == common && svi_option_belongs((enum svi_option)i, command))
            print_man_option(to, &svi_option_rows[i]);
}

static void print_man_parameter(FILE *to, const char *name, size_t name_length, const char *text)
{
    fprintf(to, ".TP\n.B %.*s\n", (int)name_length, name);
    print_escaped(to, text);
    fputc('\n', to);
}

void svi_man_print(FILE *to)
{
    fprintf(
        to,
        ".TH SVI\\-WORKER 1 \"\" \"svi\\-worker %s\"\n.SH NAME\nsvi\\-worker \\- turns radio recordings into pictures on an OpenCL "
        "device\n.SH SYNOPSIS\n",
        svi_version);
    for (int i = 0; i < SVI_COMMAND_COUNT; i++)
        if (!svi_commands[i].hidden)
            fprintf(to, "%s.B svi\\-worker %s\n[\\fIOPTION\\fR]... %s\n", i ? ".br\n" : "", svi_commands[i].word,
                    svi_commands[i].operands);
    fputs(
        ".SH DESCRIPTION\nA job of the SpectrumX Visualization Platform names recordings and a type of picture. svi\\-worker "
        "fetches "
        "the recordings, draws the picture on an OpenCL device, and posts it back with a summary. It also draws local recordings, "
        "and brings a small platform of its own.\n.SH COMMANDS\n",
        to);
    for (int i = 0; i < SVI_COMMAND_COUNT; i++) {
        if (svi_commands[i].hidden)
            continue;
        fprintf(to, ".SS %s %s\n", svi_commands[i].word, svi_commands[i].operands);
        print_escaped(to, svi_commands[i].summary);
        fputs(".\n", to);
        print_man_options(to, (enum svi_command)i, false);
    }
    fputs(".SH OPTIONS\nThese belong to every command. A flag counts before its variable, the variable before what stands "
          "otherwise.\n",
          to);
    print_man_options(to, SVI_NO_COMMAND, true);
    fputs(".SH PARAMETERS\nKEY and VALUE of \\-\\-set, as of a job's config.\n", to);
    print_parameters(to, print_man_parameter);
    fprintf(
        to,
        ".SH ENVIRONMENT\nThe variables that stand with the options, and\n.TP\n.B SVI_TOKEN\nthe token of the job's owner, where "
        "\\-\\-token\\-file is not given\n.SH EXIT STATUS\n%s.\n",
        exit_codes);
}
