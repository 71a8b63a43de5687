#include "host/renderer_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_FILES = 4096 };

json_t *svi_order_write(const struct svi_order *order)
{
    json_t *files = json_array();
    for (size_t i = 0; i < order->file_count; i++)
        if (json_array_append_new(files, json_pack("{s:s, s:s}", "path", order->files[i].path, "label", order->files[i].label))
            != 0) {
            json_decref(files);
            return NULL;
        }
    /* The tree only lives as long as the sending does, so it may share the caller's config. */
    json_t *config = order->config ? json_incref((json_t *)(uintptr_t)order->config) : json_null();
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s*, s:b}", "message", "order", "folder", order->folder, "type", order->type,
                     "config", config, "files", files, "stft", order->stft, "save_data", order->save_data);
}

bool svi_order_read(struct svi_order *order, const json_t *message, struct svi_error *err)
{
    json_t *config, *files;
    int save_data = 0;
    json_error_t fault;
    *order = (struct svi_order){ 0 };
    if (json_unpack_ex((json_t *)(uintptr_t)message, &fault, JSON_STRICT, "{s:s, s:s, s:s, s:o, s:o, s?s, s:b}", "message",
                       &(const char *){ NULL }, "folder", &order->folder, "type", &order->type, "config", &config, "files", &files,
                       "stft", &order->stft, "save_data", &save_data)
            != 0
        || !json_is_array(files) || !json_array_size(files) || json_array_size(files) > MAX_FILES)
        return svi_fail(err, SVI_BUG, "The renderer was given an order that it does not understand.")
               || svi_because(err, "%s", fault.text);
    size_t count = json_array_size(files);
    struct svi_file *list = calloc(count, sizeof *list);
    if (!list)
        return svi_fail_memory(err, count * sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (json_unpack(json_array_get(files, i), "{s:s, s:s}", "path", &list[i].path, "label", &list[i].label) != 0) {
            free(list);
            return svi_fail(err, SVI_BUG, "The renderer was given an order that it does not understand.")
                   || svi_because(err, "file %zu has no path or label", i);
        }
    order->config = config;
    order->files = list;
    order->file_count = count;
    order->save_data = save_data;
    return true;
}

json_t *svi_cancel_write(void)
{
    return json_pack("{s:s}", "message", "cancel");
}

json_t *svi_progress_write(double share, const char *stage)
{
    return json_pack("{s:s, s:f, s:s}", "message", "progress", "share", share, "stage", stage);
}

/* JSON texts are UTF-8; what drivers and file names say need not be. */
static json_t *any_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *copy = strdup(text);
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = copy ? json_string(copy) : NULL;
    free(copy);
    return value;
}

static const char *const kind_words[] = {
    [SVI_RESULT_PICTURE] = "picture", [SVI_RESULT_SUMMARY] = "summary", [SVI_RESULT_FILE] = "file"
};

enum { KIND_COUNT = sizeof kind_words / sizeof kind_words[0] };

json_t *svi_done_write(const struct svi_result *results, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (results[i].kind != SVI_RESULT_LOCAL)
            json_array_append_new(list, json_pack("{s:s, s:s}", "kind", kind_words[results[i].kind], "name", results[i].name));
    return json_pack("{s:s, s:o}", "message", "done", "results", list);
}

static bool read_result(const json_t *tree, struct svi_result *result)
{
    const char *kind = json_string_value(json_object_get(tree, "kind"));
    const char *name = json_string_value(json_object_get(tree, "name"));
    size_t i = 0;
    while (kind && i < KIND_COUNT && strcmp(kind, kind_words[i]) != 0)
        i++;
    result->kind = (enum svi_result_kind)i;
    return kind && i < KIND_COUNT && name && *name && *name != '.' && !strchr(name, '/')
           && svi_format(result->name, sizeof result->name, "%s", name);
}

bool svi_done_read(const json_t *message, struct svi_result results[SVI_MAX_RESULTS], size_t *count)
{
    const json_t *list = json_object_get(message, "results");
    bool seen[KIND_COUNT] = { false };
    *count = json_array_size(list);
    if (*count > SVI_MAX_RESULTS)
        return false;
    for (size_t i = 0; i < *count; i++) {
        if (!read_result(json_array_get(list, i), &results[i]))
            return false;
        seen[results[i].kind] = true;
    }
    return seen[SVI_RESULT_PICTURE] && seen[SVI_RESULT_SUMMARY];
}

json_t *svi_failed_write(const struct svi_error *err)
{
    return json_pack("{s:s, s:s, s:o, s:o}", "message", "failed", "code", svi_status_code(err->status), "error",
                     any_text(err->message), "cause", any_text(err->cause));
}

const char *svi_message_kind(const json_t *message)
{
    const char *kind = json_string_value(json_object_get(message, "message"));
    return kind ? kind : "";
}

bool svi_progress_read(const json_t *message, double *share, char stage[SVI_STAGE_SIZE])
{
    const json_t *number = json_object_get(message, "share");
    const char *text = json_string_value(json_object_get(message, "stage"));
    double value = json_number_value(number);
    if (!json_is_number(number) || !(value >= 0 && value <= 1) || !text || strlen(text) >= SVI_STAGE_SIZE)
        return false;
    for (const char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            return false;
    *share = value;
    return svi_format(stage, SVI_STAGE_SIZE, "%s", text);
}

bool svi_failed_read(const json_t *message, struct svi_error *err)
{
    const char *code = json_string_value(json_object_get(message, "code"));
    const char *text = json_string_value(json_object_get(message, "error"));
    const char *cause = json_string_value(json_object_get(message, "cause"));
    if (!code || !text || !*text)
        return false;
    enum svi_status status = svi_status_from_code(code);
    svi_fail(err, status == SVI_OK ? SVI_BUG : status, "%s", text);
    if (cause && *cause)
        svi_because(err, "%s", cause);
    return true;
}

enum svi_sent svi_message_send(int fd, json_t *message, bool wait)
{
    char text[SVI_MESSAGE_MAX_BYTES];
    size_t count = message ? json_dumpb(message, text, sizeof text, JSON_COMPACT) : 0;
    json_decref(message);
    if (!count)
        return SVI_SENT_NOT;
    if (count > sizeof text)
        return SVI_SENT_TOO_LONG;
    ssize_t sent;
    do
        sent = send(fd, text, count, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
    while (sent < 0 && errno == EINTR);
    return sent >= 0 ? SVI_SENT : errno == EAGAIN || errno == ENOBUFS ? SVI_SENT_NOT : SVI_SENT_TO_NOBODY;
}

enum svi_received svi_message_receive(int fd, json_t **out)
{
    uint8_t text[SVI_MESSAGE_MAX_BYTES];
    struct iovec piece = { text, sizeof text };
    struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };
    ssize_t count;
    do
        count = recvmsg(fd, &header, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN)
        return SVI_RECEIVED_NOTHING;
    if (count <= 0)
        return SVI_RECEIVED_END;
    if (header.msg_flags & MSG_TRUNC)
        return SVI_RECEIVED_GARBAGE;
    struct svi_error ignored = { 0 };
    *out = svi_json_parse((struct svi_bytes){ text, (size_t)count }, "A message", SVI_BUG, &ignored);
    if (json_is_object(*out))
        return SVI_RECEIVED;
    json_decref(*out);
    return SVI_RECEIVED_GARBAGE;
}
