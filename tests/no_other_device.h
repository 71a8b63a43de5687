/* no_other_device.h - the seam of a renderer that has but one device, whose loss it can tell. */
#ifndef SVI_TESTS_NO_OTHER_DEVICE_H
#define SVI_TESTS_NO_OTHER_DEVICE_H

#include "host/renderer.h"

static inline bool open_no_other(void *self, struct svi_device **device, const char **notice, struct svi_error *err)
{
    (void)self;
    (void)notice;
    if (err->status == SVI_DEVICE_FAILED)
        *device = NULL;
    return false;
}

#endif
