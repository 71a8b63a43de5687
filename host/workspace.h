/* workspace.h - a folder on disk for one job at a time: mode 0700, a name of our own, empty between jobs, gone at the end. Knows
 * nothing of what is in the files.
 *
 * A folder is locked by the process that made it; what dead processes left behind is found by its missing lock. */
#ifndef SVI_HOST_WORKSPACE_H
#define SVI_HOST_WORKSPACE_H

#include "base/error.h"

#include <stddef.h>

struct svi_workspace;

/* Makes <root>/job-<random>/ with input/ and output/ in it. `root` is made where it is missing. */
bool svi_workspace_create(struct svi_workspace **out, const char *root, struct svi_error *err);

/* Makes it ready for the next job; output/ may have been moved away. The first input and the files of output/ stay, empty: where
 * many files come and go, a file system may search long for a place for the next. */
bool svi_workspace_empty(struct svi_workspace *workspace, struct svi_error *err);

/* Removes the folder with all that is in it. What cannot be removed is logged. Takes NULL. */
void svi_workspace_destroy(struct svi_workspace *workspace);

/* Absolute paths; they live as long as the workspace. */
const char *svi_workspace_folder(const struct svi_workspace *workspace);
const char *svi_workspace_output(const struct svi_workspace *workspace);

/* Makes the input file of this number, empty, and opens it for writing; *path is freed by the caller, the descriptor closed. */
bool svi_workspace_add_input(struct svi_workspace *workspace, size_t number, char **path, int *fd, struct svi_error *err);

/* The path of a regular file in output/, for the caller to free. `name` comes from another process: a name with a slash, a link,
 * anything else that is not a file, or one that is empty is refused as SVI_RENDERER_DIED. */
bool svi_workspace_find_output(const struct svi_workspace *workspace, const char *name, char **path, struct svi_error *err);

/* Removes the folders of processes that are no more. `root` may be missing. */
bool svi_workspace_clean(const char *root, size_t *removed, struct svi_error *err);

#endif
