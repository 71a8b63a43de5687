/* figure_theme.h - the looks of a figure by name. Knows nothing of what is drawn with them. */
#ifndef SVI_VISUAL_FIGURE_THEME_H
#define SVI_VISUAL_FIGURE_THEME_H

#include "visual/canvas.h"

#include <stddef.h>

enum svi_theme {
    SVI_THEME_LIGHT,
    SVI_THEME_DARK,
    SVI_THEME_BARE, /* the plot area alone, as large as the picture */
    SVI_THEME_COUNT
};

/* Which color of the theme something has. */
enum svi_ink {
    SVI_INK_BACKGROUND,
    SVI_INK_TITLE,
    SVI_INK_LABEL,
    SVI_INK_TICK_LABEL,
    SVI_INK_FOOTER,
    SVI_INK_LINE,
    SVI_INK_GAP,
    SVI_INK_GAP_STRIPE,
    SVI_INK_COUNT
};

struct svi_color svi_theme_color(enum svi_theme theme, enum svi_ink ink);

/* By name; SVI_THEME_COUNT: there is no such theme. */
enum svi_theme svi_theme_find(const char *name);

/* "light, dark, bare": for messages. */
void svi_theme_names(char *into, size_t size);

#endif
