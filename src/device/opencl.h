/* opencl.h - the OpenCL objects of an open device, for the code that runs kernels. Whoever only chooses a device needs device.h. */
#ifndef SVI_DEVICE_OPENCL_H
#define SVI_DEVICE_OPENCL_H

#include "device/device.h"

#include <CL/cl.h>

struct svi_profile;
struct svi_programs;
struct svi_fft_plans;
struct svi_sends;
struct svi_engine_table;

/* All owned by the device; none is released by the caller. */
cl_device_id svi_device_id(const struct svi_device *device);
cl_context svi_device_context(const struct svi_device *device);
cl_command_queue svi_device_queue(const struct svi_device *device);   /* in order, with profiling */
const char *svi_device_cache_folder(const struct svi_device *device); /* "" where nothing is kept */
struct svi_profile *svi_device_profile(struct svi_device *device);
struct svi_programs *svi_device_programs(struct svi_device *device);
struct svi_fft_plans *svi_device_fft_plans(struct svi_device *device);
struct svi_sends *svi_device_sends(struct svi_device *device);
const struct svi_engine_table *svi_device_engines(const struct svi_device *device);

/* For tests: from now on all that asks is told that the device is of this type, with so much local memory; what is made for GPUs
 * then runs on any device. To be called while nothing but programs is made on it. */
void svi_device_pretend(struct svi_device *device, enum svi_device_type type, uint64_t local_bytes);

/* Reports a failed OpenCL call: "out of memory" codes get their own status. what: the call or launch. Returns false. */
bool svi_fail_opencl(struct svi_error *err, const char *what, cl_int code);

/* Counts a device object that came (+1) or went (-1). */
void svi_device_count(int change);

/* A buffer on the device; NULL and a report where it cannot be had. With CL_MEM_USE_HOST_PTR the memory must outlive it. */
cl_mem svi_mem_create(struct svi_device *device, cl_mem_flags flags, size_t bytes, void *host, struct svi_error *err);
void svi_mem_release(cl_mem memory); /* takes NULL */

/* One that kernels read and write, all bytes 0. Much of it may never be used: on a CPU, that then costs nothing. */
cl_mem svi_mem_create_zero(struct svi_device *device, size_t bytes, struct svi_error *err);

/* One that kernels write and svi_mem_read then brings `onto` the host, all of it: on a CPU it is that memory, which must outlive
 * it. */
cl_mem svi_mem_create_onto(struct svi_device *device, size_t bytes, void *onto, struct svi_error *err);

/* All bytes of a buffer for the host to read, after the work in the queue before; on a CPU they are where they were. NULL and a
 * report where they cannot be had. Nothing may use the buffer until they are given back. */
const void *svi_mem_show(struct svi_device *device, cl_mem memory, size_t bytes, struct svi_error *err);
void svi_mem_give_back(struct svi_device *device, cl_mem memory, const void *shown); /* takes NULL */

/* Blocking copies; the read waits for all work in the queue before it. */
bool svi_mem_write(struct svi_device *device, cl_mem to, size_t offset, const void *from, size_t bytes, struct svi_error *err);
bool svi_mem_read(struct svi_device *device, void *to, cl_mem from, size_t bytes, struct svi_error *err);

/* Enqueues a write of what `from` is now, and returns at once: for what kernels need in the middle of a pass. */
bool svi_mem_send(struct svi_device *device, cl_mem to, size_t offset, const void *from, size_t bytes, struct svi_error *err);

/* Enqueues a copy from one buffer to another and returns at once. */
bool svi_mem_copy(struct svi_device *device, cl_mem to, size_t to_offset, cl_mem from, size_t from_offset, size_t bytes,
                  struct svi_error *err);

/* Repeats a pattern of 1, 2, 4, 8 or 16 bytes. */
bool svi_mem_fill(struct svi_device *device, cl_mem to, const void *pattern, size_t pattern_bytes, size_t bytes,
                  struct svi_error *err);

/* Waits until the queue is empty. */
bool svi_device_finish(struct svi_device *device, struct svi_error *err);

#endif
