/* late_archive - libarchive, loaded when it is needed. */
#include "host/late_library.h"

#include <archive.h>
#include <archive_entry.h>

#define SVI_LATE_LIBRARY SVI_LATE_ARCHIVE

SVI_LATE(mode_t, archive_entry_filetype, (struct archive_entry * entry), (entry))
SVI_LATE(const char *, archive_entry_hardlink, (struct archive_entry * entry), (entry))
SVI_LATE(int, archive_entry_is_data_encrypted, (struct archive_entry * entry), (entry))
SVI_LATE(const char *, archive_entry_pathname, (struct archive_entry * entry), (entry))
SVI_LATE(const char *, archive_entry_pathname_utf8, (struct archive_entry * entry), (entry))
SVI_LATE(int, archive_entry_sparse_count, (struct archive_entry * entry), (entry))
SVI_LATE(const char *, archive_error_string, (struct archive * archive), (archive))
SVI_LATE(int, archive_filter_count, (struct archive * archive), (archive))
SVI_LATE(int, archive_read_data_block, (struct archive * a, const void **buff, size_t *size, la_int64_t *offset),
         (a, buff, size, offset))
SVI_LATE(int, archive_read_free, (struct archive * archive), (archive))
SVI_LATE(struct archive *, archive_read_new, (void), ())
SVI_LATE(int, archive_read_next_header, (struct archive * archive, struct archive_entry **entry), (archive, entry))
SVI_LATE(int, archive_read_open,
         (struct archive * archive, void *_client_data, archive_open_callback *open, archive_read_callback *read,
          archive_close_callback *close),
         (archive, _client_data, open, read, close))
SVI_LATE(int, archive_read_open_memory, (struct archive * archive, const void *buff, size_t size), (archive, buff, size))
SVI_LATE(int, archive_read_support_filter_xz, (struct archive * archive), (archive))
SVI_LATE(int, archive_read_support_filter_zstd, (struct archive * archive), (archive))
SVI_LATE(int, archive_read_support_format_raw, (struct archive * archive), (archive))
SVI_LATE(int, archive_read_support_format_tar, (struct archive * archive), (archive))
SVI_LATE(int, archive_read_support_format_zip_seekable, (struct archive * archive), (archive))
SVI_LATE(const char *, archive_version_string, (void), ())
