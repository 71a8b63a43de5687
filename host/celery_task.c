#include "host/celery_task.h"

#include "host/celery_moment.h"
#include "host/mask.h"
#include "host/python_repr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REPR_LIMIT = 8 * SVI_PYTHON_REPR_BYTES, MOST_RETRIES_SAID = 1000000 };

/* A text of a header without anything that disturbs a line of text; "" where there is none. */
static bool read_text(char into[SVI_TASK_ID_SIZE], const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    into[0] = '\0';
    for (const char *c = text; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return false;
    if (!text || !svi_format(into, SVI_TASK_ID_SIZE, "%s", text)) {
        into[0] = '\0';
        return false;
    }
    return true;
}

/* Seconds of a limit; NAN: none. */
static double limit_of(const json_t *value)
{
    double seconds = json_is_number(value) ? json_number_value(value) : 0;
    return seconds > 0 ? seconds : NAN;
}

static bool read_moment(double *unix_s, const json_t *headers, const char *key, struct svi_error *err)
{
    return svi_celery_moment_read(unix_s, json_object_get(headers, key))
           || svi_fail(err, SVI_BAD_PARAMETER, "The task's %s is no moment in ISO 8601.", key);
}

static bool is_set(const json_t *value)
{
    return json_is_true(value) || json_is_string(value) || json_object_size(value) || json_array_size(value);
}

static unsigned canvas_of(const json_t *headers, const json_t *embed)
{
    static const struct {
        const char *key;
        unsigned flag;
    } parts[] = { { "callbacks", SVI_TASK_HAS_CALLBACKS },
                  { "errbacks", SVI_TASK_HAS_ERRBACKS },
                  { "chain", SVI_TASK_HAS_CHAIN },
                  { "chord", SVI_TASK_HAS_CHORD } };
    unsigned canvas = is_set(json_object_get(headers, "group")) ? SVI_TASK_IN_GROUP : 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (is_set(json_object_get(embed, parts[i].key)))
            canvas |= parts[i].flag;
    return canvas;
}

static void read_delivery(struct svi_task *out, const struct svi_celery_message *message, const char *queue)
{
    const json_t *info = json_object_get(message->properties, "delivery_info");
    json_int_t priority = json_integer_value(json_object_get(message->properties, "priority"));
    read_text(out->exchange, info, "exchange");
    if (!read_text(out->routing_key, info, "routing_key"))
        svi_format(out->routing_key, sizeof out->routing_key, "%s", queue ? queue : "");
    out->redelivered = json_is_true(json_object_get(info, "redelivered"))
                       || json_is_true(json_object_get(message->headers, "redelivered"));
    out->priority = priority < 0 ? 0 : priority > 255 ? 255 : (int)priority;
}

static void read_headers(struct svi_task *out, const json_t *headers)
{
    json_int_t retries = json_integer_value(json_object_get(headers, "retries"));
    const json_t *limits = json_object_get(headers, "timelimit"), *stamps = json_object_get(headers, "stamps");
    read_text(out->shadow, headers, "shadow");
    read_text(out->root_id, headers, "root_id");
    read_text(out->parent_id, headers, "parent_id");
    out->retries = retries < 0 ? 0 : retries > MOST_RETRIES_SAID ? MOST_RETRIES_SAID : (int)retries;
    out->hard_limit_s = limit_of(json_array_get(limits, 0));
    out->soft_limit_s = fmin(limit_of(json_array_get(limits, 1)), out->hard_limit_s);
    if (isnan(limit_of(json_array_get(limits, 1))))
        out->soft_limit_s = NAN;
    out->ignore_result = json_is_true(json_object_get(headers, "ignore_result"));
    out->stamps = json_object_size(stamps) ? json_deep_copy(stamps) : NULL;
}

static char *repr_of(const json_t *value, enum svi_python_array array)
{
    struct svi_buffer text;
    svi_buffer_init(&text, REPR_LIMIT);
    if (svi_python_repr(&text, value, array))
        return (char *)text.at;
    svi_buffer_clear(&text);
    return NULL;
}

/* The task's parameters, in the order of their positions. */
enum { JOB, TOKEN, CONFIG, PARAMETERS };
static const char *const parameters[PARAMETERS] = { "job_id", "token", "config" };

static const json_t *argument(const json_t *args, const json_t *kwargs, size_t parameter)
{
    const json_t *named = json_object_get(kwargs, parameters[parameter]);
    return named ? named : json_array_get(args, parameter);
}

static bool is_parameter(const char *name)
{
    for (size_t i = 0; i < PARAMETERS; i++)
        if (!strcmp(name, parameters[i]))
            return true;
    return false;
}

/* Of a task that is not as it should be, nobody knows which of its texts is the token: none is shown. */
static bool hide_all(json_t *args, json_t *kwargs)
{
    json_t *value;
    const char *name;
    void *next;
    size_t i;
    bool ok = true;
    json_array_foreach(args, i, value) if (json_is_string(value) || json_is_array(value) || json_is_object(value))
        ok &= json_array_set_new(args, i, json_string(SVI_MASK)) == 0;
    json_object_foreach_safe(kwargs, next, name, value)
    {
        ok &= json_object_set_new(kwargs, is_parameter(name) ? name : SVI_MASK, json_string(SVI_MASK)) == 0;
        if (!is_parameter(name) && strcmp(name, SVI_MASK) != 0)
            json_object_del(kwargs, name);
    }
    return ok;
}

/* Copies for everybody's eyes: the token is not shown, whatever it is. */
static bool show_arguments(struct svi_task *out, const json_t *args, const json_t *kwargs, bool sound, struct svi_error *err)
{
    const char *token = json_string_value(argument(args, kwargs, TOKEN));
    json_decref(out->args);
    json_decref(out->kwargs);
    free(out->args_repr);
    free(out->kwargs_repr);
    out->args = args ? svi_mask_secret(args, token ? token : "") : json_array();
    out->kwargs = kwargs ? svi_mask_secret(kwargs, token ? token : "") : json_object();
    bool ok = out->args && out->kwargs
              && (json_array_size(args) <= TOKEN || !json_array_set_new(out->args, TOKEN, json_string(SVI_MASK)))
              && (!json_object_get(kwargs, parameters[TOKEN])
                  || !json_object_set_new(out->kwargs, parameters[TOKEN], json_string(SVI_MASK)))
              && (sound || hide_all(out->args, out->kwargs));
    out->args_repr = ok ? repr_of(out->args, SVI_PYTHON_TUPLE) : NULL;
    out->kwargs_repr = ok ? repr_of(out->kwargs, SVI_PYTHON_LIST) : NULL;
    return (out->args_repr && out->kwargs_repr) || svi_fail_memory(err, REPR_LIMIT);
}

static bool read_token(struct svi_task *out, const json_t *value, struct svi_error *err)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (!text)
        return svi_fail(err, SVI_BAD_PARAMETER, "The task's second argument, a token, is %s.", svi_json_kind(value));
    for (size_t i = 0; i < length; i++)
        if (text[i] <= 0x20 || text[i] > 0x7E)
            return svi_fail(err, SVI_BAD_PARAMETER, "The task's second argument has characters that no token has.");
    return (length && svi_format(out->token, sizeof out->token, "%s", text))
           || svi_fail(err, SVI_BAD_PARAMETER, "The task's second argument is empty or too long for a token.");
}

static bool read_config(struct svi_task *out, const json_t *config, struct svi_error *err)
{
    if (!config || json_is_null(config))
        return true;
    if (!json_is_object(config))
        return svi_fail(err, SVI_BAD_PARAMETER, "The task's config is %s, not an object.", svi_json_kind(config));
    out->config = json_deep_copy(config);
    return out->config || svi_fail_memory(err, sizeof(json_t));
}

static bool read_job(struct svi_task *out, const json_t *job, struct svi_error *err)
{
    if (!json_is_integer(job))
        return svi_fail(err, SVI_BAD_PARAMETER, "The task's first argument, the id of a job, is %s.", svi_json_kind(job));
    if (json_integer_value(job) <= 0)
        return svi_fail(err, SVI_BAD_PARAMETER, "The task's first argument, the id of a job, is not above zero.");
    out->job = json_integer_value(job);
    return true;
}

/* As Python binds them: each parameter once, none that there is not. */
static bool check_parameters(const json_t *args, const json_t *kwargs, struct svi_error *err)
{
    size_t count = json_array_size(args), named = 0;
    if (count > PARAMETERS)
        return svi_fail(err, SVI_BAD_USAGE, "The task has %zu arguments by position, not two or three.", count);
    for (size_t i = 0; i < PARAMETERS; i++) {
        bool is_named = json_object_get(kwargs, parameters[i]) != NULL;
        if (is_named && i < count)
            return svi_fail(err, SVI_BAD_USAGE, "The task has its %s twice: by position and by name.", parameters[i]);
        if (!is_named && i >= count && i != CONFIG)
            return svi_fail(err, SVI_BAD_USAGE, "The task lacks its argument %s: it has %zu arguments by position.", parameters[i],
                            count);
        named += is_named;
    }
    return json_object_size(kwargs) == named
           || svi_fail(err, SVI_BAD_USAGE, "The task has arguments by names other than job_id, token and config.");
}

static bool read_arguments(struct svi_task *out, const json_t *args, const json_t *kwargs, struct svi_error *err)
{
    return check_parameters(args, kwargs, err) && read_job(out, argument(args, kwargs, JOB), err)
           && read_token(out, argument(args, kwargs, TOKEN), err) && read_config(out, argument(args, kwargs, CONFIG), err);
}

static bool is_body(const json_t *body, struct svi_error *err)
{
    if (!json_is_array(body) || json_array_size(body) != 3)
        return svi_fail(err, SVI_BAD_ANSWER, "A task's body does not have the three parts of protocol 2.");
    const json_t *embed = json_array_get(body, 2);
    return (json_is_array(json_array_get(body, 0)) && json_is_object(json_array_get(body, 1))
            && (json_is_object(embed) || json_is_null(embed)))
           || svi_fail(err, SVI_BAD_ANSWER, "A task's body does not have the three parts of protocol 2.");
}

static bool has_names(struct svi_task *out, const json_t *headers, struct svi_error *err)
{
    if (!json_object_get(headers, "task"))
        return svi_fail(err, SVI_BAD_ANSWER, "A message names no task in its headers: it is none of Celery's protocol 2.");
    if (!read_text(out->name, headers, "task") || !out->name[0] || !read_text(out->id, headers, "id") || !out->id[0])
        return svi_fail(err, SVI_BAD_ANSWER, "A task's name or id is no text of 1 to %d bytes.", SVI_TASK_ID_SIZE - 1);
    return true;
}

/* DROPPED only for the body: what else there is can be answered for. */
static enum svi_task_verdict read_body(struct svi_task *out, const struct svi_celery_message *message, struct svi_error *err)
{
    json_t *body = svi_celery_message_json(message, err);
    enum svi_task_verdict verdict = SVI_TASK_DROPPED;
    if (body && is_body(body, err)) {
        const json_t *args = json_array_get(body, 0), *kwargs = json_array_get(body, 1);
        out->canvas = canvas_of(message->headers, json_array_get(body, 2));
        bool sound = read_moment(&out->eta_s, message->headers, "eta", err)
                     && read_moment(&out->expires_s, message->headers, "expires", err) && read_arguments(out, args, kwargs, err);
        struct svi_error memory = { 0 };
        bool shown = show_arguments(out, args, kwargs, sound, &memory);
        bool lost = !shown || (!sound && err->status == SVI_OUT_OF_MEMORY);
        if (!shown) {
            svi_error_clear(err);
            svi_fail(err, memory.status, "%s", memory.message);
        }
        verdict = lost ? SVI_TASK_DROPPED : sound ? SVI_TASK_READY : SVI_TASK_WRONG;
    }
    svi_mask_wipe(body);
    json_decref(body);
    return verdict;
}

enum svi_task_verdict svi_task_read(struct svi_task *out, const struct svi_celery_message *message, const char *queue,
                                    struct svi_error *err)
{
    *out = (struct svi_task){ .eta_s = NAN, .expires_s = NAN, .hard_limit_s = NAN, .soft_limit_s = NAN };
    if (!has_names(out, message->headers, err)) {
        svi_task_clear(out);
        return SVI_TASK_DROPPED;
    }
    read_headers(out, message->headers);
    read_delivery(out, message, queue);
    enum svi_task_verdict verdict = SVI_TASK_DROPPED;
    if (strcmp(out->name, SVI_TASK_NAME) == 0)
        verdict = read_body(out, message, err);
    else if (show_arguments(out, NULL, NULL, true, err)) {
        svi_fail(err, SVI_NOT_FOUND, "The task is none that this worker knows.");
        verdict = SVI_TASK_UNKNOWN;
    }
    if (verdict == SVI_TASK_DROPPED)
        svi_task_clear(out);
    return verdict;
}

void svi_task_clear(struct svi_task *task)
{
    json_decref(task->config);
    json_decref(task->args);
    json_decref(task->kwargs);
    json_decref(task->stamps);
    free(task->args_repr);
    free(task->kwargs_repr);
    svi_token_clear(task->token);
    *task = (struct svi_task){ 0 };
}
