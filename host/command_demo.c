/* command_demo - everything at once on one machine: made-up recordings go through the embedded platform's HTTP to a worker and
 * its renderer, once for each type, and the results come back to a folder, beside the recordings. */
#include "base/bytes.h"
#include "base/file.h"
#include "host/demo_scene.h"
#include "host/progress.h"
#include "host/stop.h"
#include "host/submit.h"
#include "host/token.h"
#include "host/working.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usual_output[] = "svi-demo", user[] = "demo";

enum { MOST_TYPES = 32 };

struct demo {
    const struct svi_options *options;
    const char *output;
    char folder[PATH_MAX]; /* the platform's, for the time of the demo */
    struct svi_demo_scene scene;
    char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
    struct svi_platform *platform;
    struct svi_local_worker *worker;
    struct svi_submission_outcome outcomes[MOST_TYPES];
};

static bool make_folder(struct demo *demo, struct svi_error *err)
{
    char work[PATH_MAX];
    if (!svi_work_folder(demo->options, work, err))
        return false;
    if (!svi_format(demo->folder, sizeof demo->folder, "%s/demo-XXXXXX", work) || !mkdtemp(demo->folder)) {
        demo->folder[0] = '\0';
        return svi_fail(err, SVI_IO, "No folder can be made for the demo: %s.", strerror(errno))
               || svi_because(err, "below %s", work);
    }
    return true;
}

static bool start_platform(struct demo *demo, struct svi_error *err)
{
    char data[PATH_MAX];
    const struct svi_platform_options wishes = { .folder = data, .listen = "127.0.0.1:0" };
    return (svi_format(data, sizeof data, "%s/platform", demo->folder)
            || svi_fail(err, SVI_IO, "The name of a folder is too long."))
           && svi_platform_start(&demo->platform, &wishes, err) && svi_platform_add_user(data, user, demo->token, err);
}

static bool submit_types(struct demo *demo, struct svi_error *err)
{
    const char *files[2];
    struct svi_submission submission = {
        .api_url = svi_platform_url(demo->platform),
        .token = demo->token,
        .files = files,
        .file_count = sizeof files / sizeof *files,
        .wait = true,
        .poll_interval_s = 0.05,
        .results_folder = demo->output,
        .stop = &svi_stop,
    };
    bool ok = true;
    for (size_t i = 0; ok && i < MOST_TYPES && (submission.type = svi_render_type(i)); i++) {
        const struct svi_demo_recording *recording = svi_demo_scene_for(&demo->scene, submission.type);
        files[0] = recording->metadata;
        files[1] = recording->data;
        ok = svi_submit(&submission, &demo->outcomes[i], err);
    }
    return ok;
}

static bool play(struct demo *demo, struct svi_error *err)
{
    struct svi_progress_bar bar = svi_progress_bar_start(STDERR_FILENO, "demo", svi_wants_progress_bar(demo->options));
    bool ok = make_folder(demo, err) && svi_demo_scene_write(demo->output, &demo->scene, err) && start_platform(demo, err)
              && svi_local_worker_start(&demo->worker, demo->options, demo->platform, svi_progress_bar_update, &bar, err)
              && submit_types(demo, err);
    svi_local_worker_stop(demo->worker);
    svi_platform_stop(demo->platform);
    svi_progress_bar_end(&bar);
    return ok;
}

static void print_results(const struct demo *demo)
{
    for (size_t i = 0; i < MOST_TYPES; i++) {
        const char *const names[] = { demo->outcomes[i].picture, demo->outcomes[i].summary };
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (*names[k])
                printf("%s/%s\n", demo->output, names[k]);
    }
}

int svi_command_demo(const struct svi_options *options, struct svi_error *err)
{
    const char *wish = svi_option_text(options, SVI_OPTION_OUTPUT);
    char output[PATH_MAX];
    struct demo *demo = calloc(1, sizeof *demo);
    bool ok = demo || svi_fail_memory(err, sizeof *demo);
    svi_leave_no_core_files();
    svi_stop_catch();
    if (ok) {
        demo->options = options;
        demo->output = wish ? wish : usual_output;
        ok = svi_results_folder(output, demo->output, err) && play(demo, err);
        print_results(demo);
        struct svi_error trouble = { 0 };
        if (*demo->folder && !svi_remove_tree(demo->folder, &trouble))
            svi_log_error(SVI_LOG_WARNING, &trouble, "the folder of this run stays");
    }
    free(demo);
    return svi_exit_code(ok, err);
}
