/* queue_list.h - "large_jobs,default" as a list of names. */
#ifndef SVI_HOST_QUEUE_LIST_H
#define SVI_HOST_QUEUE_LIST_H

#include "base/error.h"

#include <stddef.h>

enum { SVI_QUEUE_LIST_MOST = 32 };

/* Names point into `text`, a copy that clear frees. */
struct svi_queue_list {
    char *text;
    const char *names[SVI_QUEUE_LIST_MOST];
    size_t count; /* at least 1 */
};

bool svi_queue_list_read(struct svi_queue_list *out, const char *text, struct svi_error *err);
void svi_queue_list_clear(struct svi_queue_list *list);

#endif
