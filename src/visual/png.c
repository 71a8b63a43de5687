#include "visual/png.h"

#include <isa-l.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMPRESSION_LEVEL = 2, /* of ISA-L: files a tenth smaller than level 1 makes, as fast; level 3 takes up to ten times as long */
    HEADER_BYTES = 8 + 25, /* signature and IHDR; text chunks may follow at once */
    MAX_KEYWORD = 79,
    LESS_THE_ROW_ABOVE = 2 /* filter of a row */
};

static bool add_number(struct svi_buffer *out, uint32_t number)
{
    const uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
    return svi_buffer_add(out, bytes, 4);
}

static bool add_utf8(struct svi_buffer *out, const char *text)
{
    bool ok = true;
    for (struct svi_bytes rest = svi_bytes_of(text); ok && rest.count;) {
        const uint8_t *at = rest.at;
        bool good = svi_utf8_next(&rest) != 0xFFFD;
        ok = good ? svi_buffer_add(out, at, (size_t)(rest.at - at)) : svi_buffer_add(out, "\uFFFD", 3);
    }
    return ok;
}

/* Ends a chunk whose type and data stand in `scratch`: length, type and data, checksum of both. */
static bool add_chunk(struct svi_buffer *out, const struct svi_buffer *scratch)
{
    return scratch->count - 4 <= INT_MAX && add_number(out, (uint32_t)(scratch->count - 4))
           && svi_buffer_add(out, scratch->at, scratch->count) && add_number(out, crc32_gzip_refl(0, scratch->at, scratch->count));
}

/* Not compressed, of no language. */
static bool add_text_chunk(struct svi_buffer *out, struct svi_buffer *scratch, const struct svi_png_text *text)
{
    scratch->count = 0;
    return svi_buffer_add(scratch, "iTXt", 4) && svi_buffer_add(scratch, text->keyword, strlen(text->keyword) + 1)
           && svi_buffer_add(scratch, "\0\0\0\0", 4) && add_utf8(scratch, text->text) && add_chunk(out, scratch);
}

static bool add_size_chunk(struct svi_buffer *out, struct svi_buffer *scratch, double dpi)
{
    const double inch_m = 0.0254;
    if (!(dpi >= 1.0 && dpi <= 1e6))
        return true;
    uint32_t pixels_per_m = (uint32_t)lround(dpi / inch_m);
    scratch->count = 0;
    return svi_buffer_add(scratch, "pHYs", 4) && add_number(scratch, pixels_per_m) && add_number(scratch, pixels_per_m)
           && svi_buffer_add(scratch, "\1", 1) && add_chunk(out, scratch);
}

static bool keyword_is_valid(const char *keyword)
{
    size_t length = strlen(keyword);
    for (size_t i = 0; i < length; i++)
        if (keyword[i] < ' ' || keyword[i] > '~')
            return false;
    return length >= 1 && length <= MAX_KEYWORD && keyword[0] != ' ' && keyword[length - 1] != ' ';
}

/* ---- pixels ---- */

static const uint8_t *row_at(const struct svi_canvas *canvas, size_t y)
{
    return canvas->rgba + y * canvas->width * 4;
}

/* A row that equals the one above becomes a difference of zeros, which takes no room. rows: as stb_image_write has made them, each
 * behind the number of its filter. */
static void take_out_repeated(const struct svi_canvas *canvas, uint8_t *rows)
{
    const size_t pixel_bytes = (size_t)canvas->width * 3;
    for (size_t y = 1; y < canvas->height; y++) {
        if (memcmp(row_at(canvas, y), row_at(canvas, y - 1), (size_t)canvas->width * 4) != 0)
            continue;
        uint8_t *row = rows + y * (1 + pixel_bytes);
        row[0] = LESS_THE_ROW_ABOVE;
        memset(row + 1, 0, pixel_bytes);
    }
}

struct packing {
    struct isal_zstream stream;
    uint8_t memory[ISAL_DEF_LVL2_DEFAULT]; /* what this level needs */
    uint8_t piece[64 << 10];
};

/* A zlib stream (RFC 1950) of all rows. */
static bool pack(struct svi_buffer *out, uint8_t *rows, size_t bytes)
{
    struct packing *packing = malloc(sizeof *packing);
    if (!packing)
        return false;
    struct isal_zstream *stream = &packing->stream;
    isal_deflate_init(stream);
    stream->level = COMPRESSION_LEVEL;
    stream->level_buf = packing->memory;
    stream->level_buf_size = sizeof packing->memory;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->next_in = rows;
    stream->avail_in = (uint32_t)bytes;
    stream->end_of_stream = 1;
    bool ok = true;
    while (ok && stream->internal_state.state != ZSTATE_END) {
        stream->next_out = packing->piece;
        stream->avail_out = sizeof packing->piece;
        ok = isal_deflate(stream) == COMP_OK && svi_buffer_add(out, packing->piece, sizeof packing->piece - stream->avail_out);
    }
    free(packing);
    return ok;
}

/* ---- stb_image_write ---- */

/* What its compressor is asked for: it hands on no pointer of ours. It frees what it gets, but not where its own last allocation
 * fails. */
static _Thread_local struct {
    const struct svi_canvas *canvas;
    uint8_t *rgb; /* not needed any more when the compressor is asked: it makes way for what comes out */
    uint8_t *packed;
} current;

static unsigned char *compress_rows(unsigned char *rows, int bytes, int *packed_count)
{
    free(current.rgb);
    current.rgb = NULL;
    struct svi_buffer packed;
    svi_buffer_init(&packed, INT_MAX);
    take_out_repeated(current.canvas, rows);
    if (!pack(&packed, rows, (size_t)bytes))
        svi_buffer_clear(&packed);
    *packed_count = (int)packed.count;
    current.packed = packed.at;
    return packed.at;
}

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                                    ((void)0)
#define STBIW_ZLIB_COMPRESS(data, count, out_count, level) compress_rows(data, count, out_count)
#define STBIW_CRC32(bytes, count)                          crc32_gzip_refl(0, bytes, (uint64_t)(count))
#include <stb_image_write.h>

/* Neighbors in a color-mapped picture share colors, not differences: rows as they are make files half as large as filtered ones,
 * in a third of the time. */
static void choose_filter(void)
{
    stbi_write_force_png_filter = 0;
}

/* Four bytes at a time; the fourth makes way for the next pixel. */
static uint8_t *without_alpha(const struct svi_canvas *canvas)
{
    const size_t pixels = (size_t)canvas->width * canvas->height;
    uint8_t *rgb = malloc(pixels * 3);
    for (size_t i = 0; rgb && i + 1 < pixels; i++)
        memcpy(rgb + i * 3, canvas->rgba + i * 4, 4);
    if (rgb)
        memcpy(rgb + (pixels - 1) * 3, canvas->rgba + (pixels - 1) * 4, 3);
    return rgb;
}

static uint8_t *write_png(const struct svi_canvas *canvas, size_t *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_filter);
    int png_count = 0;
    current.canvas = canvas;
    current.rgb = without_alpha(canvas);
    current.packed = NULL;
    uint8_t *png = current.rgb ? stbi_write_png_to_mem(current.rgb, 0, (int)canvas->width, (int)canvas->height, 3, &png_count)
                               : NULL;
    free(current.rgb);
    if (!png)
        free(current.packed);
    *count = (size_t)png_count;
    return png;
}

bool svi_png_encode(struct svi_buffer *out, const struct svi_canvas *canvas, double dpi, const struct svi_png_text *texts,
                    size_t text_count, struct svi_error *err)
{
    size_t limit = INT_MAX; /* stb_image_write counts in int; the largest canvas stays below */
    svi_buffer_init(out, limit);
    for (size_t i = 0; i < text_count; i++)
        if (!keyword_is_valid(texts[i].keyword))
            return svi_fail(err, SVI_BUG, "The picture could not be written.")
                   || svi_because(err, "bad keyword of PNG text %zu", i);

    size_t png_count = 0;
    uint8_t *png = write_png(canvas, &png_count);
    struct svi_buffer scratch;
    svi_buffer_init(&scratch, limit);
    bool ok = png && svi_buffer_add(out, png, HEADER_BYTES) && add_size_chunk(out, &scratch, dpi);
    for (size_t i = 0; ok && i < text_count; i++)
        ok = add_text_chunk(out, &scratch, &texts[i]);
    ok = ok && svi_buffer_add(out, png + HEADER_BYTES, png_count - HEADER_BYTES);
    svi_buffer_clear(&scratch);
    free(png);
    if (ok)
        return true;
    svi_buffer_clear(out);
    return svi_fail_memory(err, (unsigned long long)canvas->width * canvas->height * 3);
}
