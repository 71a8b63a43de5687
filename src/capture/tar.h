/* tar.h - the members of an uncompressed tar, and where in it they lie. Opens no file.
 *
 * Read: ustar, pax (POSIX.1-2001: path and size of its headers) and GNU long names. */
#ifndef SVI_CAPTURE_TAR_H
#define SVI_CAPTURE_TAR_H

#include "base/bytes.h"
#include "base/error.h"

enum { SVI_TAR_NAME_SIZE = 4097 };

enum svi_tar_kind { SVI_TAR_FILE, SVI_TAR_FOLDER, SVI_TAR_LINK, SVI_TAR_OTHER };

struct svi_tar_member {
    enum svi_tar_kind kind;
    char name[SVI_TAR_NAME_SIZE]; /* as it stands there: any bytes but zero */
    uint64_t first_byte, byte_count;
};

struct svi_tar {
    struct svi_bytes bytes;
    const char *label; /* for messages */
    uint64_t at;
};

/* True where the beginning of a file is that of a tar. */
bool svi_tar_begins(struct svi_bytes head);

/* The bytes of the whole tar, which live as long as the walk. */
struct svi_tar svi_tar_walk(struct svi_bytes bytes, const char *label);

/* The next member; its bytes lie inside the tar. *end: there is none. Fails where the tar is broken: SVI_BAD_RECORDING. */
bool svi_tar_next(struct svi_tar *tar, struct svi_tar_member *out, bool *end, struct svi_error *err);

#endif
