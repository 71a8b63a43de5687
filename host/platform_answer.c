#include "host/platform_answer.h"

#include "base/bytes.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void svi_platform_answer_clear(struct svi_platform_answer *answer)
{
    json_decref(answer->body);
    if (answer->fd >= 0)
        close(answer->fd);
    free(answer->bytes);
    *answer = SVI_PLATFORM_NO_ANSWER;
}

void svi_platform_answer_json(struct svi_platform_answer *answer, unsigned status, json_t *body)
{
    svi_platform_answer_clear(answer);
    answer->status = body ? status : 500;
    answer->body = body;
}

void svi_platform_answer_error(struct svi_platform_answer *answer, unsigned status, const char *message)
{
    svi_platform_answer_json(answer, status, json_pack("{s:s, s:s}", "status", "error", "message", message));
}

void svi_platform_answer_detail(struct svi_platform_answer *answer, unsigned status, const char *detail)
{
    svi_platform_answer_json(answer, status, json_pack("{s:s}", "detail", detail));
}

void svi_platform_answer_result(struct svi_platform_answer *answer, enum svi_platform_result result, const struct svi_error *err)
{
    static const unsigned statuses[] = {
        [SVI_PLATFORM_ABSENT] = 404,   [SVI_PLATFORM_FOREIGN] = 404, [SVI_PLATFORM_REFUSED] = 400,
        [SVI_PLATFORM_CONFLICT] = 409, [SVI_PLATFORM_BROKEN] = 500,
    };
    if (result == SVI_PLATFORM_BROKEN)
        svi_log_error(SVI_LOG_ERROR, err, "platform");
    svi_platform_answer_error(answer, statuses[result], err->message);
}

/* Decimal digits at *at, which moves behind them; false where there are none, or too many. */
static bool read_number(const char **at, uint64_t *number)
{
    size_t digits = strspn(*at, "0123456789");
    if (!digits || digits > 18)
        return false;
    *number = 0;
    for (size_t i = 0; i < digits; i++)
        *number = *number * 10 + (uint64_t)((*at)[i] - '0');
    *at += digits;
    return true;
}

enum range { RANGE_NONE, RANGE_PART, RANGE_OUTSIDE };

/* One part of RFC 9110: "bytes=A-B", "bytes=A-", "bytes=-N". What is not understood, several parts among it, is as if not said. */
static enum range read_range(const char *text, uint64_t size, uint64_t *first, uint64_t *count)
{
    if (!text || strncmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    const char *at = text + 6;
    uint64_t from = 0, to = 0;
    bool has_from = read_number(&at, &from);
    if (*at++ != '-')
        return RANGE_NONE;
    bool has_to = read_number(&at, &to);
    if (*at || (!has_from && !has_to) || (has_from && has_to && to < from))
        return RANGE_NONE;
    if (!has_from) {
        from = to < size ? size - to : 0;
        if (to == 0)
            return RANGE_OUTSIDE;
        to = size;
    }
    if (from >= size)
        return RANGE_OUTSIDE;
    *first = from;
    *count = (has_to && to < size ? to + 1 : size) - from;
    return RANGE_PART;
}

void svi_platform_answer_file(struct svi_platform_answer *answer, const struct svi_platform_file *file, const char *range)
{
    svi_platform_answer_clear(answer);
    answer->status = 200;
    answer->fd = file->fd;
    answer->bytes = file->bytes;
    answer->count = file->size_bytes;
    svi_format(answer->content_type, sizeof answer->content_type, "%s", file->content_type);
    svi_platform_write_disposition(answer->disposition, sizeof answer->disposition, file->name);
    switch (read_range(range, file->size_bytes, &answer->first, &answer->count)) {
    case RANGE_NONE:
        return;
    case RANGE_PART:
        answer->status = 206;
        svi_format(answer->content_range, sizeof answer->content_range, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, answer->first,
                   answer->first + answer->count - 1, file->size_bytes);
        return;
    case RANGE_OUTSIDE:
        svi_platform_answer_error(answer, 416, "The range lies outside the file.");
        svi_format(answer->content_range, sizeof answer->content_range, "bytes */%" PRIu64, file->size_bytes);
    }
}

/* attr-char of RFC 8187: what stands for itself. */
static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("!#$&+-.^_`|~", c));
}

void svi_platform_write_disposition(char *into, size_t size, const char *name)
{
    struct svi_buffer text;
    svi_buffer_init(&text, size - 1);
    bool exact = true;
    bool ok = svi_buffer_add_text(&text, "attachment; filename=\"");
    for (const char *c = name; ok && *c; c++) {
        unsigned char byte = (unsigned char)*c;
        bool safe = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
        exact = exact && safe;
        if ((byte & 0xC0) != 0x80) /* one "_" a character, not a byte */
            ok = svi_buffer_add(&text, safe ? c : "_", 1);
    }
    ok = ok && svi_buffer_add_text(&text, "\"");
    /* Clients that know RFC 6266 take this one; the other is for those that do not. */
    if (ok && !exact)
        ok = svi_buffer_add_text(&text, "; filename*=UTF-8''");
    for (const char *c = exact ? "" : name; ok && *c; c++)
        ok = is_plain((unsigned char)*c) ? svi_buffer_add(&text, c, 1)
                                         : svi_buffer_add_text(&text, "%%%02X", (unsigned)(unsigned char)*c);
    svi_format(into, size, "%s", ok ? (const char *)text.at : "attachment");
    svi_buffer_clear(&text);
}
