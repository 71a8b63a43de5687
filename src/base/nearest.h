/* nearest.h - which of several names was probably meant by one that is none of them. */
#ifndef SVI_BASE_NEAREST_H
#define SVI_BASE_NEAREST_H

#include <stddef.h>

/* Starts as { 0 }. name: NULL: none is near. */
struct svi_nearest {
    const char *name; /* as it was considered */
    size_t distance;
};

/* Looks whether this name is near, and nearer than those before. Upper and lower case are the same. */
void svi_nearest_consider(struct svi_nearest *nearest, const char *wanted, const char *name);

#endif
