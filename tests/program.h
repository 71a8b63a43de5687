/* program.h - runs the program as a user would, and keeps what it said. */
#ifndef SVI_TESTS_PROGRAM_H
#define SVI_TESTS_PROGRAM_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* What one run left behind. Texts are cut at their size. */
struct said {
    const char *line;      /* that it was started with, until the next start under its number */
    int exit_code, signal; /* signal 0: it ended by itself */
    long peak_kib;         /* of memory, files that it had mapped included */
    char out[65536], err[16384];
};

/* Runs the program with the words of `line`, split at spaces; %s stands for the test's own folder. `variables`: "NAME=value" texts
 * ended by NULL that are set for this run alone, or "NAME" to unset; or NULL. */
const struct said *run_program(const char *line, const char *const *variables);

/* Fails unless the program ended by itself with this exit code; tells all that it said then. */
#define check_ended(program, code)                                                                                                 \
    do {                                                                                                                           \
        const struct said *said_ = (program);                                                                                      \
        if (said_->signal || said_->exit_code != (code)) {                                                                         \
            fputs(said_->err, stderr);                                                                                             \
            fail_msg("svi-worker %s: exit code %d, signal %d", said_->line, said_->exit_code, said_->signal);                      \
        }                                                                                                                          \
    } while (0)

/* The same without waiting; the output goes to files of this number. */
pid_t start_program(const char *line, const char *const *variables, int number);

/* Waits for the end of a program started under this number. */
const struct said *end_program(pid_t pid, int number);

/* A teardown: kills what a failed test has left running. */
int kill_programs(void **state);

/* Reads the beginning of what a started program has said on a stream, "out" or "err", until it holds the text, or the program has
 * ended. */
const char *wait_for_output(pid_t pid, int number, const char *stream, const char *text);

#endif
