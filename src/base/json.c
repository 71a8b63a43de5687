#include "base/json.h"

#include <string.h>

/* What a text would become. */
struct extent {
    size_t depth; /* of nesting */
    size_t bytes; /* in memory, beside the text's own */
};

/* jansson itself recurses up to 2048 levels, which costs stack, and makes 140 bytes of the two of an empty list. What a sign costs
 * was measured, and rounded up: lists and objects, members of objects, values of lists. */
static struct extent measure(struct svi_bytes text)
{
    enum { LIST = 128, OBJECT = 256, MEMBER = 112, VALUE = 48 };
    struct extent extent = { 0 };
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.count; i++) {
        const uint8_t byte = text.at[i];
        if (in_string) {
            if (byte == '\\')
                i++;
            in_string = byte != '"';
            continue;
        }
        in_string = byte == '"';
        if (byte == '[' || byte == '{')
            depth++;
        else if ((byte == ']' || byte == '}') && depth)
            depth--;
        extent.depth = depth > extent.depth ? depth : extent.depth;
        extent.bytes += byte == '[' ? LIST : byte == '{' ? OBJECT : byte == ':' ? MEMBER : byte == ',' ? VALUE : 0;
    }
    return extent;
}

static bool fits(struct svi_bytes text, const char *label, enum svi_status status, struct svi_error *err)
{
    const struct extent extent = measure(text);
    if (extent.depth > SVI_JSON_MAX_DEPTH)
        return svi_fail(err, status, "%s nests JSON deeper than %d levels.", label, SVI_JSON_MAX_DEPTH);
    return extent.bytes <= SVI_JSON_MAX_BYTES
           || svi_fail(err, status, "%s holds so many JSON values that they would take more than %d MiB of memory.", label,
                       SVI_JSON_MAX_BYTES >> 20);
}

json_t *svi_json_parse(struct svi_bytes text, const char *label, enum svi_status status, struct svi_error *err)
{
    if (!text.count) {
        svi_fail(err, status, "%s is not JSON: it is empty.", label);
        return NULL;
    }
    if (!fits(text, label, status, err))
        return NULL;
    json_error_t fault;
    json_t *tree = json_loadb((const char *)text.at, text.count, JSON_REJECT_DUPLICATES, &fault);
    if (tree)
        return tree;
    if (!fault.text[0]) { /* jansson says nothing where memory ran out */
        svi_fail_memory(err, text.count);
        return NULL;
    }
    char shown[2 * sizeof fault.text]; /* it quotes the text, whatever is in it */
    svi_text_clean(shown, sizeof shown, fault.text);
    svi_fail(err, status, "%s is not valid JSON: line %d, column %d: %s.", label, fault.line, fault.column, shown);
    return NULL;
}

const char *svi_json_kind(const json_t *value)
{
    if (!value)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

static int add_piece(const char *piece, size_t count, void *buffer)
{
    return svi_buffer_add(buffer, piece, count) ? 0 : -1;
}

bool svi_json_write(struct svi_buffer *out, const json_t *value, struct svi_error *err)
{
    if (json_dump_callback(value, add_piece, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
        return true;
    return svi_fail(err, SVI_OUT_OF_MEMORY, "A JSON text is larger than the %zu bytes that are allowed here.", out->limit);
}
