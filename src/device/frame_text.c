#include "device/frame_text.h"

#include "base/base64.h"
#include "device/launch.h"

#include <math.h>
#include <stdlib.h>

/* Work-items of a frame, where it does not take one long. */
enum { GPU_PARTS = 32 };

struct room {
    cl_mem text, bounds;
    void *mapped_text, *mapped_bounds; /* NULL: they are not mapped */
    cl_event filled;                   /* of the map of the text, which is the last command; NULL: not filled yet */
};

struct svi_frame_text {
    struct svi_device *device;
    struct svi_frame_text_request request;
    uint32_t parts;
    size_t length; /* of a frame's text */
    struct room rooms[SVI_FRAME_TEXT_ROOMS];
};

static bool make_room(struct svi_frame_text *text, struct room *room, struct svi_error *err)
{
    const cl_mem_flags flags = CL_MEM_WRITE_ONLY | CL_MEM_ALLOC_HOST_PTR;
    const size_t frames = text->request.most_frames;
    room->text = svi_mem_create(text->device, flags, frames * text->length, NULL, err);
    room->bounds = room->text ? svi_mem_create(text->device, flags, frames * text->parts * sizeof(cl_float2), NULL, err) : NULL;
    return room->bounds != NULL;
}

bool svi_frame_text_create(struct svi_frame_text **out, struct svi_device *device, const struct svi_frame_text_request *request,
                           struct svi_error *err)
{
    struct svi_frame_text *text = calloc(1, sizeof *text);
    if (!text)
        return svi_fail_memory(err, sizeof *text);
    text->device = device;
    text->request = *request;
    text->parts = svi_device_about(device)->type == SVI_DEVICE_CPU ? 1 : GPU_PARTS;
    text->length = svi_base64_length(request->bins * sizeof(cl_float));
    bool ok = true;
    for (size_t i = 0; ok && i < SVI_FRAME_TEXT_ROOMS; i++)
        ok = make_room(text, &text->rooms[i], err);
    if (ok)
        *out = text;
    else
        svi_frame_text_destroy(text);
    return ok;
}

/* Gives the memory back to the device. */
static void unmap(struct svi_frame_text *text, struct room *room)
{
    cl_command_queue queue = svi_device_queue(text->device);
    if (room->mapped_bounds)
        clEnqueueUnmapMemObject(queue, room->bounds, room->mapped_bounds, 0, NULL, NULL);
    if (room->mapped_text)
        clEnqueueUnmapMemObject(queue, room->text, room->mapped_text, 0, NULL, NULL);
    room->mapped_bounds = room->mapped_text = NULL;
    if (!room->filled)
        return;
    clReleaseEvent(room->filled);
    svi_device_count(-1);
    room->filled = NULL;
}

void svi_frame_text_destroy(struct svi_frame_text *text)
{
    if (!text)
        return;
    for (size_t i = 0; i < SVI_FRAME_TEXT_ROOMS; i++)
        unmap(text, &text->rooms[i]);
    struct svi_error ignored = { 0 };
    svi_device_finish(text->device, &ignored);
    for (size_t i = 0; i < SVI_FRAME_TEXT_ROOMS; i++) {
        svi_mem_release(text->rooms[i].text);
        svi_mem_release(text->rooms[i].bounds);
    }
    free(text);
}

/* Enqueues it; the pointer holds when the event has ended. */
static bool map(struct svi_frame_text *text, cl_mem memory, size_t bytes, void **mapped, cl_event *event, struct svi_error *err)
{
    cl_int code;
    *mapped = clEnqueueMapBuffer(svi_device_queue(text->device), memory, CL_FALSE, CL_MAP_READ, 0, bytes, 0, NULL, event, &code);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clEnqueueMapBuffer", code);
}

bool svi_frame_text_make(struct svi_frame_text *text, size_t room_number, cl_mem power, uint32_t frames, struct svi_error *err)
{
    struct room *room = &text->rooms[room_number];
    const struct svi_variant variant = {
        .definitions = { { "IN_DB", text->request.decibels } },
        .in_front = "decibels.cl",
        .single = text->parts == 1,
    };
    const double half_gain = sqrt(text->request.gain);
    unmap(text, room);
    if (!svi_launch_variant(text->device, "frame_text", &variant, ((const size_t[2]){ text->parts, frames }), err, SVI_MEM(power),
                            SVI_MEM(room->text), SVI_MEM(room->bounds), SVI_U32(text->request.bins), SVI_F32((float)half_gain),
                            SVI_F32((float)half_gain))
        || !map(text, room->bounds, frames * text->parts * sizeof(cl_float2), &room->mapped_bounds, NULL, err)
        || !map(text, room->text, frames * text->length, &room->mapped_text, &room->filled, err))
        return false;
    svi_device_count(+1);
    clFlush(svi_device_queue(text->device)); /* another thread will wait for it */
    return true;
}

bool svi_frame_text_wait(const struct svi_frame_text *text, size_t room_number, struct svi_made_text *out, struct svi_error *err)
{
    const struct room *room = &text->rooms[room_number];
    const cl_int code = clWaitForEvents(1, &room->filled);
    *out = (struct svi_made_text){ room->mapped_text, text->length, room->mapped_bounds, text->parts };
    return code == CL_SUCCESS || svi_fail_opencl(err, "clWaitForEvents", code);
}

bool svi_made_text_bounds(const struct svi_made_text *made, uint32_t frame, float *least, float *largest)
{
    const cl_float2 *parts = made->bounds + (size_t)frame * made->parts;
    *least = INFINITY;
    *largest = 0;
    for (uint32_t i = 0; i < made->parts; i++) {
        if (!isfinite(parts[i].s[1]))
            return false;
        *least = fminf(*least, parts[i].s[0]);
        *largest = fmaxf(*largest, parts[i].s[1]);
    }
    return true;
}
