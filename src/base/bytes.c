#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct svi_bytes svi_bytes_of(const char *text)
{
    return (struct svi_bytes){ (const uint8_t *)text, strlen(text) };
}

bool svi_bytes_cut(struct svi_bytes from, uint64_t offset, uint64_t count, struct svi_bytes *out)
{
    if (offset > from.count || count > from.count - offset)
        return false;
    *out = (struct svi_bytes){ from.at ? from.at + offset : NULL, (size_t)count };
    return true;
}

void svi_buffer_init(struct svi_buffer *buffer, size_t limit_bytes)
{
    *buffer = (struct svi_buffer){ .limit = limit_bytes };
}

void svi_buffer_clear(struct svi_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct svi_buffer){ .limit = buffer->limit };
}

static bool make_room(struct svi_buffer *buffer, size_t more)
{
    if (more > buffer->limit - buffer->count)
        return false;
    size_t need = buffer->count + more + 1;
    if (need <= buffer->room)
        return true;
    size_t room = buffer->room ? buffer->room : 256;
    while (room < need)
        room *= 2;
    uint8_t *at = realloc(buffer->at, room);
    if (!at)
        return false;
    buffer->at = at;
    buffer->room = room;
    return true;
}

bool svi_buffer_add(struct svi_buffer *buffer, const void *bytes, size_t count)
{
    if (!make_room(buffer, count))
        return false;
    if (count)
        memcpy(buffer->at + buffer->count, bytes, count);
    buffer->count += count;
    buffer->at[buffer->count] = 0;
    return true;
}

bool svi_buffer_add_text(struct svi_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    bool ok = length >= 0 && make_room(buffer, (size_t)length);
    if (ok) {
        vsnprintf((char *)buffer->at + buffer->count, (size_t)length + 1, format, again);
        buffer->count += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
    return ok;
}

/* Bytes that a character with this first byte takes; 0 for a byte that cannot begin one. */
static size_t utf8_length(uint8_t first)
{
    return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

size_t svi_utf8_fit(const char *text, size_t count)
{
    for (size_t back = 1; back <= 3 && back <= count; back++) {
        uint8_t byte = (uint8_t)text[count - back];
        if (byte < 0x80)
            return count;
        if (byte >= 0xC0)
            return utf8_length(byte) > back ? count - back : count;
    }
    return count;
}

/* Length of the well-formed character at the front of a text; 0 where there is none. */
static size_t utf8_character(struct svi_bytes text)
{
    size_t length = text.count ? utf8_length(text.at[0]) : 0;
    if (!length || length > text.count)
        return 0;
    for (size_t k = 1; k < length; k++)
        if ((text.at[k] & 0xC0) != 0x80)
            return 0;
    if (length > 2) {
        uint8_t first = text.at[0], second = text.at[1];
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90)
            || (first == 0xF4 && second > 0x8F))
            return 0;
    }
    return length;
}

static struct svi_bytes after(struct svi_bytes text, size_t count)
{
    return (struct svi_bytes){ text.at + count, text.count - count };
}

bool svi_utf8_valid(struct svi_bytes text)
{
    while (text.count) {
        size_t length = utf8_character(text);
        if (!length)
            return false;
        text = after(text, length);
    }
    return true;
}

uint32_t svi_utf8_next(struct svi_bytes *text)
{
    size_t length = utf8_character(*text);
    uint32_t code = 0xFFFD;
    if (length) {
        code = length == 1 ? text->at[0] : text->at[0] & (0x7Fu >> length);
        for (size_t k = 1; k < length; k++)
            code = code << 6 | (text->at[k] & 0x3Fu);
    }
    *text = after(*text, length ? length : 1);
    return code;
}

/* Bytes of the well-formed character that text begins with; 0: none. */
static size_t character_length(const char *text)
{
    for (size_t length = 1; length <= 4 && (length == 1 || text[length - 1]); length++)
        if (svi_utf8_valid((struct svi_bytes){ (const uint8_t *)text, length }))
            return length;
    return 0;
}

static bool is_control(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];
    return first < 0x20 || first == 0x7F || (length == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0);
}

void svi_text_clean(char *into, size_t size, const char *text)
{
    static const char unreadable[] = "\xEF\xBF\xBD"; /* U+FFFD */
    size_t used = 0;
    while (*text) {
        size_t length = character_length(text), step = length ? length : 1;
        const char *piece = text;
        if (length == 1 && strchr("\t\n\r", *text)) {
            piece = " ";
        } else if (!length || is_control(text, length)) {
            piece = unreadable;
            length = strlen(unreadable);
        }
        if (used + length >= size)
            break;
        memcpy(into + used, piece, length);
        used += length;
        text += step;
    }
    into[used] = '\0';
}

bool svi_format(char *into, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(into, size, format, arguments);
    va_end(arguments);
    return length >= 0 && (size_t)length < size;
}

bool svi_ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return tail <= length && !strcmp(text + length - tail, ending);
}
