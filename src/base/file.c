#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool svi_file_read(struct svi_buffer *out, const char *path, const char *label, size_t limit_bytes, struct svi_error *err)
{
    svi_buffer_init(out, limit_bytes);
    /* O_NONBLOCK: a FIFO in place of a file must not hang the open. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (fd < 0 || fstat(fd, &about)) {
        svi_fail(err, SVI_IO, "The file %s cannot be opened: %s.", label, strerror(errno));
        svi_because(err, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        close(fd);
        return svi_fail(err, SVI_IO, "%s is not a regular file.", label) || svi_because(err, "%s: mode %o", path, about.st_mode);
    }
    uint8_t piece[65536];
    ssize_t count;
    while ((count = read(fd, piece, sizeof piece)) > 0)
        if (!svi_buffer_add(out, piece, (size_t)count)) {
            svi_fail(err, SVI_IO, "The file %s is larger than the %zu bytes that are accepted here.", label, limit_bytes);
            break;
        }
    if (count < 0)
        svi_fail(err, SVI_IO, "The file %s cannot be read: %s.", label, strerror(errno));
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

bool svi_file_write(const char *path, struct svi_bytes bytes, struct svi_error *err)
{
    char temporary[PATH_MAX];
    if (!svi_format(temporary, sizeof temporary, "%s.XXXXXX", path))
        return svi_fail(err, SVI_IO, "The name of a result is too long.") || svi_because(err, "%s", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    bool made = fd >= 0;
    bool ok = made && write_all(fd, bytes) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    int why = errno;
    if (made && close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temporary, path) != 0) {
        ok = false;
        why = errno;
    }
    if (ok)
        return true;
    if (made)
        unlink(temporary);
    return svi_fail(err, SVI_IO, "%s cannot be written: %s.", svi_base_name(path), strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

bool svi_make_folders(const char *path, struct svi_error *err)
{
    char part[PATH_MAX];
    if (!svi_format(part, sizeof part, "%s", path))
        return svi_fail(err, SVI_IO, "The name of a folder is too long.") || svi_because(err, "%s", path);
    for (char *slash = part + 1; *part; slash++) {
        bool last = *slash == '\0';
        if (!last && *slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return svi_fail(err, SVI_IO, "A folder cannot be made: %s.", strerror(errno))
                   || svi_because(err, "%s: %s", part, strerror(errno));
        if (last)
            break;
        *slash = '/';
    }
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return svi_fail(err, SVI_IO, "A file stands where a folder is needed.") || svi_because(err, "%s", path);
    return true;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path) != 0 && errno != ENOENT ? -1 : 0;
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
