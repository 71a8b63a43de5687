/* test_plausibility - no legitimate signal is doubted, in any datatype at any level; what was written as one type and is read as
 * another is, and the right one is named. */
#include "capture/plausibility.h"

#include "base/file.h"

#include <math.h>

#include "check.h"
#include "dice.h"

/* Of each type so many samples are judged that no rule has too few; of those of one byte the most. */
enum { BYTES = 17 << 10, SAMPLES = BYTES };

static const double turn = 6.28318530717958647692;

static double normal(struct dice *dice)
{
    return sqrt(-2 * log(1 - dice_share(dice))) * cos(turn * dice_share(dice));
}

/* Signals as receivers, transmitters and test benches make them; amplitude 1 is their usual peak. */
enum signal {
    NOISE,
    TONE,
    SLOW_TONE,
    QUARTER_TONE,
    HALF_TONE,
    TONE_IN_NOISE,
    QPSK,
    BPSK_IN_NOISE,
    QPSK_IN_NOISE,
    Q_IS_ZERO,
    Q_IS_WEAK,
    OFFSET,
    CHIRP,
    BURST,
    SQUARE,
    RAMP,
    EVEN,
    COARSE,
    AM,
    SIGNALS
};

static const char *const signal_names[] = { "noise",         "tone",          "slow tone", "tone at a quarter",
                                            "tone at half",  "tone in noise", "QPSK",      "BPSK in noise",
                                            "QPSK in noise", "Q is 0",        "Q is weak", "offset",
                                            "chirp",         "burst",         "square",    "ramp",
                                            "even",          "coarse",        "AM" };

static void make_sample(double out[2], enum signal signal, size_t i, struct dice *dice)
{
    const double n = (double)i, sign_i = (double)((i / 4 * 2654435761u >> 13 & 1) * 2) - 1,
                 sign_q = (double)((i / 4 * 2246822519u >> 15 & 1) * 2) - 1;
    const double noise_i = normal(dice) / 3, noise_q = normal(dice) / 3;
    const double rates[] = { [TONE] = 0.1234567, [SLOW_TONE] = 0.00031, [QUARTER_TONE] = 0.25, [HALF_TONE] = 0.5 };
    out[0] = noise_i;
    out[1] = noise_q;
    switch (signal) {
    case TONE:
    case SLOW_TONE:
    case QUARTER_TONE:
    case HALF_TONE:
        out[0] = cos(turn * rates[signal] * n);
        out[1] = sin(turn * rates[signal] * n);
        break;
    case TONE_IN_NOISE:
        out[0] = 0.7 * cos(turn * 0.1234567 * n) + 0.1 * noise_i;
        out[1] = 0.7 * sin(turn * 0.1234567 * n) + 0.1 * noise_q;
        break;
    case QPSK:
        out[0] = sign_i;
        out[1] = sign_q;
        break;
    case BPSK_IN_NOISE:
        out[0] = 0.9 * sign_i + 0.1 * noise_i;
        out[1] = 0.1 * noise_q;
        break;
    case QPSK_IN_NOISE:
        out[0] = 0.95 * sign_i + 0.1 * noise_i;
        out[1] = 0.95 * sign_q + 0.1 * noise_q;
        break;
    case Q_IS_ZERO:
        out[1] = 0;
        break;
    case Q_IS_WEAK:
        out[1] *= 0.02;
        break;
    case OFFSET:
        out[0] = 0.5 + 0.05 * noise_i;
        out[1] = 0.4 + 0.05 * noise_q;
        break;
    case CHIRP:
        out[0] = cos(turn * 1e-5 * n * n);
        out[1] = sin(turn * 1e-5 * n * n);
        break;
    case BURST:
        out[0] *= i % 4096 < 512;
        out[1] *= i % 4096 < 512;
        break;
    case SQUARE:
        out[0] = i / 7 % 2 ? 1 : -1;
        out[1] = i / 11 % 2 ? 1 : -1;
        break;
    case RAMP:
        out[0] = (double)(i % 1000) / 500 - 1;
        out[1] = (double)(i % 777) / 388.5 - 1;
        break;
    case EVEN:
        out[0] = 2 * dice_share(dice) - 1;
        out[1] = 2 * dice_share(dice) - 1;
        break;
    case COARSE: /* eight bits, or less, in whatever the type has */
        out[0] = floor(128 * noise_i) / 128;
        out[1] = floor(128 * noise_q) / 128;
        break;
    case AM:
        out[0] = (1 + 0.8 * cos(turn * 0.001 * n)) * cos(turn * 0.05 * n) / 1.8;
        out[1] = (1 + 0.8 * cos(turn * 0.001 * n)) * sin(turn * 0.05 * n) / 1.8;
        break;
    case NOISE:
    case SIGNALS:
        break;
    }
}

static double signals_made[SIGNALS][SAMPLES][2];

static int make_signals(void **state)
{
    (void)state;
    for (enum signal signal = 0; signal < SIGNALS; signal++) {
        struct dice dice = { 20260102 };
        for (size_t i = 0; i < SAMPLES; i++)
            make_sample(signals_made[signal][i], signal, i, &dice);
    }
    return 0;
}

static struct svi_bytes make(uint8_t *room, const struct svi_datatype *datatype, enum signal signal, double level)
{
    uint8_t *at = room;
    for (size_t i = 0; i < BYTES / svi_datatype_bytes(datatype); i++)
        for (unsigned part = 0; part < datatype->parts; part++, at += datatype->part_bytes)
            svi_datatype_store(datatype, level * signals_made[signal][i][part], at);
    return (struct svi_bytes){ room, (size_t)(at - room) };
}

static void legitimate_signals_are_not_doubted(void **state)
{
    (void)state;
    static const double levels[] = { 3, 1, 0.77, 0.5, 0.25, 0.03, 1e-3, 1e-5, 0 };
    uint8_t *room = malloc(BYTES);
    assert_non_null(room);
    size_t doubted = 0;
    for (const struct svi_datatype *datatype = svi_datatypes; datatype->name; datatype++)
        for (size_t level = 0; level < ROWS(levels); level++)
            for (enum signal signal = 0; signal < SIGNALS; signal++) {
                struct svi_plausibility out;
                svi_plausibility_of(&out, make(room, datatype, signal, levels[level]), datatype);
                if (strcmp(out.verdict, "plausible") != 0 || out.sentence[0] || out.likelier) {
                    print_error("%s, level %g: %s, %s\n", signal_names[signal], levels[level], out.verdict, out.sentence);
                    doubted++;
                }
            }
    free(room);
    assert_int_equal(doubted, 0);
}

static void a_wrong_datatype_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *written, *read, *verdict;
    } rows[] = {
        { "cf32_le", "cf32_be", "absurd_floats" },
        { "cf32_be", "cf32_le", "absurd_floats" },
        { "cf64_le", "cf64_be", "absurd_floats" },
        { "cf64_le", "cf32_le", "absurd_floats" },
        { "cf32_le", "cf64_le", NULL },
        { "rf32_le", "rf64_le", NULL },
        { "ci16_le", "cf32_le", "absurd_floats" },
        { "ci16_be", "cf32_le", "absurd_floats" },
        { "ci8", "cf32_le", "absurd_floats" },
        { "cu8", "cf32_le", "absurd_floats" },
        { "ri16_le", "rf32_le", "absurd_floats" },
        { "cf32_le", "ci16_le", "integers_like_floats" },
        { "cf32_le", "cu8", "integers_like_floats" },
        { "cf32_le", "ci8", "integers_like_floats" },
        { "cf32_le", "ci32_le", "integers_like_floats" },
        { "cf64_le", "ci16_le", "integers_like_floats" },
        { "cf32_be", "ci16_le", "integers_like_floats" },
        { "rf32_le", "ri16_le", "integers_like_floats" },
        { "ci16_be", "ci16_le", "swapped_bytes" },
        { "ci16_le", "ci16_be", "swapped_bytes" },
        { "ri16_be", "ri16_le", "swapped_bytes" },
        { "cu8", "ci8", "wrong_sign" },
        { "ci8", "cu8", "wrong_sign" },
        { "cu16_le", "ci16_le", "wrong_sign" },
        { "ci8", "ci16_le", "numbers_of_halves" },
        { "cu8", "ci16_le", "numbers_of_halves" },
        { "ci16_le", "ci8", "halves_of_numbers" },
        { "ci16_le", "cu8", "halves_of_numbers" },
        { "ci16_le", "ci32_le", "numbers_of_halves" },
    };
    static const struct {
        enum signal signal;
        double level;
    } signals[] = { { NOISE, 0.1 }, { TONE_IN_NOISE, 0.1 }, { NOISE, 0.05 } };
    uint8_t *room = malloc(BYTES);
    assert_non_null(room);
    size_t missed = 0;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t k = 0; k < ROWS(signals); k++) {
            struct svi_plausibility out;
            const struct svi_datatype *written = svi_datatype_find(rows[i].written);
            svi_plausibility_of(&out, make(room, written, signals[k].signal, signals[k].level), svi_datatype_find(rows[i].read));
            if ((rows[i].verdict ? strcmp(out.verdict, rows[i].verdict) != 0 : !out.sentence[0]) || out.likelier != written) {
                print_error("%s as %s, %s at %g: %s, %s\n", rows[i].written, rows[i].read, signal_names[signals[k].signal],
                            signals[k].level, out.verdict, out.sentence);
                missed++;
            }
        }
    free(room);
    assert_int_equal(missed, 0);
}

/* Audio and the like fill the range: the byte order shows in how smooth they are. */
static void smooth_signals_tell_the_byte_order(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "ci16_le", "ci16_be" }, { "ri16_be", "ri16_le" }, { "cu16_le", "cu16_be" }, { "ri32_le", "ri32_be" }
    };
    uint8_t *room = malloc(BYTES);
    assert_non_null(room);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_plausibility out;
        svi_plausibility_of(&out, make(room, svi_datatype_find(rows[i][0]), SLOW_TONE, 0.9), svi_datatype_find(rows[i][1]));
        assert_string_equal(out.verdict, "swapped_bytes");
        assert_string_equal(out.likelier->name, rows[i][0]);
    }
    free(room);
}

static void whole_floats_are_told_apart(void **state)
{
    (void)state;
    float numbers[SAMPLES];
    struct dice dice = { 5 };
    struct svi_plausibility out;
    for (size_t i = 0; i < SAMPLES; i++)
        numbers[i] = (float)dice_below(&dice, 4001) - 2000;
    const struct svi_bytes bytes = { (const uint8_t *)numbers, sizeof numbers };
    svi_plausibility_of(&out, bytes, svi_datatype_find("cf32_le"));
    assert_string_equal(out.verdict, "whole_floats");
    assert_null(out.likelier);
    check_has(out.sentence, "read as cf32_le, are whole numbers");
    numbers[SAMPLES / 2] = 0.5;
    svi_plausibility_of(&out, bytes, svi_datatype_find("cf32_le"));
    assert_string_equal(out.verdict, "plausible");
}

/* Bytes of any kind, of any length, are judged; sentences are whole. */
static void any_bytes_are_judged(void **state)
{
    (void)state;
    enum { MOST = 24000, ROUNDS = 60 };
    struct dice dice = { 7 };
    uint8_t *room = malloc(MOST);
    assert_non_null(room);
    for (int round = 0; round < ROUNDS; round++) {
        struct svi_plausibility out;
        const size_t count = round % 3 ? dice_below(&dice, MOST) : dice_below(&dice, 40);
        const uint32_t limit = round % 5 ? 256 : 1 + dice_below(&dice, 256);
        uint8_t *exact = room + MOST - count;
        for (size_t i = 0; i < count; i++)
            exact[i] = (uint8_t)dice_below(&dice, limit);
        for (const struct svi_datatype *datatype = svi_datatypes; datatype->name; datatype++) {
            svi_plausibility_of(&out, (struct svi_bytes){ exact, count }, datatype);
            const size_t length = strlen(out.sentence);
            assert_true(length ? out.sentence[length - 1] == '.' && out.mark[0] : !out.mark[0] && !out.likelier);
        }
    }
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legitimate_signals_are_not_doubted),
        cmocka_unit_test(a_wrong_datatype_is_told),
        cmocka_unit_test(smooth_signals_tell_the_byte_order),
        cmocka_unit_test(whole_floats_are_told_apart),
        cmocka_unit_test(any_bytes_are_judged),
    };
    return cmocka_run_group_tests(tests, make_signals, NULL);
}
