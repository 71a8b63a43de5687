#include "host/broker_url.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_URLS = 16, MOST_TEXT = 4096 };

struct scheme {
    const char *name;
    enum svi_broker_transport transport;
    bool tls, path; /* path: what stands behind "://" is one, user and password aside */
    int port;
};

static const struct scheme schemes[] = {
    { "redis", SVI_BROKER_REDIS, false, false, 6379 },    { "rediss", SVI_BROKER_REDIS, true, false, 6379 },
    { "redis+socket", SVI_BROKER_REDIS, false, true, 0 }, { "amqp", SVI_BROKER_AMQP, false, false, 5672 },
    { "pyamqp", SVI_BROKER_AMQP, false, false, 5672 },    { "amqps", SVI_BROKER_AMQP, true, false, 5671 },
    { "filesystem", SVI_BROKER_FOLDER, false, true, 0 },
};

/* A part of the URL that is read. */
struct span {
    const char *at;
    size_t count;
};

static struct span span_of(const char *from, const char *end)
{
    return (struct span){ from, (size_t)(end - from) };
}

/* The first of any of these characters, or the end. */
static const char *first_of(struct span text, const char *any)
{
    size_t at = 0;
    while (at < text.count && !strchr(any, text.at[at]))
        at++;
    return text.at + at;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* With %41 as A. What is no sound text in the end is refused. */
static char *decode(struct span text, struct svi_error *err)
{
    char *into = malloc(text.count + 1), *end = into;
    if (!into) {
        svi_fail_memory(err, text.count);
        return NULL;
    }
    bool sound = true;
    for (size_t i = 0; i < text.count; i++) {
        int high = -1, low = -1;
        if (text.at[i] == '%' && text.count - i > 2) {
            high = hex_digit(text.at[i + 1]);
            low = hex_digit(text.at[i + 2]);
        }
        bool coded = high >= 0 && low >= 0;
        *end++ = (char)(coded ? high << 4 | low : text.at[i]);
        i += coded ? 2 : 0;
        sound = sound && (unsigned char)end[-1] >= 0x20 && end[-1] != 0x7F;
    }
    *end = '\0';
    if (sound && svi_utf8_valid(svi_bytes_of(into)))
        return into;
    explicit_bzero(into, text.count);
    free(into);
    svi_fail(err, SVI_BAD_USAGE, "The broker's URL holds characters that no text has.");
    return NULL;
}

static bool read_part(char **into, struct span text, struct svi_error *err)
{
    *into = decode(text, err);
    return *into;
}

static bool read_number(int *into, struct span text, int most, const char *what, struct svi_error *err)
{
    int number = 0;
    for (size_t i = 0; i < text.count; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || number > most)
            return svi_fail(err, SVI_BAD_USAGE, "The %s in the broker's URL is no number of 0 to %d.", what, most);
        number = 10 * number + (text.at[i] - '0');
    }
    *into = number;
    return (text.count && number <= most)
           || svi_fail(err, SVI_BAD_USAGE, "The %s in the broker's URL is no number of 0 to %d.", what, most);
}

/* "user:password" */
static bool read_credentials(struct svi_broker_url *out, struct span text, struct svi_error *err)
{
    const char *colon = first_of(text, ":"), *end = text.at + text.count;
    return read_part(&out->user, span_of(text.at, colon), err)
           && read_part(&out->password, span_of(colon < end ? colon + 1 : end, end), err);
}

/* "host", "host:port", "[::1]:port", ":port" */
static bool read_host(struct svi_broker_url *out, struct span text, const struct scheme *scheme, struct svi_error *err)
{
    const char *end = text.at + text.count, *from = text.at, *host_end = first_of(text, ":");
    if (text.count && *from == '[') {
        host_end = first_of(text, "]");
        if (host_end == end)
            return svi_fail(err, SVI_BAD_USAGE, "The host in the broker's URL has a bracket without its other one.");
        from++;
    }
    if (!read_part(&out->host, span_of(from, host_end), err))
        return false;
    if (!out->host[0]) {
        free(out->host);
        if (!read_part(&out->host, (struct span){ "localhost", 9 }, err))
            return false;
    }
    const char *port = host_end < end && *host_end == ']' ? host_end + 1 : host_end;
    out->port = scheme->port;
    if (port == end)
        return true;
    if (*port != ':')
        return svi_fail(err, SVI_BAD_USAGE, "What follows the host in the broker's URL is no port.");
    return port + 1 == end
           || (read_number(&out->port, span_of(port + 1, end), 65535, "port", err)
               && (out->port > 0 || svi_fail(err, SVI_BAD_USAGE, "The port in the broker's URL is 0.")));
}

static bool read_query(struct svi_broker_url *out, struct span text, struct svi_error *err)
{
    out->query = json_object();
    bool ok = out->query || svi_fail_memory(err, sizeof(json_t));
    while (ok && text.count) {
        const char *end = first_of(text, "&"), *equals = first_of(span_of(text.at, end), "=");
        char *key = NULL, *value = NULL;
        if (equals < end) {
            ok = read_part(&key, span_of(text.at, equals), err) && read_part(&value, span_of(equals + 1, end), err);
            ok = ok && (json_object_set_new(out->query, key, json_string(value)) == 0 || svi_fail_memory(err, sizeof(json_t)));
        }
        free(key);
        free(value);
        size_t read = (size_t)(end - text.at) + (end < text.at + text.count);
        text = (struct span){ text.at + read, text.count - read };
    }
    return ok;
}

/* Redis: "/1", or ?virtual_host=1. AMQP: "/vhost", where none, or an empty one, is "/". */
static bool read_place(struct svi_broker_url *out, struct span path, struct svi_error *err)
{
    struct span name = path.count ? (struct span){ path.at + 1, path.count - 1 } : path;
    const char *asked = json_string_value(json_object_get(out->query, "virtual_host"));
    if (out->transport == SVI_BROKER_AMQP) {
        if (!name.count || (name.count == 1 && *name.at == '/'))
            name = (struct span){ "/", 1 };
        return read_part(&out->virtual_host, name, err);
    }
    if (out->transport == SVI_BROKER_REDIS && asked)
        name = (struct span){ asked, strlen(asked) };
    while (out->transport == SVI_BROKER_REDIS && name.count && name.at[name.count - 1] == '/')
        name.count--;
    return out->transport != SVI_BROKER_REDIS || !name.count || read_number(&out->database, name, 1 << 20, "database", err);
}

static bool fill_up(struct svi_broker_url *out, struct svi_error *err)
{
    char **const texts[] = { &out->user, &out->password, &out->host, &out->path, &out->virtual_host };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!*texts[i] && !(*texts[i] = strdup("")))
            return svi_fail_memory(err, 1);
    return true;
}

/* AMQP without a name is guest, as for every client of it. */
static bool fill_in_guest(struct svi_broker_url *out, struct svi_error *err)
{
    bool nobody = !out->user[0] && !out->password[0];
    char *user = out->user[0] ? strdup(out->user) : strdup("guest"), *password = nobody ? strdup("guest") : NULL;
    free(out->user);
    out->user = user;
    if (password) {
        free(out->password);
        out->password = password;
    }
    return (user && (password || !nobody)) || svi_fail_memory(err, 8);
}

static const struct scheme *scheme_of(struct span text, struct span *rest, struct svi_error *err)
{
    const char *colon = first_of(text, ":");
    size_t length = (size_t)(colon - text.at);
    bool named = text.count - length >= 3 && memcmp(colon, "://", 3) == 0;
    for (size_t i = 0; named && i < sizeof schemes / sizeof *schemes; i++)
        if (strlen(schemes[i].name) == length && memcmp(schemes[i].name, text.at, length) == 0) {
            *rest = (struct span){ colon + 3, text.count - length - 3 };
            return &schemes[i];
        }
    if (named && length == strlen("sentinel") && memcmp(text.at, "sentinel", length) == 0)
        svi_fail(err, SVI_BAD_USAGE, "Redis Sentinel is not supported: name the master with redis://.");
    else
        svi_fail(err, SVI_BAD_USAGE,
                 "The broker's URL begins with none of redis://, rediss://, redis+socket://, amqp://, amqps://, filesystem://.");
    return NULL;
}

static bool read_url(struct svi_broker_url *out, struct span text, struct svi_error *err)
{
    struct span rest;
    const struct scheme *scheme = scheme_of(text, &rest, err);
    if (!scheme)
        return false;
    out->transport = scheme->transport;
    out->tls = scheme->tls;
    const char *end = rest.at + rest.count, *slash = first_of(rest, "/"), *at = slash;
    while (at > rest.at && at[-1] != '@')
        at--;
    struct span credentials = at > rest.at ? span_of(rest.at, at - 1) : (struct span){ rest.at, 0 };
    const char *question = first_of(span_of(at, end), "?"), *place = slash < question ? slash : question;
    struct span query = question < end ? span_of(question + 1, end) : (struct span){ end, 0 };
    if (!read_query(out, query, err) || !read_credentials(out, credentials, err))
        return false;
    bool ok = scheme->path ? read_part(&out->path, span_of(at, question), err) : read_host(out, span_of(at, place), scheme, err);
    if (ok && scheme->path && out->path[0] != '/')
        ok = svi_fail(err, SVI_BAD_USAGE, "The broker's URL names no absolute path: %s:///absolute/path.", scheme->name);
    ok = ok && read_place(out, scheme->path ? (struct span){ end, 0 } : span_of(place, question), err) && fill_up(out, err);
    return ok && (out->transport != SVI_BROKER_AMQP || fill_in_guest(out, err));
}

bool svi_broker_urls_parse(struct svi_broker_urls *out, const char *text, struct svi_error *err)
{
    *out = (struct svi_broker_urls){ 0 };
    if (strlen(text) > MOST_TEXT)
        return svi_fail(err, SVI_BAD_USAGE, "The broker's URL is longer than %d bytes.", MOST_TEXT);
    out->at = calloc(MOST_URLS, sizeof *out->at);
    if (!out->at)
        return svi_fail_memory(err, MOST_URLS * sizeof *out->at);
    bool ok = true;
    while (ok && *text) {
        struct span one = { text, strcspn(text, ";") };
        text += one.count + (text[one.count] == ';');
        if (!one.count)
            continue;
        ok = out->count < MOST_URLS ? read_url(&out->at[out->count++], one, err)
                                    : svi_fail(err, SVI_BAD_USAGE, "More than %d brokers are named.", MOST_URLS);
        if (ok && out->at[out->count - 1].transport != out->at[0].transport)
            ok = svi_fail(err, SVI_BAD_USAGE, "The brokers that are tried in turn must be of one kind.");
    }
    ok = ok && (out->count || svi_fail(err, SVI_BAD_USAGE, "The broker's URL is empty."));
    if (!ok)
        svi_broker_urls_clear(out);
    return ok;
}

void svi_broker_urls_clear(struct svi_broker_urls *urls)
{
    for (size_t i = 0; i < urls->count; i++) {
        struct svi_broker_url *url = &urls->at[i];
        if (url->password)
            explicit_bzero(url->password, strlen(url->password));
        free(url->user);
        free(url->password);
        free(url->host);
        free(url->path);
        free(url->virtual_host);
        json_decref(url->query);
    }
    free(urls->at);
    *urls = (struct svi_broker_urls){ 0 };
}

void svi_broker_url_show(const struct svi_broker_url *url, char *into, size_t size)
{
    struct svi_buffer text;
    char clean[512];
    svi_buffer_init(&text, 4 * MOST_TEXT);
    bool socket = url->transport == SVI_BROKER_REDIS && url->path[0], ipv6 = strchr(url->host, ':');
    const char *scheme = url->transport == SVI_BROKER_AMQP ? "amqp" : url->transport == SVI_BROKER_REDIS ? "redis" : "filesystem";
    svi_buffer_add_text(&text, "%s%s://%s%s%s", scheme,
                        socket     ? "+socket"
                        : url->tls ? "s"
                                   : "",
                        url->user, url->password[0] ? ":**" : "", url->user[0] || url->password[0] ? "@" : "");
    if (url->path[0])
        svi_buffer_add_text(&text, "%s", url->path);
    else
        svi_buffer_add_text(&text, "%s%s%s:%d", ipv6 ? "[" : "", url->host, ipv6 ? "]" : "", url->port);
    if (url->transport == SVI_BROKER_AMQP)
        svi_buffer_add_text(&text, "/%s", strcmp(url->virtual_host, "/") == 0 ? "" : url->virtual_host);
    else if (url->transport == SVI_BROKER_REDIS)
        svi_buffer_add_text(&text, socket ? "?virtual_host=%d" : "/%d", url->database);
    svi_text_clean(clean, sizeof clean, text.at ? (const char *)text.at : "");
    svi_format(into, size, "%s", clean);
    svi_buffer_clear(&text);
}
