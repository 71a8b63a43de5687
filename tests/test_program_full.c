/* test_program_full - more kernels than a device keeps, here a few: none is refused, and those that are under way end. */
#define MAX_KERNELS 4
#include "../src/device/program.c"
#include "device/launch.h"

#include "check.h"

static void more_kernels_than_are_kept_do_their_work(void **state)
{
    (void)state;
    enum { CASES = 3 * MAX_KERNELS + 1, VALUES = 1000 };
    static const char *const definition = "CASE"; /* of no meaning to the kernel */
    struct svi_error err = { 0 };
    struct svi_device *device;
    cl_mem outs[CASES];
    float values[VALUES];
    for (size_t i = 0; i < VALUES; i++)
        values[i] = (float)i - 300;
    check_ok(svi_device_open(&device, NULL, NULL, &err), err);
    const struct svi_programs *programs = svi_device_programs(device);
    cl_mem in = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof values, values, &err);
    check_ok(in, err);
    for (unsigned i = 0; i < CASES; i++) {
        const struct svi_variant variant = { .definitions = { { definition, i } } };
        outs[i] = svi_mem_create_zero(device, sizeof(cl_float2), &err);
        check_ok(outs[i], err);
        check_ok(svi_launch_variant(device, "value_range", &variant, ((const size_t[2]){ 1, 1 }), &err, SVI_MEM(in),
                                    SVI_MEM(outs[i]), SVI_U64(VALUES)),
                 err);
        assert_int_equal(svi_programs_compiled(programs), i + 1);
        assert_in_range(programs->count, 1, MAX_KERNELS);
    }
    for (size_t i = 0; i < CASES; i++) {
        cl_float2 range;
        check_ok(svi_mem_read(device, &range, outs[i], sizeof range, &err), err);
        assert_true(range.s[0] == values[0] && range.s[1] == values[VALUES - 1]);
        svi_mem_release(outs[i]);
    }
    svi_mem_release(in);
    svi_device_close(device);
    assert_int_equal(svi_device_live_objects(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_kernels_than_are_kept_do_their_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
