/* table.h - columns of numbers: what is read of a file that is no recording.
 *
 * A table is held in memory as a whole, at most SVI_TABLE_MOST_VALUES numbers. Cells without a number are NAN. */
#ifndef SVI_CAPTURE_TABLE_H
#define SVI_CAPTURE_TABLE_H

#include "capture/capture.h"

enum {
    SVI_TABLE_NAME = 128,
    SVI_TABLE_UNIT = 24,
    SVI_TABLE_MOST_COLUMNS = 16384,
    SVI_TABLE_MOST_VALUES = 1 << 26, /* 512 MiB */
};

/* Larger numbers are missing: so that sums and differences of all that are there stay finite. */
#define SVI_TABLE_LARGEST 1e300

struct svi_table_column {
    char name[SVI_TABLE_NAME]; /* UTF-8, without its unit; a long one is cut; "" where the file names none */
    char unit[SVI_TABLE_UNIT]; /* of "Frequency (Hz)" or "Power [dBm]"; "" where none is said */
    uint64_t missing;          /* cells without a number */
};

struct svi_table {
    const char *format; /* "csv", "npy" */
    char name[256];     /* for the title: the label without its ending, UTF-8 */
    bool has_header;
    size_t column_count, row_count; /* at least 1 each */
    struct svi_table_column *columns;
    double *values;   /* [row_count][column_count]; finite or NAN */
    uint64_t missing; /* of all columns; of them: */
    uint64_t texts;   /* hold something that is neither a number nor a word for "nothing" */
    struct svi_warnings warnings;
};

/* True where a file of this label may be a table: .csv, .tsv, .txt. */
bool svi_table_is_called(const char *label);

/* Reads the only file of the request. SVI_BAD_RECORDING names line and column; SVI_IO. */
bool svi_table_open(struct svi_table **out, const struct svi_capture_request *request, struct svi_error *err);
void svi_table_close(struct svi_table *table); /* takes NULL */

/* The column of this name, upper and lower case told apart, with or without its unit; column_count: there is none, or several. */
size_t svi_table_find(const struct svi_table *table, const char *name);

#endif
