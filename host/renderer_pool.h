/* renderer_pool.h - several renderers behind one seam: a picture goes to the next one that is free. Knows nothing of what is drawn.
 *
 * Each renderer has a thread of its own that starts it, since a child dies with the thread that did. All else is done by the thread
 * that wants the picture. */
#ifndef SVI_HOST_RENDERER_POOL_H
#define SVI_HOST_RENDERER_POOL_H

#include "host/renderer_link.h"

struct svi_renderer_pool;

/* One renderer for each row of settings; see svi_renderer_link_open for what must live on. */
bool svi_renderer_pool_open(struct svi_renderer_pool **out, const struct svi_renderer_link_settings *settings, size_t count,
                            struct svi_error *err);

/* To be called by any thread; waits for a free renderer, and may call `progress` meanwhile with the pool's lock in hand. */
struct svi_renderer_seam svi_renderer_pool_seam(struct svi_renderer_pool *pool);

/* The process ids of the renderers that live; returns how many. */
size_t svi_renderer_pool_pids(struct svi_renderer_pool *pool, int *into, size_t most);

/* When nobody is drawing any more. Takes NULL. */
void svi_renderer_pool_close(struct svi_renderer_pool *pool);

#endif
