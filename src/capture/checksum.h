/* checksum.h - the SHA-512 of a file's bytes, as SigMF states it. */
#ifndef SVI_CAPTURE_CHECKSUM_H
#define SVI_CAPTURE_CHECKSUM_H

#include "capture/format.h"
#include "capture/mapped_file.h"

enum { SVI_SHA512_DIGITS = 128 };

/* Without being told to, only files up to this size are read as a whole for it: some tenths of a second. */
#define SVI_CHECKSUM_USUAL_BYTES (UINT64_C(256) << 20)

/* Compares the file with the stated digits (of either case) as far as the request wishes; pages that were read leave memory. False:
 * the request was told to stop, or there is no memory. */
bool svi_checksum_check(enum svi_checksum *out, struct svi_mapped_file *file, const char *stated,
                        const struct svi_capture_request *request, struct svi_error *err);

#endif
