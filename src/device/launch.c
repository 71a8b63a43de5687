#include "device/launch.h"

#include "device/profile.h"

bool svi_launch_arguments(struct svi_device *device, const char *name, const struct svi_variant *variant, const size_t global[2],
                          const struct svi_argument *arguments, size_t count, struct svi_error *err)
{
    cl_kernel kernel;
    if (!svi_program_kernel(device, name, variant, &kernel, err))
        return false;
    cl_uint expected = 0;
    cl_int code = clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof expected, &expected, NULL);
    if (code == CL_SUCCESS && expected != count)
        return svi_fail(err, SVI_BUG, "The kernel %s takes %u arguments, not %zu.", name, expected, count);
    for (cl_uint i = 0; code == CL_SUCCESS && i < count; i++)
        code = clSetKernelArg(kernel, i, arguments[i].size, &arguments[i].value);
    const size_t group[2] = { variant->single ? 1 : variant->group_items, 1 };
    cl_event event = NULL;
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(svi_device_queue(device), kernel, 2, NULL, global, group[0] ? group : NULL, 0, NULL, &event);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, name, code);
    svi_profile_add(svi_device_profile(device), name, event);
    return true;
}
