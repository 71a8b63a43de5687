#include "visual/png.h"

#include <libdeflate.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Measured on spectrograms: half a percent larger than level 6, in half the time. */
    COMPRESSION_LEVEL = 2,
    HEADER_BYTES = 8 + 25, /* signature and IHDR; text chunks may follow at once */
    MAX_KEYWORD = 79
};

/* What the compressor hands to stb_image_write, which frees it, but not where its own last allocation fails. */
static _Thread_local unsigned char *compressed;

static unsigned char *compress(unsigned char *data, int count, int *out_count)
{
    unsigned char *bytes = NULL;
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(COMPRESSION_LEVEL);
    if (compressor) {
        size_t room = libdeflate_zlib_compress_bound(compressor, (size_t)count);
        bytes = room <= INT_MAX ? malloc(room) : NULL;
        *out_count = bytes ? (int)libdeflate_zlib_compress(compressor, data, (size_t)count, bytes, room) : 0;
    }
    libdeflate_free_compressor(compressor);
    compressed = bytes;
    return bytes;
}

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                                    ((void)0)
#define STBIW_ZLIB_COMPRESS(data, count, out_count, level) compress(data, count, out_count)
#define STBIW_CRC32(bytes, count)                          libdeflate_crc32(0, bytes, (size_t)(count))
#include <stb_image_write.h>

/* Neighbors in a color-mapped picture share colors, not differences: rows as they are make files half as large as filtered ones,
 * in a third of the time. */
static void choose_filter(void)
{
    stbi_write_force_png_filter = 0;
}

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
           && svi_buffer_add(out, scratch->at, scratch->count) && add_number(out, libdeflate_crc32(0, scratch->at, scratch->count));
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

static uint8_t *without_alpha(const struct svi_canvas *canvas)
{
    size_t pixels = (size_t)canvas->width * canvas->height;
    uint8_t *rgb = malloc(pixels * 3);
    for (size_t i = 0; rgb && i < pixels; i++)
        memcpy(rgb + i * 3, canvas->rgba + i * 4, 3);
    return rgb;
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

    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_filter);
    int png_count = 0;
    compressed = NULL;
    uint8_t *rgb = without_alpha(canvas);
    uint8_t *png = rgb ? stbi_write_png_to_mem(rgb, 0, (int)canvas->width, (int)canvas->height, 3, &png_count) : NULL;
    free(rgb);
    if (!png)
        free(compressed);

    struct svi_buffer scratch;
    svi_buffer_init(&scratch, limit);
    bool ok = png && svi_buffer_add(out, png, HEADER_BYTES) && add_size_chunk(out, &scratch, dpi);
    for (size_t i = 0; ok && i < text_count; i++)
        ok = add_text_chunk(out, &scratch, &texts[i]);
    ok = ok && svi_buffer_add(out, png + HEADER_BYTES, (size_t)png_count - HEADER_BYTES);
    svi_buffer_clear(&scratch);
    free(png);
    if (ok)
        return true;
    svi_buffer_clear(out);
    return svi_fail_memory(err, (unsigned long long)canvas->width * canvas->height * 3);
}
