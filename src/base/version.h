/* version.h - which program this is. The number stands in the root CMakeLists.txt. */
#ifndef SVI_BASE_VERSION_H
#define SVI_BASE_VERSION_H

#define SVI_PROGRAM_NAME "svi-worker"

extern const char svi_version[]; /* "0.1.0" */
extern const char svi_commit[];  /* "1a2b3c4", "1a2b3c4-dirty" or "unknown" */

#endif
