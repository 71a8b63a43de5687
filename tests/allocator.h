/* allocator.h - makes an allocation of the code under test fail. Needs the linker's --wrap, see tests/CMakeLists.txt. */
#ifndef SVI_TESTS_ALLOCATOR_H
#define SVI_TESTS_ALLOCATOR_H

#include <stdbool.h>

/* The n-th allocation from now on fails (1: the next one); 0: none does. */
void allocator_fail_at(unsigned n);

/* True where it has failed; the order is then forgotten. */
bool allocator_has_failed(void);

#endif
