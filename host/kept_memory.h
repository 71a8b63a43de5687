/* kept_memory.h - what a picture gave back stays with the process, for the next one. */
#ifndef SVI_HOST_KEPT_MEMORY_H
#define SVI_HOST_KEPT_MEMORY_H

/* Pictures of some megabytes come and go with every job. Left to itself the C library gives their memory back each time, and the
 * kernel has to clear every page of the next one anew. To be called before any thread. */
void svi_keep_memory_of_pictures(void);

#endif
