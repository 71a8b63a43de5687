#include "allocator.h"

#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *at, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *at, size_t bytes);

static unsigned left;
static bool failed;

void allocator_fail_at(unsigned n)
{
    left = n;
    failed = false;
}

bool allocator_has_failed(void)
{
    bool answer = failed;
    allocator_fail_at(0);
    return answer;
}

static bool now(void)
{
    bool fail = left && --left == 0;
    failed = failed || fail;
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
