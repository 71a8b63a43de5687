/* test_outbox - results between a renderer and the platform: there as a whole or not at all, whoever dies, and only for whom they
 * were meant. */
#include "host/outbox.h"

#include "base/bytes.h"
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PLATFORM "http://django:8000"

static char root[3000];

static const struct svi_result results[] = { { SVI_RESULT_PICTURE, "waterfall.png" },
                                             { SVI_RESULT_SUMMARY, "waterfall.json" },
                                             { SVI_RESULT_FILE, "waterfall_slices.json" } };

static const struct svi_outbox_place place = { .root = root, .platform = PLATFORM, .job = 7 };

static void clear_root(const char *name)
{
    struct svi_error err = { 0 };
    assert_true(svi_format(root, sizeof root, "%s/%s", scratch_folder(), name));
    check_ok(svi_remove_tree(root, &err), err);
    check_ok(svi_make_folders(root, SVI_FOLDER_PRIVATE, &err), err);
}

/* A folder as the renderer leaves it. */
static const char *draw(void)
{
    static char folder[3100];
    char path[4000];
    struct svi_error err = { 0 };
    svi_format(folder, sizeof folder, "%s/output", root);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    for (size_t i = 0; i < ROWS(results); i++) {
        svi_format(path, sizeof path, "%s/%s", folder, results[i].name);
        check_ok(svi_file_write(path, svi_bytes_of(results[i].name), &err), err);
    }
    return folder;
}

static struct svi_outbox *put(void)
{
    struct svi_outbox *outbox = NULL;
    struct svi_error err = { 0 };
    check_ok(svi_outbox_put(&outbox, &place, draw(), results, ROWS(results), &err), err);
    return outbox;
}

/* The only entry's path, or "" where there is none. */
static const char *entry_path(void)
{
    static char path[4000];
    char box[3100];
    svi_format(box, sizeof box, "%s/.outbox", root);
    path[0] = '\0';
    DIR *list = opendir(box);
    for (const struct dirent *entry; list && (entry = readdir(list));)
        if (entry->d_name[0] != '.')
            svi_format(path, sizeof path, "%s/%s", box, entry->d_name);
    if (list)
        closedir(list);
    return path;
}

/* Nobody needs the file of a result that was saved. */
static void check_entry(const struct svi_outbox *outbox)
{
    assert_non_null(outbox);
    assert_int_equal(svi_outbox_count(outbox), ROWS(results));
    for (size_t i = 0; i < ROWS(results); i++) {
        struct svi_buffer text;
        struct svi_error err = { 0 };
        assert_int_equal(svi_outbox_result(outbox, i)->kind, results[i].kind);
        assert_string_equal(svi_outbox_result(outbox, i)->name, results[i].name);
        if (svi_outbox_id(outbox, i))
            continue;
        char *path = svi_outbox_path(outbox, i);
        check_ok(svi_file_read(&text, path, "result", 1000, &err), err);
        assert_string_equal((char *)text.at, results[i].name);
        svi_buffer_clear(&text);
        free(path);
    }
}

static void what_was_put_is_found_with_its_ids(void **state)
{
    (void)state;
    clear_root("ids");
    assert_null(svi_outbox_find(&place));
    struct svi_outbox *outbox = put();
    check_entry(outbox);
    char output[3100];
    svi_format(output, sizeof output, "%s/output", root);
    assert_int_equal(access(output, F_OK), -1);
    struct stat about;
    assert_int_equal(stat(entry_path(), &about), 0);
    assert_int_equal(about.st_mode & 077, 0);
    for (size_t i = 0; i < ROWS(results); i++) {
        assert_int_equal(svi_outbox_id(outbox, i), 0);
        svi_outbox_saved(outbox, i, 40 + (int64_t)i);
        svi_outbox_close(outbox);
        outbox = svi_outbox_find(&place);
        check_entry(outbox);
        for (size_t k = 0; k < ROWS(results); k++)
            assert_int_equal(svi_outbox_id(outbox, k), k <= i ? 40 + (int64_t)k : 0);
    }
    svi_outbox_remove(outbox, output);
    assert_null(svi_outbox_find(&place));
    assert_string_equal(entry_path(), "");
    assert_int_equal(access(output, F_OK), 0);
    svi_outbox_close(NULL);
    svi_outbox_remove(NULL, NULL);
}

static void only_whose_they_are_finds_them(void **state)
{
    (void)state;
    clear_root("whose");
    svi_outbox_close(put());
    static const struct svi_outbox_place others[] = { { root, "http://django:8001", 7 },
                                                      { root, PLATFORM, 77 },
                                                      { root, PLATFORM, 70 } };
    for (size_t i = 0; i < ROWS(others); i++) {
        assert_null(svi_outbox_find(&others[i]));
        svi_outbox_forget(&others[i]);
    }
    struct svi_outbox *outbox = svi_outbox_find(&place);
    check_entry(outbox);
    assert_null(svi_outbox_find(&place)); /* one holder at a time, in one process too */
    svi_outbox_forget(&place);
    assert_string_not_equal(entry_path(), "");
    svi_outbox_close(outbox);
    svi_outbox_close(put());
    svi_outbox_forget(&place);
    assert_string_equal(entry_path(), "");
}

/* What a machine that lost its power, or an older version, may have left. */
static void what_cannot_be_read_is_removed(void **state)
{
    (void)state;
#define ROW(name)  "{\"name\": \"" name "\", \"kind\": \"picture\", \"id\": 0}"
#define LIST(rows) "{\"platform\": \"" PLATFORM "\", \"job\": 7, \"results\": [" rows "]}"
    static const char *const lists[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"platform\": \"" PLATFORM "\", \"job\": 7}",
        "{\"platform\": 3, \"job\": 7, \"results\": [" ROW("waterfall.png") "]}",
        LIST(""),
        LIST("3"),
        LIST(ROW("")),
        LIST(ROW("../../list")),
        LIST(ROW("absent.png")),
        LIST("{\"name\": \"waterfall.png\", \"kind\": \"song\", \"id\": 0}"),
        LIST("{\"name\": \"waterfall.png\", \"id\": 0}"),
        LIST("{\"name\": 3, \"kind\": \"picture\", \"id\": 0}"),
        LIST(ROW("a_name_that_is_much_longer_than_any_name_that_a_renderer_may_give_to_one_of_its_results_"
                 "and_longer_still_so_that_it_fits_into_no_array_of_ours_and_has_to_be_refused_by_whoever_reads_it.png")),
    };
    for (size_t i = 0; i < ROWS(lists); i++) {
        char path[4000];
        struct svi_error err = { 0 };
        clear_root("unreadable");
        svi_outbox_close(put());
        svi_format(path, sizeof path, "%s/list.json", entry_path());
        check_ok(svi_file_write(path, svi_bytes_of(lists[i]), &err), err);
        if (svi_outbox_find(&place))
            fail_msg("row %zu is taken for a list", i);
        if (*entry_path())
            fail_msg("row %zu stays behind", i);
    }
}

static void a_list_that_is_cut_anywhere_is_removed(void **state)
{
    (void)state;
    clear_root("cut");
    svi_outbox_close(put());
    struct svi_buffer whole;
    struct svi_error err = { 0 };
    char path[4000];
    svi_format(path, sizeof path, "%s/list.json", entry_path());
    check_ok(svi_file_read(&whole, path, "list", 10000, &err), err);
    size_t length = strcspn((char *)whole.at, "\n");
    assert_true(length > 100);
    for (size_t cut = 0; cut < length; cut += 7) {
        clear_root("cut");
        svi_outbox_close(put());
        svi_format(path, sizeof path, "%s/list.json", entry_path());
        check_ok(svi_file_write(path, (struct svi_bytes){ whole.at, cut }, &err), err);
        if (svi_outbox_find(&place))
            fail_msg("cut at %zu of %zu bytes", cut, length);
        assert_string_equal(entry_path(), "");
    }
    svi_buffer_clear(&whole);
}

static void a_result_that_is_gone_matters_until_it_is_saved(void **state)
{
    (void)state;
    for (int saved = 0; saved < 2; saved++) {
        char path[4000];
        clear_root("gone");
        struct svi_outbox *outbox = put();
        if (saved)
            svi_outbox_saved(outbox, 0, 40);
        svi_outbox_close(outbox);
        svi_format(path, sizeof path, "%s/%s", entry_path(), results[0].name);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        outbox = svi_outbox_find(&place);
        assert_int_equal(outbox != NULL, saved);
        svi_outbox_remove(outbox, NULL);
        assert_string_equal(entry_path(), "");
    }
}

/* What a loss of power may have made of them, or a hand that should not. */
static void marks_that_cannot_be_read_are_none(void **state)
{
    (void)state;
    static const char *const marks[] = { "0", "0 40", "0 0\n", "0 -1\n", "3 40\n", "-1 40\n", "0 x\n", " \n", "0  \n", "x 40\n" };
    for (size_t i = 0; i < ROWS(marks); i++) {
        char path[4000];
        clear_root("marks");
        svi_outbox_close(put());
        svi_format(path, sizeof path, "%s/list.json", entry_path());
        FILE *list = fopen(path, "ae");
        assert_non_null(list);
        fputs(marks[i], list);
        fclose(list);
        struct svi_outbox *outbox = svi_outbox_find(&place);
        check_entry(outbox);
        for (size_t k = 0; k < ROWS(results); k++)
            if (svi_outbox_id(outbox, k))
                fail_msg("row %zu is taken for a mark", i);
        svi_outbox_remove(outbox, NULL);
    }
}

/* Goes so far, says so, and waits for its end by SIGKILL. */
static void go_until(int step, int ready)
{
    struct svi_outbox *outbox = NULL;
    struct svi_error err = { 0 };
    const char *folder = draw();
    if (step > 0)
        svi_outbox_put(&outbox, &place, folder, results, ROWS(results), &err);
    for (int i = 1; i < step; i++)
        svi_outbox_saved(outbox, (size_t)i - 1, 39 + i);
    if (write(ready, "y", 1) == 1)
        for (;;)
            pause();
    _exit(1);
}

/* As if the machine had started again since: no boot has such an id. */
static void forge_boot(void)
{
    char path[4000], *id;
    struct svi_buffer list;
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/list.json", entry_path());
    check_ok(svi_file_read(&list, path, "list", 10000, &err), err);
    id = strstr((char *)list.at, "\"boot\":");
    assert_non_null(id);
    id = strchr(id + strlen("\"boot\":"), '"') + 1;
    assert_int_not_equal(*id, '"');
    *id = 'x';
    check_ok(svi_file_write(path, (struct svi_bytes){ list.at, list.count }, &err), err);
    svi_buffer_clear(&list);
}

/* Of what was not synced a power cut may have left names without bytes. */
static void what_was_not_synced_counts_until_the_machine_starts_again(void **state)
{
    (void)state;
    for (int synced = 0; synced < 2; synced++)
        for (int boot = 0; boot < 2; boot++) {
            clear_root("boot");
            const pid_t child = fork();
            if (child == 0) {
                struct svi_error err = { 0 };
                struct svi_outbox *outbox = put();
                _exit(synced && !svi_outbox_sync(outbox, &err));
            }
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_int_equal(status, 0);
            if (boot)
                forge_boot();
            struct svi_outbox *outbox = svi_outbox_find(&place);
            if (outbox)
                check_entry(outbox);
            assert_int_equal(outbox != NULL, synced || !boot);
            svi_outbox_remove(outbox, NULL);
            assert_string_equal(entry_path(), "");
        }
}

/* Steps: drawn, put, one saved, two saved, three saved. */
static void a_process_that_is_killed_takes_nothing_with_it(void **state)
{
    (void)state;
    for (int step = 0; step <= 4; step++) {
        int ready[2];
        char answer = 0;
        clear_root("killed");
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0)
            go_until(step, ready[1]);
        assert_int_equal(read(ready[0], &answer, 1), 1);
        assert_null(svi_outbox_find(&place)); /* it lives, and holds it */
        svi_outbox_clean(root, 0);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(ready[0]);
        close(ready[1]);
        struct svi_outbox *outbox = svi_outbox_find(&place);
        assert_int_equal(outbox != NULL, step > 0);
        for (size_t i = 0; outbox && i < ROWS(results); i++)
            assert_int_equal(svi_outbox_id(outbox, i), (int)i + 1 < step ? 40 + (int)i : 0);
        if (outbox)
            check_entry(outbox);
        svi_outbox_remove(outbox, NULL);
    }
}

/* At moments that nobody has chosen: whatever is found then is whole. */
static void a_process_that_is_killed_at_any_moment_leaves_all_or_nothing(void **state)
{
    (void)state;
    unsigned found = 0;
    for (int i = 0; i < 60 || (!found && i < 2000); i++) {
        int ready[2];
        char answer = 0;
        clear_root("any moment");
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0) {
            if (write(ready[1], "y", 1) != 1)
                _exit(1);
            for (;;) {
                struct svi_outbox *outbox = NULL;
                struct svi_error err = { 0 };
                svi_outbox_put(&outbox, &place, draw(), results, ROWS(results), &err);
                for (size_t k = 0; outbox && k < ROWS(results); k++)
                    svi_outbox_saved(outbox, k, 40);
                svi_outbox_remove(outbox, NULL);
            }
        }
        assert_int_equal(read(ready[0], &answer, 1), 1);
        poll(NULL, 0, 1 + i % 13);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(ready[0]);
        close(ready[1]);
        struct svi_outbox *outbox = svi_outbox_find(&place);
        if (outbox)
            check_entry(outbox);
        found += outbox != NULL;
        svi_outbox_remove(outbox, NULL);
        svi_outbox_forget(&place);
        assert_string_equal(entry_path(), "");
    }
    assert_true(found > 0);
}

static void old_entries_are_cleaned_unless_they_are_held(void **state)
{
    (void)state;
    clear_root("old");
    svi_outbox_clean(root, 0);
    struct svi_outbox *held = put();
    svi_outbox_clean(root, 0);
    assert_string_not_equal(entry_path(), "");
    svi_outbox_close(held);
    svi_outbox_clean(root, 3600);
    assert_string_not_equal(entry_path(), "");
    const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    assert_int_equal(utimensat(AT_FDCWD, entry_path(), long_ago, 0), 0);
    svi_outbox_clean(root, 3600);
    assert_string_equal(entry_path(), "");
}

static void what_cannot_be_kept_is_an_error(void **state)
{
    (void)state;
    struct svi_outbox *outbox = NULL;
    char path[3100];
    clear_root("refused");
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/.outbox", root);
    check_ok(svi_file_write(path, svi_bytes_of("a file stands here"), &err), err);
    assert_false(svi_outbox_put(&outbox, &place, draw(), results, ROWS(results), &err));
    assert_int_equal(err.status, SVI_IO);
    assert_null(strstr(err.message, scratch_folder()));
    assert_null(svi_outbox_find(&place));
    svi_error_clear(&err);
    clear_root("refused");
    svi_format(path, sizeof path, "%s/absent", root);
    assert_false(svi_outbox_put(&outbox, &place, path, results, ROWS(results), &err));
    assert_int_equal(err.status, SVI_IO);
    assert_null(svi_outbox_find(&place));
    assert_null(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_with_its_ids),
        cmocka_unit_test(only_whose_they_are_finds_them),
        cmocka_unit_test(what_cannot_be_read_is_removed),
        cmocka_unit_test(a_list_that_is_cut_anywhere_is_removed),
        cmocka_unit_test(a_result_that_is_gone_matters_until_it_is_saved),
        cmocka_unit_test(marks_that_cannot_be_read_are_none),
        cmocka_unit_test(what_was_not_synced_counts_until_the_machine_starts_again),
        cmocka_unit_test(a_process_that_is_killed_takes_nothing_with_it),
        cmocka_unit_test(a_process_that_is_killed_at_any_moment_leaves_all_or_nothing),
        cmocka_unit_test(old_entries_are_cleaned_unless_they_are_held),
        cmocka_unit_test(what_cannot_be_kept_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
