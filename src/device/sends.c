#include "device/sends.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SENDS = 256, MAX_SENT_BYTES = 16 << 20 };

/* A ring of those under way, in the order of the queue. */
struct svi_sends {
    size_t first, count, bytes;
    struct {
        cl_event arrival;
        void *copy;
        size_t bytes;
    } rows[MAX_SENDS];
};

bool svi_sends_create(struct svi_sends **out, struct svi_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out || svi_fail_memory(err, sizeof **out);
}

static bool has_arrived(cl_event arrival)
{
    cl_int status = CL_COMPLETE;
    return clGetEventInfo(arrival, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL) != CL_SUCCESS
           || status <= CL_COMPLETE; /* less than that is a failure, which the queue's next command reports */
}

static void drop_first(struct svi_sends *sends)
{
    clWaitForEvents(1, &sends->rows[sends->first].arrival);
    clReleaseEvent(sends->rows[sends->first].arrival);
    svi_device_count(-1);
    free(sends->rows[sends->first].copy);
    sends->bytes -= sends->rows[sends->first].bytes;
    sends->first = (sends->first + 1) % MAX_SENDS;
    sends->count--;
}

void svi_sends_destroy(struct svi_sends *sends)
{
    while (sends && sends->count)
        drop_first(sends);
    free(sends);
}

bool svi_mem_send(struct svi_device *device, cl_mem to, size_t offset, const void *from, size_t bytes, struct svi_error *err)
{
    struct svi_sends *sends = svi_device_sends(device);
    while (
        sends->count
        && (sends->count == MAX_SENDS || sends->bytes + bytes > MAX_SENT_BYTES || has_arrived(sends->rows[sends->first].arrival)))
        drop_first(sends);
    void *copy = malloc(bytes);
    if (!copy)
        return svi_fail_memory(err, bytes);
    memcpy(copy, from, bytes);
    cl_event arrival = NULL;
    const cl_int code = clEnqueueWriteBuffer(svi_device_queue(device), to, CL_FALSE, offset, bytes, copy, 0, NULL, &arrival);
    if (code != CL_SUCCESS) {
        free(copy);
        return svi_fail_opencl(err, "clEnqueueWriteBuffer", code);
    }
    svi_device_count(+1);
    const size_t last = (sends->first + sends->count++) % MAX_SENDS;
    sends->rows[last].arrival = arrival;
    sends->rows[last].copy = copy;
    sends->rows[last].bytes = bytes;
    sends->bytes += bytes;
    return true;
}
