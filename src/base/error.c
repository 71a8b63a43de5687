#include "base/error.h"

#include "base/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *code;
    int exit_code;
    bool may_pass;
} rows[] = {
#define SVI_STATUS(name, code, exit_code, again) { code, exit_code, again },
#include "base/status_list.h"
#undef SVI_STATUS
};

static void __attribute__((format(printf, 3, 0))) write_text(char *into, size_t size, const char *format, va_list arguments)
{
    vsnprintf(into, size, format, arguments);
    into[svi_utf8_fit(into, strlen(into))] = '\0';
}

bool svi_report(struct svi_error *err, enum svi_status status, const char *message_format, ...)
{
    if (err->status != SVI_OK)
        return false;
    err->status = status;
    err->may_pass = rows[status].may_pass;
    err->cause[0] = '\0';
    va_list arguments;
    va_start(arguments, message_format);
    write_text(err->message, sizeof err->message, message_format, arguments);
    va_end(arguments);
    return false;
}

bool svi_report_cause(struct svi_error *err, const char *cause_format, ...)
{
    if (err->cause[0])
        return false;
    va_list arguments;
    va_start(arguments, cause_format);
    write_text(err->cause, sizeof err->cause, cause_format, arguments);
    va_end(arguments);
    return false;
}

bool svi_report_memory(struct svi_error *err, unsigned long long bytes)
{
    /* Often called where an earlier report may stand: that one keeps a cause of its own, or none. */
    if (err->status != SVI_OK)
        return false;
    return svi_fail(err, SVI_OUT_OF_MEMORY, "The machine has not enough memory for this job.")
           || svi_because(err, "allocation of %llu bytes failed", bytes);
}

enum svi_status svi_status_of_errno(int why)
{
    switch (why) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
        return SVI_NO_ROOM;
    case ENOMEM:
        return SVI_OUT_OF_MEMORY;
    default:
        return SVI_IO;
    }
}

void svi_error_clear(struct svi_error *err)
{
    *err = (struct svi_error){ 0 };
}

const char *svi_status_code(enum svi_status status)
{
    return rows[status].code;
}

int svi_status_exit_code(enum svi_status status)
{
    return rows[status].exit_code;
}

enum svi_status svi_status_from_code(const char *code)
{
    for (size_t i = 0; code && i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].code, code))
            return (enum svi_status)i;
    return SVI_BUG;
}
