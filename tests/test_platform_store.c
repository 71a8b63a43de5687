/* test_platform_store - what the embedded platform remembers, through restarts, and for whom. */
#include "base/file.h"
#include "base/log.h"
#include "host/platform_status.h"
#include "host/platform_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "platform_contents.h"
#include "store_fixture.h"

/* The linker's --wrap: what the store asks the disk for, and a disk that fails. */
static atomic_uint log_syncs;
static atomic_bool disk_fails;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    atomic_fetch_add(&log_syncs, 1);
    errno = EIO;
    return atomic_load(&disk_fails) ? -1 : __real_fdatasync(fd);
}

/* How many were synced where they lay: files on their way, files in their place, and the folder of these behind them. */
static atomic_uint synced_on_the_way, synced_in_place, synced_folder;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
    char link[64], path[700] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) > 0) {
        const char *name = strrchr(path, '/');
        atomic_fetch_add(strstr(path, "/incoming/") ? &synced_on_the_way
                         : strcmp(name, "/files")   ? &synced_in_place
                                                    : &synced_folder,
                         1);
    }
    return __real_fsync(fd);
}

/* --- users and modes --- */

static void user_names(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        enum svi_platform_result result;
    } rows[] = {
        { "carl", SVI_PLATFORM_DONE },    { "c.d_e-f@g.h", SVI_PLATFORM_DONE }, { "ann", SVI_PLATFORM_CONFLICT },
        { "", SVI_PLATFORM_REFUSED },     { ".hidden", SVI_PLATFORM_REFUSED },  { "..", SVI_PLATFORM_REFUSED },
        { "a/b", SVI_PLATFORM_REFUSED },  { "a b", SVI_PLATFORM_REFUSED },      { "\xC3\xA9", SVI_PLATFORM_REFUSED },
        { "a\nb", SVI_PLATFORM_REFUSED },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
        assert_int_equal(svi_platform_store_add_user(f->store, rows[i].name, token, &err), rows[i].result);
        if (rows[i].result == SVI_PLATFORM_DONE)
            assert_int_equal(strspn(token, "0123456789abcdef"), SVI_PLATFORM_TOKEN_DIGITS);
        else
            assert_int_equal(err.status, SVI_BAD_USAGE);
    }
    struct svi_error err = { 0 };
    struct svi_platform_user nobody;
    assert_string_not_equal(f->ann_token, f->bob_token);
    assert_int_equal(svi_platform_store_find_user(f->store, "0123", &nobody, &err), SVI_PLATFORM_ABSENT);
    assert_int_equal(svi_platform_store_find_user(f->store, "' OR 1 = 1 --", &nobody, &err), SVI_PLATFORM_ABSENT);
}

static void nobody_else_can_read(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *below;
        mode_t mode;
    } rows[] = { { "", 0700 },          { "/data", 0700 },        { "/data/ann", 0700 },        { "/files", 0700 },
                 { "/incoming", 0700 }, { "/platform.db", 0600 }, { "/platform.db-wal", 0600 }, { "/platform.db-shm", 0600 } };
    submit(f);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[700];
        struct stat about;
        snprintf(path, sizeof path, "%s%s", f->folder, rows[i].below);
        assert_int_equal(stat(path, &about), 0);
        if ((about.st_mode & 0777) != rows[i].mode)
            fail_msg("%s has mode %o", path, about.st_mode & 0777u);
    }
}

static void one_server_and_many_guests(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    struct svi_platform_store *second;
    assert_false(svi_platform_store_open(&second, f->folder, SVI_PLATFORM_SERVER, &err));
    assert_null(second);
    check_has(err.message, "already running on this folder");
    svi_error_clear(&err);
    check_ok(svi_platform_store_open(&second, f->folder, SVI_PLATFORM_GUEST, &err), err);
    char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
    assert_int_equal(svi_platform_store_add_user(second, "guest", token, &err), SVI_PLATFORM_DONE);
    svi_platform_store_close(second);
    struct svi_platform_user guest;
    assert_int_equal(svi_platform_store_find_user(f->store, token, &guest, &err), SVI_PLATFORM_DONE);
    assert_string_equal(guest.name, "guest");
}

static void a_folder_that_cannot_be_one(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    struct svi_platform_store *store;
    char path[700];
    write_file(f, "plain", "x");
    snprintf(path, sizeof path, "%s/plain", f->folder);
    assert_false(svi_platform_store_open(&store, path, SVI_PLATFORM_SERVER, &err));
    assert_null(strstr(err.message, f->folder));

    svi_error_clear(&err);
    snprintf(path, sizeof path, "%s/other", f->folder);
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    write_file(f, "other/platform.db", "This is not a database, however long one looks at it.");
    assert_false(svi_platform_store_open(&store, path, SVI_PLATFORM_SERVER, &err));
    check_has(err.cause, "not a database");
}

/* --- statuses --- */

static void which_status_may_follow(void **state)
{
    (void)state;
    static const char *const names[] = { "pending", "submitted", "running", "completed", "failed" };
    static const char *const may[] = { /* a row for each status that is, a column for each that follows */
                                       "yyyny", "nyyyy", "nnyyy", "nnnnn", "nnnnn"
    };
    for (size_t i = 0; i < ROWS(names); i++)
        for (size_t k = 0; k < ROWS(names); k++)
            assert_int_equal(svi_platform_may_follow(names[i], names[k]), may[i][k] == 'y');
    assert_false(svi_platform_is_status("Running"));
    assert_false(svi_platform_is_status(""));
    assert_false(svi_platform_may_follow("running", "paused"));
}

static void every_status_is_kept_in_order(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t job = submit(f), none = 0;
    assert_int_equal(set_status(f, job, "running", "{}", &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, job, "running", "{\"progress\":0.5}", &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, job, "completed", "{\"results_id\":99}", &err), SVI_PLATFORM_REFUSED);
    check_has(err.message, "results_id");
    svi_error_clear(&err);
    int64_t json_id = 0;
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, job, "{\"a\":1}", NULL, 0, &json_id, &none, &err),
                     SVI_PLATFORM_DONE);
    char info[64];
    snprintf(info, sizeof info, "{\"results_id\":null,\"json_data_id\":%d}", (int)json_id);
    assert_int_equal(set_status(f, job, "completed", info, &err), SVI_PLATFORM_DONE);
    /* The very same again adds nothing; anything else is a conflict. */
    assert_int_equal(set_status(f, job, "completed", info, &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, job, "completed", "{}", &err), SVI_PLATFORM_CONFLICT);
    assert_int_equal(set_status(f, job, "running", "{}", &err), SVI_PLATFORM_CONFLICT);
    assert_int_equal(set_status(f, job, "failed", "{}", &err), SVI_PLATFORM_CONFLICT);
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, job, "{\"a\":1}", NULL, 0, &json_id, &none, &err),
                     SVI_PLATFORM_CONFLICT);

    static const char *const expected[] = { "pending", "submitted", "running", "running", "completed" };
    reopen(f);
    json_t *rows;
    svi_error_clear(&err);
    assert_int_equal(svi_platform_store_statuses(f->store, job, &rows, &err), SVI_PLATFORM_DONE);
    assert_int_equal(json_array_size(rows), ROWS(expected));
    const char *before = "";
    for (size_t i = 0; i < ROWS(expected); i++) {
        const json_t *row = json_array_get(rows, i);
        assert_string_equal(json_string_value(json_object_get(row, "status")), expected[i]);
        const char *when = json_string_value(json_object_get(row, "created_at"));
        assert_int_equal(strlen(when), strlen("2025-07-16T15:02:11.123456Z"));
        assert_true(strcmp(before, when) <= 0);
        before = when;
    }
    json_decref(rows);
    assert_int_equal(svi_platform_store_statuses(f->store, job + 1, &rows, &err), SVI_PLATFORM_ABSENT);
}

/* A verb is done when the disk has it, and tells nothing that the disk may lose, but for what a job's end brings along. */
static void the_disk_has_what_is_done(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    const int64_t job = submit(f);
    json_t *tree;
    unsigned before = atomic_load(&log_syncs);
    /* The loss of "running" harms nobody: it waits for no sync, and who asks for the job does not either. */
    assert_int_equal(set_status(f, job, "running", "{}", &err), SVI_PLATFORM_DONE);
    assert_int_equal(svi_platform_store_job(f->store, &f->ann, job, &tree, &err), SVI_PLATFORM_DONE);
    json_decref(tree);
    assert_int_equal(atomic_load(&log_syncs), before);
    const struct svi_platform_user *ann = &f->ann;
    int64_t json_id, none;
    /* Whoever completes the job names its results, and would learn that they are gone. */
    assert_int_equal(svi_platform_store_save(f->store, ann, job, "{\"a\":1}", NULL, 0, &json_id, &none, &err), SVI_PLATFORM_DONE);
    assert_int_equal(atomic_load(&log_syncs), before);
    char info[64];
    snprintf(info, sizeof info, "{\"json_data_id\":%d}", (int)json_id);
    assert_int_equal(set_status(f, job, "completed", info, &err), SVI_PLATFORM_DONE);
    assert_int_equal(atomic_load(&log_syncs), before + 1);
    const int64_t ending = submit(f);
    assert_int_equal(atomic_load(&log_syncs), before + 2);
    assert_int_equal(svi_platform_store_job(f->store, ann, job, &tree, &err), SVI_PLATFORM_DONE);
    json_decref(tree);
    assert_int_equal(atomic_load(&log_syncs), before + 2);

    atomic_store(&disk_fails, true);
    assert_int_equal(set_status(f, ending, "failed", "{}", &err), SVI_PLATFORM_BROKEN);
    assert_string_equal(err.message, "The platform's disk did not keep what was written.");
    atomic_store(&disk_fails, false);
    /* Who asks again must not be told what was never synced. */
    svi_error_clear(&err);
    assert_int_equal(svi_platform_store_job(f->store, ann, job, &tree, &err), SVI_PLATFORM_BROKEN);
    assert_null(tree);
    svi_error_clear(&err);
    assert_int_equal(set_status(f, ending, "failed", "{}", &err), SVI_PLATFORM_BROKEN);
    reopen(f);
    svi_error_clear(&err);
    assert_int_equal(svi_platform_store_job(f->store, ann, job, &tree, &err), SVI_PLATFORM_DONE);
    json_decref(tree);
}

enum { WRITERS = 4, WRITES = 25 };

static void *write_jobs(void *argument)
{
    for (int i = 0; i < WRITES; i++)
        submit(argument);
    return NULL;
}

/* Each waits for a sync that began after its commit: that may be the same one for several, but not none. */
static void many_may_wait_for_the_disk(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[WRITERS];
    unsigned before = atomic_load(&log_syncs);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_jobs, f), 0);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&log_syncs) - before, WRITES, WRITERS * WRITES);
}

static void a_result_of_another_job_completes_nothing(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t first = submit(f), second = submit(f), json_id = 0;
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, first, "{\"a\":1}", NULL, 0, &json_id, NULL, &err),
                     SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, second, "running", "{}", &err), SVI_PLATFORM_DONE);
    char info[64];
    snprintf(info, sizeof info, "{\"json_data_id\":%d}", (int)json_id);
    assert_int_equal(set_status(f, second, "completed", info, &err), SVI_PLATFORM_REFUSED);
    svi_error_clear(&err);
    char all[64];
    snprintf(all, sizeof all, "{\"results\":{\"a.png\":%d}}", (int)json_id);
    assert_int_equal(set_status(f, second, "completed", all, &err), SVI_PLATFORM_REFUSED);
    svi_error_clear(&err);
    /* That they ran may have been taken away by a power cut. */
    assert_int_equal(set_status(f, first, "completed", info, &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, submit(f), "completed", "{}", &err), SVI_PLATFORM_DONE);
}

/* --- files --- */

static void files_of_the_data_folder(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    char path[700], to[700];
    snprintf(path, sizeof path, "%s/data/ann/run 1/deep", f->folder);
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    write_file(f, "data/ann/rec.csv", "one");
    write_file(f, "data/ann/run 1/deep/rec.csv", "two");
    write_file(f, "data/bob/bobs.csv", "three");
    write_file(f, "secret", "four");
    snprintf(path, sizeof path, "%s/data/ann/link", f->folder);
    assert_int_equal(symlink("rec.csv", path), 0);
    snprintf(path, sizeof path, "%s/data/ann/door", f->folder);
    snprintf(to, sizeof to, "%s/data/bob", f->folder);
    assert_int_equal(symlink(to, path), 0);
    snprintf(path, sizeof path, "%s/data/ann/pipe", f->folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/secret", f->folder);

    const struct {
        const char *name, *text; /* NULL: refused */
    } rows[] = {
        { "rec.csv", "one" },
        { "run 1/deep/rec.csv", "two" },
        { "../bob/bobs.csv", NULL },
        { "run 1/../rec.csv", NULL },
        { path, NULL },
        { "/rec.csv", NULL },
        { "./rec.csv", NULL },
        { "run 1//deep/rec.csv", NULL },
        { "run 1/deep", NULL },
        { "rec.csv/", NULL },
        { "link", NULL },
        { "door/bobs.csv", NULL },
        { "pipe", NULL },
        { "none.csv", NULL },
        { "bobs.csv", NULL },
        { "..", NULL },
        { ".", NULL },
        { "../../secret", NULL },
        { "rec.csv/x", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        svi_error_clear(&err);
        int64_t job;
        enum svi_platform_result result = submit_names(f, &f->ann, rows[i].name, &job, &err);
        if (result != (rows[i].text ? SVI_PLATFORM_DONE : SVI_PLATFORM_REFUSED))
            fail_msg("\"%s\": result %d, %s", rows[i].name, (int)result, err.message);
        if (!rows[i].text)
            continue;
        json_t *data;
        assert_int_equal(svi_platform_store_job(f->store, &f->ann, job, &data, &err), SVI_PLATFORM_DONE);
        const json_t *file = json_array_get(json_object_get(data, "local_files"), 0);
        assert_string_equal(json_string_value(json_object_get(file, "name")), rows[i].name);
        struct svi_platform_file opened;
        assert_int_equal(
            svi_platform_store_job_file(f->store, &f->ann, json_integer_value(json_object_get(file, "id")), &opened, &err),
            SVI_PLATFORM_DONE);
        check_file(&opened, rows[i].text);
        json_decref(data);
    }
    assert_int_equal(count_entries(f, "incoming"), 0);
    assert_int_equal(count_entries(f, "files"), 2);
}

static void an_earlier_upload_is_found_by_its_name(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t job;
    submit(f);
    assert_int_equal(submit_names(f, &f->ann, "a.txt", &job, &err), SVI_PLATFORM_DONE);
    assert_int_equal(submit_names(f, &f->bob, "a.txt", &job, &err), SVI_PLATFORM_REFUSED);
    check_has(err.message, "\"a.txt\" does not exist");
    assert_int_equal(contents_count(f->folder), 1);
}

static void a_result_is_saved_or_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t job = submit(f), json_id = 0, ids[2];
    struct svi_platform_upload *files[] = { upload(f, "dir/p\\q.png", "picture"), upload(f, "b.bin", "data") };
    assert_int_equal(svi_platform_store_save(f->store, &f->bob, job, NULL, files, 2, &json_id, ids, &err), SVI_PLATFORM_FOREIGN);
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, job + 1, NULL, files, 2, &json_id, ids, &err), SVI_PLATFORM_ABSENT);
    assert_int_equal(contents_count(f->folder), 1);
    svi_error_clear(&err);
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, job, "{}", files, 2, &json_id, ids, &err), SVI_PLATFORM_DONE);
    svi_platform_upload_close(files[0]);
    svi_platform_upload_close(files[1]);
    assert_int_equal(contents_count(f->folder), 3);

    struct svi_platform_file file;
    json_t *json;
    assert_int_equal(svi_platform_store_result(f->store, &f->ann, ids[0], true, &json, &file, &err), SVI_PLATFORM_DONE);
    assert_null(json);
    assert_string_equal(file.name, "q.png");
    assert_string_equal(file.content_type, "text/plain");
    check_file(&file, "picture");
    assert_int_equal(svi_platform_store_result(f->store, &f->bob, ids[0], true, &json, &file, &err), SVI_PLATFORM_ABSENT);
    assert_int_equal(file.fd, -1);
    assert_null(file.bytes);
}

static void check_large(struct fixture *f, int64_t id, size_t count, bool in_database)
{
    struct svi_error err = { 0 };
    struct svi_platform_file file;
    json_t *json;
    assert_int_equal(svi_platform_store_result(f->store, &f->ann, id, true, &json, &file, &err), SVI_PLATFORM_DONE);
    assert_int_equal(file.size_bytes, count);
    assert_int_equal(file.bytes != NULL, in_database);
    uint8_t *bytes = file.bytes ? file.bytes : malloc(count + 1);
    assert_true(bytes && (in_database || read(file.fd, bytes, count + 1) == (ssize_t)count));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(bytes[i], i / 10000);
    free(bytes);
    if (!in_database)
        close(file.fd);
}

/* What is larger than the database takes is a file from the piece on with which it becomes so, and is saved or leaves nothing, too.
 */
static void large_results_are_files(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    static const struct {
        size_t count;
        bool in_database;
    } rows[] = { { SVI_PLATFORM_HELD_BYTES, true }, { SVI_PLATFORM_HELD_BYTES + 1, false }, { 0, true }, { 1000000, false } };
    int64_t job = submit(f), json_id = 0, ids[ROWS(rows)];
    struct svi_platform_upload *files[ROWS(rows)];
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < ROWS(rows); i++)
            files[i] = large_upload(f, "a.bin", rows[i].count);
        assert_int_equal(count_entries(f, "incoming"), 2);
        assert_int_equal(
            svi_platform_store_save(f->store, turn ? &f->ann : &f->bob, job, NULL, files, ROWS(rows), &json_id, ids, &err),
            turn ? SVI_PLATFORM_DONE : SVI_PLATFORM_FOREIGN);
        for (size_t i = 0; i < ROWS(rows); i++)
            svi_platform_upload_close(files[i]);
        assert_int_equal(count_entries(f, "incoming"), 0);
        assert_int_equal(count_entries(f, "files"), turn ? 2 : 0);
        assert_int_equal(contents_count(f->folder), turn ? 3 : 1);
        svi_error_clear(&err);
    }
    reopen(f);
    for (size_t i = 0; i < ROWS(rows); i++)
        check_large(f, ids[i], rows[i].count, rows[i].in_database);
}

/* Many small ones that nobody ends become files beyond what all of them may hold in memory. */
static void memory_that_uploads_hold_has_an_end(void **state)
{
    enum { MANY = 260, IN_MEMORY = (32 << 20) / SVI_PLATFORM_HELD_BYTES };
    struct fixture *f = *state;
    struct svi_platform_upload *files[MANY];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < MANY; i++)
            files[i] = large_upload(f, "a.bin", SVI_PLATFORM_HELD_BYTES);
        assert_int_equal(count_entries(f, "incoming"), MANY - IN_MEMORY);
        for (int i = 0; i < MANY; i++)
            svi_platform_upload_close(files[i]);
        assert_int_equal(count_entries(f, "incoming"), 0);
    }
}

/* Files up to a size are synced behind their rename, those beyond a number before it, and the folder once for all; none of it where
 * all lie in the database. */
static void files_are_synced_once(void **state)
{
    enum { MANY = 70, LATE = 64 };
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t job = submit(f), json_id = 0, ids[MANY];
    struct svi_platform_upload *files[MANY];
    const unsigned way = atomic_load(&synced_on_the_way), place = atomic_load(&synced_in_place),
                   folder = atomic_load(&synced_folder);
    for (int turn = 1; turn <= 2; turn++) {
        for (int i = 0; i < MANY; i++)
            files[i] = large_upload(f, "a.png", SVI_PLATFORM_HELD_BYTES + 1);
        assert_int_equal(svi_platform_store_save(f->store, &f->ann, job, NULL, files, MANY, &json_id, ids, &err),
                         SVI_PLATFORM_DONE);
        for (int i = 0; i < MANY; i++)
            svi_platform_upload_close(files[i]);
        assert_int_equal(atomic_load(&synced_on_the_way) - way, turn * (MANY - LATE));
        assert_int_equal(atomic_load(&synced_in_place) - place, turn * LATE);
        assert_int_equal(atomic_load(&synced_folder) - folder, turn);
    }
    files[0] = upload(f, "a.png", "picture");
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, job, NULL, files, 1, &json_id, ids, &err), SVI_PLATFORM_DONE);
    svi_platform_upload_close(files[0]);
    assert_int_equal(atomic_load(&synced_on_the_way) - way, 2 * (MANY - LATE));
    assert_int_equal(atomic_load(&synced_in_place) - place, 2 * LATE);
    assert_int_equal(atomic_load(&synced_folder) - folder, 2);
}

/* --- restarts --- */

static void what_a_killed_server_left_is_removed(void **state)
{
    struct fixture *f = *state;
    submit(f);
    write_file(f, "files/77", "no row");
    write_file(f, "files/01", "no id");
    write_file(f, "files/x.tmp", "no id");
    write_file(f, "incoming/abc", "half");
    struct svi_error err = { 0 };
    int64_t json_id = 0, id;
    struct svi_platform_upload *file = large_upload(f, "a.bin", 200000);
    assert_int_equal(svi_platform_store_save(f->store, &f->ann, 1, NULL, &file, 1, &json_id, &id, &err), SVI_PLATFORM_DONE);
    svi_platform_upload_close(file);
    reopen(f);
    check_large(f, id, 200000, false);
    assert_int_equal(count_entries(f, "files"), 1);
    assert_int_equal(count_entries(f, "incoming"), 0);
}

/* A child process submits, says so, and is killed in the middle of whatever it does next. */
static void kill_9_loses_nothing(void **state)
{
    struct fixture *f = *state;
    svi_platform_store_close(f->store);
    f->store = NULL;
    int said[2];
    assert_int_equal(pipe(said), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct svi_error err = { 0 };
        if (!svi_platform_store_open(&f->store, f->folder, SVI_PLATFORM_SERVER, &err))
            _exit(1);
        for (;;) {
            int64_t job = submit(f);
            if (write(said[1], &job, sizeof job) != sizeof job)
                _exit(1);
        }
    }
    close(said[1]);
    int64_t last = 0, next;
    for (int i = 0; i < 20 && read(said[0], &next, sizeof next) == sizeof next; i++)
        last = next;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(said[0], &next, sizeof next) == sizeof next)
        last = next;
    close(said[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(last >= 20);

    reopen(f);
    struct svi_error err = { 0 };
    for (int64_t job = 1; job <= last; job++) {
        json_t *data;
        assert_int_equal(svi_platform_store_job(f->store, &f->ann, job, &data, &err), SVI_PLATFORM_DONE);
        assert_string_equal(json_string_value(json_object_get(data, "status")), "submitted");
        const json_t *file = json_array_get(json_object_get(data, "local_files"), 0);
        struct svi_platform_file opened;
        assert_int_equal(
            svi_platform_store_job_file(f->store, &f->ann, json_integer_value(json_object_get(file, "id")), &opened, &err),
            SVI_PLATFORM_DONE);
        check_file(&opened, "hello");
        json_decref(data);
    }
}

/* --- the queue --- */

static int64_t take(struct fixture *f, bool again)
{
    struct svi_error err = { 0 };
    struct svi_platform_ticket ticket;
    check_ok(svi_platform_store_take(f->store, &ticket, &err), err);
    assert_string_equal(ticket.token, f->ann_token);
    assert_int_equal(ticket.again, again);
    return ticket.job;
}

static void a_job_is_offered_until_it_has_ended(void **state)
{
    struct fixture *f = *state;
    struct svi_error err = { 0 };
    int64_t first = submit(f), second = submit(f), third = submit(f), fourth = submit(f);
    assert_int_equal(take(f, false), first);
    assert_int_equal(take(f, false), second);
    assert_int_equal(set_status(f, first, "running", "{}", &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, second, "running", "{}", &err), SVI_PLATFORM_DONE);
    assert_int_equal(set_status(f, second, "failed", "{\"error\":\"x\"}", &err), SVI_PLATFORM_DONE);
    /* A worker outside takes the third, unclaimed: it is not ours to work on. */
    assert_int_equal(set_status(f, third, "running", "{}", &err), SVI_PLATFORM_DONE);
    for (int i = 0; i < 2; i++) {
        reopen(f);
        assert_int_equal(take(f, true), first);
        assert_int_equal(take(f, i > 0), fourth);
    }
    svi_platform_store_stop_waiting(f->store);
    struct svi_platform_ticket ticket;
    assert_false(svi_platform_store_take(f->store, &ticket, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
}

enum { WORKERS = 4, JOBS = 40 };

struct worker {
    struct fixture *f;
    pthread_t thread;
    int taken[JOBS + 1];
    enum svi_status ended;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct svi_error err = { 0 };
    struct svi_platform_ticket ticket;
    while (svi_platform_store_take(worker->f->store, &ticket, &err))
        if (ticket.job <= JOBS)
            worker->taken[ticket.job]++;
        else
            svi_platform_store_stop_waiting(worker->f->store); /* the last job: taken after all others */
    worker->ended = err.status;
    return NULL;
}

static void each_job_has_one_taker(void **state)
{
    struct fixture *f = *state;
    static struct worker workers[WORKERS];
    memset(workers, 0, sizeof workers);
    for (int i = 0; i < WORKERS; i++) {
        workers[i].f = f;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i <= JOBS; i++)
        submit(f);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (int job = 1; job <= JOBS; job++) {
        int takers = 0;
        for (int i = 0; i < WORKERS; i++)
            takers += workers[i].taken[job];
        assert_int_equal(takers, 1);
    }
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(workers[i].ended, SVI_CANCELLED);
}

static void *take_first(void *argument)
{
    struct worker *worker = argument;
    struct svi_error err = { 0 };
    struct svi_platform_ticket ticket = { 0 };
    worker->taken[0] = svi_platform_store_take(worker->f->store, &ticket, &err) && ticket.job == 1;
    svi_log(SVI_LOG_ERROR, "it came back");
    return NULL;
}

static void a_full_disk_is_waited_for(void **state)
{
    static struct worker worker;
    struct rlimit usual;
    char line[400] = "";
    int ends[2];
    worker.f = *state;
    submit(worker.f);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(pipe(ends), 0);
    svi_log_to(ends[1], SVI_LOG_ERROR, SVI_LOG_TEXT);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, usual.rlim_max }), 0);
    assert_int_equal(pthread_create(&worker.thread, NULL, take_first, &worker), 0);
    assert_true(read(ends[0], line, sizeof line - 1) > 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    check_has(line, "jobs wait");
    submit(worker.f);
    assert_int_equal(pthread_join(worker.thread, NULL), 0);
    svi_log_to(STDERR_FILENO, SVI_LOG_ERROR, SVI_LOG_TEXT);
    assert_true(worker.taken[0]);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(user_names),
        ON_A_STORE(nobody_else_can_read),
        ON_A_STORE(one_server_and_many_guests),
        ON_A_STORE(a_folder_that_cannot_be_one),
        cmocka_unit_test(which_status_may_follow),
        ON_A_STORE(every_status_is_kept_in_order),
        ON_A_STORE(the_disk_has_what_is_done),
        ON_A_STORE(many_may_wait_for_the_disk),
        ON_A_STORE(a_result_of_another_job_completes_nothing),
        ON_A_STORE(files_of_the_data_folder),
        ON_A_STORE(an_earlier_upload_is_found_by_its_name),
        ON_A_STORE(a_result_is_saved_or_leaves_nothing),
        ON_A_STORE(large_results_are_files),
        ON_A_STORE(memory_that_uploads_hold_has_an_end),
        ON_A_STORE(files_are_synced_once),
        ON_A_STORE(what_a_killed_server_left_is_removed),
        ON_A_STORE(kill_9_loses_nothing),
        ON_A_STORE(a_job_is_offered_until_it_has_ended),
        ON_A_STORE(each_job_has_one_taker),
        ON_A_STORE(a_full_disk_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
