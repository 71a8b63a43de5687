/* program.h - embedded source -> kernel, through a cache of binaries on disk.
 *
 * A binary's name in the cache is a digest of everything that went into it: source, options, device, driver and the cache's own
 * format. So an entry is never stale, and a bad one (its own digest does not fit, or the driver refuses it) means "build again". */
#ifndef SVI_DEVICE_PROGRAM_H
#define SVI_DEVICE_PROGRAM_H

#include "capture/datatype.h"
#include "device/opencl.h"

struct svi_programs;

bool svi_programs_create(struct svi_programs **out, struct svi_error *err);
void svi_programs_destroy(struct svi_programs *programs); /* takes NULL */

/* Releases all that was built: it was built for what the device no longer is said to be. */
void svi_programs_forget(struct svi_programs *programs);

/* What a kernel is built for. All zero: for everything. */
struct svi_variant {
    const struct svi_datatype
        *datatype; /* samples are stored as this, and kernels/load_number.cl stands in front; NULL: none are read */
    struct {
        const char *name; /* a constant text; NULL: no definition */
        uint32_t value;
    } definitions[6];
    const char *in_front; /* a further file of kernels/ in front of it; NULL: none */
    bool single;          /* launched with work-groups of one item: each is much work */
    uint32_t group_items; /* launched with work-groups of so many; 0: the driver chooses */
};

/* The kernel `name` of kernels/<name>.cl, built once a device and variant; owned by the device. */
bool svi_program_kernel(struct svi_device *device, const char *name, const struct svi_variant *variant, cl_kernel *kernel,
                        struct svi_error *err);

/* Loads what the first look into the cache would load, OpenSSL's digests, for who waits for a device anyway. */
void svi_programs_warm_up(void);

/* Says that this kernel will be launched after the pass: svi_program_prepare makes it meanwhile. */
void svi_program_expect(struct svi_device *device, const char *name, const struct svi_variant *variant);

/* Makes the next one of those that are expected, for when the device has work and the host has none; false: there was none. What
 * goes wrong is told to whoever launches it. */
bool svi_program_prepare(struct svi_device *device);

/* The definitions that kernels/load_number.cl asks for. */
enum { SVI_PROGRAM_DEFINITIONS = 160 };
void svi_program_definitions(char *into, size_t size, const struct svi_datatype *datatype);

/* The text of kernels/<file>, or NULL: for code that hands source to clFFT. Lives as long as the program. */
const char *svi_program_source(const char *file);

/* How many programs of this device were compiled from source, not read from the cache: for tests. */
unsigned svi_programs_compiled(const struct svi_programs *programs);

#endif
