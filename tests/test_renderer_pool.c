/* test_renderer_pool - several renderers behind one seam: they draw side by side, a wish waits for a free one, and may be told to
 * stop meanwhile.
 *
 * The pool starts this very program again as its children. What they are told to do stands in the order's config: to draw at once,
 * or to wait until the test opens the other end of a pipe in the order's folder. */
#include "base/file.h"
#include "base/stopwatch.h"
#include "host/renderer.h"
#include "host/renderer_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "no_other_device.h"

/* ---- the children ---- */

static bool open_device(void *self, struct svi_device **device, struct svi_error *err)
{
    (void)self;
    (void)err;
    *device = NULL;
    return true;
}

static void close_device(struct svi_device *device)
{
    (void)device;
}

static bool leave(const char *folder, const char *name, const char *text, struct svi_error *err)
{
    char path[600];
    svi_format(path, sizeof path, "%s/%s", folder, name);
    return svi_file_write(path, svi_bytes_of(text), err);
}

static bool act(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *rendering,
                struct svi_error *err)
{
    (void)device;
    char path[600], pid[24];
    svi_format(path, sizeof path, "%s/pipe", request->folder);
    svi_format(pid, sizeof pid, "%d", (int)getpid());
    request->progress(request->progress_self, 0.5, "compute");
    if (json_is_true(json_object_get(request->config, "wait"))) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            close(fd);
    }
    *rendering = (struct svi_rendering){
        .results = { { SVI_RESULT_PICTURE, "waterfall.png" }, { SVI_RESULT_SUMMARY, "waterfall.json" } }, .result_count = 2
    };
    return leave(request->folder, "waterfall.png", pid, err) && leave(request->folder, "waterfall.json", "{}", err);
}

static int be_the_child(void)
{
    struct svi_error err = { 0 };
    const struct svi_drawing drawing = { .open = open_device, .another = open_no_other, .render = act, .close = close_device };
    return svi_renderer_serve(SVI_RENDERER_FD, &drawing, &err) ? 0 : 1;
}

/* ---- the test ---- */

/* A thread that wants a picture. */
struct artist {
    struct svi_renderer_seam seam;
    pthread_t thread;
    char folder[500];
    bool wait;
    double hard_limit_s;
    atomic_bool stop;
    atomic_int drawing; /* calls of `progress` with a share */
    atomic_int waiting; /* and of those without: one every quarter of a second */
    bool ok;
    double took_s;
    struct svi_error err;
};

static bool watch(void *self, double share, const char *stage)
{
    struct artist *artist = self;
    (void)stage;
    atomic_fetch_add(share > 0 ? &artist->drawing : &artist->waiting, 1);
    return !atomic_load(&artist->stop);
}

static void *want(void *self)
{
    struct artist *artist = self;
    struct svi_render_outcome outcome;
    const struct svi_file file = { "/nowhere/0001", "a" };
    json_t *config = json_pack("{s:b}", "wait", artist->wait);
    const struct svi_render_order order = { .folder = artist->folder,
                                            .type = "waterfall",
                                            .config = config,
                                            .files = &file,
                                            .file_count = 1,
                                            .progress = watch,
                                            .progress_self = artist,
                                            .hard_limit_s = artist->hard_limit_s };
    double begin_s = svi_now_s();
    artist->ok = artist->seam.render(artist->seam.self, &order, &outcome, &artist->err);
    artist->took_s = svi_now_s() - begin_s;
    json_decref(config);
    return NULL;
}

static void begin(struct artist *artist, struct svi_renderer_pool *pool, unsigned number)
{
    char path[600];
    struct svi_error err = { 0 };
    svi_format(artist->folder, sizeof artist->folder, "%s/order-%u", scratch_folder(), number);
    check_ok(svi_remove_tree(artist->folder, &err) && svi_make_folders(artist->folder, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(path, sizeof path, "%s/pipe", artist->folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    artist->seam = svi_renderer_pool_seam(pool);
    assert_int_equal(pthread_create(&artist->thread, NULL, want, artist), 0);
}

/* Waits for the child to open its end. */
static void let_go(const struct artist *artist)
{
    char path[600];
    svi_format(path, sizeof path, "%s/pipe", artist->folder);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
}

static int painter(const struct artist *artist)
{
    char path[600];
    struct svi_buffer text;
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/waterfall.png", artist->folder);
    check_ok(svi_file_read(&text, path, "picture", 100, &err), err);
    int pid = (int)strtol((char *)text.at, NULL, 10);
    svi_buffer_clear(&text);
    return pid;
}

static void finish(struct artist *artist)
{
    pthread_join(artist->thread, NULL);
}

static struct svi_renderer_pool *open_pool(size_t count)
{
    static const struct svi_renderer_link_settings settings[4] = { { .grace_s = 1 }, { .grace_s = 1 }, { .grace_s = 1 } };
    struct svi_renderer_pool *pool = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_renderer_pool_open(&pool, settings, count, &err), err);
    return pool;
}

static void close_pool(struct svi_renderer_pool *pool)
{
    svi_renderer_pool_close(pool);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void two_renderers_draw_side_by_side(void **state)
{
    (void)state;
    struct svi_renderer_pool *pool = open_pool(2);
    struct artist artists[2] = { { .wait = true }, { .wait = true } };
    int pids[4];
    assert_int_equal(svi_renderer_pool_pids(pool, pids, 4), 0);
    for (unsigned i = 0; i < 2; i++)
        begin(&artists[i], pool, i);
    for (unsigned i = 0; i < 2; i++)
        while (!atomic_load(&artists[i].drawing))
            sched_yield();
    /* Those that draw their first picture live, too. */
    assert_int_equal(svi_renderer_pool_pids(pool, pids, 4), 2);
    /* The second is let go first, which works only where both are drawn at once. */
    let_go(&artists[1]);
    finish(&artists[1]);
    let_go(&artists[0]);
    finish(&artists[0]);
    for (unsigned i = 0; i < 2; i++)
        check_ok(artists[i].ok, artists[i].err);
    assert_int_not_equal(painter(&artists[0]), painter(&artists[1]));
    assert_int_equal(svi_renderer_pool_pids(pool, pids, 4), 2);
    assert_true(pids[0] == painter(&artists[0]) || pids[1] == painter(&artists[0]));
    assert_int_equal(svi_renderer_pool_pids(pool, pids, 1), 1);
    close_pool(pool);
}

static void many_wishes_are_all_fulfilled(void **state)
{
    (void)state;
    struct svi_renderer_pool *pool = open_pool(3);
    static struct artist artists[24];
    int pids[4];
    for (unsigned i = 0; i < ROWS(artists); i++)
        begin(&artists[i], pool, i);
    for (unsigned i = 0; i < ROWS(artists); i++) {
        finish(&artists[i]);
        check_ok(artists[i].ok, artists[i].err);
        assert_true(painter(&artists[i]) > 0);
    }
    assert_in_range(svi_renderer_pool_pids(pool, pids, 4), 1, 3);
    close_pool(pool);
}

/* What waits is not drawn: it is stopped by its owner, or by its limit, while another holds the only renderer. */
static void a_wish_that_waits_can_be_stopped(void **state)
{
    (void)state;
    static const struct {
        double hard_limit_s;
        enum svi_status status;
    } rows[] = { { 0, SVI_CANCELLED }, { 100, SVI_CANCELLED }, { 0.4, SVI_TIME_LIMIT } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_renderer_pool *pool = open_pool(1);
        struct artist first = { .wait = true }, waiting = { .hard_limit_s = rows[i].hard_limit_s }, last = { 0 };
        begin(&first, pool, 0);
        while (!atomic_load(&first.drawing))
            sched_yield();
        begin(&waiting, pool, 1);
        begin(&last, pool, 2);
        atomic_store(&waiting.stop, rows[i].status == SVI_CANCELLED);
        finish(&waiting);
        assert_false(waiting.ok);
        assert_int_equal(waiting.err.status, rows[i].status);
        check_has(waiting.err.message, "was stopped before its waterfall was begun");
        assert_int_equal(atomic_load(&waiting.drawing), 0);
        let_go(&first);
        finish(&first);
        finish(&last);
        check_ok(first.ok && last.ok, last.err);
        close_pool(pool);
    }
}

/* Each picture that is finished wakes all who wait; that is no reason for them to give up before their time. */
static void who_waits_behind_many_is_patient(void **state)
{
    (void)state;
    struct svi_renderer_pool *pool = open_pool(2);
    struct artist first = { .wait = true }, second = { .wait = true }, waiting = { .hard_limit_s = 10 };
    static struct artist others[50];
    begin(&first, pool, 0);
    while (!atomic_load(&first.drawing))
        sched_yield();
    begin(&second, pool, 1);
    while (!atomic_load(&second.drawing))
        sched_yield();
    for (unsigned i = 0; i < ROWS(others); i++)
        begin(&others[i], pool, 2 + i);
    begin(&waiting, pool, 2 + ROWS(others));
    let_go(&second);
    finish(&waiting);
    if (waiting.took_s < 10)
        check_ok(waiting.ok, waiting.err);
    let_go(&first);
    finish(&first);
    finish(&second);
    for (unsigned i = 0; i < ROWS(others); i++) {
        finish(&others[i]);
        check_ok(others[i].ok, others[i].err);
    }
    close_pool(pool);
}

static void a_renderer_that_is_killed_costs_one_wish(void **state)
{
    (void)state;
    struct svi_renderer_pool *pool = open_pool(1);
    struct artist before = { 0 }, killed = { .wait = true }, after = { 0 };
    int pid = 0;
    begin(&before, pool, 0);
    finish(&before);
    check_ok(before.ok, before.err);
    assert_int_equal(svi_renderer_pool_pids(pool, &pid, 1), 1);
    begin(&killed, pool, 1);
    begin(&after, pool, 2);
    while (!atomic_load(&killed.drawing) && !atomic_load(&after.drawing))
        sched_yield();
    assert_int_equal(kill(pid, SIGKILL), 0);
    finish(&killed);
    finish(&after);
    assert_int_equal(killed.ok + after.ok, 1);
    assert_int_equal((killed.ok ? after : killed).err.status, SVI_RENDERER_DIED);
    close_pool(pool);
}

static void a_wish_that_is_drawn_can_be_stopped(void **state)
{
    (void)state;
    static const struct {
        bool stop;
        double hard_limit_s;
        enum svi_status status;
    } rows[] = { { true, 0, SVI_CANCELLED }, { false, 0.5, SVI_TIME_LIMIT } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_renderer_pool *pool = open_pool(1);
        struct artist stopped = { .wait = true, .hard_limit_s = rows[i].hard_limit_s }, after = { 0 };
        begin(&stopped, pool, 0);
        while (rows[i].stop && !atomic_load(&stopped.drawing))
            sched_yield();
        atomic_store(&stopped.stop, rows[i].stop);
        finish(&stopped);
        assert_false(stopped.ok);
        assert_int_equal(stopped.err.status, rows[i].status);
        begin(&after, pool, 1);
        finish(&after);
        check_ok(after.ok, after.err);
        close_pool(pool);
    }
}

static void who_has_waited_has_less_time_left(void **state)
{
    (void)state;
    struct svi_renderer_pool *pool = open_pool(1);
    struct artist first = { .wait = true }, late = { .wait = true, .hard_limit_s = 2 };
    begin(&first, pool, 0);
    while (!atomic_load(&first.drawing))
        sched_yield();
    begin(&late, pool, 1);
    while (atomic_load(&late.waiting) < 4)
        sched_yield();
    let_go(&first);
    finish(&first);
    finish(&late);
    assert_false(late.ok);
    assert_int_equal(late.err.status, SVI_TIME_LIMIT);
    assert_true(late.took_s < 2.8);
    close_pool(pool);
}

/* Tells the renderer's number when it draws. */
static void supervise_one_order(double silence_s, int tell_fd)
{
    const struct svi_renderer_link_settings settings = { .silence_s = silence_s };
    struct svi_renderer_pool *pool = NULL;
    struct artist artist = { .wait = true };
    int pid = 0;
    if (!svi_renderer_pool_open(&pool, &settings, 1, &artist.err))
        _exit(2);
    begin(&artist, pool, 0);
    while (!atomic_load(&artist.drawing))
        sched_yield();
    svi_renderer_pool_pids(pool, &pid, 1);
    if (write(tell_fd, &pid, sizeof pid) != sizeof pid)
        _exit(3);
    finish(&artist);
    if (!artist.ok)
        fprintf(stderr, "%s\n", artist.err.message);
    _exit(!artist.ok);
}

/* Neither a paused container nor a guest that is moved says anything, and the supervisor may be the first to wake. */
static void a_pause_of_both_is_no_silence_of_the_renderer(void **state)
{
    (void)state;
    static const double silence_s = 3;
    char path[600];
    int told[2], renderer = 0, status = 0, fd;
    svi_format(path, sizeof path, "%s/order-0/pipe", scratch_folder());
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    const pid_t supervisor = fork();
    if (supervisor == 0)
        supervise_one_order(silence_s, told[1]);
    assert_int_equal(read(told[0], &renderer, sizeof renderer), sizeof renderer);
    assert_int_equal(kill(renderer, SIGSTOP) | kill(supervisor, SIGSTOP), 0);
    poll(NULL, 0, (int)(silence_s * 1000) + 500);
    assert_int_equal(kill(supervisor, SIGCONT), 0);
    poll(NULL, 0, 500);
    kill(renderer, SIGCONT);
    /* Until the renderer waits at its end, or the supervisor has given up. */
    while ((fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)) < 0 && !waitpid(supervisor, &status, WNOHANG))
        sched_yield();
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    assert_int_equal(status, 0);
    close(told[0]);
    close(told[1]);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "renderer"))
        return be_the_child();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_renderers_draw_side_by_side),          cmocka_unit_test(many_wishes_are_all_fulfilled),
        cmocka_unit_test(a_wish_that_waits_can_be_stopped),         cmocka_unit_test(who_waits_behind_many_is_patient),
        cmocka_unit_test(a_renderer_that_is_killed_costs_one_wish), cmocka_unit_test(a_wish_that_is_drawn_can_be_stopped),
        cmocka_unit_test(who_has_waited_has_less_time_left),        cmocka_unit_test(a_pause_of_both_is_no_silence_of_the_renderer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
