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

enum { TEXT_SIZE = 2048 };

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
    char clean[sizeof "\xEF\xBF\xBD" * TEXT_SIZE]; /* at worst each byte becomes U+FFFD */
    if (!svi_utf8_valid(svi_bytes_of(text))) {
        svi_text_clean(clean, sizeof clean, text);
        text = clean;
    }
    json_t *object = json_pack("{s:s, s:s, s:s*, s:s}", "time", when, "level", level_names[level], "job",
                               current_job[0] ? current_job : NULL, "text", text);
    char *dump = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (dump)
        svi_buffer_add(line, dump, strlen(dump));
    free(dump);
    json_decref(object);
}

static bool is_wanted(enum svi_log_level level)
{
    pthread_mutex_lock(&sink.lock);
    const bool wanted = sink.fd >= 0 && level <= sink.most;
    pthread_mutex_unlock(&sink.lock);
    return wanted;
}

static void write_line(enum svi_log_level level, char text[TEXT_SIZE])
{
    char when[40];
    write_time(when, sizeof when);
    text[svi_utf8_fit(text, strlen(text))] = '\0';
    pthread_mutex_lock(&sink.lock);
    const int fd = sink.fd;
    const enum svi_log_format shape = sink.format;
    pthread_mutex_unlock(&sink.lock);

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

void svi_log(enum svi_log_level level, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    if (!is_wanted(level))
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(level, text);
}

void svi_log_error(enum svi_log_level level, const struct svi_error *why, const char *format, ...)
{
    char said[TEXT_SIZE], text[TEXT_SIZE];
    va_list arguments;
    if (!is_wanted(level))
        return;
    va_start(arguments, format);
    vsnprintf(said, sizeof said, format, arguments);
    va_end(arguments);
    svi_format(text, sizeof text, "%s: %s%s%s%s", said, why->message, *why->cause ? " [" : "", why->cause, *why->cause ? "]" : "");
    write_line(level, text);
}
