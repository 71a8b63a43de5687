/* fuzz.h - what a fuzz target defines, and both libFuzzer and replay.c call. Aborts, or trips a sanitizer, where a promise is
 * broken; returns 0. The bytes are gone when it returns. */
#ifndef SVI_TESTS_FUZZ_H
#define SVI_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
