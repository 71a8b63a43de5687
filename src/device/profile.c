#include "device/profile.h"

#include "device/opencl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 64, MAX_PENDING = 256 };

struct svi_profile {
    size_t row_count, pending_count;
    struct svi_profile_row rows[MAX_ROWS];
    struct {
        size_t row;
        cl_event event;
    } pending[MAX_PENDING];
};

bool svi_profile_create(struct svi_profile **out, struct svi_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out || svi_fail_memory(err, sizeof **out);
}

/* The oldest `count` of them, which the device has most likely done with: whoever enqueues is not to wait for what is last. */
static void settle_oldest(struct svi_profile *profile, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cl_event event = profile->pending[i].event;
        cl_ulong start_ns = 0, end_ns = 0;
        clWaitForEvents(1, &event);
        if (clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start_ns, &start_ns, NULL) == CL_SUCCESS
            && clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end_ns, &end_ns, NULL) == CL_SUCCESS
            && end_ns > start_ns)
            profile->rows[profile->pending[i].row].seconds += (double)(end_ns - start_ns) * 1e-9;
        clReleaseEvent(event);
        svi_device_count(-1);
    }
    profile->pending_count -= count;
    memmove(profile->pending, profile->pending + count, profile->pending_count * sizeof *profile->pending);
}

static void settle(struct svi_profile *profile)
{
    settle_oldest(profile, profile->pending_count);
}

void svi_profile_destroy(struct svi_profile *profile)
{
    if (!profile)
        return;
    settle(profile);
    free(profile);
}

static size_t row_of(struct svi_profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->row_count; i++)
        if (!strcmp(profile->rows[i].name, name))
            return i;
    if (profile->row_count == MAX_ROWS)
        return MAX_ROWS - 1;
    profile->rows[profile->row_count] = (struct svi_profile_row){ .name = name };
    return profile->row_count++;
}

void svi_profile_add(struct svi_profile *profile, const char *name, cl_event event)
{
    svi_device_count(+1);
    if (profile->pending_count == MAX_PENDING)
        settle_oldest(profile, MAX_PENDING / 2);
    size_t row = row_of(profile, name);
    profile->rows[row].launches++;
    profile->pending[profile->pending_count].row = row;
    profile->pending[profile->pending_count++].event = event;
}

const struct svi_profile_row *svi_profile_rows(struct svi_profile *profile, size_t *count)
{
    settle(profile);
    *count = profile->row_count;
    return profile->rows;
}

double svi_profile_seconds(struct svi_profile *profile)
{
    settle(profile);
    double seconds = 0;
    for (size_t i = 0; i < profile->row_count; i++)
        seconds += profile->rows[i].seconds;
    return seconds;
}
