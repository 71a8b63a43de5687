#include "host/platform_captures.h"

#include "base/bytes.h"
#include "base/file.h"
#include "host/platform_store_inside.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)SVI_PLATFORM_UUID_BYTES == (int)SVI_STORE_UUID_BYTES, "one length of ids");

enum { MOST_FILES = 100000 };

/* ---- telling ---- */

static json_t *begin_capture(sqlite3_stmt *row, const char *owner)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[], s:s, s:n, s:n, s:n, s:n}", "uuid", svi_db_column(row, 0), "owner", owner,
                     "name", svi_db_column(row, 1), "type", svi_db_column(row, 2), "source", "sds", "files", "timestamp",
                     svi_db_column(row, 3), "min_freq", "max_freq", "scan_time", "end_time");
}

/* Rows of one capture follow each other. */
static bool add_row(json_t *list, sqlite3_stmt *row, const char *owner)
{
    size_t count = json_array_size(list);
    const json_t *last = json_array_get(list, count ? count - 1 : 0);
    const char *uuid = json_string_value(json_object_get(last, "uuid"));
    if (!uuid || strcmp(uuid, svi_db_column(row, 0)) != 0) {
        if (json_array_append_new(list, begin_capture(row, owner)) != 0)
            return false;
        last = json_array_get(list, json_array_size(list) - 1);
    }
    return json_array_append_new(json_object_get(last, "files"),
                                 json_pack("{s:s, s:s}", "uuid", svi_db_column(row, 4), "name", svi_db_column(row, 5)))
           == 0;
}

enum svi_platform_result svi_platform_store_captures(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                     json_t **out, struct svi_error *err)
{
    sqlite3_stmt *row;
    json_t *list = json_array();
    pthread_mutex_lock(&store->lock);
    bool ok = svi_db_first(store->db, &row, SVI_SQL_CAPTURES, SVI_DB_VALUES(svi_db_integer(user->id)), err);
    while (ok && row)
        ok = (add_row(list, row, user->name) || svi_fail_memory(err, 1)) && svi_db_next(store->db, &row, err);
    svi_db_end(row);
    pthread_mutex_unlock(&store->lock);
    *out = ok ? list : NULL;
    if (!ok)
        json_decref(list);
    return svi_store_result_of(ok);
}

enum svi_platform_result svi_platform_store_capture_file(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                         const char *uuid, struct svi_platform_file *out, struct svi_error *err)
{
    return svi_store_open_file(store, SVI_SQL_CAPTURE_FILE, SVI_DB_VALUES(svi_db_text(uuid), svi_db_integer(user->id)), out, err);
}

/* ---- adding ---- */

/* Files on their way into a capture. */
struct intake {
    struct svi_platform_store *store;
    struct svi_platform_upload **uploads;
    size_t count, room;
    const char *type;
};

static bool take_file(struct intake *intake, const char *path, struct svi_error *err)
{
    if (intake->count == MOST_FILES)
        return svi_fail(err, SVI_BAD_USAGE, "A capture has at most %d files.", MOST_FILES);
    if (intake->count == intake->room) {
        size_t room = intake->room ? intake->room * 2 : 64;
        struct svi_platform_upload **uploads = realloc(intake->uploads, room * sizeof(void *));
        if (!uploads)
            return svi_fail_memory(err, room * sizeof(void *));
        intake->uploads = uploads;
        intake->room = room;
    }
    if (svi_ends_with(path, ".h5"))
        intake->type = "drf";
    else if (!intake->type && (svi_ends_with(path, ".json") || svi_ends_with(path, ".rh")))
        intake->type = "rh";
    bool ok = svi_platform_upload_from_path(&intake->uploads[intake->count], svi_platform_store_files(intake->store), path, err);
    intake->count += ok;
    return ok;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A file, or all below a folder; links are left out. */
static bool take_all(struct intake *intake, const char *path, struct svi_error *err)
{
    char *const roots[] = { (char *)(uintptr_t)path, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    bool ok = walk != NULL;
    const FTSENT *entry;
    while (ok && (entry = fts_read(walk))) {
        if (entry->fts_info == FTS_F)
            ok = take_file(intake, entry->fts_path, err);
        else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
            errno = entry->fts_errno;
            ok = false;
        }
    }
    if (!ok && err->status == SVI_OK)
        svi_fail(err, SVI_IO, "%s cannot be read: %s.", svi_base_name(path), strerror(errno));
    if (walk)
        fts_close(walk);
    return ok;
}

static bool insert_files(struct intake *intake, int64_t owner, int64_t capture, struct svi_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < intake->count; i++) {
        char uuid[SVI_STORE_UUID_BYTES];
        int64_t file;
        ok = svi_store_make_uuid(uuid, err) && svi_store_insert_file(intake->store, owner, intake->uploads[i], &file, err)
             && svi_db_run(intake->store->db, SVI_SQL_ADD_CAPTURE_FILE,
                           SVI_DB_VALUES(svi_db_text(uuid), svi_db_integer(capture), svi_db_integer(file)), err);
    }
    return ok;
}

static enum svi_platform_result insert_capture(struct intake *intake, const char *user, const char *name, const char *uuid,
                                               struct svi_error *err)
{
    struct svi_db *db = intake->store->db;
    char now[SVI_STORE_TIME_BYTES];
    svi_store_write_time(now);
    sqlite3_stmt *row;
    if (!svi_db_first(db, &row, SVI_SQL_USER_BY_NAME, SVI_DB_VALUES(svi_db_text(user)), err))
        return SVI_PLATFORM_BROKEN;
    if (!row) {
        svi_fail(err, SVI_BAD_USAGE, "There is no user %s; platform add-user makes one.", user);
        return SVI_PLATFORM_ABSENT;
    }
    int64_t owner = sqlite3_column_int64(row, 0);
    svi_db_end(row);
    return svi_store_result_of(svi_db_run(db, SVI_SQL_ADD_CAPTURE,
                                          SVI_DB_VALUES(svi_db_text(uuid), svi_db_integer(owner), svi_db_text(name),
                                                        svi_db_text(intake->type), svi_db_text(now)),
                                          err)
                               && insert_files(intake, owner, svi_db_last_id(db), err)
                               && svi_platform_files_sync(svi_platform_store_files(intake->store), err));
}

static bool store_capture(struct intake *intake, const char *user, const char *name, const char *uuid, struct svi_error *err)
{
    enum svi_platform_result result = svi_store_begin(intake->store, err);
    if (result == SVI_PLATFORM_DONE)
        result = insert_capture(intake, user, name, uuid, err);
    result = svi_store_commit(intake->store, result, err);
    if (result == SVI_PLATFORM_DONE)
        svi_store_keep_all(intake->uploads, intake->count);
    return svi_store_last(intake->store, result, err) == SVI_PLATFORM_DONE;
}

/* The first operand's name, also where a slash stands at its end. */
static void name_capture(char *into, size_t size, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    char trimmed[SVI_PLATFORM_NAME_BYTES];
    svi_format(trimmed, sizeof trimmed, "%.*s", (int)(length < sizeof trimmed ? length : sizeof trimmed - 1),
               length < sizeof trimmed ? path : path + length - (sizeof trimmed - 1));
    svi_text_clean(into, size, svi_base_name(trimmed));
}

bool svi_platform_add_capture(const char *folder, const char *user, const char *const *paths, size_t path_count,
                              char uuid[SVI_PLATFORM_UUID_BYTES], struct svi_error *err)
{
    struct intake intake = { 0 };
    char name[SVI_PLATFORM_NAME_BYTES];
    bool ok = svi_platform_store_open(&intake.store, folder, SVI_PLATFORM_GUEST, err) && svi_store_make_uuid(uuid, err);
    for (size_t i = 0; ok && i < path_count; i++)
        ok = take_all(&intake, paths[i], err);
    if (ok && !intake.type)
        ok = svi_fail(
            err, SVI_BAD_USAGE,
            "A capture is files of a Digital RF recording (.h5) or RadioHound periodograms (.json, .rh), and there are none.");
    name_capture(name, sizeof name, paths[0]);
    ok = ok && store_capture(&intake, user, name, uuid, err);
    for (size_t i = 0; i < intake.count; i++)
        svi_platform_upload_close(intake.uploads[i]);
    free(intake.uploads);
    svi_platform_store_close(intake.store);
    return ok;
}
