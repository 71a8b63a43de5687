/* launch.h - the one place where kernels are enqueued. Each launch has the name of its kernel: in the profile and in errors.
 *
 *     ok = svi_launch(device, "power_to_db", (size_t[2]){ columns, rows }, err,
 *                     SVI_MEM(power), SVI_MEM(level_db), SVI_F32(gain_db)); */
#ifndef SVI_DEVICE_LAUNCH_H
#define SVI_DEVICE_LAUNCH_H

#include "device/program.h"

struct svi_argument {
    size_t size;
    union {
        cl_mem memory;
        cl_float f32;
        cl_int i32;
        cl_uint u32;
        cl_ulong u64;
    } value;
};

#define SVI_MEM(x) ((struct svi_argument){ sizeof(cl_mem), { .memory = (x) } })
#define SVI_F32(x) ((struct svi_argument){ sizeof(cl_float), { .f32 = (x) } })
#define SVI_I32(x) ((struct svi_argument){ sizeof(cl_int), { .i32 = (x) } })
#define SVI_U32(x) ((struct svi_argument){ sizeof(cl_uint), { .u32 = (x) } })
#define SVI_U64(x) ((struct svi_argument){ sizeof(cl_ulong), { .u64 = (x) } })

/* Enqueues a kernel over global[0] × global[1] work-items and returns at once. The number of arguments is checked against the
 * kernel, their sizes by the driver. kernel: a constant text. */
#define svi_launch(device, kernel, global, err, ...)                                                                               \
    svi_launch_variant((device), (kernel), &(const struct svi_variant){ 0 }, (global), (err), __VA_ARGS__)

/* The same for one that is built for a datatype, or for more. */
#define svi_launch_variant(device, kernel, variant, global, err, ...)                                                              \
    svi_launch_arguments((device), (kernel), (variant), (global), (const struct svi_argument[]){ __VA_ARGS__ },                    \
                         sizeof((const struct svi_argument[]){ __VA_ARGS__ }) / sizeof(struct svi_argument), (err))

bool svi_launch_arguments(struct svi_device *device, const char *kernel, const struct svi_variant *variant, const size_t global[2],
                          const struct svi_argument *arguments, size_t count, struct svi_error *err);

#endif
