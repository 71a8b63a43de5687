#include "host/queue_list.h"

#include <stdlib.h>
#include <string.h>

/* Who writes "a, b" means no name that begins with a blank. */
static char *trimmed(char *name)
{
    name += strspn(name, " \t");
    for (size_t end = strlen(name); end && strchr(" \t", name[end - 1]); end--)
        name[end - 1] = '\0';
    return name;
}

/* A queue that stands there twice would still be listened to after it was cancelled once. */
static bool has_name(const struct svi_queue_list *list, const char *name)
{
    size_t i = 0;
    while (i < list->count && strcmp(list->names[i], name) != 0)
        i++;
    return i < list->count;
}

bool svi_queue_list_read(struct svi_queue_list *out, const char *text, struct svi_error *err)
{
    *out = (struct svi_queue_list){ .text = strdup(text) };
    if (!out->text)
        return svi_fail_memory(err, strlen(text));
    bool ok = true;
    for (char *rest = out->text, *name; ok && (name = strsep(&rest, ","));) {
        name = trimmed(name);
        const bool known = has_name(out, name);
        ok = *name && strlen(name) < 200 && (known || out->count < SVI_QUEUE_LIST_MOST);
        if (ok && !known)
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
