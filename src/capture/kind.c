#include "capture/kind.h"

#include "capture/sweeps.h"
#include "capture/table.h"

enum svi_kind svi_kind_of(const struct svi_capture_request *request)
{
    if (svi_sweeps_wanted(request))
        return SVI_KIND_SWEEPS;
    return svi_table_wanted(request) ? SVI_KIND_TABLE : SVI_KIND_RECORDING;
}
