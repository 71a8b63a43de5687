#include "capture/archive.h"

#include "base/file.h"
#include "capture/label.h"
#include "capture/tar.h"

#include <archive.h>
#include <archive_entry.h>
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

static const uint8_t gzip[] = { 0x1F, 0x8B }, xz[] = { 0xFD, '7', 'z', 'X', 'Z', 0 }, zstd[] = { 0x28, 0xB5, 0x2F, 0xFD },
                     zip[] = { 'P', 'K', 3, 4 }, empty_zip[] = { 'P', 'K', 5, 6 };

static bool begins(struct svi_bytes head, const uint8_t *with, size_t count)
{
    return head.count >= count && !memcmp(head.at, with, count);
}

enum svi_archive_kind svi_archive_kind(struct svi_bytes head)
{
    if (begins(head, gzip, sizeof gzip) || begins(head, xz, sizeof xz) || begins(head, zstd, sizeof zstd))
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

static bool check_entry(const struct walk *walk, struct archive_entry *entry, const char *name, struct svi_error *err)
{
    if (!check_name(walk, name, err))
        return false;
    if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return fail_member(walk, name, "is a link", err);
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
        return fail_member(walk, name, "is neither a file nor a folder", err);
    return !archive_entry_is_data_encrypted(entry) || fail_member(walk, name, "is encrypted", err);
}

static bool take_entry(struct walk *walk, struct archive *archive, struct archive_entry *entry, struct svi_error *err)
{
    char single[LONGEST_NAME];
    const char *name = archive_entry_pathname(entry);
    const bool alone = archive_format(archive) == ARCHIVE_FORMAT_RAW;
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (alone) {
        name_single(single, walk->name);
        name = single;
    } else if (!name || !check_entry(walk, entry, name, err)) {
        return fail_member(walk, "", "is a name that cannot be read", err);
    }
    /* One layer of compression, and in it one archive at most. */
    if (archive_filter_count(archive) > 2)
        return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is compressed more than once; once is read here.", walk->label);
    if (archive_entry_filetype(entry) == AE_IFDIR || (!alone && is_of_the_system(name)))
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

/* What an archive is opened as. A single compressed file is libarchive's raw format. */
typedef int supporter(struct archive *archive);

/* Only what is named here is ever tried: libarchive knows far more, programs that it would run among it. NULL: reported. */
static struct archive *open_as(const struct walk *walk, supporter *format, struct svi_error *err)
{
    struct archive *archive = archive_read_new();
    if (!archive) {
        svi_fail_memory(err, walk->bytes.count);
        return NULL;
    }
    bool ok = (format(archive) == ARCHIVE_OK && archive_read_support_filter_gzip(archive) == ARCHIVE_OK
               && archive_read_support_filter_xz(archive) == ARCHIVE_OK && archive_read_support_filter_zstd(archive) == ARCHIVE_OK)
              || svi_fail(err, SVI_BUG, "The library that unpacks archives lacks what it should have.");
    if (ok && archive_read_open_memory(archive, walk->bytes.at, walk->bytes.count) != ARCHIVE_OK)
        ok = fail_broken(walk, archive, err);
    if (ok)
        return archive;
    archive_read_free(archive);
    return NULL;
}

/* Left to choose, libarchive takes a file that begins with zeros for a tar without members. */
static bool holds_tar(const struct walk *walk, bool *yes, struct svi_error *err)
{
    uint8_t head[512];
    struct archive_entry *entry = NULL;
    struct archive *archive = open_as(walk, archive_read_support_format_raw, err);
    if (!archive)
        return false;
    bool ok = archive_read_next_header(archive, &entry) == ARCHIVE_OK || fail_broken(walk, archive, err);
    /* What libarchive does not know for compressed, it hands out as it is. */
    if (ok && archive_filter_count(archive) < 2)
        ok = svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken: it ends in its header, or has none that is known.",
                      walk->label);
    la_ssize_t count = ok ? archive_read_data(archive, head, sizeof head) : 0;
    *yes = count == sizeof head && svi_tar_begins((struct svi_bytes){ head, sizeof head });
    archive_read_free(archive);
    return ok;
}

static bool walk_packed(struct walk *walk, enum svi_archive_kind kind, struct svi_error *err)
{
    bool tar = false;
    if (kind == SVI_ARCHIVE_PACKED && !holds_tar(walk, &tar, err))
        return false;
    struct archive *archive = open_as(walk,
                                      kind == SVI_ARCHIVE_ZIP ? archive_read_support_format_zip_seekable
                                      : tar                   ? archive_read_support_format_tar
                                                              : archive_read_support_format_raw,
                                      err);
    bool ok = archive && walk_entries(walk, archive, err);
    archive_read_free(archive);
    return ok;
}

bool svi_archive_walk(struct svi_bytes bytes, const char *name, const struct svi_archive_sink *sink, struct svi_error *err)
{
    struct walk walk = { .sink = sink, .bytes = bytes, .name = name };
    svi_label_shown(walk.label, name);
    enum svi_archive_kind kind = svi_archive_kind(bytes);
    /* libarchive does not know it for an archive. */
    if (begins(bytes, empty_zip, sizeof empty_zip))
        return true;
    return kind == SVI_ARCHIVE_TAR ? walk_tar(&walk, err) : walk_packed(&walk, kind, err);
}
