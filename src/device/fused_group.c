#include "device/fused_group.h"

/* Small frames share a work-group, so that it fills what a GPU runs in step: 32 or 64 items. */
enum { LEAST_GROUP_ITEMS = 64 };

/* As many values as the largest radix that the kernel transforms this length by. */
static uint32_t values_of(uint32_t length)
{
    return length == 16 ? 4 : length == 32 || length == 64 || length == 512 ? 8 : 16;
}

/* Of one of the planes, padded as in the kernel, and two flags. */
static uint64_t local_bytes(const struct svi_fused_group *group, uint32_t length)
{
    const uint64_t room_bytes = (length + length / 32) * sizeof(float);
    return group->together * (group->planes * room_bytes + 2 * sizeof(uint32_t));
}

bool svi_fused_group_fit(struct svi_fused_group *out, const struct svi_device_info *about, uint32_t length)
{
    const uint32_t items = length / values_of(length);
    *out = (struct svi_fused_group){
        .items = items,
        .together = items < LEAST_GROUP_ITEMS ? LEAST_GROUP_ITEMS / items : 1,
        .planes = 2,
    };
    if (local_bytes(out, length) > about->local_bytes)
        out->planes = 1;
    return local_bytes(out, length) <= about->local_bytes && out->items * out->together <= about->group_items;
}
