#include "host/platform_store.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/platform_store_inside.h"
#include "host/random.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A user that is taken out of the database by hand is met so long. */
static const double met_s = 1;
static const double claim_pause_s = 2;

void svi_store_write_time(char into[SVI_STORE_TIME_BYTES])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(into, SVI_STORE_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(into + length, SVI_STORE_TIME_BYTES - length, ".%06ldZ", now.tv_nsec / 1000);
}

bool svi_store_make_uuid(char into[SVI_STORE_UUID_BYTES], struct svi_error *err)
{
    char hex[33];
    if (!svi_random_hex(hex, 32, err))
        return false;
    /* Version 4, variant 10 (RFC 9562). */
    snprintf(into, SVI_STORE_UUID_BYTES, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
    return true;
}

enum svi_platform_result svi_store_absent(const char *message, struct svi_error *err)
{
    svi_fail(err, SVI_NOT_FOUND, "%s", message);
    return SVI_PLATFORM_ABSENT;
}

/* --- opening --- */

static bool file_is_known(void *self, int64_t id, bool *answer, struct svi_error *err)
{
    struct svi_platform_store *store = self;
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_FILE_IS_KNOWN, SVI_DB_VALUES(svi_db_integer(id)), err);
    *answer = row != NULL;
    svi_db_end(row);
    return ok;
}

static bool become_server(struct svi_platform_store *store, struct svi_error *err)
{
    return svi_db_run(store->db, SVI_SQL_OFFER_AGAIN, NULL, 0, err)
           && svi_platform_files_sweep(store->files, file_is_known, store, err);
}

bool svi_platform_store_open(struct svi_platform_store **out, const char *folder, enum svi_platform_role role,
                             struct svi_error *err)
{
    *out = NULL;
    struct svi_platform_store *store = calloc(1, sizeof *store);
    if (!store)
        return svi_fail_memory(err, sizeof *store);
    pthread_mutex_init(&store->lock, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&store->job_or_stop, &steady);
    pthread_condattr_destroy(&steady);
    bool ok = svi_platform_files_open(&store->files, folder, err)
              && (role == SVI_PLATFORM_GUEST || svi_platform_files_lock(store->files, err))
              && svi_db_open(&store->db, svi_platform_files_database(store->files), err)
              && (role == SVI_PLATFORM_GUEST || become_server(store, err));
    if (!ok) {
        svi_platform_store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void svi_platform_store_close(struct svi_platform_store *store)
{
    if (!store)
        return;
    svi_db_close(store->db);
    svi_platform_files_close(store->files);
    pthread_cond_destroy(&store->job_or_stop);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

struct svi_platform_files *svi_platform_store_files(struct svi_platform_store *store)
{
    return store->files;
}

/* --- one way in and one way out of what writes --- */

enum svi_platform_result svi_store_begin(struct svi_platform_store *store, struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    return svi_db_begin(store->db, err) ? SVI_PLATFORM_DONE : SVI_PLATFORM_BROKEN;
}

static enum svi_platform_result end_transaction(struct svi_platform_store *store, enum svi_platform_result result,
                                                bool (*commit)(struct svi_db *db, struct svi_error *err), struct svi_error *err)
{
    if (result == SVI_PLATFORM_DONE && !commit(store->db, err))
        result = SVI_PLATFORM_BROKEN;
    svi_db_rollback(store->db);
    pthread_mutex_unlock(&store->lock);
    return result;
}

enum svi_platform_result svi_store_commit(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err)
{
    return end_transaction(store, result, svi_db_commit, err);
}

enum svi_platform_result svi_store_finish_lightly(struct svi_platform_store *store, enum svi_platform_result result,
                                                  struct svi_error *err)
{
    return end_transaction(store, result, svi_db_commit_lightly, err);
}

enum svi_platform_result svi_store_last(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err)
{
    return result != SVI_PLATFORM_DONE || svi_db_make_lasting(store->db, err) ? result : SVI_PLATFORM_BROKEN;
}

enum svi_platform_result svi_store_finish(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err)
{
    return svi_store_last(store, svi_store_commit(store, result, err), err);
}

enum svi_platform_result svi_store_result_of(bool ok)
{
    return ok ? SVI_PLATFORM_DONE : SVI_PLATFORM_BROKEN;
}

/* --- users --- */

static bool is_user_name(const char *name)
{
    size_t length = strlen(name);
    if (!length || length >= SVI_PLATFORM_USER_BYTES || name[0] == '.')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@") == length;
}

static enum svi_platform_result insert_user(struct svi_platform_store *store, const char *name, const char *uuid, const char *token,
                                            struct svi_error *err)
{
    char now[SVI_STORE_TIME_BYTES];
    svi_store_write_time(now);
    sqlite3_stmt *row;
    if (!svi_db_first(store->db, &row, SVI_SQL_USER_BY_NAME, SVI_DB_VALUES(svi_db_text(name)), err))
        return SVI_PLATFORM_BROKEN;
    if (row) {
        svi_db_end(row);
        svi_fail(err, SVI_BAD_USAGE, "There is a user %s already.", name);
        return SVI_PLATFORM_CONFLICT;
    }
    return svi_store_result_of(svi_db_run(store->db, SVI_SQL_ADD_USER,
                                          SVI_DB_VALUES(svi_db_text(uuid), svi_db_text(name), svi_db_text(token), svi_db_text(now)),
                                          err)
                               && svi_platform_files_add_user(store->files, name, err));
}

enum svi_platform_result svi_platform_store_add_user(struct svi_platform_store *store, const char *name,
                                                     char token[SVI_PLATFORM_TOKEN_DIGITS + 1], struct svi_error *err)
{
    char uuid[SVI_STORE_UUID_BYTES];
    if (!is_user_name(name)) {
        svi_fail(err, SVI_BAD_USAGE, "A user's name has 1 to %d letters, digits or \"._-@\", and does not begin with a dot.",
                 SVI_PLATFORM_USER_BYTES - 1);
        return SVI_PLATFORM_REFUSED;
    }
    if (!svi_store_make_uuid(uuid, err) || !svi_random_hex(token, SVI_PLATFORM_TOKEN_DIGITS, err))
        return SVI_PLATFORM_BROKEN;
    enum svi_platform_result result = svi_store_begin(store, err);
    if (result == SVI_PLATFORM_DONE)
        result = insert_user(store, name, uuid, token, err);
    return svi_store_finish(store, result, err);
}

/* With the lock. */
static enum svi_platform_result look_up_user(struct svi_platform_store *store, const char *token, struct svi_error *err)
{
    sqlite3_stmt *row;
    if (!svi_db_first(store->db, &row, SVI_SQL_USER_BY_TOKEN, SVI_DB_VALUES(svi_db_text(token)), err))
        return SVI_PLATFORM_BROKEN;
    if (!row)
        return svi_store_absent("Invalid token.", err);
    store->met.user.id = sqlite3_column_int64(row, 0);
    svi_format(store->met.user.name, sizeof store->met.user.name, "%s", svi_db_column(row, 1));
    svi_db_end(row);
    svi_format(store->met.token, sizeof store->met.token, "%s", token);
    store->met.until_s = svi_now_s() + met_s;
    return SVI_PLATFORM_DONE;
}

enum svi_platform_result svi_platform_store_find_user(struct svi_platform_store *store, const char *token,
                                                      struct svi_platform_user *out, struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    const bool is_met = token[0] && !strcmp(token, store->met.token) && svi_now_s() < store->met.until_s;
    enum svi_platform_result result = is_met ? SVI_PLATFORM_DONE : look_up_user(store, token, err);
    if (result == SVI_PLATFORM_DONE)
        *out = store->met.user;
    pthread_mutex_unlock(&store->lock);
    return result;
}

/* --- files --- */

bool svi_store_insert_file(struct svi_platform_store *store, int64_t owner, struct svi_platform_upload *upload, int64_t *id,
                           struct svi_error *err)
{
    char now[SVI_STORE_TIME_BYTES];
    svi_store_write_time(now);
    bool ok = svi_db_run(store->db, SVI_SQL_ADD_FILE,
                         SVI_DB_VALUES(svi_db_integer(owner), svi_db_text(svi_platform_upload_name(upload)),
                                       svi_db_text(svi_platform_upload_content_type(upload)),
                                       svi_db_integer((int64_t)svi_platform_upload_size_bytes(upload)), svi_db_text(now)),
                         err);
    struct svi_bytes bytes;
    *id = svi_db_last_id(store->db);
    if (ok && svi_platform_upload_is_held(upload, &bytes))
        return svi_db_run(store->db, SVI_SQL_ADD_CONTENT, SVI_DB_VALUES(svi_db_integer(*id), svi_db_bytes(bytes)), err);
    return ok && svi_platform_upload_place(upload, *id, err);
}

void svi_store_keep_all(struct svi_platform_upload *const *uploads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (uploads[i])
            svi_platform_upload_keep(uploads[i]);
}

/* --- jobs --- */

enum svi_platform_result svi_store_find_job(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                                            sqlite3_stmt **row, struct svi_error *err)
{
    if (!svi_db_first(store->db, row, SVI_SQL_JOB, SVI_DB_VALUES(svi_db_integer(job)), err))
        return SVI_PLATFORM_BROKEN;
    if (!*row)
        return svi_store_absent("Job not found", err);
    store->owners[job % SVI_STORE_KNOWN_OWNERS].job = job;
    store->owners[job % SVI_STORE_KNOWN_OWNERS].owner = sqlite3_column_int64(*row, 0);
    if (sqlite3_column_int64(*row, 0) == user->id)
        return SVI_PLATFORM_DONE;
    svi_db_end(*row);
    *row = NULL;
    svi_store_absent("Job not found", err);
    return SVI_PLATFORM_FOREIGN;
}

bool svi_store_insert_status(struct svi_platform_store *store, int64_t job, const char *status, const char *info, const char *now,
                             struct svi_error *err)
{
    return svi_db_run(store->db, SVI_SQL_ADD_STATUS,
                      SVI_DB_VALUES(svi_db_integer(job), svi_db_text(status), svi_db_text(info), svi_db_text(now)), err)
           && svi_db_run(store->db, SVI_SQL_SET_JOB_STATUS,
                         SVI_DB_VALUES(svi_db_integer(job), svi_db_text(status), svi_db_text(now)), err);
}

/* The files that a submission names: taken over from the data folder, or rows that are there already. */
struct named_files {
    struct svi_platform_upload **uploads; /* one a name; NULL where the row is there */
    int64_t *ids;                         /* 0 where there is an upload */
    size_t count;
};

static void clear_named(struct named_files *named)
{
    for (size_t i = 0; named->uploads && i < named->count; i++)
        svi_platform_upload_close(named->uploads[i]);
    free(named->uploads);
    free(named->ids);
}

static enum svi_platform_result find_earlier_file(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                  const char *name, int64_t *id, struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    sqlite3_stmt *row;
    enum svi_platform_result result = svi_store_result_of(
        svi_db_first(store->db, &row, SVI_SQL_FILE_BY_NAME, SVI_DB_VALUES(svi_db_integer(user->id), svi_db_text(name)), err));
    if (row)
        *id = sqlite3_column_int64(row, 0);
    else if (result == SVI_PLATFORM_DONE)
        result = SVI_PLATFORM_ABSENT;
    svi_db_end(row);
    pthread_mutex_unlock(&store->lock);
    return result;
}

/* Done before the transaction: a copy of a large file must not hold up everyone else. */
static enum svi_platform_result find_named(struct svi_platform_store *store, const struct svi_platform_user *user,
                                           const struct svi_platform_submission *submission, struct named_files *named,
                                           struct svi_error *err)
{
    size_t count = submission->name_count;
    *named = (struct named_files){ calloc(count + 1, sizeof(void *)), calloc(count + 1, sizeof *named->ids), count };
    if (!named->uploads || !named->ids) {
        svi_fail_memory(err, count * sizeof(void *));
        return SVI_PLATFORM_BROKEN;
    }
    for (size_t i = 0; i < count; i++) {
        struct svi_error fault = { 0 };
        if (svi_platform_upload_from_data(&named->uploads[i], store->files, user->name, submission->names[i], &fault))
            continue;
        if (fault.status == SVI_NOT_FOUND) {
            enum svi_platform_result earlier = find_earlier_file(store, user, submission->names[i], &named->ids[i], err);
            if (earlier == SVI_PLATFORM_DONE)
                continue;
            if (earlier == SVI_PLATFORM_BROKEN)
                return earlier;
        }
        *err = fault;
        return fault.status == SVI_NOT_FOUND || fault.status == SVI_BAD_PARAMETER ? SVI_PLATFORM_REFUSED : SVI_PLATFORM_BROKEN;
    }
    return SVI_PLATFORM_DONE;
}

static bool insert_job(struct svi_platform_store *store, const struct svi_platform_user *user,
                       const struct svi_platform_submission *submission, int64_t *job, struct svi_error *err)
{
    char now[SVI_STORE_TIME_BYTES];
    svi_store_write_time(now);
    bool ok = svi_db_run(
        store->db, SVI_SQL_ADD_JOB,
        SVI_DB_VALUES(svi_db_integer(user->id), svi_db_text(submission->type), svi_db_text(submission->config), svi_db_text(now)),
        err);
    *job = svi_db_last_id(store->db);
    return ok && svi_store_insert_status(store, *job, "pending", "{}", now, err)
           && svi_store_insert_status(store, *job, "submitted", "{}", now, err);
}

/* Adds files to a job: uploads get a row and their place, a NULL upload stands for the row of that id. */
static bool add_job_files(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                          struct svi_platform_upload *const *uploads, const int64_t *ids, size_t count, struct svi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int64_t file = ids ? ids[i] : 0;
        if (uploads[i] && !svi_store_insert_file(store, user->id, uploads[i], &file, err))
            return false;
        if (!svi_db_run(store->db, SVI_SQL_ADD_JOB_FILE, SVI_DB_VALUES(svi_db_integer(job), svi_db_integer(file)), err))
            return false;
    }
    return true;
}

enum svi_platform_result svi_platform_store_submit(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                   const struct svi_platform_submission *submission, int64_t *job,
                                                   struct svi_error *err)
{
    *job = 0;
    struct named_files named;
    enum svi_platform_result result = find_named(store, user, submission, &named, err);
    if (result == SVI_PLATFORM_DONE) {
        result = svi_store_begin(store, err);
        if (result == SVI_PLATFORM_DONE)
            result = svi_store_result_of(
                insert_job(store, user, submission, job, err)
                && add_job_files(store, user, *job, submission->uploads, NULL, submission->upload_count, err)
                && add_job_files(store, user, *job, named.uploads, named.ids, named.count, err)
                && svi_platform_files_sync(store->files, err));
        result = svi_store_commit(store, result, err);
    }
    if (result == SVI_PLATFORM_DONE) {
        svi_store_keep_all(submission->uploads, submission->upload_count);
        svi_store_keep_all(named.uploads, named.count);
        result = svi_store_last(store, result, err);
        pthread_mutex_lock(&store->lock);
        pthread_cond_signal(&store->job_or_stop);
        pthread_mutex_unlock(&store->lock);
    }
    clear_named(&named);
    return result;
}

enum svi_platform_result svi_platform_store_check_job(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                      int64_t job, struct svi_error *err)
{
    pthread_mutex_lock(&store->lock);
    sqlite3_stmt *row = NULL;
    const size_t place = (size_t)(job % SVI_STORE_KNOWN_OWNERS);
    const bool is_known = store->owners[place].job == job && store->owners[place].owner == user->id;
    enum svi_platform_result result = is_known ? SVI_PLATFORM_DONE : svi_store_find_job(store, user, job, &row, err);
    svi_db_end(row);
    pthread_mutex_unlock(&store->lock);
    return result;
}

/* --- the queue --- */

static bool claim(struct svi_platform_store *store, struct svi_platform_ticket *out, struct svi_error *err)
{
    sqlite3_stmt *row;
    bool ok = svi_db_first(store->db, &row, SVI_SQL_CLAIM, NULL, 0, err);
    while (ok && row) {
        out->job = sqlite3_column_int64(row, 0);
        svi_format(out->token, sizeof out->token, "%s", svi_db_column(row, 1));
        out->again = sqlite3_column_int(row, 2);
        ok = svi_db_next(store->db, &row, err); /* the claim is committed when the statement has ended */
    }
    return ok;
}

static void wait_for_job_or_stop(struct svi_platform_store *store, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    pthread_cond_timedwait(&store->job_or_stop, &store->lock, &until);
}

/* The disk is full, or another process has been writing for long: that passes, and who is told of it would have to wait, too. */
static void wait_for_better_times(struct svi_platform_store *store, const struct svi_error *why, bool *told)
{
    if (!*told)
        svi_log_error(SVI_LOG_ERROR, why, "platform: jobs wait, none can be handed on now");
    *told = true;
    wait_for_job_or_stop(store, claim_pause_s);
}

bool svi_platform_store_take(struct svi_platform_store *store, struct svi_platform_ticket *out, struct svi_error *err)
{
    bool told = false;
    *out = (struct svi_platform_ticket){ 0 };
    pthread_mutex_lock(&store->lock);
    while (!store->stopped) {
        struct svi_error why = { 0 };
        const bool ok = claim(store, out, &why);
        if (ok && out->job)
            break;
        out->job = 0;
        if (ok)
            pthread_cond_wait(&store->job_or_stop, &store->lock);
        else
            wait_for_better_times(store, &why, &told);
    }
    pthread_mutex_unlock(&store->lock);
    if (!out->job)
        return svi_fail(err, SVI_CANCELLED, "The platform was told to stop.");
    /* The job is handed on: it must not be one that a power cut undoes. */
    return svi_db_make_lasting(store->db, err);
}

bool svi_platform_store_pause(struct svi_platform_store *store, double seconds)
{
    const double end_s = svi_now_s() + seconds;
    pthread_mutex_lock(&store->lock);
    while (!store->stopped && svi_now_s() < end_s)
        wait_for_job_or_stop(store, ceil(end_s - svi_now_s()));
    const bool go_on = !store->stopped;
    pthread_mutex_unlock(&store->lock);
    return go_on;
}

void svi_platform_store_stop_waiting(struct svi_platform_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->stopped = true;
    pthread_cond_broadcast(&store->job_or_stop);
    pthread_mutex_unlock(&store->lock);
}
