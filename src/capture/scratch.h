/* scratch.h - writing files that a capture keeps for itself, in a folder of its own below the request's scratch folder, as long as
 * it is open.
 *
 * A folder is locked by the process that made it; what dead processes left there is found by its missing lock. */
#ifndef SVI_CAPTURE_SCRATCH_H
#define SVI_CAPTURE_SCRATCH_H

#include "capture/capture.h"

#include <limits.h>

struct svi_scratch {
    char path[PATH_MAX]; /* "": there is no folder */
    int lock;
};

/* Makes a folder, and removes those of processes that are no more. `below` must not be NULL. */
bool svi_scratch_open(struct svi_scratch *out, const char *below, struct svi_error *err);

/* Removes the folder with all that is in it. What is all zeros was never opened. */
void svi_scratch_close(struct svi_scratch *scratch);

/* Reports SVI_IO with errno: `doing` is what cannot be done ("A file cannot be unpacked"), `path` is for the operator. */
bool svi_scratch_fail(const char *doing, const char *path, struct svi_error *err);

/* Writes all of the bytes at that place of a file. */
bool svi_scratch_write(int fd, uint64_t offset, struct svi_bytes bytes, const char *doing, struct svi_error *err);

/* Asks the request's go_on: SVI_CANCELLED where it says no. */
bool svi_scratch_go_on(const struct svi_capture_request *request, struct svi_error *err);

#endif
