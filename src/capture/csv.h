/* csv.h - the bytes of a text of separated values -> a table. Opens no file; table.c does.
 *
 * Separators: tab, semicolon, comma, blanks: the first of them that cuts the first rows into equally many cells. Cells may stand in
 * double quotes (RFC 4180, "" for a quote, line ends inside). Where tabs or semicolons separate, a comma is a decimal point.
 * Lines end with LF, CRLF or CR; empty ones, and those that begin with #, are skipped. A UTF-8 byte order mark is skipped.
 *
 * The first row is a header where one of its cells is a text and no number, unless the cells below are texts as well and there are
 * numbers beside. A comment right above the first row that has as many texts is one, too (numpy.savetxt). */
#ifndef SVI_CAPTURE_CSV_H
#define SVI_CAPTURE_CSV_H

#include "capture/table.h"

enum { SVI_CSV_MOST_ROW_BYTES = 4 << 20 };

/* Fills in everything but the name. `label` names the file in messages, which say line and column, counted from 1. The caller ends
 * the table with svi_table_clear, also after a failure. */
bool svi_csv_parse(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

void svi_table_clear(struct svi_table *table);

#endif
