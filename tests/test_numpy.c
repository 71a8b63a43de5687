/* test_numpy - headers of NumPy arrays: what is understood, and the reason where one is refused. */
#include "capture/numpy.h"

#include "check.h"

enum { ROOM = 1 << 16 };

/* A version 1.0 file with this header, and this many bytes behind it. */
static struct svi_bytes file_of(uint8_t room[ROOM], const char *header, size_t body)
{
    size_t length = strlen(header);
    memcpy(room, "\x93NUMPY\x01\x00", 8);
    room[8] = (uint8_t)length;
    room[9] = (uint8_t)(length >> 8);
    memcpy(room + 10, header, length);
    memset(room + 10 + length, 0x55, body);
    return (struct svi_bytes){ room, 10 + length + body };
}

#define ARRAY(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }\n"
#define PLAIN(descr, shape)        ARRAY("'" descr "'", "False", shape)

static void headers_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t body;
        const char *datatype;
        uint64_t samples, bytes;
        const char *warning;
    } rows[] = {
        { PLAIN("<c8", "(4,)"), 32, "cf32_le", 4, 32, NULL },
        { PLAIN(">c16", "(2,)"), 32, "cf64_be", 2, 32, NULL },
        { PLAIN("<f4", "(8,)"), 32, "rf32_le", 8, 32, NULL },
        { PLAIN("<f8", "(2, 2)"), 32, "cf64_le", 2, 32, NULL },
        { PLAIN("|i1", "(16, 2)"), 32, "ci8", 16, 32, NULL },
        { PLAIN("|u1", "(32,)"), 32, "ru8", 32, 32, NULL },
        { PLAIN(">i2", "(8,2)"), 32, "ci16_be", 8, 32, NULL },
        { PLAIN("<u4", "(8,)"), 32, "ru32_le", 8, 32, NULL },
        { PLAIN("<c8", "(4,)"), 31, "cf32_le", 4, 31, "ends before its array does: 31 of 32" },
        { PLAIN("<c8", "(4,)"), 40, "cf32_le", 4, 32, "has 8 bytes behind its array" },
        { PLAIN("<c8", "(1000000000000,)"), 40, "cf32_le", 1000000000000, 40, "40 of 8000000000000" },
        { ARRAY("'<c8'", "True", "(4,)"), 32, "cf32_le", 4, 32, NULL },
        { ARRAY("\"<i2\"", "True", "(1, 2)"), 4, "ci16_le", 1, 4, NULL },
        { "{'shape': (4,), 'descr': '<c8', 'fortran_order': False}", 32, "cf32_le", 4, 32, NULL },
    };
    static uint8_t room[ROOM];
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_numpy numpy;
        struct svi_error err = { 0 };
        check_ok(svi_numpy_parse(&numpy, file_of(room, rows[i].header, rows[i].body), "a.npy", &err), err);
        assert_string_equal(numpy.datatype->name, rows[i].datatype);
        assert_int_equal(numpy.sample_count, rows[i].samples);
        assert_int_equal(numpy.byte_count, rows[i].bytes);
        assert_int_equal(numpy.first_byte, 10 + strlen(rows[i].header));
        assert_int_equal(numpy.warnings.count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(numpy.warnings.text[0], rows[i].warning);
    }
}

static void check_refusal(struct svi_bytes bytes, const char *says)
{
    struct svi_numpy numpy;
    struct svi_error err = { 0 };
    /* A copy of the very size, so that a sanitizer sees a read behind the end. */
    uint8_t *exact = malloc(bytes.count + 1);
    assert_non_null(exact);
    memcpy(exact, bytes.at, bytes.count);
    if (svi_numpy_parse(&numpy, (struct svi_bytes){ exact, bytes.count }, "a.npy", &err))
        fail_msg("what should be refused with \"%s\" was read", says);
    free(exact);
    assert_int_equal(err.status, SVI_BAD_RECORDING);
    check_has(err.message, "a.npy");
    check_has(err.message, says);
    assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
}

static void other_headers_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *header, *says;
    } rows[] = {
        { "", "no dictionary" },
        { "[]", "no dictionary" },
        { "{", "a text in quotes is missing" },
        { "{}", "lacks one of" },
        { "{'descr': '<c8'}", "lacks one of" },
        { "{'descr': '<c8', 'fortran_order': False}", "lacks one of" },
        { "{'descr'", "a colon is missing" },
        { "{'descr':", "a text in quotes is missing" },
        { "{'descr': '<c8", "does not end, or is too long" },
        { "{'descr': '<cccccccccccccccccccccccccccc8'}", "does not end, or is too long" },
        { "{'descr': <c8}", "a text in quotes is missing" },
        { "{'descr': '<c8' 'shape': (4,)}", "it does not end" },
        { "{'colour': 'red'}", "a key that NumPy does not write" },
        { ARRAY("[('i', '<i2'), ('q', '<i2')]", "False", "(4,)"), "named fields" },
        { ARRAY("'<c8'", "Maybe", "(4,)"), "neither True nor False" },
        { ARRAY("'<c8'", "0", "(4,)"), "neither True nor False" },
        { PLAIN("<c8", "4"), "no tuple" },
        { PLAIN("<c8", "[4]"), "no tuple" },
        { PLAIN("<c8", "(-4,)"), "no whole number from 0" },
        { PLAIN("<c8", "(4.5,)"), "no tuple" },
        { PLAIN("<c8", "(,)"), "no whole number from 0" },
        { PLAIN("<c8", "(4 5)"), "no tuple" },
        { PLAIN("<c8", "(4"), "no whole number from 0" },
        { PLAIN("<c8", "(99999999999999999999999,)"), "too large" },
        { PLAIN("<c8", "(18446744073709551615,)"), "larger than any file" },
        { PLAIN("<c8", "(1,1,1,1,1,1,1,1,1)"), "too many dimensions" },
        { PLAIN("<c8", "()"), "has 0 dimensions" },
        { PLAIN("<c8", "(4, 2)"), "has 2 dimensions" },
        { PLAIN("<c8", "(4, 4, 4)"), "has 3 dimensions" },
        { PLAIN("<f4", "(4, 3)"), "has 2 dimensions" },
        { PLAIN("<f4", "(2, 400)"), "transpose it" },
        { PLAIN("<c8", "(0,)"), "the array is empty" },
        { ARRAY("'<i2'", "True", "(4, 2)"), "Fortran order" },
        { PLAIN("<f2", "(4,)"), "type \"<f2\" cannot be read" },
        { PLAIN("<i8", "(4,)"), "type \"<i8\" cannot be read" },
        { PLAIN("|b1", "(4,)"), "type \"|b1\" cannot be read" },
        { PLAIN("|O", "(4,)"), "type \"|O\" cannot be read" },
        { PLAIN("|i2", "(4,)"), "type \"|i2\" cannot be read" },
        { PLAIN("<i1", "(4,)"), "type \"<i1\" cannot be read" },
        { PLAIN("<U8", "(4,)"), "cannot be read" },
        { PLAIN("", "(4,)"), "type \"\" cannot be read" },
        { PLAIN("\x1B[31m", "(4,)"), "cannot be read" },
        { PLAIN("c8", "(4,)"), "type \"c8\" cannot be read" },
    };
    static uint8_t room[ROOM];
    for (size_t i = 0; i < ROWS(rows); i++)
        check_refusal(file_of(room, rows[i].header, 64), rows[i].says);
}

static void every_cut_is_survived(void **state)
{
    (void)state;
    static uint8_t room[ROOM];
    struct svi_bytes whole = file_of(room, PLAIN("<c8", "(4,)"), 0);
    for (size_t count = 0; count < whole.count; count++)
        check_refusal((struct svi_bytes){ room, count }, "a.npy");
    room[6] = 9;
    check_refusal(whole, "version 9.0");
    room[6] = 2; /* four bytes of length, of which two are text */
    check_refusal(whole, "longer than any that NumPy writes");
    room[0] = 'x';
    check_refusal(whole, "no NumPy array file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_understood),
        cmocka_unit_test(other_headers_are_refused_with_the_reason),
        cmocka_unit_test(every_cut_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
