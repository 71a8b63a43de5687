#include "host/folder_files.h"

#include "base/lock.h"
#include "host/celery_message.h"
#include "host/random.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* base64 and escapes make of a message so many bytes at most. */
    FILE_LIMIT_BYTES = SVI_CELERY_MESSAGE_LIMIT_BYTES * 2,
    NAMES_LIMIT = 1 << 16,
    STARTED_S = 60 /* an empty file that is older is no message that is being written */
};

bool svi_folder_queue_of(char queue[SVI_FOLDER_QUEUE_SIZE], const char *file)
{
    const char *dot = strchr(file, '.');
    if (!dot || dot == file || !svi_ends_with(dot + 1, ".msg"))
        return false;
    size_t count = strlen(dot + 1) - strlen(".msg");
    return count > 0 && svi_format(queue, SVI_FOLDER_QUEUE_SIZE, "%.*s", (int)count, dot + 1);
}

/* Milliseconds that no other message of this process has: kombu takes messages in the order of their names. */
static int64_t own_ms(void)
{
    static _Atomic int64_t latest;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, before = latest, mine;
    do
        mine = now_ms > before ? now_ms : before + 1;
    while (!atomic_compare_exchange_weak(&latest, &before, mine));
    return mine;
}

bool svi_folder_new_name(char *file, size_t size, const char *queue, struct svi_error *err)
{
    char id[SVI_UUID_SIZE];
    return svi_random_uuid(id, err)
           && (svi_format(file, size, "%" PRId64 "_%s.%s.msg", own_ms(), id, queue)
               || svi_fail(err, SVI_BAD_USAGE, "The name of a queue is too long for a folder."));
}

static bool fail_put(const char *path, int why, struct svi_error *err)
{
    enum svi_status status = why == ENOSPC || why == EDQUOT || why == EFBIG ? SVI_IO : SVI_UNREACHABLE;
    return svi_fail(err, status, "A message cannot be written into the broker's folder: %s.", strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

static bool write_bytes(int fd, struct svi_bytes bytes)
{
    while (bytes.count) {
        ssize_t count = write(fd, bytes.at, bytes.count);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0) {
            bytes.at += count;
            bytes.count -= (size_t)count;
        }
    }
    return true;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool svi_folder_put(const char *folder, const char *file, struct svi_bytes bytes, bool lasting, const struct timespec *written,
                    struct svi_error *err)
{
    char path[PATH_MAX], part[PATH_MAX];
    const size_t id = strcspn(file, ".");
    if (!svi_format(path, sizeof path, "%s/%s", folder, file)
        || !svi_format(part, sizeof part, "%s/.%.*s.part", folder, (int)id, file))
        return svi_fail(err, SVI_BAD_USAGE, "The name of the broker's folder is too long.");
    /* What is in the folder is for its group, as the folder itself says; a task holds a token. */
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (fd < 0)
        return fail_put(part, errno, err);
    struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, written ? *written : (struct timespec){ .tv_nsec = UTIME_NOW } };
    bool ok = write_bytes(fd, bytes) && (!written || futimens(fd, times) == 0) && (!lasting || fsync(fd) == 0);
    int why = errno;
    if (close(fd) && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(part, path)) {
        ok = false;
        why = errno;
    }
    if (!ok)
        unlink(part);
    else if (lasting && !sync_folder(folder))
        return fail_put(folder, errno, err);
    return ok || fail_put(path, why, err);
}

enum svi_folder_look svi_folder_look(const char *path, int *fd, struct timespec *written)
{
    struct stat about;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0)
        return errno == ENOENT ? SVI_FOLDER_GONE : SVI_FOLDER_CLOSED;
    enum svi_folder_look look = SVI_FOLDER_THERE;
    /* kombu writes under the final name, in one go and under a lock. */
    bool busy = !svi_lock(*fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    if (fstat(*fd, &about) || !S_ISREG(about.st_mode))
        look = SVI_FOLDER_CLOSED;
    else if (busy || (about.st_size == 0 && time(NULL) - about.st_mtim.tv_sec < STARTED_S))
        look = SVI_FOLDER_UNFINISHED;
    else if (about.st_size > FILE_LIMIT_BYTES)
        look = SVI_FOLDER_TOO_LARGE;
    if (look == SVI_FOLDER_THERE || look == SVI_FOLDER_TOO_LARGE) {
        *written = about.st_mtim;
        svi_lock(*fd, LOCK_UN);
        return look;
    }
    close(*fd);
    *fd = -1;
    return look;
}

bool svi_folder_read(struct svi_buffer *out, int fd, struct svi_error *err)
{
    uint8_t piece[65536];
    ssize_t count = 0;
    svi_buffer_init(out, FILE_LIMIT_BYTES);
    while ((count = pread(fd, piece, sizeof piece, (off_t)out->count)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0 && !svi_buffer_add(out, piece, (size_t)count))
            return svi_fail(err, SVI_IO, "A message in the broker's folder is larger than the %d bytes that are accepted.",
                            FILE_LIMIT_BYTES);
    return count == 0 || svi_fail(err, SVI_UNREACHABLE, "A message in the broker's folder cannot be read: %s.", strerror(errno));
}

void svi_folder_names_clear(struct svi_folder_names *names)
{
    for (size_t i = names->first; i < names->count; i++)
        free(names->at[i].file);
    free(names->at);
    *names = (struct svi_folder_names){ 0 };
}

static bool make_room(struct svi_folder_names *names)
{
    if (names->first == names->count)
        names->first = names->count = 0;
    if (names->count < names->room)
        return true;
    if (names->first > names->room / 2) {
        names->count -= names->first;
        memmove(names->at, names->at + names->first, names->count * sizeof *names->at);
        names->first = 0;
        return true;
    }
    size_t room = names->room ? names->room * 2 : 64;
    struct svi_folder_waiting *at = room <= NAMES_LIMIT ? realloc(names->at, room * sizeof *at) : NULL;
    if (at) {
        names->at = at;
        names->room = room;
    }
    return at != NULL;
}

void svi_folder_names_add(struct svi_folder_names *names, const char *file, const struct timespec *written)
{
    char *copy = make_room(names) ? strdup(file) : NULL;
    if (copy)
        names->at[names->count++] = (struct svi_folder_waiting){ copy, *written };
    else
        names->more = true;
}

static int by_age(const void *left, const void *right)
{
    const struct svi_folder_waiting *a = left, *b = right;
    if (a->written.tv_sec != b->written.tv_sec)
        return a->written.tv_sec < b->written.tv_sec ? -1 : 1;
    if (a->written.tv_nsec != b->written.tv_nsec)
        return a->written.tv_nsec < b->written.tv_nsec ? -1 : 1;
    return strcmp(a->file, b->file);
}

void svi_folder_names_sort(struct svi_folder_names *names)
{
    if (names->count > names->first)
        qsort(names->at + names->first, names->count - names->first, sizeof *names->at, by_age);
}

char *svi_folder_names_take(struct svi_folder_names *names)
{
    return names->first < names->count ? names->at[names->first++].file : NULL;
}
