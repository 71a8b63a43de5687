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

/* ---- rows ----
 *
 * Most pictures have many rows that equal the one above, or almost. Of the former only the first goes through stb_image_write; of
 * the latter only what differs is written, which is mostly zeros. Elsewhere neighbors in a color-mapped picture share colors, not
 * differences: rows as they are make files half as large as filtered ones, in a third of the time. */

static const uint8_t *row_at(const struct svi_canvas *canvas, size_t y)
{
    return canvas->rgba + y * canvas->width * 4;
}

static bool equals_the_row_above(const struct svi_canvas *canvas, size_t y)
{
    return memcmp(row_at(canvas, y), row_at(canvas, y - 1), (size_t)canvas->width * 4) == 0;
}

static bool is_like_the_row_above(const struct svi_canvas *canvas, size_t y)
{
    const uint8_t *row = row_at(canvas, y), *above = row_at(canvas, y - 1);
    uint32_t different = 0;
    for (size_t x = 0; x < canvas->width; x++) {
        uint32_t here, there;
        memcpy(&here, row + 4 * x, 4);
        memcpy(&there, above + 4 * x, 4);
        different += here != there;
    }
    return different <= canvas->width / 8;
}

/* What stb_image_write is given. */
struct rows {
    const struct svi_canvas *canvas;
    uint8_t *rgb;   /* of the rows that do not equal the one above, without alpha */
    bool *repeats;  /* of each row of the canvas */
    uint32_t count; /* of those that do not */
};

static void clear_rows(struct rows *rows)
{
    free(rows->rgb);
    free(rows->repeats);
    *rows = (struct rows){ 0 };
}

/* Four bytes at a time; the fourth makes way for the next pixel, and at the end for nothing. */
static void add_row(struct rows *rows, const uint8_t *rgba)
{
    const size_t width = rows->canvas->width;
    uint8_t *rgb = rows->rgb + rows->count++ * width * 3;
    for (size_t x = 0; x < width; x++)
        memcpy(rgb + x * 3, rgba + x * 4, 4);
}

static bool make_rows(struct rows *rows, const struct svi_canvas *canvas)
{
    const size_t height = canvas->height;
    *rows = (struct rows){ .canvas = canvas, .repeats = malloc(height) };
    size_t count = 0;
    for (size_t y = 0; rows->repeats && y < height; y++) {
        rows->repeats[y] = y && equals_the_row_above(canvas, y);
        count += !rows->repeats[y];
    }
    rows->rgb = rows->repeats ? malloc(count * canvas->width * 3 + 1) : NULL;
    for (size_t y = 0; rows->rgb && y < height; y++)
        if (!rows->repeats[y])
            add_row(rows, row_at(canvas, y));
    if (!rows->rgb)
        clear_rows(rows);
    return rows->rgb;
}

static void subtract(uint8_t *restrict row, const uint8_t *restrict above, size_t count)
{
    for (size_t i = 0; i < count; i++)
        row[i] = (uint8_t)(row[i] - above[i]);
}

/* filtered: the rows that do not repeat, each behind the number of its filter, 0. From the last one up, so that each is still there
 * when the one below it asks. */
static void take_out_likeness(const struct rows *rows, uint8_t *filtered)
{
    const size_t row_bytes = 1 + (size_t)rows->canvas->width * 3;
    size_t i = rows->count;
    for (size_t y = rows->canvas->height; y-- > 1;) {
        if (rows->repeats[y])
            continue;
        uint8_t *row = filtered + --i * row_bytes;
        if (!is_like_the_row_above(rows->canvas, y))
            continue;
        subtract(row + 1, row + 1 - row_bytes, row_bytes - 1);
        row[0] = LESS_THE_ROW_ABOVE;
    }
}

/* ---- the stream ---- */

struct packing {
    struct isal_zstream stream;
    uint8_t memory[ISAL_DEF_LVL2_DEFAULT]; /* what this level needs */
    uint8_t piece[64 << 10];
};

static bool pack_piece(struct packing *packing, struct svi_buffer *out, uint8_t *bytes, size_t count, bool last)
{
    struct isal_zstream *stream = &packing->stream;
    stream->next_in = bytes;
    stream->avail_in = (uint32_t)count;
    stream->end_of_stream = last;
    bool ok = true;
    do {
        stream->next_out = packing->piece;
        stream->avail_out = sizeof packing->piece;
        ok = isal_deflate(stream) == COMP_OK && svi_buffer_add(out, packing->piece, sizeof packing->piece - stream->avail_out);
    } while (ok && (last ? stream->internal_state.state != ZSTATE_END : stream->avail_in || !stream->avail_out));
    return ok;
}

/* Rows of the canvas that repeat are `zeros`, the difference to the one above. */
static bool pack_rows(struct packing *packing, struct svi_buffer *out, const struct rows *rows, uint8_t *filtered, uint8_t *zeros)
{
    const size_t row_bytes = 1 + (size_t)rows->canvas->width * 3, height = rows->canvas->height;
    bool ok = true;
    for (size_t y = 0, next; ok && y < height; y = next) {
        for (next = y + 1; next < height && !rows->repeats[y] && !rows->repeats[next];)
            next++;
        ok = pack_piece(packing, out, rows->repeats[y] ? zeros : filtered, (next - y) * row_bytes, next == height);
        filtered += rows->repeats[y] ? 0 : (next - y) * row_bytes;
    }
    return ok;
}

/* A zlib stream (RFC 1950) of all rows. */
static bool pack(struct svi_buffer *out, const struct rows *rows, uint8_t *filtered)
{
    struct packing *packing = malloc(sizeof *packing);
    uint8_t *zeros = calloc(1 + (size_t)rows->canvas->width * 3, 1);
    bool ok = packing && zeros;
    if (ok) {
        zeros[0] = LESS_THE_ROW_ABOVE;
        isal_deflate_init(&packing->stream);
        packing->stream.level = COMPRESSION_LEVEL;
        packing->stream.level_buf = packing->memory;
        packing->stream.level_buf_size = sizeof packing->memory;
        packing->stream.gzip_flag = IGZIP_ZLIB;
        ok = pack_rows(packing, out, rows, filtered, zeros);
    }
    free(packing);
    free(zeros);
    return ok;
}

/* ---- stb_image_write ---- */

/* What its compressor is asked for: it hands on no pointer of ours. It frees what it gets, but not where its own last allocation
 * fails. */
static _Thread_local struct {
    struct rows rows;
    uint8_t *packed;
} current;

static unsigned char *compress_rows(unsigned char *filtered, int *packed_count)
{
    free(current.rows.rgb); /* not needed any more: it makes way for what comes out */
    current.rows.rgb = NULL;
    struct svi_buffer packed;
    svi_buffer_init(&packed, INT_MAX);
    take_out_likeness(&current.rows, filtered);
    if (!pack(&packed, &current.rows, filtered))
        svi_buffer_clear(&packed);
    *packed_count = (int)packed.count;
    current.packed = packed.at;
    return packed.at;
}

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                                    ((void)0)
#define STBIW_ZLIB_COMPRESS(data, count, out_count, level) compress_rows(data, out_count)
#define STBIW_CRC32(bytes, count)                          crc32_gzip_refl(0, bytes, (uint64_t)(count))
#include <stb_image_write.h>

static void choose_filter(void)
{
    stbi_write_force_png_filter = 0;
}

static uint8_t *write_png(const struct svi_canvas *canvas, size_t *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_filter);
    int png_count = 0;
    current.packed = NULL;
    uint8_t *png = make_rows(&current.rows, canvas)
                       ? stbi_write_png_to_mem(current.rows.rgb, 0, (int)canvas->width, (int)current.rows.count, 3, &png_count)
                       : NULL;
    clear_rows(&current.rows);
    if (!png)
        free(current.packed);
    *count = (size_t)png_count;
    return png;
}

/* Of the whole picture: stb_image_write knows only of the rows that do not repeat. */
static bool add_header(struct svi_buffer *out, struct svi_buffer *scratch, const struct svi_canvas *canvas)
{
    static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' }, rgb[] = { 8, 2, 0, 0, 0 };
    scratch->count = 0;
    return svi_buffer_add(out, signature, sizeof signature) && svi_buffer_add(scratch, "IHDR", 4)
           && add_number(scratch, canvas->width) && add_number(scratch, canvas->height) && svi_buffer_add(scratch, rgb, sizeof rgb)
           && add_chunk(out, scratch);
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
    bool ok = png && add_header(out, &scratch, canvas) && add_size_chunk(out, &scratch, dpi);
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
