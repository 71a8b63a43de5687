/* select.h - the value that would stand at a place if all were sorted, without sorting them. Knows only numbers. */
#ifndef SVI_VISUAL_SELECT_H
#define SVI_VISUAL_SELECT_H

#include <stddef.h>

/* Puts it there (k < count, no NAN), nothing larger before it and nothing smaller behind it. */
void svi_select(double *values, size_t count, size_t k);

#endif
