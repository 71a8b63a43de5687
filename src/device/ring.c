#include "device/ring.h"

#include "device/profile.h"

#include <stdlib.h>

struct slot {
    size_t room;   /* bytes of both memories; 0: there are none */
    cl_mem pinned; /* mapped for as long as it lives */
    void *mapped;
    cl_mem memory;
    cl_event uploaded; /* the pinned memory may be filled again */
    cl_event released; /* the device has computed with the memory: it may be written again */
};

struct svi_ring {
    struct svi_device *device;
    cl_command_queue uploads; /* in order */
    struct slot slots[SVI_RING_SLOTS];
    size_t next;
    struct slot *sent; /* the last one; NULL: none so far */
};

bool svi_ring_create(struct svi_ring **out, struct svi_device *device, struct svi_error *err)
{
    struct svi_ring *ring = calloc(1, sizeof *ring);
    if (!ring)
        return svi_fail_memory(err, sizeof *ring);
    cl_int code;
    ring->device = device;
    ring->uploads = clCreateCommandQueue(svi_device_context(device), svi_device_id(device), CL_QUEUE_PROFILING_ENABLE, &code);
    if (!ring->uploads) {
        free(ring);
        return svi_fail_opencl(err, "clCreateCommandQueue", code);
    }
    svi_device_count(+1);
    *out = ring;
    return true;
}

static void drop_event(cl_event *event)
{
    if (!*event)
        return;
    clReleaseEvent(*event);
    svi_device_count(-1);
    *event = NULL;
}

/* Nothing that is under way uses it any more. */
static void drop_slot(struct svi_ring *ring, struct slot *slot)
{
    if (slot->mapped) {
        clEnqueueUnmapMemObject(ring->uploads, slot->pinned, slot->mapped, 0, NULL, NULL);
        clFinish(ring->uploads);
    }
    svi_mem_release(slot->pinned);
    svi_mem_release(slot->memory);
    drop_event(&slot->uploaded);
    drop_event(&slot->released);
    *slot = (struct slot){ 0 };
}

void svi_ring_destroy(struct svi_ring *ring)
{
    if (!ring)
        return;
    struct svi_error ignored = { 0 };
    svi_device_finish(ring->device, &ignored);
    clFinish(ring->uploads);
    for (size_t i = 0; i < SVI_RING_SLOTS; i++)
        drop_slot(ring, &ring->slots[i]);
    clReleaseCommandQueue(ring->uploads);
    svi_device_count(-1);
    free(ring);
}

static bool wait_for(cl_event *event, struct svi_error *err)
{
    const cl_int code = *event ? clWaitForEvents(1, event) : CL_SUCCESS;
    drop_event(event);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clWaitForEvents", code);
}

static bool make_room(struct svi_ring *ring, struct slot *slot, size_t bytes, struct svi_error *err)
{
    if (slot->room >= bytes)
        return true;
    if (!wait_for(&slot->released, err))
        return false;
    drop_slot(ring, slot);
    slot->pinned = svi_mem_create(ring->device, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, NULL, err);
    slot->memory = slot->pinned ? svi_mem_create(ring->device, CL_MEM_READ_ONLY, bytes, NULL, err) : NULL;
    if (!slot->memory)
        return false;
    cl_int code;
    slot->mapped = clEnqueueMapBuffer(ring->uploads, slot->pinned, CL_TRUE, CL_MAP_WRITE, 0, bytes, 0, NULL, NULL, &code);
    if (!slot->mapped)
        return svi_fail_opencl(err, "clEnqueueMapBuffer", code);
    slot->room = bytes;
    return true;
}

bool svi_ring_next(struct svi_ring *ring, size_t bytes, void **room, struct svi_error *err)
{
    struct slot *slot = &ring->slots[ring->next];
    if (!wait_for(&slot->uploaded, err) || !make_room(ring, slot, bytes, err))
        return false;
    *room = slot->mapped;
    return true;
}

/* All that was enqueued so far may use what was sent last; when that has ended, its slot may be written. */
static bool release_sent(struct svi_ring *ring, struct svi_error *err)
{
    if (!ring->sent)
        return true;
    cl_command_queue queue = svi_device_queue(ring->device);
    drop_event(&ring->sent->released);
    const cl_int code = clEnqueueMarkerWithWaitList(queue, 0, NULL, &ring->sent->released);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueMarkerWithWaitList", code);
    svi_device_count(+1);
    ring->sent = NULL;
    clFlush(queue); /* the other queue will wait for it */
    return true;
}

bool svi_ring_send(struct svi_ring *ring, size_t bytes, cl_mem *memory, struct svi_error *err)
{
    if (!release_sent(ring, err))
        return false;
    struct slot *slot = &ring->slots[ring->next];
    cl_int code = clEnqueueWriteBuffer(ring->uploads, slot->memory, CL_FALSE, 0, bytes, slot->mapped, slot->released ? 1 : 0,
                                       slot->released ? &slot->released : NULL, &slot->uploaded);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueWriteBuffer", code);
    svi_device_count(+1);
    clFlush(ring->uploads);
    clRetainEvent(slot->uploaded);
    svi_profile_add(svi_device_profile(ring->device), "upload", slot->uploaded);
    code = clEnqueueBarrierWithWaitList(svi_device_queue(ring->device), 1, &slot->uploaded, NULL);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueBarrierWithWaitList", code);
    *memory = slot->memory;
    ring->sent = slot;
    ring->next = (ring->next + 1) % SVI_RING_SLOTS;
    return true;
}
