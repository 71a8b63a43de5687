/* test_workspace - a job's folder: its own, locked, and gone at the end, whoever dies. */
#include "host/workspace.h"

#include "base/bytes.h"
#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char *root_of(const char *name)
{
    static char root[4096];
    struct svi_error err = { 0 };
    assert_true(svi_format(root, sizeof root, "%s/%s", scratch_folder(), name));
    check_ok(svi_remove_tree(root, &err), err);
    return root;
}

/* Job folders below the root. */
static size_t count_folders(const char *root)
{
    size_t count = 0;
    DIR *list = opendir(root);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list));)
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

static bool exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

static void a_folder_is_private_and_ends(void **state)
{
    (void)state;
    const char *root = root_of("private/below");
    struct svi_workspace *first = NULL, *second = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_workspace_create(&first, root, &err), err);
    check_ok(svi_workspace_create(&second, root, &err), err);
    assert_string_not_equal(svi_workspace_folder(first), svi_workspace_folder(second));
    assert_int_equal(svi_workspace_folder(first)[0], '/');
    check_has(svi_workspace_folder(first), "/job-");
    struct stat about;
    assert_int_equal(stat(svi_workspace_folder(first), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    assert_int_equal(stat(root, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);

    char *path = NULL;
    int fd = -1;
    check_ok(svi_workspace_add_input(first, 3, &path, &fd, &err), err);
    assert_true(svi_ends_with(path, "/input/3"));
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    close(fd);
    free(path);
    assert_false(svi_workspace_add_input(first, 3, &path, &fd, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_null(strstr(err.message, scratch_folder()));
    svi_workspace_destroy(first);
    assert_int_equal(count_folders(root), 1);
    svi_workspace_destroy(second);
    assert_int_equal(count_folders(root), 0);
    svi_workspace_destroy(NULL);
}

static void only_files_of_the_output_are_found(void **state)
{
    (void)state;
    const char *root = root_of("output");
    struct svi_workspace *workspace = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_workspace_create(&workspace, root, &err), err);
    char path[4096];
    svi_format(path, sizeof path, "%s/waterfall.png", svi_workspace_output(workspace));
    check_ok(svi_file_write(path, svi_bytes_of("png"), &err), err);
    svi_format(path, sizeof path, "%s/empty.png", svi_workspace_output(workspace));
    check_ok(svi_file_write(path, svi_bytes_of(""), &err), err);
    svi_format(path, sizeof path, "%s/link.png", svi_workspace_output(workspace));
    assert_int_equal(symlink("/etc/passwd", path), 0);
    svi_format(path, sizeof path, "%s/folder", svi_workspace_output(workspace));
    assert_int_equal(mkdir(path, 0700), 0);
    svi_format(path, sizeof path, "%s/pipe", svi_workspace_output(workspace));
    assert_int_equal(mkfifo(path, 0600), 0);

    char *found = NULL;
    check_ok(svi_workspace_find_output(workspace, "waterfall.png", &found, &err), err);
    assert_true(exists(found));
    free(found);
    static const char *const names[] = { "",       ".",    "..",         "empty.png", "link.png",
                                         "folder", "pipe", "absent.png", "../lock",   "/etc/passwd" };
    for (size_t i = 0; i < ROWS(names); i++) {
        svi_error_clear(&err);
        assert_false(svi_workspace_find_output(workspace, names[i], &found, &err));
        assert_int_equal(err.status, SVI_RENDERER_DIED);
        assert_null(found);
    }
    svi_workspace_destroy(workspace);
}

static size_t count_below(const char *folder, const char *name)
{
    char path[4096];
    assert_true(svi_format(path, sizeof path, "%s/%s", folder, name));
    return count_folders(path);
}

/* Whatever a job has left, and though its results were moved away. */
static void a_folder_is_empty_for_the_next_job(void **state)
{
    (void)state;
    const char *root = root_of("emptied");
    struct svi_workspace *workspace = NULL;
    struct svi_error err = { 0 };
    char path[4096], away[4096];
    check_ok(svi_workspace_create(&workspace, root, &err), err);
    const char *folder = svi_workspace_folder(workspace);
    for (int job = 0; job < 3; job++) {
        char *input = NULL;
        int fd = -1;
        for (size_t number = 0; number < 3; number++) {
            check_ok(svi_workspace_add_input(workspace, number, &input, &fd, &err), err);
            assert_int_equal(write(fd, "abc", 3), 3);
            close(fd);
            free(input);
        }
        svi_format(path, sizeof path, "%s/input/unpacked/below", folder);
        check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
        svi_format(path, sizeof path, "%s/.unpacked", svi_workspace_output(workspace));
        check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
        svi_format(path, sizeof path, "%s/half.png", svi_workspace_output(workspace));
        check_ok(svi_file_write(path, svi_bytes_of("png"), &err), err);
        svi_format(away, sizeof away, "%s/moved-%d", root, job);
        if (job == 1)
            assert_int_equal(rename(svi_workspace_output(workspace), away), 0);
        check_ok(svi_workspace_empty(workspace, &err), err);
        struct stat about;
        assert_int_equal(count_below(folder, "output"), job != 1);
        assert_int_equal(stat(path, &about), job == 1 ? -1 : 0);
        if (job != 1)
            assert_int_equal(about.st_size, 0);
        assert_int_equal(count_below(folder, "input"), 1); /* empty, as the next rounds find */
    }
    svi_workspace_destroy(workspace);
}

/* Makes a workspace, says so, and waits for its end by SIGKILL. */
static void live_until_killed(const char *root, int ready)
{
    struct svi_workspace *workspace = NULL;
    struct svi_error err = { 0 };
    char *path = NULL;
    int fd = -1;
    bool ok = svi_workspace_create(&workspace, root, &err) && svi_workspace_add_input(workspace, 0, &path, &fd, &err);
    if (write(ready, ok ? "y" : "n", 1) == 1)
        for (;;)
            pause();
    _exit(1);
}

static void what_the_dead_left_is_cleaned(void **state)
{
    (void)state;
    const char *root = root_of("stale");
    struct svi_workspace *alive = NULL;
    struct svi_error err = { 0 };
    size_t removed = 99;
    check_ok(svi_workspace_clean(root, &removed, &err), err);
    assert_int_equal(removed, 0);
    check_ok(svi_workspace_create(&alive, root, &err), err);

    int ready[2];
    char answer = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0)
        live_until_killed(root, ready[1]);
    assert_true(child > 0);
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    assert_int_equal(count_folders(root), 2);
    check_ok(svi_workspace_clean(root, &removed, &err), err);
    assert_int_equal(removed, 0);
    assert_int_equal(count_folders(root), 2);

    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    char foreign[4096], kept[4096];
    svi_format(foreign, sizeof foreign, "%s/something", root);
    svi_format(kept, sizeof kept, "%s/job-kept", root);
    check_ok(svi_file_write(foreign, svi_bytes_of("x"), &err), err);
    assert_int_equal(symlink(svi_workspace_folder(alive), kept), 0);
    check_ok(svi_workspace_clean(root, &removed, &err), err);
    assert_int_equal(removed, 1);
    assert_true(exists(foreign) && exists(kept) && exists(svi_workspace_output(alive)));
    svi_workspace_destroy(alive);
    close(ready[0]);
    close(ready[1]);
}

static void a_root_that_cannot_be_is_an_error(void **state)
{
    (void)state;
    struct svi_workspace *workspace = NULL;
    struct svi_error err = { 0 };
    assert_false(svi_workspace_create(&workspace, "/dev/null/below", &err));
    assert_int_equal(err.status, SVI_IO);
    assert_null(workspace);
    assert_null(strstr(err.message, "/dev"));
}

/* Nor is the job's, as a root that cannot be is: another attempt, or another node, may find room. */
static void too_many_open_files_may_pass(void **state)
{
    (void)state;
    struct svi_workspace *workspace = NULL;
    struct svi_error err = { 0 };
    struct rlimit usual, none;
    const char *path = root_of("short");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = (struct rlimit){ .rlim_cur = 3, .rlim_max = usual.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const bool made = svi_workspace_create(&workspace, path, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_false(made);
    assert_int_equal(err.status, SVI_NO_ROOM);
    assert_true(err.may_pass);
    check_has(err.message, "Too many open files");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_private_and_ends),       cmocka_unit_test(only_files_of_the_output_are_found),
        cmocka_unit_test(a_folder_is_empty_for_the_next_job), cmocka_unit_test(what_the_dead_left_is_cleaned),
        cmocka_unit_test(a_root_that_cannot_be_is_an_error),  cmocka_unit_test(too_many_open_files_may_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
