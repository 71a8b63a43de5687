#include "program.h"

#include "base/bytes.h"
#include "check.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_WORDS = 40, MAX_VARIABLES = 400, MAX_NUMBERS = 4 };

static struct {
    pid_t pid; /* 0: ended */
    char line[400];
} programs[MAX_NUMBERS];

static void output_path(char path[PATH_MAX], int number, const char *stream)
{
    svi_format(path, PATH_MAX, "%s/%d.%s", scratch_folder(), number, stream);
}

/* "NAME" or "NAME=value" has this name. */
static bool same_name(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");
    return length == strcspn(b, "=") && !strncmp(a, b, length);
}

static void build_environment(const char *merged[MAX_VARIABLES + 1], const char *const *variables)
{
    size_t count = 0;
    for (char **one = environ; *one; one++) {
        bool replaced = false;
        for (const char *const *ours = variables; ours && *ours; ours++)
            replaced = replaced || same_name(*ours, *one);
        assert_true(count < MAX_VARIABLES);
        if (!replaced)
            merged[count++] = *one;
    }
    for (const char *const *ours = variables; ours && *ours; ours++)
        if (strchr(*ours, '=')) {
            assert_true(count < MAX_VARIABLES);
            merged[count++] = *ours;
        }
    merged[count] = NULL;
}

/* The words of the line, with the test's folder put in; in memory that lives until the next call. */
static void split(const char *line, char *words[MAX_WORDS + 1])
{
    static char text[8192];
    size_t length = 0, count = 0;
    for (const char *c = line; *c; c++) {
        bool folder = c[0] == '%' && c[1] == 's';
        int added = folder ? snprintf(text + length, sizeof text - length, "%s", scratch_folder()) : 1;
        assert_true(added >= 0 && length + (size_t)added < sizeof text - 1);
        if (!folder)
            text[length] = *c;
        length += (size_t)added;
        c += folder;
    }
    text[length] = '\0';
    char *rest = text;
    words[count++] = (char *)(uintptr_t) "svi-worker";
    for (char *word; (word = strsep(&rest, " "));)
        if (*word) {
            assert_true(count < MAX_WORDS);
            words[count++] = word;
        }
    words[count] = NULL;
}

pid_t start_program(const char *line, const char *const *variables, int number)
{
    char *words[MAX_WORDS + 1];
    const char *merged[MAX_VARIABLES + 1];
    char out[PATH_MAX], err[PATH_MAX];
    split(line, words);
    build_environment(merged, variables);
    output_path(out, number, "out");
    output_path(err, number, "err");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid = 0;
    assert_int_equal(posix_spawn(&pid, SVI_TEST_PROGRAM, &files, NULL, words, (char *const *)(uintptr_t)merged), 0);
    posix_spawn_file_actions_destroy(&files);
    assert_true(number < MAX_NUMBERS && !programs[number].pid);
    programs[number].pid = pid;
    svi_format(programs[number].line, sizeof programs[number].line, "%s", line);
    return pid;
}

int kill_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAX_NUMBERS; i++) {
        if (programs[i].pid && kill(programs[i].pid, SIGKILL) == 0)
            waitpid(programs[i].pid, NULL, 0);
        programs[i].pid = 0;
    }
    return 0;
}

static void read_output(char *into, size_t size, int number, const char *stream)
{
    char path[PATH_MAX];
    output_path(path, number, stream);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd >= 0 ? read(fd, into, size - 1) : 0;
    into[count > 0 ? count : 0] = '\0';
    close(fd);
}

/* Whatever a program was expected to end with, it did not mean to end like this. */
static void check_sanitizers(const struct said *said)
{
    static const char *const words[] = { "Sanitizer: ", "Sanitizer has ", "runtime error: " };
    for (size_t i = 0; i < ROWS(words); i++)
        if (strstr(said->err, words[i])) {
            fputs(said->err, stderr);
            fail_msg("svi-worker %s: stopped by a sanitizer", said->line);
        }
}

const struct said *end_program(pid_t pid, int number)
{
    static struct said said;
    int status = 0;
    struct rusage usage;
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    programs[number].pid = 0;
    said.line = programs[number].line;
    said.peak_kib = usage.ru_maxrss;
    said.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    said.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    read_output(said.out, sizeof said.out, number, "out");
    read_output(said.err, sizeof said.err, number, "err");
    check_sanitizers(&said);
    return &said;
}

const struct said *run_program(const char *line, const char *const *variables)
{
    return end_program(start_program(line, variables, 0), 0);
}

const char *wait_for_output(pid_t pid, int number, const char *stream, const char *text)
{
    static char out[16384];
    char path[PATH_MAX];
    output_path(path, number, stream);
    /* Woken by each write to the file; the program's end closes it, which wakes too. */
    int watch = inotify_init1(IN_CLOEXEC);
    assert_true(watch >= 0);
    assert_true(inotify_add_watch(watch, path, IN_MODIFY | IN_CLOSE_WRITE) >= 0);
    siginfo_t end = { 0 };
    do {
        read_output(out, sizeof out, number, stream);
        if (strstr(out, text))
            break;
        end.si_pid = 0;
        assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT), 0);
        char events[4096];
        struct pollfd ready = { .fd = watch, .events = POLLIN };
        if (!end.si_pid && poll(&ready, 1, 1000) > 0)
            assert_true(read(watch, events, sizeof events) > 0);
    } while (!end.si_pid);
    close(watch);
    return out;
}
