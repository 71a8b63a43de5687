/* celery_message.h - a message as kombu's transports carry it: a body with its content type, headers and properties. Knows no
 * sockets, and not what the message is about. */
#ifndef SVI_HOST_CELERY_MESSAGE_H
#define SVI_HOST_CELERY_MESSAGE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"

enum { SVI_CELERY_MESSAGE_LIMIT_BYTES = 16 << 20, SVI_CELERY_WORD_SIZE = 64 };

/* Starts as { 0 }, ends with svi_celery_message_clear. */
struct svi_celery_message {
    struct svi_buffer body; /* as the publisher wrote it: what a transport wraps around it is undone */
    char content_type[SVI_CELERY_WORD_SIZE], content_encoding[SVI_CELERY_WORD_SIZE];
    json_t *headers;    /* an object */
    json_t *properties; /* an object: correlation_id, reply_to, delivery_mode, priority, delivery_info, … */
};

/* A JSON message with both objects, empty: the body is the text of `body`. */
bool svi_celery_message_init(struct svi_celery_message *message, const json_t *body, struct svi_error *err);
void svi_celery_message_clear(struct svi_celery_message *message);

/* The one JSON text in which Redis and folders carry a message. Anything that is not such a text: SVI_BAD_ANSWER, nothing to
 * clear. What kombu lets be absent may be absent. */
bool svi_celery_envelope_read(struct svi_celery_message *out, struct svi_bytes text, struct svi_error *err);

/* Appends the text; the body goes as base64. Adds nothing: delivery_tag and delivery_info stand in the properties, or not. */
bool svi_celery_envelope_write(struct svi_buffer *out, const struct svi_celery_message *message, struct svi_error *err);

/* The body as a tree. Anything but JSON in UTF-8, plain or packed with zlib: SVI_BAD_ANSWER. What Python writes beyond JSON, NaN
 * and Infinity, is null. Here and above no message tells anything of a content. */
json_t *svi_celery_message_json(const struct svi_celery_message *message, struct svi_error *err);

#endif
