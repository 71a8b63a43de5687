#include "visual/canvas.h"

#include <stdlib.h>
#include <string.h>

enum { TILE_BYTES = SVI_TILE_PIXELS * 4 };

/* The part [begin, end) of a run of pixels that lies on an edge of `limit` pixels. 64 bits: left + width may pass an int. */
struct span {
    int64_t begin, end;
};

static struct span clip(int64_t begin, int64_t count, uint32_t limit)
{
    int64_t end = begin + count;
    return (struct span){ begin < 0 ? 0 : begin, end > (int64_t)limit ? (int64_t)limit : end };
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

bool svi_canvas_create(struct svi_canvas *out, uint32_t width, uint32_t height, struct svi_color fill, struct svi_error *err)
{
    *out = (struct svi_canvas){ 0 };
    if (!svi_canvas_size_is_valid(width, height, err))
        return false;
    const uint32_t columns = (width + SVI_TILE_PIXELS - 1) / SVI_TILE_PIXELS;
    const size_t tiles = (size_t)columns * height;
    *out = (struct svi_canvas){
        .width = width,
        .height = height,
        .columns = columns,
        .bands = malloc(tiles * sizeof *out->bands),
        .pixels = malloc(tiles * TILE_BYTES),
        .band_count = columns,
    };
    if (!out->bands || !out->pixels) {
        svi_canvas_clear(out);
        return svi_fail_memory(err, tiles * TILE_BYTES);
    }
    for (uint32_t column = 0; column < columns; column++)
        out->bands[column] = column;
    for (size_t y = 1; y < height; y++)
        memcpy(out->bands + y * columns, out->bands, columns * sizeof *out->bands);
    svi_pixels_fill(out->pixels, (size_t)columns * SVI_TILE_PIXELS, fill);
    return true;
}

void svi_canvas_clear(struct svi_canvas *canvas)
{
    free(canvas->bands);
    free(canvas->pixels);
    *canvas = (struct svi_canvas){ 0 };
}

/* ---- tiles ---- */

static uint8_t *pixels_at(const struct svi_canvas *canvas, int64_t x, int64_t y)
{
    const size_t band = canvas->bands[y * canvas->columns + x / SVI_TILE_PIXELS];
    return canvas->pixels + band * TILE_BYTES + 4 * (x % SVI_TILE_PIXELS);
}

static int64_t tile_end(int64_t x, int64_t end)
{
    const int64_t next = (x / SVI_TILE_PIXELS + 1) * SVI_TILE_PIXELS;
    return next < end ? next : end;
}

const uint8_t *svi_canvas_pixels(const struct svi_canvas *canvas, uint32_t x, uint32_t y)
{
    return pixels_at(canvas, x, y);
}

uint32_t svi_canvas_tile_end(const struct svi_canvas *canvas, uint32_t x)
{
    return (uint32_t)tile_end(x, canvas->width);
}

uint32_t svi_canvas_next_change(const struct svi_canvas *canvas, uint32_t x, uint32_t y)
{
    const uint32_t *bands = canvas->bands + (size_t)y * canvas->columns, *above = bands - canvas->columns;
    uint32_t column = x / SVI_TILE_PIXELS;
    if (y == 0 || x >= canvas->width || bands[column] != above[column])
        return x;
    do
        column++;
    while (column < canvas->columns && bands[column] == above[column]);
    return column < canvas->columns ? column * SVI_TILE_PIXELS : canvas->width;
}

void svi_canvas_read(const struct svi_canvas *canvas, uint32_t x, uint32_t y, uint8_t *rgba, uint32_t count)
{
    for (uint32_t done = 0, end; done < count; done = end - x) {
        end = (uint32_t)tile_end(x + done, x + count);
        memcpy(rgba + 4 * (size_t)done, pixels_at(canvas, x + done, y), 4 * (size_t)(end - x - done));
    }
}

/* ---- bands ---- */

static bool begins_a_band(const struct svi_canvas *canvas, int64_t column, int64_t y)
{
    const uint32_t *band = canvas->bands + y * canvas->columns + column;
    return y == 0 || *band != *(band - canvas->columns);
}

/* Makes a band of a column begin at row y. Of the two parts the shorter one gets new pixels, so that a canvas that is drawn row by
 * row is not walked over again and again. */
static void part_at(struct svi_canvas *canvas, int64_t column, int64_t y)
{
    const int64_t height = canvas->height, down = canvas->columns;
    if (y >= height || begins_a_band(canvas, column, y))
        return;
    uint32_t *bands = canvas->bands + column;
    const uint32_t shared = bands[y * down], own = canvas->band_count++;
    int64_t reach = 1;
    while (y - reach > 0 && bands[(y - reach - 1) * down] == shared && y + reach < height && bands[(y + reach) * down] == shared)
        reach++;
    const bool is_above = y + reach < height && bands[(y + reach) * down] == shared;
    memcpy(canvas->pixels + (size_t)own * TILE_BYTES, canvas->pixels + (size_t)shared * TILE_BYTES, TILE_BYTES);
    for (int64_t i = 0; i < reach; i++)
        bands[(is_above ? y - 1 - i : y + i) * down] = own;
}

/* ---- drawing ---- */

/* The parts of an area, each of one band, from left to right. What is drawn on each of them comes out on all of it and on nothing
 * else. */
struct parts {
    struct svi_canvas *canvas;
    struct span x, y;
    int64_t column_end, next_y;
    /* of the current one: */
    uint8_t *rgba;
    int64_t left, count;
};

static struct parts parts_of(struct svi_canvas *canvas, struct svi_rect where)
{
    const struct span x = clip(where.left, where.width, canvas->width), y = clip(where.top, where.height, canvas->height);
    return (struct parts){ .canvas = canvas, .x = x, .y = y, .column_end = x.begin, .next_y = y.end };
}

static bool next_column(struct parts *parts)
{
    const struct span y = parts->y;
    parts->left = parts->column_end;
    if (parts->left >= parts->x.end || y.begin >= y.end)
        return false;
    parts->column_end = tile_end(parts->left, parts->x.end);
    parts->count = parts->column_end - parts->left;
    part_at(parts->canvas, parts->left / SVI_TILE_PIXELS, y.begin);
    part_at(parts->canvas, parts->left / SVI_TILE_PIXELS, y.end);
    parts->next_y = y.begin;
    return true;
}

static bool next_part(struct parts *parts)
{
    if (parts->next_y >= parts->y.end && !next_column(parts))
        return false;
    parts->rgba = pixels_at(parts->canvas, parts->left, parts->next_y);
    do
        parts->next_y++;
    while (parts->next_y < parts->y.end && !begins_a_band(parts->canvas, parts->left / SVI_TILE_PIXELS, parts->next_y));
    return true;
}

void svi_pixels_fill(uint8_t *rgba, size_t count, struct svi_color color)
{
    enum { TOGETHER = 64 };
    const size_t first = count < TOGETHER ? count : TOGETHER;
    for (size_t i = 0; i < first; i++)
        memcpy(rgba + 4 * i, (const uint8_t[4]){ color.r, color.g, color.b, 255 }, 4);
    for (size_t i = first; i < count; i += TOGETHER)
        memcpy(rgba + 4 * i, rgba, 4 * (count - i < TOGETHER ? count - i : TOGETHER));
}

void svi_canvas_fill(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color)
{
    for (struct parts parts = parts_of(canvas, where); next_part(&parts);)
        svi_pixels_fill(parts.rgba, (size_t)parts.count, color);
}

void svi_canvas_repeat(struct svi_canvas *canvas, struct svi_rect where, const uint8_t *rgba)
{
    for (struct parts parts = parts_of(canvas, where); next_part(&parts);)
        memcpy(parts.rgba, rgba + 4 * (parts.left - where.left), 4 * (size_t)parts.count);
}

static uint8_t mix(uint8_t below, uint8_t above, uint8_t opacity)
{
    return (uint8_t)((below * (255u - opacity) + above * (unsigned)opacity + 127u) / 255u);
}

void svi_pixel_tint(uint8_t *rgba, struct svi_color color, uint8_t opacity)
{
    rgba[0] = mix(rgba[0], color.r, opacity);
    rgba[1] = mix(rgba[1], color.g, opacity);
    rgba[2] = mix(rgba[2], color.b, opacity);
}

void svi_canvas_tint(struct svi_canvas *canvas, struct svi_rect where, struct svi_color color, uint8_t opacity)
{
    for (struct parts parts = parts_of(canvas, where); next_part(&parts);)
        for (int64_t i = 0; i < parts.count; i++)
            svi_pixel_tint(parts.rgba + 4 * i, color, opacity);
}

enum { TOGETHER = 8 };

/* Below lines most pixels are clear. */
static bool are_clear(const uint8_t opacity[TOGETHER])
{
    uint64_t all;
    memcpy(&all, opacity, sizeof all);
    return !all;
}

/* As svi_pixel_tint for each, but without a call or a branch for a pixel. */
static void blend_together(uint8_t rgba[4 * TOGETHER], const uint8_t above[4 * TOGETHER], const uint8_t opacity[TOGETHER])
{
    uint8_t shares[TOGETHER][4];
    for (size_t i = 0; i < TOGETHER; i++)
        memcpy(shares[i], (const uint8_t[4]){ opacity[i], opacity[i], opacity[i], 0 }, 4);
    const uint8_t *share = shares[0];
    for (size_t i = 0; i < 4 * TOGETHER; i++)
        rgba[i] = (uint8_t)((uint16_t)(rgba[i] * (255 - share[i]) + above[i] * share[i] + 127) / 255);
}

static void blend(uint8_t *rgba, struct svi_color color, const uint8_t *opacity, int64_t count)
{
    uint8_t above[4 * TOGETHER];
    int64_t i = 0;
    svi_pixels_fill(above, TOGETHER, color);
    for (; count - i >= TOGETHER; i += TOGETHER)
        if (!are_clear(opacity + i))
            blend_together(rgba + 4 * i, above, opacity + i);
    for (; i < count; i++)
        svi_pixel_tint(rgba + 4 * i, color, opacity[i]);
}

static bool are_all_clear(const uint8_t *opacity, uint32_t count)
{
    uint32_t i = 0;
    while (count - i >= TOGETHER && are_clear(opacity + i))
        i += TOGETHER;
    while (i < count && !opacity[i])
        i++;
    return i == count;
}

void svi_canvas_blend(struct svi_canvas *canvas, int x, int y, struct svi_color color, const uint8_t *opacity, uint32_t count)
{
    if (are_all_clear(opacity, count))
        return;
    for (struct parts parts = parts_of(canvas, (struct svi_rect){ x, y, (int)count, 1 }); next_part(&parts);)
        blend(parts.rgba, color, opacity + (parts.left - x), parts.count);
}
