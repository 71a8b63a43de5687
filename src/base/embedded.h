/* embedded.h - files that were put into the program at build time (cmake/Embed.cmake). */
#ifndef SVI_BASE_EMBEDDED_H
#define SVI_BASE_EMBEDDED_H

/* One file. A zero byte stands at `end`, so a text may be used as a C string. A table ends with a row whose name is NULL. */
struct svi_embedded {
    const char *name; /* file name without its folder */
    const unsigned char *begin, *end;
};

#endif
