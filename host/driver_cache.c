#include "host/driver_cache.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { MAX_FOLDERS = 256 };

/* The lock is the open file, so it goes with the process, however that ends. */
static bool lock_folder(const char *folder)
{
    char path[PATH_MAX];
    struct svi_error ignored = { 0 };
    if (!svi_make_folders(folder, SVI_FOLDER_PRIVATE, &ignored) || !svi_format(path, sizeof path, "%s/in-use", folder))
        return false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (fd >= 0)
        close(fd);
    return false;
}

static char private_folder[PATH_MAX];

static void remove_private_folder(void)
{
    struct svi_error ignored = { 0 };
    svi_remove_tree(private_folder, &ignored);
}

/* Without any folder PoCL reports no device at all: where none can be kept, one lives as long as the process. */
static void use_private_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    if (!svi_format(private_folder, sizeof private_folder, "%s/svi-worker-XXXXXX", temporary && *temporary ? temporary : "/tmp")
        || !mkdtemp(private_folder)) {
        svi_log(SVI_LOG_WARNING, "no folder for PoCL's cache could be made");
        return;
    }
    atexit(remove_private_folder);
    setenv("POCL_CACHE_DIR", private_folder, 1);
}

void svi_driver_cache_claim(const char *cache_folder)
{
    if (getenv("POCL_CACHE_DIR"))
        return;
    for (int i = 0; *cache_folder && i < MAX_FOLDERS; i++) {
        char folder[PATH_MAX];
        if (!svi_format(folder, sizeof folder, "%s/pocl-%d", cache_folder, i))
            break;
        if (lock_folder(folder)) {
            setenv("POCL_CACHE_DIR", folder, 1);
            return;
        }
    }
    use_private_folder();
}
