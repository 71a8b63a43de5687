#include "capture/numpy_matrix.h"

#include "capture/csv.h"
#include "capture/numpy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One number of each kind and size, from its bytes in the order of this machine. */
#define NUMBER(name, type)                                                                                                         \
    static double name(const void *at)                                                                                             \
    {                                                                                                                              \
        type number;                                                                                                               \
        memcpy(&number, at, sizeof number);                                                                                        \
        return (double)number;                                                                                                     \
    }
NUMBER(number_f4, float)
NUMBER(number_f8, double)
NUMBER(number_i1, int8_t)
NUMBER(number_i2, int16_t)
NUMBER(number_i4, int32_t)
NUMBER(number_i8, int64_t)
NUMBER(number_u1, uint8_t)
NUMBER(number_u2, uint16_t)
NUMBER(number_u4, uint32_t)
NUMBER(number_u8, uint64_t)
#undef NUMBER

static const struct kind {
    const char *type;
    size_t bytes;
    double (*number)(const void *at);
} kinds[] = {
    { "f4", 4, number_f4 }, { "f8", 8, number_f8 }, { "i1", 1, number_i1 }, { "i2", 2, number_i2 },
    { "i4", 4, number_i4 }, { "i8", 8, number_i8 }, { "u1", 1, number_u1 }, { "u2", 2, number_u2 },
    { "u4", 4, number_u4 }, { "u8", 8, number_u8 }, { "b1", 1, number_u1 },
};

enum { WIDEST = 8 };

static const struct kind *kind_of(const struct svi_numpy_header *header)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strchr("<>|", header->type[0]) && !strcmp(header->type + 1, kinds[i].type))
            return &kinds[i];
    return NULL;
}

static bool is_matrix(const struct svi_numpy_header *header)
{
    return header->dimensions == 2 && header->shape[0] != 2 && header->shape[1] != 2 && header->type[0] && kind_of(header);
}

bool svi_numpy_is_matrix(struct svi_bytes head)
{
    struct svi_numpy_header header;
    struct svi_error unused = { 0 };
    return svi_numpy_begins(head) && svi_numpy_read_header(&header, head, "", &unused) && is_matrix(&header);
}

static bool check_size(const struct svi_numpy_header *header, const struct kind *kind, struct svi_bytes bytes, const char *label,
                       struct svi_error *err)
{
    uint64_t count, there = bytes.count - header->first_byte;
    if (!header->shape[0] || !header->shape[1])
        return svi_fail(err, SVI_BAD_RECORDING, "%s: the array is empty.", label);
    if (header->shape[1] > SVI_TABLE_MOST_COLUMNS || __builtin_mul_overflow(header->shape[0], header->shape[1], &count)
        || count > SVI_TABLE_MOST_VALUES)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "%s: the array has %llu × %llu numbers; at most %d columns and %d million numbers are read.", label,
                        (unsigned long long)header->shape[0], (unsigned long long)header->shape[1], SVI_TABLE_MOST_COLUMNS,
                        SVI_TABLE_MOST_VALUES / 1000000);
    return count * kind->bytes <= there
           || svi_fail(err, SVI_BAD_RECORDING, "%s ends before its array does: %llu of %llu bytes are there.", label,
                       (unsigned long long)there, (unsigned long long)(count * kind->bytes));
}

static double number_at(const uint8_t *at, const struct kind *kind, bool big_endian)
{
    uint8_t native[WIDEST];
    for (size_t i = 0; i < kind->bytes; i++)
        native[i] = at[big_endian ? kind->bytes - 1 - i : i];
    const double number = kind->number(native);
    return fabs(number) <= SVI_TABLE_LARGEST ? number : NAN;
}

static void read_numbers(struct svi_table *out, const struct svi_numpy_header *header, const struct kind *kind, const uint8_t *at)
{
    const size_t rows = out->row_count, columns = out->column_count;
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const size_t place = header->fortran_order ? column * rows + row : row * columns + column;
            const double number = number_at(at + place * kind->bytes, kind, header->type[0] == '>');
            out->values[row * columns + column] = number;
            out->columns[column].missing += isnan(number) ? 1 : 0;
            out->missing += isnan(number) ? 1 : 0;
        }
}

bool svi_numpy_matrix_read(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    struct svi_numpy_header header;
    *out = (struct svi_table){ .format = "npy" };
    if (!svi_numpy_read_header(&header, bytes, label, err))
        return false;
    const struct kind *kind = is_matrix(&header) ? kind_of(&header) : NULL;
    if (!kind)
        return svi_fail(err, SVI_BAD_RECORDING, "%s: the array is no matrix of numbers.", label);
    if (!check_size(&header, kind, bytes, label, err))
        return false;
    out->row_count = (size_t)header.shape[0];
    out->column_count = (size_t)header.shape[1];
    const size_t count = out->row_count * out->column_count;
    out->columns = calloc(out->column_count, sizeof *out->columns);
    out->values = malloc(count * sizeof *out->values);
    if (!out->columns || !out->values)
        return svi_fail_memory(err, count * sizeof *out->values);
    read_numbers(out, &header, kind, bytes.at + header.first_byte);
    if (out->missing == count)
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds no number that is finite.", label);
    if (out->missing)
        svi_warn(&out->warnings, "%llu of %zu numbers of %s are not finite: they are left out.", (unsigned long long)out->missing,
                 count, label);
    return true;
}
