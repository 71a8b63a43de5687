/* test_stream - whichever ranges are asked for, the block on the device holds them. */
#include "device/stream.h"

#include "device/opencl.h"

#include "check.h"
#include "signals.h"
#include "with_device.h"

enum { SAMPLES = 10000 };

static struct svi_capture *open_ramp(const struct svi_datatype *datatype)
{
    struct svi_error err = { 0 };
    const struct signal signal = { .sample_rate_hz = 1, .sample_count = SAMPLES, .noise_power = 0.01, .seed = 9 };
    char path[600];
    check_ok(signal_write_sigmf(scratch_folder(), "stream", &signal, datatype, 1, NULL, &err), err);
    snprintf(path, sizeof path, "%s/stream.sigmf-meta", scratch_folder());
    const struct svi_file file = { path, "stream.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

static void every_range_is_the_files(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, count;
    } ranges[] = { { 0, 100 },  { 50, 100 },    { 900, 200 },   { 1000, 4000 }, { 4999, 1 },
                   { 9999, 1 }, { 9000, 1000 }, { 0, SAMPLES }, { 3, 7 },       { 5000, 5000 } };
    static const size_t blocks[] = { 64, 4096, 1 << 20 };
    const struct svi_datatype *datatype = svi_datatype_find("ci16_le");
    const size_t sample_bytes = svi_datatype_bytes(datatype);
    struct svi_capture *capture = open_ramp(datatype);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        struct svi_error err = { 0 };
        struct svi_stream *stream;
        check_ok(svi_stream_open(&stream, device, capture, blocks[b], &err), err);
        for (size_t i = 0; i < ROWS(ranges); i++) {
            struct svi_block block;
            struct svi_bytes view;
            uint8_t *copy = malloc(SAMPLES * sample_bytes);
            assert_non_null(copy);
            check_ok(svi_stream_fetch(stream, ranges[i].first, ranges[i].count, &block, &err), err);
            assert_true(block.first_sample <= ranges[i].first);
            assert_true(block.first_sample + block.sample_count >= ranges[i].first + ranges[i].count);
            assert_true(block.first_sample + block.sample_count <= SAMPLES);
            check_ok(svi_mem_read(device, copy, block.samples, block.sample_count * sample_bytes, &err), err);
            check_ok(svi_capture_view(capture, block.first_sample, block.sample_count, &view, &err), err);
            assert_memory_equal(copy, view.at, view.count);
            free(copy);
        }
        assert_true(svi_stream_bytes_read(stream) >= SAMPLES * sample_bytes);
        svi_stream_close(stream);
    }
    svi_capture_close(capture);
}

/* Nobody waits: each block is copied by a command behind its fetch, and must be what it was then, however often its memory was used
 * since. */
static void blocks_stay_as_long_as_commands_need_them(void **state)
{
    (void)state;
    static const size_t blocks[] = { 4, 52, 4096, 36000, 1 << 20 };
    const struct svi_datatype *datatype = svi_datatype_find("ci16_le");
    const size_t sample_bytes = svi_datatype_bytes(datatype), bytes = SAMPLES * sample_bytes;
    struct svi_capture *capture = open_ramp(datatype);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        struct svi_error err = { 0 };
        struct svi_stream *stream;
        cl_mem together = svi_mem_create(device, CL_MEM_READ_WRITE, bytes, NULL, &err);
        uint8_t *copy = malloc(bytes);
        assert_non_null(copy);
        check_ok(together && svi_stream_open(&stream, device, capture, blocks[b], &err), err);
        struct svi_block block;
        /* Each fetch asks for something of a size of its own. */
        for (uint64_t first = 0, count; first < SAMPLES; first += block.sample_count) {
            count = 1 + first % 7 * 50;
            count = count < SAMPLES - first ? count : SAMPLES - first;
            check_ok(svi_stream_fetch(stream, first, count, &block, &err), err);
            assert_int_equal(block.first_sample, first);
            check_ok(
                svi_mem_copy(device, together, first * sample_bytes, block.samples, 0, block.sample_count * sample_bytes, &err),
                err);
        }
        check_ok(svi_mem_read(device, copy, together, bytes, &err), err);
        struct svi_bytes view;
        check_ok(svi_capture_view(capture, 0, SAMPLES, &view, &err), err);
        assert_memory_equal(copy, view.at, bytes);
        assert_int_equal(svi_stream_bytes_read(stream), bytes);
        svi_stream_close(stream);
        svi_mem_release(together);
        free(copy);
    }
    svi_capture_close(capture);
}

/* What is sent is what it was when it was sent. */
static void sends_need_not_be_waited_for(void **state)
{
    (void)state;
    enum { SENDS = 1000, MOST = 100000 };
    struct svi_error err = { 0 };
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_WRITE, MOST, NULL, &err);
    cl_mem kept = svi_mem_create(device, CL_MEM_READ_WRITE, SENDS, NULL, &err);
    uint8_t *bytes = malloc(MOST), got[SENDS];
    assert_true(memory && kept && bytes);
    for (size_t i = 0; i < SENDS; i++) {
        memset(bytes, (int)(i % 251), MOST);
        check_ok(svi_mem_send(device, memory, 0, bytes, 1 + i * (MOST - 1) / SENDS, &err), err);
        check_ok(svi_mem_copy(device, kept, i, memory, i * (MOST - 1) / SENDS, 1, &err), err);
    }
    check_ok(svi_mem_read(device, got, kept, SENDS, &err), err);
    for (size_t i = 0; i < SENDS; i++)
        assert_int_equal(got[i], i % 251);
    svi_mem_release(kept);
    svi_mem_release(memory);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_is_the_files),
        cmocka_unit_test(blocks_stay_as_long_as_commands_need_them),
        cmocka_unit_test(sends_need_not_be_waited_for),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
