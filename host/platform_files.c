#include "host/platform_files.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/lock.h"
#include "host/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files up to SYNC_LATE_BYTES are synced in their place, at most MOST_LATE at a time: each keeps its descriptor until then.
 * MOST_HELD_BYTES: what all uploads together hold in memory. */
enum { RANDOM_DIGITS = 32, ID_TEXT = 24, SYNC_LATE_BYTES = 1 << 20, MOST_LATE = 64, MOST_HELD_BYTES = 32 << 20 };

struct svi_platform_files {
    char database[PATH_MAX];
    int root, incoming, files, data; /* open folders */
    int lock;
    bool placed;      /* something since the last sync; under the store's lock, as place and sync are */
    atomic_uint late; /* finished uploads that are not synced yet */
    atomic_size_t held_bytes;
};

struct svi_platform_upload {
    struct svi_platform_files *files;
    char name[SVI_PLATFORM_NAME_BYTES], content_type[SVI_PLATFORM_CONTENT_TYPE_BYTES];
    bool is_held;
    struct svi_buffer held;            /* all bytes, where it is */
    char temporary[RANDOM_DIGITS + 1]; /* in incoming/; "" before it is there, and once placed */
    char placed[ID_TEXT];              /* in files/; "" before */
    int fd;
    uint64_t size_bytes;
    bool kept, late;
};

static bool fail_io(const char *message, const char *path, struct svi_error *err)
{
    int why = errno;
    const char *text = why == ENOSPC || why == EDQUOT ? "the platform's disk is full" : strerror(why);
    return svi_fail(err, SVI_IO, "%s: %s.", message, text) || svi_because(err, "%s: %s", path, strerror(why));
}

static int open_folder(int above, const char *name)
{
    return openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static bool make_folder(int above, const char *name, int *fd, struct svi_error *err)
{
    if (mkdirat(above, name, 0700) != 0 && errno != EEXIST)
        return fail_io("The platform's folder cannot be prepared", name, err);
    *fd = open_folder(above, name);
    return *fd >= 0 || fail_io("The platform's folder cannot be opened", name, err);
}

bool svi_platform_files_open(struct svi_platform_files **out, const char *folder, struct svi_error *err)
{
    *out = NULL;
    struct svi_platform_files *files = malloc(sizeof *files);
    if (!files)
        return svi_fail_memory(err, sizeof *files);
    *files = (struct svi_platform_files){ .root = -1, .incoming = -1, .files = -1, .data = -1, .lock = -1 };
    bool ok = svi_make_folders(folder, SVI_FOLDER_PRIVATE, err);
    if (ok && !svi_format(files->database, sizeof files->database, "%s/platform.db", folder))
        ok = svi_fail(err, SVI_BAD_USAGE, "The name of the platform's folder is too long.");
    if (ok) {
        files->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ok = files->root >= 0 || fail_io("The platform's folder cannot be opened", folder, err);
    }
    ok = ok && make_folder(files->root, "incoming", &files->incoming, err) && make_folder(files->root, "files", &files->files, err)
         && make_folder(files->root, "data", &files->data, err);
    if (!ok) {
        svi_platform_files_close(files);
        return false;
    }
    *out = files;
    return true;
}

void svi_platform_files_close(struct svi_platform_files *files)
{
    if (!files)
        return;
    const int open_files[] = { files->lock, files->data, files->files, files->incoming, files->root };
    for (size_t i = 0; i < sizeof open_files / sizeof *open_files; i++)
        if (open_files[i] >= 0)
            close(open_files[i]);
    free(files);
}

bool svi_platform_files_lock(struct svi_platform_files *files, struct svi_error *err)
{
    files->lock = svi_lock_file(files->root, "platform.lock", 0, false);
    if (files->lock >= 0)
        return true;
    if (errno == EWOULDBLOCK)
        return svi_fail(err, SVI_BAD_USAGE,
                        "Another platform is already running on this folder. Stop it, or name another folder with --data.");
    return fail_io("The platform's folder cannot be locked", "platform.lock", err);
}

const char *svi_platform_files_database(const struct svi_platform_files *files)
{
    return files->database;
}

bool svi_platform_files_add_user(struct svi_platform_files *files, const char *user, struct svi_error *err)
{
    int fd;
    if (!make_folder(files->data, user, &fd, err))
        return false;
    close(fd);
    return true;
}

static bool always_unknown(void *self, int64_t id, bool *answer, struct svi_error *err)
{
    (void)self;
    (void)id;
    (void)err;
    *answer = false;
    return true;
}

/* The id that a name in files/ stands for; -1 where it stands for none. */
static int64_t id_of(const char *name)
{
    char *end;
    errno = 0;
    long long id = strtoll(name, &end, 10);
    char again[ID_TEXT];
    snprintf(again, sizeof again, "%lld", id);
    return !errno && !*end && !strcmp(name, again) && id > 0 ? id : -1;
}

static bool sweep_folder(int folder, bool (*known)(void *, int64_t, bool *, struct svi_error *), void *self, struct svi_error *err)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closedir takes its descriptor with it */
    DIR *listing = copy >= 0 ? fdopendir(copy) : NULL;
    if (!listing) {
        fail_io("The platform's folder cannot be read", "sweep", err);
        if (copy >= 0)
            close(copy);
        return false;
    }
    bool ok = true;
    struct dirent *entry;
    while (ok && (entry = readdir(listing))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        bool keep = false;
        int64_t id = id_of(entry->d_name);
        ok = id < 0 || known(self, id, &keep, err);
        if (ok && !keep && unlinkat(folder, entry->d_name, 0) != 0 && errno != ENOENT && errno != EISDIR)
            ok = fail_io("A file that a stopped platform left cannot be removed", entry->d_name, err);
    }
    closedir(listing);
    return ok;
}

bool svi_platform_files_sweep(struct svi_platform_files *files,
                              bool (*known)(void *self, int64_t id, bool *answer, struct svi_error *err), void *self,
                              struct svi_error *err)
{
    return sweep_folder(files->incoming, always_unknown, NULL, err) && sweep_folder(files->files, known, self, err);
}

bool svi_platform_files_read(struct svi_platform_files *files, int64_t id, int *fd, uint64_t *size_bytes, struct svi_error *err)
{
    char name[ID_TEXT];
    snprintf(name, sizeof name, "%" PRId64, id);
    *fd = openat(files->files, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat about;
    if (*fd < 0 || fstat(*fd, &about) != 0) {
        fail_io("A file of the platform cannot be read", name, err);
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        return false;
    }
    *size_bytes = (uint64_t)about.st_size;
    return true;
}

bool svi_platform_files_sync(struct svi_platform_files *files, struct svi_error *err)
{
    const bool placed = files->placed;
    files->placed = false;
    return !placed || fsync(files->files) == 0 || fail_io("The platform's folder cannot be synced", "files", err);
}

/* type/subtype of RFC 9110, parameters left away. */
static bool is_content_type(const char *text, size_t count)
{
    size_t slashes = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("!#$&-^_.+", c));
        if (c == '/')
            slashes++;
        else if (!letter)
            return false;
    }
    return slashes == 1 && text[0] != '/' && text[count - 1] != '/';
}

static void set_content_type(struct svi_platform_upload *upload, const char *wish)
{
    size_t count = wish ? strcspn(wish, "; \t") : 0;
    bool good = count && count < sizeof upload->content_type && is_content_type(wish, count);
    svi_format(upload->content_type, sizeof upload->content_type, "%.*s", good ? (int)count : 64,
               good ? wish : "application/octet-stream");
}

static struct svi_platform_upload *new_upload(struct svi_platform_files *files, const char *name, const char *content_type,
                                              struct svi_error *err)
{
    struct svi_platform_upload *upload = malloc(sizeof *upload);
    if (!upload) {
        svi_fail_memory(err, sizeof *upload);
        return NULL;
    }
    *upload = (struct svi_platform_upload){ .files = files, .fd = -1 };
    svi_buffer_init(&upload->held, SVI_PLATFORM_HELD_BYTES);
    set_content_type(upload, content_type);
    if (svi_format(upload->name, sizeof upload->name, "%s", name))
        return upload;
    svi_fail(err, SVI_BAD_PARAMETER, "A file name is longer than %d bytes.", SVI_PLATFORM_NAME_BYTES - 1);
    free(upload);
    return NULL;
}

static bool open_temporary(struct svi_platform_upload *upload, struct svi_error *err)
{
    if (!upload->temporary[0] && !svi_random_hex(upload->temporary, RANDOM_DIGITS, err))
        return false;
    upload->fd = openat(upload->files->incoming, upload->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return upload->fd >= 0 || fail_io("A file cannot be taken in", upload->temporary, err);
}

/* What a browser on another system sends may hold its own folders. */
static const char *last_part(const char *name)
{
    const char *back = strrchr(name, '\\');
    return svi_base_name(back ? back + 1 : name);
}

bool svi_platform_upload_open(struct svi_platform_upload **out, struct svi_platform_files *files, const char *name,
                              const char *content_type, struct svi_error *err)
{
    *out = NULL;
    const char *label = last_part(name);
    if (!*label || !strcmp(label, ".") || !strcmp(label, ".."))
        return svi_fail(err, SVI_BAD_PARAMETER, "A file has no name.");
    struct svi_platform_upload *upload = new_upload(files, label, content_type, err);
    if (!upload)
        return false;
    upload->is_held = true;
    *out = upload;
    return true;
}

static bool fail_name(const char *name, struct svi_error *err)
{
    return svi_fail(
        err, SVI_BAD_PARAMETER,
        "The file name \"%s\" is refused: a name is a path inside the data folder, without \"..\", links or a leading slash.",
        name);
}

/* Opens folder/…/name for reading, going down one part at a time so that no link is ever followed. */
static bool open_below(int folder, const char *name, int *out, struct svi_error *err)
{
    int here = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    const char *part = name;
    while (here >= 0) {
        size_t length = strcspn(part, "/");
        bool last = part[length] == '\0';
        char text[NAME_MAX + 1];
        if (!length || !svi_format(text, sizeof text, "%.*s", (int)length, part) || !strcmp(text, ".") || !strcmp(text, "..")) {
            close(here);
            return fail_name(name, err);
        }
        int next = last ? openat(here, text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : open_folder(here, text);
        int why = errno;
        close(here);
        errno = why;
        here = next;
        if (last)
            break;
        part += length + 1;
    }
    *out = here;
    if (here >= 0)
        return true;
    if (errno == ELOOP || errno == ENOTDIR)
        return fail_name(name, err);
    if (errno == ENOENT)
        return svi_fail(err, SVI_NOT_FOUND, "The file \"%s\" does not exist in the data folder.", name);
    return fail_io("A file of the data folder cannot be opened", name, err);
}

static bool copy_bytes(struct svi_platform_upload *upload, int from, struct svi_error *err)
{
    uint8_t piece[65536];
    for (;;) {
        ssize_t count = read(from, piece, sizeof piece);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_io("A file of the data folder cannot be read", upload->name, err);
        if (count == 0)
            return true;
        if (!svi_platform_upload_write(upload, piece, (size_t)count, err))
            return false;
    }
}

/* A link takes no time and no room. It fails across file systems and on other people's files. */
static bool take_over(struct svi_platform_upload *upload, int from, struct svi_error *err)
{
    struct stat about;
    if (fstat(from, &about) != 0)
        return fail_io("A file of the data folder cannot be read", upload->name, err);
    if (!S_ISREG(about.st_mode))
        return fail_name(upload->name, err);
    if (!svi_random_hex(upload->temporary, RANDOM_DIGITS, err))
        return false;
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", from);
    if (linkat(AT_FDCWD, self, upload->files->incoming, upload->temporary, AT_SYMLINK_FOLLOW) == 0) {
        upload->size_bytes = (uint64_t)about.st_size;
        upload->fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
        return upload->fd >= 0 || fail_io("A file of the data folder cannot be read", upload->name, err);
    }
    return open_temporary(upload, err) && copy_bytes(upload, from, err);
}

bool svi_platform_upload_from_data(struct svi_platform_upload **out, struct svi_platform_files *files, const char *user,
                                   const char *name, struct svi_error *err)
{
    *out = NULL;
    int folder = open_folder(files->data, user), from = -1;
    if (folder < 0)
        return svi_fail(err, SVI_NOT_FOUND, "The file \"%s\" does not exist in the data folder.", name);
    struct svi_platform_upload *upload = NULL;
    bool ok = open_below(folder, name, &from, err) && (upload = new_upload(files, name, NULL, err)) && take_over(upload, from, err)
              && svi_platform_upload_finish(upload, err);
    close(folder);
    if (from >= 0)
        close(from);
    if (!ok) {
        svi_platform_upload_close(upload);
        return false;
    }
    *out = upload;
    return true;
}

bool svi_platform_upload_from_path(struct svi_platform_upload **out, struct svi_platform_files *files, const char *path,
                                   struct svi_error *err)
{
    *out = NULL;
    struct stat about;
    char name[SVI_PLATFORM_NAME_BYTES];
    svi_text_clean(name, sizeof name, svi_base_name(path));
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = from >= 0 && fstat(from, &about) == 0;
    if (!ok)
        svi_fail(err, SVI_IO, "The file %s cannot be opened: %s.", name, strerror(errno));
    else if (!S_ISREG(about.st_mode))
        ok = svi_fail(err, SVI_IO, "%s is not a regular file.", name);
    if (!ok)
        svi_because(err, "%s", path);
    struct svi_platform_upload *upload = NULL;
    ok = ok && svi_platform_upload_open(&upload, files, name, NULL, err) && copy_bytes(upload, from, err)
         && svi_platform_upload_finish(upload, err);
    if (from >= 0)
        close(from);
    if (ok)
        *out = upload;
    else
        svi_platform_upload_close(upload);
    return ok;
}

/* False where it has to become a file. */
static bool hold(struct svi_platform_upload *upload, const void *bytes, size_t count)
{
    atomic_size_t *all = &upload->files->held_bytes;
    if (count > SVI_PLATFORM_HELD_BYTES - upload->held.count)
        return false;
    if (atomic_fetch_add(all, count) + count <= MOST_HELD_BYTES && svi_buffer_add(&upload->held, bytes, count))
        return true;
    atomic_fetch_sub(all, count);
    return false;
}

static void let_go(struct svi_platform_upload *upload)
{
    atomic_fetch_sub(&upload->files->held_bytes, upload->held.count);
    svi_buffer_clear(&upload->held);
    upload->is_held = false;
}

static bool write_all(struct svi_platform_upload *upload, const uint8_t *at, size_t count, struct svi_error *err)
{
    while (count) {
        ssize_t written = write(upload->fd, at, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_io("A file cannot be taken in", upload->temporary, err);
        at += written;
        count -= (size_t)written;
    }
    return true;
}

bool svi_platform_upload_write(struct svi_platform_upload *upload, const void *bytes, size_t count, struct svi_error *err)
{
    bool ok = true;
    if (upload->is_held && !hold(upload, bytes, count)) {
        ok = open_temporary(upload, err) && write_all(upload, upload->held.at, upload->held.count, err);
        let_go(upload);
    }
    ok = ok && (upload->is_held || write_all(upload, bytes, count, err));
    upload->size_bytes += ok ? count : 0;
    return ok;
}

static bool sync_and_close(struct svi_platform_upload *upload, struct svi_error *err)
{
    bool ok = fsync(upload->fd) == 0 || fail_io("A file cannot be taken in", upload->name, err);
    close(upload->fd);
    upload->fd = -1;
    if (upload->late)
        atomic_fetch_sub(&upload->files->late, 1);
    upload->late = false;
    return ok;
}

/* A sync behind the rename brings both to the disk in one commit of the file system's journal, and leaves the folder's own sync
 * next to nothing to do. But it happens with the store's lock held, which a large file would hold for long. */
bool svi_platform_upload_finish(struct svi_platform_upload *upload, struct svi_error *err)
{
    if (upload->is_held)
        return true;
    if (upload->size_bytes > SYNC_LATE_BYTES)
        return sync_and_close(upload, err);
    upload->late = true;
    return atomic_fetch_add(&upload->files->late, 1) < MOST_LATE || sync_and_close(upload, err);
}

bool svi_platform_upload_is_held(const struct svi_platform_upload *upload, struct svi_bytes *bytes)
{
    *bytes = (struct svi_bytes){ upload->held.at, upload->held.count };
    return upload->is_held;
}

bool svi_platform_upload_place(struct svi_platform_upload *upload, int64_t id, struct svi_error *err)
{
    snprintf(upload->placed, sizeof upload->placed, "%" PRId64, id);
    if (renameat(upload->files->incoming, upload->temporary, upload->files->files, upload->placed) != 0) {
        upload->placed[0] = '\0';
        return fail_io("A file cannot be taken in", upload->temporary, err);
    }
    upload->temporary[0] = '\0';
    upload->files->placed = true;
    return !upload->late || sync_and_close(upload, err);
}

void svi_platform_upload_keep(struct svi_platform_upload *upload)
{
    upload->kept = true;
}

void svi_platform_upload_close(struct svi_platform_upload *upload)
{
    if (!upload)
        return;
    let_go(upload);
    if (upload->fd >= 0)
        close(upload->fd);
    if (upload->late)
        atomic_fetch_sub(&upload->files->late, 1);
    if (upload->temporary[0])
        unlinkat(upload->files->incoming, upload->temporary, 0);
    if (upload->placed[0] && !upload->kept)
        unlinkat(upload->files->files, upload->placed, 0);
    free(upload);
}

const char *svi_platform_upload_name(const struct svi_platform_upload *upload)
{
    return upload->name;
}

const char *svi_platform_upload_content_type(const struct svi_platform_upload *upload)
{
    return upload->content_type;
}

uint64_t svi_platform_upload_size_bytes(const struct svi_platform_upload *upload)
{
    return upload->size_bytes;
}
