#include "device/libraries.h"

#include "base/bytes.h"

#include <CL/cl.h>
#include <clFFT.h>
#include <string.h>

/* An extension that the common loaders have had for long, but whose header not every system ships. */
typedef cl_int loader_info(cl_uint what, size_t size, void *into, size_t *size_needed);
enum { LOADER_VERSION = 2, LOADER_NAME = 3 };

static void describe_loader(char *into, size_t size)
{
    char name[80] = "OpenCL loader", version[80] = "(unknown version)";
    /* The newer call asks a platform; the loader is none. */
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"") void *address =
        clGetExtensionFunctionAddress("clGetICDLoaderInfoOCLICD");
    _Pragma("GCC diagnostic pop") loader_info *info = NULL;
    memcpy(&info, &address, sizeof info);
    if (info && info(LOADER_NAME, sizeof name, name, NULL) == CL_SUCCESS)
        info(LOADER_VERSION, sizeof version, version, NULL);
    svi_format(into, size, "%s %s", name, version);
}

static void describe_clfft(char *into, size_t size)
{
    cl_uint major = 0, minor = 0, patch = 0;
    clfftGetVersion(&major, &minor, &patch);
    svi_format(into, size, "clFFT %u.%u.%u", major, minor, patch);
}

bool svi_device_library(size_t i, char *into, size_t size)
{
    static void (*const describe[])(char *into, size_t size) = { describe_loader, describe_clfft };
    if (i >= sizeof describe / sizeof *describe)
        return false;
    describe[i](into, size);
    return true;
}
