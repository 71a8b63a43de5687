/* file.h - whole small files in, whole files out, folders. A file appears complete or not at all, but for svi_file_fill; whether it
 * outlasts a loss of power is up to svi_files_sync. */
#ifndef SVI_BASE_FILE_H
#define SVI_BASE_FILE_H

#include "base/bytes.h"
#include "base/error.h"

/* Reads a file of at most limit_bytes into a buffer that the caller clears. `label` is what a user may see of the name. */
bool svi_file_read(struct svi_buffer *out, const char *path, const char *label, size_t limit_bytes, struct svi_error *err);

/* Writes a temporary name beside `path` and renames it. A failure leaves nothing behind and an older file as it was. */
bool svi_file_write(const char *path, struct svi_bytes bytes, struct svi_error *err);

/* Writes in place what is not there, or is an empty file, which keeps its place on the disk: for folders that nobody else looks
 * into meanwhile. A failure leaves nothing behind, but for what was not empty. */
bool svi_file_fill(const char *path, struct svi_bytes bytes, struct svi_error *err);

/* Brings files of a folder to the disk, and that they are there. All are on their way at once, so it takes hardly longer than one.
 */
bool svi_files_sync(const char *folder, const char *const *names, size_t count, struct svi_error *err);

/* The same for a file that is never in memory as a whole: begin, add piece by piece, finish, which makes it appear. A failure of
 * add or finish is the end of it; only svi_file_end may follow. */
struct svi_file_writer;

bool svi_file_begin(struct svi_file_writer **out, const char *path, struct svi_error *err);
bool svi_file_add(struct svi_file_writer *writer, struct svi_bytes bytes, struct svi_error *err);
/* Adds pieces one after the other; large ones are not copied on their way. */
bool svi_file_add_pieces(struct svi_file_writer *writer, const struct svi_bytes *pieces, size_t count, struct svi_error *err);
bool svi_file_finish(struct svi_file_writer *writer, struct svi_error *err);
void svi_file_end(struct svi_file_writer *writer); /* takes NULL; removes what was not finished */

/* Who may look into folders that are made: the owner alone, or whom the umask lets. */
enum svi_folder_kind { SVI_FOLDER_PRIVATE, SVI_FOLDER_SHARED };

/* Makes the folder and those above it; those that are there stay as they are. A message names the folder, not its path. */
bool svi_make_folders(const char *path, enum svi_folder_kind kind, struct svi_error *err);

/* Removes a folder and all below it, links not followed. A folder that is not there is fine. */
bool svi_remove_tree(const char *path, struct svi_error *err);

/* The part behind the last slash. */
const char *svi_base_name(const char *path);

#endif
