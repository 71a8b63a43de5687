#include "host/desk.h"

#include "base/log.h"
#include "host/outbox.h"

bool svi_desk_set(struct svi_desk *desk, const char *work_folder, struct svi_error *err)
{
    return desk->workspace || svi_workspace_create(&desk->workspace, work_folder, err);
}

void svi_desk_clear(struct svi_desk *desk, bool all_went_well)
{
    struct svi_error err = { 0 };
    if (all_went_well && (!desk->workspace || svi_workspace_empty(desk->workspace, SVI_OUTBOX_LIST, &err)))
        return;
    if (err.status != SVI_OK)
        svi_log(SVI_LOG_WARNING, "%s [%s]", err.message, err.cause);
    svi_workspace_destroy(desk->workspace);
    desk->workspace = NULL;
}

void svi_desk_close(struct svi_desk *desk)
{
    svi_workspace_destroy(desk->workspace);
    svi_http_line_close(desk->line);
    *desk = (struct svi_desk){ 0 };
}
