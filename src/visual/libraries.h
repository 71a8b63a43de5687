/* libraries.h - the libraries that figures stand on, for the version line of the program. */
#ifndef SVI_VISUAL_LIBRARIES_H
#define SVI_VISUAL_LIBRARIES_H

#include <stddef.h>

/* The i-th one's name and version, "ISA-L 2.30.0"; NULL past the end. */
const char *svi_visual_library(size_t i);

#endif
