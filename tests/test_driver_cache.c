/* test_driver_cache - each living process has a folder of its own, and a dead one's is taken again. */
#include "base/file.h"
#include "host/driver_cache.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static char folder[600];

/* A process that has claimed a folder, and stays until it is killed. */
struct holder {
    pid_t pid;
    char claimed[800];
};

static struct holder hold(void)
{
    struct holder holder = { 0 };
    int told[2];
    assert_int_equal(pipe(told), 0);
    holder.pid = fork();
    if (holder.pid == 0) {
        svi_driver_cache_claim(folder);
        const char *claimed = getenv("POCL_CACHE_DIR");
        ssize_t ignored = write(told[1], claimed ? claimed : "none", strlen(claimed ? claimed : "none"));
        (void)ignored;
        for (;;)
            pause();
    }
    close(told[1]);
    ssize_t count = read(told[0], holder.claimed, sizeof holder.claimed - 1);
    assert_true(count > 0);
    close(told[0]);
    return holder;
}

static void release(const struct holder *holder)
{
    assert_int_equal(kill(holder->pid, SIGKILL), 0);
    assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

static void processes_have_folders_of_their_own(void **state)
{
    (void)state;
    unsetenv("POCL_CACHE_DIR");
    struct holder one = hold(), two = hold(), three = hold();
    assert_string_not_equal(one.claimed, two.claimed);
    assert_string_not_equal(one.claimed, three.claimed);
    assert_string_not_equal(two.claimed, three.claimed);
    assert_memory_equal(one.claimed, folder, strlen(folder));
    release(&two);
    struct holder next = hold();
    assert_string_equal(next.claimed, two.claimed);
    release(&one);
    release(&three);
    release(&next);
}

static void what_somebody_has_set_stays(void **state)
{
    (void)state;
    setenv("POCL_CACHE_DIR", "/of/somebody", 1);
    svi_driver_cache_claim(folder);
    assert_string_equal(getenv("POCL_CACHE_DIR"), "/of/somebody");
    unsetenv("POCL_CACHE_DIR");
}

/* Without a folder PoCL says that there is no device. */
static void where_nothing_can_be_kept_a_folder_lives_as_long_as_the_process(void **state)
{
    (void)state;
    static const char *const caches[] = { "", "/proc/nowhere" };
    for (size_t i = 0; i < ROWS(caches); i++) {
        char said[PATH_MAX] = "";
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            svi_driver_cache_claim(caches[i]);
            const char *claimed = getenv("POCL_CACHE_DIR");
            bool ok = claimed && access(claimed, W_OK) == 0 && write(pipes[1], claimed, strlen(claimed)) > 0;
            exit(ok ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_true(read(pipes[0], said, sizeof said - 1) > 0);
        assert_int_equal(access(said, F_OK), -1);
        close(pipes[0]);
        close(pipes[1]);
    }
}

/* PoCL loads what it has compiled as libraries, and ends the process where it may not. */
static void a_folder_that_nothing_is_loaded_from_is_not_taken(void **state)
{
    (void)state;
    enum { MAY_NOT_MOUNT = 77 };
    struct svi_error err = { 0 };
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
            || mount("none", folder, "tmpfs", MS_NOEXEC, NULL) != 0)
            exit(MAY_NOT_MOUNT);
        svi_driver_cache_claim(folder);
        const char *claimed = getenv("POCL_CACHE_DIR");
        exit(claimed && strncmp(claimed, folder, strlen(folder)) != 0 && access(claimed, W_OK) == 0 ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == MAY_NOT_MOUNT)
        skip();
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_have_folders_of_their_own),
        cmocka_unit_test(what_somebody_has_set_stays),
        cmocka_unit_test(where_nothing_can_be_kept_a_folder_lives_as_long_as_the_process),
        cmocka_unit_test(a_folder_that_nothing_is_loaded_from_is_not_taken),
    };
    svi_format(folder, sizeof folder, "%s/cache", scratch_folder());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
