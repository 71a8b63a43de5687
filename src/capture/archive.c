#include "capture/archive.h"

#include "base/file.h"
#include "capture/gzip.h"
#include "capture/label.h"
#include "capture/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>

enum { LONGEST_NAME = 1024 };

/* One walk. */
struct walk {
    const struct svi_archive_sink *sink;
    struct svi_bytes bytes;
    const char *name;            /* of the archive */
    char label[SVI_LABEL_SHOWN]; /* to be shown */
    size_t members;
    uint64_t unpacked_bytes;
};

static const uint8_t xz[] = { 0xFD, '7', 'z', 'X', 'Z', 0 }, zstd[] = { 0x28, 0xB5, 0x2F, 0xFD }, zip[] = { 'P', 'K', 3, 4 },
                     empty_zip[] = { 'P', 'K', 5, 6 };

static bool begins(struct svi_bytes head, const uint8_t *with, size_t count)
{
    return head.count >= count && !memcmp(head.at, with, count);
}

enum svi_archive_kind svi_archive_kind(struct svi_bytes head)
{
    if (svi_gzip_begins(head) || begins(head, xz, sizeof xz) || begins(head, zstd, sizeof zstd))
        return SVI_ARCHIVE_PACKED;
    if (begins(head, zip, sizeof zip) || begins(head, empty_zip, sizeof empty_zip))
        return SVI_ARCHIVE_ZIP;
    return svi_tar_begins(head) ? SVI_ARCHIVE_TAR : SVI_ARCHIVE_NONE;
}

/* ---- what is refused ---- */

static bool fail_member(const struct walk *walk, const char *name, const char *what, struct svi_error *err)
{
    char shown[SVI_LABEL_SHOWN];
    svi_label_shown(shown, name);
    return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is refused: \"%s\" %s.", walk->label, shown, what);
}

static bool has_part(const char *name, const char *part)
{
    size_t length = strlen(part);
    for (const char *at = name; *at; at += strcspn(at, "/\\"), at += strspn(at, "/\\"))
        if (strcspn(at, "/\\") == length && !strncmp(at, part, length))
            return true;
    return false;
}

static bool check_name(const struct walk *walk, const char *name, struct svi_error *err)
{
    bool drive = ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z') && name[1] == ':';
    if (!name[0])
        return fail_member(walk, name, "is no name", err);
    if (strlen(name) > LONGEST_NAME)
        return fail_member(walk, name, "is a name of more than 1024 bytes", err);
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return fail_member(walk, name, "is a name with control characters", err);
    if (name[0] == '/' || name[0] == '\\' || drive)
        return fail_member(walk, name, "is an absolute path", err);
    return !has_part(name, "..") || fail_member(walk, name, "leads out of its folder", err);
}

static bool is_of_the_system(const char *name)
{
    return svi_base_name(name)[0] == '.' || has_part(name, "__MACOSX");
}

static bool count_member(struct walk *walk, struct svi_error *err)
{
    return ++walk->members <= SVI_ARCHIVE_MOST_MEMBERS
           || svi_fail(err, SVI_BAD_RECORDING, "The archive %s holds more than %d files.", walk->label, SVI_ARCHIVE_MOST_MEMBERS);
}

/* The members so far, and one that reaches up to `end`. */
static bool check_size(const struct walk *walk, uint64_t end, struct svi_error *err)
{
    uint64_t all = walk->unpacked_bytes + end;
    if (end > SVI_ARCHIVE_MOST_BYTES || all > SVI_ARCHIVE_MOST_BYTES)
        return svi_fail(err, SVI_BAD_RECORDING, "The archive %s holds more than the %llu GiB that are unpacked here.", walk->label,
                        (unsigned long long)(SVI_ARCHIVE_MOST_BYTES >> 30));
    if (all > SVI_ARCHIVE_FREE_BYTES && all / SVI_ARCHIVE_RATIO > walk->bytes.count)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "The archive %s is refused: its files are more than %d times as large as itself. Send them without it.",
                        walk->label, SVI_ARCHIVE_RATIO);
    return true;
}

/* ---- tar ---- */

static bool take_tar_member(struct walk *walk, const struct svi_tar_member *member, struct svi_error *err)
{
    if (!count_member(walk, err) || !check_name(walk, member->name, err))
        return false;
    if (member->kind == SVI_TAR_LINK)
        return fail_member(walk, member->name, "is a link", err);
    if (member->kind == SVI_TAR_OTHER)
        return fail_member(walk, member->name, "is neither a file nor a folder", err);
    return member->kind == SVI_TAR_FOLDER || is_of_the_system(member->name)
           || walk->sink->lies(walk->sink->self, member->name, member->first_byte, member->byte_count, err);
}

static bool walk_tar(struct walk *walk, struct svi_error *err)
{
    struct svi_tar tar = svi_tar_walk(walk->bytes, walk->label);
    struct svi_tar_member member;
    bool end = false;
    while (svi_tar_next(&tar, &member, &end, err)) {
        if (end)
            return true;
        if (!take_tar_member(walk, &member, err))
            return false;
    }
    return false;
}

/* ---- what libarchive unpacks ---- */

static bool fail_broken(const struct walk *walk, struct archive *archive, struct svi_error *err)
{
    const char *why = archive_error_string(archive);
    char shown[160];
    svi_text_clean(shown, sizeof shown, why ? why : "it ends too early");
    return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken: %s.", walk->label, shown);
}

static bool write_member(struct walk *walk, struct archive *archive, struct svi_error *err)
{
    uint64_t end = 0;
    for (;;) {
        const void *at = NULL;
        size_t count = 0;
        la_int64_t offset = 0;
        int result = archive_read_data_block(archive, &at, &count, &offset);
        if (result == ARCHIVE_EOF)
            break;
        /* A wrong checksum is but a warning there. */
        if (result != ARCHIVE_OK)
            return fail_broken(walk, archive, err);
        if (offset < 0 || (uint64_t)offset < end || (uint64_t)offset > SVI_ARCHIVE_MOST_BYTES)
            return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken: parts of a file are not in order.", walk->label);
        end = (uint64_t)offset + count;
        if (!check_size(walk, end, err)
            || !walk->sink->write(walk->sink->self, (uint64_t)offset, (struct svi_bytes){ at, count }, err))
            return false;
    }
    walk->unpacked_bytes += end;
    return walk->sink->end(walk->sink->self, end, err);
}

static bool check_entry(const struct walk *walk, struct archive_entry *entry, const char *name, struct svi_error *err)
{
    if (!check_name(walk, name, err))
        return false;
    if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return fail_member(walk, name, "is a link", err);
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
        return fail_member(walk, name, "is neither a file nor a folder", err);
    /* libarchive does not say how long a hole at the end is. */
    if (archive_entry_sparse_count(entry))
        return fail_member(walk, name, "has holes in it", err);
    return !archive_entry_is_data_encrypted(entry) || fail_member(walk, name, "is encrypted", err);
}

static bool take_entry(struct walk *walk, struct archive *archive, struct archive_entry *entry, struct svi_error *err)
{
    const char *name = archive_entry_pathname(entry);
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (!name || !check_entry(walk, entry, name, err))
        return fail_member(walk, "", "is a name that cannot be read", err);
    if (archive_entry_filetype(entry) == AE_IFDIR || is_of_the_system(name))
        return true;
    return walk->sink->begin(walk->sink->self, name, err) && write_member(walk, archive, err);
}

static bool walk_entries(struct walk *walk, struct archive *archive, struct svi_error *err)
{
    struct archive_entry *entry = NULL;
    for (;;) {
        int result = archive_read_next_header(archive, &entry);
        if (result == ARCHIVE_EOF)
            return true;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return fail_broken(walk, archive, err);
        if (!count_member(walk, err) || !take_entry(walk, archive, entry, err))
            return false;
    }
}

/* What an archive is opened as, and what of it is tried. */
typedef int supporter(struct archive *archive);

/* NULL: reported. */
static struct archive *new_archive(const struct walk *walk, supporter *format, supporter *filter, struct svi_error *err)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        svi_fail_memory(err, walk->bytes.count);
    else if (format(archive) == ARCHIVE_OK && (!filter || filter(archive) == ARCHIVE_OK))
        return archive;
    else
        svi_fail(err, SVI_BUG, "The library that unpacks archives lacks what it should have.");
    archive_read_free(archive);
    return NULL;
}

static bool open_bytes(const struct walk *walk, struct archive *archive, struct svi_error *err)
{
    return archive_read_open_memory(archive, walk->bytes.at, walk->bytes.count) == ARCHIVE_OK || fail_broken(walk, archive, err);
}

static bool walk_zip(struct walk *walk, struct svi_error *err)
{
    struct archive *archive = new_archive(walk, archive_read_support_format_zip_seekable, NULL, err);
    const bool ok = archive && open_bytes(walk, archive, err) && walk_entries(walk, archive, err);
    archive_read_free(archive);
    return ok;
}

/* ---- gzip, xz, zstd ---- */

/* What is in a compressed file, to its very end. libarchive unpacks gzip, too, but looks neither at its checksums nor at what
 * follows. */
struct stream {
    struct walk *walk;
    struct svi_gzip *gzip;
    struct archive *archive; /* where it is no gzip: the whole as libarchive's raw format */
    struct svi_bytes first;  /* block, until it is taken */
    struct svi_error *err;   /* for reports to libarchive */
    bool failed;
};

static bool open_raw(struct stream *stream, supporter *filter, struct svi_error *err)
{
    const struct walk *walk = stream->walk;
    struct archive_entry *entry = NULL;
    stream->archive = new_archive(walk, archive_read_support_format_raw, filter, err);
    if (!stream->archive || !open_bytes(walk, stream->archive, err))
        return false;
    const int result = archive_read_next_header(stream->archive, &entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_EOF)
        return fail_broken(walk, stream->archive, err);
    /* What libarchive does not know for compressed, it hands out as it is. */
    return archive_filter_count(stream->archive) >= 2
           || svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken: it ends in its header, or has none that is known.",
                       walk->label);
}

/* No bytes: that is all. */
static bool unpack(struct stream *stream, struct svi_bytes *block, struct svi_error *err)
{
    const void *at = NULL;
    size_t count = 0;
    la_int64_t offset = 0;
    if (stream->gzip)
        return svi_gzip_next(stream->gzip, block, stream->walk->label, err);
    const int result = archive_read_data_block(stream->archive, &at, &count, &offset);
    if (result != ARCHIVE_OK && result != ARCHIVE_EOF)
        return fail_broken(stream->walk, stream->archive, err);
    *block = (struct svi_bytes){ at, result == ARCHIVE_OK ? count : 0 };
    return true;
}

static bool next_block(struct stream *stream, struct svi_bytes *block, struct svi_error *err)
{
    *block = stream->first;
    stream->first = (struct svi_bytes){ 0 };
    return block->count || unpack(stream, block, err);
}

static bool open_stream(struct stream *stream, struct svi_error *err)
{
    const struct svi_bytes bytes = stream->walk->bytes;
    const bool is_xz = begins(bytes, xz, sizeof xz);
    const bool ok = svi_gzip_begins(bytes)
                        ? svi_gzip_open(&stream->gzip, bytes, err)
                        : open_raw(stream, is_xz ? archive_read_support_filter_xz : archive_read_support_filter_zstd, err);
    if (!ok || !unpack(stream, &stream->first, err))
        return false;
    /* One layer of compression, and in it one archive at most. */
    return (svi_archive_kind(stream->first) != SVI_ARCHIVE_PACKED && (stream->gzip || archive_filter_count(stream->archive) == 2))
           || svi_fail(err, SVI_BAD_RECORDING, "The archive %s is compressed more than once; once is read here.",
                       stream->walk->label);
}

static la_ssize_t feed(struct archive *archive, void *self, const void **at)
{
    struct stream *stream = self;
    struct svi_bytes block;
    (void)archive;
    if (stream->failed || !next_block(stream, &block, stream->err)) {
        stream->failed = true;
        return -1;
    }
    *at = block.at;
    return (la_ssize_t)block.count;
}

/* What follows the end of a tar is padding, but damage to it is damage. */
static bool drain(struct stream *stream, struct svi_error *err)
{
    struct svi_bytes block = { 0 };
    uint64_t end = 0;
    do {
        end += block.count;
        if (stream->failed || !check_size(stream->walk, end, err) || !next_block(stream, &block, err))
            return false;
    } while (block.count);
    return true;
}

static bool walk_stream_of_tar(struct stream *stream, struct svi_error *err)
{
    struct walk *walk = stream->walk;
    struct archive *archive = new_archive(walk, archive_read_support_format_tar, NULL, err);
    stream->err = err;
    const bool ok = archive
                    && (archive_read_open(archive, stream, NULL, feed, NULL) == ARCHIVE_OK || fail_broken(walk, archive, err))
                    && walk_entries(walk, archive, err) && drain(stream, err);
    archive_read_free(archive);
    return ok;
}

/* "rec.cu8.gz" is rec.cu8; "rec.gz" is rec. Of a name that is too long the end counts: it says what the file is. */
static void name_single(char into[LONGEST_NAME], const char *name)
{
    static const char *const endings[] = { ".gz", ".xz", ".zst", ".zstd" };
    const char *base = svi_base_name(name);
    size_t length = strlen(base);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (svi_label_ends(base, endings[i]) && length > strlen(endings[i])) {
            length -= strlen(endings[i]);
            break;
        }
    const size_t skip = length < LONGEST_NAME ? 0 : length - LONGEST_NAME + 1;
    svi_format(into, LONGEST_NAME, "%.*s", (int)(length - skip), base + skip);
}

static bool write_single(struct stream *stream, struct svi_error *err)
{
    struct walk *walk = stream->walk;
    const struct svi_archive_sink *sink = walk->sink;
    char name[LONGEST_NAME];
    struct svi_bytes block;
    uint64_t end = 0;
    name_single(name, walk->name);
    if (!sink->begin(sink->self, name, err))
        return false;
    while (next_block(stream, &block, err)) {
        if (!block.count)
            return sink->end(sink->self, end, err);
        if (!check_size(walk, end + block.count, err) || !sink->write(sink->self, end, block, err))
            return false;
        end += block.count;
    }
    return false;
}

static bool walk_packed(struct walk *walk, struct svi_error *err)
{
    struct stream stream = { .walk = walk };
    /* Left to choose, libarchive takes a file that begins with zeros for a tar without members. */
    const bool ok = open_stream(&stream, err)
                    && (svi_tar_begins(stream.first) ? walk_stream_of_tar(&stream, err) : write_single(&stream, err));
    svi_gzip_close(stream.gzip);
    if (stream.archive)
        archive_read_free(stream.archive);
    return ok;
}

static bool walk_any(struct walk *walk, struct svi_error *err)
{
    const enum svi_archive_kind kind = svi_archive_kind(walk->bytes);
    /* libarchive does not know it for an archive. */
    if (begins(walk->bytes, empty_zip, sizeof empty_zip))
        return true;
    return kind == SVI_ARCHIVE_TAR ? walk_tar(walk, err) : kind == SVI_ARCHIVE_ZIP ? walk_zip(walk, err) : walk_packed(walk, err);
}

bool svi_archive_walk(struct svi_bytes bytes, const char *name, const struct svi_archive_sink *sink, struct svi_error *err)
{
    struct walk walk = { .sink = sink, .bytes = bytes, .name = name };
    svi_label_shown(walk.label, name);
    /* Names that an archive says are UTF-8 libarchive turns into those of the locale, and of a program that asked for none, gives
     * none but ASCII. */
    const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
    const bool ok = walk_any(&walk, err);
    uselocale(before);
    if (utf8)
        freelocale(utf8);
    return ok;
}
