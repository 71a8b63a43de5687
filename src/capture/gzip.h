/* gzip.h - what a gzip file holds, to its very end: each member has its checksum and its length, and behind the last one there is
 * nothing but zeros, which are padding. Knows nothing of archives. */
#ifndef SVI_CAPTURE_GZIP_H
#define SVI_CAPTURE_GZIP_H

#include "base/bytes.h"
#include "base/error.h"

/* Whether bytes begin like a gzip file. */
bool svi_gzip_begins(struct svi_bytes head);

struct svi_gzip;

/* `packed` stays the caller's until the end. */
bool svi_gzip_open(struct svi_gzip **out, struct svi_bytes packed, struct svi_error *err);

/* The next bytes, valid until the next call; none at the end. Only the last of them may be fewer than 128 KiB.
 * SVI_BAD_RECORDING says in what way the file is broken: "The archive LABEL is broken: …". */
bool svi_gzip_next(struct svi_gzip *gzip, struct svi_bytes *block, const char *label, struct svi_error *err);

/* Takes NULL. */
void svi_gzip_close(struct svi_gzip *gzip);

#endif
