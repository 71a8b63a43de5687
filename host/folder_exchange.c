#include "host/folder_exchange.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLE_LIMIT_BYTES = 1 << 20, NAME_LIMIT = 200 };

/* A file's name is at most 255 bytes, and more than the queue stands in it. */
bool svi_folder_name_ok(const char *name)
{
    size_t count = strlen(name);
    return count > 0 && count <= NAME_LIMIT && !strchr(name, '/') && svi_utf8_valid(svi_bytes_of(name));
}

/* The characters that kombu lets stand in the name of an exchange. */
static bool exchange_ok(const char *name)
{
    return svi_folder_name_ok(name) && strspn(name, ".") < strlen(name)
           && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

static bool fail_table(const char *what, const char *path, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, SVI_UNREACHABLE, "The broker's folder: the table of an exchange cannot be %s: %s.", what, strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

static bool table_path(char path[PATH_MAX], const char *control, const char *exchange, struct svi_error *err)
{
    if (!exchange_ok(exchange))
        return svi_fail(err, SVI_BAD_USAGE, "An exchange of a folder is named with letters, digits, dots, dashes and underscores.");
    return svi_format(path, PATH_MAX, "%s/%s.exchange", control, exchange)
           || svi_fail(err, SVI_BAD_USAGE, "The name of the broker's folder is too long.");
}

/* -1 and no report where there is no such file. kombu locks the file itself, so it is written in place, never replaced. */
static int open_table(const char *path, int flags, struct svi_error *err)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (fd < 0) {
        if (errno != ENOENT)
            fail_table("opened", path, err);
        return -1;
    }
    /* Some network file systems have no locks; what they cannot do, nobody does. */
    if (svi_lock(fd, flags & O_RDWR ? LOCK_EX : LOCK_SH) || errno == ENOLCK || errno == EOPNOTSUPP)
        return fd;
    fail_table("locked", path, err);
    close(fd);
    return -1;
}

/* The rows [key, pattern, queue]. What is no table, because its writer died on the way, has no rows. */
static json_t *read_rows(int fd, const char *path, struct svi_error *err)
{
    struct svi_buffer text;
    char piece[16384];
    ssize_t count = 0;
    svi_buffer_init(&text, TABLE_LIMIT_BYTES);
    while ((count = pread(fd, piece, sizeof piece, (off_t)text.count)) > 0 && svi_buffer_add(&text, piece, (size_t)count))
        continue;
    if (count) {
        if (count > 0)
            errno = EFBIG;
        fail_table("read", path, err);
        svi_buffer_clear(&text);
        return NULL;
    }
    struct svi_error why = { 0 };
    json_t *rows = text.count ? svi_json_parse((struct svi_bytes){ text.at, text.count }, "The table", SVI_BAD_ANSWER, &why)
                              : json_array();
    if (!json_is_array(rows)) {
        svi_log(SVI_LOG_WARNING, "broker: %s is no table of an exchange, it is taken for an empty one", svi_base_name(path));
        json_decref(rows);
        rows = json_array();
    }
    svi_buffer_clear(&text);
    if (!rows)
        svi_fail_memory(err, sizeof piece);
    return rows;
}

static bool write_rows(int fd, const char *path, const json_t *rows, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, TABLE_LIMIT_BYTES);
    bool ok = svi_json_write(&text, rows, err);
    if (ok && (pwrite(fd, text.at, text.count, 0) != (ssize_t)text.count || ftruncate(fd, (off_t)text.count)))
        ok = fail_table("written", path, err);
    svi_buffer_clear(&text);
    return ok;
}

static const char *cell(const json_t *row, size_t column)
{
    const char *text = json_string_value(json_array_get(row, column));
    return text ? text : "";
}

bool svi_folder_bind(const char *control, const char *exchange, const char *key, const char *queue, struct svi_error *err)
{
    char path[PATH_MAX];
    if (!table_path(path, control, exchange, err))
        return false;
    if (mkdir(control, 0777) && errno != EEXIST)
        return fail_table("made", path, err);
    int fd = open_table(path, O_RDWR | O_CREAT, err);
    json_t *rows = fd >= 0 ? read_rows(fd, path, err) : NULL;
    bool ok = rows != NULL, there = false;
    for (size_t i = 0; i < json_array_size(rows) && !there; i++) {
        const json_t *row = json_array_get(rows, i);
        there = !strcmp(cell(row, 0), key) && !strcmp(cell(row, 1), "") && !strcmp(cell(row, 2), queue);
    }
    if (ok && !there)
        ok = (json_array_insert_new(rows, 0, json_pack("[sss]", key, "", queue)) == 0 || svi_fail_memory(err, 64))
             && write_rows(fd, path, rows, err);
    json_decref(rows);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool svi_folder_unbind(const char *control, const char *exchange, const char *queue, struct svi_error *err)
{
    char path[PATH_MAX];
    if (!table_path(path, control, exchange, err))
        return false;
    int fd = open_table(path, O_RDWR, err);
    if (fd < 0)
        return err->status == SVI_OK;
    json_t *rows = read_rows(fd, path, err);
    bool ok = rows != NULL;
    size_t before = json_array_size(rows);
    for (size_t i = before; i-- > 0;)
        if (!strcmp(cell(json_array_get(rows, i), 2), queue))
            json_array_remove(rows, i);
    if (ok && json_array_size(rows) < before)
        ok = write_rows(fd, path, rows, err);
    json_decref(rows);
    close(fd);
    return ok;
}

/* Where the first word of a text ends. */
static size_t word_length(const char *text)
{
    return strcspn(text, ".");
}

bool svi_folder_topic_matches(const char *bound, const char *key)
{
    /* Where the latest "#" stands, and how much of the key it has taken: only that one ever needs to take more. */
    const char *many = NULL, *taken = NULL;
    bool key_left = *key != '\0', bound_left = *bound != '\0';
    for (;;) {
        size_t of_bound = word_length(bound), of_key = word_length(key);
        if (bound_left && of_bound == 1 && *bound == '#') {
            many = bound;
            taken = key_left ? key : NULL;
            bound_left = bound[1] == '.';
            bound += bound_left ? 2 : 1;
            continue;
        }
        if (!key_left && !bound_left)
            return true;
        if (key_left && bound_left && ((of_bound == 1 && *bound == '*') || (of_bound == of_key && !memcmp(bound, key, of_key)))) {
            bound_left = bound[of_bound] == '.';
            bound += of_bound + bound_left;
            key_left = key[of_key] == '.';
            key += of_key + key_left;
            continue;
        }
        if (!many || !taken)
            return false;
        size_t more = word_length(taken);
        key_left = taken[more] == '.';
        taken += more + key_left;
        key = taken;
        if (!key_left)
            taken = NULL;
        bound_left = many[1] == '.';
        bound = many + (bound_left ? 2 : 1);
    }
}

static bool goes_to(const json_t *row, enum svi_folder_route route, const char *key)
{
    if (route == SVI_FOLDER_TOPIC)
        return svi_folder_topic_matches(cell(row, 0), key);
    return route == SVI_FOLDER_FANOUT || !strcmp(cell(row, 0), key);
}

json_t *svi_folder_bound(const char *control, const char *exchange, enum svi_folder_route route, const char *key,
                         struct svi_error *err)
{
    char path[PATH_MAX];
    if (!table_path(path, control, exchange, err))
        return NULL;
    int fd = open_table(path, O_RDONLY, err);
    if (fd < 0 && err->status != SVI_OK)
        return NULL;
    json_t *rows = fd >= 0 ? read_rows(fd, path, err) : json_array();
    if (fd >= 0)
        close(fd);
    if (!rows)
        return NULL;
    json_t *set = json_object(), *queues = json_array();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *queue = cell(row, 2);
        if (!goes_to(row, route, key) || !svi_folder_name_ok(queue) || json_object_get(set, queue))
            continue;
        json_object_set_new(set, queue, json_true());
        json_array_append_new(queues, json_string(queue));
    }
    json_decref(set);
    json_decref(rows);
    if (!queues)
        svi_fail_memory(err, 64);
    return queues;
}

bool svi_folder_is_exchange(const char *control, const char *exchange)
{
    char path[PATH_MAX];
    struct svi_error ignored = { 0 };
    return table_path(path, control, exchange, &ignored) && (access(path, F_OK) == 0 || errno != ENOENT);
}
