/* fuzz_numpy - any bytes as a NumPy array file: refused with a reason, or numbers that lie in the file; and as a matrix. */
#include "capture/csv.h"
#include "capture/numpy.h"
#include "capture/numpy_matrix.h"

#include "fuzz.h"

#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void read_matrix(struct svi_bytes bytes)
{
    struct svi_table table;
    struct svi_error err = { 0 };
    if (svi_numpy_matrix_read(&table, bytes, "fuzz.npy", &err)) {
        must(svi_numpy_is_matrix(bytes) && table.row_count && table.column_count
             && table.row_count * table.column_count <= bytes.count);
        must(table.missing < table.row_count * table.column_count);
    } else {
        must(err.status != SVI_OK && err.message[0]);
    }
    svi_table_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_numpy numpy;
    struct svi_error err = { 0 };
    read_matrix((struct svi_bytes){ data, size });
    if (!svi_numpy_parse(&numpy, (struct svi_bytes){ data, size }, "fuzz.npy", &err)) {
        must(err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
        return 0;
    }
    must(numpy.datatype && numpy.sample_count > 0);
    must(numpy.first_byte <= size && numpy.byte_count <= size - numpy.first_byte);
    must(numpy.byte_count / svi_datatype_bytes(numpy.datatype) <= numpy.sample_count);
    return 0;
}
