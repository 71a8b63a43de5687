#include "npy.h"

#include "check.h"

#include <limits.h>

static const struct {
    const char *descr;
    enum npy_type type;
    size_t bytes;
} types[] = {
    { "<f4", NPY_FLOAT32, 4 },
    { "<f8", NPY_FLOAT64, 8 },
    { "<c8", NPY_COMPLEX64, 8 },
    { "<i2", NPY_INT16, 2 },
};

/* The text behind 'key': in the header's Python dictionary. */
static const char *value_of(const char *path, const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at)
        fail_msg("%s: the header has no %s: %s", path, key, header);
    at += strlen(key);
    return at + strspn(at, ": ");
}

static size_t row_of_type(const char *path, const char *header)
{
    const char *value = value_of(path, header, "'descr'");
    for (size_t i = 0; i < ROWS(types); i++)
        if (value[0] == '\'' && strncmp(value + 1, types[i].descr, 3) == 0 && value[4] == '\'')
            return i;
    fail_msg("%s: a type that the tests do not read: %s", path, header);
    return 0;
}

static void read_shape(struct npy *out, const char *path, const char *header)
{
    const char *value = value_of(path, header, "'shape'");
    unsigned long long rows = 0, columns = 1;
    int end = 0;
    sscanf(value, "(%llu, %llu)%n", &rows, &columns, &end);
    if (end == 0)
        sscanf(value, "(%llu,)%n", &rows, &end);
    if (end == 0 || rows == 0 || columns == 0 || rows > UINT_MAX || columns > UINT_MAX)
        fail_msg("%s: neither one nor two dimensions: %s", path, header);
    out->rows = (size_t)rows;
    out->columns = (size_t)columns;
}

static void read_exactly(const char *path, FILE *file, void *into, size_t bytes)
{
    size_t count = fread(into, 1, bytes, file);
    if (count != bytes)
        fail_msg("%s ends early: %zu bytes where %zu were to come", path, count, bytes);
}

struct npy npy_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    unsigned char start[10];
    char header[65536];
    read_exactly(path, file, start, sizeof start);
    if (memcmp(start, "\x93NUMPY\x01", 7) != 0)
        fail_msg("%s is not a .npy file of version 1", path);
    size_t header_bytes = (size_t)start[8] | (size_t)start[9] << 8;
    read_exactly(path, file, header, header_bytes);
    header[header_bytes] = '\0';
    if (strncmp(value_of(path, header, "'fortran_order'"), "False", 5) != 0)
        fail_msg("%s: columns first", path);

    struct npy out = { 0 };
    size_t row = row_of_type(path, header);
    out.type = types[row].type;
    read_shape(&out, path, header);
    size_t bytes = out.rows * out.columns * types[row].bytes;
    out.data = malloc(bytes);
    if (!out.data)
        fail_msg("%s: no memory for %zu bytes", path, bytes);
    read_exactly(path, file, out.data, bytes);
    if (fgetc(file) != EOF)
        fail_msg("%s goes on behind its data", path);
    fclose(file);
    return out;
}

struct npy npy_read_data(const char *folder, const char *name)
{
    const char *data = getenv("SVI_TEST_DATA");
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s/%s.npy", data ? data : "tests/data", folder, name) >= (int)sizeof path)
        fail_msg("the name of a test file is too long: %s", name);
    return npy_read(path);
}

void npy_clear(struct npy *array)
{
    free(array->data);
    *array = (struct npy){ 0 };
}
