/* test_lanes - jobs in threads: each comes back once with its own outcome, however many there are, and whatever happens to the
 * number of lanes meanwhile. The platform is one that is not there, so that every job ends by itself or by its stop. */
#include "host/lanes.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_service.h"
#include "secret.h"

static const struct svi_http_policy once = {
    .tries = 1,
    .connect_timeout_s = 5,
    .total_timeout_s = 20,
    .stall_timeout_s = 5,
    .answer_limit_bytes = 1 << 16,
};

static bool knows(const char *type)
{
    (void)type;
    return true;
}

struct setting {
    struct fake_service *service;
    struct svi_lanes *lanes;
    int wake_fd;
};

static const char metadata[] =
    "{\"status\": \"success\", \"job_id\": 7, \"data\": {\"type\": \"waterfall\", \"status\": \"running\", "
    "\"config\": {}, \"local_files\": [], \"remote_files\": []}}";

static struct fake_settings settings = { .token = SECRET, .metadata = metadata };

static struct setting open_lanes(unsigned count, const struct fake_rule *rules, size_t rule_count)
{
    struct setting setting;
    struct svi_error err = { 0 };
    settings.rules = rules;
    settings.rule_count = rule_count;
    setting.service = fake_service_start(&settings);
    setting.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const struct svi_worker worker = { .api_url = fake_service_url(setting.service),
                                       .policy = once,
                                       .work_folder = scratch_folder(),
                                       .renderer = { .knows = knows } };
    check_ok(svi_lanes_open(&setting.lanes, &worker, count, setting.wake_fd, &err), err);
    return setting;
}

static void close_lanes(struct setting *setting)
{
    svi_lanes_close(setting->lanes);
    fake_service_stop(setting->service);
    close(setting->wake_fd);
}

static void give(struct setting *setting, struct svi_lane_job *job)
{
    job->assignment = (struct svi_assignment){ .job = 7, .token = SECRET };
    job->owner = job;
    svi_lanes_give(setting->lanes, job);
}

/* The next job that ends. */
static struct svi_lane_job *take(struct setting *setting)
{
    struct svi_lane_job *job;
    while (!(job = svi_lanes_take(setting->lanes))) {
        uint64_t count;
        struct pollfd wake = { .fd = setting->wake_fd, .events = POLLIN };
        assert_int_equal(poll(&wake, 1, 60000), 1);
        assert_int_equal(read(setting->wake_fd, &count, sizeof count), sizeof count);
    }
    assert_ptr_equal(job->owner, job);
    return job;
}

static void every_job_comes_back_once(void **state)
{
    (void)state;
    static struct svi_lane_job jobs[60];
    bool back[ROWS(jobs)] = { false };
    memset(jobs, 0, sizeof jobs);
    struct setting setting = open_lanes(4, NULL, 0);
    assert_null(svi_lanes_take(setting.lanes));
    for (size_t i = 0; i < ROWS(jobs); i++) {
        if (i % 3 == 0)
            svi_fail(&jobs[i].refusal, SVI_CANCELLED, "The job was revoked.");
        give(&setting, &jobs[i]);
    }
    for (size_t i = 0; i < ROWS(jobs); i++) {
        struct svi_lane_job *job = take(&setting);
        size_t number = (size_t)(job - jobs);
        assert_false(back[number]);
        back[number] = true;
        assert_int_equal(job->outcome.end, SVI_WORKER_FAILED);
        assert_int_equal(job->err.status, number % 3 ? SVI_FETCH_FAILED : SVI_OK);
    }
    assert_null(svi_lanes_take(setting.lanes));
    /* running, metadata, failed; of a refused job the last alone. */
    assert_int_equal(fake_service_requests(setting.service), 40 * 3 + 20);
    close_lanes(&setting);
}

static const struct fake_rule silent = { "POST /api/jobs/update-job-status/", FAKE_HANG, 0, 0, 0, false, false };

static void as_many_jobs_run_as_there_are_lanes(void **state)
{
    (void)state;
    static const struct {
        unsigned first, then;
    } rows[] = { { 3, 3 }, { 1, 4 }, { 4, 1 }, { 3, 5 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        static struct svi_lane_job jobs[8];
        struct svi_error err = { 0 };
        memset(jobs, 0, sizeof jobs);
        struct setting setting = open_lanes(rows[i].first, &silent, 1);
        for (size_t k = 0; k < ROWS(jobs); k++)
            give(&setting, &jobs[k]);
        fake_service_wait(setting.service, rows[i].first);
        check_ok(svi_lanes_resize(setting.lanes, rows[i].then, &err), err);
        unsigned most = rows[i].then > rows[i].first ? rows[i].then : rows[i].first;
        fake_service_wait(setting.service, most);
        assert_int_equal(fake_service_requests(setting.service), most);
        /* Those that run are stopped; with fewer lanes, those that are left go on with the rest. */
        for (size_t k = 0; k < ROWS(jobs); k++)
            atomic_store(&jobs[k].stop, SVI_WORKER_STOP_RETURN);
        for (size_t k = 0; k < ROWS(jobs); k++) {
            const struct svi_lane_job *job = take(&setting);
            assert_int_equal(job->outcome.end, SVI_WORKER_NOT_BEGUN);
            assert_int_equal(job->err.status, SVI_CANCELLED);
        }
        close_lanes(&setting);
    }
}

static void a_stop_is_of_one_job(void **state)
{
    (void)state;
    static struct svi_lane_job jobs[3];
    memset(jobs, 0, sizeof jobs);
    struct setting setting = open_lanes(3, &silent, 1);
    for (size_t k = 0; k < ROWS(jobs); k++)
        give(&setting, &jobs[k]);
    fake_service_wait(setting.service, 3);
    for (size_t k = 0; k < ROWS(jobs); k++) {
        atomic_store(&jobs[k].stop, 15);
        assert_ptr_equal(take(&setting), &jobs[k]);
        check_has(jobs[k].err.message, "terminated by signal 15");
    }
    close_lanes(&setting);
}

static void lanes_close_when_their_jobs_have_ended(void **state)
{
    (void)state;
    struct svi_lane_job job = { 0 };
    struct setting setting = open_lanes(2, NULL, 0);
    give(&setting, &job);
    fake_service_wait(setting.service, 1);
    close_lanes(&setting);
    assert_int_equal(job.outcome.end, SVI_WORKER_FAILED);
    struct setting unused = open_lanes(5, NULL, 0);
    close_lanes(&unused);
    svi_lanes_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_comes_back_once), cmocka_unit_test(as_many_jobs_run_as_there_are_lanes),
        cmocka_unit_test(a_stop_is_of_one_job),      cmocka_unit_test(lanes_close_when_their_jobs_have_ended),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
