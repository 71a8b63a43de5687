#include "visual/hatch.h"

#include <math.h>
#include <string.h>

/* How much of a pixel's width the stripes cover, in 255ths. */
static uint8_t coverage_at(const struct svi_hatch *hatch, int x, int y)
{
    double along = fmod(x + y, hatch->pitch), middle = 0.5 * hatch->pitch;
    double distance = fabs(along + 0.5 - middle);
    return (uint8_t)lround(255.0 * fmin(fmax(0.5 * hatch->width + 0.5 - distance, 0.0), 1.0));
}

/* Most pictures have none, and nothing else looks at all pixels one by one. */
bool svi_hatch_has_gap(const uint8_t *pixels, size_t count)
{
    uint8_t all[4] = { 255, 255, 255, 255 };
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < 4; k++)
            all[k] &= pixels[i * 4 + k];
    return all[3] != 255;
}

void svi_hatch_gaps(struct svi_canvas *canvas, struct svi_rect area, const struct svi_hatch *hatch)
{
    for (int y = 0; y < area.height; y++) {
        const size_t left = 4 * (size_t)area.left;
        const uint32_t at = (uint32_t)(area.top + y);
        if (!svi_hatch_has_gap(svi_canvas_row(canvas, at) + left, (size_t)area.width))
            continue;
        uint8_t *row = svi_canvas_own_row(canvas, at) + left;
        for (int x = 0; x < area.width; x++, row += 4) {
            if (row[3])
                continue;
            memcpy(row, (const uint8_t[4]){ hatch->ground.r, hatch->ground.g, hatch->ground.b, 255 }, 4);
            svi_pixel_tint(row, hatch->stripe, coverage_at(hatch, x, y));
        }
    }
}
