#include "host/queue_list.h"

#include <stdlib.h>
#include <string.h>

bool svi_queue_list_read(struct svi_queue_list *out, const char *text, struct svi_error *err)
{
    *out = (struct svi_queue_list){ .text = strdup(text) };
    if (!out->text)
        return svi_fail_memory(err, strlen(text));
    bool ok = true;
    for (char *rest = out->text, *name; ok && (name = strsep(&rest, ","));) {
        ok = out->count < SVI_QUEUE_LIST_MOST && *name && strlen(name) < 200;
        if (ok)
            out->names[out->count++] = name;
    }
    if (ok)
        return true;
    svi_queue_list_clear(out);
    return svi_fail(err, SVI_BAD_USAGE, "--queues is \"%.80s\", but must be 1 to %d names with commas between them.", text,
                    SVI_QUEUE_LIST_MOST);
}

void svi_queue_list_clear(struct svi_queue_list *list)
{
    free(list->text);
    *list = (struct svi_queue_list){ 0 };
}
