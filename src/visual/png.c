#include "visual/png.h"

#include "visual/deflate_runs.h"

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

/* ---- pixels ---- */

static const uint8_t *row_at(const struct svi_canvas *canvas, size_t y)
{
    return canvas->rgba + y * canvas->width * 4;
}

enum { STRETCH = 16 }; /* pixels: most stretches of a row differ in all of them from those above, or in none */

static size_t end_of_stretch(size_t begin, size_t width)
{
    return begin + STRETCH < width ? begin + STRETCH : width;
}

static bool are_same(const uint8_t *row, const uint8_t *above, size_t begin, size_t end)
{
    uint64_t difference = 0;
    for (size_t x = begin; x + 2 <= end; x += 2) {
        uint64_t here, there;
        memcpy(&here, row + x * 4, 8);
        memcpy(&there, above + x * 4, 8);
        difference |= here ^ there;
    }
    return !difference && ((end - begin) % 2 == 0 || !memcmp(row + (end - 1) * 4, above + (end - 1) * 4, 4));
}

/* How many pixels differ from those above them. */
static size_t count_changes(const uint8_t *row, const uint8_t *above, size_t width)
{
    size_t changes = 0;
    if (!memcmp(row, above, width * 4))
        return 0;
    for (size_t begin = 0, end; begin < width; begin = end) {
        end = end_of_stretch(begin, width);
        if (are_same(row, above, begin, end))
            continue;
        for (size_t x = begin; x < end; x++)
            changes += memcmp(row + x * 4, above + x * 4, 4) != 0;
    }
    return changes;
}

/* Lines on an empty ground, a few spectra of a long time: rows hardly differ from those above. Where it is so, `changes` tells how
 * many pixels of each row do. */
static bool is_mostly_repeated(const struct svi_canvas *canvas, uint32_t *changes)
{
    const size_t pixels = (size_t)canvas->width * canvas->height, most = pixels / 32;
    size_t all = changes[0] = canvas->width;
    for (size_t y = 1; all <= most && y < canvas->height; y++) {
        changes[y] = (uint32_t)count_changes(row_at(canvas, y), row_at(canvas, y - 1), canvas->width);
        all += changes[y];
    }
    return all <= most;
}

static void take_difference(uint8_t *into, const uint8_t *rgba, const uint8_t *above, size_t width)
{
    *into++ = LESS_THE_ROW_ABOVE;
    memset(into, 0, width * 3);
    for (size_t begin = 0, end; begin < width; begin = end) {
        end = end_of_stretch(begin, width);
        if (are_same(rgba, above, begin, end))
            continue;
        for (size_t x = begin; x < end; x++)
            for (size_t k = 0; k < 3; k++)
                into[x * 3 + k] = (uint8_t)(rgba[x * 4 + k] - above[x * 4 + k]);
    }
}

/* rows: as stb_image_write has made them, each behind its filter; those that hardly differ from the one above become differences.
 */
static void add_rows(struct svi_deflate_runs *stream, const struct svi_canvas *canvas, const uint32_t *changes, uint8_t *rows)
{
    const size_t width = canvas->width, row_bytes = width * 3 + 1;
    for (size_t y = 0; y < canvas->height; y++) {
        uint8_t *row = rows + y * row_bytes;
        if (!changes[y]) {
            svi_deflate_runs_add(stream, (struct svi_bytes){ (const uint8_t[]){ LESS_THE_ROW_ABOVE }, 1 });
            svi_deflate_runs_add_zeros(stream, row_bytes - 1);
            continue;
        }
        if (changes[y] <= width / 2)
            take_difference(row, row_at(canvas, y), row_at(canvas, y - 1), width);
        svi_deflate_runs_add(stream, (struct svi_bytes){ row, row_bytes });
    }
}

static bool pack_runs(struct svi_buffer *out, const struct svi_canvas *canvas, const uint32_t *changes, uint8_t *rows)
{
    struct svi_deflate_runs *stream = svi_deflate_runs_begin(out);
    if (stream)
        add_rows(stream, canvas, changes, rows);
    return stream && svi_deflate_runs_finish(stream);
}

static uint8_t *pack_all(const uint8_t *rows, size_t bytes, size_t *count)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(COMPRESSION_LEVEL);
    const size_t room = compressor ? libdeflate_zlib_compress_bound(compressor, bytes) : 0;
    uint8_t *packed = room ? malloc(room) : NULL;
    *count = packed ? libdeflate_zlib_compress(compressor, rows, bytes, packed, room) : 0;
    libdeflate_free_compressor(compressor);
    return packed;
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
    uint32_t *changes = malloc(current.canvas->height * sizeof *changes);
    struct svi_buffer packed;
    svi_buffer_init(&packed, INT_MAX);
    if (changes && is_mostly_repeated(current.canvas, changes)) {
        if (!pack_runs(&packed, current.canvas, changes, rows))
            svi_buffer_clear(&packed);
    } else if (changes) {
        packed.at = pack_all(rows, (size_t)bytes, &packed.count);
    }
    free(changes);
    *packed_count = (int)packed.count;
    current.packed = packed.at;
    return packed.at;
}

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                                    ((void)0)
#define STBIW_ZLIB_COMPRESS(data, count, out_count, level) compress_rows(data, count, out_count)
#define STBIW_CRC32(bytes, count)                          libdeflate_crc32(0, bytes, (size_t)(count))
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
