/* late_library.h - shared libraries that are loaded when the first of their functions is called, not when the program starts.
 *
 * libcurl, HDF5, libarchive and libmicrohttpd bring some forty libraries along. Most commands call none of them, and a start with
 * all of them takes half as long again: they cost time themselves, and each symbol of an OpenCL driver is looked for in all that
 * were there before it. So the program itself has functions of the same names, in late_<library>.c; whoever calls them knows
 * nothing of it. Tests are linked with the libraries. */
#ifndef SVI_HOST_LATE_LIBRARY_H
#define SVI_HOST_LATE_LIBRARY_H

#include <stdatomic.h>
#include <string.h>

/* Where the library has this name: a function, or a variable. *found keeps it. Any thread may ask. A library that is not there, or
 * lacks the name, ends the program with a message and code 127, as it would at the start. library: what dlopen takes. */
void *svi_late_address(const char *library, const char *name, _Atomic(void *) *found);

/* Sets `function` to that of the library SVI_LATE_LIBRARY. */
#define SVI_LATE_FIND(name, function)                                                                                              \
    static _Atomic(void *) found;                                                                                                  \
    void *const address = svi_late_address(SVI_LATE_LIBRARY, #name, &found);                                                       \
    memcpy(&(function), &address, sizeof(function))

/* A function that is called as the library's own. */
#define SVI_LATE(result, name, parameters, arguments)                                                                              \
    result name parameters                                                                                                         \
    {                                                                                                                              \
        result(*function) parameters;                                                                                              \
        SVI_LATE_FIND(name, function);                                                                                             \
        return function arguments;                                                                                                 \
    }

/* The same without a result. */
#define SVI_LATE_VOID(name, parameters, arguments)                                                                                 \
    void name parameters                                                                                                           \
    {                                                                                                                              \
        void(*function) parameters;                                                                                                \
        SVI_LATE_FIND(name, function);                                                                                             \
        function arguments;                                                                                                        \
    }

#endif
