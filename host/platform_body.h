/* platform_body.h - the body of one request, taken in pieces: a JSON text or a form's fields in memory up to a limit, a form's
 * files straight to disk. Knows libmicrohttpd's form parser; knows nothing of what the fields mean. */
#ifndef SVI_HOST_PLATFORM_BODY_H
#define SVI_HOST_PLATFORM_BODY_H

#include "host/platform_files.h"

#include <jansson.h>

struct MHD_Connection;
struct svi_platform_body;

enum { SVI_PLATFORM_TEXT_LIMIT_BYTES = 4 << 20, SVI_PLATFORM_MAX_PARTS = 1024 };

/* A file of a form. */
struct svi_platform_part {
    char field[SVI_PLATFORM_NAME_BYTES];
    struct svi_platform_upload *upload; /* finished */
};

/* Chooses by the request's Content-Type: JSON, a form, or, where neither a type nor a length is given, no body. limit_bytes is for
 * the whole body. False only where there is no memory. */
bool svi_platform_body_open(struct svi_platform_body **out, struct MHD_Connection *connection, struct svi_platform_files *files,
                            uint64_t limit_bytes, struct svi_error *err);
void svi_platform_body_close(struct svi_platform_body *body); /* files that nobody kept are gone with it */

/* Takes the next piece, and the end. A body that is refused forgets what it had and takes no more. */
void svi_platform_body_add(struct svi_platform_body *body, const char *bytes, size_t count);
void svi_platform_body_end(struct svi_platform_body *body);

/* The HTTP status of the refusal and its sentence; 0 where there is none. */
unsigned svi_platform_body_refused(const struct svi_platform_body *body, const char **message);

/* After the end. Fields: an object; a form's values are all strings. All live as long as the body. */
const json_t *svi_platform_body_fields(const struct svi_platform_body *body);
bool svi_platform_body_is_form(const struct svi_platform_body *body);

/* The JSON text of a field as it was sent, where it is not a part of a larger one: a form's field, or all that a JSON body has.
 * Else no bytes. */
struct svi_bytes svi_platform_body_text(const struct svi_platform_body *body, const char *name);

const struct svi_platform_part *svi_platform_body_parts(const struct svi_platform_body *body, size_t *count);

#endif
