/* report.h - an error of some stage -> what the person who asked for the picture reads. */
#ifndef SVI_HOST_REPORT_H
#define SVI_HOST_REPORT_H

#include "base/error.h"
#include "base/json.h"

enum { SVI_REPORT_MAX_BYTES = 500 };

/* Puts the name of a stage before an error: its message becomes "<stage> <message>", its status that of the stage. The cause stays,
 * with the former code in front. An error that is SVI_CANCELLED keeps its status, and what may pass still may. Returns false,
 * always. */
bool svi_report_stage(struct svi_error *err, enum svi_status status, const char *stage_format, ...)
    __attribute__((format(printf, 3, 4)));

/* {"error": "one line", "code": "fetch_failed"}: the info of a failed job. The caller ends it with json_decref; NULL: no memory. */
json_t *svi_report_failure(const struct svi_error *err);

#endif
