/* colormap.h - the table of colour maps: name -> 256 colours, exactly matplotlib's. */
#ifndef SVI_VISUAL_COLORMAP_H
#define SVI_VISUAL_COLORMAP_H

#include <stddef.h>
#include <stdint.h>

struct svi_colormap {
    const char *name;
    const uint8_t (*rgb)[3]; /* 256 rows, from the low to the high end */
};

const struct svi_colormap *svi_colormap_find(const char *name); /* NULL: no such map */
void svi_colormap_names(char *into, size_t size);               /* "magma, viridis, …": for messages */
extern const struct svi_colormap svi_colormaps[];               /* ended by a row whose name is NULL */

#endif
