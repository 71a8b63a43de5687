/* test_celery_result - results in every state, as the wire page has them. */
#include "host/celery_result.h"

#include <math.h>

#include "celery_golden.h"
#include "secret.h"

static void read_task(struct svi_task *task, const char *golden, enum svi_task_verdict verdict)
{
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    read_golden(&message, "5.7.0", golden);
    json_object_set_new(message.headers, "id", json_string("6c80"));
    assert_int_equal(svi_task_read(task, &message, NULL, &err), verdict);
    svi_celery_message_clear(&message);
}

#define DONE "\"date_done\": \"2026-11-23T19:17:01.250000+00:00\""
#define REST                                                                                                                       \
    "\"name\": \"jobs.tasks.submit_job\", \"args\": [43, \"********\", null], \"kwargs\": {}, \"worker\": \"svi@host1\", "         \
    "\"retries\": 0, \"queue\": \"large_jobs\", \"task_id\": \"6c80\"}"

static void states(void **state)
{
    (void)state;
    static const struct svi_celery_exception fault = { .kind = SVI_CELERY_RUNTIME_ERROR, .text = "boom " SECRET },
                                             bare = { .kind = SVI_CELERY_SOFT_TIME_LIMIT },
                                             hard = { .kind = SVI_CELERY_HARD_TIME_LIMIT, .limit_s = 900 },
                                             odd = { .kind = SVI_CELERY_HARD_TIME_LIMIT, .limit_s = 0.5 },
                                             revoked = { .kind = SVI_CELERY_REVOKED, .text = "terminated" };
    static const struct {
        enum svi_celery_state state;
        const struct svi_celery_exception *exception;
        const char *traceback, *result;
    } rows[] = {
        { SVI_CELERY_STARTED, NULL, NULL,
          "{\"status\": \"STARTED\", \"result\": {\"pid\": 14056, \"hostname\": \"svi@host1\"}, \"traceback\": null, \"children\": "
          "[], "
          "\"date_done\": null, " REST },
        { SVI_CELERY_SUCCESS, NULL, NULL,
          "{\"status\": \"SUCCESS\", \"result\": null, \"traceback\": null, \"children\": [], " DONE ", " REST },
        { SVI_CELERY_FAILURE, &fault, "at " SECRET,
          "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"RuntimeError\", \"exc_message\": [\"boom ********\"], "
          "\"exc_module\": \"builtins\"}, \"traceback\": \"at ********\", \"children\": [], " DONE ", " REST },
        { SVI_CELERY_RETRY, &fault, NULL,
          "{\"status\": \"RETRY\", \"result\": {\"exc_type\": \"RuntimeError\", \"exc_message\": [\"boom ********\"], "
          "\"exc_module\": \"builtins\"}, \"traceback\": null, \"children\": [[[\"6c80\", null], null]], \"date_done\": "
          "null, " REST },
        { SVI_CELERY_STATE_REVOKED, &revoked, NULL,
          "{\"status\": \"REVOKED\", \"result\": {\"exc_type\": \"TaskRevokedError\", \"exc_message\": [\"terminated\"], "
          "\"exc_module\": \"celery.exceptions\"}, \"traceback\": null, \"children\": [], " DONE ", " REST },
        { SVI_CELERY_FAILURE, &bare, NULL,
          "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"SoftTimeLimitExceeded\", \"exc_message\": [], "
          "\"exc_module\": \"billiard.exceptions\"}, \"traceback\": null, \"children\": [], " DONE ", " REST },
        { SVI_CELERY_FAILURE, &hard, NULL,
          "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"TimeLimitExceeded\", \"exc_message\": [900], "
          "\"exc_module\": \"billiard.exceptions\"}, \"traceback\": null, \"children\": [], " DONE ", " REST },
        { SVI_CELERY_FAILURE, &odd, NULL,
          "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"TimeLimitExceeded\", \"exc_message\": [0.5], "
          "\"exc_module\": \"billiard.exceptions\"}, \"traceback\": null, \"children\": [], " DONE ", " REST },
    };
    struct svi_task task;
    read_task(&task, "no_config", SVI_TASK_READY);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_outcome outcome = { .state = rows[i].state,
                                              .task = &task,
                                              .node = "svi@host1",
                                              .at_s = 1795461421.25,
                                              .exception = rows[i].exception,
                                              .traceback = rows[i].traceback,
                                              .pid = 14056 };
        struct svi_error err = { 0 };
        check_json(svi_celery_result(&outcome, &err), rows[i].result);
    }
    svi_task_clear(&task);
}

static void of_a_task_that_nobody_knows(void **state)
{
    (void)state;
    struct svi_celery_exception fault = { .kind = SVI_CELERY_NOT_REGISTERED, .text = "jobs.tasks.nope" };
    struct svi_task task;
    struct svi_error err = { 0 };
    read_task(&task, "unknown", SVI_TASK_UNKNOWN);
    struct svi_celery_outcome outcome = {
        .state = SVI_CELERY_FAILURE, .task = &task, .node = "svi@host1", .at_s = 1795461421.25, .exception = &fault
    };
    check_json(svi_celery_result(&outcome, &err),
               "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"NotRegistered\", \"exc_message\": [\"jobs.tasks.nope\"], "
               "\"exc_module\": \"celery.exceptions\"}, \"traceback\": null, \"children\": [], " DONE ", \"name\": null, \"args\": "
               "null, \"kwargs\": null, \"worker\": null, \"retries\": null, \"queue\": null, \"task_id\": \"6c80\"}");
    svi_task_clear(&task);
}

static void after_a_retry_the_parent_is_told(void **state)
{
    (void)state;
    struct svi_task task;
    struct svi_error err = { 0 };
    read_task(&task, "no_config", SVI_TASK_READY);
    svi_format(task.parent_id, sizeof task.parent_id, "6c80");
    struct svi_celery_outcome outcome = { .state = SVI_CELERY_SUCCESS, .task = &task, .node = "svi@host1", .at_s = NAN };
    json_t *result = svi_celery_result(&outcome, &err);
    assert_string_equal(json_string_value(json_object_get(result, "parent_id")), "6c80");
    assert_true(json_is_null(json_object_get(result, "date_done")));
    json_decref(result);
    svi_task_clear(&task);
}

static void exceptions(void **state)
{
    (void)state;
    static const struct {
        enum svi_status status;
        const char *repr;
    } rows[] = {
        { SVI_BAD_USAGE, "TypeError(\"it's\")" },
        { SVI_BAD_PARAMETER, "ValueError(\"it's\")" },
        { SVI_BAD_RECORDING, "ValueError(\"it's\")" },
        { SVI_OUT_OF_MEMORY, "MemoryError(\"it's\")" },
        { SVI_IO, "OSError(\"it's\")" },
        { SVI_NOT_FOUND, "LookupError(\"it's\")" },
        { SVI_UNAUTHORIZED, "PermissionError(\"it's\")" },
        { SVI_UNREACHABLE, "ConnectionError(\"it's\")" },
        { SVI_TIME_LIMIT, "SoftTimeLimitExceeded(\"it's\")" },
        { SVI_CANCELLED, "TaskRevokedError(\"it's\")" },
        { SVI_RENDERER_DIED, "WorkerLostError(\"it's\")" },
        { SVI_DEVICE_FAILED, "RuntimeError(\"it's\")" },
        { SVI_BUG, "RuntimeError(\"it's\")" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_exception exception = { .kind = svi_celery_exception_of(rows[i].status), .text = "it's" };
        struct svi_buffer text;
        svi_buffer_init(&text, 1024);
        assert_true(svi_celery_exception_repr(&text, &exception));
        assert_string_equal((const char *)text.at, rows[i].repr);
        svi_buffer_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(of_a_task_that_nobody_knows),
        cmocka_unit_test(after_a_retry_the_parent_is_told),
        cmocka_unit_test(exceptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
