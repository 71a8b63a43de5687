/* picture.h - pictures as another decoder reads them. */
#ifndef SVI_TESTS_PICTURE_H
#define SVI_TESTS_PICTURE_H

#include <stdint.h>

struct picture {
    int width, height;
    uint8_t *rgb; /* [height][width][3] */
};

/* A missing or broken file fails the running test with the reason. The caller ends it with picture_clear. */
struct picture picture_read(const char *path);
void picture_clear(struct picture *picture);

#endif
