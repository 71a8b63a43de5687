/* The second half of platform_store.h: what became of a job, its statuses and its results. */
#include "host/platform_status.h"
#include "host/platform_store_inside.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

/* --- what a job looks like --- */

/* JSON that this program has written; a row damaged by someone else reads as null. */
static json_t *stored_json(const char *text)
{
    json_t *value = *text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_null();
}

static bool add_files(struct svi_platform_store *store, int64_t job, json_t *data, struct svi_error *err)
{
    json_t *files = json_array();
    json_object_set_new(data, "local_files", files);
    json_object_set_new(data, "remote_files", json_array());
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_JOB_FILES, SVI_DB_VALUES(svi_db_integer(job)), err);
    while (ok && row) {
        json_array_append_new(
            files, json_pack("{s:s, s:I}", "name", svi_db_column(row, 0), "id", (json_int_t)sqlite3_column_int64(row, 1)));
        ok = svi_db_next(store->db, &row, err);
    }
    return ok;
}

/* The keys of the newest row's info that whoever polls may see: the contract's three, and of ours the summary's id and all results.
 */
static bool add_info(struct svi_platform_store *store, int64_t job, json_t *data, struct svi_error *err)
{
    static const char *const keys[] = { "memory_warning", "results_id", "error", "json_data_id", "results" };
    sqlite3_stmt *row;
    if (!svi_db_first(store->db, &row, SVI_SQL_NEWEST_STATUS, SVI_DB_VALUES(svi_db_integer(job)), err))
        return false;
    json_t *info = row ? stored_json(svi_db_column(row, 2)) : json_null();
    svi_db_end(row);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *value = json_object_get(info, keys[i]);
        json_object_set(data, keys[i], value ? value : json_null());
    }
    json_decref(info);
    return true;
}

enum svi_platform_result svi_platform_store_job(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                                                json_t **out, struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    json_t *data = NULL;
    sqlite3_stmt *row;
    enum svi_platform_result result = svi_store_find_job(store, user, job, &row, err);
    if (result == SVI_PLATFORM_DONE) {
        data = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "user_id", svi_db_column(row, 6), "type", svi_db_column(row, 1),
                         "status", svi_db_column(row, 3), "created_at", svi_db_column(row, 4), "updated_at", svi_db_column(row, 5),
                         "config", stored_json(svi_db_column(row, 2)));
        svi_db_end(row);
        bool ok = (data || svi_fail_memory(err, 0)) && add_files(store, job, data, err) && add_info(store, job, data, err);
        result = svi_store_result_of(ok);
    }
    pthread_mutex_unlock(&store->lock);
    result = svi_store_last(store, result, err);
    if (result != SVI_PLATFORM_DONE) {
        json_decref(data);
        data = NULL;
    }
    *out = data;
    return result;
}

/* --- statuses --- */

/* Takes over the info. */
static json_t *tell_status(int64_t id, int64_t job, const char *status, json_t *info, const char *created_at)
{
    return json_pack("{s:I, s:I, s:s, s:o, s:s}", "id", (json_int_t)id, "job_id", (json_int_t)job, "status", status, "info", info,
                     "created_at", created_at);
}

static json_t *status_row(sqlite3_stmt *row, int64_t job)
{
    return tell_status(sqlite3_column_int64(row, 0), job, svi_db_column(row, 1), stored_json(svi_db_column(row, 2)),
                       svi_db_column(row, 3));
}

static bool newest_status(struct svi_platform_store *store, int64_t job, json_t **out, struct svi_error *err)
{
    sqlite3_stmt *row;
    if (!svi_db_first(store->db, &row, SVI_SQL_NEWEST_STATUS, SVI_DB_VALUES(svi_db_integer(job)), err))
        return false;
    *out = row ? status_row(row, job) : NULL;
    svi_db_end(row);
    return *out || svi_fail(err, SVI_BUG, "A job without a status was found.");
}

static enum svi_platform_result check_result(struct svi_platform_store *store, int64_t job, const char *key, const json_t *id,
                                             struct svi_error *err)
{
    sqlite3_stmt *row;
    if (!svi_db_first(store->db, &row, SVI_SQL_RESULT_OF_JOB,
                      SVI_DB_VALUES(svi_db_integer(json_integer_value(id)), svi_db_integer(job)), err))
        return SVI_PLATFORM_BROKEN;
    const bool there = row && json_is_integer(id);
    svi_db_end(row);
    if (there)
        return SVI_PLATFORM_DONE;
    svi_fail(err, SVI_BAD_PARAMETER, "%s does not name a result that was saved for this job.", key);
    return SVI_PLATFORM_REFUSED;
}

/* The results that a completion names must be there, or whoever trusts "completed" finds nothing. */
static enum svi_platform_result check_results(struct svi_platform_store *store, int64_t job, const json_t *info,
                                              struct svi_error *err)
{
    static const char *const keys[] = { "results_id", "json_data_id" };
    enum svi_platform_result result = SVI_PLATFORM_DONE;
    for (size_t i = 0; result == SVI_PLATFORM_DONE && i < sizeof keys / sizeof *keys; i++) {
        const json_t *id = json_object_get(info, keys[i]);
        if (id && !json_is_null(id))
            result = check_result(store, job, keys[i], id, err);
    }
    json_t *all = json_object_get(info, "results");
    for (void *at = json_object_iter(all); result == SVI_PLATFORM_DONE && at; at = json_object_iter_next(all, at))
        result = check_result(store, job, "results", json_object_iter_value(at), err);
    return result;
}

/* An answer that was lost is asked for again: the row that ended the job stands, and is told once more. *out stays NULL where it
 * says something else. */
static bool find_same_end(struct svi_platform_store *store, int64_t job, const json_t *info, json_t **out, struct svi_error *err)
{
    if (!newest_status(store, job, out, err))
        return false;
    if (json_equal(json_object_get(*out, "info"), info))
        return true;
    json_decref(*out);
    *out = NULL;
    return true;
}

static bool insert_status(struct svi_platform_store *store, int64_t job, const char *status, const json_t *info, json_t **out,
                          struct svi_error *err)
{
    char now[SVI_STORE_TIME_BYTES], *text = json_dumps(info, JSON_COMPACT | JSON_ENCODE_ANY);
    svi_store_write_time(now);
    const bool ok = text ? svi_store_insert_status(store, job, status, text, now, err) : svi_fail_memory(err, 0);
    free(text);
    if (ok)
        *out = tell_status(svi_db_last_id(store->db), job, status, json_deep_copy(info), now);
    return ok && (*out || svi_fail_memory(err, 0));
}

/* `now` is the job's status. *out becomes the row that tells `status`. */
static enum svi_platform_result add_status(struct svi_platform_store *store, int64_t job, const char *now, const char *status,
                                           const json_t *info, json_t **out, struct svi_error *err)
{
    if (svi_platform_is_end(now) && !strcmp(now, status) && !find_same_end(store, job, info, out, err))
        return SVI_PLATFORM_BROKEN;
    if (*out)
        return SVI_PLATFORM_DONE;
    if (!svi_platform_may_follow(now, status)) {
        svi_fail(err, SVI_BAD_PARAMETER, "The job is %s; %s cannot follow.", now, status);
        return SVI_PLATFORM_CONFLICT;
    }
    const enum svi_platform_result result = strcmp(status, "completed") ? SVI_PLATFORM_DONE : check_results(store, job, info, err);
    return result == SVI_PLATFORM_DONE ? svi_store_result_of(insert_status(store, job, status, info, out, err)) : result;
}

enum svi_platform_result svi_platform_store_set_status(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                       int64_t job, const char *status, const json_t *info, json_t **out,
                                                       struct svi_error *err)
{
    *out = NULL;
    if (!svi_platform_is_status(status)) {
        svi_fail(err, SVI_BAD_PARAMETER, "\"%s\" is not a valid choice.", status);
        return SVI_PLATFORM_REFUSED;
    }
    enum svi_platform_result result = svi_store_begin(store, err);
    char now[16] = "";
    if (result == SVI_PLATFORM_DONE) {
        sqlite3_stmt *row;
        result = svi_store_find_job(store, user, job, &row, err);
        if (row)
            svi_format(now, sizeof now, "%s", svi_db_column(row, 3));
        svi_db_end(row);
    }
    if (result == SVI_PLATFORM_DONE)
        result = add_status(store, job, now, status, info, out, err);
    /* "running" may be lost: a job without an end is offered again, and one that goes on takes its end all the same. */
    result = strcmp(status, "running") ? svi_store_finish(store, result, err) : svi_store_finish_lightly(store, result, err);
    if (result != SVI_PLATFORM_DONE) {
        json_decref(*out);
        *out = NULL;
    }
    return result;
}

enum svi_platform_result svi_platform_store_statuses(struct svi_platform_store *store, int64_t job, json_t **out,
                                                     struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    json_t *all = json_array();
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_STATUSES, SVI_DB_VALUES(svi_db_integer(job)), err);
    while (ok && row) {
        json_array_append_new(all, status_row(row, job));
        ok = svi_db_next(store->db, &row, err);
    }
    pthread_mutex_unlock(&store->lock);
    enum svi_platform_result result = !ok                    ? SVI_PLATFORM_BROKEN
                                      : json_array_size(all) ? SVI_PLATFORM_DONE
                                                             : svi_store_absent("Job not found", err);
    result = svi_store_last(store, result, err);
    if (result != SVI_PLATFORM_DONE) {
        json_decref(all);
        all = NULL;
    }
    *out = all;
    return result;
}

/* --- reading files and results --- */

static void read_file_columns(struct svi_platform_file *out, int64_t *id, sqlite3_stmt *row, int first_column)
{
    *id = sqlite3_column_int64(row, first_column);
    svi_format(out->name, sizeof out->name, "%s", svi_db_column(row, first_column + 1));
    svi_format(out->content_type, sizeof out->content_type, "%s", svi_db_column(row, first_column + 2));
}

/* Where it is no file: its bytes from the database. With the lock. */
static bool read_content(struct svi_platform_store *store, int64_t id, struct svi_platform_file *out, struct svi_error *err)
{
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_CONTENT, SVI_DB_VALUES(svi_db_integer(id)), err);
    if (row) {
        const void *bytes = sqlite3_column_blob(row, 0);
        out->size_bytes = (uint64_t)sqlite3_column_bytes(row, 0);
        out->bytes = malloc(out->size_bytes + 1);
        if (out->bytes && out->size_bytes)
            memcpy(out->bytes, bytes, out->size_bytes);
        ok = out->bytes || svi_fail_memory(err, out->size_bytes);
    }
    svi_db_end(row);
    return ok;
}

/* Without the lock, and after the content. */
static bool open_file(struct svi_platform_store *store, int64_t id, struct svi_platform_file *out, struct svi_error *err)
{
    return out->bytes || svi_platform_files_read(store->files, id, &out->fd, &out->size_bytes, err);
}

static enum svi_platform_result end_reading(struct svi_platform_file *out, bool ok)
{
    if (!ok) {
        free(out->bytes);
        out->bytes = NULL;
    }
    return svi_store_result_of(ok);
}

enum svi_platform_result svi_store_open_file(struct svi_platform_store *store, enum svi_db_sql sql,
                                             const struct svi_db_value *values, size_t count, struct svi_platform_file *out,
                                             struct svi_error *err)
{
    *out = (struct svi_platform_file){ .fd = -1 };
    int64_t file = 0;
    pthread_mutex_lock(&store->lock);
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, sql, values, count, err);
    if (row)
        read_file_columns(out, &file, row, 0);
    svi_db_end(row);
    ok = ok && (!file || read_content(store, file, out, err));
    pthread_mutex_unlock(&store->lock);
    if (ok && !file)
        return svi_store_absent("Job data not found", err);
    return end_reading(out, ok && svi_db_make_lasting(store->db, err) && open_file(store, file, out, err));
}

enum svi_platform_result svi_platform_store_job_file(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                     int64_t id, struct svi_platform_file *out, struct svi_error *err)
{
    return svi_store_open_file(store, SVI_SQL_JOB_FILE, SVI_DB_VALUES(svi_db_integer(id), svi_db_integer(user->id)), out, err);
}

enum svi_platform_result svi_platform_store_result(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                   int64_t id, bool open, json_t **json, struct svi_platform_file *file,
                                                   struct svi_error *err)
{
    *json = NULL;
    *file = (struct svi_platform_file){ .fd = -1 };
    int64_t file_id = 0;
    pthread_mutex_lock(&store->lock);
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_RESULT, SVI_DB_VALUES(svi_db_integer(id), svi_db_integer(user->id)), err);
    bool there = row != NULL;
    if (there && sqlite3_column_type(row, 0) != SQLITE_NULL) {
        *json = stored_json(svi_db_column(row, 0));
    } else if (there) {
        read_file_columns(file, &file_id, row, 1);
        file->size_bytes = (uint64_t)sqlite3_column_int64(row, 4);
    }
    svi_db_end(row);
    open = open && file_id;
    ok = ok && (!open || read_content(store, file_id, file, err));
    pthread_mutex_unlock(&store->lock);
    if (ok && !there)
        return svi_store_absent("Job data not found", err);
    return end_reading(file, ok && svi_db_make_lasting(store->db, err) && (!open || open_file(store, file_id, file, err)));
}

/* --- saving results --- */

static enum svi_platform_result check_not_ended(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                                                struct svi_error *err)
{
    sqlite3_stmt *row;
    enum svi_platform_result result = svi_store_find_job(store, user, job, &row, err);
    if (result == SVI_PLATFORM_DONE && svi_platform_is_end(svi_db_column(row, 3))) {
        svi_fail(err, SVI_BAD_PARAMETER, "The job is %s; nothing can be saved for it any more.", svi_db_column(row, 3));
        result = SVI_PLATFORM_CONFLICT;
    }
    svi_db_end(row);
    return result;
}

static bool insert_results(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job, const char *json,
                           struct svi_platform_upload *const *uploads, size_t upload_count, int64_t *json_id, int64_t *file_ids,
                           struct svi_error *err)
{
    char now[SVI_STORE_TIME_BYTES];
    svi_store_write_time(now);
    if (json) {
        if (!svi_db_run(store->db, SVI_SQL_ADD_RESULT,
                        SVI_DB_VALUES(svi_db_integer(job), svi_db_text(NULL), svi_db_text(json), svi_db_text(now)), err))
            return false;
        *json_id = svi_db_last_id(store->db);
    }
    for (size_t i = 0; i < upload_count; i++) {
        int64_t file;
        if (!svi_store_insert_file(store, user->id, uploads[i], &file, err)
            || !svi_db_run(store->db, SVI_SQL_ADD_RESULT,
                           SVI_DB_VALUES(svi_db_integer(job), svi_db_integer(file), svi_db_text(NULL), svi_db_text(now)), err))
            return false;
        file_ids[i] = svi_db_last_id(store->db);
    }
    return svi_platform_files_sync(store->files, err);
}

enum svi_platform_result svi_platform_store_save(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                 int64_t job, const char *json, struct svi_platform_upload *const *uploads,
                                                 size_t upload_count, int64_t *json_id, int64_t *file_ids, struct svi_error *err)
{
    enum svi_platform_result result = svi_store_begin(store, err);
    if (result == SVI_PLATFORM_DONE)
        result = check_not_ended(store, user, job, err);
    if (result == SVI_PLATFORM_DONE)
        result = svi_store_result_of(insert_results(store, user, job, json, uploads, upload_count, json_id, file_ids, err));
    /* A power cut may take results away until the job's end is told: who ends it names them, and is refused where they are gone. */
    result = svi_store_finish_lightly(store, result, err);
    if (result == SVI_PLATFORM_DONE)
        svi_store_keep_all(uploads, upload_count);
    return result;
}
