/* log.h - one line per event: time, level, job, text. The library only writes through here, and nowhere until a sink is set. */
#ifndef SVI_BASE_LOG_H
#define SVI_BASE_LOG_H

#include "base/error.h"

enum svi_log_level { SVI_LOG_ERROR, SVI_LOG_WARNING, SVI_LOG_INFO, SVI_LOG_DEBUG };
enum svi_log_format { SVI_LOG_TEXT, SVI_LOG_JSON };

/* Lines up to `most` go to the file descriptor, which is not closed. fd -1: nowhere. May be called again at any time. */
void svi_log_to(int fd, enum svi_log_level most, enum svi_log_format format);

/* The job that this thread works on stands in its lines until another is named; NULL or "" for none. */
void svi_log_job(const char *job);

/* Writes one line, whole, whichever threads write beside it. Control characters in the text are escaped; never pass a secret. */
void svi_log(enum svi_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for what went wrong: "TEXT: message [cause]", the cause where there is one. */
void svi_log_error(enum svi_log_level level, const struct svi_error *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
