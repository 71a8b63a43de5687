/* test_renderer - the child's side of the protocol, spoken to by hand: what it answers, and when it ends.
 *
 * This very program is the child; it draws nothing, and takes as long as its order says. */
#include "host/child.h"
#include "host/job.h"
#include "host/renderer.h"
#include "host/renderer_message.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* ---- the child ---- */

static bool open_nothing(void *self, struct svi_device **device, struct svi_error *err)
{
    (void)self;
    (void)err;
    *device = NULL;
    return true;
}

static void close_nothing(struct svi_device *device)
{
    (void)device;
}

/* Of three devices, which are numbers here, the first two fail. */
static int first, second, third;

static bool open_first(void *self, struct svi_device **device, struct svi_error *err)
{
    (void)self;
    (void)err;
    *device = (struct svi_device *)&first;
    return true;
}

static bool open_another(void *self, struct svi_device **device, const char **notice, struct svi_error *err)
{
    (void)self;
    if (err->status != SVI_DEVICE_FAILED)
        return false;
    svi_error_clear(err);
    *notice = (void *)*device == &first ? "the first failed" : "two failed";
    *device = (struct svi_device *)((void *)*device == &first ? &second : &third);
    return true;
}

/* Goes on until cancelled where the config says so; else refuses with what it was asked for. */
static bool tell(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *rendering,
                 struct svi_error *err)
{
    *rendering = (struct svi_rendering){ 0 };
    if ((void *)device == &first || (void *)device == &second)
        return svi_fail(err, SVI_DEVICE_FAILED, "the device failed");
    if (device)
        return svi_fail(err, SVI_BAD_RECORDING, "seen by the third, since %s", request->notice);
    if (json_is_true(json_object_get(request->config, "endless"))) {
        while (request->progress(request->progress_self, 0.5, "compute"))
            ;
        return svi_fail(err, SVI_CANCELLED, "cancelled");
    }
    const struct svi_file *last = &request->capture.files[request->capture.file_count - 1];
    return svi_fail(err, SVI_BAD_RECORDING, "%s in %s from %zu files, the last %s at %s, as %s by %s%s", request->types[0],
                    request->folder, request->capture.file_count, last->label, last->path,
                    request->capture.format ? request->capture.format : "anything", request->stft ? request->stft : "any engine",
                    request->capture.look_beside ? ", looking beside" : "");
}

/* ---- the test ---- */

static struct svi_child start(void)
{
    struct svi_child child = { 0 };
    struct svi_error err = { 0 };
    check_ok(svi_child_start(&child, "/proc/self/exe", NULL, &err), err);
    return child;
}

/* The next message but progress; NULL where the child has closed its end. */
static json_t *next_answer(const struct svi_child *child)
{
    for (;;) {
        struct pollfd line = { .fd = child->fd, .events = POLLIN };
        assert_int_equal(poll(&line, 1, 60000), 1);
        json_t *message = NULL;
        if (svi_message_receive(child->fd, false, &message) != SVI_RECEIVED)
            return NULL;
        if (strcmp(svi_message_kind(message), "progress") != 0)
            return message;
        json_decref(message);
    }
}

static void say(const struct svi_child *child, const char *text)
{
    assert_int_equal(send(child->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void check_answer(const struct svi_child *child, const char *code, const char *text)
{
    json_t *message = next_answer(child);
    assert_non_null(message);
    assert_string_equal(json_string_value(json_object_get(message, "code")), code);
    check_has(json_string_value(json_object_get(message, "error")), text);
    json_decref(message);
}

static const char good_order[] =
    "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"waterfall\", \"config\": {\"capture_type\": \"sigmf\"},"
    " \"files\": [{\"path\": \"/a\", \"label\": \"x\"}, {\"path\": \"/b\", \"label\": \"y\"}], \"stft\": \"clfft\","
    " \"save_data\": false}";
static const char good_answer[] = "waterfall in /job from 2 files, the last y at /b, as sigmf by clfft";

static void an_order_is_understood(void **state)
{
    (void)state;
    struct svi_child child = start();
    for (int i = 0; i < 3; i++) {
        say(&child, good_order);
        json_t *message = next_answer(&child);
        assert_string_equal(json_string_value(json_object_get(message, "error")), good_answer);
        json_decref(message);
    }
    struct svi_child_end end = svi_child_end(&child, 60);
    assert_int_equal(end.exit_code, 0);
    assert_int_equal(end.signal, 0);
}

static void a_written_order_reads_the_same(void **state)
{
    (void)state;
    struct svi_child child = start();
    const struct svi_file files[] = { { "/a", "x" }, { "/b", "y" } };
    json_t *config = json_pack("{s:s}", "capture_type", "sigmf");
    const struct svi_order order = {
        .folder = "/job", .type = "waterfall", .config = config, .files = files, .file_count = 2, .stft = "clfft"
    };
    assert_int_equal(svi_message_send(child.fd, svi_order_write(&order), true), SVI_SENT);
    check_answer(&child, "bad_recording", good_answer);
    json_decref(config);
    svi_child_end(&child, 60);
}

static void a_bad_order_is_refused_and_the_next_one_taken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"message\": \"order\"}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": 7, \"config\": null, \"files\": [], \"save_data\": false}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": null, \"files\": [], \"save_data\": false}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": null, \"files\": {}, \"save_data\": false}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": null, \"files\": [7], \"save_data\": false}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": null, \"files\": [{\"path\": \"/a\"}], "
        "\"save_data\": false}",
        "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": null, \"files\": [{\"path\": \"/a\", "
        "\"label\": \"x\"}],"
        " \"save_data\": false, \"surprise\": 1}",
    };
    struct svi_child child = start();
    for (size_t i = 0; i < ROWS(rows); i++) {
        say(&child, rows[i]);
        check_answer(&child, "internal_error", "does not understand");
        say(&child, good_order);
        check_answer(&child, "bad_recording", good_answer);
    }
    svi_child_end(&child, 60);
}

static void nonsense_ends_it(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "garbage", "[]", "42", "{}", "{\"message\": \"hello\"}", "{\"message\": 1}", "{\"message\": \"done\"}"
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_child child = start();
        say(&child, rows[i]);
        assert_null(next_answer(&child));
        assert_int_equal(svi_child_end(&child, 60).signal, 0);
    }
}

/* As many as a job may have, whose order is some hundred times as long as a datagram. */
static void an_order_of_many_files_is_understood(void **state)
{
    (void)state;
    enum { COUNT = SVI_JOB_MAX_FILES };
    struct svi_file *files = calloc(COUNT, sizeof *files);
    char label[SVI_JOB_LABEL_SIZE];
    memset(label, 'x', sizeof label);
    label[sizeof label - 1] = '\0';
    assert_non_null(files);
    for (size_t i = 0; i < COUNT; i++)
        files[i] = (struct svi_file){ "/a/folder/of/a/job/input/4711", label };
    files[COUNT - 1] = (struct svi_file){ "/last", "label" };
    const struct svi_order order = { .folder = "/job", .type = "waterfall", .files = files, .file_count = COUNT };
    struct svi_child child = start();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(svi_message_send(child.fd, svi_order_write(&order), true), SVI_SENT);
        check_answer(&child, "bad_recording", "from 100000 files, the last label at /last");
        say(&child, good_order);
        check_answer(&child, "bad_recording", good_answer);
    }
    svi_child_end(&child, 60);
    free(files);
}

/* A file that comes along with the datagram "{}". */
static void hand_over(const struct svi_child *child, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } beside = { .header = { .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    char text[] = "{}";
    struct iovec piece = { text, 2 };
    memcpy(CMSG_DATA(&beside.header), &fd, sizeof fd);
    const struct msghdr datagram = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof beside.room
    };
    assert_int_equal(sendmsg(child->fd, &datagram, MSG_NOSIGNAL), 2);
    close(fd);
}

static int memory_file(const char *text, int seals)
{
    int fd = memfd_create("test", MFD_ALLOW_SEALING);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    if (seals)
        assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void a_file_that_is_no_message_ends_it(void **state)
{
    (void)state;
    enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const int rows[] = {
        memory_file(good_order, 0),
        memory_file(good_order, F_SEAL_SHRINK),
        memory_file("", SEALS),
        memory_file("[]", SEALS),
        memory_file("{\"message\": ", SEALS),
        memory_file("{}", SEALS),
        open("/dev/null", O_RDONLY),
        ends[0],
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_child child = start();
        hand_over(&child, rows[i]);
        assert_null(next_answer(&child));
        assert_int_equal(svi_child_end(&child, 60).signal, 0);
    }
    close(ends[1]);
    struct svi_child child = start();
    hand_over(&child, memory_file(good_order, SEALS));
    check_answer(&child, "bad_recording", good_answer);
    svi_child_end(&child, 60);
}

static void a_cancellation_without_an_order_changes_nothing(void **state)
{
    (void)state;
    struct svi_child child = start();
    say(&child, "{\"message\": \"cancel\"}");
    say(&child, good_order);
    check_answer(&child, "bad_recording", good_answer);
    svi_child_end(&child, 60);
}

/* And the next order begins with the first device again. */
static void another_device_takes_over(void **state)
{
    (void)state;
    static const char *const arguments[] = { "fail", NULL };
    struct svi_child child = { 0 };
    struct svi_error err = { 0 };
    check_ok(svi_child_start(&child, "/proc/self/exe", arguments, &err), err);
    for (int i = 0; i < 2; i++) {
        say(&child, good_order);
        check_answer(&child, "bad_recording", "seen by the third, since two failed");
    }
    svi_child_end(&child, 60);
}

static const char endless_order[] =
    "{\"message\": \"order\", \"folder\": \"/job\", \"type\": \"t\", \"config\": {\"endless\": true}, \"files\":"
    " [{\"path\": \"/a\", \"label\": \"x\"}], \"save_data\": false}";

static void a_cancellation_ends_an_order(void **state)
{
    (void)state;
    struct svi_child child = start();
    say(&child, endless_order);
    say(&child, "{\"message\": \"cancel\"}");
    check_answer(&child, "cancelled", "cancelled");
    say(&child, good_order);
    check_answer(&child, "bad_recording", good_answer);
    svi_child_end(&child, 60);
}

static void a_second_order_at_once_ends_it(void **state)
{
    (void)state;
    struct svi_child child = start();
    say(&child, endless_order);
    say(&child, endless_order);
    assert_null(next_answer(&child));
    svi_child_end(&child, 60);
}

static void it_ends_with_its_supervisor_in_the_middle_of_an_order(void **state)
{
    (void)state;
    struct svi_child child = start();
    say(&child, endless_order);
    struct pollfd line = { .fd = child.fd, .events = POLLIN };
    assert_int_equal(poll(&line, 1, 60000), 1); /* it has begun */
    struct svi_child_end end = svi_child_end(&child, 60);
    assert_false(end.by_us);
    assert_int_equal(end.exit_code, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "renderer")) {
        struct svi_error err = { 0 };
        const struct svi_drawing drawing = {
            .open = argc > 2 ? open_first : open_nothing, .another = open_another, .render = tell, .close = close_nothing
        };
        return svi_renderer_serve(SVI_RENDERER_FD, &drawing, &err) ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_understood),
        cmocka_unit_test(a_written_order_reads_the_same),
        cmocka_unit_test(a_bad_order_is_refused_and_the_next_one_taken),
        cmocka_unit_test(nonsense_ends_it),
        cmocka_unit_test(an_order_of_many_files_is_understood),
        cmocka_unit_test(a_file_that_is_no_message_ends_it),
        cmocka_unit_test(another_device_takes_over),
        cmocka_unit_test(a_cancellation_without_an_order_changes_nothing),
        cmocka_unit_test(a_cancellation_ends_an_order),
        cmocka_unit_test(a_second_order_at_once_ends_it),
        cmocka_unit_test(it_ends_with_its_supervisor_in_the_middle_of_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
