#include "capture/unpack.h"

#include "base/file.h"
#include "capture/archive.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 512 };

static const char cannot_unpack[] = "A file cannot be unpacked";

struct member {
    char *path, *label; /* path: NULL where it lies in the archive */
    size_t archive;     /* number in the request of the file that it came from */
    struct svi_span span;
};

struct svi_unpacked {
    struct svi_scratch scratch;
    const char *below; /* where that one is made when it is needed */
    struct member *members;
    size_t count, room;
    struct svi_file *files; /* the list for the request, and where they lie */
    struct svi_span *spans;
    struct svi_warnings warnings;
    /* While archives are read. */
    const struct svi_capture_request *request;
    size_t archive;
    int fd;
    uint64_t written_bytes;
};

/* ---- members ---- */

static bool add_member(struct svi_unpacked *unpacked, const char *label, const struct svi_span *span, struct svi_error *err)
{
    if (unpacked->count == unpacked->room) {
        size_t room = unpacked->room ? unpacked->room * 2 : 64;
        struct member *members = realloc(unpacked->members, room * sizeof *members);
        if (!members)
            return svi_fail_memory(err, room * sizeof *members);
        unpacked->members = members;
        unpacked->room = room;
    }
    struct member *member = &unpacked->members[unpacked->count];
    *member = (struct member){ .label = strdup(label), .archive = unpacked->archive };
    if (span)
        member->span = *span;
    if (!member->label)
        return svi_fail_memory(err, strlen(label));
    unpacked->count++;
    return true;
}

static bool make_folder(struct svi_unpacked *unpacked, struct svi_error *err)
{
    if (unpacked->scratch.path[0])
        return true;
    return unpacked->below ? svi_scratch_open(&unpacked->scratch, unpacked->below, err)
                           : svi_fail(err, SVI_BAD_RECORDING, "Archives are not unpacked here. Send the files without it.");
}

/* Makes the file of a member, under its number. */
static bool open_member(struct svi_unpacked *unpacked, size_t i, struct svi_error *err)
{
    struct svi_buffer path;
    if (!make_folder(unpacked, err))
        return false;
    svi_buffer_init(&path, PATH_MAX);
    if (!svi_buffer_add_text(&path, "%s/%zu", unpacked->scratch.path, i))
        return svi_fail_memory(err, PATH_MAX);
    unpacked->members[i].path = (char *)path.at;
    unpacked->fd = open(unpacked->members[i].path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return unpacked->fd >= 0 || svi_scratch_fail(cannot_unpack, unpacked->members[i].path, err);
}

static bool begin(void *self, const char *name, struct svi_error *err)
{
    struct svi_unpacked *unpacked = self;
    return add_member(unpacked, name, NULL, err) && open_member(unpacked, unpacked->count - 1, err);
}

static bool write_at(void *self, uint64_t offset, struct svi_bytes bytes, struct svi_error *err)
{
    const struct svi_unpacked *unpacked = self;
    return svi_scratch_go_on(unpacked->request, err) && svi_scratch_write(unpacked->fd, offset, bytes, cannot_unpack, err);
}

static bool end(void *self, uint64_t byte_count, struct svi_error *err)
{
    struct svi_unpacked *unpacked = self;
    bool ok = ftruncate(unpacked->fd, (off_t)byte_count) == 0;
    ok = close(unpacked->fd) == 0 && ok;
    unpacked->fd = -1;
    return ok || svi_scratch_fail(cannot_unpack, unpacked->scratch.path, err);
}

static bool lies(void *self, const char *name, uint64_t first_byte, uint64_t byte_count, struct svi_error *err)
{
    return add_member(self, name, &(struct svi_span){ first_byte, byte_count, true }, err);
}

/* ---- the request's files ---- */

/* What cannot be read is left to the format that is to read it. */
static enum svi_archive_kind kind_of_file(const struct svi_file *file)
{
    uint8_t head[HEAD_BYTES];
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = fd >= 0 ? pread(fd, head, sizeof head, 0) : -1;
    if (fd >= 0)
        close(fd);
    return count > 0 ? svi_archive_kind((struct svi_bytes){ head, (size_t)count }) : SVI_ARCHIVE_NONE;
}

static bool take_archive(struct svi_unpacked *unpacked, const struct svi_file *file, struct svi_error *err)
{
    const struct svi_archive_sink sink = { unpacked, lies, begin, write_at, end };
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open(&mapped, file->path, file->label, err))
        return false;
    size_t before = unpacked->count;
    bool ok = svi_archive_walk(svi_mapped_file_bytes(mapped), file->label, &sink, err);
    svi_mapped_file_close(mapped);
    if (unpacked->fd >= 0)
        close(unpacked->fd);
    unpacked->fd = -1;
    char shown[SVI_LABEL_SHOWN];
    svi_label_shown(shown, file->label);
    return ok && (unpacked->count > before || svi_fail(err, SVI_BAD_RECORDING, "The archive %s holds no files.", shown));
}

static bool take_file(struct svi_unpacked *unpacked, size_t i, enum svi_archive_kind kind, struct svi_error *err)
{
    unpacked->archive = i;
    return kind ? take_archive(unpacked, &unpacked->request->files[i], err)
                : add_member(unpacked, unpacked->request->files[i].label, NULL, err);
}

/* The members as a request's list. */
static bool list_files(struct svi_unpacked *unpacked, struct svi_capture_request *request, struct svi_error *err)
{
    unpacked->files = calloc(unpacked->count, sizeof *unpacked->files);
    unpacked->spans = calloc(unpacked->count, sizeof *unpacked->spans);
    if (!unpacked->files || !unpacked->spans)
        return svi_fail_memory(err, unpacked->count * sizeof *unpacked->spans);
    for (size_t i = 0; i < unpacked->count; i++) {
        const struct member *member = &unpacked->members[i];
        unpacked->files[i].path = member->path ? member->path : request->files[member->archive].path;
        unpacked->files[i].label = member->label;
        unpacked->spans[i] = member->span;
    }
    request->files = unpacked->files;
    request->spans = unpacked->spans;
    request->file_count = unpacked->count;
    request->look_beside = false;
    return true;
}

bool svi_unpack(struct svi_unpacked **out, struct svi_capture_request *request, struct svi_error *err)
{
    *out = NULL;
    size_t first = 0;
    if (!request->file_count)
        return svi_fail(err, SVI_BAD_RECORDING, "There are no files to draw. Name at least one file of a recording.");
    while (first < request->file_count && !kind_of_file(&request->files[first]))
        first++;
    if (first == request->file_count)
        return true;
    struct svi_unpacked *unpacked = calloc(1, sizeof *unpacked);
    if (!unpacked)
        return svi_fail_memory(err, sizeof *unpacked);
    unpacked->below = request->scratch_folder;
    unpacked->fd = -1;
    const struct svi_capture_request given = *request;
    unpacked->request = &given;
    bool ok = true;
    for (size_t i = 0; ok && i < request->file_count; i++)
        ok = take_file(unpacked, i, i < first ? SVI_ARCHIVE_NONE : kind_of_file(&request->files[i]), err);
    ok = ok && list_files(unpacked, request, err);
    unpacked->request = NULL;
    if (ok)
        *out = unpacked;
    else
        svi_unpacked_close(unpacked);
    return ok;
}

/* ---- what a format wants of them ---- */

static bool belongs(const struct svi_unpacked *unpacked, size_t i, const struct svi_format *format)
{
    struct svi_error ignored = { 0 };
    struct svi_mapped_file *mapped;
    const struct svi_file *file = &unpacked->files[i];
    if (!svi_mapped_file_open_span(&mapped, file->path, &unpacked->spans[i], file->label, &ignored))
        return false;
    const size_t most_bytes = format->probe_bytes ? format->probe_bytes : SVI_FORMAT_HEAD_BYTES;
    bool yes = format->probe(svi_mapped_file_head(mapped, most_bytes), file->label);
    svi_mapped_file_close(mapped);
    return yes;
}

static void keep(struct svi_unpacked *unpacked, size_t to, size_t from)
{
    unpacked->files[to] = unpacked->files[from];
    unpacked->spans[to] = unpacked->spans[from];
}

static bool pick_one(struct svi_unpacked *unpacked, struct svi_capture_request *request, struct svi_error *err)
{
    char labels[200], shown[SVI_LABEL_SHOWN];
    size_t picked = 0;
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    while (request->recording && picked < request->file_count && !svi_label_names(request->files[picked].label, request->recording))
        picked++;
    if (picked == request->file_count) {
        svi_label_shown(shown, request->recording);
        return svi_fail(err, SVI_BAD_PARAMETER, "There is no recording \"%s\" in the archive; it holds: %s.", shown, labels);
    }
    svi_label_shown(shown, request->files[picked].label);
    if (!request->recording && request->file_count > 1)
        svi_warn(&unpacked->warnings, "%s is drawn of %zu recordings in the archive: %s. Pick one with the parameter recording.",
                 shown, request->file_count, labels);
    keep(unpacked, 0, picked);
    request->file_count = 1;
    return true;
}

/* Copies a span into a file of its own. */
static bool write_span(struct svi_unpacked *unpacked, size_t i, const struct svi_span *span, struct svi_error *err)
{
    const struct svi_file *file = &unpacked->files[i];
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open_span(&mapped, file->path, span, file->label, err))
        return false;
    struct svi_bytes bytes = svi_mapped_file_bytes(mapped);
    /* members and files are numbered alike only before some are left out, so the new file gets a member of its own. */
    bool ok = add_member(unpacked, file->label, NULL, err) && open_member(unpacked, unpacked->count - 1, err)
              && write_at(unpacked, 0, bytes, err) && end(unpacked, bytes.count, err);
    svi_mapped_file_close(mapped);
    if (ok) {
        unpacked->files[i].path = unpacked->members[unpacked->count - 1].path;
        unpacked->spans[i] = (struct svi_span){ 0 };
    }
    return ok;
}

bool svi_unpacked_fit(struct svi_unpacked *unpacked, struct svi_capture_request *request, const struct svi_format *format,
                      struct svi_error *err)
{
    unpacked->request = request;
    if (!format->foreign_data) {
        size_t all = request->file_count, kept = 0;
        for (size_t i = 0; i < all; i++)
            if (belongs(unpacked, i, format))
                keep(unpacked, kept++, i);
        request->file_count = kept ? kept : all;
    }
    bool ok = !format->one_file || pick_one(unpacked, request, err);
    for (size_t i = 0; ok && !format->reads_spans && i < request->file_count; i++)
        ok = !unpacked->spans[i].is_part || write_span(unpacked, i, &unpacked->spans[i], err);
    unpacked->request = NULL;
    return ok;
}

const struct svi_warnings *svi_unpacked_warnings(const struct svi_unpacked *unpacked)
{
    return &unpacked->warnings;
}

void svi_unpacked_close(struct svi_unpacked *unpacked)
{
    if (!unpacked)
        return;
    if (unpacked->fd >= 0)
        close(unpacked->fd);
    svi_scratch_close(&unpacked->scratch);
    for (size_t i = 0; i < unpacked->count; i++) {
        free(unpacked->members[i].path);
        free(unpacked->members[i].label);
    }
    free(unpacked->members);
    free(unpacked->files);
    free(unpacked->spans);
    free(unpacked);
}
