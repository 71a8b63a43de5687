/* platform_db.h - the database of the embedded platform: connection, tables, prepared statements, transactions.
 *
 * Knows SQL. Knows nothing of files on disk, of HTTP, or of who may see what. A connection is used by one thread at a time: the
 * caller holds a lock. Several processes may have the same file open.
 *
 * A commit survives kill -9, and with svi_db_make_lasting also a power cut, before anybody is told of it: "completed" is a promise
 * to whoever polls. The two are apart (WAL with synchronous=NORMAL) so that nobody waits for the disk with a lock in hand, and one
 * sync of the log does for all commits that wait for it. */
#ifndef SVI_HOST_PLATFORM_DB_H
#define SVI_HOST_PLATFORM_DB_H

#include "base/bytes.h"
#include "base/error.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum svi_db_sql {
#define SVI_SQL(name, text) SVI_SQL_##name,
#include "host/platform_sql_list.h"
#undef SVI_SQL
    SVI_SQL_COUNT
};

/* One value of a statement's ?1, ?2, …; text and bytes must live until the statement has ended. */
struct svi_db_value {
    enum { SVI_DB_IS_NULL, SVI_DB_IS_INTEGER, SVI_DB_IS_TEXT, SVI_DB_IS_BYTES } kind;
    int64_t integer;
    const char *text;
    struct svi_bytes bytes;
};

static inline struct svi_db_value svi_db_integer(int64_t integer)
{
    return (struct svi_db_value){ .kind = SVI_DB_IS_INTEGER, .integer = integer };
}

/* NULL is SQL's NULL. */
static inline struct svi_db_value svi_db_text(const char *text)
{
    return (struct svi_db_value){ .kind = text ? SVI_DB_IS_TEXT : SVI_DB_IS_NULL, .text = text };
}

static inline struct svi_db_value svi_db_bytes(struct svi_bytes bytes)
{
    return (struct svi_db_value){ .kind = SVI_DB_IS_BYTES, .bytes = bytes };
}

#define SVI_DB_VALUES(...)                                                                                                         \
    (const struct svi_db_value[]){ __VA_ARGS__ }, sizeof((const struct svi_db_value[]){ __VA_ARGS__ }) / sizeof(struct svi_db_value)

struct svi_db;

/* Opens the file, made with mode 0600 where there is none, and brings its tables to the version of this program. Refused: a file
 * that a newer program made. */
bool svi_db_open(struct svi_db **out, const char *path, struct svi_error *err);
void svi_db_close(struct svi_db *db);

/* A transaction that may write. Rolling back cannot fail, and without a transaction does nothing. */
bool svi_db_begin(struct svi_db *db, struct svi_error *err);
bool svi_db_commit(struct svi_db *db, struct svi_error *err);

/* A commit that svi_db_make_lasting does not wait for: the disk has it with the next one that is waited for, at the latest when the
 * log is copied into the database. For what a power cut may take away. */
bool svi_db_commit_lightly(struct svi_db *db, struct svi_error *err);

/* Any thread, no lock: all that svi_db_commit has committed until now is on the disk when it returns. Once that has failed it
 * always does, since nobody knows then what the disk has. It does not wait for what a statement wrote outside of a transaction,
 * like the claim of a job: one that a power cut undoes is only made again. */
bool svi_db_make_lasting(struct svi_db *db, struct svi_error *err);

void svi_db_rollback(struct svi_db *db);

/* Runs a statement to its end. */
bool svi_db_run(struct svi_db *db, enum svi_db_sql sql, const struct svi_db_value *values, size_t count, struct svi_error *err);

/* Starts a statement and steps to its first row: *out is NULL where there is none. The columns are read with sqlite3_column_…;
 * svi_db_next goes on to the next row and sets *out to NULL behind the last; svi_db_end may come at any time, NULL included. */
bool svi_db_first(struct svi_db *db, sqlite3_stmt **out, enum svi_db_sql sql, const struct svi_db_value *values, size_t count,
                  struct svi_error *err);
bool svi_db_next(struct svi_db *db, sqlite3_stmt **row, struct svi_error *err);
void svi_db_end(sqlite3_stmt *row);

/* The id that the last INSERT made. */
int64_t svi_db_last_id(struct svi_db *db);

/* A text column, "" for NULL; lives until the row is left. */
const char *svi_db_column(sqlite3_stmt *row, int column);

#endif
