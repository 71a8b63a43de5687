#include "host/celery_result.h"

#include "host/celery_moment.h"
#include "host/mask.h"
#include "host/python_repr.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *module;
} exceptions[SVI_CELERY_EXCEPTION_KINDS] = {
    [SVI_CELERY_RUNTIME_ERROR] = { "RuntimeError", "builtins" },
    [SVI_CELERY_VALUE_ERROR] = { "ValueError", "builtins" },
    [SVI_CELERY_TYPE_ERROR] = { "TypeError", "builtins" },
    [SVI_CELERY_LOOKUP_ERROR] = { "LookupError", "builtins" },
    [SVI_CELERY_MEMORY_ERROR] = { "MemoryError", "builtins" },
    [SVI_CELERY_OS_ERROR] = { "OSError", "builtins" },
    [SVI_CELERY_PERMISSION_ERROR] = { "PermissionError", "builtins" },
    [SVI_CELERY_CONNECTION_ERROR] = { "ConnectionError", "builtins" },
    [SVI_CELERY_NOT_REGISTERED] = { "NotRegistered", "celery.exceptions" },
    [SVI_CELERY_REVOKED] = { "TaskRevokedError", "celery.exceptions" },
    [SVI_CELERY_SOFT_TIME_LIMIT] = { "SoftTimeLimitExceeded", "billiard.exceptions" },
    [SVI_CELERY_HARD_TIME_LIMIT] = { "TimeLimitExceeded", "billiard.exceptions" },
    [SVI_CELERY_WORKER_LOST] = { "WorkerLostError", "billiard.exceptions" },
};

enum svi_celery_exception_kind svi_celery_exception_of(enum svi_status status)
{
    switch (status) {
    case SVI_BAD_USAGE:
        return SVI_CELERY_TYPE_ERROR;
    case SVI_BAD_PARAMETER:
    case SVI_BAD_RECORDING:
    case SVI_UNKNOWN_TYPE:
    case SVI_BAD_ANSWER:
        return SVI_CELERY_VALUE_ERROR;
    case SVI_OUT_OF_MEMORY:
        return SVI_CELERY_MEMORY_ERROR;
    case SVI_IO:
    case SVI_NO_ROOM:
        return SVI_CELERY_OS_ERROR;
    case SVI_NOT_FOUND:
        return SVI_CELERY_LOOKUP_ERROR;
    case SVI_UNAUTHORIZED:
        return SVI_CELERY_PERMISSION_ERROR;
    case SVI_FETCH_FAILED:
    case SVI_POST_FAILED:
    case SVI_UNREACHABLE:
        return SVI_CELERY_CONNECTION_ERROR;
    case SVI_TIME_LIMIT:
        return SVI_CELERY_SOFT_TIME_LIMIT;
    case SVI_CANCELLED:
        return SVI_CELERY_REVOKED;
    case SVI_RENDERER_DIED:
        return SVI_CELERY_WORKER_LOST;
    case SVI_OK:
    case SVI_NO_DEVICE:
    case SVI_DEVICE_FAILED:
    case SVI_NO_JOB_INFO:
    case SVI_JOB_FAILED:
    case SVI_BUG:
        break;
    }
    return SVI_CELERY_RUNTIME_ERROR;
}

/* The list of its arguments. */
static json_t *arguments_of(const struct svi_celery_exception *exception)
{
    bool limit = exception->kind == SVI_CELERY_HARD_TIME_LIMIT;
    if (limit && exception->limit_s == floor(exception->limit_s) && fabs(exception->limit_s) < 1e15)
        return json_pack("[I]", (json_int_t)exception->limit_s);
    if (limit)
        return isfinite(exception->limit_s) ? json_pack("[f]", exception->limit_s) : json_array();
    return exception->text ? json_pack("[s]", exception->text) : json_array();
}

bool svi_celery_exception_repr(struct svi_buffer *out, const struct svi_celery_exception *exception)
{
    json_t *arguments = arguments_of(exception), *first = json_array_get(arguments, 0);
    bool ok = arguments && svi_buffer_add_text(out, "%s(", exceptions[exception->kind].name);
    if (ok && json_is_string(first))
        ok = svi_python_repr_text(out, json_string_value(first));
    else if (ok && first)
        ok = svi_python_repr(out, first, SVI_PYTHON_LIST);
    json_decref(arguments);
    return ok && svi_buffer_add(out, ")", 1);
}

static json_t *exception_result(const struct svi_celery_outcome *outcome)
{
    const struct svi_celery_exception *exception = outcome->exception;
    if (!exception)
        return json_null();
    json_t *arguments = arguments_of(exception);
    json_t *result = json_pack("{s:s, s:o, s:s}", "exc_type", exceptions[exception->kind].name, "exc_message",
                               svi_mask_secret(arguments, outcome->task->token), "exc_module", exceptions[exception->kind].module);
    json_decref(arguments);
    return result;
}

static json_t *traceback_of(const struct svi_celery_outcome *outcome)
{
    if (!outcome->traceback)
        return json_null();
    json_t *text = json_string(outcome->traceback), *shown = svi_mask_secret(text, outcome->task->token);
    json_decref(text);
    return shown;
}

static json_t *main_part(const struct svi_celery_outcome *outcome)
{
    static const char *const names[] = { [SVI_CELERY_STARTED] = "STARTED",
                                         [SVI_CELERY_SUCCESS] = "SUCCESS",
                                         [SVI_CELERY_FAILURE] = "FAILURE",
                                         [SVI_CELERY_RETRY] = "RETRY",
                                         [SVI_CELERY_STATE_REVOKED] = "REVOKED" };
    bool over = outcome->state != SVI_CELERY_STARTED && outcome->state != SVI_CELERY_RETRY;
    json_t *result = outcome->state == SVI_CELERY_STARTED
                         ? json_pack("{s:I, s:s}", "pid", (json_int_t)outcome->pid, "hostname", outcome->node)
                     : outcome->state == SVI_CELERY_SUCCESS ? json_null()
                                                            : exception_result(outcome);
    json_t *children = outcome->state == SVI_CELERY_RETRY ? json_pack("[[[s, n], n]]", outcome->task->id) : json_array();
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "status", names[outcome->state], "result", result, "traceback",
                     traceback_of(outcome), "children", children, "date_done",
                     over ? svi_celery_moment(outcome->at_s) : json_null());
}

static json_t *extended_part(const struct svi_celery_outcome *outcome)
{
    const struct svi_task *task = outcome->task;
    if (strcmp(task->name, SVI_TASK_NAME) != 0)
        return json_pack("{s:n, s:n, s:n, s:n, s:n, s:n}", "name", "args", "kwargs", "worker", "retries", "queue");
    return json_pack("{s:s, s:O, s:O, s:s, s:i, s:s}", "name", task->name, "args", task->args, "kwargs", task->kwargs, "worker",
                     outcome->node, "retries", task->retries, "queue", task->routing_key);
}

json_t *svi_celery_result(const struct svi_celery_outcome *outcome, struct svi_error *err)
{
    json_t *result = main_part(outcome), *extended = extended_part(outcome);
    bool ok = result && extended && json_object_update(result, extended) == 0
              && json_object_set_new(result, "task_id", json_string(outcome->task->id)) == 0;
    if (ok && outcome->task->parent_id[0])
        ok = json_object_set_new(result, "parent_id", json_string(outcome->task->parent_id)) == 0;
    json_decref(extended);
    if (ok)
        return result;
    json_decref(result);
    svi_fail_memory(err, sizeof(json_t));
    return NULL;
}
