/* json.h - JSON from outside, read with limits. Trees are jansson's; the caller ends them with json_decref. */
#ifndef SVI_BASE_JSON_H
#define SVI_BASE_JSON_H

#include "base/bytes.h"
#include "base/error.h"

#include <jansson.h>

/* SVI_JSON_DIGITS: of the numbers that are written, as many as a double surely keeps. */
enum { SVI_JSON_MAX_DEPTH = 64, SVI_JSON_MAX_BYTES = 256 << 20, SVI_JSON_DIGITS = 15 };

/* Parses a whole text. `label` names it in the message, which gives line and column; `status` is what a refusal is reported as.
 * Refused besides broken text: nesting deeper than SVI_JSON_MAX_DEPTH, more values than fit into SVI_JSON_MAX_BYTES,
 * and a key that stands twice in an object. */
json_t *svi_json_parse(struct svi_bytes text, const char *label, enum svi_status status, struct svi_error *err);

/* "a string", "an object", …: for messages. */
const char *svi_json_kind(const json_t *value);

/* The text of a tree in one line, sorted by nothing, at most limit_bytes; appended to a buffer. */
bool svi_json_write(struct svi_buffer *out, const json_t *value, struct svi_error *err);

#endif
