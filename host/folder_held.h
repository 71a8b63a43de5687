/* folder_held.h - the messages that a node of a folder holds: FOLDER/held/NODE/, with a lease, which is a file that the living node
 * touches. Knows files, not what a message is about. */
#ifndef SVI_HOST_FOLDER_HELD_H
#define SVI_HOST_FOLDER_HELD_H

#include "host/folder_files.h"

struct svi_folder_held;

/* Takes the node's folder, for one process at a time. `folder` is where messages come from and go back to. */
bool svi_folder_held_open(struct svi_folder_held **out, const char *folder, const char *node, double visibility_s,
                          struct svi_error *err);
/* The messages stay where they are. Takes NULL. */
void svi_folder_held_close(struct svi_folder_held *held);

/* Adds the files that are held, the oldest first. */
bool svi_folder_held_list(const struct svi_folder_held *held, struct svi_folder_names *names, struct svi_error *err);

/* Moves a waiting message here; *taken false: somebody was faster. `name`, of 256 bytes, becomes its name here. */
bool svi_folder_held_take(const struct svi_folder_held *held, const char *file, char name[256], bool *taken, struct svi_error *err);

/* The bytes of a held message; the caller clears the buffer. Not there: SVI_NOT_FOUND; nothing that
 * can be read: SVI_IO. */
bool svi_folder_held_read(const struct svi_folder_held *held, const char *name, struct svi_buffer *text, struct svi_error *err);

/* Forgets a message, or moves it into the folder `processed`, where that is not NULL. *known false: it was not here. */
bool svi_folder_held_forget(const struct svi_folder_held *held, const char *name, const char *processed, bool *known,
                            struct svi_error *err);

/* Puts a message back as it was, or with other bytes where `bytes.at` is not NULL. */
bool svi_folder_held_return(const struct svi_folder_held *held, const char *name, struct svi_bytes bytes, bool *known,
                            struct svi_error *err);

/* To be called often: renews the lease, and now and then takes what nodes held whose lease ran out. Their files' names are added to
 * `orphans`; they are held here now. *due_s: svi_now_s of when it wants to be called again. */
bool svi_folder_held_renew(struct svi_folder_held *held, struct svi_folder_names *orphans, double *due_s, struct svi_error *err);

/* What the file system's clock said at the latest renewal. */
time_t svi_folder_held_clock(const struct svi_folder_held *held);

#endif
