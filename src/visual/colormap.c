#include "visual/colormap.h"

#include <string.h>

enum {
#define SVI_COLORMAP(name) INDEX_##name,
#include "visual/colormap_list.h"
#undef SVI_COLORMAP
    COUNT
};

enum { TABLE_BYTES = 256 * 3 };

/* colormaps.bin. svi_embed gives the first file's bytes this label; the rows below need its address as a constant. */
extern const unsigned char svi_colormap_tables_0[];

#define TABLE(index) ((const uint8_t(*)[3])(svi_colormap_tables_0 + (size_t)TABLE_BYTES * (index)))

const struct svi_colormap svi_colormaps[] = {
#define SVI_COLORMAP(name) { #name, TABLE(INDEX_##name) },
#include "visual/colormap_list.h"
#undef SVI_COLORMAP
#define SVI_COLORMAP(name) { #name "_r", TABLE(COUNT + INDEX_##name) },
#include "visual/colormap_list.h"
#undef SVI_COLORMAP
    { NULL, NULL },
};

const struct svi_colormap *svi_colormap_find(const char *name)
{
    for (const struct svi_colormap *row = svi_colormaps; row->name; row++)
        if (!strcmp(row->name, name))
            return row;
    return NULL;
}

void svi_colormap_names(char *into, size_t size)
{
    static const char more[] = ", …";
    size_t used = 0;
    if (size)
        into[0] = '\0';
    for (size_t i = 0; i < COUNT; i++) {
        const char *separator = i ? ", " : "";
        size_t need = strlen(separator) + strlen(svi_colormaps[i].name), reserve = i + 1 < COUNT ? sizeof more : 1;
        if (used + need + reserve > size) {
            if (used + sizeof more <= size)
                memcpy(into + used, more, sizeof more);
            return;
        }
        memcpy(into + used, separator, strlen(separator));
        memcpy(into + used + strlen(separator), svi_colormaps[i].name, need - strlen(separator) + 1);
        used += need;
    }
}

struct svi_colormap svi_colormap_of_counts(const struct svi_colormap *map, size_t first, uint8_t rgb[256][3])
{
    for (size_t i = 0; i < 256; i++)
        memcpy(rgb[i], map->rgb[first + i * (255 - first) / 255], 3);
    return (struct svi_colormap){ .name = map->name, .rgb = (const uint8_t(*)[3])rgb };
}
