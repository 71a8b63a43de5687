#include "visual/npy.h"

#include <string.h>

bool svi_npy_encode(struct svi_buffer *out, const float *values, size_t rows, size_t columns)
{
    /* numpy.lib.format: magic, version, length of the header, header padded with blanks so that the data begins at a multiple
     * of 64. */
    char header[128];
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = sizeof header - 10;
    header[9] = 0;
    char text[112];
    if (!svi_format(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns))
        return false;
    memcpy(header + 10, text, strlen(text));
    header[sizeof header - 1] = '\n';
    return svi_buffer_add(out, header, sizeof header) && svi_buffer_add(out, values, rows * columns * sizeof *values);
}
