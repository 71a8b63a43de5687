/* test_frame_text - power as text: every length of a frame as base64 (RFC 4648), values against
 * double precision, bounds, and what is not finite. As on a CPU and as on a GPU. */
#include "device/frame_text.h"

#include <float.h>
#include <math.h>

#include "check.h"
#include "with_device.h"

enum { FRAMES = 3, MOST_BINS = 1030 };

/* Some of everything: nothing, next to nothing, 1, its neighbours, the largest float, and powers of ten with odd digits. */
static float made_up_power(uint32_t number)
{
    static const float special[] = { 0, FLT_MIN, 1e-12f, 1, 1.0000001f, 0.99999994f, FLT_MAX, 1e-30f, 2, 0.5f };
    if (number % 7 == 3)
        return special[number / 7 % ROWS(special)];
    return (float)((1 + (number * 2654435761u >> 8) % 1000003 / 1e6) * pow(10, (int)(number % 41) - 20));
}

static double expected_value(const struct svi_frame_text_request *request, float power)
{
    const double p = (double)power + 1e-12;
    return request->decibels ? 10 * log10(p) : fmin(fmax(p * request->gain, (double)FLT_MIN), (double)FLT_MAX);
}

/* By search: slow, and no code of the program's. */
static size_t decode(const char *text, size_t length, uint8_t *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = 0, pads = 0;
    assert_int_equal(length % 4, 0);
    for (size_t i = 0; i < length; i += 4) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *digit = text[i + k] == '\0' ? NULL : strchr(digits, text[i + k]);
            assert_true(digit ? !pads : text[i + k] == '=' && i + 4 == length && k >= 2);
            pads += !digit;
            bits = bits << 6 | (digit ? (uint32_t)(digit - digits) : 0);
        }
        assert_int_equal(bits & (pads == 2 ? 0xFFFF : pads ? 0xFF : 0), 0);
        for (size_t k = 0; k < 3 - pads; k++)
            bytes[count++] = (uint8_t)(bits >> (16 - 8 * k));
    }
    return count;
}

static void check_frame(const struct svi_frame_text_request *request, const struct svi_made_text *made, uint32_t frame,
                        const float *power)
{
    const uint32_t bins = request->bins;
    uint8_t bytes[4 * MOST_BINS + 3];
    float least, largest, low = INFINITY, high = 0;
    assert_int_equal(decode(made->at + frame * made->length, made->length, bytes), 4 * bins);
    for (uint32_t bin = 0; bin < bins; bin++) {
        float value;
        memcpy(&value, bytes + 4 * bin, sizeof value);
        const double want = expected_value(request, power[bin]);
        /* 1e-5 of power are 4.3e-5 dB. */
        const double tolerance = request->decibels ? 4.3e-5 : 1e-6 * fabs(want);
        if (!(fabs((double)value - want) <= tolerance) || value == 0)
            fail_msg("%u bins: power %.9g became %.9g, not %.9g", bins, (double)power[bin], (double)value, want);
        low = fminf(low, power[bin]);
        high = fmaxf(high, power[bin]);
    }
    assert_true(svi_made_text_bounds(made, frame, &least, &largest));
    assert_true(least == low && largest == high);
}

static void check_request(const struct svi_frame_text_request *request)
{
    struct svi_error err = { 0 };
    struct svi_frame_text *text;
    static float power[SVI_FRAME_TEXT_ROOMS + 1][FRAMES * MOST_BINS];
    check_ok(svi_frame_text_create(&text, device, request, &err), err);
    /* All rooms are filled before the first one is read, and then the first once more. */
    for (size_t turn = 0; turn < ROWS(power); turn++) {
        const size_t count = FRAMES * (size_t)request->bins;
        for (size_t i = 0; i < count; i++)
            power[turn][i] = made_up_power((uint32_t)(i + 977 * turn));
        cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, count * sizeof(cl_float), NULL, &err);
        check_ok(memory && svi_mem_write(device, memory, 0, power[turn], count * sizeof(cl_float), &err), err);
        check_ok(svi_frame_text_make(text, turn % SVI_FRAME_TEXT_ROOMS, memory, FRAMES, &err), err);
        svi_mem_release(memory);
    }
    for (size_t turn = 1; turn < ROWS(power); turn++) {
        struct svi_made_text made;
        check_ok(svi_frame_text_wait(text, turn % SVI_FRAME_TEXT_ROOMS, &made, &err), err);
        assert_int_equal(made.length, (4 * request->bins + 2) / 3 * 4);
        for (uint32_t frame = 0; frame < FRAMES; frame++)
            check_frame(request, &made, frame, power[turn] + (size_t)frame * request->bins);
    }
    svi_frame_text_destroy(text);
}

static void every_value_stands_in_the_text(void **state)
{
    (void)state;
    /* Around the 48 values of a step, and all ends of a text. */
    static const uint32_t lengths[] = { 1, 2, 3, 16, 17, 47, 48, 49, 50, 95, 96, 97, 98, 225, 1024, MOST_BINS };
    static const struct {
        bool decibels;
        double gain;
    } units[] = { { true, 1 }, { false, 1e-9 }, { false, 1e-60 }, { false, 1e40 }, { false, 3 } };
    for (size_t i = 0; i < ROWS(lengths); i++)
        for (size_t k = 0; k < ROWS(units); k++)
            check_request(&(struct svi_frame_text_request){ lengths[i], FRAMES, units[k].decibels, units[k].gain });
}

static void what_is_not_finite_is_told(void **state)
{
    (void)state;
    static const float odd[] = { INFINITY, NAN, -NAN };
    enum { BINS = 100 };
    struct svi_error err = { 0 };
    struct svi_frame_text *text;
    const struct svi_frame_text_request request = { BINS, 2, true, 1 };
    check_ok(svi_frame_text_create(&text, device, &request, &err), err);
    for (size_t i = 0; i < ROWS(odd); i++)
        for (uint32_t at = 0; at < BINS; at += 33) {
            float power[2 * BINS] = { 0 }, least, largest;
            power[at] = odd[i];
            cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, sizeof power, NULL, &err);
            struct svi_made_text made;
            check_ok(memory && svi_mem_write(device, memory, 0, power, sizeof power, &err), err);
            check_ok(svi_frame_text_make(text, 0, memory, 2, &err) && svi_frame_text_wait(text, 0, &made, &err), err);
            assert_false(svi_made_text_bounds(&made, 0, &least, &largest));
            assert_true(svi_made_text_bounds(&made, 1, &least, &largest) && least == 0 && largest == 0);
            svi_mem_release(memory);
        }
    svi_frame_text_destroy(text);
    svi_frame_text_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_stands_in_the_text),
        cmocka_unit_test(what_is_not_finite_is_told),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
