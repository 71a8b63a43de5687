/* error.h - one error, two readers: a sentence for whoever asked for the picture, a cause for the operator.
 *
 * The caller owns the struct and starts it as `{ 0 }`. The function that detects a fault writes it; the first report wins;
 * everyone above passes `false` up. The status alone decides about a retry and the exit code. */
#ifndef SVI_BASE_ERROR_H
#define SVI_BASE_ERROR_H

#include <stdbool.h>

enum svi_status {
#define SVI_STATUS(name, code, exit_code, again) SVI_##name,
#include "base/status_list.h"
#undef SVI_STATUS
};

struct svi_error {
    enum svi_status status;
    char message[640]; /* for the user: what, where, what to do. Never a path of the node, a token or a pointer. */
    char cause[512];   /* for the operator: paths, codes, driver texts. Never a token. */
};

/* Writes the user's message, unless an earlier report stands. Returns false, always. Texts are cut at a whole UTF-8 character. */
bool svi_fail(struct svi_error *err, enum svi_status status, const char *message_format, ...) __attribute__((format(printf, 3, 4)));

/* Writes the operator's cause of the message just reported, unless one stands. Returns false, always:
 *     return svi_fail(err, SVI_IO, "The file cannot be read.") || svi_because(err, "%s: %s", path, strerror(errno)); */
bool svi_because(struct svi_error *err, const char *cause_format, ...) __attribute__((format(printf, 2, 3)));

/* "Out of memory", with the size that was asked for. Returns false. */
bool svi_fail_memory(struct svi_error *err, unsigned long long bytes);

/* Forgets what was reported. */
void svi_error_clear(struct svi_error *err);

const char *svi_status_code(enum svi_status status); /* stable word: "bad_recording" */
int svi_status_exit_code(enum svi_status status);
bool svi_status_may_retry(enum svi_status status);

/* The status whose stable word this is; SVI_BUG where there is none. Used where an error crossed a process boundary. */
enum svi_status svi_status_from_code(const char *code);

#endif
