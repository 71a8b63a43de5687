#include "host/device_survey.h"

#include "base/bytes.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ANSWER_LIMIT_BYTES = 1 << 20 };

static bool read_all(int fd, struct svi_buffer *into)
{
    uint8_t piece[4096];
    ssize_t count;
    while ((count = read(fd, piece, sizeof piece)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0 && !svi_buffer_add(into, piece, (size_t)count))
            return false;
    return count == 0;
}

static bool ask_child(const char *wish, const char *cache_folder, struct svi_buffer *answer, struct svi_error *err)
{
    /* Quiet: what is to be said of the cache, the caller says, and each renderer. */
    const char *argv[9] = { "svi-worker", "devices", "--json", "--quiet" };
    size_t count = 4;
    const char *const options[][2] = { { "--cache", *cache_folder ? cache_folder : NULL }, { "--device", wish } };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i][1]) {
            argv[count++] = options[i][0];
            argv[count++] = options[i][1];
        }
    int ends[2];
    pid_t pid = 0;
    posix_spawn_file_actions_t files;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return svi_fail(err, SVI_IO, "The devices cannot be listed: %s.", strerror(errno));
    posix_spawn_file_actions_init(&files);
    int failure = posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    if (!failure)
        failure = posix_spawn(&pid, "/proc/self/exe", &files, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    bool ok = !failure && read_all(ends[0], answer);
    close(ends[0]);
    int status = 0;
    if (!failure && waitpid(pid, &status, 0) < 0)
        failure = errno;
    return (ok && !failure && WIFEXITED(status) && WEXITSTATUS(status) == 0)
           || svi_fail(err, SVI_NO_DEVICE, "The OpenCL devices of this machine cannot be listed: see svi-worker devices.");
}

static size_t pick(const json_t *devices, const char *type, unsigned *indices, size_t most)
{
    size_t count = 0, i;
    const json_t *device;
    json_array_foreach(devices, i, device)
    {
        const char *its = json_string_value(json_object_get(device, "type"));
        if (count < most && (!type || (its && !strcasecmp(its, type))))
            indices[count++] = (unsigned)json_integer_value(json_object_get(device, "index"));
    }
    return count;
}

bool svi_device_survey(const char *wish, const char *cache_folder, unsigned *indices, size_t most, size_t *count,
                       struct svi_error *err)
{
    struct svi_buffer answer;
    svi_buffer_init(&answer, ANSWER_LIMIT_BYTES);
    json_t *tree = NULL;
    if (ask_child(wish, cache_folder, &answer, err))
        tree = svi_json_parse((struct svi_bytes){ answer.at, answer.count }, "The list of devices", SVI_BUG, err);
    const json_t *devices = json_object_get(tree, "devices");
    *count = pick(devices, "GPU", indices, most);
    if (!*count)
        *count = pick(devices, NULL, indices, most);
    bool ok = tree && (*count || svi_fail(err, SVI_NO_DEVICE, "This machine has no OpenCL device."));
    json_decref(tree);
    svi_buffer_clear(&answer);
    return ok;
}
