/* view_rooms.h - memory for views that are put together: two pieces in turn, so that a view stays what it is while the next is
 * made. */
#ifndef SVI_CAPTURE_VIEW_ROOMS_H
#define SVI_CAPTURE_VIEW_ROOMS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct svi_view_rooms {
    uint8_t *at[2];
    size_t bytes[2];
    size_t next;
};

/* Memory of at least so many bytes, whose content is anything; what was got last stays. NULL and a report where there is none. */
uint8_t *svi_view_rooms_next(struct svi_view_rooms *rooms, size_t bytes, struct svi_error *err);

void svi_view_rooms_clear(struct svi_view_rooms *rooms);

#endif
