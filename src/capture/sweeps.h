/* sweeps.h - recordings that are power spectra already: rows of power over frequency, each of its own moment.
 *
 * Rows may differ in length, first frequency and step. All of them are held in memory, at most SVI_SWEEPS_MOST_VALUES powers. */
#ifndef SVI_CAPTURE_SWEEPS_H
#define SVI_CAPTURE_SWEEPS_H

#include "capture/format.h"

enum {
    SVI_SWEEPS_MOST_BINS = 1 << 22,   /* of one row */
    SVI_SWEEPS_MOST_VALUES = 1 << 26, /* of all rows, those that are missing too: 256 MiB */
    SVI_SWEEPS_MOST_ROWS = 1 << 20,
    SVI_SWEEPS_MOST_BYTES = 16 << 20, /* of a RadioHound file */
};

struct svi_sweep {
    double first_hz, step_hz; /* of bin 0 (its middle), and from one bin to the next: finite, > 0 */
    size_t count;             /* of bins, at least 1 */
    float *power;             /* [count]: linear, above 0 and finite; NAN: missing */
    struct svi_moment moment; /* of its beginning */
    double length_s;          /* that it took; 0: not stated */
};

struct svi_sweeps {
    const char *format;       /* "rh" */
    char name[256];           /* for the title: the label of the first file without its ending, UTF-8 */
    char device[128];         /* that made them: a name, or an address; "": not stated */
    bool watts;               /* powers are watts; else relative to something that is not stated */
    bool zone_unknown;        /* moments are clock times of a zone that is not stated, taken for UTC */
    size_t row_count;         /* at least 1 */
    struct svi_sweep *rows;   /* by moment; equal ones as they were given */
    size_t most_rows;         /* for which there is room */
    uint64_t values, missing; /* of all rows; at least one is there */
    struct svi_warnings warnings;
};

/* The format of the request's files, by capture_type ("rh", "rtl_power"), else by the content of the first one, or of any that lay
 * in an archive; NULL: they are no sweeps. Of its verbs it has probe alone, for unpack.h. */
const struct svi_format *svi_sweeps_format(const struct svi_capture_request *request);

/* Reads all files of the request, which must be of one format. SVI_BAD_RECORDING names file and key or line; SVI_IO. */
bool svi_sweeps_open(struct svi_sweeps **out, const struct svi_capture_request *request, struct svi_error *err);
void svi_sweeps_close(struct svi_sweeps *sweeps); /* takes NULL */

/* What readers of formats call. Appends a row and takes its memory over, also where that fails; NULL power is out of memory. Powers
 * that are not above 0 or not finite become missing. `label` names the file. */
bool svi_sweeps_add(struct svi_sweeps *sweeps, struct svi_sweep row, const char *label, struct svi_error *err);

/* Frees the rows. */
void svi_sweeps_clear(struct svi_sweeps *sweeps);

/* Seconds from the first row to this one. */
double svi_sweeps_seconds(const struct svi_sweeps *sweeps, size_t row);

/* Lower edge of the lowest bin, upper edge of the highest, least step of all rows, lower edge of a row that has it. */
struct svi_sweeps_span {
    double low_hz, high_hz, step_hz, finest_hz;
};
struct svi_sweeps_span svi_sweeps_span(const struct svi_sweeps *sweeps);

#endif
