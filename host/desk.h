/* desk.h - what a thread that works on one job after the other keeps between them: its connection to the platform, and its folder
 * for files. Knows nothing of jobs. */
#ifndef SVI_HOST_DESK_H
#define SVI_HOST_DESK_H

#include "host/http.h"
#include "host/workspace.h"

/* The caller starts it with { 0 }. Both are made when they are needed first. */
struct svi_desk {
    struct svi_http_line *line;
    struct svi_workspace *workspace;
};

bool svi_desk_set(struct svi_desk *desk, const char *work_folder, struct svi_error *err);

/* The files of a job go. A folder in which something went wrong is not used again. */
void svi_desk_clear(struct svi_desk *desk, bool all_went_well);

void svi_desk_close(struct svi_desk *desk);

#endif
