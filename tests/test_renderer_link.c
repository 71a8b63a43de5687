/* test_renderer_link - a renderer that draws, fails, crashes, hangs, lies or is killed; and after each of these the next order
 * works.
 *
 * The link starts this very program again as its child; what the child does for an order stands in the order's config. */
#include "base/file.h"
#include "base/stopwatch.h"
#include "host/renderer.h"
#include "host/renderer_link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "no_other_device.h"

extern char **environ;

/* ---- the child ---- */

static void rest(void)
{
    for (;;)
        pause();
}

static bool write_results(const struct svi_render_request *request, struct svi_error *err)
{
    char path[600];
    svi_format(path, sizeof path, "%s/%s.png", request->folder, request->types[0]);
    if (!svi_file_write(path, svi_bytes_of("picture"), err))
        return false;
    svi_format(path, sizeof path, "%s/%s.json", request->folder, request->types[0]);
    return svi_file_write(path, svi_bytes_of("{}"), err);
}

static bool draw(const struct svi_render_request *request, struct svi_error *err)
{
    static const char *const stages[] = { "read", "compute", "figure", "encode" };
    for (size_t i = 0; i < ROWS(stages); i++)
        if (!request->progress(request->progress_self, (double)(i + 1) / 4, stages[i]))
            return svi_fail(err, SVI_CANCELLED, "cancelled");
    return write_results(request, err);
}

static bool draw_until_cancelled(const struct svi_render_request *request, struct svi_error *err)
{
    while (request->progress(request->progress_self, 0.5, "compute"))
        ;
    return svi_fail(err, SVI_CANCELLED, "The renderer was told to stop.");
}

/* A driver that does not come back until the test opens the other end of the pipe. */
static bool draw_after_a_pipe(const struct svi_render_request *request, struct svi_error *err)
{
    char path[600];
    svi_format(path, sizeof path, "%s/pipe", request->folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd >= 0 && write_results(request, err);
}

static bool draw_a_link(const struct svi_render_request *request, struct svi_error *err)
{
    char path[600];
    svi_format(path, sizeof path, "%s/%s.json", request->folder, request->types[0]);
    bool ok = draw(request, err) && unlink(path) == 0 && symlink("/etc/hostname", path) == 0;
    return ok;
}

static bool draw_nothing(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return true;
}

static bool die_of(int signal_number)
{
    signal(signal_number, SIG_DFL); /* a sanitizer may have put its own there */
    raise(signal_number);
    return false;
}

static bool die_of_segv(const struct svi_render_request *request, struct svi_error *err)
{
    (void)err;
    request->progress(request->progress_self, 0.5, "compute");
    return die_of(SIGSEGV);
}

static bool die_of_abort(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return die_of(SIGABRT);
}

static bool leave(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    _exit(3);
}

static bool hang(const struct svi_render_request *request, struct svi_error *err)
{
    (void)err;
    request->progress(request->progress_self, 0.5, "compute");
    rest();
    return false;
}

/* With a child of its own, as a driver that has started its compiler. */
static bool hang_with_a_child(const struct svi_render_request *request, struct svi_error *err)
{
    pid_t pid = fork();
    if (pid == 0)
        rest();
    char path[600], text[40];
    svi_format(path, sizeof path, "%s/grandchild", request->folder);
    svi_format(text, sizeof text, "%d", (int)pid);
    svi_file_write(path, svi_bytes_of(text), err);
    return hang(request, err);
}

/* Stopped, not even the line thread says anything. */
static bool fall_silent(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    raise(SIGSTOP);
    return false;
}

static bool say(const void *bytes, size_t count)
{
    ssize_t ignored = send(SVI_RENDERER_FD, bytes, count, MSG_NOSIGNAL);
    (void)ignored;
    rest();
    return false;
}

static bool say_garbage(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return say("\x7F"
               "ELF{",
               5);
}

static bool say_a_number(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return say("42", 2);
}

static bool say_unknown(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return say("{\"message\": \"hello\"}", 20);
}

static bool say_far_too_much(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    static char bytes[100000];
    memset(bytes, ' ', sizeof bytes);
    return say(bytes, sizeof bytes);
}

static bool say_share_two(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    (void)err;
    return say("{\"message\": \"progress\", \"share\": 2, \"stage\": \"read\"}", 52);
}

static bool refuse(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    return svi_fail(err, SVI_BAD_RECORDING, "The recording is broken.") || svi_because(err, "caf\xE9 at byte 7");
}

static bool lose_the_device(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    return svi_fail(err, SVI_DEVICE_FAILED, "The device is lost.");
}

/* Reports as its failure what a child can see of its supervisor. */
static bool look_around(const struct svi_render_request *request, struct svi_error *err)
{
    (void)request;
    char text[600] = "";
    for (char **variable = environ; *variable; variable++)
        if (strstr(*variable, "secret"))
            svi_format(text, sizeof text, "variable %s;", *variable);
    for (int fd = SVI_RENDERER_FD + 1; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
            svi_format(text, sizeof text, "file %d;", fd);
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    return svi_fail(err, SVI_BUG, "seen: %s core %d group %d", text, (int)core.rlim_cur, getpgid(0) == getpid());
}

static const struct {
    const char *word;
    bool (*act)(const struct svi_render_request *request, struct svi_error *err);
} acts[] = {
    { "draw", draw },
    { "draw until cancelled", draw_until_cancelled },
    { "draw after a pipe", draw_after_a_pipe },
    { "draw a link", draw_a_link },
    { "draw nothing", draw_nothing },
    { "die of SEGV", die_of_segv },
    { "die of ABRT", die_of_abort },
    { "leave", leave },
    { "hang", hang },
    { "hang with a child", hang_with_a_child },
    { "fall silent", fall_silent },
    { "say garbage", say_garbage },
    { "say a number", say_a_number },
    { "say unknown", say_unknown },
    { "say far too much", say_far_too_much },
    { "say share two", say_share_two },
    { "refuse", refuse },
    { "lose the device", lose_the_device },
    { "look around", look_around },
};

static int opened;

static bool open_device(void *self, struct svi_device **device, struct svi_error *err)
{
    (void)self;
    (void)err;
    opened++;
    *device = (struct svi_device *)&opened;
    return true;
}

static void close_device(struct svi_device *device)
{
    (void)device;
}

static bool act(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *rendering,
                struct svi_error *err)
{
    if ((void *)device != &opened)
        return svi_fail(err, SVI_BUG, "not the device that was opened");
    const char *word = json_string_value(json_object_get(request->config, "act"));
    *rendering = (struct svi_rendering){
        .results = { { SVI_RESULT_LOCAL, "waterfall.npy" },
                     { SVI_RESULT_PICTURE, "waterfall.png" },
                     { SVI_RESULT_SUMMARY, "waterfall.json" } },
        .result_count = 3,
    };
    if (!strcmp(word, "say how often the device was opened"))
        return svi_fail(err, SVI_BUG, "%d", opened);
    for (size_t i = 0; i < ROWS(acts); i++)
        if (!strcmp(acts[i].word, word))
            return acts[i].act(request, err);
    return svi_fail(err, SVI_BUG, "no act %s", word);
}

static int be_the_child(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[2], "deaf"))
        rest();
    struct svi_error err = { 0 };
    const struct svi_drawing drawing = { .open = open_device, .another = open_no_other, .render = act, .close = close_device };
    return svi_renderer_serve(SVI_RENDERER_FD, &drawing, &err) ? 0 : 1;
}

/* ---- the test ---- */

static char folder[500];

struct seen {
    int calls;
    double share;
    bool only_up;
    char stage[SVI_STAGE_SIZE];
    struct svi_renderer_link *kill; /* at stage "compute" */
    struct svi_renderer_link *tell; /* its process id, once to tell_fd, at stage "compute" */
    int tell_fd;
    bool stop;                           /* from the first call on */
    double started_s, open_pipe_after_s; /* 0: not */
    bool pipe_was_open;
};

static bool watch(void *self, double share, const char *stage)
{
    struct seen *seen = self;
    seen->calls++;
    seen->only_up = seen->only_up && share >= seen->share;
    seen->share = share;
    svi_format(seen->stage, sizeof seen->stage, "%s", stage);
    if (seen->kill && !strcmp(stage, "compute"))
        kill(svi_renderer_link_pid(seen->kill), SIGKILL);
    if (seen->tell && !strcmp(stage, "compute")) {
        int pid = svi_renderer_link_pid(seen->tell);
        assert_int_equal(write(seen->tell_fd, &pid, sizeof pid), sizeof pid);
        seen->tell = NULL;
    }
    if (seen->open_pipe_after_s > 0 && !seen->pipe_was_open && svi_now_s() - seen->started_s >= seen->open_pipe_after_s) {
        seen->pipe_was_open = true;
        char path[600];
        svi_format(path, sizeof path, "%s/pipe", folder);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        close(fd);
    }
    return !seen->stop;
}

static void clear_folder(void)
{
    struct svi_error err = { 0 };
    svi_format(folder, sizeof folder, "%s/job", scratch_folder());
    check_ok(svi_remove_tree(folder, &err) && svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
}

static struct svi_render_outcome outcome; /* what the last order left */

static bool ask(struct svi_renderer_link *link, const char *word, struct seen *seen, struct svi_error *err)
{
    clear_folder();
    char pipe_path[600];
    svi_format(pipe_path, sizeof pipe_path, "%s/pipe", folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    const struct svi_file file = { "/nowhere/0001", "r\u00e9cording.sigmf-meta" };
    json_t *config = json_pack("{s:s}", "act", word);
    const struct svi_order order = { .folder = folder, .type = "waterfall", .config = config, .files = &file, .file_count = 1 };
    seen->only_up = true;
    bool ok = svi_renderer_link_draw(link, &order, watch, seen, &outcome, err);
    json_decref(config);
    return ok;
}

static struct svi_renderer_link *open_link(const struct svi_renderer_link_settings *settings)
{
    struct svi_renderer_link *link = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_renderer_link_open(&link, settings, &err), err);
    return link;
}

static void check_that_it_works(struct svi_renderer_link *link)
{
    struct seen seen = { 0 };
    struct svi_error err = { 0 };
    check_ok(ask(link, "draw", &seen, &err), err);
    assert_true(seen.only_up);
}

static int count_files(void)
{
    int count = 0;
    DIR *list = opendir("/proc/self/fd");
    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

/* No child is left, alive or dead. */
static void check_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static const struct svi_renderer_link_settings patient = { 0 };

static void one_child_carries_out_order_after_order(void **state)
{
    (void)state;
    int files = count_files();
    struct svi_renderer_link *link = open_link(&patient);
    assert_int_equal(svi_renderer_link_pid(link), 0);
    check_that_it_works(link);
    int pid = svi_renderer_link_pid(link);
    assert_true(pid > 0);
    for (int i = 0; i < 20; i++)
        check_that_it_works(link);
    assert_int_equal(svi_renderer_link_pid(link), pid);
    svi_renderer_link_close(link);
    assert_int_equal(count_files(), files);
    check_no_children();
}

static void a_link_that_was_never_used_closes(void **state)
{
    (void)state;
    svi_renderer_link_close(open_link(&patient));
    svi_renderer_link_close(NULL);
}

static void every_trouble_is_told_and_the_next_order_works(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        double soft_limit_s, hard_limit_s, silence_s;
        enum svi_status status;
        bool survives;
        const char *message, *cause;
    } rows[] = {
        { "refuse", 0, 0, 0, SVI_BAD_RECORDING, true, "The recording is broken.", "caf? at byte 7" },
        { "lose the device", 0, 0, 0, SVI_DEVICE_FAILED, true, "The device is lost.", "" },
        { "draw nothing", 0, 0, 0, SVI_BUG, true, "without leaving waterfall.png", "" },
        { "draw a link", 0, 0, 0, SVI_BUG, true, "without leaving waterfall.json", "" },
        { "die of SEGV", 0, 0, 0, SVI_RENDERER_DIED, false, "crashed (signal 11, SIGSEGV) while it made the waterfall", "stage" },
        { "die of ABRT", 0, 0, 0, SVI_RENDERER_DIED, false, "crashed (signal 6, SIGABRT)", "stage" },
        { "leave", 0, 0, 0, SVI_RENDERER_DIED, false, "ended unexpectedly (exit code 3)", "stage" },
        { "say garbage", 0, 0, 0, SVI_RENDERER_DIED, false, "not understood", "" },
        { "say a number", 0, 0, 0, SVI_RENDERER_DIED, false, "not understood", "" },
        { "say unknown", 0, 0, 0, SVI_RENDERER_DIED, false, "not understood", "" },
        { "say far too much", 0, 0, 0, SVI_RENDERER_DIED, false, "not understood", "" },
        { "say share two", 0, 0, 0, SVI_RENDERER_DIED, false, "not understood", "" },
        { "draw until cancelled", 0.2, 0, 0, SVI_TIME_LIMIT, true, "soft time limit of 0.2 s", "" },
        { "hang", 0.1, 0.4, 0, SVI_TIME_LIMIT, false, "hard time limit of 0.4 s", "killed at stage" },
        { "hang with a child", 0, 0.5, 0, SVI_TIME_LIMIT, false, "hard time limit", "killed" },
        { "fall silent", 0, 0, 0.5, SVI_RENDERER_DIED, false, "stopped answering", "killed" },
    };
    int files = count_files();
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_renderer_link_settings settings = { .soft_limit_s = rows[i].soft_limit_s,
                                                             .hard_limit_s = rows[i].hard_limit_s,
                                                             .silence_s = rows[i].silence_s };
        /* The limits are for the trouble; the order before it has none, so that a slow start is no trouble. */
        struct svi_renderer_link *link = open_link(&settings);
        struct seen seen = { 0 };
        struct svi_error err = { 0 };
        assert_false(ask(link, rows[i].word, &seen, &err));
        if (err.status != rows[i].status)
            fail_msg("%s: status %s: %s [%s]", rows[i].word, svi_status_code(err.status), err.message, err.cause);
        check_has(err.message, rows[i].message);
        check_has(err.cause, rows[i].cause);
        assert_int_equal(svi_renderer_link_pid(link) != 0, rows[i].survives);
        svi_renderer_link_close(link);

        link = open_link(&patient);
        svi_error_clear(&err);
        seen = (struct seen){ 0 };
        if (!rows[i].hard_limit_s && !rows[i].silence_s && !rows[i].soft_limit_s)
            assert_false(ask(link, rows[i].word, &seen, &err));
        check_that_it_works(link);
        svi_renderer_link_close(link);
        assert_int_equal(count_files(), files);
        check_no_children();
    }
}

static void a_killed_child_takes_its_own_children_along(void **state)
{
    (void)state;
    /* Orphans come to this process, which can then wait for their end. */
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    struct svi_renderer_link *link = open_link(&patient);
    struct seen seen = { .kill = link };
    struct svi_error err = { 0 };
    assert_false(ask(link, "hang with a child", &seen, &err));
    check_has(err.message, "was killed (signal 9, SIGKILL)");
    char path[600];
    struct svi_buffer text;
    svi_format(path, sizeof path, "%s/grandchild", folder);
    svi_error_clear(&err);
    check_ok(svi_file_read(&text, path, "grandchild", 100, &err), err);
    pid_t pid = (pid_t)strtol((char *)text.at, NULL, 10);
    svi_buffer_clear(&text);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    svi_renderer_link_close(link);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    check_no_children();
}

static void a_child_killed_in_the_middle_is_replaced(void **state)
{
    (void)state;
    struct svi_renderer_link *link = open_link(&patient);
    struct seen seen = { .kill = link };
    struct svi_error err = { 0 };
    assert_false(ask(link, "draw until cancelled", &seen, &err));
    assert_int_equal(err.status, SVI_RENDERER_DIED);
    check_has(err.message, "was killed (signal 9, SIGKILL) while it made the waterfall");
    check_has(err.cause, "stage compute");
    check_that_it_works(link);
    svi_renderer_link_close(link);
    check_no_children();
}

static void a_child_killed_between_orders_costs_none(void **state)
{
    (void)state;
    struct svi_renderer_link *link = open_link(&patient);
    check_that_it_works(link);
    pid_t pid = svi_renderer_link_pid(link);
    assert_int_equal(kill(pid, SIGKILL), 0);
    siginfo_t end;
    assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
    check_that_it_works(link);
    assert_int_not_equal(svi_renderer_link_pid(link), pid);
    svi_renderer_link_close(link);
    check_no_children();
}

static void a_program_that_is_not_there_is_told(void **state)
{
    (void)state;
    int files = count_files();
    const struct svi_renderer_link_settings settings = { .program = "/nowhere/svi-worker" };
    struct svi_renderer_link *link = open_link(&settings);
    for (int i = 0; i < 3; i++) {
        struct seen seen = { 0 };
        struct svi_error err = { 0 };
        assert_false(ask(link, "draw", &seen, &err));
        assert_int_equal(err.status, SVI_RENDERER_DIED);
        check_has(err.message, "cannot be started");
        assert_null(strstr(err.message, "nowhere"));
        check_has(err.cause, "/nowhere/svi-worker");
    }
    svi_renderer_link_close(link);
    assert_int_equal(count_files(), files);
    check_no_children();
}

static void a_child_that_never_answers_is_killed(void **state)
{
    (void)state;
    const struct svi_renderer_link_settings settings = { .arguments = (const char *const[]){ "deaf", NULL }, .silence_s = 0.3 };
    struct svi_renderer_link *link = open_link(&settings);
    struct seen seen = { 0 };
    struct svi_error err = { 0 };
    assert_false(ask(link, "draw", &seen, &err));
    assert_int_equal(err.status, SVI_RENDERER_DIED);
    check_has(err.message, "stopped answering");
    assert_string_equal(seen.stage, "start");
    svi_renderer_link_close(link);
    check_no_children();
}

static void the_caller_cancels(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool survives;
    } rows[] = { { "draw until cancelled", true }, { "hang", false }, { "fall silent", false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_renderer_link_settings settings = { .grace_s = 0.3 };
        struct svi_renderer_link *link = open_link(&settings);
        struct seen seen = { .stop = true };
        struct svi_error err = { 0 };
        assert_false(ask(link, rows[i].word, &seen, &err));
        assert_int_equal(err.status, SVI_CANCELLED);
        check_has(err.message, "cancelled while the waterfall was made");
        assert_int_equal(svi_renderer_link_pid(link) != 0, rows[i].survives);
        check_that_it_works(link);
        svi_renderer_link_close(link);
        check_no_children();
    }
}

/* The thread that draws waits for the pipe longer than a silence may last: only the heartbeat keeps the child alive. */
static void a_child_shows_life_while_a_driver_is_busy(void **state)
{
    (void)state;
    const struct svi_renderer_link_settings settings = { .silence_s = 3 };
    struct svi_renderer_link *link = open_link(&settings);
    struct seen seen = { .started_s = svi_now_s(), .open_pipe_after_s = 3.5 };
    struct svi_error err = { 0 };
    check_ok(ask(link, "draw after a pipe", &seen, &err), err);
    assert_true(seen.pipe_was_open);
    svi_renderer_link_close(link);
}

static void a_lost_device_is_opened_again(void **state)
{
    (void)state;
    struct svi_renderer_link *link = open_link(&patient);
    struct seen seen = { 0 };
    static const struct {
        const char *word, *opened;
    } rows[] = { { "draw", NULL },
                 { "say how often the device was opened", "1" },
                 { "lose the device", NULL },
                 { "say how often the device was opened", "2" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        ask(link, rows[i].word, &seen, &err);
        if (rows[i].opened)
            assert_string_equal(err.message, rows[i].opened);
    }
    svi_renderer_link_close(link);
}

static void a_child_knows_no_secrets(void **state)
{
    (void)state;
    static const char *const names[] = { "SVI_TOKEN",  "API_URL", "SVI_API_URL", "CELERY_BROKER_URL", "AWS_SECRET_ACCESS_KEY",
                                         "https_proxy" };
    for (size_t i = 0; i < ROWS(names); i++)
        setenv(names[i], "secret", 1);
    int leaky = open("/dev/null", O_RDONLY); /* not close-on-exec, as of a library that forgot */
    struct svi_renderer_link *link = open_link(&patient);
    struct seen seen = { 0 };
    struct svi_error err = { 0 };
    assert_false(ask(link, "look around", &seen, &err));
    assert_string_equal(err.message, "seen:  core 0 group 1");
    svi_renderer_link_close(link);
    close(leaky);
    for (size_t i = 0; i < ROWS(names); i++)
        unsetenv(names[i]);
}

static void an_order_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct svi_renderer_link *link = open_link(&patient);
    char *word = calloc(1, SVI_MESSAGE_LONGEST_BYTES + 1);
    assert_non_null(word);
    memset(word, 'x', SVI_MESSAGE_LONGEST_BYTES);
    struct seen seen = { 0 };
    struct svi_error err = { 0 };
    assert_false(ask(link, word, &seen, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    check_has(err.message, "too long");
    free(word);
    check_that_it_works(link);
    svi_renderer_link_close(link);
}

/* The supervisor is killed with an order under way; its renderer must not go on without it. */
static void a_child_without_its_supervisor_ends(void **state)
{
    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    int told[2];
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t supervisor = fork();
    if (supervisor == 0) {
        struct svi_renderer_link *link = open_link(&patient);
        struct seen seen = { .tell = link, .tell_fd = told[1] };
        struct svi_error err = { 0 };
        ask(link, "hang", &seen, &err);
        _exit(0);
    }
    int renderer = 0;
    assert_int_equal(read(told[0], &renderer, sizeof renderer), sizeof renderer);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    bool ended = false;
    for (pid_t orphan; (orphan = waitpid(-1, NULL, 0)) > 0;)
        ended = ended || orphan == renderer;
    assert_true(ended);
    close(told[0]);
    close(told[1]);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    check_no_children();
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "renderer"))
        return be_the_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_child_carries_out_order_after_order),
        cmocka_unit_test(a_link_that_was_never_used_closes),
        cmocka_unit_test(every_trouble_is_told_and_the_next_order_works),
        cmocka_unit_test(a_killed_child_takes_its_own_children_along),
        cmocka_unit_test(a_child_killed_in_the_middle_is_replaced),
        cmocka_unit_test(a_child_killed_between_orders_costs_none),
        cmocka_unit_test(a_program_that_is_not_there_is_told),
        cmocka_unit_test(a_child_that_never_answers_is_killed),
        cmocka_unit_test(the_caller_cancels),
        cmocka_unit_test(a_child_shows_life_while_a_driver_is_busy),
        cmocka_unit_test(a_lost_device_is_opened_again),
        cmocka_unit_test(a_child_knows_no_secrets),
        cmocka_unit_test(an_order_that_is_too_long_is_refused),
        cmocka_unit_test(a_child_without_its_supervisor_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
