/* renderer_message.h - what the supervisor and a renderer say to each other: small JSON objects, one in each datagram of a socket
 * pair; one that is too long for that lies in a sealed file without a name, which comes along (docs/renderer-protocol.md). Knows
 * neither processes nor limits of time. */
#ifndef SVI_HOST_RENDERER_MESSAGE_H
#define SVI_HOST_RENDERER_MESSAGE_H

#include "base/json.h"
#include "capture/capture.h"
#include "visual/render.h"

enum { SVI_MESSAGE_MAX_BYTES = 65536, SVI_MESSAGE_LONGEST_BYTES = 64 << 20, SVI_RENDERER_FD = 3, SVI_STAGE_SIZE = 32 };

/* The pictures of one job. */
struct svi_order {
    const char *folder;           /* absolute; results appear in it */
    const char *type;             /* "waterfall"; the config's key `types` may name more */
    const json_t *config;         /* an object, JSON null or NULL */
    const struct svi_file *files; /* of the recording, absolute paths */
    size_t file_count;
    const char *stft; /* engine, or NULL */
    bool save_data;
};

/* The tree of an order, which the caller ends with json_decref; NULL where a text is not UTF-8 or there is no memory. */
json_t *svi_order_write(const struct svi_order *order);

/* The order in a tree. Texts point into the tree; `files` is freed with free(). */
bool svi_order_read(struct svi_order *order, const json_t *message, struct svi_error *err);

json_t *svi_cancel_write(void);
json_t *svi_progress_write(double share, const char *stage);
json_t *svi_done_write(const struct svi_result *results, size_t count); /* all but those of kind SVI_RESULT_LOCAL */
json_t *svi_failed_write(const struct svi_error *err);

/* The word under "message", "" where there is none. */
const char *svi_message_kind(const json_t *message);

/* A message from outside, checked: share in 0…1, texts printable. False: it is not such a message. */
bool svi_progress_read(const json_t *message, double *share, char stage[SVI_STAGE_SIZE]);
bool svi_failed_read(const json_t *message, struct svi_error *err);

/* Names have no slash; there is at least one picture and one summary. */
bool svi_done_read(const json_t *message, struct svi_result results[SVI_MAX_RESULTS], size_t *count);

enum svi_sent { SVI_SENT, SVI_SENT_NOT, SVI_SENT_TOO_LONG, SVI_SENT_TO_NOBODY };

/* Takes the message, NULL included, and ends it. wait: until there is room; otherwise a message for which there is none is dropped.
 */
enum svi_sent svi_message_send(int fd, json_t *message, bool wait);

enum svi_received { SVI_RECEIVED, SVI_RECEIVED_NOTHING, SVI_RECEIVED_END, SVI_RECEIVED_GARBAGE };

/* Does not wait. The caller ends *out with json_decref; it is set for SVI_RECEIVED alone. long_ones: takes messages that lie in a
 * file beside their datagram, too; only from who is trusted. */
enum svi_received svi_message_receive(int fd, bool long_ones, json_t **out);

#endif
