/* command.h - what the commands look like to main, and the small things that several of them do. */
#ifndef SVI_HOST_COMMAND_H
#define SVI_HOST_COMMAND_H

#include "base/file.h"
#include "base/json.h"
#include "host/options.h"

#include <linux/limits.h>

/* Results go to standard output. Returns the exit code; what is in the error is printed. */
typedef int svi_command_function(const struct svi_options *options, struct svi_error *err);

#define SVI_COMMAND(NAME, function, ...) svi_command_function svi_command_##function;
#include "host/command_list.h"
#undef SVI_COMMAND

/* 0 where ok, otherwise the error's code. */
int svi_exit_code(bool ok, const struct svi_error *err);

/* A folder that was made where it was missing, as an absolute path. */
bool svi_folder(char into[PATH_MAX], const char *path, enum svi_folder_kind kind, struct svi_error *err);

/* The same of a folder for results. That nothing can be written there is said before the work is done. */
bool svi_results_folder(char into[PATH_MAX], const char *path, struct svi_error *err);

/* The folder for compiled device programs. Without --cache, and where none can be made, "" and a warning: it only saves time. */
bool svi_cache_folder(const struct svi_options *options, char into[PATH_MAX], struct svi_error *err);

/* The file that --ca-file names, which can be read; NULL where none is named. */
bool svi_ca_file(const struct svi_options *options, const char **file, struct svi_error *err);

/* The folder below which jobs get theirs. */
bool svi_work_folder(const struct svi_options *options, char into[PATH_MAX], struct svi_error *err);

/* Of pictures: true where the file begins as a PNG; prints what one of ours says of itself (command_picture.c). */
bool svi_is_picture(const char *path);
bool svi_tell_picture(const char *path, const char *label, bool json, struct svi_error *err);

/* Where local recordings may be unpacked: $TMPDIR, else where large files may lie for a while. */
const char *svi_scratch_folder(void);

/* What --set says, as a job's config: an object that the caller ends with json_decref; NULL: reported. */
json_t *svi_config_from_sets(const struct svi_options *options, struct svi_error *err);

/* Warns of keys that --set was given and nobody knows: an array of texts. */
void svi_tell_ignored(const json_t *keys);

/* True where a progress bar would not be in the way of other lines. */
bool svi_wants_progress_bar(const struct svi_options *options);

#endif
