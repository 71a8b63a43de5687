/* lock.h - files and folders that one process has at a time. Such a lock is an open file: it ends when that is closed, and so with
 * its process, however that ends. */
#ifndef SVI_BASE_LOCK_H
#define SVI_BASE_LOCK_H

#include <stdbool.h>
#include <sys/file.h>

/* Locks what is open; how: as flock takes it. false: errno tells why, EWOULDBLOCK that another has it. */
bool svi_lock(int fd, int how);

/* Opens a file of a folder that is open (or AT_FDCWD), makes it where it is missing, and locks it for itself. flags: beside what
 * that takes. wait: until nobody else has it. The caller closes the descriptor; -1: errno tells why, as above. */
int svi_lock_file(int folder, const char *name, int flags, bool wait);

#endif
