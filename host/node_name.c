#include "host/node_name.h"

#include "base/bytes.h"

#include <string.h>

static bool fill_in(struct svi_buffer *name, char sign, const char *host)
{
    size_t first = strcspn(host, ".");
    switch (sign) {
    case 'h':
        return svi_buffer_add_text(name, "%s", host);
    case 'n':
        return svi_buffer_add_text(name, "%.*s", (int)first, host);
    case 'd':
        return svi_buffer_add_text(name, "%s", host[first] ? host + first + 1 : "");
    case '%':
        return svi_buffer_add(name, "%", 1);
    default:
        return false;
    }
}

static bool expand(struct svi_buffer *name, const char *pattern, const char *host)
{
    bool ok = true;
    for (const char *c = pattern; ok && *c; c++)
        ok = *c == '%' ? fill_in(name, *++c, host) : svi_buffer_add(name, c, 1);
    return ok && (strchr(pattern, '@') || svi_buffer_add_text(name, "@%s", host));
}

static bool is_sound(const char *name)
{
    const char *at = strchr(name, '@');
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("/\\'\"*?[]", *c))
            return false;
    return at && at > name && at[1] && !strchr(at + 1, '@');
}

bool svi_node_name(char into[SVI_NODE_NAME_SIZE], const char *pattern, const char *host, struct svi_error *err)
{
    struct svi_buffer name;
    svi_buffer_init(&name, SVI_NODE_NAME_SIZE - 1);
    bool ok = expand(&name, pattern, host) && is_sound((const char *)name.at)
              && svi_format(into, SVI_NODE_NAME_SIZE, "%s", (const char *)name.at);
    svi_buffer_clear(&name);
    return ok
           || svi_fail(
               err, SVI_BAD_USAGE,
               "The node's name \"%.60s\" cannot be: it is NAME@HOST, with %%h, %%n or %%d for this host, and shorter than %d.",
               pattern, SVI_NODE_NAME_SIZE);
}
