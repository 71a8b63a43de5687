/* numpy.h - the bytes of a NumPy array file -> where its numbers lie and what they are. Opens no file; numpy_file.c does.
 *
 * Facts: numpy.lib.format, versions 1.0 to 3.0. Arrays that are samples: one dimension of complex or real numbers, or (n, 2) of
 * real numbers, which are I and Q. */
#ifndef SVI_CAPTURE_NUMPY_H
#define SVI_CAPTURE_NUMPY_H

#include "capture/capture.h"

struct svi_numpy {
    const struct svi_datatype *datatype;
    uint64_t sample_count; /* by the shape */
    uint64_t first_byte;   /* of the numbers */
    uint64_t byte_count;   /* of the numbers that are there, at most those of the shape */
    struct svi_warnings warnings;
};

bool svi_numpy_begins(struct svi_bytes head);

enum { SVI_NUMPY_TYPE = 16, SVI_NUMPY_DIMENSIONS = 8 };

/* What the header, a Python dictionary, says. */
struct svi_numpy_header {
    bool has_type, has_order, has_shape;
    char type[SVI_NUMPY_TYPE]; /* "<c8" */
    bool fortran_order;
    size_t dimensions;
    uint64_t shape[SVI_NUMPY_DIMENSIONS];
    uint64_t first_byte; /* of the numbers */
};

/* `bytes`: the file, as far as its header. */
bool svi_numpy_read_header(struct svi_numpy_header *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

/* `bytes`: the whole file. `label` names it in messages, which say what of the header is wrong. A file that ends before its array
 * does is survived with a warning. */
bool svi_numpy_parse(struct svi_numpy *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

#endif
