/* renderer.h - the child process that draws. It takes orders from its supervisor, one at a time, and answers each with done or
 * failed. It knows no platform, no token and no network; what it draws with is a seam. */
#ifndef SVI_HOST_RENDERER_H
#define SVI_HOST_RENDERER_H

#include "visual/render.h"

/* What the orders are carried out with. The device is opened for the first order and kept; after a failure of the device the order
 * is carried out on another one, and the device that is wished for is opened again for the next order. */
struct svi_drawing {
    bool (*open)(void *self, struct svi_device **device, struct svi_error *err);
    /* After a failure; see svi_another_device. What the summaries are to say of it lives until the next call of open. */
    bool (*another)(void *self, struct svi_device **device, const char **notice, struct svi_error *err);
    bool (*render)(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *rendering,
                   struct svi_error *err);
    void (*close)(struct svi_device *device); /* takes NULL */
    void *self;
};

/* Works until the supervisor closes its end of the socket; then true. When the supervisor goes away in the middle of an order, the
 * process ends at once. fd: SOCK_SEQPACKET, closed here. To be called once, from the main thread of a process that exists for this.
 */
bool svi_renderer_serve(int fd, const struct svi_drawing *drawing, struct svi_error *err);

#endif
