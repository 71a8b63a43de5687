#include "capture/libraries.h"

#include "base/bytes.h"

#include <hdf5.h>

bool svi_capture_library(size_t i, char *into, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    if (i > 0)
        return false;
    H5get_libversion(&major, &minor, &release);
    svi_format(into, size, "HDF5 %u.%u.%u", major, minor, release);
    return true;
}
