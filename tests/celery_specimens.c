/* celery_specimens - prints one of everything that we write for Celery, a JSON object a line, for check_celery.py to read. */
#include "base/stopwatch.h"
#include "host/celery_event.h"
#include "host/celery_revoked.h"
#include "host/python_repr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double at_s = 1795461423.25;

static void must(bool ok, const struct svi_error *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

static void print(json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (!text)
        exit(1);
    puts(text);
    free(text);
    json_decref(line);
}

static void print_message(const char *kind, const char *about, const struct svi_celery_message *message)
{
    struct svi_buffer text;
    struct svi_error err = { 0 };
    svi_buffer_init(&text, 1 << 20);
    must(svi_celery_envelope_write(&text, message, &err), &err);
    print(json_pack("{s:s, s:s, s:s}", "kind", kind, "about", about, "text", (const char *)text.at));
    svi_buffer_clear(&text);
}

/* *task and *message are the caller's to clear. */
static void tasks(struct svi_task *task, struct svi_celery_message *message)
{
    struct svi_celery_message next;
    struct svi_error err = { 0 };
    char id[SVI_TASK_ID_SIZE];
    json_t *config = json_pack("{s:i, s:s}", "width", 10, "title",
                               "Gr\xC3\xB6\xC3\x9F"
                               "e");
    struct svi_task_order order = {
        .job = 42, .token = "s3cretT0kenThatNobodyMaySee", .config = config, .hard_limit_s = 900, .soft_limit_s = 600
    };
    must(svi_task_publish(message, id, &order, &err), &err);
    print_message("task", id, message);
    must(svi_task_read(task, message, NULL, &err) == SVI_TASK_READY, &err);
    must(svi_task_retry(&next, task, message, at_s, &err), &err);
    print_message("retry", id, &next);
    svi_celery_message_clear(&next);
    json_decref(config);
}

static void events(const struct svi_task *task)
{
    static const struct svi_celery_exception fault = { .kind = SVI_CELERY_VALUE_ERROR, .text = "boom \xC3\xA9" };
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_celery_node_state node = { .freq_s = 2, .active = 1, .processed = 3 };
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    const char *key;
    bool any;
    for (int kind = SVI_CELERY_NODE_ONLINE; kind <= SVI_CELERY_NODE_OFFLINE; kind++) {
        must(svi_celery_node_event(&events, (enum svi_celery_node_event)kind, &node, at_s + kind, &message, &key, &err), &err);
        print_message("event", key, &message);
        svi_celery_message_clear(&message);
    }
    for (int kind = SVI_CELERY_TASK_RECEIVED; kind <= SVI_CELERY_TASK_REJECTED; kind++) {
        struct svi_celery_task_event event = { .kind = (enum svi_celery_task_event_kind)kind,
                                               .task = task,
                                               .at_s = at_s + kind,
                                               .exception = &fault,
                                               .runtime_s = 0.5,
                                               .terminated = true,
                                               .signal = 15 };
        svi_celery_task_event(&events, &event);
        must(svi_celery_events_take(&events, &message, &key, &any, &err) && any, &err);
        print_message("event", key, &message);
        svi_celery_message_clear(&message);
    }
    svi_celery_events_clear(&events);
}

static void results(const struct svi_task *task)
{
    struct svi_error err = { 0 };
    for (int kind = 0; kind < SVI_CELERY_EXCEPTION_KINDS; kind++) {
        struct svi_celery_exception exception = { .kind = (enum svi_celery_exception_kind)kind, .text = "boom", .limit_s = 3 };
        struct svi_celery_outcome outcome = { .state = kind == SVI_CELERY_REVOKED ? SVI_CELERY_STATE_REVOKED : SVI_CELERY_FAILURE,
                                              .task = task,
                                              .node = "svi@host1",
                                              .at_s = at_s,
                                              .exception = &exception };
        struct svi_buffer repr;
        svi_buffer_init(&repr, 1024);
        must(svi_celery_exception_repr(&repr, &exception), &err);
        print(json_pack("{s:s, s:s, s:o}", "kind", "exception", "about", (const char *)repr.at, "result",
                        svi_celery_result(&outcome, &err)));
        svi_buffer_clear(&repr);
    }
    struct svi_celery_exception cause = { .kind = SVI_CELERY_CONNECTION_ERROR, .text = "no answer" };
    for (int state = SVI_CELERY_STARTED; state <= SVI_CELERY_RETRY; state++) {
        struct svi_celery_outcome outcome = { .state = (enum svi_celery_state)state,
                                              .task = task,
                                              .node = "svi@host1",
                                              .at_s = at_s,
                                              .exception = state >= SVI_CELERY_FAILURE ? &cause : NULL,
                                              .traceback = state >= SVI_CELERY_FAILURE ? "no answer" : NULL,
                                              .pid = 7 };
        print(json_pack("{s:s, s:s, s:o}", "kind", "result", "about", "", "result", svi_celery_result(&outcome, &err)));
    }
}

static void revoked(void)
{
    struct svi_revoked *revoked;
    struct svi_error err = { 0 };
    must(svi_revoked_create(&revoked, &err), &err);
    svi_revoked_add(revoked, "a", svi_now_s());
    svi_revoked_add(revoked, "b", svi_now_s());
    print(json_pack("{s:s, s:s, s:o}", "kind", "revoked", "about", "", "told", svi_revoked_tell(revoked, 1000, svi_now_s())));
    svi_revoked_destroy(revoked);
}

/* Values that are short and flat enough to be shown whole. */
static void reprs(void)
{
    static const char *const values[] = {
        "[]",
        "{}",
        "[null, true, false]",
        "[0, -1, 9007199254740993]",
        "[0.1, 1.0, -0.0, 1e22, 1e16, 1e15, 123456.5, 1234567.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308]",
        "[0.30000000000000004, 12345678901234568.0, 1795461423.073804, 100.0, 20.0]",
        "[\"\", \"a\", \"it's\", \"say \\\"x\\\"\", \"it's \\\"x\\\"\"]",
        "[\"a\\\\b\", \"\\n\\r\\t\\u0007\\u007f\\u0085\\u00a0\\u00ad\"]",
        "[\"\\u00e9\\u20ac\\ud834\\udd1e\"]",
        "{\"a\": 1, \"b c\": [\"x\"], \"it's\": {\"d\": null}}"
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_t *value = json_loads(values[i], 0, NULL);
        struct svi_buffer shown;
        svi_buffer_init(&shown, 1 << 16);
        if (!svi_python_repr(&shown, value, SVI_PYTHON_LIST))
            exit(1);
        print(json_pack("{s:s, s:s, s:o}", "kind", "repr", "about", (const char *)shown.at, "value", value));
        svi_buffer_clear(&shown);
    }
}

int main(void)
{
    struct svi_celery_message message;
    struct svi_task task;
    tasks(&task, &message);
    events(&task);
    results(&task);
    revoked();
    reprs();
    svi_task_clear(&task);
    svi_celery_message_clear(&message);
    return 0;
}
