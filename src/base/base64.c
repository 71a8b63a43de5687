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

/* 0 … 63; 64 where the character is no digit. */
static uint32_t digit(uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return (uint32_t)(character - 'A');
    if (character >= 'a' && character <= 'z')
        return (uint32_t)(character - 'a') + 26;
    if (character >= '0' && character <= '9')
        return (uint32_t)(character - '0') + 52;
    return character == '+' ? 62 : character == '/' ? 63 : 64;
}

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
            const uint32_t value = i < digits ? digit(text.at[at + i]) : 0;
            if (value > 63)
                return false;
            bits = bits << 6 | value;
        }
        if (bits & (digits == 4 ? 0 : digits == 3 ? 0xFF : 0xFFFF))
            return false;
        for (size_t i = 0; i + 1 < digits; i++)
            into[(*count)++] = (uint8_t)(bits >> (16 - 8 * i));
    }
    return true;
}
