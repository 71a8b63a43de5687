/* sigmf_object.h - the values of an object of SigMF metadata, and the words in which they are refused. For the parser alone. */
#ifndef SVI_CAPTURE_SIGMF_OBJECT_H
#define SVI_CAPTURE_SIGMF_OBJECT_H

#include "base/error.h"
#include "base/json.h"

/* An object of the metadata, and how messages name it: "rec.sigmf-meta: core:frequency in captures[3] …". */
struct svi_sigmf_object {
    json_t *json;
    const char *file, *name;
    struct svi_error *err;
};

/* Beyond this a number is a slip of the pen, and frequencies computed from it leave the range of a double. */
extern const double svi_sigmf_most_hz;

/* Reports SVI_BAD_RECORDING with file, key, object and these words; false. */
bool svi_sigmf_refuse(const struct svi_sigmf_object *object, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The value of a key; a null counts as absent. */
json_t *svi_sigmf_value_of(const struct svi_sigmf_object *object, const char *key);

/* These leave *out as it is where the key is absent. */
bool svi_sigmf_read_text(const struct svi_sigmf_object *object, const char *key, const char **out);
bool svi_sigmf_read_flag(const struct svi_sigmf_object *object, const char *key, bool *out);
bool svi_sigmf_read_hertz(const struct svi_sigmf_object *object, const char *key, double least, double *out);

/* A whole number from 0; 1000.0 and 1e3 are as good as 1000, since some programs have one kind of number only. */
bool svi_sigmf_read_count(const struct svi_sigmf_object *object, const char *key, uint64_t *out, bool *present);

#endif
