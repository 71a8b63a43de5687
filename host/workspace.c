#include "host/workspace.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* <root>/.lock is held while a folder appears or disappears, so that nobody sees one without its own lock:
 * <root>/job-x3Fq2A/lock is held as long as the folder is in use. */
static const char root_lock_name[] = ".lock", lock_name[] = "lock", folder_start[] = "job-";

/* Nearly all jobs have one. */
static const char first_input[] = "0";

struct svi_workspace {
    char *root, *folder, *input, *output;
    int lock;
};

static bool fail_io(struct svi_error *err, const char *message, const char *path)
{
    int why = errno;
    return svi_fail(err, svi_status_of_errno(why), "%s: %s.", message, strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

/* The path of a name in a folder; NULL where there is no memory. The caller frees it. */
static char *join(const char *folder, const char *name, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, PATH_MAX);
    if (!svi_buffer_add_text(&text, "%s/%s", folder, name)) {
        svi_fail(err, SVI_IO, "The name of the job's folder is too long.");
        svi_because(err, "%s/%s", folder, name);
    }
    return (char *)text.at;
}

/* The lock; -1: cannot be had, or (without `wait`) is held by another. */
static int take_lock(const char *folder, const char *name, bool wait, struct svi_error *err)
{
    char *path = join(folder, name, err);
    const int lock = path ? svi_lock_file(AT_FDCWD, path, 0, wait) : -1;
    if (path && lock < 0)
        fail_io(err, "The job's folder cannot be locked", path);
    free(path);
    return lock;
}

static bool make_folder(const char *path, struct svi_error *err)
{
    return mkdir(path, 0700) == 0 || fail_io(err, "The job's folder cannot be made", path);
}

static bool make_parts(struct svi_workspace *made, struct svi_error *err)
{
    char name[64];
    svi_format(name, sizeof name, "%sXXXXXX", folder_start);
    made->folder = join(made->root, name, err);
    if (!made->folder)
        return false;
    if (!mkdtemp(made->folder)) {
        fail_io(err, "The job's folder cannot be made", made->folder);
        free(made->folder);
        made->folder = NULL;
        return false;
    }
    made->lock = take_lock(made->folder, lock_name, false, err);
    made->output = join(made->folder, "output", err);
    made->input = join(made->folder, "input", err);
    return made->lock >= 0 && made->output && made->input && make_folder(made->output, err) && make_folder(made->input, err);
}

bool svi_workspace_create(struct svi_workspace **out, const char *root, struct svi_error *err)
{
    if (!svi_make_folders(root, SVI_FOLDER_PRIVATE, err))
        return false;
    struct svi_workspace *made = calloc(1, sizeof *made);
    if (!made)
        return svi_fail_memory(err, sizeof *made);
    made->lock = -1;
    made->root = realpath(root, NULL);
    int root_lock = made->root ? take_lock(made->root, root_lock_name, true, err) : -1;
    bool ok = made->root ? root_lock >= 0 && make_parts(made, err) : fail_io(err, "The folder for jobs cannot be found", root);
    if (root_lock >= 0)
        close(root_lock);
    if (ok)
        *out = made;
    else
        svi_workspace_destroy(made);
    return ok;
}

/* Opened, not truncated by its name: ext4 would write out at once what comes next into a file that somebody has emptied and not
 * closed since. */
static bool empty_file(int folder, const char *name)
{
    struct stat about;
    if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
        return false;
    if (!about.st_size)
        return true;
    const int fd = openat(folder, name, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd >= 0 && close(fd) == 0;
}

static bool empty_entry(DIR *list, const char *folder, const char *name, const char *kept, struct svi_error *err)
{
    const bool keep = !kept || !strcmp(name, kept);
    if (keep ? empty_file(dirfd(list), name) : unlinkat(dirfd(list), name, 0) == 0)
        return true;
    char *path = join(folder, name, err);
    const bool ok = path && svi_remove_tree(path, err);
    free(path);
    return ok;
}

/* One that is not there is made. `kept`: the file that stays, empty; NULL: all of them do. */
static bool empty_folder(const char *folder, const char *kept, struct svi_error *err)
{
    DIR *list = opendir(folder);
    if (!list)
        return errno == ENOENT ? make_folder(folder, err) : fail_io(err, "The job's folder cannot be read", folder);
    bool ok = true;
    for (const struct dirent *entry; ok && (entry = readdir(list));)
        ok = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || empty_entry(list, folder, entry->d_name, kept, err);
    closedir(list);
    return ok;
}

bool svi_workspace_empty(struct svi_workspace *workspace, struct svi_error *err)
{
    return empty_folder(workspace->input, first_input, err) && empty_folder(workspace->output, NULL, err);
}

/* All but the lock goes first: it may take long, and nobody needs to wait for it. */
static bool remove_folder(const struct svi_workspace *workspace, struct svi_error *err)
{
    bool ok = (!workspace->input || svi_remove_tree(workspace->input, err))
              && (!workspace->output || svi_remove_tree(workspace->output, err));
    int root_lock = take_lock(workspace->root, root_lock_name, true, err);
    ok = svi_remove_tree(workspace->folder, err) && ok;
    if (root_lock >= 0)
        close(root_lock);
    return ok;
}

void svi_workspace_destroy(struct svi_workspace *workspace)
{
    if (!workspace)
        return;
    struct svi_error err = { 0 };
    if (workspace->folder && !remove_folder(workspace, &err))
        svi_log(SVI_LOG_WARNING, "a job's folder stays behind: %s", err.cause);
    if (workspace->lock >= 0)
        close(workspace->lock);
    free(workspace->root);
    free(workspace->folder);
    free(workspace->input);
    free(workspace->output);
    free(workspace);
}

const char *svi_workspace_folder(const struct svi_workspace *workspace)
{
    return workspace->folder;
}

const char *svi_workspace_output(const struct svi_workspace *workspace)
{
    return workspace->output;
}

bool svi_workspace_add_input(struct svi_workspace *workspace, size_t number, char **path, int *fd, struct svi_error *err)
{
    char name[40];
    svi_format(name, sizeof name, "%zu", number);
    *path = join(workspace->input, name, err);
    if (!*path)
        return false;
    struct stat about;
    *fd = open(*path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (*fd >= 0 && fstat(*fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0)
        return true;
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
        errno = EEXIST;
    }
    fail_io(err, "A file of the job cannot be made", *path);
    free(*path);
    *path = NULL;
    return false;
}

bool svi_workspace_find_output(const struct svi_workspace *workspace, const char *name, char **path, struct svi_error *err)
{
    struct stat about;
    *path = NULL;
    if (!name[0] || strchr(name, '/'))
        return svi_fail(err, SVI_RENDERER_DIED, "The renderer named a result that cannot be.") || svi_because(err, "\"%s\"", name);
    char *found = join(workspace->output, name, err);
    if (found && lstat(found, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        *path = found;
        return true;
    }
    if (found) {
        svi_fail(err, SVI_RENDERER_DIED, "The renderer did not leave the result that it named.");
        svi_because(err, "%s is not there, not a file, or empty", found);
    }
    free(found);
    return false;
}

static bool clean_one(const char *root, const char *name, size_t *removed, struct svi_error *err)
{
    struct svi_error held = { 0 };
    struct stat about;
    char *folder = join(root, name, err);
    bool ours = folder && lstat(folder, &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid();
    int lock = ours ? take_lock(folder, lock_name, false, &held) : -1;
    bool ok = folder && (lock < 0 || svi_remove_tree(folder, err));
    if (lock >= 0) {
        *removed += ok;
        close(lock);
    }
    free(folder);
    return ok;
}

bool svi_workspace_clean(const char *root, size_t *removed, struct svi_error *err)
{
    *removed = 0;
    DIR *list = opendir(root);
    if (!list)
        return errno == ENOENT || fail_io(err, "The folder for jobs cannot be read", root);
    int root_lock = take_lock(root, root_lock_name, true, err);
    bool ok = root_lock >= 0;
    const struct dirent *entry;
    while (root_lock >= 0 && (entry = readdir(list)))
        if (!strncmp(entry->d_name, folder_start, sizeof folder_start - 1))
            ok = clean_one(root, entry->d_name, removed, err) && ok;
    if (root_lock >= 0)
        close(root_lock);
    closedir(list);
    return ok;
}
