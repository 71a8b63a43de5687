/* test_another_device - a device fails in the middle of a picture, and another one makes it. PoCL shows two here. */
#include "host/another_device.h"

#include "device/opencl.h"
#include "visual/render.h"

#include "check.h"
#include "signals.h"

static unsigned failing; /* 1: launches of pthread fail, 2: of basic, 3: of both */

cl_int __real_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
                                     const size_t *global, const size_t *local, cl_uint count, const cl_event *events,
                                     cl_event *event);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
                                     const size_t *global, const size_t *local, cl_uint count, const cl_event *events,
                                     cl_event *event);

cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
                                     const size_t *global, const size_t *local, cl_uint count, const cl_event *events,
                                     cl_event *event)
{
    cl_device_id device;
    char name[128] = "";
    clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL);
    if (failing >> !strncmp(name, "basic", 5) & 1)
        return CL_OUT_OF_RESOURCES;
    return __real_clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, count, events, event);
}

static struct svi_device *open_wished(const char *wish)
{
    struct svi_device *device;
    struct svi_error err = { 0 };
    check_ok(svi_device_open(&device, wish, NULL, &err), err);
    return device;
}

/* The caller ends the summary; NULL: see err. */
static json_t *draw(struct svi_device *device, const char *notice, struct svi_error *err)
{
    char path[600];
    snprintf(path, sizeof path, "%s/tone.sigmf-meta", scratch_folder());
    const struct svi_file file = { path, "tone.sigmf-meta" };
    const char *type = "waterfall";
    const struct svi_render_request request = { .types = &type,
                                                .type_count = 1,
                                                .capture = { .files = &file, .file_count = 1, .look_beside = true },
                                                .folder = scratch_folder(),
                                                .notice = notice };
    struct svi_rendering rendering;
    if (!svi_render(device, &request, &rendering, err))
        return NULL;
    json_t *summary = json_incref(json_array_get(rendering.summaries, 0));
    svi_rendering_clear(&rendering);
    return summary;
}

static const char *text_at(const json_t *summary, const char *object, const char *key)
{
    return json_string_value(json_object_get(json_object_get(summary, object), key));
}

static int make_recording(void **state)
{
    (void)state;
    static const struct signal_tone tone = { 1000, -6 };
    const struct signal signal = { .sample_rate_hz = 8000, .sample_count = 65536, .tones = &tone, .tone_count = 1 };
    struct svi_error err = { 0 };
    struct svi_device_info *list;
    size_t count;
    check_ok(signal_write_sigmf(scratch_folder(), "tone", &signal, svi_datatype_find("ci16_le"), 1, NULL, &err), err);
    check_ok(svi_device_list(&list, &count, &err), err);
    assert_true(count == 2 && !strncmp(list[0].name, "basic", 5) && !strncmp(list[1].name, "pthread", 7));
    free(list);
    return 0;
}

static void the_second_device_makes_the_picture(void **state)
{
    (void)state;
    static const char *const wishes[] = { NULL, "1", "pthread" };
    for (size_t i = 0; i < ROWS(wishes); i++) {
        struct svi_another_device another = { .wish = wishes[i] };
        struct svi_device *device = open_wished(another.wish);
        struct svi_error err = { 0 };
        failing = 1;
        assert_null(draw(device, NULL, &err));
        assert_int_equal(err.status, SVI_DEVICE_FAILED);
        assert_true(svi_another_device(&another, &device, &err));
        assert_int_equal(err.status, SVI_OK);
        json_t *summary = draw(device, another.notice, &err);
        if (!summary)
            fail_msg("%s [%s]", err.message, err.cause);
        assert_int_equal(strncmp(text_at(summary, "device", "name"), "basic", 5), 0);
        const char *warning = json_string_value(json_array_get(json_object_get(summary, "warnings"), 0));
        assert_non_null(warning);
        check_has(warning, "The device pthread");
        check_has(warning, "was used in its place: The OpenCL device failed");
        json_decref(summary);
        svi_device_close(device);
        assert_int_equal(svi_device_live_objects(), 0);
    }
}

static void the_failure_stands_where_no_device_is_left(void **state)
{
    (void)state;
    struct svi_another_device another = { .wish = "basic" };
    struct svi_device *device = open_wished(another.wish);
    struct svi_error err = { 0 };
    failing = 3;
    assert_null(draw(device, NULL, &err));
    assert_true(svi_another_device(&another, &device, &err));
    check_has(another.notice, "The device basic");
    assert_null(draw(device, another.notice, &err));
    assert_false(svi_another_device(&another, &device, &err));
    assert_int_equal(err.status, SVI_DEVICE_FAILED);
    assert_null(device);
    assert_int_equal(svi_device_live_objects(), 0);
}

static void other_trouble_is_not_the_device_s(void **state)
{
    (void)state;
    struct svi_another_device another = { 0 };
    struct svi_device *device = open_wished(NULL), *before = device;
    struct svi_error err = { 0 };
    svi_fail(&err, SVI_BAD_PARAMETER, "The parameter fftSize is 0.");
    assert_false(svi_another_device(&another, &device, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    assert_ptr_equal(device, before);
    svi_device_close(device);
}

int main(void)
{
    setenv("POCL_DEVICES", "pthread basic", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_device_makes_the_picture),
        cmocka_unit_test(the_failure_stands_where_no_device_is_left),
        cmocka_unit_test(other_trouble_is_not_the_device_s),
    };
    return cmocka_run_group_tests(tests, make_recording, NULL);
}
