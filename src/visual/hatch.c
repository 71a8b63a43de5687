#include "visual/hatch.h"

#include <math.h>

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
    const uint32_t right = (uint32_t)(area.left + area.width);
    for (int y = 0; y < area.height; y++) {
        const uint32_t at = (uint32_t)(area.top + y);
        for (uint32_t left = (uint32_t)area.left, end; left < right; left = end) {
            uint8_t row[4 * SVI_TILE_PIXELS];
            const uint32_t tile_end = svi_canvas_tile_end(canvas, left);
            end = tile_end < right ? tile_end : right;
            if (!svi_hatch_has_gap(svi_canvas_pixels(canvas, left, at), end - left))
                continue;
            svi_canvas_read(canvas, left, at, row, end - left);
            for (uint32_t x = left; x < end; x++) {
                uint8_t *pixel = row + 4 * (size_t)(x - left);
                if (pixel[3])
                    continue;
                svi_pixels_fill(pixel, 1, hatch->ground);
                svi_pixel_tint(pixel, hatch->stripe, coverage_at(hatch, (int)x - area.left, y));
            }
            svi_canvas_repeat(canvas, (struct svi_rect){ (int)left, (int)at, (int)(end - left), 1 }, row);
        }
    }
}
