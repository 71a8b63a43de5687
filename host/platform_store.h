/* platform_store.h - what the embedded platform remembers: users, jobs, their files, every status, every result.
 *
 * Knows who owns what and which status may follow which. Knows nothing of HTTP. All that a verb reports as done
 * survives kill -9 and, of users, submissions, captures and the ends of jobs with their results, a power cut; a verb that fails
 * changes nothing. Any thread may call any verb.
 *
 * Tokens stand in the database as they are, since the worker of this process needs them: the file's mode (0600) protects them. */
#ifndef SVI_HOST_PLATFORM_STORE_H
#define SVI_HOST_PLATFORM_STORE_H

#include "host/platform_files.h"

#include <jansson.h>

enum { SVI_PLATFORM_TOKEN_DIGITS = 40, SVI_PLATFORM_USER_BYTES = 65, SVI_PLATFORM_TYPE_BYTES = 65 };

/* How a verb ended. All but DONE leave a sentence in the error. */
enum svi_platform_result {
    SVI_PLATFORM_DONE,
    SVI_PLATFORM_ABSENT,   /* there is no such thing, or, where FOREIGN is not told apart, it is another user's */
    SVI_PLATFORM_FOREIGN,  /* it is another user's */
    SVI_PLATFORM_REFUSED,  /* what was asked is wrong in itself */
    SVI_PLATFORM_CONFLICT, /* it is not possible in the job's present status */
    SVI_PLATFORM_BROKEN    /* disk, database, memory */
};

struct svi_platform_store;

/* One process serves a folder: it cleans up what a killed one left and offers its unfinished jobs again. Others (add-user, tests)
 * are guests beside it. */
enum svi_platform_role { SVI_PLATFORM_SERVER, SVI_PLATFORM_GUEST };

bool svi_platform_store_open(struct svi_platform_store **out, const char *folder, enum svi_platform_role role,
                             struct svi_error *err);
void svi_platform_store_close(struct svi_platform_store *store);

/* Where uploads go; lives as long as the store. */
struct svi_platform_files *svi_platform_store_files(struct svi_platform_store *store);

/* Users. A name has 1 to 64 of a-z A-Z 0-9 . _ - @ and does not begin with a dot. */
struct svi_platform_user {
    int64_t id;
    char name[SVI_PLATFORM_USER_BYTES];
};

enum svi_platform_result svi_platform_store_add_user(struct svi_platform_store *store, const char *name,
                                                     char token[SVI_PLATFORM_TOKEN_DIGITS + 1], struct svi_error *err);
enum svi_platform_result svi_platform_store_find_user(struct svi_platform_store *store, const char *token,
                                                      struct svi_platform_user *out, struct svi_error *err);

/* A new job. Its files are the uploads, then what `names` names: in the user's data folder, else the newest file of that name
 * which the user gave to an earlier job. It gets the statuses pending and submitted. The uploads stay the caller's to close. */
struct svi_platform_submission {
    const char *type;   /* 1 to 64 bytes of UTF-8 */
    const char *config; /* JSON text of an object, or NULL */
    struct svi_platform_upload *const *uploads;
    size_t upload_count;
    const char *const *names;
    size_t name_count;
};

enum svi_platform_result svi_platform_store_submit(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                   const struct svi_platform_submission *submission, int64_t *job,
                                                   struct svi_error *err);

/* DONE where the job is the user's. */
enum svi_platform_result svi_platform_store_check_job(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                      int64_t job, struct svi_error *err);

/* What job-metadata tells under "data"; the caller ends it with json_decref. */
enum svi_platform_result svi_platform_store_job(struct svi_platform_store *store, const struct svi_platform_user *user, int64_t job,
                                                json_t **out, struct svi_error *err);

/* Adds a status row and tells it as update-job-status does. A status never goes back, and nothing follows completed or failed,
 * except the very same row again (a lost answer), which adds nothing. completed may follow submitted: running is not synced, and
 * may be gone after a power cut. The results that its info names are the job's. */
enum svi_platform_result svi_platform_store_set_status(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                       int64_t job, const char *status, const json_t *info, json_t **out,
                                                       struct svi_error *err);

/* All status rows of a job in order, for tests and operators: [{"id", "status", "info", "created_at"}]. */
enum svi_platform_result svi_platform_store_statuses(struct svi_platform_store *store, int64_t job, json_t **out,
                                                     struct svi_error *err);

/* A file of a job, or of a result, opened for reading, or its bytes where it is small; the caller closes fd and frees bytes. */
struct svi_platform_file {
    int fd;         /* -1: none */
    uint8_t *bytes; /* NULL: none */
    uint64_t size_bytes;
    char name[SVI_PLATFORM_NAME_BYTES * 4], content_type[SVI_PLATFORM_CONTENT_TYPE_BYTES];
};

enum svi_platform_result svi_platform_store_job_file(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                     int64_t id, struct svi_platform_file *out, struct svi_error *err);

/* Saves results of a job that has not ended: a JSON text (or NULL) and files, all or none. json_id and the upload_count ids of
 * file_ids are written. They are synced with the job's end: until then a power cut may take them, and an end that names them is
 * then refused. */
enum svi_platform_result svi_platform_store_save(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                 int64_t job, const char *json, struct svi_platform_upload *const *uploads,
                                                 size_t upload_count, int64_t *json_id, int64_t *file_ids, struct svi_error *err);

/* One result: *json is set, or *file is (without fd and bytes unless `open`). */
enum svi_platform_result svi_platform_store_result(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                   int64_t id, bool open, json_t **json, struct svi_platform_file *file,
                                                   struct svi_error *err);

/* The queue for workers of this process. Waits until a job is there to be worked on, and claims it: no other caller gets it while
 * this server runs. A job that was not brought to its end is offered again by the next server. Where it cannot be claimed now it is
 * tried again. False with SVI_CANCELLED once svi_platform_store_stop_waiting was called. */
struct svi_platform_ticket {
    int64_t job;
    char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
    bool again; /* a worker of an earlier server had it */
};

bool svi_platform_store_take(struct svi_platform_store *store, struct svi_platform_ticket *out, struct svi_error *err);

/* Waits. False once svi_platform_store_stop_waiting was called. */
bool svi_platform_store_pause(struct svi_platform_store *store, double seconds);

/* Every waiting and every later take or pause returns. */
void svi_platform_store_stop_waiting(struct svi_platform_store *store);

#endif
