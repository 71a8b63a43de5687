#include "visual/png.h"

#include "visual/deflate_runs.h"

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
 * Most pictures have many rows that equal the one above, or almost: what they differ by is mostly zeros. Where such rows follow
 * each other, they are written as runs of pixels, without a search; between other rows, they are packed with these. Elsewhere
 * neighbors in a color-mapped picture share colors, not differences: rows as they are make files half as large as filtered ones,
 * in a third of the time. */

enum kind { NOT_KNOWN, AS_IT_IS, LIKE_THE_ROW_ABOVE };

static uint32_t pixel_at(const uint8_t *row, size_t x)
{
    uint32_t pixel;
    memcpy(&pixel, row + 4 * x, 4);
    return pixel;
}

/* A tile of row y that may differ from the one above, and what its pixels differ by, each byte by itself. */
struct tile {
    const struct svi_canvas *canvas;
    uint32_t y, begin, end;
    uint32_t differences[SVI_TILE_PIXELS];
};

/* The next one to the right. Above the first row is nothing: zeros, as PNG has it. */
static bool find_tile(struct tile *tile)
{
    static const uint8_t nothing[4 * SVI_TILE_PIXELS];
    const uint32_t high = 0x80808080, y = tile->y;
    tile->begin = svi_canvas_next_change(tile->canvas, tile->end, y);
    if (tile->begin >= tile->canvas->width)
        return false;
    tile->end = svi_canvas_tile_end(tile->canvas, tile->begin);
    const uint8_t *pixels = svi_canvas_pixels(tile->canvas, tile->begin, y);
    const uint8_t *above = y ? svi_canvas_pixels(tile->canvas, tile->begin, y - 1) : nothing;
    for (size_t i = 0; i < SVI_TILE_PIXELS; i++) {
        const uint32_t here = pixel_at(pixels, i), there = pixel_at(above, i);
        tile->differences[i] = ((here | high) - (there & ~high)) ^ ((here ^ ~there) & high);
    }
    return true;
}

/* Of a row, from the left: pixels that differ by the same from those above, up to where the next run begins. */
struct runs {
    uint32_t count;
    uint32_t begins[SVI_MAX_IMAGE_EDGE + 2], differences[SVI_MAX_IMAGE_EDGE + 2];
};

/* Written without a branch, which would be guessed wrong too often. */
static void add_pixels(struct runs *runs, uint32_t begin, const uint32_t *differences, uint32_t count)
{
    uint32_t known = runs->count, last = runs->differences[known - 1];
    for (uint32_t i = 0; i < count; i++) {
        runs->begins[known] = begin + i;
        runs->differences[known] = differences[i];
        known += differences[i] != last;
        last = differences[i];
    }
    runs->count = known;
}

static void find_runs(struct runs *runs, const struct svi_canvas *canvas, uint32_t y)
{
    static const uint32_t equal = 0;
    uint32_t passed = 0;
    runs->count = 1;
    runs->begins[0] = runs->differences[0] = equal;
    for (struct tile tile = { .canvas = canvas, .y = y }; find_tile(&tile); passed = tile.end) {
        if (passed < tile.begin)
            add_pixels(runs, passed, &equal, 1);
        add_pixels(runs, tile.begin, tile.differences, tile.end - tile.begin);
    }
    if (passed < canvas->width)
        add_pixels(runs, passed, &equal, 1);
}

static uint32_t end_of_run(const struct runs *runs, uint32_t i, const struct svi_canvas *canvas)
{
    return i + 1 < runs->count ? runs->begins[i + 1] : canvas->width;
}

static uint32_t count_runs(const struct tile *tile)
{
    uint32_t count = tile->differences[0] != 0;
    for (size_t i = 1; i < SVI_TILE_PIXELS; i++)
        count += tile->differences[i] != tile->differences[i - 1];
    return count;
}

static bool has_few_runs(const struct svi_canvas *canvas, uint32_t y)
{
    const uint32_t most = canvas->width / 16 + 1;
    uint32_t count = 0;
    for (struct tile tile = { .canvas = canvas, .y = y }; count <= most && find_tile(&tile);)
        count += count_runs(&tile);
    return count <= most;
}

/* Where few tiles differ, their pixels need not be looked at. */
static bool has_few_tiles(const struct svi_canvas *canvas, uint32_t y)
{
    const uint32_t most = canvas->columns / 8;
    uint32_t count = 0;
    for (uint32_t x = 0; count <= most && (x = svi_canvas_next_change(canvas, x, y)) < canvas->width; count++)
        x = svi_canvas_tile_end(canvas, x);
    return count <= most;
}

static enum kind kind_of(const struct svi_canvas *canvas, uint32_t y)
{
    return has_few_tiles(canvas, y) || has_few_runs(canvas, y) ? LIKE_THE_ROW_ABOVE : AS_IT_IS;
}

/* Four bytes at a time; the fourth makes way for the next pixel, and at the end for nothing. */
static void add_row(uint8_t *rgb, const struct svi_canvas *canvas, uint32_t y)
{
    for (uint32_t x = 0, end; x < canvas->width; x = end) {
        const uint8_t *tile = svi_canvas_pixels(canvas, x, y);
        end = svi_canvas_tile_end(canvas, x);
        for (size_t i = 0; i < end - x; i++, rgb += 3)
            memcpy(rgb, tile + 4 * i, 4);
    }
}

static void add_differences(uint8_t *rgb, struct runs *room, const struct svi_canvas *canvas, uint32_t y)
{
    find_runs(room, canvas, y);
    for (uint32_t i = 0; i < room->count; i++)
        for (uint32_t x = room->begins[i]; x < end_of_run(room, i, canvas); x++)
            memcpy(rgb + 3 * (size_t)x, &room->differences[i], 4);
}

/* Number of its filter and three bytes a pixel. */
static size_t row_bytes_of(const struct svi_canvas *canvas)
{
    return 1 + (size_t)canvas->width * 3;
}

/* Row y as the stream has it. Touches a byte behind it. */
static void write_row(uint8_t *into, struct runs *room, const struct svi_canvas *canvas, uint32_t y, enum kind kind)
{
    into[0] = kind == AS_IT_IS ? 0 : LESS_THE_ROW_ABOVE;
    if (kind == AS_IT_IS)
        add_row(into + 1, canvas, y);
    else
        add_differences(into + 1, room, canvas, y);
}

/* ---- the stream ----
 *
 * A large picture is packed in strips, beside each other. Each of their parts is a deflate stream of its own that ends on a whole
 * byte, so that one behind the other they are one stream. */

enum { STRIP_BYTES = 1 << 20, MOST_STRIPS = 4, LEAST_RUN_ROWS = 8, ADLER_MODULUS = 65521 };

struct strip {
    const struct svi_canvas *canvas;
    uint32_t begin, end; /* of its rows */
    struct svi_buffer packed;
    uint32_t checksum; /* of the rows (Adler-32) */
    bool ok, beside;
    pthread_t thread;
};

struct packing {
    struct isal_zstream stream;
    uint8_t memory[ISAL_DEF_LVL2_DEFAULT]; /* what this level needs */
    uint8_t rows[256 << 10];               /* of smaller pieces the library would make copies */
    uint8_t piece[64 << 10];
    struct svi_deflate_runs out;
    struct runs runs;                  /* of a row */
    uint8_t kinds[SVI_MAX_IMAGE_EDGE]; /* of each row of the canvas */
};

/* A row is looked at once, and when it is near: a canvas may be larger than a core's cache. */
static enum kind known_kind(struct packing *packing, const struct svi_canvas *canvas, uint32_t y)
{
    if (packing->kinds[y] == NOT_KNOWN)
        packing->kinds[y] = (uint8_t)kind_of(canvas, y);
    return (enum kind)packing->kinds[y];
}

/* Of what lies behind each other. */
static uint32_t join_checksums(uint32_t first, uint32_t second, uint64_t second_bytes)
{
    const uint64_t before = (first & 0xFFFF) + ADLER_MODULUS - 1, sum = (before + (second & 0xFFFF)) % ADLER_MODULUS;
    return (uint32_t)(((first >> 16) + (second >> 16) + second_bytes % ADLER_MODULUS * before) % ADLER_MODULUS << 16 | sum);
}

/* ---- rows as runs ---- */

/* A row's checksum: the sum of its bytes, and the sum of these sums, to which each byte contributes as often as bytes follow. */
struct sums {
    uint64_t bytes, sums;
};

static void add_to_sums(struct sums *sums, const uint8_t pixel[SVI_DEFLATE_PIXEL_BYTES], uint64_t count, uint64_t bytes_left)
{
    const uint64_t once = (uint64_t)pixel[0] + pixel[1] + pixel[2], later = pixel[1] + 2 * (uint64_t)pixel[2];
    sums->bytes += once * count;
    sums->sums += count * (once * bytes_left - later) - SVI_DEFLATE_PIXEL_BYTES * once * (count * (count - 1) / 2);
}

/* Returns the checksum of the row. */
static uint32_t add_row_of_runs(struct svi_deflate_runs *out, const struct runs *runs, const struct svi_canvas *canvas)
{
    const size_t row_bytes = row_bytes_of(canvas);
    struct sums sums = { 1 + LESS_THE_ROW_ABOVE, row_bytes * (1 + LESS_THE_ROW_ABOVE) };
    svi_deflate_runs_byte(out, LESS_THE_ROW_ABOVE);
    for (uint32_t i = 0; i < runs->count; i++) {
        const uint32_t begin = runs->begins[i], count = end_of_run(runs, i, canvas) - begin;
        uint8_t pixel[sizeof runs->differences[i]];
        memcpy(pixel, &runs->differences[i], sizeof pixel);
        if (count) /* none of the first one, where the first pixel differs */
            svi_deflate_runs_pixels(out, pixel, count);
        add_to_sums(&sums, pixel, count, row_bytes - 1 - 3 * (uint64_t)begin);
    }
    return (uint32_t)(sums.sums % ADLER_MODULUS << 16 | sums.bytes % ADLER_MODULUS);
}

static bool pack_runs(struct packing *packing, struct strip *strip, uint32_t begin, uint32_t end)
{
    const struct svi_canvas *canvas = strip->canvas;
    svi_deflate_runs_begin(&packing->out, &strip->packed);
    for (uint32_t y = begin; y < end; y++) {
        find_runs(&packing->runs, canvas, y);
        const uint32_t checksum = add_row_of_runs(&packing->out, &packing->runs, canvas);
        strip->checksum = join_checksums(strip->checksum, checksum, row_bytes_of(canvas));
    }
    return svi_deflate_runs_end(&packing->out);
}

/* ---- other rows ---- */

static bool pack_piece(struct packing *packing, struct svi_buffer *out, size_t count)
{
    struct isal_zstream *stream = &packing->stream;
    stream->next_in = packing->rows;
    stream->avail_in = (uint32_t)count;
    bool ok = true;
    do {
        stream->next_out = packing->piece;
        stream->avail_out = sizeof packing->piece;
        ok = isal_deflate(stream) == COMP_OK && svi_buffer_add(out, packing->piece, sizeof packing->piece - stream->avail_out);
    } while (ok && (stream->avail_in || !stream->avail_out));
    return ok;
}

static void start_stream(struct packing *packing)
{
    isal_deflate_init(&packing->stream);
    packing->stream.level = COMPRESSION_LEVEL;
    packing->stream.level_buf = packing->memory;
    packing->stream.level_buf_size = sizeof packing->memory;
    packing->stream.gzip_flag = IGZIP_DEFLATE;
}

static bool pack_rows(struct packing *packing, struct strip *strip, uint32_t begin, uint32_t end)
{
    const size_t row_bytes = row_bytes_of(strip->canvas);
    size_t count = 0;
    bool ok = true;
    start_stream(packing);
    for (uint32_t y = begin; ok && y < end; y++) {
        uint8_t *row = packing->rows + count;
        write_row(row, &packing->runs, strip->canvas, y, known_kind(packing, strip->canvas, y));
        strip->checksum = isal_adler32(strip->checksum, row, row_bytes);
        count += row_bytes;
        const bool last = y + 1 == end;
        if (!last && count + row_bytes < sizeof packing->rows)
            continue;
        packing->stream.flush = last ? SYNC_FLUSH : NO_FLUSH;
        ok = pack_piece(packing, &strip->packed, count);
        count = 0;
    }
    return ok;
}

/* How many rows from y on can be written as runs, or as many as are asked for. */
static uint32_t count_run_rows(struct packing *packing, const struct strip *strip, uint32_t y, uint32_t most)
{
    uint32_t count = 0;
    while (count < most && y + count < strip->end && known_kind(packing, strip->canvas, y + count) != AS_IT_IS)
        count++;
    return count;
}

static bool pack_parts(struct packing *packing, struct strip *strip)
{
    bool ok = true;
    for (uint32_t y = strip->begin, end; ok && y < strip->end; y = end) {
        end = y + count_run_rows(packing, strip, y, UINT32_MAX);
        if (end - y >= LEAST_RUN_ROWS) {
            ok = pack_runs(packing, strip, y, end);
            continue;
        }
        while (end < strip->end && count_run_rows(packing, strip, end, LEAST_RUN_ROWS) < LEAST_RUN_ROWS)
            end++;
        ok = pack_rows(packing, strip, y, end);
    }
    return ok;
}

static void *pack_strip(void *self)
{
    struct strip *strip = self;
    struct packing *packing = malloc(sizeof *packing);
    if (packing) {
        memset(packing->kinds + strip->begin, NOT_KNOWN, strip->end - strip->begin);
        strip->ok = pack_parts(packing, strip);
    }
    free(packing);
    return NULL;
}

static bool begins_a_band(const struct svi_canvas *canvas, uint32_t y)
{
    return svi_canvas_next_change(canvas, 0, y) < canvas->width;
}

/* Of as many bands of equal rows each; returns how many strips. */
static uint32_t cut_strips(struct strip strips[MOST_STRIPS], const struct svi_canvas *canvas)
{
    const uint32_t height = canvas->height;
    uint64_t bands = 0, passed = 0;
    for (uint32_t y = 0; y < height; y++)
        bands += begins_a_band(canvas, y);
    const size_t wanted = bands * row_bytes_of(canvas) / STRIP_BYTES;
    const uint32_t count = wanted < 1 ? 1 : wanted > MOST_STRIPS ? MOST_STRIPS : (uint32_t)wanted;
    uint32_t y = 0;
    for (uint32_t i = 0; i < count; i++) {
        strips[i] = (struct strip){ .canvas = canvas, .begin = y, .checksum = 1 };
        svi_buffer_init(&strips[i].packed, INT_MAX);
        while (i + 1 < count && y < height && passed * count < bands * (i + 1))
            passed += begins_a_band(canvas, y++);
        strips[i].end = i + 1 < count ? y : height;
    }
    return count;
}

/* A zlib stream (RFC 1950) of all rows. */
static bool pack(struct svi_buffer *out, const struct svi_canvas *canvas)
{
    static const uint8_t header[] = { 0x78, 0x01 }; /* deflate, a window of 32 KiB */
    static const uint8_t nothing_more[] = { 1, 0, 0, 0xFF, 0xFF };
    struct strip strips[MOST_STRIPS];
    const uint32_t count = cut_strips(strips, canvas);
    for (uint32_t i = 1; i < count; i++)
        strips[i].beside = pthread_create(&strips[i].thread, NULL, pack_strip, &strips[i]) == 0;
    bool ok = svi_buffer_add(out, header, sizeof header);
    uint32_t checksum = 1;
    for (uint32_t i = 0; i < count; i++) {
        struct strip *strip = &strips[i];
        if (strip->beside)
            pthread_join(strip->thread, NULL);
        else
            pack_strip(strip);
        ok = ok && strip->ok && svi_buffer_add(out, strip->packed.at, strip->packed.count);
        checksum = join_checksums(checksum, strip->checksum, (uint64_t)(strip->end - strip->begin) * row_bytes_of(canvas));
        svi_buffer_clear(&strip->packed);
    }
    return ok && svi_buffer_add(out, nothing_more, sizeof nothing_more) && add_number(out, checksum);
}

/* ---- stb_image_write ----
 *
 * It makes the chunks, of a picture of one pixel: what it has compressed are the rows of the canvas, none of which it has to copy.
 */

/* What its compressor is asked for: it hands on no pointer of ours. It frees what it gets, but not where its own last allocation
 * fails. */
static _Thread_local struct {
    const struct svi_canvas *canvas;
    uint8_t *packed;
} current;

static unsigned char *compress_rows(int *packed_count)
{
    struct svi_buffer packed;
    svi_buffer_init(&packed, INT_MAX);
    if (!pack(&packed, current.canvas))
        svi_buffer_clear(&packed);
    *packed_count = (int)packed.count;
    current.packed = packed.at;
    return packed.at;
}

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                                    ((void)0)
#define STBIW_ZLIB_COMPRESS(data, count, out_count, level) compress_rows(out_count)
#define STBIW_CRC32(bytes, count)                          crc32_gzip_refl(0, bytes, (uint64_t)(count))
#include <stb_image_write.h>

static uint8_t *write_png(const struct svi_canvas *canvas, size_t *count)
{
    int png_count = 0;
    current.canvas = canvas;
    current.packed = NULL;
    uint8_t *png = stbi_write_png_to_mem(svi_canvas_pixels(canvas, 0, 0), 0, 1, 1, 3, &png_count);
    if (!png)
        free(current.packed);
    *count = (size_t)png_count;
    return png;
}

/* Of the picture, not of the one pixel. */
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
