/* platform_answer.h - an answer of the embedded platform before it is sent: a status, and JSON or a part of a file.
 *
 * Knows HTTP's words (ranges, Content-Disposition); knows nothing of sockets, jobs or users. An answer starts as
 * SVI_PLATFORM_NO_ANSWER and ends with svi_platform_answer_clear. */
#ifndef SVI_HOST_PLATFORM_ANSWER_H
#define SVI_HOST_PLATFORM_ANSWER_H

#include "host/platform_store.h"

#include <jansson.h>

struct svi_platform_answer {
    unsigned status; /* of HTTP; 0: there is none yet */
    json_t *body;    /* or NULL where a file is sent */
    int fd;          /* -1 for none */
    uint8_t *bytes;  /* of a small file; NULL for none */
    uint64_t first, count;
    const char *allow;  /* 405: the methods that are */
    char location[800]; /* 301 */
    char content_type[SVI_PLATFORM_CONTENT_TYPE_BYTES], content_range[96];
    char disposition[SVI_PLATFORM_NAME_BYTES * 16];
};

#define SVI_PLATFORM_NO_ANSWER ((struct svi_platform_answer){ .fd = -1 })

void svi_platform_answer_clear(struct svi_platform_answer *answer);

/* Takes over the tree. Where it is NULL (no memory), the answer becomes a 500. */
void svi_platform_answer_json(struct svi_platform_answer *answer, unsigned status, json_t *body);

/* {"status": "error", "message": …} */
void svi_platform_answer_error(struct svi_platform_answer *answer, unsigned status, const char *message);

/* {"detail": …}: what Django's framework itself says about tokens, methods and media types. */
void svi_platform_answer_detail(struct svi_platform_answer *answer, unsigned status, const char *detail);

/* The usual answer to a verb of the store that did not succeed; the cause of a broken one is logged, never told. */
void svi_platform_answer_result(struct svi_platform_answer *answer, enum svi_platform_result result, const struct svi_error *err);

/* A file as a download: 200, or 206 or 416 where `range` ("bytes=0-99"; NULL for none) asks for one part. Takes over file->fd and
 * file->bytes. */
void svi_platform_answer_file(struct svi_platform_answer *answer, const struct svi_platform_file *file, const char *range);

/* "attachment; filename=…" for any UTF-8 name: nothing in it can end the header or the quotes. */
void svi_platform_write_disposition(char *into, size_t size, const char *name);

#endif
