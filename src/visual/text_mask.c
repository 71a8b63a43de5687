#include "visual/text_mask.h"

#include "base/bytes.h"

#include <pthread.h>
#include <string.h>

enum { MASKS = 256, TEXT_SIZE = 128, MASK_PIXELS = 12 << 10 }; /* a title's, or a footer's */

static struct mask {
    char text[TEXT_SIZE]; /* "": none */
    double size_px;
    enum svi_text_direction direction;
    struct svi_rect ink;
    uint8_t opacity[MASK_PIXELS];
} masks[MASKS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The only place where it can be (FNV-1a). */
static struct mask *place_of(const struct svi_text_key *key)
{
    uint32_t hash = 2166136261U ^ (uint32_t)(key->size_px * 64) ^ (uint32_t)key->direction;
    for (const char *c = key->text; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    return &masks[(hash ^ hash >> 16) % MASKS];
}

bool svi_text_mask_fits(const struct svi_text_key *key, struct svi_rect ink)
{
    return key->text[0] && strlen(key->text) < TEXT_SIZE && ink.width > 0 && ink.height > 0 && ink.width <= MASK_PIXELS
           && ink.height <= MASK_PIXELS / ink.width;
}

void svi_text_mask_keep(const struct svi_text_key *key, const struct svi_coverage *coverage)
{
    pthread_mutex_lock(&lock);
    struct mask *mask = place_of(key);
    svi_format(mask->text, sizeof mask->text, "%s", key->text);
    mask->size_px = key->size_px;
    mask->direction = key->direction;
    mask->ink = coverage->area;
    svi_coverage_opacity(coverage, mask->opacity);
    pthread_mutex_unlock(&lock);
}

static void paint(const struct mask *mask, struct svi_canvas *canvas, int x, int y, struct svi_color color)
{
    for (int row = 0; row < mask->ink.height; row++)
        svi_canvas_blend(canvas, x + mask->ink.left, y + mask->ink.top + row, color,
                         mask->opacity + (size_t)row * (size_t)mask->ink.width, (uint32_t)mask->ink.width);
}

/* With the lock held; NULL: it is not kept. */
static const struct mask *find(const struct svi_text_key *key)
{
    const struct mask *mask = place_of(key);
    const bool kept = key->text[0] && !strcmp(mask->text, key->text) && mask->size_px <= key->size_px
                      && mask->size_px >= key->size_px && mask->direction == key->direction;
    return kept ? mask : NULL;
}

bool svi_text_mask_ink(const struct svi_text_key *key, struct svi_rect *ink)
{
    pthread_mutex_lock(&lock);
    const struct mask *mask = find(key);
    if (mask)
        *ink = mask->ink;
    pthread_mutex_unlock(&lock);
    return mask != NULL;
}

bool svi_text_mask_paint(const struct svi_text_key *key, struct svi_canvas *canvas, int x, int y, struct svi_color color)
{
    pthread_mutex_lock(&lock);
    const struct mask *mask = find(key);
    if (mask)
        paint(mask, canvas, x, y, color);
    pthread_mutex_unlock(&lock);
    return mask != NULL;
}
