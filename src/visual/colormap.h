/* colormap.h - the table of color maps: name -> 256 colors, exactly matplotlib's. */
#ifndef SVI_VISUAL_COLORMAP_H
#define SVI_VISUAL_COLORMAP_H

#include <stddef.h>
#include <stdint.h>

struct svi_colormap {
    const char *name;
    const uint8_t (*rgb)[3]; /* 256 rows, from the low to the high end */
};

/* By matplotlib's name, upper and lower case told apart; "NAME_r" is the reversed map. NULL: no such map. */
const struct svi_colormap *svi_colormap_find(const char *name);

/* The map from color `first` on, stretched to 256 colors: of counts, where color 0 is for what never happened, and what happened
 * once must stand out from it. The colors lie in the caller's `rgb`; the name stays. */
struct svi_colormap svi_colormap_of_counts(const struct svi_colormap *map, size_t first, uint8_t rgb[256][3]);

/* "magma, viridis, …", without the reversed ones: for messages. Where not all names fit, the text ends with ", …". */
void svi_colormap_names(char *into, size_t size);

/* Every map, the platform's ten first, then the reversed ones; ended by a row whose name is NULL. */
extern const struct svi_colormap svi_colormaps[];

#endif
