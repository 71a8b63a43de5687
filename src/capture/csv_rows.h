/* csv_rows.h - the bytes of a text of separated values -> rows of cells. Opens no file, and does not know what rows stand for.
 *
 * Separators: tab, semicolon, comma, blanks: the first of them that cuts the first rows into equally many cells. Cells may stand in
 * double quotes (RFC 4180, "" for a quote, line ends inside). Where tabs or semicolons separate, a comma is a decimal point.
 * Lines end with LF, CRLF or CR; empty ones, and those that begin with #, are skipped. A UTF-8 byte order mark is skipped. */
#ifndef SVI_CAPTURE_CSV_ROWS_H
#define SVI_CAPTURE_CSV_ROWS_H

#include "capture/table.h"

enum { SVI_CSV_MOST_ROW_BYTES = 4 << 20 };

struct svi_csv_cell {
    struct svi_bytes text; /* of the file, without quotes around it */
    bool quoted;
};

struct svi_csv_rows {
    const uint8_t *at, *end;
    uint64_t line;  /* of `at`, from 1 */
    char separator; /* '\0': the whole line is one cell */
    const char *label;
    struct svi_error *err;

    size_t most;                /* cells that a row can have */
    struct svi_csv_cell *cells; /* [most] of the row that was read last */
    size_t count;
    uint64_t row_line; /* where it begins */
    const uint8_t *row_limit;
    struct svi_bytes comment; /* that stood right above it; count 0: none */

    /* Of the first row, which svi_csv_begin has read. It is a header where one of its cells is a text and no number, unless the
     * cells below are texts as well and there are numbers beside. */
    struct svi_csv_cell *first;
    size_t first_count;
    bool header;
};

/* Finds the separator and reads the first row. `label` names the file in messages, which say line and column, counted from 1; it
 * and `err` live as long as the rows. Fails where there is no row, or where the bytes are no text. svi_csv_end also after a
 * failure. */
bool svi_csv_begin(struct svi_csv_rows *rows, struct svi_bytes bytes, const char *label, struct svi_error *err);
void svi_csv_end(struct svi_csv_rows *rows);

/* The next row that is neither empty nor a comment. False: there is none, or it is broken, which is reported. */
bool svi_csv_next(struct svi_csv_rows *rows);

/* How many cells the row has without empty ones at its end; refused where they are more than the columns. */
bool svi_csv_fits(const struct svi_csv_rows *rows, size_t columns, size_t *count);

enum svi_csv_kind { SVI_CSV_NUMBER, SVI_CSV_NOTHING, SVI_CSV_TEXT };

/* A number as people and programs write it; no hexadecimal, no thousands apart. NAN where it is none. */
enum svi_csv_kind svi_csv_number(struct svi_bytes text, char separator, double *out);
bool svi_csv_is_text(const struct svi_csv_cell *cell, char separator);

/* True where the comment right above the first row names its `count` columns: it has as many texts, which are in `cells` then.
 * These have room for as many as the rows'. */
bool svi_csv_names_of_comment(struct svi_csv_cell *cells, const struct svi_csv_rows *rows, size_t count);

/* The text of a cell as far as it fits, with single quotes for doubled ones. */
void svi_csv_show(char *into, size_t size, const struct svi_csv_cell *cell);

/* "Frequency (Hz)" is a name and a unit. */
void svi_csv_name_column(struct svi_table_column *column, const struct svi_csv_cell *cell);

#endif
