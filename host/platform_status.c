#include "host/platform_status.h"

#include <stddef.h>
#include <string.h>

/* `from`: the ranks that a job may have before it. */
static const struct row {
    const char *name;
    int rank, from_least, from_most;
} rows[] = {
    { "pending", 0, 0, 0 }, { "submitted", 1, 0, 1 }, { "running", 2, 0, 2 }, { "completed", 3, 1, 2 }, { "failed", 3, 0, 2 },
};

static const struct row *find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

bool svi_platform_is_status(const char *name)
{
    return find(name) != NULL;
}

bool svi_platform_is_end(const char *name)
{
    const struct row *row = find(name);
    return row && row->rank == 3;
}

bool svi_platform_may_follow(const char *now, const char *next)
{
    const struct row *from = find(now), *to = find(next);
    return from && to && from->rank >= to->from_least && from->rank <= to->from_most;
}
