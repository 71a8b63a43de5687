/* metrics.h - what the process counts, and how it is, for those who watch it from outside. Like the log, of the whole process: any
 * thread may count at any time, and it costs an atomic addition. The text is Prometheus's exposition format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */
#ifndef SVI_HOST_METRICS_H
#define SVI_HOST_METRICS_H

#include "base/bytes.h"

enum svi_metric {
#define SVI_METRIC(name, family, label, kind, help) SVI_METRIC_##name,
#include "host/metric_list.h"
#undef SVI_METRIC
    SVI_METRIC_COUNT
};

enum { SVI_METRICS_MOST_BYTES = 64 << 10 };

/* Of counters. */
void svi_metric_add(enum svi_metric metric, uint64_t amount);
void svi_metric_add_s(enum svi_metric metric, double seconds);

/* Of gauges. */
void svi_metric_set(enum svi_metric metric, uint64_t value);

/* How long a job took, from its lane to its end. */
void svi_metric_job_took(double seconds);

/* The service's loop has turned; `ready` where it takes jobs. */
void svi_metric_turn(bool ready);

/* Seconds since the loop last turned; 0 where it has not begun to. */
double svi_metric_turned_ago_s(void);
bool svi_metric_ready(void);

/* Adds all of them, and what Prometheus's own clients say of a process. False: no memory, or the buffer's limit is passed. */
bool svi_metrics_write(struct svi_buffer *text);

#endif
