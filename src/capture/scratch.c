#include "capture/scratch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool svi_scratch_fail(const char *doing, const char *path, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, SVI_IO, "%s: %s.", doing, why == ENOSPC ? "the disk is full" : strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

bool svi_scratch_write(int fd, uint64_t offset, struct svi_bytes bytes, const char *doing, struct svi_error *err)
{
    while (bytes.count) {
        ssize_t written = pwrite(fd, bytes.at, bytes.count, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return svi_scratch_fail(doing, "pwrite", err);
        bytes = (struct svi_bytes){ bytes.at + written, bytes.count - (size_t)written };
        offset += (uint64_t)written;
    }
    return true;
}

bool svi_scratch_go_on(const struct svi_capture_request *request, struct svi_error *err)
{
    return !request->go_on || request->go_on(request->go_on_self) || svi_fail(err, SVI_CANCELLED, "The work was stopped.");
}
