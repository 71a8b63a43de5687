#include "device/queue_mark.h"

void svi_queue_mark_clear(struct svi_queue_mark *mark)
{
    if (!mark->reached)
        return;
    clReleaseEvent(mark->reached);
    svi_device_count(-1);
    mark->reached = NULL;
}

bool svi_queue_mark_set(struct svi_queue_mark *mark, struct svi_device *device, struct svi_error *err)
{
    cl_command_queue queue = svi_device_queue(device);
    svi_queue_mark_clear(mark);
    const cl_int code = clEnqueueMarkerWithWaitList(queue, 0, NULL, &mark->reached);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueMarkerWithWaitList", code);
    svi_device_count(+1);
    clFlush(queue);
    return true;
}

bool svi_queue_mark_wait(struct svi_queue_mark *mark, struct svi_error *err)
{
    const cl_int code = mark->reached ? clWaitForEvents(1, &mark->reached) : CL_SUCCESS;
    svi_queue_mark_clear(mark);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clWaitForEvents", code);
}
