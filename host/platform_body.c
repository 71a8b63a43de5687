#include "host/platform_body.h"

#include "base/bytes.h"
#include "base/json.h"
#include "base/log.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FORM_BUFFER_BYTES = 16 << 10 };

enum kind { NOTHING, JSON, FORM };

struct svi_platform_body {
    enum kind kind;
    struct svi_platform_files *files;
    uint64_t limit_bytes, seen_bytes;
    unsigned refused;
    struct svi_error fault;

    struct svi_buffer text; /* of JSON, or of the field that is being read */
    size_t text_bytes;      /* of all fields so far */
    json_t *fields;

    struct MHD_PostProcessor *form;
    char field[SVI_PLATFORM_NAME_BYTES]; /* the part that is being read; "" before the first */
    bool is_file;
    uint64_t part_bytes;
    struct svi_platform_part *parts;
    size_t part_count, part_room;
};

static void forget_parts(struct svi_platform_body *body)
{
    for (size_t i = 0; i < body->part_count; i++)
        svi_platform_upload_close(body->parts[i].upload);
    body->part_count = 0;
}

/* Always false. */
static bool refuse(struct svi_platform_body *body, unsigned status, const char *message)
{
    if (!body->refused) {
        body->refused = status;
        svi_fail(&body->fault, SVI_BAD_PARAMETER, "%s", message);
        if (status == 500)
            svi_log(SVI_LOG_ERROR, "platform: %s (%s)", body->fault.message, body->fault.cause);
    }
    forget_parts(body);
    svi_buffer_clear(&body->text);
    return false;
}

/* Refuses with what a function below has written into body->fault. */
static bool refuse_fault(struct svi_platform_body *body)
{
    return refuse(body, body->fault.status == SVI_BAD_PARAMETER ? 400 : 500, body->fault.message);
}

/* --- the parts of a form --- */

/* Browsers and curl write quotes and line ends in a part's names as %22, %0D, %0A, and nothing else so (WHATWG). */
static bool read_name(char *into, size_t size, const char *name)
{
    static const char codes[][4] = { "%22", "%0D", "%0A" };
    static const char meant[] = { '"', '\r', '\n' };
    size_t length = 0;
    while (*name) {
        char c = *name;
        size_t step = 1;
        for (size_t i = 0; i < sizeof meant; i++)
            if (!strncasecmp(name, codes[i], 3)) {
                c = meant[i];
                step = 3;
            }
        if (length + 1 >= size)
            return false;
        into[length++] = c;
        name += step;
    }
    into[length] = '\0';
    return length > 0 && svi_utf8_valid(svi_bytes_of(into));
}

static bool end_field(struct svi_platform_body *body)
{
    const char *text = body->text.at ? (const char *)body->text.at : "";
    json_t *value = memchr(text, 0, body->text.count) ? NULL : json_stringn(text, body->text.count);
    bool twice = json_object_get(body->fields, body->field) != NULL;
    int failed = value ? json_object_set_new(body->fields, body->field, value) : 0;
    svi_buffer_clear(&body->text);
    if (!value)
        return refuse(body, 400, "A field of the form is not UTF-8 text.");
    if (twice)
        return refuse(body, 400, "A field stands twice in the form.");
    return !failed || refuse(body, 500, "The machine has not enough memory.");
}

/* The part that was being read is complete. */
static bool end_part(struct svi_platform_body *body)
{
    if (!body->field[0])
        return true;
    bool ok = body->is_file
                  ? svi_platform_upload_finish(body->parts[body->part_count - 1].upload, &body->fault) || refuse_fault(body)
                  : end_field(body);
    body->field[0] = '\0';
    return ok;
}

static bool begin_file(struct svi_platform_body *body, const char *filename, const char *content_type)
{
    char name[4 * SVI_PLATFORM_NAME_BYTES];
    if (!read_name(name, sizeof name, filename))
        return refuse(body, 400, "The name of a file is empty, too long, or not UTF-8.");
    if (body->part_count == SVI_PLATFORM_MAX_PARTS)
        return refuse(body, 400, "There are too many files in the form.");
    if (body->part_count == body->part_room) {
        size_t room = body->part_room ? 2 * body->part_room : 4;
        struct svi_platform_part *parts = realloc(body->parts, room * sizeof *parts);
        if (!parts)
            return refuse(body, 500, "The machine has not enough memory.");
        body->parts = parts;
        body->part_room = room;
    }
    struct svi_platform_part *part = &body->parts[body->part_count];
    if (!svi_platform_upload_open(&part->upload, body->files, name, content_type, &body->fault))
        return refuse_fault(body);
    svi_format(part->field, sizeof part->field, "%s", body->field);
    body->part_count++;
    return true;
}

static bool begin_part(struct svi_platform_body *body, const char *key, const char *filename, const char *content_type)
{
    if (!end_part(body))
        return false;
    if (!key || !read_name(body->field, sizeof body->field, key)) {
        body->field[0] = '\0';
        return refuse(body, 400, "The name of a field is empty, too long, or not UTF-8.");
    }
    body->is_file = filename != NULL;
    body->part_bytes = 0;
    return !body->is_file || begin_file(body, filename, content_type);
}

static bool add_to_part(struct svi_platform_body *body, const char *bytes, size_t count)
{
    body->part_bytes += count;
    if (body->is_file)
        return svi_platform_upload_write(body->parts[body->part_count - 1].upload, bytes, count, &body->fault)
               || refuse_fault(body);
    body->text_bytes += count;
    return (body->text_bytes <= SVI_PLATFORM_TEXT_LIMIT_BYTES && svi_buffer_add(&body->text, bytes, count))
           || refuse(body, 413, "The text fields of the form are too large.");
}

/* The parser names the part with every piece of it. A part begins at offset 0, where pieces of no bytes may come before the first.
 */
static bool is_same_part(const struct svi_platform_body *body, const char *key, const char *filename, uint64_t offset)
{
    char name[SVI_PLATFORM_NAME_BYTES];
    if (offset > 0)
        return true;
    return body->field[0] && body->part_bytes == 0 && body->is_file == (filename != NULL) && key
           && read_name(name, sizeof name, key) && !strcmp(name, body->field);
}

static enum MHD_Result on_part(void *self, enum MHD_ValueKind kind, const char *key, const char *filename, const char *content_type,
                               const char *transfer_encoding, const char *data, uint64_t offset, size_t size)
{
    (void)kind;
    (void)transfer_encoding;
    struct svi_platform_body *body = self;
    if (body->refused)
        return MHD_NO;
    bool ok = (is_same_part(body, key, filename, offset) || begin_part(body, key, filename, content_type))
              && add_to_part(body, data, size);
    return ok ? MHD_YES : MHD_NO;
}

/* --- the whole --- */

/* True where the media type is that one, whatever parameters follow it. */
static bool is_type(const char *type, const char *wish)
{
    size_t length = strlen(wish);
    return !strncasecmp(type, wish, length) && (!type[length] || strchr("; \t", type[length]));
}

static void choose_kind(struct svi_platform_body *body, struct MHD_Connection *connection)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    if (!type) {
        body->kind = NOTHING;
    } else if (is_type(type, "application/json")) {
        body->kind = JSON;
    } else if (is_type(type, "multipart/form-data") || is_type(type, "application/x-www-form-urlencoded")) {
        body->kind = FORM;
        body->form = MHD_create_post_processor(connection, FORM_BUFFER_BYTES, on_part, body);
        if (!body->form)
            refuse(body, 400, "The form has no usable boundary.");
    } else {
        refuse(body, 415, "The body is neither JSON nor a form.");
    }
}

bool svi_platform_body_open(struct svi_platform_body **out, struct MHD_Connection *connection, struct svi_platform_files *files,
                            uint64_t limit_bytes, struct svi_error *err)
{
    *out = NULL;
    struct svi_platform_body *body = calloc(1, sizeof *body);
    json_t *fields = json_object();
    if (!body || !fields) {
        free(body);
        json_decref(fields);
        return svi_fail_memory(err, sizeof *body);
    }
    body->files = files;
    body->limit_bytes = limit_bytes;
    body->fields = fields;
    svi_buffer_init(&body->text, SVI_PLATFORM_TEXT_LIMIT_BYTES);
    choose_kind(body, connection);
    *out = body;
    return true;
}

void svi_platform_body_close(struct svi_platform_body *body)
{
    if (!body)
        return;
    if (body->form) {
        refuse(body, 400, "The request was not finished."); /* the parser hands over what it still holds */
        MHD_destroy_post_processor(body->form);
    }
    forget_parts(body);
    free(body->parts);
    svi_buffer_clear(&body->text);
    json_decref(body->fields);
    free(body);
}

void svi_platform_body_add(struct svi_platform_body *body, const char *bytes, size_t count)
{
    if (body->refused)
        return;
    body->seen_bytes += count;
    if (body->seen_bytes > body->limit_bytes) {
        refuse(body, 413, "The request is larger than this platform takes.");
        return;
    }
    switch (body->kind) {
    case NOTHING:
        refuse(body, 415, "The body is neither JSON nor a form.");
        return;
    case JSON:
        if (!svi_buffer_add(&body->text, bytes, count))
            refuse(body, 413, "The JSON text is larger than this platform takes.");
        return;
    case FORM:
        if (MHD_post_process(body->form, bytes, count) != MHD_YES)
            refuse(body, 400, "The form cannot be read.");
    }
}

static void end_json(struct svi_platform_body *body)
{
    struct svi_bytes text = { body->text.at, body->text.count };
    json_t *tree = text.count ? svi_json_parse(text, "The body", SVI_BAD_PARAMETER, &body->fault) : json_object();
    if (!tree) {
        refuse_fault(body);
        return;
    }
    if (json_is_object(tree)) {
        json_decref(body->fields);
        body->fields = tree;
        return;
    }
    svi_fail(&body->fault, SVI_BAD_PARAMETER, "The body is %s where an object is expected.", svi_json_kind(tree));
    json_decref(tree);
    refuse_fault(body);
}

void svi_platform_body_end(struct svi_platform_body *body)
{
    if (body->refused)
        return;
    if (body->kind == JSON)
        end_json(body);
    if (!body->form)
        return;
    struct MHD_PostProcessor *form = body->form;
    body->form = NULL;
    if (MHD_destroy_post_processor(form) != MHD_YES)
        refuse(body, 400, "The form ends too early.");
    else
        end_part(body);
}

unsigned svi_platform_body_refused(const struct svi_platform_body *body, const char **message)
{
    *message = body->fault.message;
    return body->refused;
}

const json_t *svi_platform_body_fields(const struct svi_platform_body *body)
{
    return body->fields;
}

bool svi_platform_body_is_form(const struct svi_platform_body *body)
{
    return body->kind == FORM;
}

struct svi_bytes svi_platform_body_text(const struct svi_platform_body *body, const char *name)
{
    const json_t *value = json_object_get(body->fields, name);
    if (value && body->kind == FORM)
        return svi_bytes_of(json_string_value(value));
    if (!value || json_object_size(body->fields) != 1)
        return (struct svi_bytes){ 0 };
    /* The body is valid JSON, so the value lies between the first colon (the name has none) and the last brace. */
    const uint8_t *from = (const uint8_t *)memchr(body->text.at, ':', body->text.count) + 1;
    const uint8_t *to = body->text.at + body->text.count;
    while (*--to != '}')
        continue;
    return (struct svi_bytes){ from, (size_t)(to - from) };
}

const struct svi_platform_part *svi_platform_body_parts(const struct svi_platform_body *body, size_t *count)
{
    *count = body->part_count;
    return body->parts;
}
