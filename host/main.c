/* main - options in, command, exit code out. */
#include "base/file.h"
#include "base/log.h"
#include "base/nearest.h"
#include "host/command.h"
#include "host/help.h"
#include "host/options.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static svi_command_function *const functions[SVI_COMMAND_COUNT] = {
#define SVI_COMMAND(NAME, function, ...) svi_command_##function,
#include "host/command_list.h"
#undef SVI_COMMAND
};

static const char *const level_words[] = { "error", "warning", "info", "debug" };

static enum svi_log_level log_level(const struct svi_options *options)
{
    const char *word = svi_option_text(options, SVI_OPTION_LOG_LEVEL);
    for (size_t i = 0; word && i < sizeof level_words / sizeof *level_words; i++)
        if (!strcmp(word, level_words[i]))
            return (enum svi_log_level)i;
    return svi_commands[options->command].log;
}

static void set_log(const struct svi_options *options)
{
    enum svi_log_level most = svi_option_on(options, SVI_OPTION_VERBOSE) ? SVI_LOG_DEBUG
                              : svi_option_on(options, SVI_OPTION_QUIET) ? SVI_LOG_ERROR
                                                                         : log_level(options);
    bool json = !strcmp(svi_option_text(options, SVI_OPTION_LOG_FORMAT), "json");
    svi_log_to(STDERR_FILENO, most, json ? SVI_LOG_JSON : SVI_LOG_TEXT);
}

/* One letter makes a variable one that nobody reads. Others that begin so may be somebody else's. */
static void tell_mistyped_variables(void)
{
    for (char **at = environ; *at; at++) {
        char name[80];
        if (strncmp(*at, "SVI_", 4) != 0 || !svi_format(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at))
            continue;
        struct svi_nearest nearest = { 0 };
        svi_nearest_consider(&nearest, name, "SVI_TOKEN");
        for (size_t i = 0; i < SVI_OPTION_COUNT; i++)
            if (svi_option_rows[i].variable)
                svi_nearest_consider(&nearest, name, svi_option_rows[i].variable);
        if (nearest.name && nearest.distance <= 1 && strcmp(nearest.name, name) != 0)
            svi_log(SVI_LOG_WARNING, "the variable %s is not known and was ignored; did you mean %s?", name, nearest.name);
    }
}

/* What was asked for goes to standard output; an error there (a full disk, a closed pipe) is an error of the command. */
static bool flush_output(struct svi_error *err)
{
    return fflush(stdout) == 0 && !ferror(stdout) ? true : svi_fail(err, SVI_IO, "Standard output cannot be written.");
}

static int answer(const struct svi_options *options, struct svi_error *err)
{
    if (svi_option_on(options, SVI_OPTION_HELP))
        svi_help_print(stdout, options->command);
    else if (svi_option_on(options, SVI_OPTION_MAN))
        svi_man_print(stdout);
    else if (svi_option_on(options, SVI_OPTION_VERSION))
        svi_version_print(stdout);
    else {
        set_log(options);
        tell_mistyped_variables();
        return functions[options->command](options, err);
    }
    return 0;
}

/* A message may quote a file's name or what another process said: no control character of it reaches the terminal. */
static void print_line(const char *start, const char *text)
{
    fputs(start, stderr);
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text, stderr);
    fputc('\n', stderr);
}

static void print_error(const struct svi_options *options, const struct svi_error *err)
{
    print_line("svi-worker: ", err->message);
    if (err->cause[0] && svi_option_on(options, SVI_OPTION_VERBOSE))
        print_line("svi-worker: cause: ", err->cause);
    if (err->status == SVI_BAD_USAGE)
        fprintf(stderr, "svi-worker: see svi-worker %s%s--help\n",
                options->command == SVI_NO_COMMAND ? "" : svi_commands[options->command].word,
                options->command == SVI_NO_COMMAND ? "" : " ");
}

/* A program may be started with its standard streams closed; the next file that is opened must not become one of them. */
static void fill_standard_streams(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDWR);
    if (fd >= 0)
        close(fd);
}

/* The usual 1024 are there for programs that call select(), as none of our libraries does: jobs in flight, downloads side by side
 * and clients of a platform may need more, and each that cannot have its files fails. */
static void have_as_many_files_as_may_be(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* PoCL's compiler looks for the linker in it, and ends the process where there is none: a service may be started with no variables.
 */
static void have_a_path(void)
{
    const char *path = getenv("PATH");
    if (!path || !*path)
        setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    have_as_many_files_as_may_be();
    have_a_path();
    struct svi_options options;
    struct svi_error err = { 0 };
    /* A reader that goes away, or a file that may not grow further, is an error of that write, not the end of the program. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    bool understood = svi_options_read(&options, argc, argv, &err);
    int code = understood ? answer(&options, &err) : svi_status_exit_code(err.status);
    if (!flush_output(&err) && code == 0)
        code = svi_status_exit_code(err.status);
    if (err.status != SVI_OK)
        print_error(&options, &err);
    svi_options_clear(&options);
    return code;
}
