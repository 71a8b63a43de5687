#include "host/folder_held.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/stopwatch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lease_name[] = ".lease";

enum { FORGOTTEN_S = 86400 };

struct svi_folder_held {
    char *folder, *all, *own; /* FOLDER, FOLDER/held, FOLDER/held/NODE */
    const char *own_name;     /* the last part of `own` */
    int lease;
    double visibility_s, renew_at_s, sweep_at_s;
    struct timespec clock;
};

static bool fail_held(const char *path, const char *what, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, SVI_UNREACHABLE, "The broker's folder: %s: %s.", what, strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

static bool place(char path[PATH_MAX], const char *folder, const char *name, struct svi_error *err)
{
    return svi_format(path, PATH_MAX, "%s/%s", folder, name)
           || svi_fail(err, SVI_BAD_USAGE, "The name of the broker's folder is too long.") || svi_because(err, "%s", folder);
}

/* A node's name as that of a folder: what may not stand there, and the sign that says so, become %XX. */
static bool node_name(char *into, size_t size, const char *node)
{
    size_t count = 0;
    for (const char *c = node; *c; c++) {
        bool plain = *c != '/' && *c != '%' && (unsigned char)*c > ' ' && !(*c == '.' && c == node);
        if (count + 4 > size)
            return false;
        count += (size_t)snprintf(into + count, size - count, plain ? "%c" : "%%%02X", (unsigned char)*c);
    }
    return count > 0;
}

static bool touch(struct svi_folder_held *held, struct svi_error *err)
{
    struct stat about;
    if (futimens(held->lease, NULL) || fstat(held->lease, &about))
        return fail_held(held->own, "the lease of what this node holds cannot be renewed", err);
    held->clock = about.st_mtim;
    if (about.st_nlink == 0) {
        errno = ENOENT;
        return fail_held(held->own, "the lease of what this node holds is gone", err);
    }
    return true;
}

static bool take_lease(struct svi_folder_held *held, const char *node, struct svi_error *err)
{
    char path[PATH_MAX];
    if (!place(path, held->own, lease_name, err))
        return false;
    held->lease = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (held->lease < 0)
        return fail_held(path, "the lease of what this node holds cannot be written", err);
    if (!svi_lock(held->lease, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        return svi_fail(err, SVI_BAD_USAGE, "A node named %s works on this broker's folder already; choose another name.", node);
    return touch(held, err);
}

bool svi_folder_held_open(struct svi_folder_held **out, const char *folder, const char *node, double visibility_s,
                          struct svi_error *err)
{
    char name[NAME_MAX + 1], all[PATH_MAX], own[PATH_MAX];
    if (!node_name(name, sizeof name, node))
        return svi_fail(err, SVI_BAD_USAGE, "The name of the node cannot be that of a folder.");
    if (!place(all, folder, "held", err) || !place(own, all, name, err))
        return false;
    struct svi_folder_held *held = calloc(1, sizeof *held);
    if (!held)
        return svi_fail_memory(err, sizeof *held);
    *held = (struct svi_folder_held){ strdup(folder), strdup(all), strdup(own), NULL, -1, visibility_s, 0, 0, { 0 } };
    bool ok = (held->folder && held->all && held->own) || svi_fail_memory(err, PATH_MAX);
    if (ok && ((mkdir(all, 0777) && errno != EEXIST) || (mkdir(own, 0770) && errno != EEXIST)))
        ok = svi_fail(err, SVI_BAD_USAGE, "The broker's folder cannot be written: %s.", strerror(errno))
             || svi_because(err, "%s", own);
    ok = ok && take_lease(held, node, err);
    if (ok)
        held->own_name = svi_base_name(held->own);
    if (ok)
        *out = held;
    else
        svi_folder_held_close(held);
    return ok;
}

void svi_folder_held_close(struct svi_folder_held *held)
{
    if (!held)
        return;
    if (held->lease >= 0)
        close(held->lease);
    free(held->folder);
    free(held->all);
    free(held->own);
    free(held);
}

static bool list_messages(const char *path, struct svi_folder_names *names)
{
    DIR *folder = opendir(path);
    if (!folder)
        return false;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char queue[SVI_FOLDER_QUEUE_SIZE];
        struct stat about;
        if (svi_folder_queue_of(queue, entry->d_name) && fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
            svi_folder_names_add(names, entry->d_name, &about.st_mtim);
    }
    closedir(folder);
    svi_folder_names_sort(names);
    return true;
}

bool svi_folder_held_list(const struct svi_folder_held *held, struct svi_folder_names *names, struct svi_error *err)
{
    return list_messages(held->own, names) || fail_held(held->own, "what this node holds cannot be listed", err);
}

/* A name that no other held message has. */
static bool held_name(const struct svi_folder_held *held, const char *file, char name[256], struct svi_error *err)
{
    char queue[SVI_FOLDER_QUEUE_SIZE], path[PATH_MAX];
    if (!svi_format(name, 256, "%s", file) || !svi_folder_queue_of(queue, file))
        return svi_fail(err, SVI_BUG, "A file that is no message was to be held.");
    if (!place(path, held->own, name, err))
        return false;
    return access(path, F_OK) != 0 || svi_folder_new_name(name, 256, queue, err);
}

bool svi_folder_held_take(const struct svi_folder_held *held, const char *file, char name[256], bool *taken, struct svi_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    *taken = false;
    if (!held_name(held, file, name, err) || !place(from, held->folder, file, err) || !place(to, held->own, name, err))
        return false;
    *taken = rename(from, to) == 0;
    if (*taken || (errno == ENOENT && access(held->own, F_OK) == 0))
        return true;
    return fail_held(from, "a message cannot be taken", err);
}

bool svi_folder_held_read(const struct svi_folder_held *held, const char *name, struct svi_buffer *text, struct svi_error *err)
{
    char path[PATH_MAX];
    struct timespec written;
    int fd = -1;
    if (!place(path, held->own, name, err))
        return false;
    enum svi_folder_look look = svi_folder_look(path, &fd, &written);
    if (look != SVI_FOLDER_THERE) {
        if (fd >= 0)
            close(fd);
        return look == SVI_FOLDER_GONE ? svi_fail(err, SVI_NOT_FOUND, "The message is not held any more.")
                                       : svi_fail(err, SVI_IO, "It is no file, too large, or not for this user.");
    }
    bool ok = svi_folder_read(text, fd, err);
    if (!ok)
        svi_buffer_clear(text);
    close(fd);
    return ok;
}

bool svi_folder_held_forget(const struct svi_folder_held *held, const char *name, const char *processed, bool *known,
                            struct svi_error *err)
{
    char path[PATH_MAX], kept[PATH_MAX];
    if (!place(path, held->own, name, err) || (processed && !place(kept, processed, name, err)))
        return false;
    *known = (processed ? rename(path, kept) : unlink(path)) == 0;
    return *known || errno == ENOENT || fail_held(path, "a message that is done cannot be removed", err);
}

bool svi_folder_held_return(const struct svi_folder_held *held, const char *name, struct svi_bytes bytes, bool *known,
                            struct svi_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct stat about;
    struct svi_error why = { 0 };
    if (!place(from, held->own, name, err) || !place(to, held->folder, name, err))
        return false;
    *known = stat(from, &about) == 0;
    if (!*known)
        return errno == ENOENT || fail_held(from, "a message cannot be returned", err);
    /* With the time of the old file, by which it is the next that is taken. On a full disk it goes as it was. */
    if (bytes.at && !svi_folder_put(held->own, name, bytes, true, &about.st_mtim, &why))
        svi_log(SVI_LOG_WARNING, "broker: a message is returned without being marked as redelivered: %s", why.message);
    *known = rename(from, to) == 0;
    return *known || errno == ENOENT || fail_held(from, "a message cannot be returned", err);
}

/* Takes what a node held, if its lease ran out. */
static void adopt(const struct svi_folder_held *held, const char *node, struct svi_folder_names *orphans)
{
    char theirs[PATH_MAX], lease[PATH_MAX];
    struct stat about;
    struct svi_error ignored = { 0 };
    if (!place(theirs, held->all, node, &ignored) || !place(lease, theirs, lease_name, &ignored)
        || (stat(lease, &about) && stat(theirs, &about)))
        return;
    double age_s = difftime(held->clock.tv_sec, about.st_mtim.tv_sec)
                   + 1e-9 * (double)(held->clock.tv_nsec - about.st_mtim.tv_nsec);
    if (age_s <= held->visibility_s)
        return;
    struct svi_folder_names files = { 0 };
    size_t count = 0;
    list_messages(theirs, &files);
    for (char *file; (file = svi_folder_names_take(&files)); free(file)) {
        char from[PATH_MAX], to[PATH_MAX], name[256];
        if (!held_name(held, file, name, &ignored) || !place(from, theirs, file, &ignored) || !place(to, held->own, name, &ignored)
            || rename(from, to) != 0)
            continue;
        svi_folder_names_add(orphans, name, &held->clock);
        count++;
    }
    svi_folder_names_clear(&files);
    if (count)
        svi_log(SVI_LOG_WARNING, "broker: %zu messages that %s held %.0f s ago are given back", count, node, age_s);
    else if (age_s > held->visibility_s + FORGOTTEN_S && unlink(lease) == 0)
        rmdir(theirs);
}

bool svi_folder_held_renew(struct svi_folder_held *held, struct svi_folder_names *orphans, double *due_s, struct svi_error *err)
{
    double now_s = svi_now_s(), pace_s = fmin(held->visibility_s / 4, 60.0);
    if (now_s >= held->renew_at_s) {
        if (!touch(held, err))
            return false;
        held->renew_at_s = now_s + pace_s / 2;
    }
    DIR *all = now_s >= held->sweep_at_s ? opendir(held->all) : NULL;
    if (all) {
        for (struct dirent *entry; (entry = readdir(all));)
            if (entry->d_name[0] != '.' && strcmp(entry->d_name, held->own_name) != 0)
                adopt(held, entry->d_name, orphans);
        closedir(all);
    }
    if (now_s >= held->sweep_at_s)
        held->sweep_at_s = now_s + pace_s;
    *due_s = fmin(held->renew_at_s, held->sweep_at_s);
    return true;
}

time_t svi_folder_held_clock(const struct svi_folder_held *held)
{
    return held->clock.tv_sec;
}
