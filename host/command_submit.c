/* command_submit - gives recordings to a platform, one job for each type. */
#include "host/command.h"
#include "host/stop.h"
#include "host/submit.h"
#include "host/task_publisher.h"
#include "host/token.h"
#include "visual/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_outcome(const struct svi_submission *submission, const struct svi_submission_outcome *outcome)
{
    if (outcome->job)
        printf("job %" PRId64 " %s %s\n", outcome->job, submission->type, outcome->status);
    const char *const names[] = { outcome->picture, outcome->summary };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*names[i])
            printf("%s/%s\n", submission->results_folder, names[i]);
    for (size_t i = 0; i < outcome->further_count; i++)
        printf("%s/%s\n", submission->results_folder, outcome->further[i]);
    fflush(stdout);
}

/* The i-th of the types that --type names, or of all; NULL past the end. */
static const char *wanted_type(const struct svi_options *options, size_t i)
{
    return svi_option_item(options, SVI_OPTION_TYPE, 0) ? svi_option_item(options, SVI_OPTION_TYPE, i) : svi_render_type(i);
}

static bool submit_types(const struct svi_options *options, struct svi_submission *submission, struct svi_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && (submission->type = wanted_type(options, i)); i++) {
        struct svi_submission_outcome outcome = { 0 };
        ok = svi_submit(submission, &outcome, err);
        print_outcome(submission, &outcome);
    }
    return ok;
}

/* A queue that the platform does not feed by itself. */
struct queue {
    struct svi_broker_wish wish;
    struct svi_task_publisher *publisher;
    const char *token;
};

static bool open_queue(struct queue *queue, const struct svi_options *options, const char *token, struct svi_error *err)
{
    const char *source = options->values[SVI_OPTION_BROKER].source;
    *queue = (struct queue){ .token = token };
    /* A variable is there for whoever serves: a platform that queues by itself would have the job queued twice. */
    return !source || strcmp(source, "--broker") != 0
           || (svi_broker_wish_read(&queue->wish, options, err) && svi_task_publisher_open(&queue->publisher, &queue->wish, err));
}

static void close_queue(struct queue *queue)
{
    svi_task_publisher_close(queue->publisher);
    svi_broker_wish_clear(&queue->wish);
}

static bool put_into_queue(void *self, int64_t job, struct svi_error *err)
{
    const struct queue *queue = self;
    return svi_task_publisher_put(queue->publisher, job, queue->token, false, err);
}

/* A job without files draws what lies in the data system. */
static bool check_files(const struct svi_options *options, const json_t *config, struct svi_error *err)
{
    return svi_operand(options, 0) || json_array_size(json_object_get(config, "capture_ids"))
           || svi_fail(err, SVI_BAD_USAGE, "The command submit needs FILEs, or --set capture_ids='[\"ID\"]' in their place.");
}

static const char **list_files(const struct svi_options *options, struct svi_error *err)
{
    size_t count = svi_operand_count(options);
    const char **files = calloc(count + 1, sizeof *files);
    if (!files)
        svi_fail_memory(err, count * sizeof *files);
    for (size_t i = 0; files && i < count; i++)
        files[i] = svi_operand(options, i);
    return files;
}

int svi_command_submit(const struct svi_options *options, struct svi_error *err)
{
    char token[SVI_TOKEN_SIZE], folder[PATH_MAX];
    const char *output = svi_option_text(options, SVI_OPTION_OUTPUT), *ca_file = NULL;
    json_t *config = NULL;
    const char **files = NULL;
    char *config_text = NULL;
    struct queue queue = { 0 };
    svi_stop_catch();
    bool ok = svi_token_read(token, svi_option_text(options, SVI_OPTION_TOKEN_FILE), err) && svi_ca_file(options, &ca_file, err)
              && (config = svi_config_from_sets(options, err)) && check_files(options, config, err)
              && (files = list_files(options, err)) && (!output || svi_results_folder(folder, output, err))
              && open_queue(&queue, options, token, err);
    if (ok) {
        config_text = json_dumps(config, JSON_COMPACT);
        struct svi_submission submission = {
            .api_url = svi_option_text(options, SVI_OPTION_API_URL),
            .ca_file = ca_file,
            .token = token,
            .config = config_text,
            .files = files,
            .file_count = svi_operand_count(options),
            .accepted = queue.publisher ? put_into_queue : NULL,
            .accepted_self = &queue,
            .wait = output || svi_option_on(options, SVI_OPTION_WAIT),
            .results_folder = output,
            .stop = &svi_stop,
        };
        ok = config_text ? submit_types(options, &submission, err) : svi_fail_memory(err, 1);
    }
    close_queue(&queue);
    free(config_text);
    free(files);
    json_decref(config);
    svi_token_clear(token);
    return svi_exit_code(ok, err);
}
