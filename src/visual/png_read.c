#include "visual/png_read.h"

#include <isa-l.h>
#include <string.h>

static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

enum {
    FRAME_BYTES = 12, /* of a chunk, around its data: length, type, checksum */
    HEADER_BYTES = 13,
    MAX_CHUNK_BYTES = INT32_MAX, /* the standard's */
    MAX_EDGE = INT32_MAX,
};

struct chunk {
    char type[5];
    struct svi_bytes data;
    size_t at; /* in the file */
};

bool svi_png_is(struct svi_bytes bytes)
{
    return bytes.count >= sizeof signature && !memcmp(bytes.at, signature, sizeof signature);
}

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool fail_damaged(const char *label, const char *why, size_t at, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_RECORDING, "The picture %s is damaged: %s at byte %zu.", label, why, at);
}

/* The chunk at a place of the file, with its checksum checked. */
static bool read_chunk(struct chunk *out, struct svi_bytes png, size_t at, const char *label, struct svi_error *err)
{
    struct svi_bytes head;
    if (!svi_bytes_cut(png, at, 8, &head))
        return fail_damaged(label, "it ends where a chunk should begin,", at, err);
    const uint32_t count = number_at(head.at);
    for (size_t i = 0; i < 4; i++)
        if (!is_letter(head.at[4 + i]))
            return fail_damaged(label, "no chunk", at, err);
    *out = (struct chunk){ .at = at };
    memcpy(out->type, head.at + 4, 4);
    struct svi_bytes whole;
    if (count > MAX_CHUNK_BYTES || !svi_bytes_cut(png, at, (uint64_t)count + FRAME_BYTES, &whole))
        return fail_damaged(label, "it ends inside the chunk", at, err);
    out->data = (struct svi_bytes){ whole.at + 8, count };
    if (crc32_gzip_refl(0, whole.at + 4, (size_t)count + 4) != number_at(whole.at + 8 + count))
        return fail_damaged(label, "wrong checksum of the chunk", at, err);
    return true;
}

static bool read_header(struct svi_png_facts *out, const struct chunk *chunk, const char *label, struct svi_error *err)
{
    if (strcmp(chunk->type, "IHDR") != 0 || chunk->data.count != HEADER_BYTES)
        return fail_damaged(label, "no header", chunk->at, err);
    out->width = number_at(chunk->data.at);
    out->height = number_at(chunk->data.at + 4);
    return (out->width >= 1 && out->width <= MAX_EDGE && out->height >= 1 && out->height <= MAX_EDGE)
           || fail_damaged(label, "no size", chunk->at, err);
}

/* Cuts off what stands before the next zero byte, and that byte. */
static bool take_string(struct svi_bytes *rest, struct svi_bytes *out)
{
    const uint8_t *end = rest->count ? memchr(rest->at, 0, rest->count) : NULL;
    if (!end)
        return false;
    out->at = rest->at;
    out->count = (size_t)(end - rest->at);
    *rest = (struct svi_bytes){ end + 1, rest->count - out->count - 1 };
    return true;
}

/* Keyword, 0, compressed?, method, language, 0, keyword in that language, 0, text. What is not like that is passed over: a picture
 * is no worse for it. */
static void read_text(struct svi_png_facts *out, const struct chunk *chunk)
{
    struct svi_bytes rest = chunk->data, keyword, skipped;
    bool plain = take_string(&rest, &keyword) && rest.count >= 2 && rest.at[0] == 0;
    if (plain)
        plain = svi_bytes_cut(rest, 2, rest.count - 2, &rest) && take_string(&rest, &skipped) && take_string(&rest, &skipped);
    if (!plain || !keyword.count || keyword.count >= SVI_PNG_KEYWORD_SIZE || !svi_utf8_valid(rest)
        || out->text_count == SVI_PNG_MAX_TEXTS)
        return;
    struct svi_png_found *found = &out->texts[out->text_count++];
    memcpy(found->keyword, keyword.at, keyword.count);
    found->keyword[keyword.count] = '\0';
    found->text = rest;
}

bool svi_png_read(struct svi_png_facts *out, struct svi_bytes png, const char *label, struct svi_error *err)
{
    struct chunk chunk = { 0 };
    *out = (struct svi_png_facts){ 0 };
    if (!svi_png_is(png))
        return svi_fail(err, SVI_BAD_RECORDING, "%s is no PNG picture.", label);
    for (size_t at = sizeof signature; strcmp(chunk.type, "IEND") != 0; at += chunk.data.count + FRAME_BYTES) {
        if (!read_chunk(&chunk, png, at, label, err))
            return false;
        if (at == sizeof signature && !read_header(out, &chunk, label, err))
            return false;
        if (!strcmp(chunk.type, "iTXt"))
            read_text(out, &chunk);
    }
    return true;
}

const struct svi_bytes *svi_png_text(const struct svi_png_facts *facts, const char *keyword)
{
    for (size_t i = 0; i < facts->text_count; i++)
        if (!strcmp(facts->texts[i].keyword, keyword))
            return &facts->texts[i].text;
    return NULL;
}
