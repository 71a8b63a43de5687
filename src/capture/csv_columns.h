/* csv_columns.h - which columns of a text of separated values are samples, and what it says of their rate. The one place that
 * decides whether such a text is a recording. Reads its first two rows and the comments above them.
 *
 * Samples are, by their columns: I and Q by name (i and q, re and im, real and imag, inphase and quadrature; upper or lower case),
 * or a column of complex numbers ("0.1-0.2j"), or, where a comment states a sample rate, one column of numbers. One column of
 * numbers may be samples or a table, and two without names I and Q or a table: who asks decides. Columns of time and of row numbers
 * stand beside them. */
#ifndef SVI_CAPTURE_CSV_COLUMNS_H
#define SVI_CAPTURE_CSV_COLUMNS_H

#include "capture/csv_rows.h"

enum svi_csv_content { SVI_CSV_A_TABLE, SVI_CSV_PERHAPS_SAMPLES, SVI_CSV_SAMPLES };

#define SVI_CSV_NO_COLUMN SIZE_MAX

struct svi_csv_columns {
    enum svi_csv_content content;
    bool complex_text;          /* I and Q of a sample stand in one cell, of column i */
    bool header;                /* the first row holds names */
    size_t count;               /* of all columns */
    size_t i, q;                /* q: SVI_CSV_NO_COLUMN of real samples, and of complex texts */
    size_t time;                /* SVI_CSV_NO_COLUMN: there is none */
    double time_unit_s;         /* of its numbers */
    double sample_rate_hz;      /* 0: no comment states it */
    double center_frequency_hz; /* NAN: likewise */
};

/* `rows` as svi_csv_begin leaves them, of `bytes`. */
void svi_csv_columns_find(struct svi_csv_columns *out, const struct svi_csv_rows *rows, struct svi_bytes bytes);

/* "0.1-0.2j", "(1e-3+2i)", "1j": both parts of a complex number, of which the imaginary one must be there. */
bool svi_csv_complex(struct svi_bytes text, char separator, double out[2]);

/* The same of file i of a request. One that cannot be read is a table: whoever opens it says why. */
void svi_csv_columns_look(struct svi_csv_columns *out, const struct svi_capture_request *request, size_t i);

#endif
