#include "capture/mapped_file.h"

#include "base/huge_page.h"
#include "capture/label.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE_VIEW_BYTES = 1 << 20 };

struct svi_mapped_file {
    uint8_t *map; /* NULL for an empty file: nothing can be mapped there */
    size_t map_bytes;
    uint8_t *at; /* of the first byte of interest, in the map */
    size_t size;
    size_t forgotten;    /* bytes of the map that no page is resident of */
    size_t view_end;     /* of the last view */
    uint64_t first_byte; /* in the file, of `at` */
    int fd;              /* kept to see whether the file shrinks */
    char label[SVI_LABEL_SHOWN];
};

static bool open_regular(struct svi_mapped_file *file, const char *path, struct svi_error *err)
{
    /* O_NONBLOCK: a FIFO in place of a file must not hang the open. */
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (file->fd < 0 || fstat(file->fd, &about))
        return svi_fail(err, svi_status_of_errno(errno), "The file %s cannot be opened: %s.", file->label, strerror(errno))
               || svi_because(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return svi_fail(err, SVI_IO, "%s is not a regular file.", file->label)
               || svi_because(err, "%s: mode %o", path, about.st_mode);
    file->size = (size_t)about.st_size;
    return true;
}

static bool narrow(struct svi_mapped_file *file, const struct svi_span *span, struct svi_error *err)
{
    if (!span || !span->is_part)
        return true;
    if (span->first_byte > file->size || span->byte_count > file->size - span->first_byte)
        return svi_fail(err, SVI_IO, "The file %s became shorter while it was read; try again when it is complete.", file->label);
    file->first_byte = span->first_byte;
    file->size = (size_t)span->byte_count;
    return true;
}

static bool map(struct svi_mapped_file *file, const char *path, struct svi_error *err)
{
    if (!file->size)
        return true;
    const size_t skip = (size_t)(file->first_byte % (uint64_t)sysconf(_SC_PAGESIZE));
    void *at = mmap(NULL, file->size + skip, PROT_READ, MAP_PRIVATE, file->fd, (off_t)(file->first_byte - skip));
    if (at == MAP_FAILED)
        return svi_fail(err, svi_status_of_errno(errno), "The file %s cannot be read: %s.", file->label, strerror(errno))
               || svi_because(err, "%s: mmap of %zu bytes: %s", path, file->size, strerror(errno));
    file->map = at;
    file->map_bytes = file->size + skip;
    file->at = file->map + skip;
    madvise(at, file->map_bytes, MADV_SEQUENTIAL); /* only a hint: more is read ahead */
    return true;
}

bool svi_mapped_file_open(struct svi_mapped_file **out, const char *path, const char *label, struct svi_error *err)
{
    return svi_mapped_file_open_span(out, path, NULL, label, err);
}

bool svi_mapped_file_open_span(struct svi_mapped_file **out, const char *path, const struct svi_span *span, const char *label,
                               struct svi_error *err)
{
    *out = NULL;
    struct svi_mapped_file *file = calloc(1, sizeof *file);
    if (!file)
        return svi_fail_memory(err, sizeof *file);
    file->fd = -1;
    svi_label_shown(file->label, label);
    if (!open_regular(file, path, err) || !narrow(file, span, err) || !map(file, path, err)) {
        svi_mapped_file_close(file);
        return false;
    }
    *out = file;
    return true;
}

/* Where in the map the page begins that holds a byte of interest. */
static size_t page_of(const struct svi_mapped_file *file, size_t offset)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return ((size_t)(file->at - file->map) + offset) / page * page;
}

/* Bytes from here on may be touched again. */
static void remember(struct svi_mapped_file *file, size_t offset)
{
    const size_t page = page_of(file, offset);
    file->forgotten = page < file->forgotten ? page : file->forgotten;
}

static void ask_for(const struct svi_mapped_file *file, size_t offset, size_t count)
{
    if (!count || offset >= file->size)
        return;
    const size_t left = file->size - offset, last = offset + (count < left ? count : left) - 1;
    const size_t begin = page_of(file, offset);
    madvise(file->map + begin, page_of(file, last) + 1 - begin, MADV_WILLNEED); /* whole pages, whatever its length */
}

/* Large views follow one another: a disk is to work on the next while this one is used. The system's own reading ahead is often 128
 * KiB, of which a disk waits for the next to be touched. Elsewhere it is many MiB, and a short view far from the one before would
 * bring them all: a look here and there into a recording then read all of it, before anything was computed with. */
static void ask_for_pages(struct svi_mapped_file *file, size_t offset, size_t count)
{
    const size_t last_end = file->view_end, jump = offset > last_end ? offset - last_end : last_end - offset;
    file->view_end = offset + count;
    if (count >= LARGE_VIEW_BYTES)
        ask_for(file, offset + count, count);
    else if (jump >= LARGE_VIEW_BYTES)
        ask_for(file, offset, count);
}

struct svi_bytes svi_mapped_file_bytes(const struct svi_mapped_file *file)
{
    return (struct svi_bytes){ file->at ? file->at : (const void *)"", file->size };
}

struct svi_bytes svi_mapped_file_head(const struct svi_mapped_file *file, size_t most_bytes)
{
    struct svi_bytes head = svi_mapped_file_bytes(file);
    head.count = head.count < most_bytes ? head.count : most_bytes;
    return head;
}

bool svi_mapped_file_view(struct svi_mapped_file *file, uint64_t offset, uint64_t count, struct svi_bytes *view,
                          struct svi_error *err)
{
    if (!svi_bytes_cut(svi_mapped_file_bytes(file), offset, count, view))
        return svi_fail(err, SVI_BUG, "A part of %s was asked for that it does not have.", file->label)
               || svi_because(err, "bytes %llu + %llu of %zu", (unsigned long long)offset, (unsigned long long)count, file->size);
    struct stat about;
    if (fstat(file->fd, &about))
        return svi_fail(err, SVI_IO, "The file %s cannot be read: %s.", file->label, strerror(errno));
    if ((uint64_t)about.st_size < file->first_byte + offset + count)
        return svi_fail(err, SVI_IO, "The file %s became shorter while it was read; try again when it is complete.", file->label)
               || svi_because(err, "%zu bytes when opened, %lld now", file->size, (long long)about.st_size);
    remember(file, offset);
    ask_for_pages(file, offset, count);
    return true;
}

void svi_mapped_file_forget(struct svi_mapped_file *file, uint64_t before_byte)
{
    const size_t end = page_of(file, before_byte < file->size ? (size_t)before_byte : file->size);
    if (end <= file->forgotten)
        return;
    /* Not from the start each time: the kernel walks through absent pages too, which adds up in a long recording. But a touch
     * brings neighbours, which may lie before what was forgotten last: up to all that a huge page holds. */
    const size_t into = (size_t)((uintptr_t)(file->map + file->forgotten) % SVI_HUGE_PAGE_BYTES);
    const size_t begin = file->forgotten > into ? file->forgotten - into : 0;
    madvise(file->map + begin, end - begin, MADV_DONTNEED);
    file->forgotten = end;
}

void svi_mapped_file_close(struct svi_mapped_file *file)
{
    if (!file)
        return;
    if (file->map)
        munmap(file->map, file->map_bytes);
    if (file->fd >= 0)
        close(file->fd);
    free(file);
}
