#include "host/celery_message.h"

#include "base/base64.h"
#include "host/mask.h"
#include "host/python_json.h"

#include <isa-l.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool svi_celery_message_init(struct svi_celery_message *message, const json_t *body, struct svi_error *err)
{
    *message = (struct svi_celery_message){ .content_type = "application/json", .content_encoding = "utf-8" };
    svi_buffer_init(&message->body, SVI_CELERY_MESSAGE_LIMIT_BYTES);
    message->headers = json_object();
    message->properties = json_object();
    if (!message->headers || !message->properties)
        svi_fail_memory(err, sizeof *message);
    else if (svi_json_write(&message->body, body, err))
        return true;
    svi_celery_message_clear(message);
    return false;
}

void svi_celery_message_clear(struct svi_celery_message *message)
{
    if (message->body.at)
        explicit_bzero(message->body.at, message->body.room);
    svi_buffer_clear(&message->body);
    json_decref(message->headers);
    json_decref(message->properties);
    *message = (struct svi_celery_message){ 0 };
}

static bool no_envelope(struct svi_error *err, const char *what, const json_t *found)
{
    return svi_fail(err, SVI_BAD_ANSWER, "A message is not as Celery writes it: %s is %s.", what, svi_json_kind(found));
}

static bool read_word(char into[SVI_CELERY_WORD_SIZE], const json_t *envelope, const char *key, struct svi_error *err)
{
    const json_t *value = json_object_get(envelope, key);
    if (value && !json_is_null(value) && !json_is_string(value))
        return no_envelope(err, key, value);
    const char *text = json_string_value(value);
    return svi_format(into, SVI_CELERY_WORD_SIZE, "%s", text ? text : "")
           || svi_fail(err, SVI_BAD_ANSWER, "A message is not as Celery writes it: %s is longer than %d bytes.", key,
                       SVI_CELERY_WORD_SIZE - 1);
}

static bool read_object(json_t **into, const json_t *envelope, const char *key, struct svi_error *err)
{
    json_t *value = json_object_get(envelope, key);
    if (value && !json_is_null(value) && !json_is_object(value))
        return no_envelope(err, key, value);
    *into = json_is_object(value) ? json_incref(value) : json_object();
    return *into || svi_fail_memory(err, sizeof(json_t));
}

static bool read_base64(struct svi_buffer *into, struct svi_bytes text, struct svi_error *err)
{
    uint8_t *room = malloc(text.count / 4 * 3 + 1);
    size_t count;
    if (!room)
        return svi_fail_memory(err, text.count);
    bool ok = svi_base64_read(room, &count, text) || svi_fail(err, SVI_BAD_ANSWER, "The body of a message is not valid base64.");
    ok = ok && (svi_buffer_add(into, room, count) || svi_fail_memory(err, count));
    explicit_bzero(room, text.count / 4 * 3 + 1);
    free(room);
    return ok;
}

static bool read_body(struct svi_celery_message *out, const json_t *envelope, struct svi_error *err)
{
    const json_t *value = json_object_get(envelope, "body");
    if (value && !json_is_null(value) && !json_is_string(value))
        return no_envelope(err, "body", value);
    struct svi_bytes text = { (const uint8_t *)json_string_value(value), json_string_length(value) };
    const char *encoding = json_string_value(json_object_get(out->properties, "body_encoding"));
    if (!text.count)
        return true;
    if (encoding && strcmp(encoding, "base64") == 0)
        return read_base64(&out->body, text, err);
    return svi_buffer_add(&out->body, text.at, text.count) || svi_fail_memory(err, text.count);
}

bool svi_celery_envelope_read(struct svi_celery_message *out, struct svi_bytes text, struct svi_error *err)
{
    *out = (struct svi_celery_message){ 0 };
    svi_buffer_init(&out->body, SVI_CELERY_MESSAGE_LIMIT_BYTES);
    if (text.count > SVI_CELERY_MESSAGE_LIMIT_BYTES)
        return svi_fail(err, SVI_BAD_ANSWER, "A message has %zu bytes; %d are the most.", text.count,
                        SVI_CELERY_MESSAGE_LIMIT_BYTES);
    json_t *envelope = svi_python_json(text, "A message", err);
    if (!envelope)
        return false;
    bool ok = json_is_object(envelope) || no_envelope(err, "the whole", envelope);
    ok = ok && read_word(out->content_type, envelope, "content-type", err)
         && read_word(out->content_encoding, envelope, "content-encoding", err)
         && read_object(&out->headers, envelope, "headers", err) && read_object(&out->properties, envelope, "properties", err)
         && read_body(out, envelope, err);
    svi_mask_wipe(json_object_get(envelope, "body"));
    json_decref(envelope);
    if (!ok)
        svi_celery_message_clear(out);
    return ok;
}

static json_t *base64_text(const struct svi_buffer *body)
{
    size_t length = svi_base64_length(body->count);
    char *text = malloc(length + 1);
    if (!text)
        return NULL;
    svi_base64_write(text, (struct svi_bytes){ body->at, body->count });
    json_t *value = json_stringn_nocheck(text, length);
    explicit_bzero(text, length);
    free(text);
    return value;
}

bool svi_celery_envelope_write(struct svi_buffer *out, const struct svi_celery_message *message, struct svi_error *err)
{
    json_t *properties = message->properties ? json_copy(message->properties) : json_object(), *body = base64_text(&message->body);
    json_t *envelope = json_pack("{s:O, s:s, s:s, s:O, s:O}", "body", body, "content-encoding", message->content_encoding,
                                 "content-type", message->content_type, "headers", message->headers, "properties", properties);
    bool ok = envelope && json_object_set_new(properties, "body_encoding", json_string("base64")) == 0;
    ok = ok ? svi_json_write(out, envelope, err) : svi_fail_memory(err, message->body.count);
    svi_mask_wipe(body);
    json_decref(envelope);
    json_decref(body);
    json_decref(properties);
    return ok;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcasecmp(word, *words) != 0)
        words++;
    return *words;
}

/* A zlib stream (RFC 1950). A thousand times as much is the most that zlib can make of bytes. */
static bool unpack(struct svi_buffer *into, const struct svi_buffer *body, struct svi_error *err)
{
    const size_t most = body->count < SVI_CELERY_MESSAGE_LIMIT_BYTES / 1040 ? body->count * 1040 + 64
                                                                            : SVI_CELERY_MESSAGE_LIMIT_BYTES;
    struct inflate_state *state = malloc(sizeof *state);
    uint8_t *room = malloc(most);
    bool ok = (state && room) || svi_fail_memory(err, most);
    size_t count = 0;
    if (ok) {
        isal_inflate_init(state);
        state->crc_flag = ISAL_ZLIB; /* the checksum, too */
        state->next_in = body->at;
        state->avail_in = (uint32_t)body->count;
        state->next_out = room;
        state->avail_out = (uint32_t)most;
        const bool whole = isal_inflate(state) == ISAL_DECOMP_OK && state->block_state == ISAL_BLOCK_FINISH;
        count = most - state->avail_out;
        if (!whole && count == most)
            ok = svi_fail(err, SVI_BAD_ANSWER, "The body of a message is larger than %d bytes.", SVI_CELERY_MESSAGE_LIMIT_BYTES);
        else if (!whole)
            ok = svi_fail(err, SVI_BAD_ANSWER, "The body of a message is not packed as it says.");
    }
    ok = ok && (svi_buffer_add(into, room, count) || svi_fail_memory(err, count));
    if (state)
        explicit_bzero(state, sizeof *state);
    if (room)
        explicit_bzero(room, count);
    free(state);
    free(room);
    return ok;
}

json_t *svi_celery_message_json(const struct svi_celery_message *message, struct svi_error *err)
{
    static const char *const encodings[] = { "", "utf-8", "utf8", "us-ascii", "ascii", NULL };
    static const char *const packings[] = { "application/x-gzip", "gzip", "zlib", NULL }; /* all three are zlib for kombu */
    const json_t *packing = json_object_get(message->headers, "compression");
    bool packed = packing && !json_is_null(packing);
    if (strcmp(message->content_type, "application/json") != 0) {
        svi_fail(err, SVI_BAD_ANSWER, "The body of a message is not JSON, the only content type that is accepted.");
        return NULL;
    }
    if (!is_one_of(message->content_encoding, encodings)) {
        svi_fail(err, SVI_BAD_ANSWER, "The body of a message is not UTF-8, the only encoding that is accepted.");
        return NULL;
    }
    if (packed && !(json_is_string(packing) && is_one_of(json_string_value(packing), packings))) {
        svi_fail(err, SVI_BAD_ANSWER, "The body of a message is packed in a way that is not accepted: zlib is.");
        return NULL;
    }
    if (!packed)
        return svi_python_json((struct svi_bytes){ message->body.at, message->body.count }, "The body of a message", err);
    struct svi_buffer plain;
    svi_buffer_init(&plain, SVI_CELERY_MESSAGE_LIMIT_BYTES);
    json_t *tree = NULL;
    if (unpack(&plain, &message->body, err))
        tree = svi_python_json((struct svi_bytes){ plain.at, plain.count }, "The body of a message", err);
    if (plain.at)
        explicit_bzero(plain.at, plain.count);
    svi_buffer_clear(&plain);
    return tree;
}
