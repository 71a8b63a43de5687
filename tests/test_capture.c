/* test_capture - from files to samples: which file is which, what is refused, and whether the samples are those written. */
#include "capture/capture.h"

#include "base/file.h"

#include <math.h>
#include <unistd.h>

#include "check.h"
#include "signals.h"

static const struct signal_tone tones[] = { { 1000, -6 } };

static struct signal short_signal(void)
{
    return (struct signal){ .sample_rate_hz = 48000,
                            .sample_count = 1000,
                            .tones = tones,
                            .tone_count = 1,
                            .channel_step_hz = 500,
                            .noise_power = 1e-4,
                            .seed = 7 };
}

/* Every datatype, three channels: the view holds what signal_encode stored. */
static void samples_come_back_in_every_datatype(void **state)
{
    (void)state;
    struct signal signal = short_signal();
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        struct svi_error err = { 0 };
        char path[600];
        check_ok(signal_write_sigmf(scratch_folder(), row->name, &signal, row, 3, NULL, &err), err);
        snprintf(path, sizeof path, "%s/%s.sigmf-meta", scratch_folder(), row->name);
        const struct svi_file file = { path, "some/folder/rec.sigmf-meta" };
        const struct svi_capture_request request = { &file, 1, true, NULL };
        struct svi_capture *capture;
        check_ok(svi_capture_open(&capture, &request, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_string_equal(recording->format, "sigmf");
        assert_string_equal(recording->name, "rec");
        assert_ptr_equal(recording->datatype, row);
        assert_int_equal(recording->channels, 3);
        assert_int_equal(recording->sample_count, 1000);
        assert_true(recording->sample_rate_hz == 48000);
        assert_int_equal(recording->warnings.count, 0);

        struct svi_bytes view;
        size_t bytes = svi_datatype_bytes(row);
        check_ok(svi_capture_view(capture, 100, 50, &view, &err), err);
        assert_int_equal(view.count, 50 * 3 * bytes);
        for (uint64_t i = 0; i < 50; i++)
            for (unsigned channel = 0; channel < 3; channel++) {
                uint8_t expected[16];
                signal_encode(expected, row, signal_sample(&signal, channel, 100 + i));
                assert_memory_equal(view.at + (i * 3 + channel) * bytes, expected, bytes);
            }
        svi_capture_close(capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_back_in_every_datatype),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
