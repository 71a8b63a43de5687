#include "base/json.h"

#include <string.h>

/* Deepest nesting of brackets outside strings. jansson itself recurses up to 2048 levels, which costs stack. */
static bool too_deep(struct svi_bytes text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.count; i++) {
        uint8_t byte = text.at[i];
        if (in_string) {
            if (byte == '\\')
                i++;
            else if (byte == '"')
                in_string = false;
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '[' || byte == '{') {
            if (++depth > SVI_JSON_MAX_DEPTH)
                return true;
        } else if ((byte == ']' || byte == '}') && depth) {
            depth--;
        }
    }
    return false;
}

json_t *svi_json_parse(struct svi_bytes text, const char *label, enum svi_status status, struct svi_error *err)
{
    if (too_deep(text)) {
        svi_fail(err, status, "%s nests JSON deeper than %d levels.", label, SVI_JSON_MAX_DEPTH);
        return NULL;
    }
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
