#include "capture/scratch.h"

#include "base/file.h"
#include "base/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder_start[] = ".svi-worker-";

/* Open, it can be locked. */
static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Where folders cannot be locked, they are taken for being in use. */
static void remove_unused(const char *path)
{
    struct stat about;
    struct svi_error ignored = { 0 };
    const int folder = open_folder(path);
    if (folder < 0)
        return;
    if (fstat(folder, &about) == 0 && about.st_uid == geteuid() && svi_lock(folder, LOCK_EX | LOCK_NB))
        svi_remove_tree(path, &ignored);
    close(folder);
}

static void remove_left_behind(const char *below)
{
    char path[PATH_MAX];
    DIR *list = opendir(below);
    for (const struct dirent *entry; list && (entry = readdir(list));)
        if (!strncmp(entry->d_name, folder_start, sizeof folder_start - 1)
            && svi_format(path, sizeof path, "%s/%s", below, entry->d_name))
            remove_unused(path);
    if (list)
        closedir(list);
}

bool svi_scratch_open(struct svi_scratch *out, const char *below, struct svi_error *err)
{
    enum {
        TRIES = 16,         /* another process may remove it before it is locked */
        ROOM_FOR_NAMES = 24 /* of the files in it */
    };
    remove_left_behind(below);
    for (int i = 0; i < TRIES; i++) {
        if (!svi_format(out->path, sizeof out->path - ROOM_FOR_NAMES, "%s/%sXXXXXX", below, folder_start)) {
            out->path[0] = '\0';
            return svi_fail(err, SVI_IO, "The name of the folder for what is unpacked is too long.");
        }
        if (!mkdtemp(out->path))
            break;
        out->lock = open_folder(out->path);
        if (out->lock >= 0)
            svi_lock(out->lock, LOCK_EX);
        if (out->lock >= 0 && access(out->path, F_OK) == 0)
            return true;
        const int why = errno;
        if (out->lock >= 0)
            close(out->lock);
        rmdir(out->path);
        errno = why;
    }
    svi_scratch_fail("A folder to unpack into cannot be made", out->path, err);
    out->path[0] = '\0';
    return false;
}

void svi_scratch_close(struct svi_scratch *scratch)
{
    struct svi_error ignored = { 0 };
    if (!scratch->path[0])
        return;
    svi_remove_tree(scratch->path, &ignored);
    close(scratch->lock);
    scratch->path[0] = '\0';
}

bool svi_scratch_fail(const char *doing, const char *path, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, svi_status_of_errno(why), "%s: %s.", doing, why == ENOSPC ? "the disk is full" : strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

bool svi_scratch_write(int fd, uint64_t offset, struct svi_bytes bytes, const char *doing, struct svi_error *err)
{
    while (bytes.count) {
        ssize_t written = pwrite(fd, bytes.at, bytes.count, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return svi_scratch_fail(doing, "pwrite", err);
        bytes = (struct svi_bytes){ bytes.at + written, bytes.count - (size_t)written };
        offset += (uint64_t)written;
    }
    return true;
}

bool svi_scratch_go_on(const struct svi_capture_request *request, struct svi_error *err)
{
    return !request->go_on || request->go_on(request->go_on_self) || svi_fail(err, SVI_CANCELLED, "The work was stopped.");
}
