/* python_repr.h - values as Python shows them, repr(), for the eyes of those who watch a fleet of Python workers. */
#ifndef SVI_HOST_PYTHON_REPR_H
#define SVI_HOST_PYTHON_REPR_H

#include "base/bytes.h"
#include "base/json.h"

enum { SVI_PYTHON_REPR_BYTES = 1024, SVI_PYTHON_REPR_LEVELS = 3 };

enum svi_python_array { SVI_PYTHON_LIST, SVI_PYTHON_TUPLE };

/* Appends the value, cut as Celery cuts it: what lies deeper than SVI_PYTHON_REPR_LEVELS, and what comes after
 * SVI_PYTHON_REPR_BYTES, is "...". `array` is what an array on the outside is shown as. False: no room in the buffer. */
bool svi_python_repr(struct svi_buffer *out, const json_t *value, enum svi_python_array array);

/* Appends a text in quotes, whole: 'it', "it's". */
bool svi_python_repr_text(struct svi_buffer *out, const char *text);

#endif
