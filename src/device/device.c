#include "device/device.h"

#include "base/log.h"
#include "device/engine_table.h"
#include "device/fft.h"
#include "device/opencl.h"
#include "device/profile.h"
#include "device/program.h"
#include "device/sends.h"
#include "device/topology.h"

#include <ctype.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PLATFORMS = 16, MAX_DEVICES = 64 };

/* What the ICD loader answers where no driver is installed (cl_ext.h has it under a name of its own). */
enum { NO_PLATFORM = -1001 };

static const char how_to_install[] =
    "No OpenCL device was found. Install a driver: the package pocl-opencl-icd (PoCL) for CPUs, nvidia-opencl-icd for NVIDIA GPUs, "
    "or your vendor's; then `svi-worker devices` lists it.";

static const char how_to_mend[] = "An OpenCL driver is installed, but shows no device. PoCL shows none where it cannot write to "
                                  "its cache: name a folder with --cache, or "
                                  "POCL_CACHE_DIR. A driver of GPUs shows none where the card, or its kernel module, is not there.";

struct svi_device {
    struct svi_device_info about;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;
    struct svi_profile *profile;
    struct svi_programs *programs;
    struct svi_fft_plans *fft_plans;
    struct svi_sends *sends;
    struct svi_engine_table engines;
    char why[256];
    char cache_folder[PATH_MAX];

    const char *wish;
    pthread_t opener;
    bool opening, opened; /* opening: the thread has not been waited for */
    struct svi_error err; /* why it is not opened */
};

struct found {
    struct svi_device_info about;
    cl_device_id id;
};

static atomic_long live_objects;

void svi_device_count(int change)
{
    atomic_fetch_add(&live_objects, change);
}

long svi_device_live_objects(void)
{
    return atomic_load(&live_objects);
}

const char *svi_device_type_name(enum svi_device_type type)
{
    static const char *const names[] = { "gpu", "accelerator", "cpu", "other" };
    return names[type];
}

bool svi_fail_opencl(struct svi_error *err, const char *what, cl_int code)
{
    static const struct {
        cl_int code;
        const char *name;
    } rows[] = {
        { CL_DEVICE_NOT_AVAILABLE, "device not available" },
        { CL_COMPILER_NOT_AVAILABLE, "compiler not available" },
        { CL_MEM_OBJECT_ALLOCATION_FAILURE, "memory object allocation failure" },
        { CL_OUT_OF_RESOURCES, "out of resources" },
        { CL_OUT_OF_HOST_MEMORY, "out of host memory" },
        { CL_BUILD_PROGRAM_FAILURE, "build program failure" },
        { CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, "an earlier command failed" },
        { CL_INVALID_BINARY, "invalid binary" },
        { CL_INVALID_KERNEL_ARGS, "invalid kernel arguments" },
        { CL_INVALID_KERNEL_NAME, "invalid kernel name" },
        { CL_INVALID_ARG_SIZE, "invalid argument size" },
        { CL_INVALID_BUFFER_SIZE, "invalid buffer size" },
        { CL_INVALID_WORK_GROUP_SIZE, "invalid work group size" },
    };
    const char *name = "OpenCL error";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            name = rows[i].name;
    bool memory = code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE;
    return (memory ? svi_fail(err, SVI_OUT_OF_MEMORY, "The device has not enough memory for this job.")
                   : svi_fail(err, SVI_DEVICE_FAILED, "The OpenCL device failed while it worked on this job."))
           || svi_because(err, "%s: %s (%d)", what, name, (int)code);
}

static void read_text(cl_device_id id, cl_device_info what, char *into, size_t size)
{
    char text[512] = "";
    if (clGetDeviceInfo(id, what, sizeof text, text, NULL) != CL_SUCCESS)
        text[0] = '\0';
    text[sizeof text - 1] = '\0';
    const char *start = text;
    while (isspace((unsigned char)*start))
        start++;
    svi_format(into, size, "%s", start);
    for (size_t length = strlen(into); length && isspace((unsigned char)into[length - 1]); length--)
        into[length - 1] = '\0';
}

static struct svi_device_info describe(cl_device_id id, const char *platform, unsigned index)
{
    struct svi_device_info about = { .index = index, .type = SVI_DEVICE_OTHER };
    cl_device_type type = 0;
    cl_uint units = 0, clock_mhz = 0;
    cl_ulong memory = 0, local = 0;
    size_t group_items = 0;
    clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof clock_mhz, &clock_mhz, NULL);
    clGetDeviceInfo(id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof memory, &memory, NULL);
    clGetDeviceInfo(id, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group_items, &group_items, NULL);
    read_text(id, CL_DEVICE_NAME, about.name, sizeof about.name);
    read_text(id, CL_DEVICE_VENDOR, about.vendor, sizeof about.vendor);
    read_text(id, CL_DRIVER_VERSION, about.driver, sizeof about.driver);
    read_text(id, CL_DEVICE_VERSION, about.version, sizeof about.version);
    svi_format(about.platform, sizeof about.platform, "%s", platform);
    about.type = type & CL_DEVICE_TYPE_GPU           ? SVI_DEVICE_GPU
                 : type & CL_DEVICE_TYPE_ACCELERATOR ? SVI_DEVICE_ACCELERATOR
                 : type & CL_DEVICE_TYPE_CPU         ? SVI_DEVICE_CPU
                                                     : SVI_DEVICE_OTHER;
    about.compute_units = units;
    about.clock_mhz = clock_mhz;
    about.memory_bytes = memory;
    about.local_bytes = local;
    about.group_items = (unsigned)group_items;
    return about;
}

static void provide_environment(void)
{
    svi_topology_provide(SVI_TOPOLOGY_FOLDER);
    /* PoCL's compiler reports each program of clFFT on standard error: "4 warnings generated." */
    setenv("POCL_EXTRA_BUILD_FLAGS", "-w", 0);
}

/* Fills found[MAX_DEVICES]. */
static bool find_devices(struct found *found, size_t *count, struct svi_error *err)
{
    cl_platform_id platforms[MAX_PLATFORMS];
    cl_uint platform_count = 0;
    cl_int code = clGetPlatformIDs(MAX_PLATFORMS, platforms, &platform_count);
    if (code != CL_SUCCESS && code != NO_PLATFORM)
        return svi_fail_opencl(err, "clGetPlatformIDs", code);
    char name[96] = "";
    *count = 0;
    for (cl_uint p = 0; code == CL_SUCCESS && p < platform_count && p < MAX_PLATFORMS; p++) {
        cl_device_id ids[MAX_DEVICES];
        cl_uint device_count = 0;
        clGetPlatformInfo(platforms[p], CL_PLATFORM_NAME, sizeof name, name, NULL);
        name[sizeof name - 1] = '\0';
        /* A platform without devices is normal: a driver whose card was pulled. */
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, MAX_DEVICES, ids, &device_count) != CL_SUCCESS)
            continue;
        for (cl_uint d = 0; d < device_count && d < MAX_DEVICES && *count < MAX_DEVICES; d++, ++*count)
            found[*count] = (struct found){ describe(ids[d], name, (unsigned)*count), ids[d] };
    }
    if (*count)
        return true;
    return platform_count ? svi_fail(err, SVI_NO_DEVICE, "%s", how_to_mend) || svi_because(err, "platform %s", name)
                          : svi_fail(err, SVI_NO_DEVICE, "%s", how_to_install);
}

bool svi_device_list(struct svi_device_info **out, size_t *count, struct svi_error *err)
{
    struct found found[MAX_DEVICES];
    provide_environment();
    if (!find_devices(found, count, err))
        return false;
    *out = calloc(*count, sizeof **out);
    if (!*out)
        return svi_fail_memory(err, *count * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = found[i].about;
    return true;
}

static bool matches(const struct svi_device_info *row, const char *wish)
{
    char *end;
    unsigned long index = strtoul(wish, &end, 10);
    if (isdigit((unsigned char)*wish) && !*end)
        return row->index == index;
    for (enum svi_device_type type = SVI_DEVICE_GPU; type < SVI_DEVICE_OTHER; type++)
        if (!strcasecmp(wish, svi_device_type_name(type)))
            return row->type == type;
    size_t length = strlen(wish);
    for (const char *at = row->name; *at; at++)
        if (!strncasecmp(at, wish, length))
            return true;
    return false;
}

static bool better(const struct svi_device_info *a, const struct svi_device_info *b)
{
    if (a->type != b->type)
        return a->type < b->type;
    return (uint64_t)a->compute_units * a->clock_mhz > (uint64_t)b->compute_units * b->clock_mhz;
}

static bool fail_no_match(const struct svi_device_info *list, size_t count, const char *wish, struct svi_error *err)
{
    char names[400] = "";
    for (size_t i = 0, length = 0; i < count && length < sizeof names; i++, length = strlen(names))
        svi_format(names + length, sizeof names - length, "%s%u: %s (%s)", i ? "; " : "", list[i].index, list[i].name,
                   svi_device_type_name(list[i].type));
    return svi_fail(err, SVI_NO_DEVICE, "No OpenCL device matches \"%s\". There is: %s.", wish, names);
}

bool svi_device_choose(const struct svi_device_info *list, size_t count, const char *wish, size_t *chosen, char *why,
                       size_t why_size, struct svi_error *err)
{
    bool any = !wish || !*wish;
    size_t best = count, matching = 0;
    for (size_t i = 0; i < count; i++) {
        if (!any && !matches(&list[i], wish))
            continue;
        matching++;
        if (best == count || better(&list[i], &list[best]))
            best = i;
    }
    if (best == count)
        return count ? fail_no_match(list, count, wish, err) : svi_fail(err, SVI_NO_DEVICE, "%s", how_to_install);

    const struct svi_device_info *row = &list[best];
    char reason[160];
    if (matching == 1)
        svi_format(reason, sizeof reason, "the only one");
    else
        svi_format(reason, sizeof reason, "%u units × %u MHz is the most compute among those of type %s", row->compute_units,
                   row->clock_mhz, svi_device_type_name(row->type));
    if (any)
        svi_format(why, why_size, "%s%s", reason,
                   matching > 1 ? ", and a GPU goes before an accelerator before a CPU" : " there is");
    else
        svi_format(why, why_size, "%s that matches \"%s\"", reason, wish);
    *chosen = best;
    return true;
}

static bool make_context(struct svi_device *device, struct svi_error *err)
{
    cl_int code;
    device->context = clCreateContext(NULL, 1, &device->id, NULL, NULL, &code);
    if (!device->context)
        return svi_fail_opencl(err, "clCreateContext", code);
    svi_device_count(+1);
    device->queue = clCreateCommandQueue(device->context, device->id, CL_QUEUE_PROFILING_ENABLE, &code);
    if (!device->queue)
        return svi_fail_opencl(err, "clCreateCommandQueue", code);
    svi_device_count(+1);
    return true;
}

static bool open_device(struct svi_device *device, struct svi_error *err)
{
    struct found found[MAX_DEVICES];
    struct svi_device_info list[MAX_DEVICES];
    size_t count = 0, chosen = 0;
    if (!find_devices(found, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        list[i] = found[i].about;
    if (!svi_device_choose(list, count, device->wish, &chosen, device->why, sizeof device->why, err))
        return false;
    device->about = found[chosen].about;
    device->id = found[chosen].id;
    svi_engine_table_read(&device->engines, device->cache_folder, &device->about);
    return make_context(device, err) && svi_profile_create(&device->profile, err) && svi_programs_create(&device->programs, err)
           && svi_fft_plans_create(&device->fft_plans, err) && svi_sends_create(&device->sends, err);
}

static void *open_wished(void *self)
{
    struct svi_device *device = self;
    device->opened = open_device(device, &device->err);
    return NULL;
}

static struct svi_device *create(const char *wish, const char *cache_folder, struct svi_error *err)
{
    struct svi_device *device = calloc(1, sizeof *device);
    if (!device) {
        svi_fail_memory(err, sizeof *device);
        return NULL;
    }
    device->wish = wish;
    if (!svi_format(device->cache_folder, sizeof device->cache_folder, "%s", cache_folder ? cache_folder : ""))
        device->cache_folder[0] = '\0';
    provide_environment();
    return device;
}

bool svi_device_open_beside(struct svi_device **out, const char *wish, const char *cache_folder, struct svi_error *err)
{
    struct svi_device *device = create(wish, cache_folder, err);
    if (!device)
        return false;
    device->opening = pthread_create(&device->opener, NULL, open_wished, device) == 0;
    if (!device->opening)
        open_wished(device);
    *out = device;
    return true;
}

static void wait_until_opened(struct svi_device *device)
{
    if (device->opening)
        pthread_join(device->opener, NULL);
    device->opening = false;
}

bool svi_device_ready(struct svi_device *device, struct svi_error *err)
{
    if (device->opening)
        svi_programs_warm_up();
    wait_until_opened(device);
    if (!device->opened)
        *err = device->err;
    return device->opened;
}

bool svi_device_open(struct svi_device **out, const char *wish, const char *cache_folder, struct svi_error *err)
{
    struct svi_device *device = create(wish, cache_folder, err);
    if (!device)
        return false;
    open_wished(device);
    if (!svi_device_ready(device, err)) {
        svi_device_close(device);
        return false;
    }
    *out = device;
    return true;
}

/* Where the device's time went, for whoever asks for it with --verbose. */
static void log_profile(struct svi_profile *profile)
{
    size_t count;
    const struct svi_profile_row *rows = svi_profile_rows(profile, &count);
    for (size_t i = 0; i < count; i++)
        svi_log(SVI_LOG_DEBUG, "kernel %s: %lu launches, %.6f s", rows[i].name, rows[i].launches, rows[i].seconds);
}

void svi_device_close(struct svi_device *device)
{
    if (!device)
        return;
    wait_until_opened(device);
    if (device->queue)
        clFinish(device->queue);
    if (device->profile)
        log_profile(device->profile);
    svi_sends_destroy(device->sends);
    svi_fft_plans_destroy(device->fft_plans);
    svi_programs_destroy(device->programs);
    svi_profile_destroy(device->profile);
    if (device->queue) {
        clReleaseCommandQueue(device->queue);
        svi_device_count(-1);
    }
    if (device->context) {
        clReleaseContext(device->context);
        svi_device_count(-1);
    }
    free(device);
}

const struct svi_device_info *svi_device_about(const struct svi_device *device)
{
    return &device->about;
}

void svi_device_pretend(struct svi_device *device, enum svi_device_type type, uint64_t local_bytes)
{
    device->about.type = type;
    device->about.local_bytes = local_bytes;
    svi_programs_forget(device->programs);
}

const char *svi_device_why(const struct svi_device *device)
{
    return device->why;
}

cl_device_id svi_device_id(const struct svi_device *device)
{
    return device->id;
}

cl_context svi_device_context(const struct svi_device *device)
{
    return device->context;
}

cl_command_queue svi_device_queue(const struct svi_device *device)
{
    return device->queue;
}

const char *svi_device_cache_folder(const struct svi_device *device)
{
    return device->cache_folder;
}

struct svi_profile *svi_device_profile(struct svi_device *device)
{
    return device->profile;
}

struct svi_programs *svi_device_programs(struct svi_device *device)
{
    return device->programs;
}

struct svi_fft_plans *svi_device_fft_plans(struct svi_device *device)
{
    return device->fft_plans;
}

const struct svi_engine_table *svi_device_engines(const struct svi_device *device)
{
    return &device->engines;
}

struct svi_sends *svi_device_sends(struct svi_device *device)
{
    return device->sends;
}
