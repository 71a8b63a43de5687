/* platform_captures.h - the captures of the embedded platform: recordings that lie in a data system, which jobs name by an id in
 * place of bringing files along. A part of the store (platform_store.h), whose rules hold here too. */
#ifndef SVI_HOST_PLATFORM_CAPTURES_H
#define SVI_HOST_PLATFORM_CAPTURES_H

#include "host/platform_store.h"

enum { SVI_PLATFORM_UUID_BYTES = 37 };

/* A user's captures as captures/list tells them: [{"uuid", "owner", "name", "type", "source", "files": [{"uuid", "name"}], …}]; the
 * caller ends it with json_decref. */
enum svi_platform_result svi_platform_store_captures(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                     json_t **out, struct svi_error *err);

/* A file of one of the user's captures, opened for reading; the caller closes its fd. */
enum svi_platform_result svi_platform_store_capture_file(struct svi_platform_store *store, const struct svi_platform_user *user,
                                                         const char *uuid, struct svi_platform_file *out, struct svi_error *err);

/* Copies files, and all files below folders, into the platform's folder as one capture of a user, whether a server runs on it or
 * not. Names keep no folders, as in the data system. The type is drf where a name ends in .h5, rh where one ends in .json or .rh;
 * neither: SVI_BAD_USAGE. */
bool svi_platform_add_capture(const char *folder, const char *user, const char *const *paths, size_t path_count,
                              char uuid[SVI_PLATFORM_UUID_BYTES], struct svi_error *err);

#endif
