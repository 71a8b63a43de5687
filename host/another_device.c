#include "host/another_device.h"

#include "base/log.h"

#include <stdlib.h>

enum { MOST_DEVICES = 64 }; /* the bits of `tried` */

/* The one that was wished for has failed, and may not even have been opened. */
static bool note_first(struct svi_another_device *another, const struct svi_device_info *list, size_t count)
{
    struct svi_error ignored = { 0 };
    char why[200];
    if (another->tried)
        return true;
    if (!svi_device_choose(list, count, another->wish, &another->last, why, sizeof why, &ignored))
        return false;
    another->tried = UINT64_C(1) << another->last;
    return true;
}

/* The best of those that are left; `count` where none is. */
static size_t pick(const struct svi_another_device *another, const struct svi_device_info *list, size_t count)
{
    struct svi_device_info left[MOST_DEVICES];
    struct svi_error ignored = { 0 };
    char why[200];
    size_t left_count = 0, best;
    for (size_t i = 0; i < count; i++)
        if (!(another->tried >> i & 1))
            left[left_count++] = list[i];
    return svi_device_choose(left, left_count, NULL, &best, why, sizeof why, &ignored) ? left[best].index : count;
}

static bool open_at(struct svi_another_device *another, struct svi_device **device, size_t index)
{
    struct svi_error err = { 0 };
    char place[24];
    svi_format(place, sizeof place, "%zu", index);
    if (svi_device_open(device, place, another->cache_folder, &err))
        return true;
    svi_log_error(SVI_LOG_WARNING, &err, "the device %zu cannot be opened", index);
    return false;
}

static void tell(struct svi_another_device *another, const char *failed, const char *taken, const struct svi_error *err)
{
    svi_format(another->notice, sizeof another->notice, "The device %s failed, and %s was used in its place: %s", failed, taken,
               err->message);
    svi_log_error(SVI_LOG_WARNING, err, "the device %s failed, and %s is used in its place", failed, taken);
}

static bool open_next(struct svi_another_device *another, const struct svi_device_info *list, size_t count,
                      struct svi_device **device, const struct svi_error *err)
{
    if (!note_first(another, list, count))
        return false;
    const size_t failed = another->last;
    for (size_t next; (next = pick(another, list, count)) < count;) {
        another->tried |= UINT64_C(1) << next;
        another->last = next;
        if (open_at(another, device, next)) {
            tell(another, list[failed].name, list[next].name, err);
            return true;
        }
    }
    return false;
}

bool svi_another_device(struct svi_another_device *another, struct svi_device **device, struct svi_error *err)
{
    struct svi_device_info *list = NULL;
    struct svi_error ignored = { 0 };
    size_t count = 0;
    if (err->status != SVI_DEVICE_FAILED && err->status != SVI_OUT_OF_MEMORY)
        return false;
    svi_device_close(*device);
    *device = NULL;
    const bool ok = svi_device_list(&list, &count, &ignored)
                    && open_next(another, list, count < MOST_DEVICES ? count : MOST_DEVICES, device, err);
    free(list);
    if (ok)
        svi_error_clear(err);
    return ok;
}
