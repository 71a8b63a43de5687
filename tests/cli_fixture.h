/* cli_fixture.h - what tests of the command line share: a recording to draw, and the folder of what is drawn of it. */
#ifndef SVI_TESTS_CLI_FIXTURE_H
#define SVI_TESTS_CLI_FIXTURE_H

#include "base/file.h"

#include <limits.h>
#include <sys/stat.h>

#include "check.h"

/* 0 where it is not there. */
static inline size_t size_of(const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return stat(path, &about) == 0 ? (size_t)about.st_size : 0;
}

static inline const char *results_folder(void)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/out", scratch_folder());
    return path;
}

static inline void clear_results(void)
{
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(results_folder(), &err), err);
}

/* Tones in several formats, and a table; and the program's cache is the test's own. */
static inline int write_recording(void **state)
{
    (void)state;
    char path[PATH_MAX], cache[PATH_MAX];
    struct svi_error err = { 0 };
    static const char metadata[] =
        "{\"global\": {\"core:datatype\": \"cf32_le\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1e6},"
        " \"captures\": [{\"core:sample_start\": 0, \"core:frequency\": 1e8}], \"annotations\": []}";
    enum { COUNT = 50000 };
    static float samples[2 * COUNT];
    for (size_t n = 0; n < COUNT; n++) {
        samples[2 * n] = (float)(n % 4 == 0) - (float)(n % 4 == 2);
        samples[2 * n + 1] = (float)(n % 4 == 1) - (float)(n % 4 == 3);
    }
    char array[10 + 118 + 32 * 8] = "\x93NUMPY\x01\0\x76"; /* 118 bytes of header, and 32 samples of silence */
    svi_format(array + 10, 119, "%-117s\n", "{'descr': '<c8', 'fortran_order': False, 'shape': (32,), }");
    svi_format(path, sizeof path, "%s/tone.npy", scratch_folder());
    if (!svi_file_write(path, (struct svi_bytes){ (const uint8_t *)array, sizeof array }, &err))
        return -1;
    svi_format(path, sizeof path, "%s/hops.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path,
                            svi_bytes_of("{\"global\": {\"core:datatype\": \"cf32_le\", \"core:version\": \"1.0.0\", "
                                         "\"core:sample_rate\": 1e6, \"core:dataset\": \"tone.sigmf-data\"}, \"captures\": "
                                         "[{\"core:sample_start\": 0, \"core:frequency\": 1e8}, "
                                         "{\"core:sample_start\": 30000, \"core:frequency\": 2e8}]}"),
                            &err),
             err);
    svi_format(path, sizeof path, "%s/numbers.csv", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("x,y\n1,2\n3,5\n"), &err), err);
    svi_format(path, sizeof path, "%s/levels.csv", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("Time (s);Level [dBm]\n0,5;-3\n1,5;loud\n"), &err), err);
    svi_format(path, sizeof path, "%s/tone.sigmf-meta", scratch_folder());
    bool ok = svi_file_write(path, svi_bytes_of(metadata), &err);
    svi_format(path, sizeof path, "%s/tone.sigmf-data", scratch_folder());
    ok = ok && svi_file_write(path, (struct svi_bytes){ (const uint8_t *)samples, sizeof samples }, &err);
    svi_format(cache, sizeof cache, "%s/cache", scratch_folder());
    setenv("SVI_CACHE", cache, 1);
    return ok ? 0 : -1;
}

#endif
