/* fuzz_numpy - any bytes as a NumPy array file: refused with a reason, or numbers that lie in the file. */
#include "capture/numpy.h"

#include "fuzz.h"

#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_numpy numpy;
    struct svi_error err = { 0 };
    if (!svi_numpy_parse(&numpy, (struct svi_bytes){ data, size }, "fuzz.npy", &err)) {
        must(err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
        return 0;
    }
    must(numpy.datatype && numpy.sample_count > 0);
    must(numpy.first_byte <= size && numpy.byte_count <= size - numpy.first_byte);
    must(numpy.byte_count / svi_datatype_bytes(numpy.datatype) <= numpy.sample_count);
    return 0;
}
