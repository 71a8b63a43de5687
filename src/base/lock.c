#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool svi_lock(int fd, int how)
{
    int outcome;
    while ((outcome = flock(fd, how)) != 0 && errno == EINTR)
        continue;
    return outcome == 0;
}

int svi_lock_file(int folder, const char *name, int flags, bool wait)
{
    const int fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0 || svi_lock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)))
        return fd;
    const int why = errno;
    close(fd);
    errno = why;
    return -1;
}
