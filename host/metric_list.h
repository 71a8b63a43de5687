/* metric_list.h - every number that the process counts for those who watch it. Include with SVI_METRIC defined.
 *
 * kind: COUNTER only grows; SECONDS is one that counts microseconds, and is told in seconds; GAUGE goes up and down. Rows of one
 * family stand together, told apart by their label; the help of the first row is the family's. Names follow
 * https://prometheus.io/docs/practices/naming/. */
/* clang-format off */

/*         NAME              family                               label                    kind     help */
SVI_METRIC(TASKS_RECEIVED,   "svi_worker_tasks_received_total",   "",                      COUNTER, "Tasks that the broker gave to this node.")
SVI_METRIC(TASKS_DROPPED,    "svi_worker_tasks_dropped_total",    "",                      COUNTER, "Messages that were no task for this node.")
SVI_METRIC(JOBS_COMPLETED,   "svi_worker_jobs_total",             "outcome=\"completed\"", COUNTER, "Jobs that the node is done with, by what became of them.")
SVI_METRIC(JOBS_FAILED,      "svi_worker_jobs_total",             "outcome=\"failed\"",    COUNTER, "")
SVI_METRIC(JOBS_RETRIED,     "svi_worker_jobs_total",             "outcome=\"retried\"",   COUNTER, "")
SVI_METRIC(JOBS_REVOKED,     "svi_worker_jobs_total",             "outcome=\"revoked\"",   COUNTER, "")
SVI_METRIC(JOBS_RETURNED,    "svi_worker_jobs_total",             "outcome=\"returned\"",  COUNTER, "")
SVI_METRIC(JOBS_ACTIVE,      "svi_worker_jobs_active",            "",                      GAUGE,   "Jobs that are being worked on.")
SVI_METRIC(JOBS_WAITING,     "svi_worker_jobs_waiting",           "",                      GAUGE,   "Jobs that the node holds for a free lane, or until their time.")
SVI_METRIC(LANES,            "svi_worker_lanes",                  "",                      GAUGE,   "Jobs that can be worked on at once.")
SVI_METRIC(FETCH_S,          "svi_worker_stage_seconds_total",    "stage=\"fetch\"",       SECONDS, "Time that jobs spent in a stage; of several jobs at once each counts.")
SVI_METRIC(DRAW_S,           "svi_worker_stage_seconds_total",    "stage=\"draw\"",        SECONDS, "")
SVI_METRIC(POST_S,           "svi_worker_stage_seconds_total",    "stage=\"post\"",        SECONDS, "")
SVI_METRIC(FETCHED_BYTES,    "svi_worker_fetched_bytes_total",    "",                      COUNTER, "Bytes of recordings that were fetched for jobs.")
SVI_METRIC(PICTURES,         "svi_worker_pictures_total",         "",                      COUNTER, "Pictures that the platform has taken.")
SVI_METRIC(HTTP_ANSWERED,    "svi_worker_http_tries_total",       "outcome=\"answered\"",  COUNTER, "Requests to the platform, each try by itself, by what came of it.")
SVI_METRIC(HTTP_REFUSED,     "svi_worker_http_tries_total",       "outcome=\"refused\"",   COUNTER, "")
SVI_METRIC(HTTP_UNREACHED,   "svi_worker_http_tries_total",       "outcome=\"unreached\"", COUNTER, "")
SVI_METRIC(BROKER_CONNECTED, "svi_worker_broker_connected",       "",                      GAUGE,   "1 while the node is connected to its broker, else 0.")
SVI_METRIC(BROKER_LOST,      "svi_worker_broker_lost_total",      "",                      COUNTER, "Connections to the broker that were lost.")
SVI_METRIC(RENDERER_STARTS,  "svi_worker_renderer_starts_total",  "",                      COUNTER, "Renderers that were started.")
SVI_METRIC(RENDERER_DEATHS,  "svi_worker_renderer_deaths_total",  "",                      COUNTER, "Renderers that crashed, fell silent or were killed at work.")
/* clang-format on */
