#include "base/json_check.h"

#include "base/json.h"

#include <string.h>

/* What is left of the text. Each skip_… takes what it is named for off its front; false where something else stands there. */
struct rest {
    const uint8_t *at, *end;
    unsigned depth;
};

static bool skip_value(struct rest *rest);

static int next(const struct rest *rest)
{
    return rest->at < rest->end ? *rest->at : -1;
}

static bool skip(struct rest *rest, int byte)
{
    const bool is = next(rest) == byte;
    rest->at += is;
    return is;
}

static void skip_space(struct rest *rest)
{
    while (next(rest) == ' ' || next(rest) == '\n' || next(rest) == '\t' || next(rest) == '\r')
        rest->at++;
}

static bool skip_word(struct rest *rest, const char *word)
{
    while (*word && skip(rest, *word))
        word++;
    return !*word;
}

static bool skip_digits(struct rest *rest)
{
    const uint8_t *begin = rest->at;
    while (next(rest) >= '0' && next(rest) <= '9')
        rest->at++;
    return rest->at > begin;
}

static bool skip_number(struct rest *rest)
{
    skip(rest, '-');
    if (!skip(rest, '0') && !skip_digits(rest))
        return false;
    if (skip(rest, '.') && !skip_digits(rest))
        return false;
    if (!skip(rest, 'e') && !skip(rest, 'E'))
        return true;
    if (!skip(rest, '+'))
        skip(rest, '-');
    return skip_digits(rest);
}

/* -1: no four digits. */
static int take_unit(struct rest *rest)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = next(rest) > 0 ? strchr(digits, next(rest)) : NULL;
        if (!digit)
            return -1;
        const int value = (int)(digit - digits);
        unit = unit * 16 + (value < 16 ? value : value - 6);
        rest->at++;
    }
    return unit;
}

/* Behind "\u": no zero, and the halves of a pair together. */
static bool skip_unit(struct rest *rest)
{
    const int unit = take_unit(rest);
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit > 0;
    const int second = unit < 0xDC00 && skip_word(rest, "\\u") ? take_unit(rest) : -1;
    return second >= 0xDC00 && second <= 0xDFFF;
}

static bool skip_escape(struct rest *rest)
{
    const int letter = next(rest);
    if (letter <= 0 || !strchr("\"\\/bfnrtu", letter))
        return false;
    rest->at++;
    return letter != 'u' || skip_unit(rest);
}

static bool skip_string(struct rest *rest)
{
    if (!skip(rest, '"'))
        return false;
    while (!skip(rest, '"')) {
        const bool escape = skip(rest, '\\');
        if (escape ? !skip_escape(rest) : next(rest) < 0x20)
            return false;
        rest->at += !escape;
    }
    return true;
}

static bool skip_member(struct rest *rest)
{
    skip_space(rest);
    if (!skip_string(rest))
        return false;
    skip_space(rest);
    return skip(rest, ':') && skip_value(rest);
}

/* Behind the bracket that opens it. */
static bool skip_list(struct rest *rest, int close, bool (*skip_one)(struct rest *))
{
    if (++rest->depth > SVI_JSON_MAX_DEPTH)
        return false;
    skip_space(rest);
    bool ok = true, ended = skip(rest, close);
    while (ok && !ended) {
        ok = skip_one(rest);
        ended = skip(rest, close);
        ok = ok && (ended || skip(rest, ','));
    }
    rest->depth--;
    return ok;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as skip_list lets it. */
static bool skip_value(struct rest *rest)
{
    bool ok = false;
    skip_space(rest);
    switch (next(rest)) {
    case '{':
        rest->at++;
        ok = skip_list(rest, '}', skip_member);
        break;
    case '[':
        rest->at++;
        ok = skip_list(rest, ']', skip_value);
        break;
    case '"':
        ok = skip_string(rest);
        break;
    case 't':
        ok = skip_word(rest, "true");
        break;
    case 'f':
        ok = skip_word(rest, "false");
        break;
    case 'n':
        ok = skip_word(rest, "null");
        break;
    default:
        ok = skip_number(rest);
        break;
    }
    skip_space(rest);
    return ok;
}

bool svi_json_is_full_object(struct svi_bytes text)
{
    struct rest rest = { text.at, text.at + text.count, 0 };
    skip_space(&rest);
    struct rest inside = rest;
    if (!skip(&inside, '{'))
        return false;
    skip_space(&inside);
    return next(&inside) == '"' && skip_value(&rest) && rest.at == rest.end && svi_utf8_valid(text);
}
