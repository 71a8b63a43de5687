/* platform_files.h - the folder of the embedded platform: where bytes lie, and how they get there whole.
 *
 *     DIR/platform.db     the database (platform_db)
 *     DIR/platform.lock   held by the one server of this folder
 *     DIR/data/USER/      what a user may name in local_files: people put recordings there
 *     DIR/incoming/       uploads on their way
 *     DIR/files/ID        files that have arrived, named by their row in the database
 *
 * What is small never becomes a file here: an upload of at most SVI_PLATFORM_HELD_BYTES is held in memory, for the database.
 *
 * Knows nothing of owners, jobs or SQL. Names from outside are labels here and never become paths, except those below DIR/data,
 * which are walked part by part without following a link. Handles may be used by several threads; an upload by one at a time. */
#ifndef SVI_HOST_PLATFORM_FILES_H
#define SVI_HOST_PLATFORM_FILES_H

#include "base/bytes.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct svi_platform_files;

/* Opens the folder; what is not there is made with mode 0700. */
bool svi_platform_files_open(struct svi_platform_files **out, const char *folder, struct svi_error *err);
void svi_platform_files_close(struct svi_platform_files *files);

/* Becomes the one server of this folder, until close. Refused while another process is. */
bool svi_platform_files_lock(struct svi_platform_files *files, struct svi_error *err);

/* Lives as long as the handle. */
const char *svi_platform_files_database(const struct svi_platform_files *files);

/* Makes DIR/data/USER. The name has been checked. */
bool svi_platform_files_add_user(struct svi_platform_files *files, const char *user, struct svi_error *err);

/* Removes what a killed server left: all of incoming/, and what `known` does not know of files/. Only for the one server. */
bool svi_platform_files_sweep(struct svi_platform_files *files,
                              bool (*known)(void *self, int64_t id, bool *answer, struct svi_error *err), void *self,
                              struct svi_error *err);

/* Opens a finished file for reading; the caller closes *fd. */
bool svi_platform_files_read(struct svi_platform_files *files, int64_t id, int *fd, uint64_t *size_bytes, struct svi_error *err);

/* Makes the names of files placed since the last sync survive a power cut. A row is committed only after this: then no row ever
 * points to a file that is absent or torn, and a file whose row is lost is swept away at the next start. */
bool svi_platform_files_sync(struct svi_platform_files *files, struct svi_error *err);

/* A file on its way in. */
struct svi_platform_upload;

enum { SVI_PLATFORM_NAME_BYTES = 256, SVI_PLATFORM_CONTENT_TYPE_BYTES = 128, SVI_PLATFORM_HELD_BYTES = 128 << 10 };

/* Starts a file that will arrive in pieces. Of `name`, which has been checked to be UTF-8, the part behind the last slash is kept,
 * of a content type that is none (or NULL) "application/octet-stream". */
bool svi_platform_upload_open(struct svi_platform_upload **out, struct svi_platform_files *files, const char *name,
                              const char *content_type, struct svi_error *err);

/* Takes over DIR/data/USER/NAME, as a hard link where the file system can, else as a copy. NAME may hold folders. Errors:
 * SVI_BAD_PARAMETER where the name leaves the folder, passes a link, or is no plain file; SVI_NOT_FOUND where there is none. */
bool svi_platform_upload_from_data(struct svi_platform_upload **out, struct svi_platform_files *files, const char *user,
                                   const char *name, struct svi_error *err);

/* Takes a copy of a file of this machine, under the last part of its path. */
bool svi_platform_upload_from_path(struct svi_platform_upload **out, struct svi_platform_files *files, const char *path,
                                   struct svi_error *err);

bool svi_platform_upload_write(struct svi_platform_upload *upload, const void *bytes, size_t count, struct svi_error *err);

/* All bytes are here: needed before held and place. */
bool svi_platform_upload_finish(struct svi_platform_upload *upload, struct svi_error *err);

/* True where the upload is held in memory: *bytes are all of it, until it is closed, and it has no place. */
bool svi_platform_upload_is_held(const struct svi_platform_upload *upload, struct svi_bytes *bytes);

/* Moves it to files/ID. Its bytes are then on the disk; its name is after svi_platform_files_sync. */
bool svi_platform_upload_place(struct svi_platform_upload *upload, int64_t id, struct svi_error *err);

/* Its row is committed: close no longer removes it. */
void svi_platform_upload_keep(struct svi_platform_upload *upload);

/* Forgets the upload and, unless it was kept, removes its file. */
void svi_platform_upload_close(struct svi_platform_upload *upload);

const char *svi_platform_upload_name(const struct svi_platform_upload *upload);
const char *svi_platform_upload_content_type(const struct svi_platform_upload *upload);
uint64_t svi_platform_upload_size_bytes(const struct svi_platform_upload *upload);

#endif
