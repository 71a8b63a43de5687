/* python_json.h - JSON as Python writes it, read without ever showing a byte of it. */
#ifndef SVI_HOST_PYTHON_JSON_H
#define SVI_HOST_PYTHON_JSON_H

#include "base/json.h"

/* As svi_json_parse, with SVI_BAD_ANSWER and two differences: NaN, Infinity and -Infinity are null, and the message quotes nothing,
 * because the text may hold secrets. */
json_t *svi_python_json(struct svi_bytes text, const char *label, struct svi_error *err);

#endif
