/* libraries.h - the libraries that reading recordings stands on, for the version line of the program. */
#ifndef SVI_CAPTURE_LIBRARIES_H
#define SVI_CAPTURE_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

/* The i-th one's name and version as loaded, "HDF5 1.10.8", cut to the size; false past the end. */
bool svi_capture_library(size_t i, char *into, size_t size);

#endif
