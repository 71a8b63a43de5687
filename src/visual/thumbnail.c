#include "visual/thumbnail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct light {
    float of_byte[256];
};

static void fill_light(struct light *light)
{
    for (int i = 0; i < 256; i++) {
        double x = i / 255.0;
        light->of_byte[i] = (float)(x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4));
    }
}

static uint8_t byte_of(double light)
{
    double x = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return (uint8_t)lround(255 * fmin(fmax(x, 0.0), 1.0));
}

/* The share of the i-th of `count` pixels that lies in the k-th of `parts` equal parts of their edge, in pixels. */
static double overlap(int i, int count, int k, int parts)
{
    const double begin = (double)k * count / parts, end = (double)(k + 1) * count / parts;
    return fmax(0.0, fmin(end, i + 1.0) - fmax(begin, i));
}

static int first_part(int i, int count, int parts)
{
    return (int)((int64_t)i * parts / count);
}

/* Adds a row of the part to the sums of a row of the thumbnail, with the weight of its height. */
static void add_row(double *sums, int columns, const uint8_t *rgba, int width, double weight, const struct light *light)
{
    for (int x = 0; x < width; x++)
        for (int column = first_part(x, width, columns); column < columns; column++) {
            const double area = weight * overlap(x, width, column, columns);
            if (area <= 0)
                break;
            for (int i = 0; i < 3; i++)
                sums[3 * column + i] += area * (double)light->of_byte[rgba[4 * x + i]];
        }
}

/* What the sums are of, and room for a row of it. */
struct room {
    double *sums;
    uint8_t *row;
};

static void shrink(struct svi_canvas *out, const struct svi_canvas *picture, struct svi_rect part, const struct room *room)
{
    const int columns = (int)out->width, rows = (int)out->height;
    const double area = (double)part.width / columns * part.height / rows;
    struct light light;
    fill_light(&light);
    for (int row = 0; row < rows; row++) {
        memset(room->sums, 0, (size_t)columns * 3 * sizeof *room->sums);
        for (int y = (int)((int64_t)row * part.height / rows); y < part.height; y++) {
            const double weight = overlap(y, part.height, row, rows);
            if (weight <= 0)
                break;
            svi_canvas_read(picture, (uint32_t)part.left, (uint32_t)(part.top + y), room->row, (uint32_t)part.width);
            add_row(room->sums, columns, room->row, part.width, weight, &light);
        }
        for (int x = 0; x < columns; x++) {
            for (int i = 0; i < 3; i++)
                room->row[4 * x + i] = byte_of(room->sums[3 * x + i] / area);
            room->row[4 * x + 3] = 255;
        }
        svi_canvas_repeat(out, (struct svi_rect){ 0, row, columns, 1 }, room->row);
    }
}

bool svi_thumbnail_make(struct svi_canvas *out, const struct svi_canvas *picture, struct svi_rect part, struct svi_error *err)
{
    const int longer = part.width > part.height ? part.width : part.height;
    const double scale = fmin(1.0, (double)SVI_THUMBNAIL_EDGE / longer);
    const uint32_t width = (uint32_t)fmax(1, round(scale * part.width)), height = (uint32_t)fmax(1, round(scale * part.height));
    const struct room room = { .sums = malloc((size_t)width * 3 * sizeof *room.sums), .row = malloc((size_t)part.width * 4) };
    bool ok = (room.sums && room.row) || svi_fail_memory(err, (size_t)part.width * 4);
    ok = ok && svi_canvas_create(out, width, height, (struct svi_color){ 0, 0, 0 }, err);
    if (ok)
        shrink(out, picture, part, &room);
    free(room.sums);
    free(room.row);
    return ok;
}
