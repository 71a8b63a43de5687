#include "host/late_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

/* dlopen counts, and loads but once: nothing is ever closed. */
void *svi_late_address(const char *library, const char *name, _Atomic(void *) *found)
{
    void *address = atomic_load_explicit(found, memory_order_acquire);
    if (address)
        return address;
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    address = handle ? dlsym(handle, name) : NULL;
    if (!address) {
        const char *why = dlerror();
        fprintf(stderr, "svi-worker: A shared library cannot be loaded: %s\n", why ? why : name);
        _exit(127);
    }
    atomic_store_explicit(found, address, memory_order_release);
    return address;
}
