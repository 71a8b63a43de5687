#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

bool svi_file_read(struct svi_buffer *out, const char *path, const char *label, size_t limit_bytes, struct svi_error *err)
{
    svi_buffer_init(out, limit_bytes);
    /* O_NONBLOCK: a FIFO in place of a file must not hang the open. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (fd < 0 || fstat(fd, &about)) {
        svi_fail(err, svi_status_of_errno(errno), "The file %s cannot be opened: %s.", label, strerror(errno));
        svi_because(err, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        close(fd);
        return svi_fail(err, SVI_IO, "The file %s is not a regular file.", label)
               || svi_because(err, "%s: mode %o", path, about.st_mode);
    }
    uint8_t piece[65536];
    ssize_t count;
    while ((count = read(fd, piece, sizeof piece)) > 0)
        if (!svi_buffer_add(out, piece, (size_t)count)) {
            svi_fail(err, SVI_IO, "The file %s is larger than the %zu bytes that are accepted here.", label, limit_bytes);
            break;
        }
    if (count < 0)
        svi_fail(err, svi_status_of_errno(errno), "The file %s cannot be read: %s.", label, strerror(errno));
    close(fd);
    if (count == 0 && (out->at || svi_buffer_add(out, "", 0)))
        return true;
    svi_buffer_clear(out);
    return svi_fail_memory(err, 256) || svi_because(err, "%s", path);
}

static bool write_all(int fd, struct svi_bytes bytes)
{
    while (bytes.count) {
        ssize_t count = write(fd, bytes.at, bytes.count);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        bytes.at += count;
        bytes.count -= (size_t)count;
    }
    return true;
}

struct svi_file_writer {
    int fd;
    bool done;
    char path[PATH_MAX], temporary[PATH_MAX];
    size_t waiting_bytes;
    uint8_t waiting[65536];
};

static bool fail_writing(const char *path, int why, struct svi_error *err)
{
    return svi_fail(err, svi_status_of_errno(why), "%s cannot be written: %s.", svi_base_name(path), strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

bool svi_file_begin(struct svi_file_writer **out, const char *path, struct svi_error *err)
{
    struct svi_file_writer *writer = malloc(sizeof *writer);
    if (!writer)
        return svi_fail_memory(err, sizeof *writer);
    writer->done = false;
    writer->waiting_bytes = 0;
    if (!svi_format(writer->path, sizeof writer->path, "%s", path)
        || !svi_format(writer->temporary, sizeof writer->temporary, "%s.XXXXXX", path)) {
        free(writer);
        return svi_fail(err, SVI_IO, "The name of a result is too long.") || svi_because(err, "%s", path);
    }
    writer->fd = mkostemp(writer->temporary, O_CLOEXEC);
    if (writer->fd < 0) {
        fail_writing(path, errno, err);
        free(writer);
        return false;
    }
    *out = writer;
    return true;
}

static bool write_out(struct svi_file_writer *writer, struct svi_bytes bytes, struct svi_error *err)
{
    return write_all(writer->fd, bytes) || fail_writing(writer->path, errno, err);
}

static bool write_waiting(struct svi_file_writer *writer, struct svi_error *err)
{
    struct svi_bytes bytes = { writer->waiting, writer->waiting_bytes };
    writer->waiting_bytes = 0;
    return write_out(writer, bytes, err);
}

bool svi_file_add(struct svi_file_writer *writer, struct svi_bytes bytes, struct svi_error *err)
{
    if (bytes.count > sizeof writer->waiting - writer->waiting_bytes && !write_waiting(writer, err))
        return false;
    if (bytes.count >= sizeof writer->waiting)
        return write_out(writer, bytes, err);
    if (bytes.count)
        memcpy(writer->waiting + writer->waiting_bytes, bytes.at, bytes.count);
    writer->waiting_bytes += bytes.count;
    return true;
}

enum { MAX_PIECES = 512 }; /* of one call; below IOV_MAX */

bool svi_file_add_pieces(struct svi_file_writer *writer, const struct svi_bytes *pieces, size_t count, struct svi_error *err)
{
    if (!write_waiting(writer, err))
        return false;
    size_t done = 0, begun_bytes = 0; /* of the first piece that is not done */
    while (done < count) {
        struct iovec rows[MAX_PIECES];
        int row_count = 0;
        for (size_t i = done; i < count && row_count < MAX_PIECES; i++, row_count++)
            rows[row_count] = (struct iovec){ (void *)(uintptr_t)pieces[i].at, pieces[i].count };
        rows[0].iov_base = (uint8_t *)rows[0].iov_base + begun_bytes;
        rows[0].iov_len -= begun_bytes;
        const ssize_t written = writev(writer->fd, rows, row_count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_writing(writer->path, errno, err);
        begun_bytes += (size_t)written;
        while (done < count && begun_bytes >= pieces[done].count)
            begun_bytes -= pieces[done++].count;
    }
    return true;
}

bool svi_file_finish(struct svi_file_writer *writer, struct svi_error *err)
{
    if (!write_waiting(writer, err))
        return false;
    bool ok = fchmod(writer->fd, 0644) == 0;
    int why = errno;
    /* Some file systems report a full disk as late as this. */
    if (close(writer->fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    writer->fd = -1;
    if (ok && rename(writer->temporary, writer->path) != 0) {
        ok = false;
        why = errno;
    }
    writer->done = ok;
    return ok || fail_writing(writer->path, why, err);
}

void svi_file_end(struct svi_file_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    if (!writer->done)
        unlink(writer->temporary);
    free(writer);
}

bool svi_file_write(const char *path, struct svi_bytes bytes, struct svi_error *err)
{
    struct svi_file_writer *writer = NULL;
    const bool ok = svi_file_begin(&writer, path, err) && svi_file_add(writer, bytes, err) && svi_file_finish(writer, err);
    svi_file_end(writer);
    return ok;
}

bool svi_file_fill(const char *path, struct svi_bytes bytes, struct svi_error *err)
{
    struct stat about;
    const int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    const bool empty = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
    if (fd >= 0 && !empty)
        errno = EEXIST;
    bool ok = empty && write_all(fd, bytes);
    int why = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (empty && !ok)
        unlink(path);
    return ok || fail_writing(path, why, err);
}

bool svi_files_sync(const char *folder, const char *const *names, size_t count, struct svi_error *err)
{
    const int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int *fds = calloc(count + 1, sizeof *fds);
    bool ok = at >= 0 ? fds || svi_fail_memory(err, count * sizeof *fds) : fail_writing(folder, errno, err);
    for (size_t i = 0; ok && i < count; i++) {
        fds[i] = openat(at, names[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fds[i] >= 0)
            sync_file_range(fds[i], 0, 0, SYNC_FILE_RANGE_WRITE); /* no more than a hint */
    }
    for (size_t i = 0; fds && at >= 0 && i < count; i++) {
        ok = ok && ((fds[i] >= 0 && fsync(fds[i]) == 0) || fail_writing(names[i], errno, err));
        if (fds[i] >= 0)
            close(fds[i]);
    }
    /* Some network file systems cannot sync folders, and do not need to. */
    ok = ok && (fsync(at) == 0 || errno == EINVAL || errno == EOPNOTSUPP || fail_writing(folder, errno, err));
    free(fds);
    if (at >= 0)
        close(at);
    return ok;
}

static bool fail_folder(const char *path, enum svi_status status, const char *why, struct svi_error *err)
{
    return svi_fail(err, status, "The folder %s cannot be made: %s.", svi_base_name(path), why)
           || svi_because(err, "%s: %s", path, why);
}

bool svi_make_folders(const char *path, enum svi_folder_kind kind, struct svi_error *err)
{
    const mode_t mode = kind == SVI_FOLDER_SHARED ? 0777 : 0700;
    char part[PATH_MAX];
    if (!*path)
        return svi_fail(err, SVI_IO, "A folder without a name cannot be made.");
    if (!svi_format(part, sizeof part, "%s", path))
        return svi_fail(err, SVI_IO, "The name of a folder is too long.") || svi_because(err, "%s", path);
    for (size_t length = strlen(part); length > 1 && part[length - 1] == '/'; length--)
        part[length - 1] = '\0'; /* "out/" is named "out" */
    struct stat about;
    if (stat(part, &about) == 0 && S_ISDIR(about.st_mode))
        return true;
    for (char *slash = part + 1; *part; slash++) {
        bool last = *slash == '\0';
        if (!last && *slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return fail_folder(part, svi_status_of_errno(errno), strerror(errno), err);
        if (last)
            break;
        *slash = '/';
    }
    if (stat(part, &about) != 0 || !S_ISDIR(about.st_mode))
        return fail_folder(part, SVI_IO, "a file stands in its place", err);
    return true;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)where;
    return (kind == FTW_DP || kind == FTW_DNR ? rmdir(path) : unlink(path)) != 0 && errno != ENOENT ? -1 : 0;
}

bool svi_remove_tree(const char *path, struct svi_error *err)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return svi_fail(err, SVI_IO, "A folder cannot be removed: %s.", strerror(errno))
               || svi_because(err, "%s: %s", path, strerror(errno));
    return true;
}

const char *svi_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
