#include "base/base64.h"

size_t svi_base64_length(size_t count)
{
    return (count + 2) / 3 * 4;
}

/* Three bytes are four characters of six bits each. */
static void write_group(char into[4], uint32_t bits)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4; i++)
        into[i] = digits[bits >> (18 - 6 * i) & 63];
}

void svi_base64_write(char *into, struct svi_bytes bytes)
{
    const uint8_t *at = bytes.at;
    size_t left = bytes.count;
    for (; left >= 3; at += 3, left -= 3, into += 4)
        write_group(into, (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2]);
    if (!left)
        return;
    write_group(into, (uint32_t)at[0] << 16 | (left > 1 ? (uint32_t)at[1] << 8 : 0));
    into[3] = '=';
    if (left == 1)
        into[2] = '=';
}

/* Of each character its value and 1 more; 0 where it is no digit. */
static const uint8_t values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10,
    ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20,
    ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50,
    ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

bool svi_base64_read(uint8_t *into, size_t *count, struct svi_bytes text)
{
    size_t pads = 0;
    *count = 0;
    if (text.count % 4)
        return false;
    while (pads < 2 && pads < text.count && text.at[text.count - 1 - pads] == '=')
        pads++;
    for (size_t at = 0; at < text.count; at += 4) {
        const size_t digits = at + 4 == text.count ? 4 - pads : 4;
        uint32_t bits = 0;
        for (size_t i = 0; i < 4; i++) {
            const uint32_t value = i < digits ? values[text.at[at + i]] : 1;
            if (!value)
                return false;
            bits = bits << 6 | (value - 1);
        }
        if (bits & (digits == 4 ? 0 : digits == 3 ? 0xFF : 0xFFFF))
            return false;
        for (size_t i = 0; i + 1 < digits; i++)
            into[(*count)++] = (uint8_t)(bits >> (16 - 8 * i));
    }
    return true;
}
