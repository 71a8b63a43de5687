#include "host/platform_db.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 10000 };

/* What makes tables of version i + 1 from those of version i. AUTOINCREMENT: an id is never given twice, so a file left by a killed
 * server can never pass for a newer one. Where no file is named by an id it is left out, since rows are never deleted: each page
 * that a transaction touches is written. Older folders have it in all tables, and an index of results that no statement used. */
static const char *const steps[] = {
    "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,"
    "  token TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL) STRICT;"
    "CREATE TABLE files (id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL REFERENCES users, name TEXT NOT NULL,"
    "  content_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, created_at TEXT NOT NULL) STRICT;"
    "CREATE INDEX files_by_name ON files (owner, name);"
    "CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL REFERENCES users, type TEXT NOT NULL,"
    "  config TEXT, status TEXT NOT NULL CHECK (status IN ('pending', 'submitted', 'running', 'completed', 'failed')),"
    "  claim INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;"
    "CREATE INDEX jobs_open ON jobs (id) WHERE status NOT IN ('completed', 'failed');"
    "CREATE TABLE job_files (id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs,"
    "  file INTEGER NOT NULL REFERENCES files) STRICT;"
    "CREATE INDEX job_files_by_job ON job_files (job);"
    "CREATE INDEX job_files_by_file ON job_files (file);"
    "CREATE TABLE statuses (id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs, status TEXT NOT NULL,"
    "  info TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;"
    "CREATE INDEX statuses_by_job ON statuses (job);"
    "CREATE TABLE results (id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs, file INTEGER REFERENCES files,"
    "  json TEXT, created_at TEXT NOT NULL, CHECK ((file IS NULL) <> (json IS NULL))) STRICT;",

    "CREATE TABLE captures (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL REFERENCES "
    "users,"
    "  name TEXT NOT NULL, type TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;"
    "CREATE INDEX captures_by_owner ON captures (owner);"
    "CREATE TABLE capture_files (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,"
    "  capture INTEGER NOT NULL REFERENCES captures, file INTEGER NOT NULL REFERENCES files) STRICT;"
    "CREATE INDEX capture_files_by_capture ON capture_files (capture);",

    "CREATE TABLE contents (file INTEGER PRIMARY KEY REFERENCES files, bytes BLOB NOT NULL) STRICT;",
};

enum { SCHEMA_VERSION = sizeof steps / sizeof *steps };

static const char *const sql_texts[] = {
#define SVI_SQL(name, text) text,
#include "host/platform_sql_list.h"
#undef SVI_SQL
};

/* The write-ahead log, and how much of it the disk has. */
struct svi_db_log {
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t synced_more;
    atomic_uint_fast64_t committed; /* commits so far */
    uint64_t synced;                /* of them, those that are on the disk */
    bool syncing, broken;
};

struct svi_db {
    sqlite3 *connection;
    sqlite3_stmt *statements[SVI_SQL_COUNT];
    struct svi_db_log log;
};

static bool fail(struct svi_db *db, const char *doing, struct svi_error *err)
{
    const char *why = db->connection ? sqlite3_errmsg(db->connection) : "out of memory";
    bool full = db->connection && sqlite3_errcode(db->connection) == SQLITE_FULL;
    return svi_fail(err, SVI_IO, full ? "The platform's disk is full." : "The platform's database did not do what it should.")
           || svi_because(err, "%s: %s", doing, why);
}

static bool execute(struct svi_db *db, const char *sql, struct svi_error *err)
{
    return sqlite3_exec(db->connection, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, sql, err);
}

/* SQLite would make the file readable for all; its WAL and shared memory take over the mode that they find here. One that is there
 * is not opened: closing it would end the locks of a server of this very process, and another process would then remove its log. */
static bool make_private_file(const char *path, struct svi_error *err)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat about;
    bool ok = fd >= 0;
    if (ok) {
        close(fd);
    } else if (errno == EEXIST && lstat(path, &about) == 0) {
        ok = S_ISREG(about.st_mode) && access(path, R_OK | W_OK) == 0;
        errno = S_ISREG(about.st_mode) ? errno : S_ISDIR(about.st_mode) ? EISDIR : ELOOP;
    }
    return ok || svi_fail(err, SVI_IO, "The platform's database cannot be opened: %s.", strerror(errno))
           || svi_because(err, "%s: %s", path, strerror(errno));
}

static bool read_version(struct svi_db *db, int *version, struct svi_error *err)
{
    sqlite3_stmt *row = NULL;
    bool ok = sqlite3_prepare_v2(db->connection, "PRAGMA user_version", -1, &row, NULL) == SQLITE_OK
              && sqlite3_step(row) == SQLITE_ROW;
    *version = ok ? sqlite3_column_int(row, 0) : 0;
    sqlite3_finalize(row);
    return ok || fail(db, "PRAGMA user_version", err);
}

static bool make_tables(struct svi_db *db, struct svi_error *err)
{
    int version;
    /* The transaction makes a second process that starts at the same moment wait, and then find the tables made. */
    bool ok = svi_db_begin(db, err) && read_version(db, &version, err);
    if (ok && version > SCHEMA_VERSION)
        ok = svi_fail(err, SVI_BAD_USAGE,
                      "The platform's folder was made by a newer program (version %d of its tables, this program knows %d).",
                      version, SCHEMA_VERSION);
    for (; ok && version < SCHEMA_VERSION; version++) {
        char text[40];
        svi_format(text, sizeof text, "PRAGMA user_version = %d", version + 1);
        ok = execute(db, steps[version], err) && execute(db, text, err);
    }
    if (ok)
        return svi_db_commit(db, err);
    svi_db_rollback(db);
    return false;
}

/* Statements need the tables that they name; those of a transaction come first and need none. */
static bool prepare(struct svi_db *db, size_t first, size_t behind, struct svi_error *err)
{
    for (size_t i = first; i < behind; i++)
        if (sqlite3_prepare_v3(db->connection, sql_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL) != SQLITE_OK)
            return fail(db, sql_texts[i], err);
    return true;
}

/* SQLite has it open as long as we have the database, so it stays the same file. */
static bool open_log(struct svi_db *db, const char *path, struct svi_error *err)
{
    char name[PATH_MAX];
    db->log.fd = svi_format(name, sizeof name, "%s-wal", path) ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    return db->log.fd >= 0 || svi_fail(err, SVI_IO, "The log of the platform's database cannot be opened: %s.", strerror(errno))
           || svi_because(err, "%s-wal: %s", path, strerror(errno));
}

bool svi_db_open(struct svi_db **out, const char *path, struct svi_error *err)
{
    *out = NULL;
    if (!make_private_file(path, err))
        return false;
    struct svi_db *db = calloc(1, sizeof *db);
    if (!db)
        return svi_fail_memory(err, sizeof *db);
    db->log.fd = -1;
    pthread_mutex_init(&db->log.lock, NULL);
    pthread_cond_init(&db->log.synced_more, NULL);
    bool ok = sqlite3_open_v2(path, &db->connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL)
                  == SQLITE_OK
              || fail(db, path, err);
    ok = ok && (sqlite3_busy_timeout(db->connection, BUSY_TIMEOUT_MS) == SQLITE_OK || fail(db, "busy timeout", err))
         && execute(db,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys "
                    "= ON; PRAGMA trusted_schema = OFF",
                    err)
         && prepare(db, 0, SVI_SQL_COMMIT + 1, err) && make_tables(db, err) && open_log(db, path, err)
         && svi_db_make_lasting(db, err) && prepare(db, SVI_SQL_COMMIT + 1, SVI_SQL_COUNT, err);
    if (!ok) {
        svi_db_close(db);
        return false;
    }
    *out = db;
    return true;
}

void svi_db_close(struct svi_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < SVI_SQL_COUNT; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->connection);
    if (db->log.fd >= 0)
        close(db->log.fd);
    pthread_cond_destroy(&db->log.synced_more);
    pthread_mutex_destroy(&db->log.lock);
    free(db);
}

bool svi_db_begin(struct svi_db *db, struct svi_error *err)
{
    return svi_db_run(db, SVI_SQL_BEGIN, NULL, 0, err);
}

bool svi_db_commit_lightly(struct svi_db *db, struct svi_error *err)
{
    if (svi_db_run(db, SVI_SQL_COMMIT, NULL, 0, err))
        return true;
    svi_db_rollback(db);
    return false;
}

bool svi_db_commit(struct svi_db *db, struct svi_error *err)
{
    const bool ok = svi_db_commit_lightly(db, err);
    if (ok)
        atomic_fetch_add(&db->log.committed, 1);
    return ok;
}

/* With the log's lock, which is given back meanwhile. */
static void sync_log(struct svi_db_log *log)
{
    log->syncing = true;
    pthread_mutex_unlock(&log->lock);
    const uint64_t committed = atomic_load(&log->committed);
    const bool ok = fdatasync(log->fd) == 0;
    pthread_mutex_lock(&log->lock);
    log->syncing = false;
    log->broken |= !ok;
    if (ok)
        log->synced = committed;
    pthread_cond_broadcast(&log->synced_more);
}

bool svi_db_make_lasting(struct svi_db *db, struct svi_error *err)
{
    struct svi_db_log *log = &db->log;
    const uint64_t wanted = atomic_load(&log->committed);
    pthread_mutex_lock(&log->lock);
    while (log->synced < wanted && !log->broken)
        if (log->syncing)
            pthread_cond_wait(&log->synced_more, &log->lock);
        else
            sync_log(log);
    const bool ok = !log->broken;
    pthread_mutex_unlock(&log->lock);
    return ok || svi_fail(err, SVI_IO, "The platform's disk did not keep what was written.");
}

void svi_db_rollback(struct svi_db *db)
{
    if (!sqlite3_get_autocommit(db->connection))
        sqlite3_exec(db->connection, "ROLLBACK", NULL, NULL, NULL);
}

static int bind(sqlite3_stmt *statement, int place, const struct svi_db_value *value)
{
    switch (value->kind) {
    case SVI_DB_IS_INTEGER:
        return sqlite3_bind_int64(statement, place, value->integer);
    case SVI_DB_IS_TEXT:
        return sqlite3_bind_text(statement, place, value->text, -1, SQLITE_STATIC);
    case SVI_DB_IS_BYTES:
        return sqlite3_bind_blob64(statement, place, value->bytes.count ? (const void *)value->bytes.at : "", value->bytes.count,
                                   SQLITE_STATIC);
    case SVI_DB_IS_NULL:
        break;
    }
    return sqlite3_bind_null(statement, place);
}

bool svi_db_next(struct svi_db *db, sqlite3_stmt **row, struct svi_error *err)
{
    int got = sqlite3_step(*row);
    if (got == SQLITE_ROW)
        return true;
    bool ok = got == SQLITE_DONE || fail(db, sqlite3_sql(*row), err);
    svi_db_end(*row);
    *row = NULL;
    return ok;
}

bool svi_db_first(struct svi_db *db, sqlite3_stmt **out, enum svi_db_sql sql, const struct svi_db_value *values, size_t count,
                  struct svi_error *err)
{
    sqlite3_stmt *statement = db->statements[sql];
    *out = NULL;
    for (size_t i = 0; i < count; i++)
        if (bind(statement, (int)i + 1, &values[i]) != SQLITE_OK)
            return fail(db, sql_texts[sql], err);
    *out = statement;
    return svi_db_next(db, out, err);
}

bool svi_db_run(struct svi_db *db, enum svi_db_sql sql, const struct svi_db_value *values, size_t count, struct svi_error *err)
{
    sqlite3_stmt *row;
    bool ok = svi_db_first(db, &row, sql, values, count, err);
    while (ok && row)
        ok = svi_db_next(db, &row, err);
    return ok;
}

void svi_db_end(sqlite3_stmt *row)
{
    if (!row)
        return;
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
}

int64_t svi_db_last_id(struct svi_db *db)
{
    return sqlite3_last_insert_rowid(db->connection);
}

const char *svi_db_column(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    return text ? (const char *)text : "";
}
