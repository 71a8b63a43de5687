#include "host/mask.h"

#include <string.h>
#include <strings.h>

enum { SHORT_SECRET = 8, TEXT_LIMIT = 64 << 20 };

bool svi_mask_text(struct svi_buffer *out, const char *text, const char *secret)
{
    size_t length = strlen(secret);
    if (length && strcmp(text, secret) == 0)
        return svi_buffer_add(out, SVI_MASK, sizeof SVI_MASK - 1);
    if (length >= SHORT_SECRET)
        for (const char *found; (found = strstr(text, secret)); text = found + length)
            if (!svi_buffer_add(out, text, (size_t)(found - text)) || !svi_buffer_add(out, SVI_MASK, sizeof SVI_MASK - 1))
                return false;
    return svi_buffer_add(out, text, strlen(text));
}

static json_t *masked_text(const char *text, const char *secret)
{
    struct svi_buffer room;
    svi_buffer_init(&room, TEXT_LIMIT);
    json_t *copy = svi_mask_text(&room, text, secret) ? json_stringn((char *)room.at, room.count) : NULL;
    svi_buffer_clear(&room);
    return copy;
}

static bool add_masked(json_t *into, const char *key, const json_t *value, const char *secret)
{
    struct svi_buffer name;
    svi_buffer_init(&name, TEXT_LIMIT);
    bool ok = svi_mask_text(&name, key, secret)
              && json_object_set_new(into, (const char *)name.at, svi_mask_secret(value, secret)) == 0;
    svi_buffer_clear(&name);
    return ok;
}

json_t *svi_mask_secret(const json_t *value, const char *secret)
{
    if (json_is_string(value))
        return masked_text(json_string_value(value), secret);
    if (!json_is_object(value) && !json_is_array(value))
        return json_deep_copy(value);
    json_t *copy = json_is_object(value) ? json_object() : json_array();
    bool ok = copy;
    const char *key;
    const json_t *item;
    size_t index;
    json_object_foreach((json_t *)value, key, item) ok = ok && add_masked(copy, key, item, secret);
    json_array_foreach(value, index, item) ok = ok && json_array_append_new(copy, svi_mask_secret(item, secret)) == 0;
    if (ok)
        return copy;
    json_decref(copy);
    return NULL;
}

/* As in celery/app/utils.py, and what a URL's query may hold. */
static bool is_hidden(const char *key)
{
    static const char *const parts[] = { "api",       "token",    "key",       "secret", "pass", "profanities_list",
                                         "signature", "database", "beat_dburi" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(key, parts[i]))
            return true;
    return false;
}

/* Appends text with "**" in place of each password in a URL: what stands between the first colon behind "://" and the last "@" that
 * comes before another URL. */
static bool without_passwords(struct svi_buffer *out, const char *text)
{
    for (const char *scheme; (scheme = strstr(text, "://"));) {
        const char *from = scheme + 3, *next = strstr(from, "://"), *end = next ? next : from + strlen(from);
        const char *at = memrchr(from, '@', (size_t)(end - from)), *colon = from + strcspn(from, ":");
        bool found = at && colon < at;
        const char *shown = found ? colon + 1 : from;
        if (!svi_buffer_add(out, text, (size_t)(shown - text)) || (found && !svi_buffer_add(out, "**", 2)))
            return false;
        text = found ? at : from;
    }
    return svi_buffer_add(out, text, strlen(text));
}

void svi_mask_urls(char *into, size_t size, const char *text)
{
    struct svi_buffer room;
    svi_buffer_init(&room, TEXT_LIMIT);
    svi_format(into, size, "%s", without_passwords(&room, text) && room.at ? (const char *)room.at : "");
    into[svi_utf8_fit(into, strlen(into))] = '\0';
    svi_buffer_clear(&room);
}

static json_t *shown_setting(const char *key, const json_t *value)
{
    if (is_hidden(key))
        return json_is_null(value) ? json_null() : json_string(SVI_MASK);
    if (json_is_object(value))
        return svi_mask_settings(value);
    if (!json_is_string(value))
        return json_deep_copy(value);
    struct svi_buffer room;
    svi_buffer_init(&room, TEXT_LIMIT);
    json_t *copy = without_passwords(&room, json_string_value(value)) ? json_stringn((char *)room.at, room.count) : NULL;
    svi_buffer_clear(&room);
    return copy;
}

json_t *svi_mask_settings(const json_t *settings)
{
    json_t *copy = json_object();
    bool ok = copy;
    const char *key;
    const json_t *value;
    json_object_foreach((json_t *)settings, key, value) ok = ok && json_object_set_new(copy, key, shown_setting(key, value)) == 0;
    if (ok)
        return copy;
    json_decref(copy);
    return NULL;
}

void svi_mask_wipe(json_t *value)
{
    json_t *item;
    const char *key;
    size_t index;
    if (json_is_string(value))
        explicit_bzero((char *)json_string_value(value), json_string_length(value));
    json_object_foreach(value, key, item) svi_mask_wipe(item);
    json_array_foreach(value, index, item) svi_mask_wipe(item);
}
