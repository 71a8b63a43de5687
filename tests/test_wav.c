/* test_wav - WAV files as bytes: every kind of header, what an interrupted recording leaves, and what is refused. */
#include "capture/wav.h"

#include <math.h>

#include "check.h"

enum { ROOM = 4096 };

/* A file in the making. */
struct draft {
    uint8_t at[ROOM];
    size_t count;
};

static void add(struct draft *draft, const void *bytes, size_t count)
{
    assert_true(draft->count + count <= ROOM);
    memcpy(draft->at + draft->count, bytes, count);
    draft->count += count;
}

static void add_number(struct draft *draft, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        add(draft, &(uint8_t){ (uint8_t)(value >> (8 * i)) }, 1);
}

static void begin(struct draft *draft, const char *kind)
{
    draft->count = 0;
    add(draft, kind, 4);
    add_number(draft, 0xFFFFFFFF, 4); /* nobody looks at it */
    add(draft, "WAVE", 4);
}

static void add_chunk(struct draft *draft, const char *id, uint32_t size)
{
    add(draft, id, 4);
    add_number(draft, size, 4);
}

struct format {
    unsigned tag, channels, rate_hz, frame_bytes, bits;
};

static void add_format(struct draft *draft, struct format format)
{
    add_chunk(draft, "fmt ", 16);
    add_number(draft, format.tag, 2);
    add_number(draft, format.channels, 2);
    add_number(draft, format.rate_hz, 4);
    add_number(draft, (uint64_t)format.rate_hz * format.frame_bytes, 4);
    add_number(draft, format.frame_bytes, 2);
    add_number(draft, format.bits, 2);
}

static const struct format stereo16 = { 1, 2, 48000, 4, 16 };

static bool parse(struct svi_wav *wav, const struct draft *draft, struct svi_error *err)
{
    /* A copy of the very size, so that a sanitizer sees a read behind the end. */
    uint8_t *exact = malloc(draft->count + 1);
    assert_non_null(exact);
    memcpy(exact, draft->at, draft->count);
    *err = (struct svi_error){ 0 };
    bool ok = svi_wav_parse(wav, (struct svi_bytes){ exact, draft->count }, "a.wav", err);
    free(exact);
    return ok;
}

static void check_refusal(const struct draft *draft, const char *says)
{
    struct svi_wav wav;
    struct svi_error err;
    if (parse(&wav, draft, &err))
        fail_msg("what should be refused with \"%s\" was read", says);
    assert_int_equal(err.status, SVI_BAD_RECORDING);
    check_has(err.message, "a.wav");
    check_has(err.message, says);
}

static void formats_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        struct format format;
        const char *says; /* NULL: it is read */
    } rows[] = {
        { { 1, 1, 8000, 1, 8 }, NULL },
        { { 1, 2, 8000, 4, 16 }, NULL },
        { { 1, 2, 8000, 6, 24 }, NULL },
        { { 1, 3, 8000, 12, 32 }, NULL },
        { { 3, 2, 8000, 8, 32 }, NULL },
        { { 3, 1, 4294967295, 8, 64 }, NULL },
        { { 1, 256, 8000, 512, 16 }, NULL },
        { { 1, 0, 8000, 0, 16 }, "has 0 channels" },
        { { 1, 257, 8000, 514, 16 }, "has 257 channels" },
        { { 1, 65535, 8000, 4, 16 }, "has 65535 channels" },
        { { 1, 2, 0, 4, 16 }, "0 samples a second" },
        { { 1, 2, 8000, 0, 16 }, "the format says 0" },
        { { 1, 2, 8000, 8, 24 }, "take 6 bytes, but the format says 8" },
        { { 1, 2, 8000, 4, 12 }, "PCM numbers of 12 bits" },
        { { 1, 2, 8000, 0, 0 }, "PCM numbers of 0 bits" },
        { { 1, 2, 8000, 16, 64 }, "PCM numbers of 64 bits" },
        { { 1, 2, 8000, 4, 65535 }, "PCM numbers of 65535 bits" },
        { { 3, 2, 8000, 4, 16 }, "float numbers of 16 bits" },
        { { 3, 2, 8000, 6, 24 }, "float numbers of 24 bits" },
        { { 2, 2, 8000, 4, 16 }, "format tag 2, ADPCM" },
        { { 6, 1, 8000, 1, 8 }, "format tag 6, A-law" },
        { { 7, 1, 8000, 1, 8 }, "law" },
        { { 0x55, 2, 8000, 1, 0 }, "format tag 85, MP3" },
        { { 0, 2, 8000, 4, 16 }, "format tag 0)" },
        { { 0xFFFE, 2, 8000, 4, 16 }, "\"fmt \" at byte 12 has 16 bytes; it must have 40" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct draft draft;
        struct svi_wav wav;
        struct svi_error err;
        begin(&draft, "RIFF");
        add_format(&draft, rows[i].format);
        add_chunk(&draft, "data", 8);
        add_number(&draft, 0x0807060504030201, 8);
        if (rows[i].says) {
            check_refusal(&draft, rows[i].says);
            continue;
        }
        check_ok(parse(&wav, &draft, &err), err);
        assert_int_equal(wav.channels, rows[i].format.channels);
        assert_int_equal(wav.sample_rate_hz, rows[i].format.rate_hz);
        assert_int_equal(wav.number_bits, rows[i].format.bits);
        assert_int_equal(wav.floating, rows[i].format.tag == 3);
        assert_int_equal(wav.first_byte, 44);
        assert_int_equal(wav.byte_count, 8);
        assert_int_equal(wav.warnings.count, 0);
    }
}

static void sizes_that_lie_are_survived(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        uint32_t size;      /* of the chunk data, which has 20 bytes */
        uint64_t long_size; /* by ds64 */
        uint64_t bytes;
        const char *warning;
    } rows[] = {
        { "RIFF", 20, 0, 20, NULL },
        { "RIFF", 8, 0, 8, NULL },
        { "RIFF", 24, 0, 20, "says that it has 24 bytes of samples, but only 20" },
        { "RIFF", 0x7FFFFFFF, 0, 20, "but only 20" },
        { "RIFF", 0xFFFFFFFE, 0, 20, "but only 20" },
        { "RIFF", 0, 0, 20, "as if the recording was cut off; all 20" },
        { "RIFF", 0xFFFFFFFF, 0, 20, "as if the recording was cut off; all 20" },
        { "RF64", 0xFFFFFFFF, 20, 20, NULL },
        { "BW64", 0xFFFFFFFF, 12, 12, NULL },
        { "RF64", 16, 999, 16, NULL },
        { "RF64", 0xFFFFFFFF, 5000000000, 20, "says that it has 5000000000 bytes of samples, but only 20" },
        { "RF64", 0xFFFFFFFF, UINT64_MAX, 20, "but only 20" },
        { "RF64", 0xFFFFFFFF, 0, 20, "cut off" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct draft draft;
        struct svi_wav wav;
        struct svi_error err;
        begin(&draft, rows[i].kind);
        if (rows[i].kind[0] != 'R' || rows[i].kind[1] == 'F') {
            add_chunk(&draft, "ds64", 28);
            add_number(&draft, 0, 8);
            add_number(&draft, rows[i].long_size, 8);
            add_number(&draft, 0, 8);
            add_number(&draft, 0, 4);
        }
        add_format(&draft, stereo16);
        add_chunk(&draft, "data", rows[i].size);
        add(&draft, "01234567890123456789", 20);
        check_ok(parse(&wav, &draft, &err), err);
        assert_int_equal(wav.byte_count, rows[i].bytes);
        assert_int_equal(wav.warnings.count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(wav.warnings.text[0], rows[i].warning);
    }
}

static void broken_files_are_refused(void **state)
{
    (void)state;
    struct draft draft;
    begin(&draft, "RIFF");
    check_refusal(&draft, "no chunk \"fmt \"");
    add_format(&draft, stereo16);
    check_refusal(&draft, "its chunk \"data\" is missing");
    add_chunk(&draft, "data", 0);
    check_refusal(&draft, "its chunk \"data\" is empty");

    begin(&draft, "RIFF");
    add_chunk(&draft, "data", 4);
    add(&draft, "abcd", 4);
    check_refusal(&draft, "no chunk \"fmt \"");

    begin(&draft, "RIFF");
    add_format(&draft, stereo16);
    add_format(&draft, stereo16);
    check_refusal(&draft, "a second chunk \"fmt \" at byte 36");

    begin(&draft, "RIFF");
    add_chunk(&draft, "fmt ", 14);
    add(&draft, "01234567890123", 14);
    check_refusal(&draft, "has 14 bytes; it must have 16");

    begin(&draft, "RIFF");
    add_chunk(&draft, "LIST", 4000000000);
    add_number(&draft, 0, 8);
    check_refusal(&draft, "ends inside the chunk at byte 12, before any samples: it needs 4000000000 bytes, 8 are there");

    begin(&draft, "RF64");
    add_chunk(&draft, "ds64", 8);
    add_number(&draft, 0, 8);
    check_refusal(&draft, "\"ds64\" at byte 12 has 8 bytes; it must have 16");

    begin(&draft, "RIFX");
    check_refusal(&draft, "big-endian WAV file (RIFX)");
    begin(&draft, "FORM");
    check_refusal(&draft, "is no WAV file");
    begin(&draft, "RIFF");
    draft.at[8] = 'A';
    check_refusal(&draft, "is no WAV file");
    draft.count = 0;
    check_refusal(&draft, "is no WAV file");
}

static void add_extensible(struct draft *draft, unsigned tag, uint8_t guid_end)
{
    static const uint8_t guid[] = { 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B };
    add_format(draft, (struct format){ 0xFFFE, 2, 96000, 8, 32 });
    draft->at[draft->count - 20] = 40;
    add_number(draft, 22, 2);
    add_number(draft, 32, 2);
    add_number(draft, 3, 4);
    add_number(draft, tag, 2);
    add(draft, guid, sizeof guid);
    add(draft, &guid_end, 1);
    add_chunk(draft, "data", 8);
    add_number(draft, 1, 8);
}

static void extensible_formats_say_their_tag_later(void **state)
{
    (void)state;
    struct draft draft;
    struct svi_wav wav;
    struct svi_error err;
    begin(&draft, "RIFF");
    add_extensible(&draft, 3, 0x71);
    check_ok(parse(&wav, &draft, &err), err);
    assert_true(wav.floating);
    begin(&draft, "RIFF");
    add_extensible(&draft, 1, 0x71);
    check_ok(parse(&wav, &draft, &err), err);
    assert_false(wav.floating);
    begin(&draft, "RIFF");
    add_extensible(&draft, 6, 0x71);
    check_refusal(&draft, "A-law");
    begin(&draft, "RIFF");
    add_extensible(&draft, 1, 0x72);
    check_refusal(&draft, "GUID");
}

static void add_auxi(struct draft *draft, uint32_t center_hz)
{
    static const unsigned start[] = { 2026, 1, 5, 2, 3, 4, 5, 678 };
    add_chunk(draft, "auxi", 36);
    for (size_t i = 0; i < ROWS(start); i++)
        add_number(draft, start[i], 2);
    add_number(draft, 0, 8);
    add_number(draft, 0, 8);
    add_number(draft, center_hz, 4);
}

static void auxi_says_when_and_where(void **state)
{
    (void)state;
    for (int behind = 0; behind < 2; behind++) {
        struct draft draft;
        struct svi_wav wav;
        struct svi_error err;
        begin(&draft, "RIFF");
        add_format(&draft, stereo16);
        if (!behind)
            add_auxi(&draft, 433920000);
        add_chunk(&draft, "data", 5); /* an odd size, and the byte that makes it even */
        add(&draft, "012345", 6);
        if (behind)
            add_auxi(&draft, 433920000);
        check_ok(parse(&wav, &draft, &err), err);
        assert_true(wav.center_frequency_hz == 433920000);
        assert_string_equal(wav.start_time, "2026-01-02T03:04:05.678Z");
    }
    struct draft draft;
    struct svi_wav wav;
    struct svi_error err;
    begin(&draft, "RIFF");
    add_format(&draft, stereo16);
    add_auxi(&draft, 0);
    draft.at[draft.count - 36 + 2] = 13; /* a month that there is not */
    add_chunk(&draft, "data", 4);
    add(&draft, "0123", 4);
    check_ok(parse(&wav, &draft, &err), err);
    assert_true(isnan(wav.center_frequency_hz));
    assert_string_equal(wav.start_time, "");
}

static void every_cut_is_survived(void **state)
{
    (void)state;
    struct draft draft;
    begin(&draft, "RIFF");
    add_format(&draft, stereo16);
    add_auxi(&draft, 1000);
    add_chunk(&draft, "data", 8);
    add_number(&draft, 1, 8);
    size_t whole = draft.count;
    for (draft.count = 0; draft.count < whole; draft.count++) {
        struct svi_wav wav;
        struct svi_error err;
        if (parse(&wav, &draft, &err))
            assert_true(draft.count > whole - 8 && wav.byte_count == draft.count - (whole - 8) && wav.warnings.count == 1);
        else
            assert_true(draft.count <= whole - 8 && err.message[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_read_or_refused), cmocka_unit_test(sizes_that_lie_are_survived),
        cmocka_unit_test(broken_files_are_refused),    cmocka_unit_test(extensible_formats_say_their_tag_later),
        cmocka_unit_test(auxi_says_when_and_where),    cmocka_unit_test(every_cut_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
