#include "device/program.h"

#include "base/embedded.h"
#include "base/file.h"
#include "base/log.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct svi_embedded svi_kernels[];

/* A program is what all kernels share, its definitions (ON_CPU, 1 or 0, is one of each), what reads numbers of a datatype and what
 * it shares with few others, where it has them, then its kernel. */
enum { SOURCE_COUNT = 5, MAX_EXPECTED = 16, DIGEST_BYTES = 32, MAX_BINARY_BYTES = 64 << 20, MAX_SOURCE_BYTES = 1 << 20 };

#ifndef MAX_KERNELS /* a test fills them sooner */
#define MAX_KERNELS 160
#endif

/* Most pictures use most of these: they are one program, which takes a driver hardly longer to read than each of them would.
 * decibels.cl stands in front of one. */
static const char *const together[] = { "decibels.cl",        "cells_to_db.cl",   "colorize.cl",     "count_lost.cl",
                                        "mark_lost.cl",       "merge_cells.cl",   "merge_points.cl", "value_range.cl",
                                        "value_histogram.cl", "merge_spectrum.cl" };

static const char build_options[] = "-cl-std=CL1.2";
static const char entry_magic[16] = "svi-program-1\n";

struct wanted {
    const char *name;
    struct svi_variant variant;
};

struct svi_programs {
    size_t count;
    unsigned compiled;
    struct {
        struct wanted wanted;
        cl_program program;
        cl_kernel kernel;
    } rows[MAX_KERNELS];
    cl_program together; /* NULL: not built so far */
    size_t expected_count;
    struct wanted expected[MAX_EXPECTED];
};

bool svi_programs_create(struct svi_programs **out, struct svi_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out || svi_fail_memory(err, sizeof **out);
}

void svi_programs_forget(struct svi_programs *programs)
{
    for (size_t i = 0; i < programs->count; i++) {
        clReleaseKernel(programs->rows[i].kernel);
        clReleaseProgram(programs->rows[i].program);
        svi_device_count(-2);
    }
    if (programs->together) {
        clReleaseProgram(programs->together);
        svi_device_count(-1);
    }
    programs->count = 0;
    programs->together = NULL;
}

void svi_programs_destroy(struct svi_programs *programs)
{
    if (programs)
        svi_programs_forget(programs);
    free(programs);
}

unsigned svi_programs_compiled(const struct svi_programs *programs)
{
    return programs->compiled;
}

const char *svi_program_source(const char *file)
{
    for (const struct svi_embedded *row = svi_kernels; row->name; row++)
        if (!strcmp(row->name, file))
            return (const char *)row->begin;
    return NULL;
}

void svi_program_definitions(char *into, size_t size, const struct svi_datatype *datatype)
{
    svi_format(into, size,
               "#define NUMBER_KIND %s\n#define NUMBER_BIG_ENDIAN %d\n#define NUMBER_PARTS %u\n#define NUMBER_FLOATS %d\n"
               "#define NUMBER_BITS %zu\n",
               datatype->loader, datatype->big_endian, datatype->parts, svi_datatype_is_float(datatype), 8 * datatype->part_bytes);
}

static bool digest(unsigned char out[DIGEST_BYTES], const struct svi_bytes *parts, size_t count)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; ok && i < count; i++) {
        /* The length goes in too: "ab" + "c" is not "a" + "bc". */
        uint64_t length = parts[i].count;
        ok = EVP_DigestUpdate(hash, &length, sizeof length) == 1 && EVP_DigestUpdate(hash, parts[i].at, parts[i].count) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(hash, out, NULL) == 1;
    EVP_MD_CTX_free(hash);
    return ok;
}

void svi_programs_warm_up(void)
{
    unsigned char ignored[DIGEST_BYTES];
    digest(ignored, &(struct svi_bytes){ (const uint8_t *)entry_magic, sizeof entry_magic }, 1);
}

/* Where the binary of this source for this device lies in the cache; false where there is no cache. */
static bool entry_path(char path[PATH_MAX], const struct svi_device *device, const char *const sources[SOURCE_COUNT])
{
    const struct svi_device_info *about = svi_device_about(device);
    const struct svi_bytes parts[] = {
        { (const uint8_t *)entry_magic, sizeof entry_magic },
        svi_bytes_of(sources[0]),
        svi_bytes_of(sources[1]),
        svi_bytes_of(sources[2]),
        svi_bytes_of(sources[3]),
        svi_bytes_of(sources[4]),
        svi_bytes_of(build_options),
        svi_bytes_of(about->platform),
        svi_bytes_of(about->name),
        svi_bytes_of(about->vendor),
        svi_bytes_of(about->driver),
        svi_bytes_of(about->version),
    };
    unsigned char key[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];
    const char *folder = svi_device_cache_folder(device);
    if (!*folder || !digest(key, parts, sizeof parts / sizeof *parts))
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", key[i]);
    return svi_format(path, PATH_MAX, "%s/programs/%s", folder, hex);
}

/* An entry is the magic, a digest of the binary, the binary. */
static bool load_entry(const struct svi_device *device, const char *path, cl_program *program)
{
    struct svi_error ignored = { 0 };
    struct svi_buffer entry;
    if (!svi_file_read(&entry, path, "a cached program", MAX_BINARY_BYTES, &ignored))
        return false;
    const size_t head = sizeof entry_magic + DIGEST_BYTES;
    unsigned char check[DIGEST_BYTES];
    bool ok = entry.count > head && !memcmp(entry.at, entry_magic, sizeof entry_magic)
              && digest(check, &(struct svi_bytes){ entry.at + head, entry.count - head }, 1)
              && !memcmp(check, entry.at + sizeof entry_magic, DIGEST_BYTES);
    if (ok) {
        cl_device_id id = svi_device_id(device);
        size_t size = entry.count - head;
        const unsigned char *binary = entry.at + head;
        cl_int code;
        *program = clCreateProgramWithBinary(svi_device_context(device), 1, &id, &size, &binary, NULL, &code);
        ok = *program && clBuildProgram(*program, 1, &id, build_options, NULL, NULL) == CL_SUCCESS;
        if (!ok && *program)
            clReleaseProgram(*program);
    }
    if (!ok)
        svi_log(SVI_LOG_WARNING, "a cached program is damaged or refused by the driver and is built again: %s", path);
    svi_buffer_clear(&entry);
    return ok;
}

/* A cache that cannot be written costs time at the next start, nothing else. */
static void save_entry(const char *path, cl_program program)
{
    size_t size = 0;
    struct svi_error err = { 0 };
    struct svi_buffer entry;
    svi_buffer_init(&entry, MAX_BINARY_BYTES);
    clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL);
    unsigned char *binary = size ? malloc(size) : NULL;
    unsigned char check[DIGEST_BYTES];
    char folder[PATH_MAX];
    svi_format(folder, sizeof folder, "%.*s", (int)(svi_base_name(path) - path - 1), path);
    bool ok = binary && clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) == CL_SUCCESS
              && digest(check, &(struct svi_bytes){ binary, size }, 1) && svi_buffer_add(&entry, entry_magic, sizeof entry_magic)
              && svi_buffer_add(&entry, check, sizeof check) && svi_buffer_add(&entry, binary, size)
              && svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err)
              && svi_file_write(path, (struct svi_bytes){ entry.at, entry.count }, &err);
    if (!ok)
        svi_log(SVI_LOG_WARNING, "a built program could not be kept: %s", err.cause[0] ? err.cause : "the driver gave no binary");
    free(binary);
    svi_buffer_clear(&entry);
}

static bool compile(struct svi_device *device, const char *name, const char *sources[SOURCE_COUNT], cl_program *program,
                    struct svi_error *err)
{
    cl_device_id id = svi_device_id(device);
    cl_int code;
    *program = clCreateProgramWithSource(svi_device_context(device), SOURCE_COUNT, sources, NULL, &code);
    if (!*program)
        return svi_fail_opencl(err, name, code);
    code = clBuildProgram(*program, 1, &id, build_options, NULL, NULL);
    if (code == CL_SUCCESS)
        return true;
    char text[480] = "";
    size_t length = 0;
    clGetProgramBuildInfo(*program, id, CL_PROGRAM_BUILD_LOG, 0, NULL, &length);
    char *whole = length ? calloc(1, length + 1) : NULL;
    if (whole && clGetProgramBuildInfo(*program, id, CL_PROGRAM_BUILD_LOG, length, whole, NULL) == CL_SUCCESS)
        svi_format(text, sizeof text, "%s", whole);
    free(whole);
    clReleaseProgram(*program);
    *program = NULL;
    return svi_fail(err, SVI_DEVICE_FAILED, "The OpenCL driver cannot build the kernel %s.", name)
           || svi_because(err, "code %d: %s", (int)code, text);
}

/* The built program: from the cache, or else compiled and kept there. */
static bool build(struct svi_device *device, const char *name, const char *sources[SOURCE_COUNT], cl_program *program,
                  struct svi_error *err)
{
    char path[PATH_MAX];
    bool cacheable = entry_path(path, device, (const char *const *)sources);
    if (cacheable && load_entry(device, path, program))
        return true;
    if (!compile(device, name, sources, program, err))
        return false;
    svi_device_programs(device)->compiled++;
    if (cacheable)
        save_entry(path, *program);
    return true;
}

static bool is_wanted(const struct wanted *row, const char *name, const struct svi_variant *variant)
{
    const struct svi_variant *a = &row->variant;
    bool same = a->datatype == variant->datatype;
    for (size_t i = 0; i < sizeof a->definitions / sizeof *a->definitions; i++)
        same = same && a->definitions[i].name == variant->definitions[i].name
               && a->definitions[i].value == variant->definitions[i].value;
    return same && !strcmp(row->name, name);
}

static void define(char *into, size_t size, const struct svi_device *device, const struct svi_variant *variant)
{
    svi_format(into, size, "#define ON_CPU %d\n", svi_device_about(device)->type == SVI_DEVICE_CPU);
    const size_t begin = strlen(into);
    if (variant->datatype)
        svi_program_definitions(into + begin, size - begin, variant->datatype);
    for (size_t i = 0; i < sizeof variant->definitions / sizeof *variant->definitions; i++)
        if (variant->definitions[i].name) {
            const size_t length = strlen(into);
            svi_format(into + length, size - length, "#define %s %u\n", variant->definitions[i].name,
                       variant->definitions[i].value);
        }
}

/* Only what is built for nothing in particular. */
static bool is_of_together(const char *file, const struct svi_variant *variant)
{
    bool listed = false;
    for (size_t i = 0; i < sizeof together / sizeof *together; i++)
        listed = listed || !strcmp(file, together[i]);
    return listed && !variant->datatype && !variant->definitions[0].name;
}

/* name: the kernel for whose sake. */
static bool build_together(struct svi_device *device, const char *name, struct svi_error *err)
{
    struct svi_programs *programs = svi_device_programs(device);
    struct svi_buffer text;
    svi_buffer_init(&text, MAX_SOURCE_BYTES);
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof together / sizeof *together; i++) {
        const char *source = svi_program_source(together[i]);
        ok = svi_buffer_add(&text, source, strlen(source));
    }
    ok = (ok && svi_buffer_add(&text, "", 1)) || svi_fail_memory(err, MAX_SOURCE_BYTES);
    char definitions[SVI_PROGRAM_DEFINITIONS];
    define(definitions, sizeof definitions, device, &(struct svi_variant){ 0 });
    const char *sources[SOURCE_COUNT] = { svi_program_source("shares.cl"), definitions, "", "", (const char *)text.at };
    ok = ok && build(device, name, sources, &programs->together, err);
    svi_device_count(ok ? +1 : 0);
    svi_buffer_clear(&text);
    return ok;
}

/* *program is the caller's to release. */
static bool program_of(struct svi_device *device, const char *name, const struct svi_variant *variant, cl_program *program,
                       struct svi_error *err)
{
    struct svi_programs *programs = svi_device_programs(device);
    char file[80], definitions[3 * SVI_PROGRAM_DEFINITIONS];
    svi_format(file, sizeof file, "%s.cl", name);
    if (is_of_together(file, variant)) {
        if (!programs->together && !build_together(device, name, err))
            return false;
        *program = programs->together;
        const cl_int code = clRetainProgram(*program);
        return code == CL_SUCCESS || svi_fail_opencl(err, name, code);
    }
    define(definitions, sizeof definitions, device, variant);
    const char *sources[SOURCE_COUNT] = { svi_program_source("shares.cl"), definitions,
                                          variant->datatype ? svi_program_source("load_number.cl") : "",
                                          variant->in_front ? svi_program_source(variant->in_front) : "",
                                          svi_program_source(file) };
    if (!sources[0] || !sources[2] || !sources[3] || !sources[4])
        return svi_fail(err, SVI_BUG, "The program has no kernel named %s.", name);
    return build(device, name, sources, program, err);
}

bool svi_program_kernel(struct svi_device *device, const char *name, const struct svi_variant *variant, cl_kernel *kernel,
                        struct svi_error *err)
{
    struct svi_programs *programs = svi_device_programs(device);
    for (size_t i = 0; i < programs->count; i++)
        if (is_wanted(&programs->rows[i].wanted, name, variant)) {
            *kernel = programs->rows[i].kernel;
            return true;
        }
    /* A renderer that lives long may meet more datatypes and lengths. What is enqueued keeps its kernel until it has run. */
    if (programs->count == MAX_KERNELS)
        svi_programs_forget(programs);
    cl_program program = NULL;
    if (!program_of(device, name, variant, &program, err))
        return false;
    cl_int code;
    *kernel = clCreateKernel(program, name, &code);
    if (!*kernel) {
        clReleaseProgram(program);
        return svi_fail_opencl(err, name, code);
    }
    svi_device_count(+2);
    programs->rows[programs->count].wanted = (struct wanted){ name, *variant };
    programs->rows[programs->count].program = program;
    programs->rows[programs->count++].kernel = *kernel;
    return true;
}

void svi_program_expect(struct svi_device *device, const char *name, const struct svi_variant *variant)
{
    struct svi_programs *programs = svi_device_programs(device);
    for (size_t i = 0; i < programs->expected_count; i++)
        if (is_wanted(&programs->expected[i], name, variant))
            return;
    if (programs->expected_count < MAX_EXPECTED)
        programs->expected[programs->expected_count++] = (struct wanted){ name, *variant };
}

bool svi_program_prepare(struct svi_device *device)
{
    struct svi_programs *programs = svi_device_programs(device);
    struct svi_error ignored = { 0 };
    cl_kernel kernel;
    if (!programs->expected_count)
        return false;
    const struct wanted next = programs->expected[--programs->expected_count];
    svi_program_kernel(device, next.name, &next.variant, &kernel, &ignored);
    return true;
}
