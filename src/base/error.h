/* error.h - one error, two readers: a sentence for whoever asked for the picture, a cause for the operator.
 *
 * The caller owns the struct and starts it as `{ 0 }`. The function that detects a fault writes it; the first report wins;
 * everyone above passes `false` up. The first status decides about a retry and the exit code. */
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
    bool may_pass;     /* the same attempt may succeed later */
    char message[640]; /* for the user: what, where, what to do. Never a path of the node, a token or a pointer. */
    char cause[512];   /* for the operator: paths, codes, driver texts. Never a token. */
};

/* Writes the user's message, unless an earlier report stands. Returns false, always. Texts are cut at a whole UTF-8 character. */
#define svi_fail(err, ...) svi_false(svi_report(err, __VA_ARGS__))

/* Writes the operator's cause of the message just reported, unless one stands. Returns false, always:
 *     return svi_fail(err, SVI_IO, "The file cannot be read.") || svi_because(err, "%s: %s", path, strerror(errno)); */
#define svi_because(err, ...) svi_false(svi_report_cause(err, __VA_ARGS__))

/* "Out of memory", with the size that was asked for. Returns false. */
#define svi_fail_memory(err, bytes) svi_false(svi_report_memory(err, bytes))

/* What the three stand for. They are macros so that compiler and analyzer, too, know that what follows a failure is not reached. */
bool svi_report(struct svi_error *err, enum svi_status status, const char *message_format, ...)
    __attribute__((format(printf, 3, 4)));
bool svi_report_cause(struct svi_error *err, const char *cause_format, ...) __attribute__((format(printf, 2, 3)));
bool svi_report_memory(struct svi_error *err, unsigned long long bytes);

static inline bool svi_false(bool reported)
{
    (void)reported;
    return false;
}

/* What a call for a file that failed with this errno comes to: SVI_NO_ROOM, SVI_OUT_OF_MEMORY, else SVI_IO. */
enum svi_status svi_status_of_errno(int why);

/* Forgets what was reported. */
void svi_error_clear(struct svi_error *err);

const char *svi_status_code(enum svi_status status); /* stable word: "bad_recording" */
int svi_status_exit_code(enum svi_status status);

/* The status whose stable word this is; SVI_BUG where there is none. Used where an error crossed a process boundary. */
enum svi_status svi_status_from_code(const char *code);

#endif
