/* test_tar - headers made by hand: what is read of a tar, and what is refused. */
#include "capture/tar.h"

#include "check.h"

enum { BLOCK = 512 };

/* A tar that grows. */
struct made {
    uint8_t bytes[64 * BLOCK];
    size_t count;
};

static void seal(uint8_t *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
}

/* size: as it stands in the header, in octal; NULL: that of the data. */
static uint8_t *add(struct made *made, const char *name, char flag, const char *size, const void *data, size_t bytes)
{
    uint8_t *header = made->bytes + made->count;
    char usual[13];
    svi_format(usual, sizeof usual, "%011zo", bytes);
    assert_true(made->count + (bytes / BLOCK + 2) * BLOCK <= sizeof made->bytes);
    memcpy(header, name, strnlen(name, 100));
    memcpy(header + 124, size ? size : usual, strlen(size ? size : usual));
    header[156] = (uint8_t)flag;
    memcpy(header + 257, "ustar\00000", 8);
    seal(header);
    if (bytes)
        memcpy(header + BLOCK, data, bytes);
    made->count += BLOCK + (bytes + BLOCK - 1) / BLOCK * BLOCK;
    return header;
}

static void finish(struct made *made)
{
    made->count += 2 * BLOCK;
}

static bool walk(const struct made *made, struct svi_tar_member *members, size_t room, size_t *count, struct svi_error *err)
{
    /* Of the very size, so that a sanitizer sees a read behind the end. */
    uint8_t *exact = malloc(made->count ? made->count : 1);
    assert_non_null(exact);
    memcpy(exact, made->bytes, made->count);
    struct svi_tar tar = svi_tar_walk((struct svi_bytes){ exact, made->count }, "t.tar");
    bool ok = true, end = false;
    for (*count = 0; ok && !end && *count < room;) {
        ok = svi_tar_next(&tar, &members[*count], &end, err);
        *count += ok && !end;
    }
    free(exact);
    return ok;
}

static void members_lie_where_they_are_said_to(void **state)
{
    (void)state;
    static struct made made;
    static struct svi_tar_member members[8];
    struct svi_error err = { 0 };
    size_t count;
    char long_name[300];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    made = (struct made){ 0 };
    add(&made, "a/rec.cu8", '0', NULL, "0123456789", 10);
    add(&made, "folder/", '5', NULL, NULL, 0);
    add(&made, "exactly", '\0', NULL, made.bytes, BLOCK);
    memcpy(add(&made, "short", '7', NULL, "x", 1) + 345, "some/prefix", 11);
    seal(made.bytes + made.count - 2 * BLOCK);
    add(&made, "././@LongLink", 'L', NULL, long_name, sizeof long_name);
    add(&made, "cut", '0', NULL, "yz", 2);
    add(&made, "pax", 'x', NULL, "17 path=p/\xC3\xA9.wav\n9 size=3\n", 26);
    add(&made, "old", '0', "7", "abc", 3);
    add(&made, "global", 'g', NULL, "10 a=bcde\n", 10);
    add(&made, "link", '2', NULL, NULL, 0);
    finish(&made);
    check_ok(walk(&made, members, ROWS(members), &count, &err), err);
    assert_int_equal(count, 7);
    const struct {
        const char *name, *text;
        enum svi_tar_kind kind;
        size_t bytes;
    } rows[] = {
        { "a/rec.cu8", "0123456789", SVI_TAR_FILE, 10 },
        { "folder/", "", SVI_TAR_FOLDER, 0 },
        { "exactly", "a/rec.cu8", SVI_TAR_FILE, BLOCK },
        { "some/prefix/short", "x", SVI_TAR_FILE, 1 },
        { long_name, "yz", SVI_TAR_FILE, 2 },
        { "p/\xC3\xA9.wav", "abc", SVI_TAR_FILE, 3 },
        { "link", "", SVI_TAR_LINK, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_string_equal(members[i].name, rows[i].name);
        assert_int_equal(members[i].kind, rows[i].kind);
        assert_int_equal(members[i].byte_count, rows[i].bytes);
        assert_memory_equal(made.bytes + members[i].first_byte, rows[i].text, strlen(rows[i].text));
    }
    /* Without the two empty blocks at its end it is whole all the same. Cut anywhere else, what lies before the cut may be read. */
    size_t whole = made.count - 2 * BLOCK;
    for (size_t cut = 1; cut < whole; cut += 37) {
        struct svi_error why = { 0 };
        made.count = cut;
        bool at_a_member = walk(&made, members, ROWS(members), &count, &why);
        for (size_t i = 0; i < count; i++)
            assert_true(members[i].first_byte + members[i].byte_count <= cut);
        if (!at_a_member)
            check_has(why.message, "The archive t.tar is broken at byte ");
    }
    made.count = whole;
    check_ok(walk(&made, members, ROWS(members), &count, &err), err);
}

static void sizes_may_be_binary(void **state)
{
    (void)state;
    static struct made made;
    static struct svi_tar_member members[2];
    struct svi_error err = { 0 };
    size_t count;
    made = (struct made){ 0 };
    uint8_t *header = add(&made, "a", '0', NULL, "12345", 5);
    memcpy(header + 124, "\x80\0\0\0\0\0\0\0\0\0\0\5", 12);
    seal(header);
    finish(&made);
    check_ok(walk(&made, members, ROWS(members), &count, &err), err);
    assert_int_equal(members[0].byte_count, 5);
}

static void what_is_broken_is_refused(void **state)
{
    (void)state;
    static const struct {
        char flag;
        const char *size, *data;
        size_t bytes;
        const char *says;
    } rows[] = {
        { '0', "00000007777", "x", 1, "inside a file" },
        { '0', "77777777777", "x", 1, "inside a file" },
        { '0', "9", "x", 1, "no number" },
        { '0', "12x", "x", 1, "no number" },
        { '0', "-1", "x", 1, "no number" },
        { '0', "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "x", 1, "no number" },
        { '0', "\x80\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "x", 1, "no number" },
        { 'S', NULL, "x", 1, "holes" },
        { 'x', NULL, "path=a\n", 7, "pax" },
        { 'x', NULL, "99 path=a\n", 10, "pax" },
        { 'x', NULL, "9 path=ab", 9, "pax" },
        { 'x', NULL, "0 path=a\n", 9, "pax" },
        { 'x', NULL, "2 \n", 3, "pax" },
        { 'x', NULL, "18446744073709551617 path=a\n", 28, "pax" },
        { 'x', NULL, "8 path=\n", 8, "a name is empty" },
        { 'x', NULL, "11 path=a\0\x62\n", 12, "pax" },
        { 'x', NULL, "11 path=a\0b\n", 12, "pax" },
        { 'x', NULL, "12 path=a\0b\n", 12, "zero byte" },
        { 'x', NULL, "10 size=1x\n", 11, "pax" },
        { 'x', NULL, "11 size=1x\n", 11, "no number" },
        { 'x', NULL, "30 size=9999999999999999999999\n", 31, "pax" },
        { 'x', NULL, "31 size=9999999999999999999999\n", 31, "no number" },
        { 'x', NULL, "22 GNU.sparse.major=1\n", 22, "holes" },
        { 'x', NULL, "14 size=999999\n", 15, "pax" },
        { 'x', NULL, "15 size=999999\n", 15, "inside a file" },
        { 'L', NULL, "", 0, "long name" },
        { 'L', NULL, "\0\0", 2, "long name" },
        { 'L', NULL, "a\0b", 3, "long name" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        static struct made made;
        static struct svi_tar_member members[4];
        struct svi_error err = { 0 };
        size_t count;
        made = (struct made){ 0 };
        add(&made, "one", rows[i].flag, rows[i].size, rows[i].data, rows[i].bytes);
        add(&made, "two", '0', NULL, "x", 1);
        if (walk(&made, members, ROWS(members), &count, &err) || !strstr(err.message, rows[i].says))
            fail_msg("row %zu: %s", i, err.message);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
    }
    static struct made made;
    static struct svi_tar_member members[4];
    struct svi_error err = { 0 };
    size_t count;
    made = (struct made){ 0 };
    add(&made, "one", '0', NULL, "x", 1)[0] ^= 1;
    assert_false(svi_tar_begins((struct svi_bytes){ made.bytes, made.count }));
    assert_false(walk(&made, members, ROWS(members), &count, &err));
    check_has(err.message, "checksum");
    /* A name that its member never follows. */
    made = (struct made){ 0 };
    svi_error_clear(&err);
    add(&made, "one", 'L', NULL, "name", 4);
    assert_false(walk(&made, members, ROWS(members), &count, &err));
    check_has(err.message, "inside a header");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_lie_where_they_are_said_to),
        cmocka_unit_test(sizes_may_be_binary),
        cmocka_unit_test(what_is_broken_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
