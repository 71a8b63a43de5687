/* contents.h - how many files lie in the database of an embedded platform, not beside it. */
#ifndef SVI_TESTS_CONTENTS_H
#define SVI_TESTS_CONTENTS_H

#include <sqlite3.h>

#include "check.h"

static inline int contents_count(const char *folder)
{
    char path[700];
    snprintf(path, sizeof path, "%s/platform.db", folder);
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM contents", -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const int count = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return count;
}

#endif
