#include "visual/figure_theme.h"

#include "base/bytes.h"

#include <string.h>

static const struct svi_color light[SVI_INK_COUNT] = {
    [SVI_INK_BACKGROUND] = { 255, 255, 255 }, [SVI_INK_TITLE] = { 20, 20, 24 },         [SVI_INK_LABEL] = { 30, 30, 34 },
    [SVI_INK_TICK_LABEL] = { 48, 48, 54 },    [SVI_INK_FOOTER] = { 122, 122, 130 },     [SVI_INK_LINE] = { 64, 64, 70 },
    [SVI_INK_GAP] = { 240, 240, 242 },        [SVI_INK_GAP_STRIPE] = { 205, 205, 211 },
};

static const struct svi_color dark[SVI_INK_COUNT] = {
    [SVI_INK_BACKGROUND] = { 18, 19, 23 },    [SVI_INK_TITLE] = { 242, 242, 245 },   [SVI_INK_LABEL] = { 226, 226, 231 },
    [SVI_INK_TICK_LABEL] = { 204, 204, 211 }, [SVI_INK_FOOTER] = { 138, 139, 148 },  [SVI_INK_LINE] = { 150, 151, 160 },
    [SVI_INK_GAP] = { 38, 39, 44 },           [SVI_INK_GAP_STRIPE] = { 68, 69, 77 },
};

static const struct {
    const char *name;
    const struct svi_color *colors;
} themes[SVI_THEME_COUNT] = {
    [SVI_THEME_LIGHT] = { "light", light },
    [SVI_THEME_DARK] = { "dark", dark },
    [SVI_THEME_BARE] = { "bare", light },
};

struct svi_color svi_theme_color(enum svi_theme theme, enum svi_ink ink)
{
    return themes[theme].colors[ink];
}

enum svi_theme svi_theme_find(const char *name)
{
    int theme = 0;
    while (theme < SVI_THEME_COUNT && strcmp(themes[theme].name, name) != 0)
        theme++;
    return (enum svi_theme)theme;
}

void svi_theme_names(char *into, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < SVI_THEME_COUNT && used < size; i++) {
        svi_format(into + used, size - used, "%s%s", i ? ", " : "", themes[i].name);
        used += strlen(into + used);
    }
}
