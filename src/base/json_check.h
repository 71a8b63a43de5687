/* json_check.h - whether a text is JSON, found out without making a tree of it: many times faster than svi_json_parse, which says
 * where it is not. */
#ifndef SVI_BASE_JSON_CHECK_H
#define SVI_BASE_JSON_CHECK_H

#include "base/bytes.h"

/* True for one object with at least one member, as svi_json_parse takes it; only that a key may stand twice, and a number may be of
 * any size. */
bool svi_json_is_full_object(struct svi_bytes text);

#endif
