/* test_name_facts - what names of recordings say, and that other names say nothing. */
#include "capture/name_facts.h"

#include <math.h>

#include "check.h"

static void names_say_what_their_programs_meant(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datatype;
        bool samples;
        double rate_hz, center_hz;
        const char *start;
    } rows[] = {
        { "g001_433.92M_1000k.cu8", "cu8", true, 1e6, 433.92e6, "" },
        { "a/b/g001_433.92M_250k.cs16", "ci16_le", true, 250e3, 433.92e6, "" },
        { "x_868.3M_1024k.cf32", "cf32_le", true, 1024e3, 868.3e6, "" },
        { "x_2.4G_20Msps.CS8", "ci8", true, 20e6, 2.4e9, "" },
        { "x_100MHz_2000ksps.ci16", "ci16_le", true, 2e6, 100e6, "" },
        { "x_48000sps.ci16_be", "ci16_be", true, 48e3, NAN, "" },
        { "1M_2M_433.92M.cu8", "cu8", true, 0, 433.92e6, "" },
        { "rec.cs32", "ci32_le", true, 0, NAN, "" },
        { "rec.fc32", "cf32_le", true, 0, NAN, "" },
        { "rec.cfile", "cf32_le", true, 0, NAN, "" },
        { "rec.fc64", "cf64_le", true, 0, NAN, "" },
        { "rec.cf64", "cf64_le", true, 0, NAN, "" },
        { "rec.sc16", "ci16_le", true, 0, NAN, "" },
        { "rec.ci8", "ci8", true, 0, NAN, "" },
        { "rec.cu16", "cu16_le", true, 0, NAN, "" },
        { "rec.rf32_be", "rf32_be", true, 0, NAN, "" },
        { "rec.complex16u", "cu8", true, 0, NAN, "" },
        { "rec.iq", NULL, true, 0, NAN, "" },
        { "rec_10k.RAW", NULL, true, 10e3, NAN, "" },
        { "rec.bin", NULL, true, 0, NAN, "" },
        { "rec.dat", NULL, true, 0, NAN, "" },
        { "gqrx_20260102_030405_433920000_2400000_fc.raw", "cf32_le", true, 2.4e6, 433.92e6, "2026-01-02T03:04:05Z" },
        { "gqrx_20260102_030405_433920000_2400000_fx.raw", NULL, true, 0, NAN, "" },
        { "gqrx_20261302_030405_433920000_2400000_fc.raw", NULL, true, 0, NAN, "" },
        { "gqrx_20260102_030405_433920000_fc.raw", NULL, true, 0, NAN, "" },
        { "gqrx_20260102_030405_433920000_0_fc.raw", NULL, true, 0, NAN, "" },
        { "SDRSharp_20260102_030405Z_433920000Hz_IQ.wav", NULL, false, 0, 433.92e6, "2026-01-02T03:04:05Z" },
        { "HDSDR_20260102_030405Z_433920kHz_RF.wav", NULL, false, 0, 433.92e6, "2026-01-02T03:04:05Z" },
        { "SDRSharp_20260102_030405_433920000Hz_IQ.wav", NULL, false, 0, 433.92e6, "" },
        { "SDRSharp_20260102_250405Z_1Hz_IQ.wav", NULL, false, 0, 1, "" },
        { "", NULL, false, 0, NAN, "" },
        { ".", NULL, false, 0, NAN, "" },
        { "...", NULL, false, 0, NAN, "" },
        { "433.92M_1000k", NULL, false, 0, NAN, "" },
        { "no_ending_cu8", NULL, false, 0, NAN, "" },
        { "x.txt", NULL, false, 0, NAN, "" },
        { "x.cu8/", NULL, false, 0, NAN, "" },
        { "x.cu8.zip", NULL, false, 0, NAN, "" },
        { "x_0M_0k.cu8", "cu8", true, 0, NAN, "" },
        { "x_-5M_+3k.cu8", "cu8", true, 0, NAN, "" },
        { "x_1e9M_nank.cu8", "cu8", true, 0, NAN, "" },
        { "x_.5M.cu8", "cu8", true, 0, NAN, "" },
        { "x_1.2.3M.cu8", "cu8", true, 0, NAN, "" },
        { "x_9999999999999999999M.cu8", "cu8", true, 0, NAN, "" },
        { "x_999999999999999G.cu8", "cu8", true, 0, NAN, "" },
        { "x_5Q_7m8.cu8", "cu8", true, 0, NAN, "" },
        { "_______________________________________________1k.cu8", "cu8", true, 0, NAN, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_name_facts facts;
        svi_name_facts_read(&facts, svi_bytes_of(rows[i].name));
        print_message("%s\n", rows[i].name);
        assert_int_equal(facts.samples, rows[i].samples);
        assert_string_equal(facts.datatype ? facts.datatype->name : "none", rows[i].datatype ? rows[i].datatype : "none");
        check_near(facts.sample_rate_hz, rows[i].rate_hz, 1e-6);
        if (isnan(rows[i].center_hz))
            assert_true(isnan(facts.center_frequency_hz));
        else
            check_near(facts.center_frequency_hz, rows[i].center_hz, 1e-6);
        assert_string_equal(facts.start_time, rows[i].start);
    }
}

static void any_byte_is_fine(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 'x', 0, '_', '5', 'M', 0xFF, '_', '7', 'k', '.', 'c', 'u', '8' };
    struct svi_name_facts facts;
    svi_name_facts_read(&facts, (struct svi_bytes){ bytes, sizeof bytes });
    assert_string_equal(facts.datatype->name, "cu8");
    assert_true(facts.sample_rate_hz == 7e3);
    assert_true(isnan(facts.center_frequency_hz));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_say_what_their_programs_meant),
        cmocka_unit_test(any_byte_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
