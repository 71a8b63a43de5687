#include "device/device.h"

const char *svi_device_type_name(enum svi_device_type type)
{
    static const char *const names[] = { "gpu", "accelerator", "cpu", "other" };
    return names[type];
}
