#include "capture/tar.h"

#include <string.h>

enum {
    BLOCK = 512,
    NAME = 100,
    PREFIX_AT = 345,
    PREFIX = 155,
    SIZE_AT = 124,
    SUM_AT = 148,
    KIND_AT = 156,
    MAGIC_AT = 257,
    NUMBER = 12
};

/* What the headers before a member say of it. */
struct said {
    bool has_size;
    uint64_t size;
    char name[SVI_TAR_NAME_SIZE]; /* "" where they say none */
};

static bool fail(const struct svi_tar *tar, const char *what, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken at byte %llu: %s.", tar->label, (unsigned long long)tar->at,
                    what);
}

/* Octal digits with blanks around them, or, with the first bit set, a binary number. */
static bool read_number(const uint8_t *at, size_t count, uint64_t *out)
{
    *out = 0;
    if (at[0] & 0x80) {
        for (size_t i = 0; i < count; i++) {
            if (*out >> 55)
                return false;
            *out = *out << 8 | (i ? at[i] : at[i] & 0x7Fu);
        }
        return true;
    }
    size_t i = 0;
    while (i < count && at[i] == ' ')
        i++;
    for (; i < count && at[i] >= '0' && at[i] <= '7'; i++) {
        if (*out >> 60)
            return false;
        *out = *out * 8 + (at[i] - '0');
    }
    return i == count || at[i] == ' ' || at[i] == '\0';
}

/* The sum of all bytes, those of the sum itself taken for blanks. */
static bool sum_is_right(const uint8_t *header)
{
    uint64_t stated, sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : header[i];
    return read_number(header + SUM_AT, 8, &stated) && stated == sum;
}

bool svi_tar_begins(struct svi_bytes head)
{
    return head.count >= BLOCK && !memcmp(head.at + MAGIC_AT, "ustar", 5) && sum_is_right(head.at);
}

struct svi_tar svi_tar_walk(struct svi_bytes bytes, const char *label)
{
    return (struct svi_tar){ .bytes = bytes, .label = label };
}

static bool all_zero(struct svi_bytes block)
{
    for (size_t i = 0; i < block.count; i++)
        if (block.at[i])
            return false;
    return true;
}

static void read_name(char into[SVI_TAR_NAME_SIZE], const uint8_t *header)
{
    /* In the older GNU format other things lie where ustar has the prefix. */
    const int prefix = memcmp(header + MAGIC_AT, "ustar\0", 6) ? 0 : (int)strnlen((const char *)header + PREFIX_AT, PREFIX);
    svi_format(into, SVI_TAR_NAME_SIZE, "%.*s%s%.*s", prefix, (const char *)header + PREFIX_AT, prefix ? "/" : "", NAME,
               (const char *)header);
}

static bool keep_name(struct said *said, struct svi_bytes text)
{
    while (text.count && !text.at[text.count - 1])
        text.count--;
    if (!text.count || text.count >= sizeof said->name || memchr(text.at, 0, text.count))
        return false;
    memcpy(said->name, text.at, text.count);
    said->name[text.count] = '\0';
    return true;
}

/* One record of a pax header: "25 path=some/long/name\n". */
static bool read_record(struct said *said, struct svi_bytes key_value, const char **fault)
{
    static const char path[] = "path=", size[] = "size=", sparse[] = "GNU.sparse.";
    const char *text = (const char *)key_value.at;
    if (key_value.count >= strlen(sparse) && !memcmp(text, sparse, strlen(sparse)))
        *fault = "a file with holes in it is not read here";
    else if (key_value.count >= strlen(path) && !memcmp(text, path, strlen(path)))
        *fault = keep_name(said, (struct svi_bytes){ key_value.at + strlen(path), key_value.count - strlen(path) })
                     ? NULL
                     : "a name is empty, has a zero byte, or is longer than 4096 bytes";
    else if (key_value.count > strlen(size) && !memcmp(text, size, strlen(size))) {
        said->size = 0;
        for (size_t i = strlen(size); i < key_value.count; i++) {
            if (text[i] < '0' || text[i] > '9' || said->size >> 59)
                *fault = "the size in a pax header is no number";
            else
                said->size = said->size * 10 + (uint64_t)(text[i] - '0');
        }
        said->has_size = true;
    }
    return !*fault;
}

static bool read_pax(const struct svi_tar *tar, struct said *said, struct svi_bytes text, struct svi_error *err)
{
    while (text.count && text.at[0]) {
        size_t length = 0, i = 0;
        for (; i < text.count && text.at[i] >= '0' && text.at[i] <= '9' && length < text.count; i++)
            length = length * 10 + (size_t)(text.at[i] - '0');
        if (!i || i == text.count || text.at[i] != ' ' || length > text.count || length < i + 3 || text.at[length - 1] != '\n')
            return fail(tar, "a pax header is not as it should be", err);
        const char *fault = NULL;
        if (!read_record(said, (struct svi_bytes){ text.at + i + 1, length - i - 2 }, &fault))
            return fail(tar, fault, err);
        text = (struct svi_bytes){ text.at + length, text.count - length };
    }
    return true;
}

static enum svi_tar_kind kind_of(uint8_t flag)
{
    switch (flag) {
    case '0':
    case '\0':
    case '7':
        return SVI_TAR_FILE;
    case '5':
        return SVI_TAR_FOLDER;
    case '1':
    case '2':
        return SVI_TAR_LINK;
    default:
        return SVI_TAR_OTHER;
    }
}

/* The header at tar->at, and the bytes behind it. */
static bool open_header(struct svi_tar *tar, struct svi_bytes *header, struct svi_bytes *data, const struct said *said,
                        struct svi_error *err)
{
    uint64_t size;
    if (!svi_bytes_cut(tar->bytes, tar->at, BLOCK, header))
        return fail(tar, "it ends inside a header", err);
    if (!sum_is_right(header->at) || memcmp(header->at + MAGIC_AT, "ustar", 5) != 0)
        return fail(tar, "there is no header, or its checksum is wrong", err);
    if (!read_number(header->at + SIZE_AT, NUMBER, &size))
        return fail(tar, "the size in a header is no number", err);
    uint8_t flag = header->at[KIND_AT];
    bool of_member = flag != 'x' && flag != 'g' && flag != 'L' && flag != 'K';
    size = of_member && said->has_size ? said->size : size;
    /* Links and folders have no bytes, whatever the size says. */
    if (of_member && kind_of(flag) != SVI_TAR_FILE)
        size = 0;
    return svi_bytes_cut(tar->bytes, tar->at + BLOCK, size, data) || fail(tar, "it ends inside a file, or a size is wrong", err);
}

/* Takes a header that is about the member behind it. */
static bool take_note(const struct svi_tar *tar, struct said *said, uint8_t flag, struct svi_bytes data, struct svi_error *err)
{
    if (flag == 'x')
        return read_pax(tar, said, data, err);
    if (flag == 'L')
        return keep_name(said, data) || fail(tar, "a long name is empty, has a zero byte, or is longer than 4096 bytes", err);
    return true;
}

bool svi_tar_next(struct svi_tar *tar, struct svi_tar_member *out, bool *end, struct svi_error *err)
{
    struct said said = { 0 };
    for (bool noted = false;; noted = true) {
        struct svi_bytes header, data, first;
        *end = !noted && (tar->at >= tar->bytes.count || (svi_bytes_cut(tar->bytes, tar->at, BLOCK, &first) && all_zero(first)));
        if (*end)
            return tar->at > 0 || fail(tar, "it is empty", err);
        if (!open_header(tar, &header, &data, &said, err))
            return false;
        const uint8_t flag = header.at[KIND_AT];
        const bool note = flag == 'x' || flag == 'g' || flag == 'L' || flag == 'K';
        if (flag == 'S')
            return fail(tar, "a file with holes in it is not read here", err);
        if (note && !take_note(tar, &said, flag, data, err))
            return false;
        const uint64_t first_byte = tar->at + BLOCK;
        tar->at = first_byte + (data.count + BLOCK - 1) / BLOCK * BLOCK;
        if (note)
            continue;
        out->kind = kind_of(flag);
        out->first_byte = first_byte;
        out->byte_count = data.count;
        if (said.name[0])
            memcpy(out->name, said.name, sizeof out->name);
        else
            read_name(out->name, header.at);
        return true;
    }
}
