#include "capture/drf_file.h"

#include "capture/moment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    MOST_INDEX_ROWS = 1 << 20,
    MOST_CHUNK_BYTES = 256 << 20,
    MOST_SUBCHANNELS = 4096,
    SIEVE_BYTES = 4096,
    CHUNK_SLOTS = 521,
    CHUNK_CACHE_BYTES =
        20 << 20, /* has room for one of digital_rf's chunks: a block is a part of it, and must not unpack it again */
    FREE_BYTES = 64 << 20,
    MOST_RATIO = 1100
};

static const uint64_t most_rows = UINT64_C(1) << 40;

void svi_drf_quiet(void)
{
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0); /* no code from outside */
}

hid_t svi_drf_open_h5(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) /* HDF5 would wait at a pipe */
        return -1;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_sieve_buf_size(access, SIEVE_BYTES); /* a look at a few samples must not read many */
    H5Pset_file_locking(access, false, true);   /* network mounts may not know locks */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

/* Size of a chunk in elements; 0 where the set is not chunked. */
static uint64_t chunk_elements(hid_t creation)
{
    hsize_t dimensions[H5S_MAX_RANK];
    int rank = H5Pget_layout(creation) == H5D_CHUNKED ? H5Pget_chunk(creation, H5S_MAX_RANK, dimensions) : 0;
    uint64_t elements = rank > 0;
    for (int i = 0; i < rank && elements <= MOST_CHUNK_BYTES; i++)
        elements = dimensions[i] <= MOST_CHUNK_BYTES ? elements * dimensions[i] : MOST_CHUNK_BYTES + 1u;
    return elements;
}

/* Else it would be found out in the middle of a picture. */
static bool has_known_filters(hid_t creation)
{
    const int count = H5Pget_nfilters(creation);
    bool known = count >= 0;
    for (int i = 0; i < count && known; i++) {
        unsigned flags = 0, config = 0;
        size_t values = 0;
        known = H5Zfilter_avail(H5Pget_filter2(creation, (unsigned)i, &flags, &values, NULL, 0, NULL, &config)) > 0;
    }
    return known;
}

/* Stored inside of the file, in pieces that fit in memory. */
static bool is_own_storage(hid_t set)
{
    hid_t creation = H5Dget_create_plist(set), type = H5Dget_type(set);
    bool own = H5Pget_external_count(creation) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL
               && chunk_elements(creation) <= MOST_CHUNK_BYTES / (H5Tget_size(type) ? H5Tget_size(type) : 1);
    H5Tclose(type);
    H5Pclose(creation);
    return own;
}

static hid_t open_set(hid_t group, const char *name, hid_t access)
{
    H5L_info_t link;
    if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return -1;
    hid_t set = H5Dopen2(group, name, access);
    if (set >= 0 && !is_own_storage(set)) {
        H5Dclose(set);
        return -1;
    }
    return set;
}

hid_t svi_drf_open_set(hid_t group, const char *name)
{
    return open_set(group, name, H5P_DEFAULT);
}

static herr_t note_number(hid_t group, const char *name, const H5L_info_t *info, void *found)
{
    (void)group;
    if (info->type != H5L_TYPE_HARD || !*name || strspn(name, "0123456789") != strlen(name))
        return 0;
    *(bool *)found = true;
    return 1;
}

enum svi_drf_kind svi_drf_kind(hid_t file)
{
    bool numbered = false;
    if (H5Lexists(file, "rf_data", H5P_DEFAULT) > 0)
        return SVI_DRF_DATA;
    H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, note_number, &numbered);
    if (numbered)
        return SVI_DRF_METADATA;
    return H5Aexists(file, "file_name") > 0 ? SVI_DRF_METADATA_PROPERTIES : SVI_DRF_OTHER;
}

/* One number of an attribute, converted to the type in memory. */
static bool read_attribute(hid_t object, const char *name, hid_t memory_type, void *value)
{
    if (H5Aexists(object, name) <= 0)
        return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    H5T_class_t kind = H5Tget_class(type);
    bool ok = (kind == H5T_INTEGER || kind == H5T_FLOAT) && H5Sget_simple_extent_npoints(space) == 1
              && H5Aread(attribute, memory_type, value) >= 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return ok;
}

bool svi_drf_read_u64(hid_t object, const char *name, uint64_t *value)
{
    return read_attribute(object, name, H5T_NATIVE_UINT64, value);
}

/* The version of 2.0 kept the rate as a float. What was rounded to it is the fraction near it whose denominator is small: taken as
 * decimals, 200/3 Hz would be off by seconds in numbers that count from 1970. */
static struct svi_rate fraction_of(double rate_hz)
{
    enum { MOST_DENOMINATOR = 1000000 /* as digital_rf takes it */ };
    const struct svi_rate exact = svi_rate_of(rate_hz);
    struct svi_rate before = { 1, 0 }, found = { exact.numerator / exact.denominator, 1 };
    uint64_t left = exact.denominator, right = exact.numerator % exact.denominator;
    while (right && left / right <= (MOST_DENOMINATOR - before.denominator) / found.denominator) {
        const uint64_t whole = left / right, rest = left % right;
        const struct svi_rate next = { before.numerator + whole * found.numerator, before.denominator + whole * found.denominator };
        before = found;
        found = next;
        left = right;
        right = rest;
    }
    return found;
}

bool svi_drf_read_rate(hid_t object, uint64_t *numerator, uint64_t *denominator)
{
    static const char *const names[][2] = { { "sample_rate_numerator", "sample_rate_denominator" },
                                            { "samples_per_second_numerator", "samples_per_second_denominator" } };
    double rate_hz;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (svi_drf_read_u64(object, names[i][0], numerator) && svi_drf_read_u64(object, names[i][1], denominator) && *numerator
            && *denominator)
            return true;
    *numerator = *denominator = 0;
    if (!read_attribute(object, "samples_per_second", H5T_NATIVE_DOUBLE, &rate_hz) || !(rate_hz > 1e-6 && rate_hz < 1e12))
        return false;
    const struct svi_rate rate = fraction_of(rate_hz);
    *numerator = rate.numerator;
    *denominator = rate.denominator;
    return true;
}

/* A number type of the file -> how it is read. */
static bool describe_number(hid_t type, struct svi_drf_shape *shape)
{
    static const struct {
        H5T_class_t kind;
        H5T_sign_t sign;
        size_t bytes;
        const char *name; /* behind c or r */
        bool wide;
    } rows[] = {
        { H5T_FLOAT, H5T_SGN_ERROR, 4, "f32_le", false }, { H5T_FLOAT, H5T_SGN_ERROR, 8, "f64_le", false },
        { H5T_INTEGER, H5T_SGN_2, 1, "i8", false },       { H5T_INTEGER, H5T_SGN_NONE, 1, "u8", false },
        { H5T_INTEGER, H5T_SGN_2, 2, "i16_le", false },   { H5T_INTEGER, H5T_SGN_NONE, 2, "u16_le", false },
        { H5T_INTEGER, H5T_SGN_2, 4, "i32_le", false },   { H5T_INTEGER, H5T_SGN_NONE, 4, "u32_le", false },
        { H5T_INTEGER, H5T_SGN_2, 8, "f64_le", true },    { H5T_INTEGER, H5T_SGN_NONE, 8, "f64_le", true },
    };
    H5T_class_t kind = H5Tget_class(type);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (kind != rows[i].kind || H5Tget_size(type) != rows[i].bytes
            || (kind == H5T_INTEGER && H5Tget_sign(type) != rows[i].sign))
            continue;
        char name[16];
        svi_format(name, sizeof name, "%c%s", shape->is_complex ? 'c' : 'r', rows[i].name);
        shape->datatype = svi_datatype_find(name);
        shape->wide = rows[i].wide;
        shape->wide_unsigned = rows[i].wide && rows[i].sign == H5T_SGN_NONE;
        return true;
    }
    return false;
}

/* Complex numbers are a compound of r and i, of the same type. */
static bool describe_type(hid_t type, struct svi_drf_shape *shape)
{
    shape->is_complex = H5Tget_class(type) == H5T_COMPOUND;
    if (!shape->is_complex)
        return describe_number(type, shape);
    int real = H5Tget_member_index(type, "r"), imaginary = H5Tget_member_index(type, "i");
    if (H5Tget_nmembers(type) != 2 || real < 0 || imaginary < 0)
        return false;
    hid_t left = H5Tget_member_type(type, (unsigned)real), right = H5Tget_member_type(type, (unsigned)imaginary);
    bool ok = H5Tequal(left, right) > 0 && describe_number(left, shape);
    H5Tclose(left);
    H5Tclose(right);
    return ok;
}

/* The type in memory: little-endian, as the datatype says. */
static hid_t make_memory_type(const struct svi_drf_shape *shape)
{
    const struct svi_datatype *datatype = shape->datatype;
    bool floating = datatype->loader[0] == 'F', is_unsigned = datatype->loader[0] == 'U';
    hid_t number = floating                    ? (datatype->part_bytes == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE)
                   : datatype->part_bytes == 1 ? (is_unsigned ? H5T_STD_U8LE : H5T_STD_I8LE)
                   : datatype->part_bytes == 2 ? (is_unsigned ? H5T_STD_U16LE : H5T_STD_I16LE)
                                               : (is_unsigned ? H5T_STD_U32LE : H5T_STD_I32LE);
    if (!shape->is_complex)
        return H5Tcopy(number);
    hid_t type = H5Tcreate(H5T_COMPOUND, 2 * datatype->part_bytes);
    H5Tinsert(type, "r", 0, number);
    H5Tinsert(type, "i", datatype->part_bytes, number);
    return type;
}

/* More than deflate can pack: chunks that were never written, or packed over and over. */
static bool is_stored(hid_t set, const hsize_t dimensions[2], size_t sample_bytes)
{
    const uint64_t bytes = dimensions[0] * dimensions[1] * sample_bytes;
    return bytes <= FREE_BYTES || bytes / MOST_RATIO <= H5Dget_storage_size(set);
}

static const char *describe_set(struct svi_drf_file *file)
{
    hsize_t dimensions[2] = { 0, 0 };
    hid_t space = H5Dget_space(file->data), type = H5Dget_type(file->data), creation = H5Dget_create_plist(file->data);
    bool flat = H5Sget_simple_extent_ndims(space) == 2 && H5Sget_simple_extent_dims(space, dimensions, NULL) == 2;
    bool known = describe_type(type, &file->shape);
    uint64_t is_continuous = 0;
    svi_drf_read_u64(file->data, "is_continuous", &is_continuous);
    file->filled = is_continuous && H5Pget_layout(creation) == H5D_CONTIGUOUS;
    const bool can_unpack = has_known_filters(creation);
    H5Pclose(creation);
    H5Tclose(type);
    H5Sclose(space);
    file->rows = dimensions[0];
    file->shape.subchannels = (unsigned)dimensions[1];
    if (!flat || dimensions[1] < 1 || dimensions[1] > MOST_SUBCHANNELS || dimensions[0] > most_rows)
        return "has samples that are not in rows and sub-channels";
    if (!known)
        return "has samples of a type that Digital RF does not have";
    if (!can_unpack)
        return "is packed by a filter that HDF5 does not bring";
    if (!is_stored(file->data, dimensions, svi_datatype_bytes(file->shape.datatype)))
        return "claims many more samples than it stores";
    svi_drf_read_rate(file->data, &file->shape.rate_numerator, &file->shape.rate_denominator);
    file->memory_type = make_memory_type(&file->shape);
    return NULL;
}

const char *svi_drf_file_open(struct svi_drf_file *out, const char *path)
{
    *out = (struct svi_drf_file){ .file = -1, .data = -1, .memory_type = -1 };
    out->file = svi_drf_open_h5(path);
    if (out->file < 0)
        return "is no HDF5 file, or was not written to its end";
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CHUNK_SLOTS, CHUNK_CACHE_BYTES, 1.0);
    out->data = open_set(out->file, "rf_data", access);
    H5Pclose(access);
    const char *wrong = out->data < 0 ? "has no samples of its own (rf_data)" : describe_set(out);
    if (wrong)
        svi_drf_file_close(out);
    return wrong;
}

/* Stored in one piece, of one sub-channel, as numbers that need no conversion. */
static bool is_plain(const struct svi_drf_file *file)
{
    hid_t creation = H5Dget_create_plist(file->data), type = H5Dget_type(file->data), made = H5Fget_create_plist(file->file);
    hsize_t userblock = 1; /* where there is one, versions of HDF5 differ in what they count offsets from */
    bool plain = file->shape.subchannels == 1 && H5Pget_layout(creation) == H5D_CONTIGUOUS && H5Pget_nfilters(creation) == 0
                 && H5Pget_external_count(creation) == 0 && H5Tequal(type, file->memory_type) > 0
                 && H5Pget_userblock(made, &userblock) >= 0 && !userblock;
    H5Pclose(made);
    H5Tclose(type);
    H5Pclose(creation);
    return plain;
}

bool svi_drf_file_map(struct svi_drf_file *file, const char *path, const char *label)
{
    const uint64_t bytes = file->rows * svi_datatype_bytes(file->shape.datatype); /* rows have a limit */
    if (!bytes || !is_plain(file) || H5Dget_storage_size(file->data) != bytes)
        return true;
    const haddr_t offset = H5Dget_offset(file->data);
    struct stat about;
    if (offset == HADDR_UNDEF || stat(path, &about) != 0)
        return true;
    if (offset > (uint64_t)about.st_size || bytes > (uint64_t)about.st_size - offset)
        return false;
    const struct svi_span span = { .first_byte = offset, .byte_count = bytes, .is_part = true };
    struct svi_error ignored = { 0 };
    svi_mapped_file_open_span(&file->mapped, path, &span, label, &ignored);
    return true;
}

static const char *read_index(hid_t set, uint64_t (**pairs)[2], size_t *count)
{
    hsize_t dimensions[2] = { 0, 0 };
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    bool fits = H5Sget_simple_extent_ndims(space) == 2 && H5Sget_simple_extent_dims(space, dimensions, NULL) == 2
                && dimensions[1] == 2 && H5Tget_class(type) == H5T_INTEGER;
    H5Tclose(type);
    H5Sclose(space);
    if (!fits || !dimensions[0] || dimensions[0] > MOST_INDEX_ROWS)
        return "has an index (rf_data_index) that is not rows of two numbers";
    *count = (size_t)dimensions[0];
    *pairs = malloc(*count * sizeof **pairs);
    if (!*pairs)
        return "needs more memory than there is";
    if (H5Dread(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, *pairs) >= 0)
        return NULL;
    free(*pairs);
    *pairs = NULL;
    return "has an index (rf_data_index) that cannot be read";
}

const char *svi_drf_file_index(const struct svi_drf_file *file, uint64_t (**pairs)[2], size_t *count)
{
    *pairs = NULL;
    *count = 0;
    hid_t set = svi_drf_open_set(file->file, "rf_data_index");
    if (set < 0)
        return "has no index of its own (rf_data_index)";
    const char *wrong = read_index(set, pairs, count);
    H5Dclose(set);
    return wrong;
}

bool svi_drf_file_read_stored(const struct svi_drf_file *file, unsigned subchannel, uint64_t row, uint64_t count, uint8_t *into)
{
    const hsize_t start[2] = { row, subchannel }, block[2] = { count, 1 };
    /* Of the same shape as what is read: else HDF5 goes through chunks number by number. */
    hid_t space = H5Dget_space(file->data), memory = H5Screate_simple(2, block, NULL);
    bool ok = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, block, NULL) >= 0
              && H5Dread(file->data, file->memory_type, memory, space, H5P_DEFAULT, into) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    return ok;
}

/* Where nothing was written digital_rf leaves NaN; into big-endian files it writes the bytes of its own NaN as they are, so that
 * they are read back to front. */
static bool is_float_filler(const uint8_t *number, size_t bytes)
{
    static const uint8_t swapped_narrow[4] = { 0x7F, 0xC0 }, swapped_wide[8] = { 0x7F, 0xF8 };
    double wide = 0;
    float narrow = 0;
    memcpy(bytes == 8 ? (void *)&wide : (void *)&narrow, number, bytes);
    return isnan(wide) || isnan(narrow) || !memcmp(number, bytes == 8 ? swapped_wide : swapped_narrow, bytes);
}

/* NaN, the least of a signed type, 0 of an unsigned one. */
static bool is_filler(const struct svi_drf_shape *shape, const uint8_t *sample)
{
    const size_t bytes = shape->datatype->part_bytes;
    static const double least_wide = -9223372036854775808.0;
    for (unsigned part = 0; part < shape->datatype->parts; part++, sample += bytes) {
        double wide = 0;
        bool zero = true;
        for (size_t i = 0; i + 1 < bytes; i++)
            zero &= sample[i] == 0;
        switch (shape->datatype->loader[0]) {
        case 'F':
            if (shape->wide)
                memcpy(&wide, sample, sizeof wide);
            if (shape->wide ? wide != (shape->wide_unsigned ? 0 : least_wide) : !is_float_filler(sample, bytes))
                return false;
            break;
        case 'U':
            if (!zero || sample[bytes - 1])
                return false;
            break;
        default:
            if (!zero || sample[bytes - 1] != 0x80)
                return false;
        }
    }
    return true;
}

uint64_t svi_drf_same_kind(const struct svi_drf_shape *shape, const uint8_t *samples, uint64_t count, bool *filler)
{
    const size_t bytes = svi_datatype_bytes(shape->datatype);
    uint64_t same = 0;
    *filler = count && is_filler(shape, samples);
    while (same < count && is_filler(shape, samples + same * bytes) == *filler)
        same++;
    return same;
}

/* 64-bit integers, read as doubles, become amplitudes. */
static void narrow(const struct svi_drf_shape *shape, uint8_t *samples, uint64_t count)
{
    static const double half = 9223372036854775808.0;
    for (uint64_t i = 0; i < count * shape->datatype->parts; i++) {
        double number;
        memcpy(&number, samples + i * sizeof number, sizeof number);
        number = (shape->wide_unsigned ? number - half : number) / half;
        memcpy(samples + i * sizeof number, &number, sizeof number);
    }
}

/* ---- whether there is filler at all: a quick look at many numbers, which finds all filler, and hardly ever more ---- */

enum { NUMBERS_AT_ONCE = 512 };

#define LOOKS_LIKE_FILLER(name, type, test)                                                                                        \
    static bool name(const uint8_t *at, uint64_t count)                                                                            \
    {                                                                                                                              \
        unsigned found = 0;                                                                                                        \
        for (uint64_t first = 0; first < count && !found; first += NUMBERS_AT_ONCE) {                                              \
            const uint64_t end = count - first < NUMBERS_AT_ONCE ? count : first + NUMBERS_AT_ONCE;                                \
            for (uint64_t i = first; i < end; i++) {                                                                               \
                type number;                                                                                                       \
                memcpy(&number, at + i * sizeof number, sizeof number);                                                            \
                found |= (test);                                                                                                   \
            }                                                                                                                      \
        }                                                                                                                          \
        return found;                                                                                                              \
    }

LOOKS_LIKE_FILLER(has_zero_1, uint8_t, number == 0)
LOOKS_LIKE_FILLER(has_zero_2, uint16_t, number == 0)
LOOKS_LIKE_FILLER(has_zero_4, uint32_t, number == 0)
LOOKS_LIKE_FILLER(has_least_1, uint8_t, number == 0x80)
LOOKS_LIKE_FILLER(has_least_2, uint16_t, number == 0x8000)
LOOKS_LIKE_FILLER(has_least_4, uint32_t, number == 0x80000000)
LOOKS_LIKE_FILLER(has_nan_4, uint32_t, ((number & 0x7FFFFFFF) > 0x7F800000) | (number == 0xC07F))
LOOKS_LIKE_FILLER(has_nan_8, uint64_t, ((number & 0x7FFFFFFFFFFFFFFF) > 0x7FF0000000000000) | (number == 0xF87F))
LOOKS_LIKE_FILLER(has_least_8, double, number == -9223372036854775808.0)
LOOKS_LIKE_FILLER(has_zero_8, double, number == 0)

static bool may_hold_filler(const struct svi_drf_shape *shape, const uint8_t *samples, uint64_t count)
{
    const struct svi_datatype *datatype = shape->datatype;
    const uint64_t numbers = count * datatype->parts;
    switch (datatype->loader[0]) {
    case 'F':
        if (shape->wide)
            return shape->wide_unsigned ? has_zero_8(samples, numbers) : has_least_8(samples, numbers);
        return datatype->part_bytes == 4 ? has_nan_4(samples, numbers) : has_nan_8(samples, numbers);
    case 'U':
        return datatype->part_bytes == 1   ? has_zero_1(samples, numbers)
               : datatype->part_bytes == 2 ? has_zero_2(samples, numbers)
                                           : has_zero_4(samples, numbers);
    default:
        return datatype->part_bytes == 1   ? has_least_1(samples, numbers)
               : datatype->part_bytes == 2 ? has_least_2(samples, numbers)
                                           : has_least_4(samples, numbers);
    }
}

bool svi_drf_file_view(const struct svi_drf_file *file, uint64_t row, uint64_t count, struct svi_bytes *view)
{
    const size_t bytes = svi_datatype_bytes(file->shape.datatype);
    struct svi_error ignored = { 0 };
    return file->mapped && svi_mapped_file_view(file->mapped, row * bytes, count * bytes, view, &ignored)
           && !(file->filled && may_hold_filler(&file->shape, view->at, count));
}

static bool copy_mapped(const struct svi_drf_file *file, uint64_t row, uint64_t count, uint8_t *into)
{
    const size_t bytes = svi_datatype_bytes(file->shape.datatype);
    struct svi_error ignored = { 0 };
    struct svi_bytes view;
    if (!svi_mapped_file_view(file->mapped, row * bytes, count * bytes, &view, &ignored))
        return false;
    memcpy(into, view.at, view.count);
    return true;
}

bool svi_drf_file_read(const struct svi_drf_file *file, unsigned subchannel, uint64_t row, uint64_t count, uint8_t *into)
{
    const struct svi_drf_shape *shape = &file->shape;
    const size_t bytes = svi_datatype_bytes(shape->datatype);
    /* Behind the end of a file that became shorter HDF5 reads zeros. */
    if (!(file->mapped ? copy_mapped(file, row, count, into) : svi_drf_file_read_stored(file, subchannel, row, count, into)))
        return false;
    const bool look = file->filled && may_hold_filler(shape, into, count);
    for (uint64_t at = 0, same; at < count; at += same) {
        bool filler = false;
        same = look ? svi_drf_same_kind(shape, into + at * bytes, count - at, &filler) : count;
        if (filler)
            svi_datatype_silence(shape->datatype, into + at * bytes, same * bytes);
        else if (shape->wide)
            narrow(shape, into + at * bytes, same);
    }
    return true;
}

void svi_drf_file_close(struct svi_drf_file *file)
{
    if (file->memory_type >= 0)
        H5Tclose(file->memory_type);
    if (file->data >= 0)
        H5Dclose(file->data);
    if (file->file >= 0)
        H5Fclose(file->file);
    svi_mapped_file_close(file->mapped);
    *file = (struct svi_drf_file){ .file = -1, .data = -1, .memory_type = -1 };
}
