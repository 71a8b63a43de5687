/* with_device.h - a device for all tests of a file: open_device and close_device are their group's set-up and tear-down. */
#ifndef SVI_TESTS_WITH_DEVICE_H
#define SVI_TESTS_WITH_DEVICE_H

#include "device/device.h"

#include "check.h"

static struct svi_device *device;

static inline int open_device(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    if (svi_device_open(&device, NULL, NULL, &err))
        return 0;
    print_error("%s [%s]\n", err.message, err.cause);
    return -1;
}

/* Fails where a device object is left over. */
static inline int close_device(void **state)
{
    (void)state;
    svi_device_close(device);
    return svi_device_live_objects() == 0 ? 0 : -1;
}

#endif
