/* bytes.h - views of memory that someone else owns, buffers with a ceiling, and a few questions about text. */
#ifndef SVI_BASE_BYTES_H
#define SVI_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view. Whoever hands it out says how long it lives. */
struct svi_bytes {
    const uint8_t *at;
    size_t count;
};

/* The bytes of a C string, without its end. */
struct svi_bytes svi_bytes_of(const char *text);

/* Cuts [offset, offset + count) out of a view; false, and nothing written, where it does not lie inside. */
bool svi_bytes_cut(struct svi_bytes from, uint64_t offset, uint64_t count, struct svi_bytes *out);

/* A growing block of bytes that never gets larger than its limit. `at` always has a zero byte behind `count`, once anything was
 * added, so that text may be used as a C string. Starts with init, ends with clear. */
struct svi_buffer {
    uint8_t *at;
    size_t count, room, limit;
};

void svi_buffer_init(struct svi_buffer *buffer, size_t limit_bytes);
void svi_buffer_clear(struct svi_buffer *buffer);

/* false: the limit would be passed, or there is no memory; the buffer keeps what it had. */
bool svi_buffer_add(struct svi_buffer *buffer, const void *bytes, size_t count);
bool svi_buffer_add_text(struct svi_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The number of the first `count` bytes of `text` that end at a whole UTF-8 character: count, or up to three less. */
size_t svi_utf8_fit(const char *text, size_t count);

/* True where all bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool svi_utf8_valid(struct svi_bytes text);

/* Takes the next character off the front of a text that is not empty. A byte that is not part of well-formed UTF-8 is U+FFFD. */
uint32_t svi_utf8_next(struct svi_bytes *text);

/* Makes a text from outside fit to be shown: copies what fits, whole characters only. Line ends and tabs become spaces; other
 * control characters, and bytes that are not UTF-8, become U+FFFD. */
void svi_text_clean(char *into, size_t size, const char *text);

/* Formats into an array; false where it does not fit (the text is then cut, and still ended). */
bool svi_format(char *into, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* True where text ends with the ending. */
bool svi_ends_with(const char *text, const char *ending);

#endif
