#include "host/report.h"

#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool svi_report_stage(struct svi_error *err, enum svi_status status, const char *stage_format, ...)
{
    struct svi_error low = *err;
    char stage[sizeof low.message];
    va_list arguments;
    va_start(arguments, stage_format);
    vsnprintf(stage, sizeof stage, stage_format, arguments);
    va_end(arguments);
    stage[svi_utf8_fit(stage, strlen(stage))] = '\0';

    svi_error_clear(err);
    svi_fail(err, low.status == SVI_CANCELLED ? SVI_CANCELLED : status, "%s %s", stage, low.message);
    err->may_pass = low.may_pass;
    return svi_because(err, "%s: %s", svi_status_code(low.status), low.cause);
}

/* One line of well-formed UTF-8; jansson takes nothing else. */
static void one_line(char *into, size_t size, const char *text)
{
    struct svi_bytes left = svi_bytes_of(text);
    size_t count = 0;
    while (left.count && count + 4 < size) {
        const uint8_t *before = left.at;
        uint32_t code = svi_utf8_next(&left);
        size_t length = (size_t)(left.at - before);
        if (code < 0x20 || code == 0x7F || code == 0xFFFD) {
            into[count++] = ' ';
        } else {
            memcpy(into + count, before, length);
            count += length;
        }
    }
    into[count] = '\0';
}

json_t *svi_report_failure(const struct svi_error *err)
{
    char line[SVI_REPORT_MAX_BYTES + 1];
    one_line(line, sizeof line, err->message);
    return json_pack("{s:s, s:s}", "error", line, "code", svi_status_code(err->status));
}
