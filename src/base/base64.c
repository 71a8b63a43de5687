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
