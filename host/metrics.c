#include "host/metrics.h"

#include "base/stopwatch.h"
#include "base/version.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum kind { COUNTER, SECONDS, GAUGE };

static const struct row {
    const char *family, *label, *help;
    enum kind kind;
} rows[] = {
#define SVI_METRIC(name, family, label, kind, help) { family, label, help, kind },
#include "host/metric_list.h"
#undef SVI_METRIC
};

/* From a small file in a warm renderer to the hard limit of time. */
static const double bucket_s[] = { 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900 };
enum { BUCKETS = sizeof bucket_s / sizeof *bucket_s };

static const double us_in_s = 1e6;

static atomic_uint_fast64_t values[SVI_METRIC_COUNT];
static atomic_uint_fast64_t job_counts[BUCKETS + 1], job_us; /* the last one: longer than all buckets */
static _Atomic double turned_at_s;
static atomic_bool is_ready;

static uint64_t to_us(double seconds)
{
    return seconds > 0 ? (uint64_t)(seconds * us_in_s) : 0;
}

void svi_metric_add(enum svi_metric metric, uint64_t amount)
{
    atomic_fetch_add_explicit(&values[metric], amount, memory_order_relaxed);
}

void svi_metric_add_s(enum svi_metric metric, double seconds)
{
    svi_metric_add(metric, to_us(seconds));
}

void svi_metric_set(enum svi_metric metric, uint64_t value)
{
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

void svi_metric_job_took(double seconds)
{
    size_t bucket = 0;
    while (bucket < BUCKETS && seconds > bucket_s[bucket])
        bucket++;
    atomic_fetch_add(&job_counts[bucket], 1);
    atomic_fetch_add(&job_us, to_us(seconds));
}

void svi_metric_turn(bool ready)
{
    atomic_store(&turned_at_s, svi_now_s());
    atomic_store(&is_ready, ready);
}

double svi_metric_turned_ago_s(void)
{
    const double at_s = atomic_load(&turned_at_s);
    return at_s > 0 ? svi_now_s() - at_s : 0;
}

bool svi_metric_ready(void)
{
    return atomic_load(&is_ready);
}

/* ---- the text ---- */

static bool add_family(struct svi_buffer *text, const char *family, const char *type, const char *help)
{
    return svi_buffer_add_text(text, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, type);
}

static bool add_row(struct svi_buffer *text, size_t i)
{
    const struct row *row = &rows[i];
    const uint64_t value = atomic_load_explicit(&values[i], memory_order_relaxed);
    const bool first = i == 0 || strcmp(row->family, rows[i - 1].family) != 0, labelled = row->label[0] != '\0';
    if (first && !add_family(text, row->family, row->kind == GAUGE ? "gauge" : "counter", row->help))
        return false;
    if (!svi_buffer_add_text(text, "%s%s%s%s ", row->family, labelled ? "{" : "", row->label, labelled ? "}" : ""))
        return false;
    return row->kind == SECONDS ? svi_buffer_add_text(text, "%.6f\n", (double)value / us_in_s)
                                : svi_buffer_add_text(text, "%" PRIu64 "\n", value);
}

static bool add_jobs(struct svi_buffer *text)
{
    static const char family[] = "svi_worker_job_seconds";
    uint64_t count = 0;
    bool ok = add_family(text, family, "histogram", "How long jobs took, from the lane to the end.");
    for (size_t i = 0; i <= BUCKETS; i++) {
        char limit[24] = "+Inf";
        count += atomic_load(&job_counts[i]);
        if (i < BUCKETS)
            svi_format(limit, sizeof limit, "%g", bucket_s[i]);
        ok = ok && svi_buffer_add_text(text, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", family, limit, count);
    }
    return ok
           && svi_buffer_add_text(text, "%s_sum %.6f\n%s_count %" PRIu64 "\n", family, (double)atomic_load(&job_us) / us_in_s,
                                  family, count);
}

static bool add_number(struct svi_buffer *text, const char *family, const char *type, const char *help, double value)
{
    return add_family(text, family, type, help) && svi_buffer_add_text(text, "%s %.15g\n", family, value);
}

static bool add_version(struct svi_buffer *text)
{
    static const char family[] = "svi_worker_build_info";
    return add_family(text, family, "gauge", "Always 1; the labels say which program this is.")
           && svi_buffer_add_text(text, "%s{version=\"%s\",commit=\"%s\"} 1\n", family, svi_version, svi_commit);
}

/* The numbers by their place in proc(5), /proc/pid/stat; before them stands the name of the process, which may hold anything. */
enum { STATE_PLACE = 3, START_TICKS_PLACE = 22, RESIDENT_PAGES_PLACE = 24 };

static unsigned long long number_at(const char *behind_name, int place)
{
    const char *at = behind_name;
    for (int i = STATE_PLACE; at && i <= place; i++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

static bool read_stat(unsigned long long *start_ticks, unsigned long long *resident_pages)
{
    char line[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    const size_t count = file ? fread(line, 1, sizeof line - 1, file) : 0;
    if (file)
        fclose(file);
    line[count] = '\0';
    const char *behind_name = strrchr(line, ')');
    if (!behind_name)
        return false;
    *start_ticks = number_at(behind_name, START_TICKS_PLACE);
    *resident_pages = number_at(behind_name, RESIDENT_PAGES_PLACE);
    return true;
}

static double booted_at_s(void)
{
    struct timespec wall, up;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (double)(wall.tv_sec - up.tv_sec) + 1e-9 * (double)(wall.tv_nsec - up.tv_nsec);
}

static size_t count_open_files(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count ? count - 1 : 0; /* the folder itself */
}

/* By the names that Prometheus's clients have agreed on; the process is the supervisor, its renderers are not counted in. */
static bool add_process(struct svi_buffer *text)
{
    unsigned long long start_ticks = 0, resident_pages = 0;
    struct rusage used = { 0 };
    struct rlimit files = { 0 };
    getrusage(RUSAGE_SELF, &used);
    getrlimit(RLIMIT_NOFILE, &files);
    bool ok = add_number(text, "process_cpu_seconds_total", "counter", "Processor time of the supervisor.",
                         svi_timeval_s(used.ru_utime) + svi_timeval_s(used.ru_stime))
              && add_number(text, "process_open_fds", "gauge", "Open files of the supervisor.", (double)count_open_files())
              && add_number(text, "process_max_fds", "gauge", "How many it may open.", (double)files.rlim_cur);
    if (!read_stat(&start_ticks, &resident_pages))
        return ok;
    return ok
           && add_number(text, "process_resident_memory_bytes", "gauge", "Memory of the supervisor.",
                         (double)resident_pages * (double)sysconf(_SC_PAGESIZE))
           && add_number(text, "process_start_time_seconds", "gauge", "When it was started, Unix time.",
                         booted_at_s() + (double)start_ticks / (double)sysconf(_SC_CLK_TCK));
}

bool svi_metrics_write(struct svi_buffer *text)
{
    bool ok = add_version(text);
    for (size_t i = 0; i < SVI_METRIC_COUNT; i++)
        ok = ok && add_row(text, i);
    return ok && add_jobs(text) && add_process(text);
}
