/* base64.h - bytes as text: RFC 4648, section 4, with padding, in one line. */
#ifndef SVI_BASE_BASE64_H
#define SVI_BASE_BASE64_H

#include "base/bytes.h"

/* Characters that `count` bytes become; no end of a string is counted. */
size_t svi_base64_length(size_t count);

/* Writes svi_base64_length(bytes.count) characters, and no end of a string. */
void svi_base64_write(char *into, struct svi_bytes bytes);

/* Reads at most text.count / 4 * 3 bytes. False where the text is no such base64: other characters, a length that is not a multiple
 * of four, padding elsewhere than at the end, bits behind the last byte that are not zero. `into` may hold anything then. */
bool svi_base64_read(uint8_t *into, size_t *count, struct svi_bytes text);

#endif
