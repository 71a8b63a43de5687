#include "host/celery_control_inside.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/celery_moment.h"
#include "host/python_repr.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TASKS = 100000 };

/* What Celery calls the request's info. The zombie check of the platform reads `name` and the first of `args`. */
static json_t *task_info(const struct svi_control_node *node, const struct svi_control_task *at, bool safe)
{
    const struct svi_task *task = at->task;
    json_t *delivery = json_pack("{s:s, s:s, s:i, s:b}", "exchange", task->exchange, "routing_key", task->routing_key, "priority",
                                 task->priority, "redelivered", task->redelivered);
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:o, s:b, s:o, s:o}", "id", task->id, "name",
                     task->shadow[0] ? task->shadow : task->name, "args",
                     safe ? json_string(task->args_repr) : json_incref(task->args), "kwargs",
                     safe ? json_string(task->kwargs_repr) : json_incref(task->kwargs), "type", task->name, "hostname", node->name,
                     "time_start", isfinite(at->started_s) ? json_real(at->started_s) : json_null(), "acknowledged",
                     at->acknowledged, "delivery_info", delivery, "worker_pid", at->pid ? json_integer(at->pid) : json_null());
}

static json_t *tasks_that_are(const struct svi_control_node *node, enum svi_control_task_state state, bool safe)
{
    json_t *list = json_array();
    struct svi_control_task at;
    for (size_t i = 0; i < MOST_TASKS && node->task(node->of, i, &at); i++) {
        if (at.state != state)
            continue;
        json_t *info = task_info(node, &at, safe);
        if (info && state == SVI_CONTROL_SCHEDULED)
            info = json_pack("{s:o, s:i, s:o}", "eta", svi_celery_moment(at.task->eta_s), "priority", 6, "request", info);
        json_array_append_new(list, info);
    }
    return list;
}

json_t *svi_control_active(const struct svi_control_node *node, const json_t *arguments)
{
    return tasks_that_are(node, SVI_CONTROL_ACTIVE, svi_control_truth(json_object_get(arguments, "safe")));
}

json_t *svi_control_reserved(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return tasks_that_are(node, SVI_CONTROL_RESERVED, false);
}

json_t *svi_control_scheduled(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return tasks_that_are(node, SVI_CONTROL_SCHEDULED, false);
}

static bool find_task(const struct svi_control_node *node, const char *id, struct svi_control_task *out)
{
    for (size_t i = 0; i < MOST_TASKS && node->task(node->of, i, out); i++)
        if (strcmp(out->task->id, id) == 0)
            return true;
    return false;
}

/* One id, or a list of them: a set of texts, as the keys of an object. */
static json_t *ids_of(const json_t *value)
{
    json_t *set = json_object();
    const json_t *item;
    size_t index;
    if (json_string_length(value))
        json_object_set_new(set, json_string_value(value), json_null());
    json_array_foreach(value, index, item) if (json_string_length(item))
        json_object_set_new(set, json_string_value(item), json_null());
    return set;
}

json_t *svi_control_query_task(const struct svi_control_node *node, const json_t *arguments)
{
    static const char *const states[] = {
        [SVI_CONTROL_RESERVED] = "reserved", [SVI_CONTROL_SCHEDULED] = "scheduled", [SVI_CONTROL_ACTIVE] = "active"
    };
    json_t *ids = ids_of(json_object_get(arguments, "ids")), *answer = json_object(), *nothing;
    const char *id;
    struct svi_control_task at;
    json_object_foreach(ids, id, nothing) if (find_task(node, id, &at))
        json_object_set_new(answer, id, json_pack("[s, o]", states[at.state], task_info(node, &at, false)));
    json_decref(ids);
    return answer;
}

json_t *svi_control_revoked(const struct svi_control_node *node, const json_t *arguments)
{
    (void)arguments;
    return svi_revoked_ids(node->revoked, SVI_REVOKED_MOST, svi_now_s());
}

/* SIGTERM where none is named. False: *fault is what Python raises. */
static bool read_signal(int *signal_number, const json_t *value, json_t **fault)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = { { "TERM", SIGTERM }, { "KILL", SIGKILL }, { "INT", SIGINT },   { "QUIT", SIGQUIT },
                    { "HUP", SIGHUP },   { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "ABRT", SIGABRT },
                    { "ALRM", SIGALRM }, { "STOP", SIGSTOP }, { "CONT", SIGCONT } };
    *signal_number = SIGTERM;
    if (!svi_control_truth(value))
        return true;
    if (json_is_integer(value) && json_integer_value(value) > 0 && json_integer_value(value) < NSIG) {
        *signal_number = (int)json_integer_value(value);
        return true;
    }
    const char *name = json_string_value(value);
    if (name && strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (size_t i = 0; name && i < sizeof signals / sizeof *signals; i++)
        if (strcmp(signals[i].name, name) == 0) {
            *signal_number = signals[i].number;
            return true;
        }
    *fault = json_is_integer(value) ? svi_control_raise("ValueError", "signal number out of range")
                                    : svi_control_raise("TypeError", "signal name must be uppercase string.");
    return false;
}

/* As Python shows a set of texts: {'a', 'b'}. Joined without quotes and braces where it is only a list for the eye. */
static bool add_set(struct svi_buffer *out, const json_t *set, bool plain)
{
    const char *item, *between = "";
    json_t *nothing;
    bool ok = plain || svi_buffer_add_text(out, json_object_size(set) ? "{" : "set(");
    json_object_foreach((json_t *)set, item, nothing)
    {
        ok = ok && svi_buffer_add_text(out, "%s", between)
             && (plain ? svi_buffer_add_text(out, "%s", item) : svi_python_repr_text(out, item));
        between = ", ";
    }
    return ok && (plain || svi_buffer_add_text(out, json_object_size(set) ? "}" : ")"));
}

/* before + set + after, under "ok". */
static json_t *say_set(const char *before, const json_t *set, bool plain, const char *after)
{
    struct svi_buffer text;
    svi_buffer_init(&text, 16 * SVI_CONTROL_TEXT_BYTES);
    json_t *answer = NULL;
    if (svi_buffer_add_text(&text, "%s", before) && add_set(&text, set, plain) && svi_buffer_add_text(&text, "%s", after))
        answer = svi_control_ok("%s", (const char *)text.at);
    svi_buffer_clear(&text);
    return answer;
}

/* Ids that are here, found before any of them is ended. */
static json_t *those_here(const struct svi_control_node *node, const json_t *ids)
{
    json_t *here = json_object();
    struct svi_control_task at;
    for (size_t i = 0; i < MOST_TASKS && node->task(node->of, i, &at); i++)
        if (json_object_get(ids, at.task->id))
            json_object_set_new(here, at.task->id, json_null());
    return here;
}

static json_t *revoke_all(const struct svi_control_node *node, const json_t *ids, bool terminate, const json_t *signal_name)
{
    int signal_number;
    const char *id;
    json_t *nothing, *fault = NULL;
    json_object_foreach((json_t *)ids, id, nothing) svi_revoked_add(node->revoked, id, svi_now_s());
    if (terminate && !read_signal(&signal_number, signal_name, &fault))
        return fault;
    json_t *here = those_here(node, ids);
    json_object_foreach(here, id, nothing) node->revoke(node->of, id, terminate, terminate ? signal_number : 0);
    svi_log(SVI_LOG_INFO, "remote control: %zu tasks revoked, %zu of them here%s", json_object_size(ids), json_object_size(here),
            terminate ? ", to be ended" : "");
    json_t *answer = !terminate               ? say_set("tasks ", ids, false, " flagged as revoked")
                     : json_object_size(here) ? say_set("terminate: ", here, true, "")
                                              : svi_control_ok("terminate: tasks unknown");
    json_decref(here);
    return answer;
}

static json_t *revoke_as_told(const struct svi_control_node *node, const json_t *arguments, bool terminate)
{
    json_t *ids = ids_of(json_object_get(arguments, "task_id"));
    json_t *answer = ids ? revoke_all(node, ids, terminate, json_object_get(arguments, "signal")) : NULL;
    json_decref(ids);
    return answer;
}

json_t *svi_control_revoke(const struct svi_control_node *node, const json_t *arguments)
{
    return revoke_as_told(node, arguments, svi_control_truth(json_object_get(arguments, "terminate")));
}

json_t *svi_control_terminate(const struct svi_control_node *node, const json_t *arguments)
{
    return revoke_as_told(node, arguments, true);
}

/* An object of headers, or a list of "header=value". */
static json_t *headers_of(const json_t *value)
{
    json_t *headers = json_is_object(value) ? json_deep_copy(value) : json_object();
    const json_t *item;
    size_t index;
    json_array_foreach(value, index, item)
    {
        const char *text = json_is_string(item) ? json_string_value(item) : "", *equals = strchr(text, '=');
        char *header = equals ? strndup(text, (size_t)(equals - text)) : NULL;
        if (header)
            json_object_set_new(headers, header, json_string(equals + 1));
        free(header);
    }
    return headers;
}

static void add_stamps(struct svi_revoked *revoked, const json_t *headers)
{
    const char *header;
    const json_t *values, *value;
    size_t index;
    json_object_foreach((json_t *)headers, header, values)
    {
        if (json_is_string(values))
            svi_revoked_add_stamp(revoked, header, json_string_value(values));
        json_array_foreach(values, index, value) if (json_is_string(value))
            svi_revoked_add_stamp(revoked, header, json_string_value(value));
    }
}

static json_t *say_headers(const json_t *headers, const char *after)
{
    struct svi_buffer text;
    svi_buffer_init(&text, SVI_CONTROL_TEXT_BYTES);
    json_t *answer = NULL;
    if (svi_python_repr(&text, headers, SVI_PYTHON_LIST))
        answer = svi_control_ok("headers %s %s", (const char *)text.at, after);
    svi_buffer_clear(&text);
    return answer;
}

/* Of tasks that run with these stamps; those that wait are found when their turn comes. */
static size_t end_stamped(const struct svi_control_node *node, const json_t *headers, int signal_number)
{
    struct svi_revoked *these = NULL;
    struct svi_error err = { 0 };
    json_t *found = json_object(), *nothing;
    struct svi_control_task at;
    const char *id;
    if (svi_revoked_create(&these, &err)) {
        add_stamps(these, headers);
        for (size_t i = 0; i < MOST_TASKS && node->task(node->of, i, &at); i++)
            if (at.state == SVI_CONTROL_ACTIVE && svi_revoked_has_stamp(these, at.task->stamps))
                json_object_set_new(found, at.task->id, json_null());
    }
    json_object_foreach(found, id, nothing) node->revoke(node->of, id, true, signal_number);
    size_t count = json_object_size(found);
    json_decref(found);
    svi_revoked_destroy(these);
    return count;
}

json_t *svi_control_revoke_by_stamps(const struct svi_control_node *node, const json_t *arguments)
{
    int signal_number;
    json_t *fault = NULL;
    if (!read_signal(&signal_number, json_object_get(arguments, "signal"), &fault))
        return fault;
    json_t *headers = headers_of(json_object_get(arguments, "headers"));
    add_stamps(node->revoked, headers);
    bool terminate = svi_control_truth(json_object_get(arguments, "terminate"));
    size_t ended = terminate ? end_stamped(node, headers, signal_number) : 0;
    json_t *answer = say_headers(headers, !terminate ? "flagged as revoked, but not terminated"
                                          : ended    ? "revoked"
                                                     : "were not terminated");
    json_decref(headers);
    return answer;
}
