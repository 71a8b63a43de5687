#include "capture/numpy.h"

#include "capture/label.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t magic[6] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };

enum { MOST_HEADER_BYTES = 1 << 20, WORD = SVI_NUMPY_TYPE };

struct reading {
    struct svi_bytes left; /* of the header */
    const char *file;
    struct svi_error *err;
};

static bool refuse(const struct reading *reading, const char *why)
{
    return svi_fail(reading->err, SVI_BAD_RECORDING, "%s: %s.", reading->file, why);
}

static void skip_space(struct reading *reading)
{
    while (reading->left.count && isspace(reading->left.at[0]))
        reading->left = (struct svi_bytes){ reading->left.at + 1, reading->left.count - 1 };
}

static bool next_is(struct reading *reading, char c)
{
    skip_space(reading);
    return reading->left.count && reading->left.at[0] == (uint8_t)c;
}

static bool take(struct reading *reading, char c)
{
    if (!next_is(reading, c))
        return false;
    reading->left = (struct svi_bytes){ reading->left.at + 1, reading->left.count - 1 };
    return true;
}

static bool take_text(struct reading *reading, char into[WORD])
{
    char quote = next_is(reading, '"') ? '"' : '\'';
    if (!take(reading, quote))
        return refuse(reading, "the header is no dictionary as NumPy writes it: a text in quotes is missing");
    size_t length = 0;
    while (length < reading->left.count && reading->left.at[length] != (uint8_t)quote)
        length++;
    if (length == reading->left.count || length >= WORD || memchr(reading->left.at, '\0', length))
        return refuse(reading, "the header is no dictionary as NumPy writes it: a text in it does not end, or is too long");
    memcpy(into, reading->left.at, length);
    into[length] = '\0';
    reading->left = (struct svi_bytes){ reading->left.at + length + 1, reading->left.count - length - 1 };
    return true;
}

static bool take_word(struct reading *reading, const char *word)
{
    size_t length = strlen(word);
    skip_space(reading);
    if (reading->left.count < length || memcmp(reading->left.at, word, length) != 0)
        return false;
    reading->left = (struct svi_bytes){ reading->left.at + length, reading->left.count - length };
    return true;
}

static bool take_count(struct reading *reading, uint64_t *out)
{
    size_t digits = 0;
    *out = 0;
    skip_space(reading);
    for (; reading->left.count && isdigit(reading->left.at[0]); digits++) {
        if (__builtin_mul_overflow(*out, UINT64_C(10), out) || __builtin_add_overflow(*out, reading->left.at[0] - '0', out))
            return refuse(reading, "a number of the shape is too large");
        reading->left = (struct svi_bytes){ reading->left.at + 1, reading->left.count - 1 };
    }
    return digits || refuse(reading, "the shape holds something that is no whole number from 0");
}

static bool read_type(struct reading *reading, struct svi_numpy_header *header)
{
    if (next_is(reading, '['))
        return refuse(reading, "the array has named fields; an array of plain numbers is needed");
    header->has_type = true;
    return take_text(reading, header->type);
}

static bool read_order(struct reading *reading, struct svi_numpy_header *header)
{
    header->has_order = true;
    header->fortran_order = take_word(reading, "True");
    return header->fortran_order || take_word(reading, "False") || refuse(reading, "fortran_order is neither True nor False");
}

static bool read_shape(struct reading *reading, struct svi_numpy_header *header)
{
    header->has_shape = true;
    header->dimensions = 0;
    if (!take(reading, '('))
        return refuse(reading, "the shape is no tuple");
    while (!take(reading, ')')) {
        if (header->dimensions == SVI_NUMPY_DIMENSIONS)
            return refuse(reading, "the array has too many dimensions; one, or (n, 2), is needed");
        if (!take_count(reading, &header->shape[header->dimensions++]))
            return false;
        if (!take(reading, ',') && !next_is(reading, ')'))
            return refuse(reading, "the shape is no tuple");
    }
    return true;
}

static const struct {
    const char *key;
    bool (*read)(struct reading *reading, struct svi_numpy_header *header);
} keys[] = { { "descr", read_type }, { "fortran_order", read_order }, { "shape", read_shape } };

static bool read_entry(struct reading *reading, struct svi_numpy_header *header)
{
    char key[WORD];
    if (!take_text(reading, key))
        return false;
    if (!take(reading, ':'))
        return refuse(reading, "the header is no dictionary as NumPy writes it: a colon is missing");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i].key, key))
            return keys[i].read(reading, header);
    return refuse(reading, "the header has a key that NumPy does not write");
}

static bool read_header(struct reading *reading, struct svi_numpy_header *header)
{
    if (!take(reading, '{'))
        return refuse(reading, "the header is no dictionary as NumPy writes it");
    while (!take(reading, '}')) {
        if (!read_entry(reading, header))
            return false;
        if (!take(reading, ',') && !next_is(reading, '}'))
            return refuse(reading, "the header is no dictionary as NumPy writes it: it does not end");
    }
    return (header->has_type && header->has_order && header->has_shape)
           || refuse(reading, "the header lacks one of descr, fortran_order and shape");
}

/* Cuts the header out of the file. */
static bool find_header(struct reading *reading, struct svi_bytes bytes, uint64_t *first_byte)
{
    if (!svi_numpy_begins(bytes) || bytes.count < 10)
        return refuse(reading, "it is no NumPy array file: its first bytes are others, or too few");
    if (bytes.at[6] < 1 || bytes.at[6] > 3)
        return svi_fail(reading->err, SVI_BAD_RECORDING, "%s has version %u.%u of NumPy's format; 1.0 to 3.0 can be read.",
                        reading->file, bytes.at[6], bytes.at[7]);
    size_t width = bytes.at[6] == 1 ? 2 : 4;
    uint64_t length = 0;
    for (size_t i = width; i-- > 0;)
        length = length << 8 | (8 + i < bytes.count ? bytes.at[8 + i] : 0);
    if (length > MOST_HEADER_BYTES)
        return refuse(reading, "the header is longer than any that NumPy writes");
    *first_byte = 8 + width + length;
    return svi_bytes_cut(bytes, 8 + width, length, &reading->left) || refuse(reading, "it ends inside of its header");
}

/* "<i2" and pairs -> "ci16_le". */
static const struct svi_datatype *find_type(const char *type, bool pairs)
{
    static const struct {
        const char *number, *real, *pair;
    } rows[] = {
        { "c8", "cf32", NULL },   { "c16", "cf64", NULL },  { "f4", "rf32", "cf32" }, { "f8", "rf64", "cf64" },
        { "i1", "ri8", "ci8" },   { "i2", "ri16", "ci16" }, { "i4", "ri32", "ci32" }, { "u1", "ru8", "cu8" },
        { "u2", "ru16", "cu16" }, { "u4", "ru32", "cu32" },
    };
    char name[WORD];
    bool ordered = type[0] == '<' || type[0] == '>';
    if (!ordered && type[0] != '|')
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *stem = pairs ? rows[i].pair : rows[i].real;
        bool byte = rows[i].number[0] != 'c' && rows[i].number[1] == '1';
        if (strcmp(rows[i].number, type + 1) != 0 || !stem || ordered == byte)
            continue;
        snprintf(name, sizeof name, "%s%s", stem, byte ? "" : type[0] == '>' ? "_be" : "_le");
        return svi_datatype_find(name);
    }
    return NULL;
}

static bool understand(struct svi_numpy *out, const struct reading *reading, const struct svi_numpy_header *header)
{
    char type[3 * WORD];
    svi_text_clean(type, sizeof type, header->type);
    bool pairs = header->dimensions == 2 && header->shape[1] == 2 && header->type[0] && header->type[1] != 'c';
    if (header->dimensions == 2 && header->shape[0] == 2 && header->shape[1] != 2)
        return refuse(reading, "the array has the shape (2, n); one sample after the other, (n, 2), is needed: transpose it");
    if (header->dimensions != 1 && !pairs)
        return svi_fail(reading->err, SVI_BAD_RECORDING,
                        "%s: the array has %zu dimensions; one, or (n, 2) of real numbers, is needed.", reading->file,
                        header->dimensions);
    if (pairs && header->fortran_order && header->shape[0] > 1)
        return refuse(reading, "all I come before all Q (Fortran order); save it as numpy.ascontiguousarray");
    out->datatype = find_type(header->type, pairs);
    if (!out->datatype)
        return svi_fail(
            reading->err, SVI_BAD_RECORDING,
            "%s: numbers of type \"%s\" cannot be read; complex64, complex128, float32, float64 and integers of 8 to 32 "
            "bits can.",
            reading->file, type);
    out->sample_count = header->shape[0];
    return out->sample_count || refuse(reading, "the array is empty");
}

bool svi_numpy_begins(struct svi_bytes head)
{
    return head.count >= sizeof magic && !memcmp(head.at, magic, sizeof magic);
}

bool svi_numpy_read_header(struct svi_numpy_header *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *out = (struct svi_numpy_header){ 0 };
    char file[SVI_LABEL_SHOWN];
    svi_label_shown(file, label);
    struct reading reading = { .file = file, .err = err };
    return find_header(&reading, bytes, &out->first_byte) && read_header(&reading, out);
}

bool svi_numpy_parse(struct svi_numpy *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *out = (struct svi_numpy){ 0 };
    char file[SVI_LABEL_SHOWN];
    svi_label_shown(file, label);
    const struct reading reading = { .file = file, .err = err };
    struct svi_numpy_header header;
    if (!svi_numpy_read_header(&header, bytes, label, err) || !understand(out, &reading, &header))
        return false;
    out->first_byte = header.first_byte;
    uint64_t there = bytes.count - out->first_byte, wanted;
    if (__builtin_mul_overflow(out->sample_count, svi_datatype_bytes(out->datatype), &wanted))
        return refuse(&reading, "the shape is larger than any file");
    if (wanted > there)
        svi_warn(&out->warnings, "%s ends before its array does: %" PRIu64 " of %" PRIu64 " bytes are there.", file, there, wanted);
    else if (wanted < there)
        svi_warn(&out->warnings, "%s has %" PRIu64 " bytes behind its array; they are ignored.", file, there - wanted);
    out->byte_count = wanted < there ? wanted : there;
    return true;
}
