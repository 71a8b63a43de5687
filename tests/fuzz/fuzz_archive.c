/* fuzz_archive - any bytes as an archive: refused with a reason, or members that keep what archive.h promises of names and places.
 */
#include "capture/archive.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

struct seen {
    uint64_t bytes, at;
    bool open;
    size_t members;
};

enum { ENOUGH_BYTES = 1 << 20 };

static void check_name(const char *name)
{
    must(name[0] && name[0] != '/' && name[0] != '\\' && strlen(name) <= 1024);
    for (const char *c = name; *c; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7F);
    for (const char *part = strstr(name, ".."); part; part = strstr(part + 1, ".."))
        must(!((part == name || strchr("/\\", part[-1])) && (!part[2] || strchr("/\\", part[2]))));
}

static bool lies(void *self, const char *name, uint64_t first_byte, uint64_t byte_count, struct svi_error *err)
{
    struct seen *seen = self;
    (void)err;
    check_name(name);
    must(!seen->open && first_byte >= 512 && first_byte <= seen->bytes && byte_count <= seen->bytes - first_byte);
    must(++seen->members <= SVI_ARCHIVE_MOST_MEMBERS);
    return true;
}

static bool begin(void *self, const char *name, struct svi_error *err)
{
    struct seen *seen = self;
    (void)err;
    check_name(name);
    must(!seen->open && ++seen->members <= SVI_ARCHIVE_MOST_MEMBERS);
    seen->open = true;
    seen->at = 0;
    return true;
}

static bool write_at(void *self, uint64_t offset, struct svi_bytes bytes, struct svi_error *err)
{
    struct seen *seen = self;
    must(seen->open && offset >= seen->at && bytes.count <= UINT64_MAX - offset);
    seen->at = offset + bytes.count;
    must(seen->at <= SVI_ARCHIVE_MOST_BYTES);
    volatile uint8_t last = bytes.count ? bytes.at[bytes.count - 1] : 0;
    (void)last;
    return seen->at <= ENOUGH_BYTES || svi_fail(err, SVI_CANCELLED, "That is enough.");
}

static bool end(void *self, uint64_t byte_count, struct svi_error *err)
{
    struct seen *seen = self;
    (void)err;
    must(seen->open && byte_count == seen->at);
    seen->open = false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = { .bytes = size };
    const struct svi_archive_sink sink = { &seen, lies, begin, write_at, end };
    struct svi_error err = { 0 };
    const struct svi_bytes bytes = { data, size };
    if (svi_archive_kind(bytes) == SVI_ARCHIVE_NONE)
        return 0;
    if (svi_archive_walk(bytes, "fuzz.zip", &sink, &err))
        must(!seen.open && err.status == SVI_OK);
    else
        must(err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
    return 0;
}
