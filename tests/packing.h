/* packing.h - archives made by libarchive's own writer, opened as recordings. */
#ifndef SVI_TESTS_PACKING_H
#define SVI_TESTS_PACKING_H

#include "base/file.h"
#include "capture/capture.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "check.h"

static char scratch[PATH_MAX]; /* where is unpacked: empty between two tests */

static inline const char *path_of(const char *name)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

/* Makes the folder. */
static inline bool make_scratch(void)
{
    struct svi_error err = { 0 };
    svi_format(scratch, sizeof scratch, "%s/unpack", scratch_folder());
    return svi_remove_tree(scratch, &err) && mkdir(scratch, 0700) == 0;
}

/* What lies where is unpacked. */
static inline size_t count_left(void)
{
    size_t count = 0;
    DIR *list = opendir(scratch);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(list);
    return count;
}

static inline void check_nothing_left(void)
{
    assert_int_equal(count_left(), 0);
}

struct entry {
    const char *name, *bytes;
    size_t count;  /* 0: of the text */
    unsigned type; /* 0: a file; AE_IFLNK, … */
    bool hard;
    size_t hole; /* bytes behind the text that are not stored */
};

/* What libarchive makes of entries. */
struct packing {
    int (*format)(struct archive *);
    int (*filter)(struct archive *);
    const char *options, *password;
};

static inline void write_entry(struct archive *archive, const struct entry *entry)
{
    struct archive_entry *made = archive_entry_new();
    size_t count = entry->count ? entry->count : entry->bytes ? strlen(entry->bytes) : 0;
    archive_entry_set_pathname(made, entry->name);
    archive_entry_set_filetype(made, entry->type ? entry->type : AE_IFREG);
    archive_entry_set_perm(made, 0644);
    archive_entry_set_size(made, entry->type || entry->hard ? 0 : (la_int64_t)(count + entry->hole));
    if (entry->hole)
        archive_entry_sparse_add_entry(made, 0, (la_int64_t)count);
    if (entry->type == AE_IFLNK)
        archive_entry_set_symlink(made, "/etc/passwd");
    if (entry->hard)
        archive_entry_set_hardlink(made, "/etc/passwd");
    if (archive_write_header(archive, made) != ARCHIVE_OK)
        fail_msg("%s: %s", entry->name, archive_error_string(archive));
    if (!entry->type && !entry->hard && count)
        assert_int_equal(archive_write_data(archive, entry->bytes, count), count);
    archive_entry_free(made);
}

static inline void pack(const char *path, const struct packing *packing, const struct entry *entries, size_t count)
{
    struct archive *archive = archive_write_new();
    assert_int_equal(packing->format(archive), ARCHIVE_OK);
    if (packing->filter)
        assert_int_equal(packing->filter(archive), ARCHIVE_OK);
    if (packing->password)
        assert_int_equal(archive_write_set_passphrase(archive, packing->password), ARCHIVE_OK);
    if (packing->options && archive_write_set_options(archive, packing->options) != ARCHIVE_OK)
        fail_msg("%s: %s", packing->options, archive_error_string(archive));
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        write_entry(archive, &entries[i]);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

static const struct packing as_zip = { archive_write_set_format_zip, NULL, NULL, NULL };
static const struct packing as_stored_zip = { archive_write_set_format_zip, NULL, "zip:compression=store", NULL };
static const struct packing as_tar = { archive_write_set_format_pax_restricted, NULL, NULL, NULL };
static const struct packing as_gnu_tar = { archive_write_set_format_gnutar, NULL, NULL, NULL };
static const struct packing as_tar_gz = { archive_write_set_format_ustar, archive_write_add_filter_gzip, NULL, NULL };
static const struct packing as_pax_gz = { archive_write_set_format_pax, archive_write_add_filter_gzip, NULL, NULL };
static const struct packing as_tar_xz = { archive_write_set_format_ustar, archive_write_add_filter_xz, NULL, NULL };
static const struct packing as_tar_zst = { archive_write_set_format_ustar, archive_write_add_filter_zstd, NULL, NULL };
static const struct packing as_gz = { archive_write_set_format_raw, archive_write_add_filter_gzip, NULL, NULL };
static const struct packing as_xz = { archive_write_set_format_raw, archive_write_add_filter_xz, NULL, NULL };
static const struct packing as_zst = { archive_write_set_format_raw, archive_write_add_filter_zstd, NULL, NULL };

static inline bool open_file(struct svi_capture **capture, const char *path, const char *label, struct svi_capture_request more,
                             struct svi_error *err)
{
    static char kept[PATH_MAX];
    svi_format(kept, sizeof kept, "%s", path);
    const struct svi_file file = { .path = kept, .label = label };
    more.files = &file;
    more.file_count = 1;
    return svi_capture_open(capture, &more, err);
}

static inline void check_samples(struct svi_capture *capture, const char *bytes, uint64_t count)
{
    struct svi_error err = { 0 };
    struct svi_bytes view;
    assert_int_equal(svi_capture_recording(capture)->sample_count, count);
    check_ok(svi_capture_view(capture, 0, count, &view, &err), err);
    assert_memory_equal(view.at, bytes, view.count);
    svi_capture_forget(capture, count / 2);
    check_ok(svi_capture_view(capture, 1, count - 1, &view, &err), err);
}

static const struct svi_capture_request usual = { .scratch_folder = scratch };

#endif
