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
    const size_t bytes = (size_t)width * height * 4;
    *out = (struct svi_canvas){
        .width = width,
        .height = height,
        .rows = malloc(height * sizeof *out->rows),
        .changes = calloc(height, sizeof *out->changes),
        .pixels = malloc(bytes),
        .band_count = 1,
    };
    if (!out->rows || !out->changes || !out->pixels) {
        svi_canvas_clear(out);
        return svi_fail_memory(err, bytes);
    }
    for (size_t y = 0; y < height; y++)
        out->rows[y] = out->pixels;
    svi_canvas_fill(out, (struct svi_rect){ 0, 0, (int)width, (int)height }, fill);
    return true;
}

void svi_canvas_clear(struct svi_canvas *canvas)
{
    free(canvas->rows);
    free(canvas->changes);
    free(canvas->pixels);
    *canvas = (struct svi_canvas){ 0 };
}

/* ---- bands ---- */

const uint8_t *svi_canvas_row(const struct svi_canvas *canvas, uint32_t y)
{
    return canvas->rows[y];
}

struct svi_columns svi_canvas_changes(const struct svi_canvas *canvas, uint32_t y)
{
    return canvas->changes[y];
}

static bool begins_a_band(const struct svi_canvas *canvas, int64_t y)
{
    return y == 0 || canvas->rows[y] != canvas->rows[y - 1];
}

/* Makes a band begin at row y. Of the two parts the shorter one gets new pixels, so that a canvas that is drawn row by row is
 * not walked over again and again. */
static void part_at(struct svi_canvas *canvas, int64_t y)
{
    uint8_t **rows = canvas->rows;
    if (y >= (int64_t)canvas->height || begins_a_band(canvas, y))
        return;
    const int64_t height = (int64_t)canvas->height;
    const size_t row_bytes = (size_t)canvas->width * 4;
    const uint8_t *shared = rows[y];
    uint8_t *own = canvas->pixels + canvas->band_count++ * row_bytes;
    int64_t reach = 1;
    while (y - reach > 0 && rows[y - reach - 1] == shared && y + reach < height && rows[y + reach] == shared)
        reach++;
    const bool is_above = y + reach < height && rows[y + reach] == shared;
    memcpy(own, shared, row_bytes);
    for (int64_t i = 0; i < reach; i++)
        rows[is_above ? y - 1 - i : y + i] = own;
}

static void note_changes(struct svi_canvas *canvas, int64_t y, struct span x)
{
    if (y >= (int64_t)canvas->height)
        return;
    struct svi_columns *changes = &canvas->changes[y];
    const bool none = changes->begin == changes->end;
    changes->begin = none || changes->begin > x.begin ? (uint32_t)x.begin : changes->begin;
    changes->end = none || changes->end < x.end ? (uint32_t)x.end : changes->end;
}

/* The part of a canvas that an area covers. */
struct area {
    struct span x, y;
};

/* What is drawn on it comes out in whole bands, and the same on each of them. */
static struct area cover(struct svi_canvas *canvas, struct svi_rect where)
{
    const struct area area = { clip(where.left, where.width, canvas->width), clip(where.top, where.height, canvas->height) };
    if (area.x.begin >= area.x.end || area.y.begin >= area.y.end)
        return (struct area){ 0 };
    part_at(canvas, area.y.begin);
    part_at(canvas, area.y.end);
    note_changes(canvas, area.y.begin, area.x);
    note_changes(canvas, area.y.end, area.x);
    return area;
}

/* Where the next band begins, or the area ends. */
static int64_t next_band(const struct svi_canvas *canvas, const struct area *area, int64_t y)
{
    do
        y++;
    while (y < area->y.end && !begins_a_band(canvas, y));
    return y;
}

uint8_t *svi_canvas_own_row(struct svi_canvas *canvas, uint32_t y)
{
    cover(canvas, (struct svi_rect){ 0, (int)y, (int)canvas->width, 1 });
    return canvas->rows[y];
}

/* ---- drawing ---- */

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
    const struct area area = cover(canvas, where);
    for (int64_t y = area.y.begin; y < area.y.end; y = next_band(canvas, &area, y))
        svi_pixels_fill(canvas->rows[y] + 4 * area.x.begin, (size_t)(area.x.end - area.x.begin), color);
}

void svi_canvas_repeat(struct svi_canvas *canvas, struct svi_rect where, const uint8_t *rgba)
{
    const struct area area = cover(canvas, where);
    for (int64_t y = area.y.begin; y < area.y.end; y = next_band(canvas, &area, y))
        memcpy(canvas->rows[y] + 4 * area.x.begin, rgba + 4 * (area.x.begin - where.left), 4 * (size_t)(area.x.end - area.x.begin));
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
    const struct area area = cover(canvas, where);
    for (int64_t y = area.y.begin; y < area.y.end; y = next_band(canvas, &area, y))
        for (int64_t x = area.x.begin; x < area.x.end; x++)
            svi_pixel_tint(canvas->rows[y] + 4 * x, color, opacity);
}

/* The first pixel from i on that is not clear. Below lines most are: these are looked at eight at a time. */
static int64_t next_opaque(const uint8_t *opacity, int64_t i, int64_t end)
{
    for (uint64_t eight; end - i >= 8; i += 8) {
        memcpy(&eight, opacity + i, sizeof eight);
        if (eight)
            break;
    }
    while (i < end && !opacity[i])
        i++;
    return i;
}

void svi_canvas_blend(struct svi_canvas *canvas, int x, int y, struct svi_color color, const uint8_t *opacity, uint32_t count)
{
    const int64_t first = next_opaque(opacity, 0, count);
    if (first == count)
        return;
    const struct area area = cover(canvas, (struct svi_rect){ x, y, (int)count, 1 });
    const int64_t begin = area.x.begin - x > first ? area.x.begin - x : first, end = area.x.end - x;
    for (int64_t i = next_opaque(opacity, begin, end); i < end; i = next_opaque(opacity, i, end))
        for (; i < end && opacity[i]; i++) {
            uint8_t *pixel = canvas->rows[y] + 4 * (x + i);
            if (opacity[i] == 255)
                memcpy(pixel, (const uint8_t[4]){ color.r, color.g, color.b, pixel[3] }, 4);
            else
                svi_pixel_tint(pixel, color, opacity[i]);
        }
}
