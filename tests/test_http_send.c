/* test_http_send - what of a file reaches the other side. */
#include "fake_service.h"
#include "quick_client.h"

#include <pthread.h>
#include <sched.h>

static void a_file_is_sent_whole(void **state)
{
    (void)state;
    enum { BYTES = 5000000 };
    char path[4096];
    svi_format(path, sizeof path, "%s/large", scratch_folder());
    uint8_t *bytes = malloc(BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    struct svi_error err = { 0 };
    check_ok(svi_file_write(path, (struct svi_bytes){ bytes, BYTES }, &err), err);
    const struct fake_rule rule = { "POST", FAKE_STATUS, 503, 1, 0, false, false };
    const struct fake_settings settings = { .token = SECRET, .rules = &rule, .rule_count = 1 };
    struct fake_service *service = fake_service_start(&settings);
    struct svi_http *http = open_client(fake_service_url(service), quick, NULL);
    struct svi_http_file file = { .path = path, .name = "waterfall.png", .content_type = "image/png" };
    struct svi_http_answer answer = { 0 };
    check_ok(svi_http_post_file(http, "/api/jobs/save-job-data/7/", &file, SVI_HTTP_ADDS, &answer, &err), err);
    assert_string_equal(fake_service_story(service), "picture picture");
    for (size_t i = 0; i < 2; i++) {
        size_t count = 0;
        const char *body = fake_service_body(service, i, &count);
        check_has(body, "Content-Disposition: form-data; name=\"waterfall.png\"; filename=\"waterfall.png\"\r\nContent-Type: "
                        "image/png\r\n\r\n");
        size_t head = (size_t)(strstr(body, "\r\n\r\n") + 4 - body);
        assert_true(count > head + BYTES);
        assert_memory_equal(body + head, bytes, BYTES);
    }
    file.path = "no-such-file";
    assert_false(svi_http_post_file(http, "/api/jobs/save-job-data/7/", &file, SVI_HTTP_ADDS, &answer, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_int_equal(fake_service_requests(service), 2);
    svi_http_answer_clear(&answer);
    svi_http_close(http);
    fake_service_stop(service);
    free(bytes);
    unlink(path);
}

/* Writes to a file as soon as somebody sends it. */
struct writer {
    struct fake_service *service;
    int fd;
    bool shorten;
};

static void *write_on(void *self)
{
    struct writer *writer = self;
    while (!fake_service_connections(writer->service))
        sched_yield();
    static const uint8_t more[1000];
    if (writer->shorten)
        assert_int_equal(ftruncate(writer->fd, 0), 0);
    else
        assert_int_equal(write(writer->fd, more, sizeof more), sizeof more);
    return NULL;
}

/* A recorder is still at it: what was there at the beginning is sent, and the body is as long as announced. */
static void a_file_that_changes_meanwhile_leaves_no_broken_form(void **state)
{
    (void)state;
    enum { BYTES = 32 << 20 };
    char path[4096];
    svi_format(path, sizeof path, "%s/changing", scratch_folder());
    for (int shorten = 0; shorten < 2; shorten++) {
        const struct fake_settings settings = { .token = SECRET };
        struct writer writer = { .service = fake_service_start(&settings), .shorten = shorten };
        writer.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
        assert_true(writer.fd >= 0);
        assert_int_equal(ftruncate(writer.fd, BYTES), 0);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
        struct svi_http *http = open_client(fake_service_url(writer.service), quick, NULL);
        const struct svi_http_file file = { .path = path, .name = "rec.cf32", .content_type = "application/octet-stream" };
        struct svi_http_answer answer = { 0 };
        struct svi_error err = { 0 };
        const bool ok = svi_http_post_file(http, "/api/jobs/save-job-data/7/", &file, SVI_HTTP_ADDS, &answer, &err);
        pthread_join(thread, NULL);
        if (shorten) {
            assert_false(ok);
            assert_int_equal(err.status, SVI_IO);
            assert_string_equal(err.message, "The file rec.cf32 cannot be sent: it has become shorter.");
            assert_int_equal(fake_service_requests(writer.service), 0);
        } else {
            size_t count = 0;
            check_ok(ok, err);
            const char *body = fake_service_body(writer.service, 0, &count);
            assert_string_equal(body + count - 4, "--\r\n");
        }
        svi_http_answer_clear(&answer);
        svi_http_close(http);
        fake_service_stop(writer.service);
        close(writer.fd);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_sent_whole),
        cmocka_unit_test(a_file_that_changes_meanwhile_leaves_no_broken_form),
        cmocka_unit_test(the_log_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, catch_log, NULL);
}
