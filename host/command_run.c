/* command_run - works on one job of the platform now. */
#include "host/progress.h"
#include "host/stop.h"
#include "host/token.h"
#include "host/working.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_job_id(int64_t *job, const char *text, struct svi_error *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number <= 0)
        return svi_fail(err, SVI_BAD_USAGE, "JOB_ID is \"%s\", but must be a number from 1 on.", text);
    *job = number;
    return true;
}

static int work_on(struct svi_working *working, const struct svi_options *options, int64_t job, const char *token,
                   struct svi_error *err)
{
    struct svi_progress_bar bar = svi_progress_bar_start(STDERR_FILENO, "job", svi_wants_progress_bar(options));
    working->worker.progress = svi_progress_bar_update;
    working->worker.progress_self = &bar;
    struct svi_worker_outcome outcome = { 0 };
    const struct svi_assignment assignment = {
        .job = job,
        .token = token,
        .soft_limit_s = svi_option_number(options, SVI_OPTION_SOFT_LIMIT),
        .hard_limit_s = svi_option_number(options, SVI_OPTION_HARD_LIMIT),
    };
    svi_stop_after(assignment.soft_limit_s, SVI_WORKER_STOP_SOFT);
    svi_worker_run(&working->worker, &assignment, &outcome, err);
    svi_progress_bar_end(&bar);
    if (outcome.end == SVI_WORKER_COMPLETED)
        printf("job %" PRId64 " completed: results_id %" PRId64 ", json_data_id %" PRId64 "\n", job, outcome.results_id,
               outcome.json_data_id);
    return svi_worker_exit_code(&outcome, err);
}

int svi_command_run(const struct svi_options *options, struct svi_error *err)
{
    char token[SVI_TOKEN_SIZE];
    struct svi_working working = { 0 };
    int64_t job = 0;
    svi_stop_catch();
    bool ok = svi_token_read(token, svi_option_text(options, SVI_OPTION_TOKEN_FILE), err)
              && read_job_id(&job, svi_operand(options, 0), err)
              && svi_working_open(&working, options, svi_option_text(options, SVI_OPTION_API_URL), err);
    int code = ok ? work_on(&working, options, job, token, err) : svi_exit_code(false, err);
    svi_working_close(&working);
    svi_token_clear(token);
    return code;
}
