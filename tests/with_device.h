/* with_device.h - a device for all tests of a file: open_device and close_device are their group's set-up and tear-down. Or
 * open_as_gpu: the same device, on which all runs that is made for GPUs. */
#ifndef SVI_TESTS_WITH_DEVICE_H
#define SVI_TESTS_WITH_DEVICE_H

#include "device/opencl.h"

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

/* As much local memory as a work-group of most GPUs has. */
enum { GPU_LOCAL_BYTES = 48 << 10 };

static inline int open_as_gpu(void **state)
{
    if (open_device(state) != 0)
        return -1;
    svi_device_pretend(device, SVI_DEVICE_GPU, GPU_LOCAL_BYTES);
    return 0;
}

/* Fails where a device object is left over. */
static inline int close_device(void **state)
{
    (void)state;
    svi_device_close(device);
    return svi_device_live_objects() == 0 ? 0 : -1;
}

#endif
