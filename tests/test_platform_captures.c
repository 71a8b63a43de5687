/* test_platform_captures - captures of the embedded platform: who sees which, what their files are, and folders of older programs.
 */
#include "base/file.h"
#include "host/platform_captures.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform_fixture.h"

static char tree[700];

static void write_below(const char *name, const char *text)
{
    char path[900];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/%s", tree, name);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

/* A tree such as Digital RF's, with what does not belong there. */
static void make_tree(void)
{
    char path[900];
    struct svi_error err = { 0 };
    svi_format(tree, sizeof tree, "%s/tree", scratch_folder());
    check_ok(svi_remove_tree(tree, &err), err);
    svi_format(path, sizeof path, "%s/b", tree);
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    write_below("a.h5", "first");
    write_below("b/rf@1.000.h5", "0123456789");
    write_below("c.txt", "third");
    svi_format(path, sizeof path, "%s/link.h5", tree);
    assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void add(char uuid[SVI_PLATFORM_UUID_BYTES], const char *user, const char *path)
{
    struct svi_error err = { 0 };
    check_ok(svi_platform_add_capture(platform_fixture.folder, user, &path, 1, uuid, &err), err);
}

static struct platform_told get(const char *token, const char *path)
{
    return platform_ask(&(struct platform_ask){ .token = token, .path = path });
}

#define LIST "/api/captures/list/?source=sds"

static void a_capture_is_listed_and_its_files_are_served(void **state)
{
    (void)state;
    char uuid[SVI_PLATFORM_UUID_BYTES], more[SVI_PLATFORM_UUID_BYTES];
    make_tree();
    add(uuid, "ann", tree);
    struct platform_told told = get(platform_fixture.ann, LIST);
    platform_check_status(&told, 200, "list");
    assert_int_equal(json_array_size(platform_at(&told, "captures")), 1);
    assert_int_equal(json_array_size(platform_at(&told, "error")), 0);
    assert_string_equal(platform_text_at(&told, "captures.0.uuid"), uuid);
    assert_string_equal(platform_text_at(&told, "captures.0.owner"), "ann");
    assert_string_equal(platform_text_at(&told, "captures.0.name"), "tree");
    assert_string_equal(platform_text_at(&told, "captures.0.type"), "drf");
    assert_string_equal(platform_text_at(&told, "captures.0.source"), "sds");
    assert_int_equal(json_array_size(platform_at(&told, "captures.0.files")), 3);
    static const char *const names[] = { "a.h5", "rf@1.000.h5", "c.txt" }, *const texts[] = { "first", "0123456789", "third" };
    for (size_t i = 0; i < ROWS(names); i++) {
        char at[60], path[120];
        svi_format(at, sizeof at, "captures.0.files.%zu.name", i);
        assert_string_equal(platform_text_at(&told, at), names[i]);
        svi_format(at, sizeof at, "captures.0.files.%zu.uuid", i);
        svi_format(path, sizeof path, "/api/files/%s/content/?source=sds", platform_text_at(&told, at));
        struct platform_told file = get(platform_fixture.ann, path);
        platform_check_status(&file, 200, path);
        assert_string_equal((char *)file.bytes.at, texts[i]);
        check_has(file.headers, names[i]);
        platform_forget(&file);
        platform_check(&(struct platform_ask){ .token = platform_fixture.bob, .path = path }, 404);
        platform_check(&(struct platform_ask){ .path = path }, 401);
        if (i == 1) {
            file = platform_ask(
                &(struct platform_ask){ .token = platform_fixture.ann, .path = path, .header = "Range: bytes=4-5" });
            platform_check_status(&file, 206, path);
            assert_string_equal((char *)file.bytes.at, "45");
            platform_forget(&file);
        }
    }
    platform_forget(&told);

    /* Others see their own. */
    write_below("p.rh.json", "{}");
    char single[900];
    svi_format(single, sizeof single, "%s/p.rh.json", tree);
    add(more, "bob", single);
    told = get(platform_fixture.bob, LIST);
    assert_int_equal(json_array_size(platform_at(&told, "captures")), 1);
    assert_string_equal(platform_text_at(&told, "captures.0.uuid"), more);
    assert_string_equal(platform_text_at(&told, "captures.0.type"), "rh");
    platform_forget(&told);
    add(more, "ann", tree);
    told = get(platform_fixture.ann, LIST);
    assert_int_equal(json_array_size(platform_at(&told, "captures")), 2);
    assert_string_equal(platform_text_at(&told, "captures.1.uuid"), more);
    platform_forget(&told);
}

static void paths_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        long status;
    } rows[] = {
        { "/api/captures/list/", 400 },
        { "/api/captures/list/?source=other", 400 },
        { "/api/captures/", 404 },
        { "/api/captures/list/1/", 404 },
        { "/api/files/00000000-0000-4000-a000-000000000000/content/", 400 },
        { "/api/files/00000000-0000-4000-a000-000000000000/content/?source=sds", 404 },
        { "/api/files/00000000-0000-4000-a000-000000000000/content?source=sds", 301 },
        { "/api/files/00000000-0000-4000-a000-000000000000/?source=sds", 404 },
        { "/api/files/00000000-0000-4000-a000-00000000000/content/?source=sds", 404 },
        { "/api/files/00000000-0000-4000-a000-00000000000'/content/?source=sds", 404 },
        { "/api/files//content/?source=sds", 404 },
        { "/api/files/1/content/?source=sds", 404 },
        { "/api/files/../content/?source=sds", 404 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct platform_told told = get(platform_fixture.ann, rows[i].path);
        platform_check_status(&told, rows[i].status, rows[i].path);
        platform_forget(&told);
    }
    platform_check(&(struct platform_ask){ .token = platform_fixture.ann, .method = "POST", .path = LIST, .json = "{}" }, 405);
}

static void what_is_no_capture_is_not_added(void **state)
{
    (void)state;
    char nothing[800], text[800], none[800], file[800];
    make_tree();
    svi_format(nothing, sizeof nothing, "%s/nothing", tree);
    svi_format(text, sizeof text, "%s/c.txt", tree);
    svi_format(none, sizeof none, "%s/b/empty", tree);
    svi_format(file, sizeof file, "%s/a.h5", tree);
    assert_int_equal(mkdir(none, 0700), 0);
    const struct {
        const char *user, *path, *says;
    } rows[] = {
        { "ann", nothing, "cannot be read" },
        { "ann", text, "there are none" },
        { "ann", none, "there are none" },
        { "nobody", file, "no user nobody" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char uuid[SVI_PLATFORM_UUID_BYTES];
        struct svi_error err = { 0 };
        assert_false(svi_platform_add_capture(platform_fixture.folder, rows[i].user, &rows[i].path, 1, uuid, &err));
        check_has(err.message, rows[i].says);
        assert_null(strstr(err.message, tree));
    }
    assert_int_equal(platform_count("incoming"), 0);
    assert_int_equal(platform_count_files(), 0);
    struct platform_told told = get(platform_fixture.ann, LIST);
    assert_int_equal(json_array_size(platform_at(&told, "captures")), 0);
    platform_forget(&told);
}

/* The tables of version 1 are those of today without the captures' and without contents, and an index more. */
static void a_folder_of_an_older_program_goes_on(void **state)
{
    (void)state;
    int64_t job = platform_submit(platform_fixture.ann);
    svi_platform_stop(platform_fixture.platform);
    char path[700], uuid[SVI_PLATFORM_UUID_BYTES];
    svi_format(path, sizeof path, "%s/platform.db", platform_fixture.folder);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TABLE contents; DROP TABLE capture_files; DROP TABLE captures;"
                                  "CREATE INDEX results_by_job ON results (job); PRAGMA user_version = 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    platform_start();
    make_tree();
    add(uuid, "ann", tree);
    struct platform_told told = get(platform_fixture.ann, LIST);
    assert_string_equal(platform_text_at(&told, "captures.0.uuid"), uuid);
    platform_forget(&told);
    assert_true(platform_file_of(platform_fixture.ann, job) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_capture_is_listed_and_its_files_are_served, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(paths_that_are_none_are_refused, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_capture_is_not_added, platform_set_up, platform_tear_down),
        cmocka_unit_test_setup_teardown(a_folder_of_an_older_program_goes_on, platform_set_up, platform_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
