#include "capture/label.h"

#include "base/bytes.h"
#include "base/file.h"

#include <string.h>
#include <strings.h>

static const char ellipsis[] = "\xE2\x80\xA6";

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

bool svi_label_names(const char *label, const char *name)
{
    const char *base = svi_base_name(label), *dot = strrchr(base, '.');
    size_t stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    return !strcmp(label, name) || !strcmp(base, name) || (strlen(name) == stem && !strncmp(base, name, stem));
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
