/* driver_cache.h - a folder of this process's own for what PoCL compiles: processes that share one have got into each other's way.
 */
#ifndef SVI_HOST_DRIVER_CACHE_H
#define SVI_HOST_DRIVER_CACHE_H

/* Takes the first folder below cache_folder that no living process has, and names it in POCL_CACHE_DIR; kept until the process
 * ends, and warm for the next one. Where the variable is set already, somebody knows better. To be called before any OpenCL call
 * and any thread. Without a free folder, or with cache_folder "", a temporary folder that goes with the process. */
void svi_driver_cache_claim(const char *cache_folder);

#endif
