#include "host/child.h"

#include "base/bytes.h"
#include "base/log.h"
#include "host/renderer_message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ARGUMENTS = 32 };

/* A renderer reads untrusted files: it is not told what it need not know. Each row is the beginning of a name. */
static const char *const passed_variables[] = {
    "PATH=",
    "HOME=",
    "USER=",
    "LANG=",
    "LC_",
    "TZ=",
    "TMPDIR=",
    "XDG_CACHE_HOME=",
    "LD_LIBRARY_PATH=",
    "LD_PRELOAD=", /* any program */
    "OCL_",
    "OPENCL_",
    "OPAL_PREFIX=",
    "POCL_",
    "CL_",
    "CLFFT_",
    "LLVM_",
    "OMP_",
    "TBB_", /* OpenCL, PoCL */
    "CUDA_",
    "NVIDIA_",
    "__NV",
    "GPU_",
    "HSA_",
    "ROCR_",
    "ROCM_",
    "ROC_",
    "HIP_",
    "AMD_",
    "AMDOCL_", /* GPU drivers */
    "NEO_",
    "ZE_",
    "ONEAPI_",
    "SYCL_",
    "IGC_",
    "MESA_",
    "RUSTICL_",
    "LIBGL_",
    "DRI_",
    "ASAN_",
    "UBSAN_",
    "LSAN_",
    "TSAN_",
    "GCOV_",
    "LLVM_PROFILE_FILE=",
    "MALLOC_",
    "HWLOC_", /* developers */
};

static bool is_passed(const char *variable)
{
    for (size_t i = 0; i < sizeof passed_variables / sizeof *passed_variables; i++)
        if (!strncmp(variable, passed_variables[i], strlen(passed_variables[i])))
            return true;
    return false;
}

/* An array to be freed; its texts are the environment's. */
static char **reduced_environment(void)
{
    size_t count = 0, kept = 0;
    while (environ && environ[count])
        count++;
    char **reduced = calloc(count + 1, sizeof *reduced);
    for (size_t i = 0; reduced && i < count; i++)
        if (is_passed(environ[i]))
            reduced[kept++] = environ[i];
    return reduced;
}

static int set_up_files(posix_spawn_file_actions_t *files, int socket)
{
    int failure = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    /* What drivers print must not stand among the results on our standard output. */
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(files, STDERR_FILENO, STDOUT_FILENO);
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(files, socket, SVI_RENDERER_FD);
    if (!failure)
        failure = posix_spawn_file_actions_addclosefrom_np(files, SVI_RENDERER_FD + 1);
    return failure;
}

static int set_up_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failure)
        failure = posix_spawnattr_setpgroup(attributes, 0);
    if (!failure)
        failure = posix_spawnattr_setsigmask(attributes, &none);
    if (!failure)
        failure = posix_spawnattr_setsigdefault(attributes, &all);
    return failure;
}

static int spawn(pid_t *pid, const char *program, const char *const *arguments, int socket)
{
    const char *argv[MAX_ARGUMENTS + 3] = { "svi-worker", "renderer" };
    for (size_t i = 0; arguments && arguments[i]; i++) {
        if (i == MAX_ARGUMENTS)
            return E2BIG;
        argv[2 + i] = arguments[i];
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    char **environment = reduced_environment();
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int failure = environment ? 0 : ENOMEM;
    if (!failure)
        failure = set_up_files(&files, socket);
    if (!failure)
        failure = set_up_attributes(&attributes);
    if (!failure)
        failure = posix_spawn(pid, program, &files, &attributes, (char *const *)(uintptr_t)argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(environment);
    return failure;
}

bool svi_child_start(struct svi_child *child, const char *program, const char *const *arguments, struct svi_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return svi_fail(err, SVI_RENDERER_DIED, "The renderer cannot be started.")
               || svi_because(err, "socketpair: %s", strerror(errno));
    pid_t pid = 0;
    int failure = spawn(&pid, program, arguments, pair[1]);
    close(pair[1]);
    int pidfd = failure ? -1 : pidfd_open(pid, 0);
    if (!failure && pidfd < 0) {
        failure = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (failure) {
        close(pair[0]);
        return svi_fail(err, SVI_RENDERER_DIED, "The renderer cannot be started.")
               || svi_because(err, "%s: %s", program, strerror(failure));
    }
    *child = (struct svi_child){ .pid = pid, .fd = pair[0], .pidfd = pidfd };
    svi_log(SVI_LOG_DEBUG, "renderer started as process %d", (int)pid);
    return true;
}

static bool ends_within(const struct svi_child *child, double seconds)
{
    struct pollfd end = { .fd = child->pidfd, .events = POLLIN };
    int ready;
    do
        ready = poll(&end, 1, (int)(seconds * 1000));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

bool svi_child_has_ended(const struct svi_child *child)
{
    return ends_within(child, 0);
}

struct svi_child_end svi_child_end(struct svi_child *child, double patience_s)
{
    struct svi_child_end end = { 0 };
    if (!child->pid)
        return end;
    close(child->fd);
    end.by_us = !ends_within(child, patience_s);
    /* The whole group: a driver may have started a compiler. Not yet reaped, the child still holds the group's number. */
    kill(-child->pid, SIGKILL);
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(child->pidfd);
    if (WIFSIGNALED(status)) {
        end.signal = WTERMSIG(status);
        const char *name = sigabbrev_np(end.signal);
        end.signal_name = name ? name : "unknown";
    } else {
        end.exit_code = WEXITSTATUS(status);
    }
    svi_log(SVI_LOG_DEBUG, "renderer %d ended: exit code %d, signal %d", (int)child->pid, end.exit_code, end.signal);
    *child = (struct svi_child){ 0 };
    return end;
}
