/* platform_store_inside.h - what the parts of the store share: platform_store.c (users, jobs, the queue),
 * platform_progress.c (statuses, results) and platform_captures.c. For no one else. */
#ifndef SVI_HOST_PLATFORM_STORE_INSIDE_H
#define SVI_HOST_PLATFORM_STORE_INSIDE_H

#include "host/platform_db.h"
#include "host/platform_store.h"

#include <pthread.h>

enum { SVI_STORE_TIME_BYTES = 40, SVI_STORE_UUID_BYTES = 37, SVI_STORE_KNOWN_OWNERS = 64 };

struct svi_platform_store {
    struct svi_platform_files *files;
    struct svi_db *db;
    pthread_mutex_t lock; /* over all below, and db */
    struct {
        char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
        struct svi_platform_user user;
        double until_s;
    } met; /* whose token was looked up last: each call of a worker brings it again */
    struct {
        int64_t job, owner;
    } owners[SVI_STORE_KNOWN_OWNERS]; /* of jobs that were looked up lately; an owner stays */
    pthread_cond_t job_or_stop;
    bool stopped;
};

/* Now, as the contract writes it: "2025-07-16T15:02:11.123456Z". */
void svi_store_write_time(char into[SVI_STORE_TIME_BYTES]);

/* A random UUID (RFC 9562, version 4). */
bool svi_store_make_uuid(char into[SVI_STORE_UUID_BYTES], struct svi_error *err);

/* Takes the lock and begins a transaction; every begin has its finish, which commits where the result is DONE and else undoes all,
 * and gives the lock back. */
enum svi_platform_result svi_store_begin(struct svi_platform_store *store, struct svi_error *err);
enum svi_platform_result svi_store_finish(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err);

/* A finish that does not wait for the disk: what a power cut may take away. */
enum svi_platform_result svi_store_finish_lightly(struct svi_platform_store *store, enum svi_platform_result result,
                                                  struct svi_error *err);

/* The two halves of finish: without the lock, the second brings all to the disk that was committed so far. Between them uploads are
 * kept: what is committed others may see. */
enum svi_platform_result svi_store_commit(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err);
enum svi_platform_result svi_store_last(struct svi_platform_store *store, enum svi_platform_result result, struct svi_error *err);

/* DONE or BROKEN. */
enum svi_platform_result svi_store_result_of(bool ok);

/* ABSENT, with that sentence. */
enum svi_platform_result svi_store_absent(const char *message, struct svi_error *err);

/* Opens the file of a statement's first row, whose columns are id, name and content type; ABSENT where it has none. Takes the lock.
 */
enum svi_platform_result svi_store_open_file(struct svi_platform_store *store, enum svi_db_sql sql,
                                             const struct svi_db_value *values, size_t count, struct svi_platform_file *out,
                                             struct svi_error *err);

/* All that follow need the lock. */

/* Finds a job and checks its owner; *row stays on it where the result is DONE, and is NULL otherwise. */
enum svi_platform_result svi_store_find_job(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                                            sqlite3_stmt **row, struct svi_error *err);

/* Adds a status row and makes it the job's; svi_db_last_id is then the row's. */
bool svi_store_insert_status(struct svi_platform_store *store, int64_t job, const char *status, const char *info, const char *now,
                             struct svi_error *err);

/* Gives an upload its row and its place. */
bool svi_store_insert_file(struct svi_platform_store *store, int64_t owner, struct svi_platform_upload *upload, int64_t *id,
                           struct svi_error *err);

/* After the commit: the uploads (NULL among them passed over) no longer vanish with their handles. */
void svi_store_keep_all(struct svi_platform_upload *const *uploads, size_t count);

#endif
