/* celery_revoked.h - the ids of tasks that are not to be worked on, for as long as Celery remembers them; and the stamps. */
#ifndef SVI_HOST_CELERY_REVOKED_H
#define SVI_HOST_CELERY_REVOKED_H

#include "base/json.h"

enum { SVI_REVOKED_MOST = 50000, SVI_REVOKED_FOR_S = 10800, SVI_REVOKED_STAMPS_MOST = 1000 };

struct svi_revoked;

bool svi_revoked_create(struct svi_revoked **out, struct svi_error *err);
void svi_revoked_destroy(struct svi_revoked *revoked); /* takes NULL */

/* now_s: svi_now_s, here and below. Where there are too many, the oldest goes. Ids that are no ids ("", too long) are left out. */
void svi_revoked_add(struct svi_revoked *revoked, const char *id, double now_s);
bool svi_revoked_has(struct svi_revoked *revoked, const char *id, double now_s);

/* The newest `most` ids, oldest first, as an array of texts: what `inspect revoked` shows. NULL: no memory. */
json_t *svi_revoked_ids(struct svi_revoked *revoked, size_t most, double now_s);

/* The same as nodes tell it each other: an object of ids with [when, id]; `when` is always a JSON real. */
json_t *svi_revoked_tell(struct svi_revoked *revoked, size_t most, double now_s);

/* Takes in what another node tells: such an object, or an array of ids. Anything else in it is left out. */
void svi_revoked_merge(struct svi_revoked *revoked, const json_t *told, double now_s);

/* Tasks that are stamped with this value under this header are revoked, too. */
void svi_revoked_add_stamp(struct svi_revoked *revoked, const char *header, const char *value);
bool svi_revoked_has_stamp(const struct svi_revoked *revoked, const json_t *stamps); /* takes NULL */

#endif
