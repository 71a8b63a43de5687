#include "host/python_repr.h"

#include <stdlib.h>
#include <string.h>

/* What is left to be written before the rest is "...". */
struct pen {
    struct svi_buffer *out;
    size_t end; /* of the buffer, where the cut comes */
};

static bool add(struct svi_buffer *out, const char *text)
{
    return svi_buffer_add(out, text, strlen(text));
}

static bool add_character(struct svi_buffer *out, const uint8_t *at, size_t count, uint32_t character, char quote)
{
    static const char named[] = "\nn\tt\rr\\\\";
    for (size_t i = 0; i < sizeof named - 1; i += 2)
        if (character == (uint32_t)named[i])
            return svi_buffer_add_text(out, "\\%c", named[i + 1]);
    if (character == (uint32_t)quote)
        return svi_buffer_add_text(out, "\\%c", quote);
    if (character == 0xFFFD && count == 1) /* no character at all */
        return svi_buffer_add_text(out, "\\x%02x", *at);
    if (character < 0x20 || (character >= 0x7F && character <= 0xA0) || character == 0xAD)
        return svi_buffer_add_text(out, "\\x%02x", character);
    return svi_buffer_add(out, at, count);
}

static bool add_quoted(struct svi_buffer *out, struct svi_bytes text)
{
    char quote = memchr(text.at, '\'', text.count) && !memchr(text.at, '"', text.count) ? '"' : '\'';
    if (!svi_buffer_add(out, &quote, 1))
        return false;
    while (text.count) {
        const uint8_t *at = text.at;
        uint32_t character = svi_utf8_next(&text);
        if (!add_character(out, at, (size_t)(text.at - at), character, quote))
            return false;
    }
    return svi_buffer_add(out, &quote, 1);
}

bool svi_python_repr_text(struct svi_buffer *out, const char *text)
{
    return add_quoted(out, svi_bytes_of(text));
}

/* The shortest digits that read back as the same number, as Python has them: 0.1, 1e-07, 1e+16, 20.0. */
static bool add_real(struct svi_buffer *out, double number)
{
    char digits[40];
    for (int precision = 1; precision <= 17; precision++) {
        svi_format(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    double size = number < 0 ? -number : number;
    if (strchr(digits, 'e') && size >= 1e-4 && size < 1e16)
        svi_format(digits, sizeof digits, "%.0f", number);
    else if (!strchr(digits, 'e') && size >= 1e16)
        svi_format(digits, sizeof digits, "%.16e", number);
    return add(out, digits) && (strpbrk(digits, ".en") || add(out, ".0"));
}

static bool is_full(const struct pen *pen)
{
    return pen->out->count >= pen->end;
}

/* One string alone may be longer than all that is to be shown. */
static bool add_string(struct pen *pen, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value), room = is_full(pen) ? 0 : pen->end - pen->out->count;
    if (length <= room)
        return add_quoted(pen->out, (struct svi_bytes){ (const uint8_t *)text, length });
    size_t fit = svi_utf8_fit(text, room);
    return add_quoted(pen->out, (struct svi_bytes){ (const uint8_t *)text, fit }) && add(pen->out, "...");
}

static bool add_value(struct pen *pen, const json_t *value, int level, enum svi_python_array array);

static bool add_object(struct pen *pen, const json_t *value, int level)
{
    const char *key, *between = "";
    const json_t *item;
    json_object_foreach((json_t *)value, key, item)
    {
        if (is_full(pen))
            return add(pen->out, ", ...");
        json_t *name = json_string(key);
        bool ok = name && add(pen->out, between) && add_string(pen, name) && add(pen->out, ": ")
                  && (is_full(pen) ? add(pen->out, "...") : add_value(pen, item, level, SVI_PYTHON_LIST));
        json_decref(name);
        if (!ok)
            return false;
        between = ", ";
    }
    return true;
}

static bool add_array(struct pen *pen, const json_t *value, int level)
{
    const json_t *item;
    size_t index;
    json_array_foreach(value, index, item)
    {
        if (is_full(pen))
            return add(pen->out, ", ...");
        if (!add(pen->out, index ? ", " : "") || !add_value(pen, item, level, SVI_PYTHON_LIST))
            return false;
    }
    return true;
}

static bool add_value(struct pen *pen, const json_t *value, int level, enum svi_python_array array)
{
    bool tuple = array == SVI_PYTHON_TUPLE;
    const char *open = json_is_object(value) ? "{" : tuple ? "(" : "[", *close = json_is_object(value) ? "}" : tuple ? ")" : "]";
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (level >= SVI_PYTHON_REPR_LEVELS)
            return add(pen->out, open) && add(pen->out, "...") && add(pen->out, close);
        return add(pen->out, open) && (json_is_object(value) ? add_object : add_array)(pen, value, level + 1)
               && (!tuple || json_array_size(value) != 1 || add(pen->out, ",")) && add(pen->out, close);
    case JSON_STRING:
        return add_string(pen, value);
    case JSON_INTEGER:
        return svi_buffer_add_text(pen->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return add_real(pen->out, json_real_value(value));
    case JSON_TRUE:
        return add(pen->out, "True");
    case JSON_FALSE:
        return add(pen->out, "False");
    case JSON_NULL:
        break;
    }
    return add(pen->out, "None");
}

bool svi_python_repr(struct svi_buffer *out, const json_t *value, enum svi_python_array array)
{
    struct pen pen = { .out = out, .end = out->count + SVI_PYTHON_REPR_BYTES };
    return add_value(&pen, value, 0, array);
}
