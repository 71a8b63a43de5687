/* device_survey.h - which OpenCL devices this machine has, asked of a child process: the supervisor itself loads no driver. */
#ifndef SVI_HOST_DEVICE_SURVEY_H
#define SVI_HOST_DEVICE_SURVEY_H

#include "base/error.h"

#include <stddef.h>

/* Fills in the numbers by which `--device` knows the devices; GPUs alone where there are any. At least one, or it is an error, as
 * is a wish (as of `--device`; NULL: none) that none of them fulfils: SVI_NO_DEVICE. cache_folder: as of --cache, for what a driver
 * compiles meanwhile; "": none. */
bool svi_device_survey(const char *wish, const char *cache_folder, unsigned *indices, size_t most, size_t *count,
                       struct svi_error *err);

#endif
