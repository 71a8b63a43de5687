/* Downloads: an answer's body goes to a file, and a transfer that was cut goes on where it ended. */
#include "host/http_client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UNCOUNTED_BYTES = 1 << 20 };

struct download {
    struct svi_http_exchange exchange;
    int fd;
    uint64_t have;
    struct svi_http_room *room;
    uint64_t mark;     /* what was there when tries were last counted from zero */
    uint64_t furthest; /* the file may be longer than `have`, up to here; so much of the room is ours */
    uint64_t total;    /* 0: not announced */
    bool no_ranges;    /* the platform does not do what was asked with them */
    char range[32];
    char validator[160]; /* "If-Range: …", or "" */
    struct curl_slist header;
};

/* How large the file may become, as the others are now. */
static uint64_t largest(const struct download *to)
{
    uint64_t used = atomic_load(&to->room->used_bytes);
    return used < to->room->limit_bytes ? to->room->limit_bytes - used + to->furthest : to->furthest;
}

static bool too_large(struct download *to, uint64_t bytes)
{
    svi_fail(&to->exchange.failure, SVI_BAD_ANSWER, "The file is larger than the %" PRIu64 " bytes that are left for this job.",
             largest(to));
    svi_because(&to->exchange.failure, "GET %s: %" PRIu64 " bytes", to->exchange.path, bytes);
    return false;
}

/* Makes sure of the room up to `end`, which others take from too. */
static bool reserve(struct download *to, uint64_t end)
{
    if (end <= to->furthest)
        return true;
    uint64_t more = end - to->furthest, used = atomic_load(&to->room->used_bytes);
    do
        if (used > to->room->limit_bytes || more > to->room->limit_bytes - used)
            return too_large(to, end);
    while (!atomic_compare_exchange_weak(&to->room->used_bytes, &used, used + more));
    to->furthest = end;
    return true;
}

static const char *header_of(struct download *to, const char *name)
{
    struct curl_header *header = NULL;
    return curl_easy_header(to->exchange.http->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

/* Reads a number and the character behind it; false where either is something else. */
static bool read_number(const char **text, char behind, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    if (**text < '0' || **text > '9' || errno || *end != behind)
        return false;
    *text = end + 1;
    return true;
}

/* True where the answer is the rest of the file, from the first byte that is missing to its end. */
static bool is_the_rest(struct download *to)
{
    const char *text = header_of(to, "Content-Range");
    uint64_t first, last, total;
    if (!text || strncmp(text, "bytes ", 6) != 0)
        return false;
    text += 6;
    return read_number(&text, '-', &first) && read_number(&text, '/', &last) && read_number(&text, '\0', &total)
           && first == to->have && last >= first && last + 1 == total && (!to->total || to->total == total);
}

static const char condition[] = "If-Range: ";

/* What the rest must be the rest of. A weak tag or none at all: the total length alone has to agree. */
static void keep_validator(struct download *to)
{
    const char *tag = header_of(to, "ETag");
    const char *value = tag && tag[0] == '"' ? tag : header_of(to, "Last-Modified");
    if (!value || !svi_format(to->validator, sizeof to->validator, "%s%s", condition, value))
        to->validator[0] = '\0';
}

/* Not everyone who knows of ranges knows of the condition. */
static bool is_of_the_same(struct download *to)
{
    const char *kept = to->validator + strlen(condition);
    const char *now = !to->validator[0] ? NULL : header_of(to, kept[0] == '"' ? "ETag" : "Last-Modified");
    return !now || !strcmp(now, kept);
}

static bool start(void *self, long status)
{
    struct download *to = self;
    if (status == 206) {
        if (to->exchange.range && is_the_rest(to) && is_of_the_same(to))
            return true;
        to->no_ranges = true;
        svi_fail(&to->exchange.failure, SVI_BAD_ANSWER, "The platform sent another part of the file than it was asked for.");
        svi_because(&to->exchange.failure, "GET %s: from byte %" PRIu64, to->exchange.path, to->have);
        return false;
    }
    if (status < 200 || status > 299)
        return false;
    if (status != 200) {
        svi_fail(&to->exchange.failure, SVI_BAD_ANSWER, "The platform's answer is not the file (%ld).", status);
        svi_because(&to->exchange.failure, "GET %s", to->exchange.path);
        return false;
    }
    curl_off_t length = -1;
    curl_easy_getinfo(to->exchange.http->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    to->have = 0;
    to->total = length > 0 ? (uint64_t)length : 0;
    keep_validator(to);
    return to->total <= largest(to) || too_large(to, to->total);
}

static bool take(void *self, const uint8_t *bytes, size_t count)
{
    struct download *to = self;
    if (!reserve(to, to->have + count))
        return false;
    while (count) {
        ssize_t written = pwrite(to->fd, bytes, count, (off_t)to->have);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            svi_fail(&to->exchange.failure, svi_status_of_errno(errno), "The worker cannot store the file: %s.", strerror(errno));
            return svi_because(&to->exchange.failure, "GET %s: byte %" PRIu64, to->exchange.path, to->have);
        }
        bytes += written;
        count -= (size_t)written;
        to->have += (size_t)written;
    }
    return true;
}

static bool again(void *self, enum svi_http_verdict *verdict)
{
    struct download *to = self;
    struct svi_http_exchange *exchange = &to->exchange;
    bool advanced = to->have >= to->mark + UNCOUNTED_BYTES;
    if (advanced)
        to->mark = to->have;
    if (exchange->range && *verdict == SVI_HTTP_FINAL && (to->no_ranges || exchange->answer->status == 416)) {
        to->no_ranges = true;
        *verdict = SVI_HTTP_REFUSED;
    }
    bool resume = to->have && !to->no_ranges && svi_format(to->range, sizeof to->range, "%" PRIu64 "-", to->have);
    exchange->range = resume ? to->range : NULL;
    to->header = (struct curl_slist){ .data = to->validator, .next = exchange->http->headers };
    exchange->header = resume && to->validator[0] ? &to->header : NULL;
    return advanced;
}

bool svi_http_download_into(struct svi_http *http, const char *path, int fd, struct svi_http_room *room, uint64_t *received_bytes,
                            struct svi_error *err)
{
    struct svi_http_answer answer = { 0 };
    struct download to = { .fd = fd, .room = room };
    to.exchange = (struct svi_http_exchange){ .method = "GET",
                                              .path = path,
                                              .transfer = true,
                                              .start = start,
                                              .take = take,
                                              .again = again,
                                              .self = &to,
                                              .answer = &answer };
    bool ok = svi_http_converse(http, &to.exchange, err);
    /* A longer try may have come before the one that was complete. */
    if (ok && to.furthest > to.have) {
        ok = ftruncate(fd, (off_t)to.have) == 0 || svi_fail(err, SVI_IO, "The worker cannot store the file: %s.", strerror(errno));
        atomic_fetch_sub(&room->used_bytes, ok ? to.furthest - to.have : 0);
    }
    svi_http_answer_clear(&answer);
    *received_bytes = to.have;
    return ok;
}

bool svi_http_download(struct svi_http *http, const char *path, int fd, uint64_t limit_bytes, uint64_t *received_bytes,
                       struct svi_error *err)
{
    struct svi_http_room room = { .limit_bytes = limit_bytes };
    return svi_http_download_into(http, path, fd, &room, received_bytes, err);
}
