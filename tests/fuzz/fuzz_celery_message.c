/* fuzz_celery_message - any bytes as an envelope, and any bytes as the body of a task: refused with one line, or a message that is
 * written and read again as the same, and a task that keeps its promises. */
#include "host/celery_task.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void check_line(const struct svi_error *err)
{
    must(err->status != SVI_OK && err->message[0] && svi_utf8_valid(svi_bytes_of(err->message)) && !strchr(err->message, '\n'));
}

/* Where it is long enough to be looked for, the token is nowhere in what is shown. */
static void check_shown(const struct svi_task *task)
{
    must(json_is_array(task->args) && json_is_object(task->kwargs) && task->args_repr && task->kwargs_repr);
    char *args = json_dumps(task->args, 0), *kwargs = json_dumps(task->kwargs, 0);
    /* "args", "null" and the like may be tokens, too: only what cannot come from elsewhere is looked for. */
    if (strlen(task->token) >= 8 && !strpbrk(task->token, "\"\\'*/") && !strstr("********", task->token))
        must(!strstr(args, task->token) && !strstr(kwargs, task->token) && !strstr(task->args_repr, task->token)
             && !strstr(task->kwargs_repr, task->token));
    free(args);
    free(kwargs);
}

static void check_retry(const struct svi_task *task, const struct svi_celery_message *message)
{
    struct svi_celery_message next;
    struct svi_task again;
    struct svi_error err = { 0 };
    must(svi_task_retry(&next, task, message, 1795461423.25, &err));
    must(svi_task_read(&again, &next, "q", &err) == SVI_TASK_READY);
    must(again.job == task->job && !strcmp(again.id, task->id) && !strcmp(again.parent_id, task->id));
    must(again.retries == task->retries + 1 || again.retries == 1000000);
    must(again.eta_s == 1795461423.25 && !again.redelivered);
    svi_task_clear(&again);
    svi_celery_message_clear(&next);
}

static void check_task(const struct svi_celery_message *message)
{
    struct svi_task task;
    struct svi_error err = { 0 };
    enum svi_task_verdict verdict = svi_task_read(&task, message, "q", &err);
    if (verdict == SVI_TASK_READY) {
        must(task.job > 0 && task.token[0] && task.id[0] && !strcmp(task.name, SVI_TASK_NAME));
        must(!task.config || json_is_object(task.config));
        must(isnan(task.soft_limit_s) || isnan(task.hard_limit_s) || task.soft_limit_s <= task.hard_limit_s);
        must(task.retries >= 0 && task.priority >= 0 && task.priority <= 255);
        check_retry(&task, message);
    } else {
        check_line(&err);
    }
    if (verdict == SVI_TASK_DROPPED)
        must(!task.args && !task.config && !task.args_repr);
    else
        check_shown(&task);
    svi_task_clear(&task);
}

static void check_round_trip(const struct svi_celery_message *message)
{
    struct svi_buffer text;
    struct svi_celery_message again;
    struct svi_error err = { 0 };
    svi_buffer_init(&text, 4 * (size_t)SVI_CELERY_MESSAGE_LIMIT_BYTES);
    must(svi_celery_envelope_write(&text, message, &err));
    must(svi_celery_envelope_read(&again, (struct svi_bytes){ text.at, text.count }, &err));
    must(again.body.count == message->body.count && json_equal(again.headers, message->headers));
    must(!again.body.count || memcmp(again.body.at, message->body.at, again.body.count) == 0);
    svi_celery_message_clear(&again);
    svi_buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    if (svi_celery_envelope_read(&message, (struct svi_bytes){ data, size }, &err)) {
        check_round_trip(&message);
        check_task(&message);
        svi_celery_message_clear(&message);
    } else {
        check_line(&err);
        must(!message.body.at && !message.headers && !message.properties);
    }
    static const char envelope[] = "{\"content-type\": \"application/json\", \"headers\": {\"task\": \"" SVI_TASK_NAME
                                   "\", \"id\": \"e7f4\"}}";
    err = (struct svi_error){ 0 };
    must(svi_celery_envelope_read(&message, svi_bytes_of(envelope), &err));
    if (svi_buffer_add(&message.body, data, size))
        check_task(&message);
    svi_celery_message_clear(&message);
    return 0;
}
