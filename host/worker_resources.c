#include "host/worker_resources.h"

#include "base/log.h"

bool svi_worker_resources_need_line(struct svi_worker_resources *resources, struct svi_error *err)
{
    return resources->line || svi_http_line_open(&resources->line, err);
}

bool svi_worker_resources_need_workspace(struct svi_worker_resources *resources, const char *work_folder, struct svi_error *err)
{
    svi_worker_resources_tidy(resources);
    return resources->workspace || svi_workspace_create(&resources->workspace, work_folder, err);
}

void svi_worker_resources_end_job(struct svi_worker_resources *resources, bool all_went_well)
{
    resources->untidy = all_went_well && resources->workspace;
    if (all_went_well)
        return;
    svi_workspace_destroy(resources->workspace);
    resources->workspace = NULL;
}

void svi_worker_resources_tidy(struct svi_worker_resources *resources)
{
    struct svi_error err = { 0 };
    if (!resources->untidy)
        return;
    resources->untidy = false;
    if (svi_workspace_empty(resources->workspace, &err))
        return;
    svi_log_error(SVI_LOG_WARNING, &err, "the next job gets another folder");
    svi_workspace_destroy(resources->workspace);
    resources->workspace = NULL;
}

void svi_worker_resources_close(struct svi_worker_resources *resources)
{
    svi_workspace_destroy(resources->workspace);
    svi_http_line_close(resources->line);
    *resources = (struct svi_worker_resources){ 0 };
}
