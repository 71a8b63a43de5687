/* device.h - finds and chooses an OpenCL device, owns its context and queue, counts live device objects. */
#ifndef SVI_DEVICE_DEVICE_H
#define SVI_DEVICE_DEVICE_H

#include "base/bytes.h"
#include "base/error.h"

enum svi_device_type { SVI_DEVICE_GPU, SVI_DEVICE_ACCELERATOR, SVI_DEVICE_CPU, SVI_DEVICE_OTHER };

struct svi_device_info {
    unsigned index; /* place in the list, stable while drivers stay the same */
    enum svi_device_type type;
    char name[128], vendor[96], driver[96], version[96]; /* version: of OpenCL, as the device says it */
    char platform[96];
    unsigned compute_units, clock_mhz;
    uint64_t memory_bytes, local_bytes; /* local: of a work-group */
    unsigned group_items;               /* most work-items of a work-group */
};

const char *svi_device_type_name(enum svi_device_type type); /* "gpu", "accelerator", "cpu", "other" */

/* All devices of all platforms. The caller frees *out with free(). No device at all: SVI_NO_DEVICE and what to install. */
bool svi_device_list(struct svi_device_info **out, size_t *count, struct svi_error *err);

/* Which of them is to be used, and why, in a sentence without a full stop. wish: NULL or "" (the best: GPU before accelerator
 * before CPU, then most compute units × clock), "gpu", "cpu", an index, or part of a name in any case. No match: SVI_NO_DEVICE
 * with the list of what there is. Knows no OpenCL: can be tested with made-up rows. */
bool svi_device_choose(const struct svi_device_info *list, size_t count, const char *wish, size_t *chosen, char *why,
                       size_t why_size, struct svi_error *err);

struct svi_device;

/* Opens the chosen device. cache_folder: where program binaries are kept ("" or NULL: nowhere). Runs the self-test of the STFT
 * lazily, before the first job (svi_stft). */
bool svi_device_open(struct svi_device **out, const char *wish, const char *cache_folder, struct svi_error *err);
void svi_device_close(struct svi_device *device);

/* The same, beside what the caller does meanwhile: loading a driver takes long. The wish must live until it is open. Changes the
 * environment before it returns, not after. */
bool svi_device_open_beside(struct svi_device **out, const char *wish, const char *cache_folder, struct svi_error *err);

/* Waits until the device is open. Until then only this and svi_device_close may be called; false: that is all that may ever be. */
bool svi_device_ready(struct svi_device *device, struct svi_error *err);

const struct svi_device_info *svi_device_about(const struct svi_device *device);
const char *svi_device_why(const struct svi_device *device);

/* Buffers, kernels, programs, queues, contexts and plans that live now, of all devices. Tests end at zero. */
long svi_device_live_objects(void);

#endif
