/* platform_contents.h - how many files lie in the database of an embedded platform, and how many beside it. */
#ifndef SVI_TESTS_PLATFORM_CONTENTS_H
#define SVI_TESTS_PLATFORM_CONTENTS_H

#include <dirent.h>
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

/* Of a folder below that of the platform. */
static inline int contents_entries(const char *folder, const char *below)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", folder, below);
    DIR *listing = opendir(path);
    assert_non_null(listing);
    int count = 0;
    struct dirent *entry;
    while ((entry = readdir(listing)))
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

#endif
