#include "device/ring.h"

#include "device/profile.h"
#include "device/queue_mark.h"

#include <stdlib.h>

struct slot {
    size_t room;   /* bytes of both memories; 0: there are none */
    cl_mem pinned; /* mapped for as long as it lives */
    void *mapped;
    cl_mem memory;
    struct svi_queue_mark uploaded; /* the pinned memory may be filled again */
    struct svi_queue_mark released; /* the device has computed with the memory: it may be written again */
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

/* Nothing that is under way uses it any more. */
static void drop_slot(struct svi_ring *ring, struct slot *slot)
{
    if (slot->mapped) {
        clEnqueueUnmapMemObject(ring->uploads, slot->pinned, slot->mapped, 0, NULL, NULL);
        clFinish(ring->uploads);
    }
    svi_mem_release(slot->pinned);
    svi_mem_release(slot->memory);
    svi_queue_mark_clear(&slot->uploaded);
    svi_queue_mark_clear(&slot->released);
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

static bool make_room(struct svi_ring *ring, struct slot *slot, size_t bytes, struct svi_error *err)
{
    if (slot->room >= bytes)
        return true;
    if (!svi_queue_mark_wait(&slot->released, err))
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
    if (!svi_queue_mark_wait(&slot->uploaded, err) || !make_room(ring, slot, bytes, err))
        return false;
    *room = slot->mapped;
    return true;
}

/* All that was enqueued so far may use what was sent last; when that has ended, its slot may be written. */
static bool release_sent(struct svi_ring *ring, struct svi_error *err)
{
    if (!ring->sent)
        return true;
    struct svi_queue_mark *released = &ring->sent->released;
    ring->sent = NULL;
    return svi_queue_mark_set(released, ring->device, err); /* the other queue will wait for it */
}

bool svi_ring_send(struct svi_ring *ring, size_t bytes, cl_mem *memory, struct svi_error *err)
{
    if (!release_sent(ring, err))
        return false;
    struct slot *slot = &ring->slots[ring->next];
    const cl_event *released = &slot->released.reached, *uploaded = &slot->uploaded.reached;
    cl_int code = clEnqueueWriteBuffer(ring->uploads, slot->memory, CL_FALSE, 0, bytes, slot->mapped, *released ? 1 : 0,
                                       *released ? released : NULL, &slot->uploaded.reached);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueWriteBuffer", code);
    svi_device_count(+1);
    clFlush(ring->uploads);
    clRetainEvent(*uploaded);
    svi_profile_add(svi_device_profile(ring->device), "upload", *uploaded);
    code = clEnqueueBarrierWithWaitList(svi_device_queue(ring->device), 1, uploaded, NULL);
    if (code != CL_SUCCESS)
        return svi_fail_opencl(err, "clEnqueueBarrierWithWaitList", code);
    *memory = slot->memory;
    ring->sent = slot;
    ring->next = (ring->next + 1) % SVI_RING_SLOTS;
    return true;
}
