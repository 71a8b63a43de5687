#include "host/random.h"

#include "base/bytes.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool svi_random_bytes(uint8_t *into, size_t count, struct svi_error *err)
{
    while (count) {
        ssize_t got = getrandom(into, count, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return svi_fail(err, SVI_IO, "The system gives no random numbers: %s.", strerror(errno));
        into += got;
        count -= (size_t)got;
    }
    return true;
}

bool svi_random_hex(char *into, size_t digits, struct svi_error *err)
{
    uint8_t bytes[32] = { 0 };
    if (digits > 2 * sizeof bytes || digits % 2)
        return svi_fail(err, SVI_BUG, "A random name of %zu digits cannot be made.", digits);
    if (!svi_random_bytes(bytes, digits / 2, err))
        return false;
    for (size_t i = 0; i < digits; i++)
        into[i] = "0123456789abcdef"[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
    into[digits] = '\0';
    return true;
}

bool svi_random_uuid(char into[SVI_UUID_SIZE], struct svi_error *err)
{
    char digits[33];
    if (!svi_random_hex(digits, sizeof digits - 1, err))
        return false;
    digits[12] = '4';
    digits[16] = "89ab"[digits[16] & 3];
    return svi_format(into, SVI_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16, digits + 20)
           || svi_fail(err, SVI_BUG, "A UUID is longer than a UUID.");
}
