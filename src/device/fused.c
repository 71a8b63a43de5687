#include "device/fused.h"

#include "device/fused_group.h"
#include "device/launch.h"

#include <math.h>
#include <stdlib.h>

enum { LANES = 16, ITEMS_PER_UNIT = 8, MAX_ITEMS = 1024 };

struct svi_fused {
    struct svi_device *device;
    struct svi_fused_request request;
    struct svi_fused_group group; /* of the form for GPUs; items is 0 on CPU devices */
    uint32_t bins;
    cl_mem window, turns, steps;
    cl_mem item_groups, group_frames, power, groups; /* as large as any launch needed so far */
    size_t item_groups_bytes, group_frames_bytes, power_bytes, groups_bytes;
};

static bool is_cpu(const struct svi_device *device)
{
    return svi_device_about(device)->type == SVI_DEVICE_CPU;
}

bool svi_fused_supports(const struct svi_device *device, uint32_t length)
{
    struct svi_fused_group group;
    return length >= SVI_FUSED_LEAST && length <= SVI_FUSED_MOST && !(length & (length - 1))
           && (is_cpu(device) || svi_fused_group_fit(&group, svi_device_about(device), length));
}

static cl_mem copy_to_device(struct svi_device *device, const float *values, size_t count, struct svi_error *err)
{
    return svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, count * sizeof *values, (void *)(uintptr_t)values, err);
}

static bool make_window(struct svi_fused *fused, float *room, struct svi_error *err)
{
    const struct svi_fused_request *request = &fused->request;
    const double scale = request->raw ? 1 : 1 / request->datatype->full_scale;
    for (uint32_t i = 0; i < request->length; i++)
        room[i] = (float)((double)request->window[i] * scale);
    fused->window = copy_to_device(fused->device, room, request->length, err);
    return fused->window != NULL;
}

/* The roots of 1 of this order, one after the other. */
static bool make_steps(struct svi_fused *fused, uint32_t order, float *room, struct svi_error *err)
{
    for (uint32_t j = 0; j < order; j++) {
        room[2 * j] = (float)cos(-2 * M_PI * j / order);
        room[2 * j + 1] = (float)sin(-2 * M_PI * j / order);
    }
    fused->steps = copy_to_device(fused->device, room, 2 * (size_t)order, err);
    return fused->steps != NULL;
}

/* [block of 16 columns][result k of the first pass][cosine, sine][lane]; the lane's column is its place in the block, or, where
 * frames share the lanes, in its frame. */
static bool make_turns(struct svi_fused *fused, float *room, struct svi_error *err)
{
    const uint32_t length = fused->request.length, rows = length < LANES ? 1 : length / LANES;
    const uint32_t blocks = rows < LANES ? 1 : rows / LANES;
    for (uint32_t block = 0; block < blocks; block++)
        for (uint32_t k = 0; k < LANES; k++)
            for (uint32_t lane = 0; lane < LANES; lane++) {
                const uint32_t column = rows < LANES ? lane % rows : LANES * block + lane;
                const double angle = -2 * M_PI * k * column / length;
                float *at = room + (size_t)(block * LANES + k) * 2 * LANES + lane;
                at[0] = (float)cos(angle);
                at[LANES] = (float)sin(angle);
            }
    fused->turns = copy_to_device(fused->device, room, (size_t)blocks * LANES * 2 * LANES, err);
    return fused->turns != NULL;
}

static bool make_tables(struct svi_fused *fused, float *room, struct svi_error *err)
{
    const uint32_t length = fused->request.length;
    return fused->group.items ? make_steps(fused, length, room, err)
                              : make_turns(fused, room, err) && make_steps(fused, length / LANES, room, err);
}

bool svi_fused_create(struct svi_fused **out, struct svi_device *device, const struct svi_fused_request *request,
                      struct svi_error *err)
{
    const size_t room_bytes = (2 * (size_t)request->length + 2 * LANES * LANES) * sizeof(float);
    struct svi_fused *fused = calloc(1, sizeof *fused);
    float *room = malloc(room_bytes);
    bool ok = (fused && room) || svi_fail_memory(err, room_bytes);
    ok = ok
         && (svi_fused_supports(device, request->length)
             || svi_fail(err, SVI_BUG, "The transform was asked for in an impossible way."));
    if (ok) {
        fused->device = device;
        fused->request = *request;
        fused->bins = request->one_sided ? request->length / 2 + 1 : request->length;
        if (!is_cpu(device))
            svi_fused_group_fit(&fused->group, svi_device_about(device), request->length);
        ok = make_window(fused, room, err) && make_tables(fused, room, err);
        fused->request.window = NULL;
    }
    free(room);
    if (ok)
        *out = fused;
    else
        svi_fused_destroy(fused);
    return ok;
}

void svi_fused_destroy(struct svi_fused *fused)
{
    if (!fused)
        return;
    enum { COUNT = 7 };
    const cl_mem all[COUNT] = { fused->window,       fused->turns, fused->steps, fused->item_groups,
                                fused->group_frames, fused->power, fused->groups };
    for (size_t i = 0; i < COUNT; i++)
        svi_mem_release(all[i]);
    free(fused);
}

static bool make_room(struct svi_fused *fused, cl_mem *memory, size_t *room_bytes, size_t bytes, struct svi_error *err)
{
    if (*room_bytes >= bytes)
        return true;
    svi_mem_release(*memory);
    *room_bytes = 0;
    *memory = svi_mem_create(fused->device, CL_MEM_READ_WRITE, bytes, NULL, err);
    if (*memory)
        *room_bytes = bytes;
    return *memory != NULL;
}

/* Groups are shared out to work-items of a CPU; several for each unit of the device, since it may be doing other things too. */
static bool share_out(struct svi_fused *fused, uint32_t group_count, uint32_t *items, struct svi_error *err)
{
    uint32_t item_groups[MAX_ITEMS + 1];
    const uint32_t wanted = svi_device_about(fused->device)->compute_units * ITEMS_PER_UNIT;
    *items = wanted < MAX_ITEMS ? wanted : MAX_ITEMS;
    *items = *items < group_count ? *items : group_count;
    for (uint32_t i = 0; i <= *items; i++)
        item_groups[i] = (uint32_t)((uint64_t)i * group_count / *items);
    const size_t bytes = (*items + 1) * sizeof *item_groups;
    return make_room(fused, &fused->item_groups, &fused->item_groups_bytes, bytes, err)
           && svi_mem_send(fused->device, fused->item_groups, 0, item_groups, bytes, err);
}

static bool prepare_launch(struct svi_fused *fused, const struct svi_fused_frames *frames, struct svi_error *err)
{
    const size_t row_bytes = fused->bins * sizeof(cl_float), bytes = (frames->group_count + 1) * sizeof *frames->groups;
    return make_room(fused, &fused->group_frames, &fused->group_frames_bytes, bytes, err)
           && svi_mem_send(fused->device, fused->group_frames, 0, frames->groups, bytes, err)
           && (!frames->wants_power
               || make_room(fused, &fused->power, &fused->power_bytes, row_bytes * frames->groups[frames->group_count], err))
           && (!frames->wants_groups
               || make_room(fused, &fused->groups, &fused->groups_bytes, 3 * row_bytes * frames->group_count, err));
}

/* What both kernels are told alike: arguments from `first` on. */
#define FRAME_ARGUMENTS(fused, frames)                                                                                             \
    SVI_I32((frames)->first), SVI_I32((frames)->held), SVI_I32((cl_int)(fused)->request.hop_samples),                              \
        SVI_U32((fused)->request.channels), SVI_U32((fused)->request.channel),                                                     \
        SVI_F32((fused)->request.raw ? 0.0f : (float)(fused)->request.datatype->middle), SVI_MEM((frames)->in_gap),                \
        SVI_MEM((frames)->wants_power ? (fused)->power : NULL), SVI_MEM((frames)->wants_groups ? (fused)->groups : NULL),          \
        SVI_U32((frames)->group_count), SVI_MEM((frames)->lost)

static bool launch_lanes(struct svi_fused *fused, const struct svi_fused_frames *frames, struct svi_error *err)
{
    const struct svi_variant variant = {
        .datatype = fused->request.datatype,
        .definitions = { { "LENGTH", fused->request.length }, { "ONE_SIDED", fused->request.one_sided }, { "LANES", LANES } },
        .in_front = "butterflies.cl",
        .single = true,
    };
    uint32_t items;
    return share_out(fused, frames->group_count, &items, err)
           && svi_launch_variant(fused->device, "transform_frames", &variant, ((const size_t[2]){ items, 1 }), err,
                                 SVI_MEM(frames->samples), SVI_MEM(fused->window), SVI_MEM(fused->turns), SVI_MEM(fused->steps),
                                 SVI_MEM(fused->item_groups), SVI_MEM(fused->group_frames), FRAME_ARGUMENTS(fused, frames));
}

static bool launch_group(struct svi_fused *fused, const struct svi_fused_frames *frames, struct svi_error *err)
{
    const struct svi_fused_group *group = &fused->group;
    const uint32_t group_items = group->items * group->together;
    const struct svi_variant variant = {
        .datatype = fused->request.datatype,
        .definitions = { { "LENGTH", fused->request.length },
                         { "ONE_SIDED", fused->request.one_sided },
                         { "LANES", 1 },
                         { "ITEMS", group->items },
                         { "TOGETHER", group->together },
                         { "PLANES", group->planes } },
        .in_front = "butterflies.cl",
        .group_items = group_items,
    };
    const size_t items = ((size_t)frames->group_count + group->together - 1) / group->together * group_items;
    return svi_launch_variant(fused->device, "transform_frames_group", &variant, ((const size_t[2]){ items, 1 }), err,
                              SVI_MEM(frames->samples), SVI_MEM(fused->window), SVI_MEM(fused->steps), SVI_MEM(fused->group_frames),
                              FRAME_ARGUMENTS(fused, frames));
}

bool svi_fused_launch(struct svi_fused *fused, const struct svi_fused_frames *frames, struct svi_error *err)
{
    return prepare_launch(fused, frames, err)
           && (fused->group.items ? launch_group(fused, frames, err) : launch_lanes(fused, frames, err));
}

cl_mem svi_fused_power(const struct svi_fused *fused)
{
    return fused->power;
}

cl_mem svi_fused_groups(const struct svi_fused *fused)
{
    return fused->groups;
}

cl_mem svi_fused_group_frames(const struct svi_fused *fused)
{
    return fused->group_frames;
}
