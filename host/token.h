/* token.h - the token of a job's owner: from a file or the environment, never from the command line, and then in one place only. */
#ifndef SVI_HOST_TOKEN_H
#define SVI_HOST_TOKEN_H

#include "base/error.h"

enum { SVI_TOKEN_SIZE = 256 };

/* From now on this process and its children leave no core files, in which tokens and recordings would stand. */
void svi_leave_no_core_files(void);

/* Reads it from the file, or from SVI_TOKEN where file is NULL. In any case SVI_TOKEN is wiped from the environment, so that no
 * child inherits it and /proc does not show it, and no core files are left. No token, or what cannot be one: SVI_BAD_USAGE. */
bool svi_token_read(char token[SVI_TOKEN_SIZE], const char *file, struct svi_error *err);

/* Wipes it. */
void svi_token_clear(char token[SVI_TOKEN_SIZE]);

#endif
