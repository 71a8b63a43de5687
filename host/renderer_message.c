#include "host/renderer_message.h"

#include "host/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
        || !json_is_array(files) || !json_array_size(files) || json_array_size(files) > SVI_JOB_MAX_FILES)
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

static enum svi_sent send_datagram(int fd, const struct msghdr *datagram, bool wait)
{
    ssize_t sent;
    do
        sent = sendmsg(fd, datagram, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
    while (sent < 0 && errno == EINTR);
    return sent >= 0 ? SVI_SENT : errno == EAGAIN || errno == ENOBUFS ? SVI_SENT_NOT : SVI_SENT_TO_NOBODY;
}

/* Room for one descriptor beside a datagram. */
union attachment {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static bool write_all(int fd, const char *text, size_t count)
{
    while (count) {
        ssize_t written = write(fd, text, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        count -= (size_t)written;
    }
    return true;
}

/* The text lies in a file without a name, which nobody can change any more, and which is gone with the last who has it open. */
static int make_sealed(const char *text, size_t count)
{
    int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (!write_all(fd, text, count) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static enum svi_sent send_long(int fd, const char *text, size_t count, bool wait)
{
    int sealed = make_sealed(text, count);
    if (sealed < 0)
        return SVI_SENT_NOT;
    struct iovec piece = { (char[]){ "{}" }, 2 };
    union attachment attachment = { .header = {
                                        .cmsg_len = CMSG_LEN(sizeof sealed), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    memcpy(CMSG_DATA(&attachment.header), &sealed, sizeof sealed);
    const struct msghdr datagram = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &attachment, .msg_controllen = sizeof attachment.room
    };
    enum svi_sent sent = send_datagram(fd, &datagram, wait);
    close(sealed);
    return sent;
}

enum svi_sent svi_message_send(int fd, json_t *message, bool wait)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    size_t count = text ? strlen(text) : 0;
    json_decref(message);
    enum svi_sent sent = SVI_SENT_NOT;
    if (count > SVI_MESSAGE_LONGEST_BYTES) {
        sent = SVI_SENT_TOO_LONG;
    } else if (count > SVI_MESSAGE_MAX_BYTES) {
        sent = send_long(fd, text, count, wait);
    } else if (count) {
        struct iovec piece = { text, count };
        sent = send_datagram(fd, &(struct msghdr){ .msg_iov = &piece, .msg_iovlen = 1 }, wait);
    }
    free(text);
    return sent;
}

/* The descriptor that came along; -1 for none. */
static int attached(struct msghdr *datagram)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(datagram);
    int fd = -1;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

/* NULL where the descriptor holds no message. Takes it over. */
static json_t *read_long(int fd)
{
    struct stat about;
    const int needed = F_SEAL_SHRINK | F_SEAL_WRITE, seals = fcntl(fd, F_GET_SEALS);
    size_t count = fstat(fd, &about) == 0 && about.st_size > 0 && about.st_size <= SVI_MESSAGE_LONGEST_BYTES ? (size_t)about.st_size
                                                                                                             : 0;
    /* Unsealed, it could be cut while it is read, which would end the process. */
    bool sealed = seals >= 0 && (seals & needed) == needed;
    void *text = count && sealed ? mmap(NULL, count, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    struct svi_error ignored = { 0 };
    json_t *tree = NULL;
    if (text != MAP_FAILED) {
        tree = svi_json_parse((struct svi_bytes){ text, count }, "A message", SVI_BUG, &ignored);
        munmap(text, count);
    }
    close(fd);
    return tree;
}

enum svi_received svi_message_receive(int fd, bool long_ones, json_t **out)
{
    uint8_t text[SVI_MESSAGE_MAX_BYTES];
    struct iovec piece = { text, sizeof text };
    union attachment attachment = { 0 };
    struct msghdr datagram = { .msg_iov = &piece,
                               .msg_iovlen = 1,
                               .msg_control = long_ones ? &attachment : NULL,
                               .msg_controllen = long_ones ? CMSG_LEN(sizeof(int)) : 0 };
    ssize_t count;
    do
        count = recvmsg(fd, &datagram, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN)
        return SVI_RECEIVED_NOTHING;
    if (count <= 0)
        return SVI_RECEIVED_END;
    int beside = attached(&datagram);
    struct svi_error ignored = { 0 };
    if (beside >= 0)
        *out = read_long(beside);
    else if (datagram.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
        return SVI_RECEIVED_GARBAGE;
    else
        *out = svi_json_parse((struct svi_bytes){ text, (size_t)count }, "A message", SVI_BUG, &ignored);
    if (json_is_object(*out))
        return SVI_RECEIVED;
    json_decref(*out);
    return SVI_RECEIVED_GARBAGE;
}
