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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_is_the_files),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
