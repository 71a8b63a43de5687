/* param.h - the parameters of a picture: parsed from a job's config, checked against their rows, defaults filled in. */
#ifndef SVI_VISUAL_PARAM_H
#define SVI_VISUAL_PARAM_H

#include "base/error.h"
#include "base/json.h"

enum svi_param {
#define SVI_NUMBER(id, key, alias, kind, unit, least, most, standard, help) SVI_PARAM_##id,
#define SVI_CHOICE(id, key, alias, choices, standard, help)                 SVI_PARAM_##id,
#define SVI_FLAG(id, key, alias, standard, help)                            SVI_PARAM_##id,
#define SVI_NAME(id, key, alias, help)                                      SVI_PARAM_##id,
#include "visual/param_list.h"
#undef SVI_NUMBER
#undef SVI_CHOICE
#undef SVI_FLAG
#undef SVI_NAME
    SVI_PARAM_COUNT
};

enum { SVI_VALUE_TEXT = 128 };

struct svi_value {
    bool given;    /* stood in the config */
    bool on;       /* of a flag */
    double number; /* NAN: to be found out */
    char text[SVI_VALUE_TEXT];
};

struct svi_values {
    struct svi_value at[SVI_PARAM_COUNT];
    json_t *ignored; /* array of keys that no row knows */
};

/* config: an object, JSON null or NULL. With dynamicRange and one of vmin and vmax, the other counts as given. A value of the wrong
 * type, outside its range or not among its choices is SVI_BAD_PARAMETER and a message with key, value and what is allowed. The
 * caller ends the values with svi_values_clear, also after a failure. */
bool svi_values_read(struct svi_values *out, const json_t *config, struct svi_error *err);
void svi_values_clear(struct svi_values *values);

/* Whether the value of a config's key is a text, whatever stands in it. */
bool svi_param_is_text(const char *key);

/* The key that was probably meant by one that no row knows; NULL: none is near. */
const char *svi_param_nearest(const char *key);

/* As the platform spells it. */
const char *svi_param_key(enum svi_param param);

/* What a type puts in place of what was not given. */
void svi_values_default_number(struct svi_values *values, enum svi_param param, double number);
void svi_values_default_text(struct svi_values *values, enum svi_param param, const char *text);

/* All values by key, as a JSON object; what is still to be found out is null. Given as a config, it means the same again. NULL
 * without memory. The caller ends it. */
json_t *svi_values_effective(const struct svi_values *values);

/* What the platform calls a figure's size: inches at this many dots. */
enum { SVI_DOTS_PER_INCH = 100 };

/* One line a parameter: key, help, range or choices, default; at the end those that no row describes. For --help and the man page.
 */
bool svi_params_describe(struct svi_buffer *out);

#endif
