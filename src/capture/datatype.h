/* datatype.h - how one stored sample looks. All of SigMF's core datatypes stand in datatype_list.h, a row each. */
#ifndef SVI_CAPTURE_DATATYPE_H
#define SVI_CAPTURE_DATATYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct svi_datatype {
    const char *name;   /* SigMF's spelling: "ci16_le" */
    size_t part_bytes;  /* bytes of one number */
    unsigned parts;     /* 2: complex, I then Q; 1: real */
    bool big_endian;    /* how the part is stored; false for single bytes */
    double full_scale;  /* amplitude = (number - middle) / full_scale */
    double middle;      /* what silence is stored as: 0, or 2^(bits-1) for unsigned */
    const char *loader; /* how the kernel loads it: the word behind load_number_ in kernels/load_number.cl */
};

/* The row of that name, or NULL. By SigMF's schema wider types may lack the ending (_le, _be), and are little-endian then, and
 * bytes may have one, which says nothing. */
const struct svi_datatype *svi_datatype_find(const char *name);

/* Rows in a stable order, ended by a row whose name is NULL. */
extern const struct svi_datatype svi_datatypes[];

/* "cf32_le, cf32_be, …": for messages. Cut at size. */
void svi_datatype_names(char *into, size_t size);

/* Stores one amplitude (1.0 is full scale) as a number of this type at `part`, part_bytes long: rounded, and held at the ends of
 * the range. */
void svi_datatype_store(const struct svi_datatype *datatype, double amplitude, uint8_t *part);

/* Writes silence into `bytes` bytes of whole numbers: amplitude 0, which is not the number 0 for unsigned types. */
void svi_datatype_silence(const struct svi_datatype *datatype, uint8_t *into, size_t bytes);

/* The amplitude of the number at `part`. */
double svi_datatype_load(const struct svi_datatype *datatype, const uint8_t *part);

static inline bool svi_datatype_is_float(const struct svi_datatype *datatype)
{
    return datatype->loader[0] == 'F';
}

/* Bytes of one sample of one channel. */
static inline size_t svi_datatype_bytes(const struct svi_datatype *datatype)
{
    return datatype->part_bytes * datatype->parts;
}

#endif
