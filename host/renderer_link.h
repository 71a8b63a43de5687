/* renderer_link.h - the supervisor's end of a renderer: starts the child process, hands it orders, follows them, and survives its
 * crash, hang or kill. Knows nothing of what is drawn, nor where jobs come from. */
#ifndef SVI_HOST_RENDERER_LINK_H
#define SVI_HOST_RENDERER_LINK_H

#include "host/renderer_message.h"
#include "host/renderer_seam.h"
#include "visual/render.h"

struct svi_child;

/* Starts a child; its owner's way where a link is used by other threads than the one with which the child is to die. */
typedef bool svi_renderer_start(void *self, struct svi_child *child, const char *program, const char *const *arguments,
                                struct svi_error *err);

struct svi_renderer_link_settings {
    const char *program;          /* NULL: this very program */
    const char *const *arguments; /* behind the command "renderer", ended by NULL; or NULL */
    const char *stft;             /* engine; NULL: the renderer's choice */
    double soft_limit_s;          /* then an order is cancelled; 0: never */
    double hard_limit_s;          /* then the child is killed; 0: never */
    double silence_s;             /* a child that says nothing for so long is killed; 0: the usual 30 s */
    double grace_s;               /* for a child that was told to stop, before it is killed; 0: the usual 5 s */
    svi_renderer_start *start;    /* NULL: in the thread that gives the order */
    void *start_self;
};

struct svi_renderer_link;

/* Starts nothing yet: the child comes with the first order and stays for the next ones. The settings are copied; what they point to
 * must live as long as the link. A link is used by one thread at a time. The child dies with the thread that started it, which must
 * not end before the link is closed. */
bool svi_renderer_link_open(struct svi_renderer_link **out, const struct svi_renderer_link_settings *settings,
                            struct svi_error *err);

/* Has the pictures of an order made. `progress` is called at least every second, and may be NULL; when it returns false the order
 * is cancelled. Failures are the renderer's own, SVI_TIME_LIMIT, SVI_CANCELLED, or SVI_RENDERER_DIED; after each the link takes the
 * next order. On success what the outcome lists lies in the order's folder as regular files. */
bool svi_renderer_link_draw(struct svi_renderer_link *link, const struct svi_order *order, svi_progress *progress,
                            void *progress_self, struct svi_render_outcome *outcome, struct svi_error *err);

/* The link as the worker wants it. Lives as long as the link. */
struct svi_renderer_seam svi_renderer_link_seam(struct svi_renderer_link *link);

/* The child's process id, 0 where none lives. */
int svi_renderer_link_pid(const struct svi_renderer_link *link);

/* Ends the child, with patience first, and leaves no zombie. Takes NULL. */
void svi_renderer_link_close(struct svi_renderer_link *link);

#endif
