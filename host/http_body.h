/* http_body.h - the fields and files of a form as the body of one request (multipart/form-data), given out once, piece after piece.
 * Knows nothing of connections. */
#ifndef SVI_HOST_HTTP_BODY_H
#define SVI_HOST_HTTP_BODY_H

#include "host/http.h"

struct svi_http_body;

/* Opens the files, which are sent as long as they are now. `boundary`: a text that is in none of them. A file that cannot be
 * read: SVI_IO. */
bool svi_http_body_open(struct svi_http_body **out, const struct svi_http_form *form, const char *boundary, struct svi_error *err);
void svi_http_body_close(struct svi_http_body *body); /* takes NULL */

uint64_t svi_http_body_bytes(const struct svi_http_body *body);

/* Fills `into`, but for the last piece; *given 0: that was all. */
bool svi_http_body_give(struct svi_http_body *body, void *into, size_t size, size_t *given, struct svi_error *err);

#endif
