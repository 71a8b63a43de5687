#include "capture/datatype.h"

#include "base/bytes.h"

#include <math.h>
#include <string.h>

const struct svi_datatype svi_datatypes[] = {
#define SVI_DATATYPE(name, bytes, parts, big, full_scale, middle, loader) { name, bytes, parts, big, full_scale, middle, loader },
#include "capture/datatype_list.h"
#undef SVI_DATATYPE
    { 0 },
};

/* Bytes have no order, but a name may state one. */
static bool is_byte_in_order(const struct svi_datatype *row, const char *name)
{
    const size_t length = strlen(row->name);
    return row->part_bytes == 1 && !strncmp(name, row->name, length)
           && (!strcmp(name + length, "_le") || !strcmp(name + length, "_be"));
}

const struct svi_datatype *svi_datatype_find(const char *name)
{
    char with_ending[16];
    if (!svi_format(with_ending, sizeof with_ending, "%s_le", name))
        return NULL;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++)
        if (!strcmp(row->name, name) || !strcmp(row->name, with_ending) || is_byte_in_order(row, name))
            return row;
    return NULL;
}

void svi_datatype_names(char *into, size_t size)
{
    size_t length = 0;
    into[0] = '\0';
    for (const struct svi_datatype *row = svi_datatypes; row->name && length < size; row++) {
        svi_format(into + length, size - length, "%s%s", length ? ", " : "", row->name);
        length += strlen(into + length);
    }
}

void svi_datatype_store(const struct svi_datatype *datatype, double amplitude, uint8_t *part)
{
    const size_t bytes = datatype->part_bytes;
    uint64_t bits = 0;
    if (svi_datatype_is_float(datatype)) {
        float narrow = (float)amplitude;
        if (bytes == sizeof narrow) {
            uint32_t word;
            memcpy(&word, &narrow, sizeof word);
            bits = word;
        } else {
            memcpy(&bits, &amplitude, sizeof bits);
        }
    } else {
        double lowest = datatype->middle - datatype->full_scale, highest = datatype->middle + datatype->full_scale - 1;
        double number = round(amplitude * datatype->full_scale + datatype->middle);
        bits = (uint64_t)(int64_t)fmin(fmax(number, lowest), highest);
    }
    for (size_t i = 0; i < bytes; i++)
        part[datatype->big_endian ? bytes - 1 - i : i] = (uint8_t)(bits >> (8 * i));
}

double svi_datatype_load(const struct svi_datatype *datatype, const uint8_t *part)
{
    const size_t bytes = datatype->part_bytes;
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++)
        bits |= (uint64_t)part[datatype->big_endian ? bytes - 1 - i : i] << (8 * i);
    if (svi_datatype_is_float(datatype)) {
        const uint32_t word = (uint32_t)bits;
        double wide;
        float narrow;
        memcpy(&wide, &bits, sizeof wide);
        memcpy(&narrow, &word, sizeof narrow);
        return bytes == sizeof narrow ? (double)narrow : wide;
    }
    double number = (double)bits;
    if (datatype->middle == 0 && number >= datatype->full_scale)
        number -= 2 * datatype->full_scale;
    return (number - datatype->middle) / datatype->full_scale;
}

void svi_datatype_silence(const struct svi_datatype *datatype, uint8_t *into, size_t bytes)
{
    const size_t part = datatype->part_bytes;
    memset(into, 0, bytes);
    if (datatype->middle != 0)
        for (size_t at = datatype->big_endian ? 0 : part - 1; at < bytes; at += part)
            into[at] = 0x80;
}
