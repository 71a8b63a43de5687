#include "capture/libraries.h"

#include "base/bytes.h"

#include <archive.h>
#include <hdf5.h>

bool svi_capture_library(size_t i, char *into, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    if (i == 1)
        svi_format(into, size, "%s", archive_version_string());
    if (i > 0)
        return i == 1;
    H5get_libversion(&major, &minor, &release);
    svi_format(into, size, "HDF5 %u.%u.%u", major, minor, release);
    return true;
}
