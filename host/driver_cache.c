#include "host/driver_cache.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/statvfs.h>

enum { MAX_FOLDERS = 256, LEAST_FREE_BYTES = 16 << 20 };

/* Until the process ends. */
static bool lock_folder(const char *folder)
{
    char path[PATH_MAX];
    struct svi_error ignored = { 0 };
    return svi_make_folders(folder, SVI_FOLDER_PRIVATE, &ignored) && svi_format(path, sizeof path, "%s/in-use", folder)
           && svi_lock_file(AT_FDCWD, path, 0, false) >= 0;
}

/* Why PoCL cannot work in a folder; NULL: it can. It loads what it has compiled as libraries, and ends the process where that
 * fails, or where the disk is full. */
static const char *trouble_with(const char *folder)
{
    struct statvfs about;
    if (statvfs(folder, &about) != 0)
        return NULL;
    if (about.f_flag & ST_NOEXEC)
        return "is mounted noexec";
    return (uint64_t)about.f_bavail * about.f_frsize < LEAST_FREE_BYTES ? "is full" : NULL;
}

static char private_folder[PATH_MAX];

static void remove_private_folder(void)
{
    struct svi_error ignored = { 0 };
    svi_remove_tree(private_folder, &ignored);
}

static bool make_private_folder(const char *temporary)
{
    return !trouble_with(temporary) && svi_format(private_folder, sizeof private_folder, "%s/svi-worker-XXXXXX", temporary)
           && mkdtemp(private_folder);
}

/* Without any folder PoCL reports no device at all: where none can be kept, one lives as long as the process. */
static void use_private_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    if (!make_private_folder(temporary && *temporary ? temporary : "/tmp") && !make_private_folder("/var/tmp")) {
        svi_log(SVI_LOG_WARNING,
                "no folder for PoCL's cache could be made: name one that has room, and is not mounted noexec, with "
                "--cache");
        return;
    }
    atexit(remove_private_folder);
    setenv("POCL_CACHE_DIR", private_folder, 1);
}

static bool claim_kept_folder(const char *cache_folder)
{
    char folder[PATH_MAX];
    for (int i = 0; i < MAX_FOLDERS && svi_format(folder, sizeof folder, "%s/pocl-%d", cache_folder, i); i++)
        if (lock_folder(folder))
            return setenv("POCL_CACHE_DIR", folder, 1) == 0;
    return false;
}

void svi_driver_cache_claim(const char *cache_folder)
{
    if (getenv("POCL_CACHE_DIR"))
        return;
    const char *trouble = *cache_folder ? trouble_with(cache_folder) : NULL;
    if (trouble)
        svi_log(SVI_LOG_WARNING,
                "the disk with the cache (%s) %s: kernels are compiled at each start. Name another folder with --cache",
                cache_folder, trouble);
    if (trouble || !*cache_folder || !claim_kept_folder(cache_folder))
        use_private_folder();
}
