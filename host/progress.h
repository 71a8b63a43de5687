/* progress.h - a bar on a terminal for work that takes longer than a second. */
#ifndef SVI_HOST_PROGRESS_H
#define SVI_HOST_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct svi_progress_bar {
    int fd;           /* -1: no bar */
    const char *name; /* of the work: "waterfall" */
    double started_s, drawn_s, share;
    bool visible;
};

/* Draws on the file descriptor if that is a terminal and `wanted`; else every other call does nothing. */
struct svi_progress_bar svi_progress_bar_start(int fd, const char *name, bool wanted);

/* An svi_progress (visual/render.h) with the bar as its self; true unless the process was told to stop (host/stop.h). */
bool svi_progress_bar_update(void *bar, double share, const char *stage);

/* Takes the bar away. */
void svi_progress_bar_end(struct svi_progress_bar *bar);

/* The text of a bar, at most `columns` wide. left_s < 0: not known. */
void svi_progress_bar_text(char *into, size_t size, int columns, const char *name, double share, const char *stage, double left_s);

#endif
