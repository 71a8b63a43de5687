/* utc.h - moments as text. Knows nothing of files. */
#ifndef SVI_CAPTURE_UTC_H
#define SVI_CAPTURE_UTC_H

#include <stdbool.h>

enum { SVI_UTC_TEXT = 40 };

/* Reads an RFC 3339 moment, "2021-06-18T23:17:51.163959Z", and writes it in UTC with a Z at its end. The fraction keeps its
 * digits, at most 18. A zone that is left out is taken as UTC and reported. Returns false, and writes "", where the text is no
 * such moment. */
bool svi_utc_read(char into[SVI_UTC_TEXT], const char *text, bool *zone_missing);

#endif
