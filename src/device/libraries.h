/* libraries.h - the libraries that device work stands on, for the version line of the program. */
#ifndef SVI_DEVICE_LIBRARIES_H
#define SVI_DEVICE_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

/* The i-th one's name and version as loaded, "clFFT 2.12.2", cut to the size; false past the end. Asks the OpenCL loader, which
 * loads the drivers. */
bool svi_device_library(size_t i, char *into, size_t size);

#endif
