/* random.h - unguessable names. */
#ifndef SVI_HOST_RANDOM_H
#define SVI_HOST_RANDOM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Fills the bytes from the kernel's generator. */
bool svi_random_bytes(uint8_t *into, size_t count, struct svi_error *err);

/* Writes `digits` hexadecimal digits and the end: digits + 1 characters. digits is even and at most 64. */
bool svi_random_hex(char *into, size_t digits, struct svi_error *err);

/* A UUID of version 4. */
enum { SVI_UUID_SIZE = 37 };
bool svi_random_uuid(char into[SVI_UUID_SIZE], struct svi_error *err);

#endif
