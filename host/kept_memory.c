#include "host/kept_memory.h"

#include <malloc.h>

void svi_keep_memory_of_pictures(void)
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
}
