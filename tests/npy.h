/* npy.h - reads NumPy's .npy files: one or two dimensions, C order, little-endian. Knows only the types that the tests use. */
#ifndef SVI_TESTS_NPY_H
#define SVI_TESTS_NPY_H

#include <stddef.h>

enum npy_type { NPY_FLOAT32, NPY_FLOAT64, NPY_COMPLEX64, NPY_INT16 };

struct npy {
    enum npy_type type;
    size_t rows, columns; /* one dimension: columns is 1 */
    void *data;           /* rows * columns elements, row by row; a complex64 is two floats */
};

/* A missing or broken file fails the running test with the reason. The caller ends it with npy_clear. */
struct npy npy_read(const char *path);

/* npy_read of NAME.npy in a folder of tests/data. */
struct npy npy_read_data(const char *folder, const char *name);

void npy_clear(struct npy *array);

#endif
