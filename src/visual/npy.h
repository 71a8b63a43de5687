/* npy.h - a matrix of floats -> the bytes of a NumPy .npy file (format 1.0, little-endian, C order). */
#ifndef SVI_VISUAL_NPY_H
#define SVI_VISUAL_NPY_H

#include "base/bytes.h"

#include <stdbool.h>

/* values: [rows][columns]. false without memory, or past the buffer's limit. */
bool svi_npy_encode(struct svi_buffer *out, const float *values, size_t rows, size_t columns);

#endif
