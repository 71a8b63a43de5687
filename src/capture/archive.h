/* archive.h - what is packed into one file: zip, tar, and gzip, xz or zstd around a tar or a single file. Writes nothing itself,
 * and knows nothing of recordings.
 *
 * Names in an archive are labels. One that is absolute, leads upwards, is empty, longer than 1024 bytes or holds control characters
 * is refused with the whole archive, as are links, devices, and encrypted files. What systems add of their own (names that begin
 * with a dot, __MACOSX) is passed over. An archive in an archive is a file like others. */
#ifndef SVI_CAPTURE_ARCHIVE_H
#define SVI_CAPTURE_ARCHIVE_H

#include "base/bytes.h"
#include "base/error.h"

enum svi_archive_kind {
    SVI_ARCHIVE_NONE,
    SVI_ARCHIVE_TAR, /* uncompressed: its members lie in it as they are */
    SVI_ARCHIVE_ZIP,
    SVI_ARCHIVE_PACKED /* gzip, xz, zstd */
};

/* What the beginning of a file says, of which 512 bytes are enough. */
enum svi_archive_kind svi_archive_kind(struct svi_bytes head);

enum { SVI_ARCHIVE_MOST_MEMBERS = 100000, SVI_ARCHIVE_RATIO = 1000 };

/* Of all members together; beyond SVI_ARCHIVE_FREE_BYTES they may take SVI_ARCHIVE_RATIO times as much as the archive. */
#define SVI_ARCHIVE_MOST_BYTES (UINT64_C(64) << 30)
#define SVI_ARCHIVE_FREE_BYTES (UINT64_C(64) << 20)

/* Where members go, one after the other. Each verb may fail by reporting. */
struct svi_archive_sink {
    void *self;
    /* A file of a tar, which lies in its bytes. */
    bool (*lies)(void *self, const char *name, uint64_t first_byte, uint64_t byte_count, struct svi_error *err);
    /* A file of any other archive: its bytes follow in order, with zeros where they leave something out. */
    bool (*begin)(void *self, const char *name, struct svi_error *err);
    bool (*write)(void *self, uint64_t offset, struct svi_bytes bytes, struct svi_error *err);
    bool (*end)(void *self, uint64_t byte_count, struct svi_error *err);
};

/* Goes through an archive. `name` is what the user calls it, and, less its ending, a single compressed file. Fails with
 * SVI_BAD_RECORDING where it is broken, too large, or refused as above; then the sink may have got a part of it. */
bool svi_archive_walk(struct svi_bytes bytes, const char *name, const struct svi_archive_sink *sink, struct svi_error *err);

#endif
