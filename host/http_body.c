#include "host/http_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_LIMIT_BYTES = 64 << 20 };

struct source {
    size_t after; /* so much of the text comes before it */
    uint64_t left;
    int fd;
};

/* All that stands between the files is one text. */
struct svi_http_body {
    struct svi_buffer text;
    size_t given; /* of the text */
    uint64_t bytes;
    size_t count, next;
    struct source sources[];
};

static bool fail_source(const char *why, struct svi_error *err)
{
    return svi_fail(err, SVI_IO, "A result cannot be read.") || svi_because(err, "%s", why);
}

static bool open_source(struct source *source, const char *path, struct svi_error *err)
{
    struct stat about;
    source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0 || fstat(source->fd, &about) != 0)
        return fail_source(strerror(errno), err);
    source->left = (uint64_t)about.st_size;
    return S_ISREG(about.st_mode) || fail_source("it is no file", err);
}

/* As browsers write a name: what would end it is escaped. */
static bool add_name(struct svi_buffer *text, const char *what, const char *name)
{
    bool ok = svi_buffer_add_text(text, "; %s=\"", what);
    for (; ok && *name; name++)
        ok = strchr("\"\r\n", *name) ? svi_buffer_add_text(text, "%%%02X", (unsigned)*name) : svi_buffer_add(text, name, 1);
    return ok && svi_buffer_add(text, "\"", 1);
}

static bool begin_part(struct svi_http_body *body, const char *name, const char *boundary)
{
    return svi_buffer_add_text(&body->text, "--%s\r\nContent-Disposition: form-data", boundary)
           && add_name(&body->text, "name", name);
}

static bool add_field(struct svi_http_body *body, const struct svi_http_field *field, const char *boundary)
{
    return begin_part(body, field->name, boundary) && svi_buffer_add_text(&body->text, "\r\n\r\n%s\r\n", field->text);
}

static bool add_file(struct svi_http_body *body, const struct svi_http_file *file, const char *boundary, struct svi_error *err)
{
    struct source *source = &body->sources[body->count++];
    bool ok = open_source(source, file->path, err) && begin_part(body, file->name, boundary)
              && add_name(&body->text, "filename", file->name)
              && svi_buffer_add_text(&body->text, "\r\nContent-Type: %s\r\n\r\n", file->content_type);
    source->after = body->text.count;
    body->bytes += source->left;
    return ok && svi_buffer_add(&body->text, "\r\n", 2);
}

bool svi_http_body_open(struct svi_http_body **out, const struct svi_http_form *form, const char *boundary, struct svi_error *err)
{
    const size_t size = sizeof(struct svi_http_body) + form->file_count * sizeof(struct source);
    struct svi_http_body *body = calloc(1, size);
    if (!body)
        return svi_fail_memory(err, size);
    svi_buffer_init(&body->text, TEXT_LIMIT_BYTES);
    bool ok = true;
    for (size_t i = 0; ok && i < form->field_count; i++)
        ok = add_field(body, &form->fields[i], boundary);
    for (size_t i = 0; ok && i < form->file_count; i++)
        ok = add_file(body, &form->files[i], boundary, err);
    ok = ok && svi_buffer_add_text(&body->text, "--%s--\r\n", boundary);
    body->bytes += body->text.count;
    if (ok) {
        *out = body;
        return true;
    }
    svi_http_body_close(body);
    return svi_fail_memory(err, TEXT_LIMIT_BYTES);
}

void svi_http_body_close(struct svi_http_body *body)
{
    if (!body)
        return;
    for (size_t i = 0; i < body->count; i++)
        if (body->sources[i].fd >= 0)
            close(body->sources[i].fd);
    svi_buffer_clear(&body->text);
    free(body);
}

uint64_t svi_http_body_bytes(const struct svi_http_body *body)
{
    return body->bytes;
}

static size_t give_text(struct svi_http_body *body, uint8_t *into, size_t size)
{
    const size_t end = body->next < body->count ? body->sources[body->next].after : body->text.count;
    const size_t left = end - body->given, count = left < size ? left : size;
    memcpy(into, body->text.at + body->given, count);
    body->given += count;
    return count;
}

static bool is_file_next(const struct svi_http_body *body)
{
    return body->next < body->count && body->given == body->sources[body->next].after;
}

static bool give_file(struct svi_http_body *body, uint8_t *into, size_t size, size_t *given, struct svi_error *err)
{
    struct source *source = &body->sources[body->next];
    const ssize_t count = read(source->fd, into, source->left < size ? (size_t)source->left : size);
    if (count < 0)
        return fail_source(strerror(errno), err);
    if (count == 0 && source->left)
        return fail_source("it became shorter", err);
    source->left -= (uint64_t)count;
    body->next += !source->left;
    *given += (size_t)count;
    return true;
}

bool svi_http_body_give(struct svi_http_body *body, void *into, size_t size, size_t *given, struct svi_error *err)
{
    *given = 0;
    while (*given < size && body->given < body->text.count)
        if (!is_file_next(body))
            *given += give_text(body, (uint8_t *)into + *given, size - *given);
        else if (!give_file(body, (uint8_t *)into + *given, size - *given, given, err))
            return false;
    return true;
}
