/* mask.h - trees and texts without their secrets, for everything that leaves this process. */
#ifndef SVI_HOST_MASK_H
#define SVI_HOST_MASK_H

#include "base/bytes.h"
#include "base/json.h"

#define SVI_MASK "********"

/* A copy in which no text and no key holds the secret: SVI_MASK stands in its place. A secret below 8 characters is only looked for
 * as a whole text. NULL: no memory. */
json_t *svi_mask_secret(const json_t *value, const char *secret);

/* The same for one text, appended. */
bool svi_mask_text(struct svi_buffer *out, const char *text, const char *secret);

/* A copy of an object of settings as Celery shows them: values of keys that speak of tokens, keys, passwords and the like are
 * masked at every level, and so are passwords in URLs. NULL: no memory. */
json_t *svi_mask_settings(const json_t *settings);

/* A text for a message to people: "**" stands in place of each password in a URL. Cut where it is too long. */
void svi_mask_urls(char *into, size_t size, const char *text);

/* Overwrites every text of a tree that nobody needs any more. */
void svi_mask_wipe(json_t *value);

#endif
