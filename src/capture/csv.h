/* csv.h - the bytes of a text of separated values -> a table. Opens no file; table.c does. Rows and cells: csv_rows.h.
 *
 * A comment right above the first row that has as many texts is a header, too (numpy.savetxt). */
#ifndef SVI_CAPTURE_CSV_H
#define SVI_CAPTURE_CSV_H

#include "capture/table.h"

/* Fills in everything but the name. `label` names the file in messages, which say line and column, counted from 1. The caller ends
 * the table with svi_table_clear, also after a failure. */
bool svi_csv_parse(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

void svi_table_clear(struct svi_table *table);

#endif
