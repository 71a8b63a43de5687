#include "host/celery_control_inside.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/python_repr.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 512, MOST_RESIZE = 1000, QUEUE_SIZE = 256 };

__attribute__((format(printf, 2, 0))) static json_t *under(const char *key, const char *format, va_list values)
{
    json_t *text = json_vsprintf(format, values);
    return text ? json_pack("{s:o}", key, text) : NULL;
}

json_t *svi_control_ok(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    json_t *answer = under("ok", format, values);
    va_end(values);
    return answer;
}

json_t *svi_control_error(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    json_t *answer = under("error", format, values);
    va_end(values);
    return answer;
}

json_t *svi_control_raise(const char *type, const char *text)
{
    struct svi_buffer shown;
    svi_buffer_init(&shown, SVI_CONTROL_TEXT_BYTES);
    json_t *answer = svi_python_repr_text(&shown, text) ? svi_control_error("%s(%s)", type, (const char *)shown.at) : NULL;
    svi_buffer_clear(&shown);
    return answer;
}

bool svi_control_truth(const json_t *value)
{
    return json_is_true(value) || json_string_length(value) || json_array_size(value) || json_object_size(value)
           || (json_is_number(value) && json_number_value(value) != 0);
}

static json_t *ping(const struct svi_control_node *node, const json_t *arguments)
{
    (void)node, (void)arguments;
    return svi_control_ok("pong");
}

/* Items of it that Python's worker would find, too. */
static json_t *registered(const struct svi_control_node *node, const json_t *arguments)
{
    const json_t *items = json_object_get(arguments, "taskinfoitems"), *item;
    size_t index;
    bool limit = !json_array_size(items), name = false, retries = false;
    json_array_foreach(items, index, item)
    {
        const char *text = json_is_string(item) ? json_string_value(item) : "";
        limit = limit || strcmp(text, "rate_limit") == 0;
        name = name || strcmp(text, "name") == 0;
        retries = retries || strcmp(text, "max_retries") == 0;
    }
    char about[TEXT_SIZE], shown[TEXT_SIZE];
    limit = limit && node->limits->rate_limit[0];
    svi_format(about, sizeof about, "%s%s%s%s%s", name ? " name=" SVI_TASK_NAME : "", retries ? " max_retries=" : "",
               retries ? "2" : "", limit ? " rate_limit=" : "", limit ? node->limits->rate_limit : "");
    svi_format(shown, sizeof shown, about[0] ? "%s [%s]" : "%s%s", SVI_TASK_NAME, about[0] ? about + 1 : "");
    return json_pack("[s]", shown);
}

static json_t *clock_now(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return json_pack("{s:I}", "clock", (json_int_t)node->clock->value);
}

static json_t *hello(const struct svi_control_node *node, const json_t *arguments)
{
    const char *from = json_string_value(json_object_get(arguments, "from_node"));
    if (from && strcmp(from, node->name) == 0)
        return json_null();
    double now_s = svi_now_s();
    svi_revoked_merge(node->revoked, json_object_get(arguments, "revoked"), now_s);
    return json_pack("{s:o, s:I}", "revoked", svi_revoked_tell(node->revoked, SVI_CONTROL_HELLO_MOST, now_s), "clock",
                     (json_int_t)svi_celery_clock_forward(node->clock));
}

static bool is_our_task(const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "task_name"));
    return name && strcmp(name, SVI_TASK_NAME) == 0;
}

/* What is wrong with a rate such as "10/m"; NULL: nothing. */
static json_t *rate_fault(const char *rate)
{
    char number[TEXT_SIZE], fault[TEXT_SIZE + 64], *end;
    size_t length = strcspn(rate, "/");
    const char *unit = rate[length] ? rate + length + 1 : "";
    if (*unit && strcmp(unit, "s") != 0 && strcmp(unit, "m") != 0 && strcmp(unit, "h") != 0)
        return svi_control_raise("KeyError", unit);
    svi_format(number, sizeof number, "%.*s", (int)length, rate);
    strtod(number, &end);
    if (length && length < sizeof number && !*end)
        return NULL;
    struct svi_buffer shown;
    svi_buffer_init(&shown, SVI_CONTROL_TEXT_BYTES);
    svi_python_repr_text(&shown, number);
    svi_format(fault, sizeof fault, "could not convert string to float: %s", shown.at ? (const char *)shown.at : "''");
    svi_buffer_clear(&shown);
    svi_python_repr_text(&shown, fault);
    json_t *answer = svi_control_error("Invalid rate limit string: ValueError(%s)", shown.at ? (const char *)shown.at : "");
    svi_buffer_clear(&shown);
    return answer;
}

static json_t *rate_limit(const struct svi_control_node *node, const json_t *arguments)
{
    const json_t *rate = json_object_get(arguments, "rate_limit");
    char *text = json_is_string(rate) ? strdup(json_string_value(rate)) : rate ? json_dumps(rate, JSON_ENCODE_ANY) : NULL;
    bool set = svi_control_truth(rate);
    json_t *answer = json_is_string(rate) && set && text ? rate_fault(text) : NULL;
    if (!answer && !is_our_task(arguments))
        answer = svi_control_error("unknown task");
    else if (!answer && set && text && !svi_format(node->limits->rate_limit, sizeof node->limits->rate_limit, "%s", text)) {
        node->limits->rate_limit[0] = '\0';
        answer = svi_control_error("rate limit too long");
    }
    free(text);
    if (answer)
        return answer;
    if (!set)
        node->limits->rate_limit[0] = '\0';
    svi_log(SVI_LOG_INFO, "remote control: a rate limit is noted, but jobs are not limited by rates");
    return svi_control_ok(set ? "new rate limit set successfully" : "rate limit disabled successfully");
}

static json_t *time_limit(const struct svi_control_node *node, const json_t *arguments)
{
    const json_t *soft = json_object_get(arguments, "soft"), *hard = json_object_get(arguments, "hard");
    if (!is_our_task(arguments))
        return svi_control_error("unknown task");
    node->limits->soft_limit_s = svi_control_truth(soft) && json_is_number(soft) ? json_number_value(soft) : (double)NAN;
    node->limits->hard_limit_s = svi_control_truth(hard) && json_is_number(hard) ? json_number_value(hard) : (double)NAN;
    svi_log(SVI_LOG_INFO, "remote control: new time limits for tasks that name none");
    return svi_control_ok("time limits set successfully");
}

static json_t *switch_events(const struct svi_control_node *node, bool on)
{
    bool already = node->events->tasks_silent != on;
    node->events->tasks_silent = !on;
    return svi_control_ok("task events %s%s", already ? "already " : "", on ? "enabled" : "disabled");
}

static json_t *enable_events(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return switch_events(node, true);
}

static json_t *disable_events(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return switch_events(node, false);
}

static json_t *heartbeat(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    node->heartbeat(node->of);
    return json_null();
}

static json_t *resize(const struct svi_control_node *node, const json_t *arguments, int sign)
{
    const json_t *by = json_object_get(arguments, "n");
    json_int_t count = by ? json_integer_value(by) : 1;
    struct svi_error err = { 0 };
    if (by && (!json_is_integer(by) || count < 0 || count > MOST_RESIZE))
        return svi_control_raise("ValueError", "n must be a whole number of 0 to 1000");
    if (!node->resize(node->of, sign * (int)count, &err))
        return svi_control_raise("ValueError", err.message);
    return svi_control_ok("pool will %s", sign > 0 ? "grow" : "shrink");
}

static json_t *pool_grow(const struct svi_control_node *node, const json_t *arguments)
{
    return resize(node, arguments, 1);
}

static json_t *pool_shrink(const struct svi_control_node *node, const json_t *arguments)
{
    return resize(node, arguments, -1);
}

static json_t *pool_restart(const struct svi_control_node *node, const json_t *arguments)
{
    (void)node, (void)arguments;
    return svi_control_raise("ValueError", "Pool restarts not enabled");
}

static json_t *autoscale(const struct svi_control_node *node, const json_t *arguments)
{
    (void)node, (void)arguments;
    return svi_control_raise("ValueError", "Autoscale not enabled");
}

/* A name that can stand in a line, a key and a URL; NULL: it is none. */
static const char *queue_name(const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "queue"));
    if (!name || !*name || strlen(name) >= QUEUE_SIZE)
        return NULL;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return NULL;
    return name;
}

static json_t *change_queues(const struct svi_control_node *node, const json_t *arguments, bool add)
{
    const char *queue = queue_name(arguments);
    struct svi_error err = { 0 };
    if (!queue)
        return svi_control_raise("ValueError", "queue must be a name of 1 to 255 bytes");
    if (!(add ? node->add_queue : node->cancel_queue)(node->of, queue, &err))
        return svi_control_raise("RuntimeError", err.message);
    return svi_control_ok("%s %s", add ? "add consumer" : "no longer consuming from", queue);
}

static json_t *add_consumer(const struct svi_control_node *node, const json_t *arguments)
{
    return change_queues(node, arguments, true);
}

static json_t *cancel_consumer(const struct svi_control_node *node, const json_t *arguments)
{
    return change_queues(node, arguments, false);
}

/* Nodes of ours elect nobody. */
static json_t *election(const struct svi_control_node *node, const json_t *arguments)
{
    (void)node, (void)arguments;
    return json_null();
}

static json_t *shutdown_now(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    svi_log(SVI_LOG_WARNING, "remote control: told to shut down");
    node->shutdown(node->of);
    return NULL;
}

static const struct command {
    const char *name, *alias;
    svi_control_function *function;
    const char *needed, *known;
} commands[] = {
#define SVI_CONTROL_COMMAND(name, alias, function, needed, known) { name, alias, function, needed, known },
#include "host/celery_control_list.h"
#undef SVI_CONTROL_COMMAND
};

/* True where the word is one of a text of words. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (; words && *words; words += strspn(words, " ")) {
        size_t count = strcspn(words, " ");
        if (count == length && memcmp(words, word, length) == 0)
            return true;
        words += count;
    }
    return false;
}

/* "missing 2 required positional arguments: 'task_name' and 'rate_limit'"; none of ours needs three. NULL: none is missing. */
static json_t *missing(const struct command *command, const json_t *arguments)
{
    char names[TEXT_SIZE] = "", text[TEXT_SIZE], before[TEXT_SIZE];
    int count = 0;
    for (const char *word = command->needed; *word; word += strspn(word, " ")) {
        char name[64];
        size_t length = strcspn(word, " ");
        svi_format(name, sizeof name, "%.*s", (int)length, word);
        word += length;
        if (json_object_get(arguments, name))
            continue;
        memcpy(before, names, sizeof before);
        svi_format(names, sizeof names, "%s%s'%s'", before, count++ ? " and " : "", name);
    }
    if (!count)
        return NULL;
    svi_format(text, sizeof text, "%s() missing %d required positional argument%s: %s", command->name, count, count > 1 ? "s" : "",
               names);
    return svi_control_raise("TypeError", text);
}

static json_t *unexpected(const struct command *command, const json_t *arguments)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)arguments, key, value)
    {
        if (!command->known || has_word(command->known, key) || has_word(command->needed, key))
            continue;
        char text[TEXT_SIZE];
        svi_format(text, sizeof text, "%s() got an unexpected keyword argument '%s'", command->name, key);
        return svi_control_raise("TypeError", text);
    }
    return NULL;
}

json_t *svi_control_answer(const struct svi_control_node *node, const char *method, const json_t *arguments)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *command = &commands[i];
        if (strcmp(command->name, method) != 0 && !(command->alias && strcmp(command->alias, method) == 0))
            continue;
        json_t *answer = unexpected(command, arguments);
        if (!answer)
            answer = missing(command, arguments);
        return answer ? answer : command->function(node, arguments);
    }
    return svi_control_raise("KeyError", method);
}
