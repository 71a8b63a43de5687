#include "visual/canvas.h"

#include <stdlib.h>
#include <string.h>

/* The part [begin, end) of a run of pixels that lies on an edge of `limit` pixels. 64 bits: left + width may pass an int. */
struct span {
    int64_t begin, end;
};

static struct span clip(int64_t begin, int64_t count, uint32_t limit)
{
    int64_t end = begin + count;
    return (struct span){ begin < 0 ? 0 : begin, end > (int64_t)limit ? (int64_t)limit : end };
}

static uint8_t *pixel_at(const struct svi_canvas *canvas, int64_t x, int64_t y)
{
    return canvas->rgba + ((size_t)y * canvas->width + (size_t)x) * 4;
}

static bool edge_is_valid(const char *name, uint32_t pixels, struct svi_error *err)
{
    bool valid = pixels >= 1 && pixels <= SVI_MAX_IMAGE_EDGE;
    if (!valid)
        svi_fail(err, SVI_BAD_PARAMETER, "The picture's %s of %lu pixels is outside the permitted range 1…%d.", name,
                 (unsigned long)pixels, SVI_MAX_IMAGE_EDGE);
    return valid;
}

bool svi_canvas_size_is_valid(uint32_t width, uint32_t height, struct svi_error *err)
{
    return edge_is_valid("width", width, err) && edge_is_valid("height", height, err);
}

static bool make(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_error *err)
{
    *out = (struct svi_canvas){ 0 };
    if (!svi_canvas_size_is_valid(width, height, err))
        return false;
    size_t bytes = (size_t)width * height * 4;
    uint8_t *rgba = malloc(bytes);
    if (!rgba)
        return svi_fail_memory(err, bytes);
    *out = (struct svi_canvas){ width, height, rgba };
    return true;
}

bool svi_canvas_create(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_color fill, struct svi_error *err)
{
    if (!make(out, width, height, err))
        return false;
    svi_canvas_fill(out, (struct svi_rect){ 0, 0, (int)width, (int)height }, fill);
    return true;
}

bool svi_canvas_create_around(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_rect area, struct svi_color fill,
                              struct svi_error *err)
{
    if (!make(out, width, height, err))
        return false;
    const int right = area.left + area.width, bottom = area.top + area.height;
    const struct svi_rect parts[] = { { 0, 0, (int)width, area.top },
                                      { 0, area.top, area.left, area.height },
                                      { right, area.top, (int)width - right, area.height },
                                      { 0, bottom, (int)width, (int)height - bottom } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        svi_canvas_fill(out, parts[i], fill);
    return true;
}

void svi_canvas_clear(struct svi_canvas *canvas)
{
    free(canvas->rgba);
    *canvas = (struct svi_canvas){ 0 };
}

void svi_canvas_fill(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color)
{
    struct span x = clip(where.left, where.width, canvas->width), y = clip(where.top, where.height, canvas->height);
    if (x.begin >= x.end || y.begin >= y.end)
        return;
    uint8_t *first = pixel_at(canvas, x.begin, y.begin);
    size_t row_bytes = (size_t)(x.end - x.begin) * 4;
    for (size_t i = 0; i < row_bytes; i += 4)
        memcpy(first + i, (const uint8_t[4]){ color.r, color.g, color.b, 255 }, 4);
    for (int64_t row = y.begin + 1; row < y.end; row++)
        memcpy(pixel_at(canvas, x.begin, row), first, row_bytes);
}

void svi_canvas_blit(struct svi_canvas *canvas, int left, int top, const uint8_t *rgba, uint32_t width, uint32_t height)
{
    struct span x = clip(left, width, canvas->width), y = clip(top, height, canvas->height);
    if (x.begin >= x.end)
        return;
    for (int64_t row = y.begin; row < y.end; row++) {
        const uint8_t *source = rgba + ((size_t)(row - top) * width + (size_t)(x.begin - left)) * 4;
        memcpy(pixel_at(canvas, x.begin, row), source, (size_t)(x.end - x.begin) * 4);
    }
}

static uint8_t mix(uint8_t below, uint8_t above, uint8_t opacity)
{
    return (uint8_t)((below * (255u - opacity) + above * (unsigned)opacity + 127u) / 255u);
}

void svi_canvas_blend(struct svi_canvas *canvas, int x, int y, struct svi_color color, uint8_t opacity)
{
    if (x < 0 || y < 0 || x >= (int64_t)canvas->width || y >= (int64_t)canvas->height)
        return;
    uint8_t *pixel = pixel_at(canvas, x, y);
    pixel[0] = mix(pixel[0], color.r, opacity);
    pixel[1] = mix(pixel[1], color.g, opacity);
    pixel[2] = mix(pixel[2], color.b, opacity);
}
