/* options.h - the tables of commands and options, and the values that a command line and the environment give them. Knows nothing
 * of what a command does. Rows stand in command_list.h and option_list.h. */
#ifndef SVI_HOST_OPTIONS_H
#define SVI_HOST_OPTIONS_H

#include "base/error.h"
#include "base/log.h"

#include <limits.h>
#include <stddef.h>

enum svi_command {
#define SVI_COMMAND(NAME, ...) SVI_COMMAND_##NAME,
#include "host/command_list.h"
#undef SVI_COMMAND
    SVI_COMMAND_COUNT,
    SVI_NO_COMMAND = SVI_COMMAND_COUNT
};

struct svi_command_row {
    const char *word, *operands;
    int least, most; /* operands */
    enum svi_log_level log;
    bool hidden;
    const char *summary;
};

enum svi_option {
#define SVI_OPTION(NAME, ...) SVI_OPTION_##NAME,
#include "host/option_list.h"
#undef SVI_OPTION
    SVI_OPTION_COUNT
};

enum svi_option_kind {
    SVI_KIND_SWITCH,
    SVI_KIND_TEXT,
    SVI_KIND_CHOICE,
    SVI_KIND_LIST,
    SVI_KIND_INTEGER,
    SVI_KIND_SIZE,
    SVI_KIND_SECONDS
};

struct svi_option_row {
    const char *flag; /* without its dashes */
    char letter;      /* 0: none */
    enum svi_option_kind kind;
    const char *value;            /* NULL for a switch */
    const char *variable, *other; /* NULL: none */
    const char *standard;         /* NULL: no value */
    double least, most;           /* of numbers, both allowed */
    unsigned commands;            /* bit 1 << enum svi_command */
    const char *help;
};

extern const struct svi_command_row svi_commands[SVI_COMMAND_COUNT];
extern const struct svi_option_row svi_option_rows[SVI_OPTION_COUNT];

enum { SVI_OPTION_WORD_SIZE = 16 };

/* What the command line and the environment say. Texts point into argv, the environment or the table. */
struct svi_options {
    enum svi_command command;
    struct svi_option_value {
        const char *text;   /* NULL: no value */
        const char *source; /* "--device", "SVI_DEVICE", …; NULL: the table's own value */
        double number;      /* of INTEGER, SIZE (bytes), SECONDS; 1 or 0 of SWITCH */
    } values[SVI_OPTION_COUNT];
    struct svi_option_given {
        enum svi_option option; /* SVI_OPTION_COUNT: an operand */
        const char *text;
    } * given; /* operands and the values of LIST and TEXT options, in the order of the command line */
    size_t given_count;
    char words[SVI_OPTION_COUNT][SVI_OPTION_WORD_SIZE]; /* of CHOICE options, as their rows spell them */
};

/* Reads a whole command line; argv[0] is not looked at. A fault is reported as SVI_BAD_USAGE and names flag or variable, value, and
 * what is permitted. With --help, --version or --man among the arguments nothing is missed and no variable is read. The caller
 * clears *out in any case. */
bool svi_options_read(struct svi_options *out, int argc, char *const *argv, struct svi_error *err);
void svi_options_clear(struct svi_options *options);

const char *svi_option_text(const struct svi_options *options, enum svi_option option); /* NULL: no value */
double svi_option_number(const struct svi_options *options, enum svi_option option);
bool svi_option_on(const struct svi_options *options, enum svi_option option);

/* The i-th value of a LIST or TEXT option on the command line, or the i-th operand for SVI_OPTION_COUNT; NULL past the end. */
const char *svi_option_item(const struct svi_options *options, enum svi_option option, size_t i);
const char *svi_operand(const struct svi_options *options, size_t i);
size_t svi_operand_count(const struct svi_options *options);

/* True where the option is one of the command's. */
bool svi_option_belongs(enum svi_option option, enum svi_command command);

#endif
