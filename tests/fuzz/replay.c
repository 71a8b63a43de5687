/* replay - gives every file of a corpus folder to a fuzz target, as an ordinary test without a fuzzer. */
#include "base/file.h"

#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool replay_file(const char *path)
{
    struct svi_buffer bytes;
    struct svi_error err = { 0 };
    if (!svi_file_read(&bytes, path, svi_base_name(path), 1 << 24, &err)) {
        fprintf(stderr, "%s [%s]\n", err.message, err.cause);
        return false;
    }
    /* A copy of the very size, so that a sanitizer sees a read behind the end. */
    uint8_t *exact = malloc(bytes.count ? bytes.count : 1);
    bool ok = exact != NULL;
    if (ok && bytes.count)
        memcpy(exact, bytes.at, bytes.count);
    if (ok)
        LLVMFuzzerTestOneInput(exact, bytes.count);
    free(exact);
    svi_buffer_clear(&bytes);
    return ok;
}

static bool replay_folder(const char *path, size_t *count)
{
    DIR *folder = opendir(path);
    bool ok = folder != NULL;
    for (struct dirent *entry; ok && (entry = readdir(folder));) {
        char file[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        ok = svi_format(file, sizeof file, "%s/%s", path, entry->d_name) && replay_file(file);
        ++*count;
    }
    if (folder)
        closedir(folder);
    return ok;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        if (!replay_folder(argv[i], &count)) {
            fprintf(stderr, "%s cannot be replayed\n", argv[i]);
            return 1;
        }
    printf("%zu inputs replayed\n", count);
    return count ? 0 : 1;
}
