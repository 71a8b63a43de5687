#include "host/python_json.h"

#include <string.h>

/* How many bytes at the front are a number that only Python writes; 0: none. */
static size_t odd_number(struct svi_bytes text)
{
    static const char *const words[] = { "NaN", "Infinity", "-Infinity" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t count = strlen(words[i]);
        if (text.count >= count && memcmp(text.at, words[i], count) == 0)
            return count;
    }
    return 0;
}

/* The bytes at the front that stay as they are: a whole string, or what leads up to the next odd number. */
static size_t plain_run(struct svi_bytes text)
{
    size_t at = 0;
    if (text.at[0] != '"') {
        while (at < text.count && text.at[at] != '"' && !odd_number((struct svi_bytes){ text.at + at, text.count - at }))
            at++;
        return at;
    }
    for (at = 1; at < text.count && text.at[at] != '"'; at++)
        at += text.at[at] == '\\' && at + 1 < text.count;
    return at < text.count ? at + 1 : at;
}

static bool with_nulls(struct svi_buffer *out, struct svi_bytes text)
{
    while (text.count) {
        size_t odd = odd_number(text), count = odd ? odd : plain_run(text);
        if (!(odd ? svi_buffer_add(out, "null", 4) : svi_buffer_add(out, text.at, count)))
            return false;
        text = (struct svi_bytes){ text.at + count, text.count - count };
    }
    return true;
}

/* jansson puts what it quotes last. */
static void without_quote(char *message)
{
    char *quote = strstr(message, " near '");
    if (quote)
        memcpy(quote, ".", sizeof ".");
}

json_t *svi_python_json(struct svi_bytes text, const char *label, struct svi_error *err)
{
    struct svi_buffer copy;
    struct svi_error fault = { 0 };
    svi_buffer_init(&copy, 2 * text.count + 1);
    json_t *tree = NULL;
    if (!text.count)
        text = svi_bytes_of("");
    bool odd = memmem(text.at, text.count, "NaN", 3) || memmem(text.at, text.count, "Infinity", 8);
    if (!odd)
        tree = svi_json_parse(text, label, SVI_BAD_ANSWER, &fault);
    else if (with_nulls(&copy, text))
        tree = svi_json_parse((struct svi_bytes){ copy.at, copy.count }, label, SVI_BAD_ANSWER, &fault);
    else
        svi_fail_memory(&fault, text.count);
    if (copy.at)
        explicit_bzero(copy.at, copy.count);
    svi_buffer_clear(&copy);
    if (tree)
        return tree;
    without_quote(fault.message);
    svi_fail(err, fault.status, "%s", fault.message);
    return NULL;
}
