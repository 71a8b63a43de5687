/* check.h - cmocka, and the few macros that tests need. */
#ifndef SVI_TESTS_CHECK_H
#define SVI_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* Fails with the error's two texts where a call that must succeed does not. */
#define check_ok(call, err)                                                                                                        \
    do {                                                                                                                           \
        if (!(call))                                                                                                               \
            fail_msg("%s: %s [%s]", #call, (err).message, (err).cause);                                                            \
    } while (0)

/* The text must hold the part. */
#define check_has(text, part)                                                                                                      \
    do {                                                                                                                           \
        if (!strstr((text), (part)))                                                                                               \
            fail_msg("\"%s\" does not say \"%s\"", (text), (part));                                                                \
    } while (0)

#define check_near(actual, expected, tolerance)                                                                                    \
    do {                                                                                                                           \
        double actual_ = (actual), expected_ = (expected), tolerance_ = (tolerance);                                               \
        if (!(actual_ >= expected_ - tolerance_ && actual_ <= expected_ + tolerance_))                                             \
            fail_msg("%s is %.9g, not %.9g ± %.3g", #actual, actual_, expected_, tolerance_);                                      \
    } while (0)

/* A folder of the test's own that exists already; set by CMake. */
static inline const char *scratch_folder(void)
{
    const char *folder = getenv("SVI_TEST_SCRATCH");
    return folder ? folder : ".";
}

#endif
