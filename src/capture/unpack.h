/* unpack.h - the step before any format: archives among the files of a request make way for what is in them.
 *
 * The members of an uncompressed tar stay where they are, as spans; all others are written into a private folder below the
 * request's scratch folder, under names of its own, which is gone with svi_unpacked_close. */
#ifndef SVI_CAPTURE_UNPACK_H
#define SVI_CAPTURE_UNPACK_H

#include "capture/format.h"

struct svi_unpacked;

/* *out stays NULL where no file is an archive. Otherwise *request gets the new list of files, which lives as long as *out, and no
 * longer looks beside them. Labels are the members' names, with folders. */
bool svi_unpack(struct svi_unpacked **out, struct svi_capture_request *request, struct svi_error *err);

/* Fits the list to the format that was found in it: leaves out what does not belong to it, and, where it reads one file at a time,
 * all but the one that request->recording names, else the first, with a warning; and writes spans into files of their own where it
 * does not read them. */
bool svi_unpacked_fit(struct svi_unpacked *unpacked, struct svi_capture_request *request, const struct svi_format *format,
                      struct svi_error *err);

/* What is to be told of it. */
const struct svi_warnings *svi_unpacked_warnings(const struct svi_unpacked *unpacked);

/* Takes NULL. */
void svi_unpacked_close(struct svi_unpacked *unpacked);

#endif
