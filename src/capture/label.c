#include "capture/label.h"

#include "base/bytes.h"
#include "base/file.h"

#include <string.h>
#include <strings.h>

static const char unreadable[] = "\xEF\xBF\xBD"; /* U+FFFD */
static const char ellipsis[] = "\xE2\x80\xA6";

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

void svi_label_shown(char into[SVI_LABEL_SHOWN], const char *label)
{
    size_t length = strlen(label);
    svi_text_clean(into, SVI_LABEL_SHOWN, label);
    if (length < SVI_LABEL_SHOWN)
        return;
    const char *tail = label + length - (SVI_LABEL_SHOWN - sizeof ellipsis);
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    memcpy(into, ellipsis, sizeof ellipsis);
    svi_text_clean(into + strlen(ellipsis), SVI_LABEL_SHOWN - strlen(ellipsis), tail);
}

bool svi_label_ends(const char *label, const char *ending)
{
    size_t length = strlen(label), tail = strlen(ending);
    return tail <= length && !strcasecmp(label + length - tail, ending);
}

void svi_label_stem(char *into, size_t size, const char *label, const char *ending)
{
    const char *base = svi_base_name(label);
    char cut[512];
    size_t length = strlen(base);
    if (svi_label_ends(base, ending) && length > strlen(ending))
        length -= strlen(ending);
    svi_format(cut, sizeof cut, "%.*s", length < sizeof cut ? (int)length : (int)sizeof cut - 1, base);
    cut[svi_utf8_fit(cut, strlen(cut))] = '\0';
    svi_text_clean(into, size, cut);
}
