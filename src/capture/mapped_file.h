/* mapped_file.h - a read-only file as bytes. Knows nothing of samples.
 *
 * The bytes come from the page cache on first touch. Mapped pages count as memory of the process until they are forgotten; the
 * page cache itself is left alone, so that the next picture of the same recording finds it warm. */
#ifndef SVI_CAPTURE_MAPPED_FILE_H
#define SVI_CAPTURE_MAPPED_FILE_H

#include "capture/capture.h"

struct svi_mapped_file;

/* Opens a regular file. `label` is what a user may see of its name; both texts may go away afterwards. An empty file is fine.
 * Fails with SVI_IO: not there, not readable, not a regular file. */
bool svi_mapped_file_open(struct svi_mapped_file **out, const char *path, const char *label, struct svi_error *err);

/* The same of a part of a file, which then is the file; NULL: all of it. Fails where the file ends before the part does. */
bool svi_mapped_file_open_span(struct svi_mapped_file **out, const char *path, const struct svi_span *span, const char *label,
                               struct svi_error *err);

/* All bytes; valid until the close. `at` is never NULL. */
struct svi_bytes svi_mapped_file_bytes(const struct svi_mapped_file *file);

/* The first of them. */
struct svi_bytes svi_mapped_file_head(const struct svi_mapped_file *file, size_t most_bytes);

/* Cuts [offset, offset + count) out of the file, after a look whether the file has become shorter since it was opened: touching
 * a page behind the end would kill the process. Fails with SVI_IO, or SVI_BUG for a range outside of the file. */
bool svi_mapped_file_view(struct svi_mapped_file *file, uint64_t offset, uint64_t count, struct svi_bytes *view,
                          struct svi_error *err);

/* The whole pages before this byte that were not forgotten yet, or viewed again since, leave the resident set. They may still be
 * read: they come back from the page cache. */
void svi_mapped_file_forget(struct svi_mapped_file *file, uint64_t before_byte);

void svi_mapped_file_close(struct svi_mapped_file *file);

#endif
