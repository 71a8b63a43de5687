/* folder_files.h - messages as files, named as kombu's filesystem transport names them: <milliseconds>_<uuid>.<queue>.msg. Knows
 * folders and bytes, not what a message says. */
#ifndef SVI_HOST_FOLDER_FILES_H
#define SVI_HOST_FOLDER_FILES_H

#include "base/bytes.h"
#include "base/error.h"

#include <time.h>

enum { SVI_FOLDER_QUEUE_SIZE = 256 };

/* The queue that stands in a file's name; false where it is no message. */
bool svi_folder_queue_of(char queue[SVI_FOLDER_QUEUE_SIZE], const char *file);

/* A new name for a message of the queue, of at most 255 bytes; the queue's name is at most 200. */
bool svi_folder_new_name(char *file, size_t size, const char *queue, struct svi_error *err);

/* Writes the file under a name that nobody takes for a message, and then gives it its name. `lasting`: it is on the disk before.
 * `written`: the time that the file is to have, or NULL. No room left: SVI_IO; else SVI_UNREACHABLE. */
bool svi_folder_put(const char *folder, const char *file, struct svi_bytes bytes, bool lasting, const struct timespec *written,
                    struct svi_error *err);

enum svi_folder_look {
    SVI_FOLDER_THERE,
    SVI_FOLDER_GONE,       /* somebody was faster */
    SVI_FOLDER_UNFINISHED, /* its writer is still at work */
    SVI_FOLDER_CLOSED,     /* may not be read by this user, or is no file */
    SVI_FOLDER_TOO_LARGE
};

/* Opens a message that is written to its end; *fd is the caller's. */
enum svi_folder_look svi_folder_look(const char *path, int *fd, struct timespec *written);

/* The bytes of an open file that is not larger than svi_folder_look lets pass. The caller clears the buffer. */
bool svi_folder_read(struct svi_buffer *out, int fd, struct svi_error *err);

/* Names of files that wait, the oldest first. Starts as { 0 }, ends with svi_folder_names_clear. */
struct svi_folder_names {
    struct svi_folder_waiting {
        char *file;
        struct timespec written;
    } * at;
    size_t first, count, room; /* those before `first` are gone */
    bool more;                 /* there are others that did not fit */
};

void svi_folder_names_clear(struct svi_folder_names *names);
/* Behind the others. What does not fit is only noted in `more`. */
void svi_folder_names_add(struct svi_folder_names *names, const char *file, const struct timespec *written);
void svi_folder_names_sort(struct svi_folder_names *names);
/* The first one, which the caller frees; NULL: there is none. */
char *svi_folder_names_take(struct svi_folder_names *names);

#endif
