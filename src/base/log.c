#include "base/log.h"

#include "base/bytes.h"

#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    int fd;
    enum svi_log_level most;
    enum svi_log_format format;
} sink = { PTHREAD_MUTEX_INITIALIZER, -1, SVI_LOG_INFO, SVI_LOG_TEXT };

static _Thread_local char current_job[64];

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void svi_log_to(int fd, enum svi_log_level most, enum svi_log_format format)
{
    pthread_mutex_lock(&sink.lock);
    sink.fd = fd;
    sink.most = most;
    sink.format = format;
    pthread_mutex_unlock(&sink.lock);
}

void svi_log_job(const char *job)
{
    svi_format(current_job, sizeof current_job, "%s", job ? job : "");
}

static void write_time(char *into, size_t size)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(into, size, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(into + length, size - length, ".%03ldZ", now.tv_nsec / 1000000);
}

static void make_text_line(struct svi_buffer *line, const char *when, enum svi_log_level level, const char *text)
{
    svi_buffer_add_text(line, "%s %-7s ", when, level_names[level]);
    if (current_job[0])
        svi_buffer_add_text(line, "job %s: ", current_job);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            svi_buffer_add_text(line, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            svi_buffer_add(line, c, 1);
}

static void make_json_line(struct svi_buffer *line, const char *when, enum svi_log_level level, const char *text)
{
    bool utf8 = svi_utf8_valid(svi_bytes_of(text));
    json_t *object = json_pack("{s:s, s:s, s:s*, s:s}", "time", when, "level", level_names[level], "job",
                               current_job[0] ? current_job : NULL, "text", utf8 ? text : "(text that is not UTF-8)");
    char *dump = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (dump)
        svi_buffer_add(line, dump, strlen(dump));
    free(dump);
    json_decref(object);
}

void svi_log(enum svi_log_level level, const char *format, ...)
{
    pthread_mutex_lock(&sink.lock);
    int fd = level <= sink.most ? sink.fd : -1;
    enum svi_log_format shape = sink.format;
    pthread_mutex_unlock(&sink.lock);
    if (fd < 0)
        return;

    char text[2048], when[40];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text[svi_utf8_fit(text, strlen(text))] = '\0';
    write_time(when, sizeof when);

    struct svi_buffer line;
    svi_buffer_init(&line, 16384);
    (shape == SVI_LOG_JSON ? make_json_line : make_text_line)(&line, when, level, text);
    if (svi_buffer_add(&line, "\n", 1)) {
        /* One write keeps lines whole between processes too. A log that cannot be written has nobody to complain to. */
        ssize_t ignored = write(fd, line.at, line.count);
        (void)ignored;
    }
    svi_buffer_clear(&line);
}
