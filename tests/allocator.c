#include "allocator.h"

#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *at, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *at, size_t bytes);

/* The code under test may have threads. */
static atomic_uint asked, failing; /* the number of the allocation that fails; 0: none */
static atomic_bool failed;

void allocator_fail_at(unsigned n)
{
    atomic_store(&failing, n);
    atomic_store(&asked, 0);
    atomic_store(&failed, false);
}

bool allocator_has_failed(void)
{
    const bool answer = atomic_load(&failed);
    allocator_fail_at(0);
    return answer;
}

static bool now(void)
{
    const bool fail = atomic_fetch_add(&asked, 1) + 1 == atomic_load(&failing);
    if (fail)
        atomic_store(&failed, true);
    return fail;
}

void *__wrap_malloc(size_t bytes)
{
    return now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return now() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *at, size_t bytes)
{
    return now() ? NULL : __real_realloc(at, bytes);
}
