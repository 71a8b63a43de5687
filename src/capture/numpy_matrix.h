/* numpy_matrix.h - a NumPy array of two dimensions, read as a table without names: its rows are rows. Opens no file.
 *
 * Real numbers and truth values of any size. Two columns are I and Q and two rows are taken for a slip of that: neither is a
 * matrix. */
#ifndef SVI_CAPTURE_NUMPY_MATRIX_H
#define SVI_CAPTURE_NUMPY_MATRIX_H

#include "capture/table.h"

/* `head`: the file, as far as its header. */
bool svi_numpy_is_matrix(struct svi_bytes head);

/* Fills in everything but the name; NAN, infinities and too large numbers are missing. The caller ends the table with
 * svi_table_clear, also after a failure. */
bool svi_numpy_matrix_read(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

#endif
