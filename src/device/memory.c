#include "device/opencl.h"

#include "base/huge_page.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static bool is_here(const struct svi_device *device)
{
    return svi_device_about(device)->type == SVI_DEVICE_CPU;
}

static bool is_worth_huge_pages(const struct svi_device *device, cl_mem_flags flags, size_t bytes)
{
    const cl_mem_flags placed = CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR;
    return is_here(device) && !(flags & placed) && bytes >= SVI_HUGE_PAGE_BYTES;
}

struct mapping {
    void *at;
    size_t bytes;
};

static void CL_CALLBACK unmap_host(cl_mem memory, void *self)
{
    struct mapping *mapping = self;
    (void)memory;
    munmap(mapping->at, mapping->bytes);
    free(mapping);
}

/* Whole ones, to the end: a small page that is read before it is written costs an interrupt of all cores. Not memory that the C
 * library has, or keeps: its pages may be there already, and small. NULL: there is none. */
static struct mapping *map_huge_pages(size_t bytes)
{
    struct mapping *mapping = malloc(sizeof *mapping);
    const size_t room = (bytes / SVI_HUGE_PAGE_BYTES + 2) * SVI_HUGE_PAGE_BYTES;
    void *at = mapping ? mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (at == MAP_FAILED) {
        free(mapping);
        return NULL;
    }
    *mapping = (struct mapping){ at, room };
    madvise(at, room, MADV_HUGEPAGE); /* a wish */
    return mapping;
}

/* What a CPU computes with are rows that lie a page or more apart: with pages of 4 KiB each would cost a walk through the tables of
 * pages. Each page is 0 when it is first touched. NULL: the driver shall find memory by itself. */
static cl_mem create_in_huge_pages(struct svi_device *device, cl_mem_flags flags, size_t bytes)
{
    struct mapping *mapping = map_huge_pages(bytes);
    if (!mapping)
        return NULL;
    void *aligned = (void *)(((uintptr_t)mapping->at + SVI_HUGE_PAGE_BYTES - 1) / SVI_HUGE_PAGE_BYTES * SVI_HUGE_PAGE_BYTES);
    const cl_mem_flags here = (flags & ~(cl_mem_flags)CL_MEM_ALLOC_HOST_PTR) | CL_MEM_USE_HOST_PTR;
    cl_mem memory = clCreateBuffer(svi_device_context(device), here, bytes, aligned, NULL);
    if (memory && clSetMemObjectDestructorCallback(memory, unmap_host, mapping) == CL_SUCCESS)
        return memory;
    if (memory)
        clReleaseMemObject(memory);
    unmap_host(NULL, mapping);
    return NULL;
}

/* *is_zero: all bytes of it are 0. */
static cl_mem create(struct svi_device *device, cl_mem_flags flags, size_t bytes, void *host, bool *is_zero, struct svi_error *err)
{
    cl_int code = CL_SUCCESS;
    cl_mem memory = is_worth_huge_pages(device, flags, bytes) ? create_in_huge_pages(device, flags, bytes) : NULL;
    *is_zero = memory != NULL;
    if (!memory)
        memory = clCreateBuffer(svi_device_context(device), flags, bytes, host, &code);
    if (memory)
        svi_device_count(+1);
    else
        svi_fail_opencl(err, "clCreateBuffer", code);
    return memory;
}

cl_mem svi_mem_create(struct svi_device *device, cl_mem_flags flags, size_t bytes, void *host, struct svi_error *err)
{
    bool ignored;
    return create(device, flags, bytes, host, &ignored, err);
}

cl_mem svi_mem_create_zero(struct svi_device *device, size_t bytes, struct svi_error *err)
{
    const cl_uchar zero = 0;
    bool is_zero;
    cl_mem memory = create(device, CL_MEM_READ_WRITE, bytes, NULL, &is_zero, err);
    if (!memory || is_zero || svi_mem_fill(device, memory, &zero, sizeof zero, bytes, err))
        return memory;
    svi_mem_release(memory);
    return NULL;
}

cl_mem svi_mem_create_onto(struct svi_device *device, size_t bytes, void *onto, struct svi_error *err)
{
    return is_here(device) ? svi_mem_create(device, CL_MEM_WRITE_ONLY | CL_MEM_USE_HOST_PTR, bytes, onto, err)
                           : svi_mem_create(device, CL_MEM_WRITE_ONLY, bytes, NULL, err);
}

const void *svi_mem_show(struct svi_device *device, cl_mem memory, size_t bytes, struct svi_error *err)
{
    cl_int code = CL_SUCCESS;
    const void *shown = clEnqueueMapBuffer(svi_device_queue(device), memory, CL_TRUE, CL_MAP_READ, 0, bytes, 0, NULL, NULL, &code);
    if (code == CL_SUCCESS)
        return shown;
    svi_fail_opencl(err, "clEnqueueMapBuffer", code);
    return NULL;
}

void svi_mem_give_back(struct svi_device *device, cl_mem memory, const void *shown)
{
    if (shown)
        clEnqueueUnmapMemObject(svi_device_queue(device), memory, (void *)(uintptr_t)shown, 0, NULL, NULL);
}

void svi_mem_release(cl_mem memory)
{
    if (!memory)
        return;
    clReleaseMemObject(memory);
    svi_device_count(-1);
}

bool svi_mem_write(struct svi_device *device, cl_mem to, size_t offset, const void *from, size_t bytes, struct svi_error *err)
{
    cl_int code = clEnqueueWriteBuffer(svi_device_queue(device), to, CL_TRUE, offset, bytes, from, 0, NULL, NULL);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clEnqueueWriteBuffer", code);
}

bool svi_mem_read(struct svi_device *device, void *to, cl_mem from, size_t bytes, struct svi_error *err)
{
    cl_int code = clEnqueueReadBuffer(svi_device_queue(device), from, CL_TRUE, 0, bytes, to, 0, NULL, NULL);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clEnqueueReadBuffer", code);
}

bool svi_mem_copy(struct svi_device *device, cl_mem to, size_t to_offset, cl_mem from, size_t from_offset, size_t bytes,
                  struct svi_error *err)
{
    cl_int code = clEnqueueCopyBuffer(svi_device_queue(device), from, to, from_offset, to_offset, bytes, 0, NULL, NULL);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clEnqueueCopyBuffer", code);
}

bool svi_mem_fill(struct svi_device *device, cl_mem to, const void *pattern, size_t pattern_bytes, size_t bytes,
                  struct svi_error *err)
{
    cl_int code = clEnqueueFillBuffer(svi_device_queue(device), to, pattern, pattern_bytes, 0, bytes, 0, NULL, NULL);
    return code == CL_SUCCESS || svi_fail_opencl(err, "clEnqueueFillBuffer", code);
}

bool svi_device_finish(struct svi_device *device, struct svi_error *err)
{
    cl_int code = clFinish(svi_device_queue(device));
    return code == CL_SUCCESS || svi_fail_opencl(err, "clFinish", code);
}
