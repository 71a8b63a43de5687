/* test_archive_damage - archives that are cut, changed, or longer than they should be: refused, or the very recording, and nothing
 * stays behind. */
#include "packing.h"

static char samples[40000];

/* Thousands of times, so without the care of svi_file_write. */
static void write_quickly(const char *path, const uint8_t *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

/* Cut at each byte, and with each byte changed: an error, or a recording, and nothing left behind. Where all is under a checksum,
 * it is no other recording, and what is cut is none. */
static void damage_is_survived(void **state)
{
    (void)state;
    static const char plain[] = "0123456789 and some more samples of it";
    static const struct entry entries[] = { { .name = "a/rec_1k.cu8", .bytes = plain }, { .name = "b.txt", .bytes = "notes" } };
    static const struct {
        const struct packing *packing;
        bool is_checked;
    } rows[] = { { &as_zip, false },     { &as_stored_zip, false }, { &as_tar_gz, true }, { &as_tar_xz, true },
                 { &as_tar_zst, false }, { &as_gz, true },          { &as_xz, true },     { &as_tar, false } };
    for (size_t k = 0; k < ROWS(rows); k++) {
        struct svi_buffer whole;
        struct svi_error err = { 0 };
        pack(path_of("whole"), rows[k].packing, entries, rows[k].packing == &as_gz || rows[k].packing == &as_xz ? 1 : 2);
        check_ok(svi_file_read(&whole, path_of("whole"), "whole", 1 << 20, &err), err);
        size_t step = whole.count > 1500 ? 29 : 1, refused = 0, tried = 0;
        for (size_t i = 0; i < whole.count; i += step)
            for (int change = 0; change < 2; change++) {
                struct svi_capture *capture;
                struct svi_error why = { 0 };
                uint8_t kept = whole.at[i];
                whole.at[i] ^= change ? 0x55 : 0;
                write_quickly(path_of("damaged"), whole.at, change ? whole.count : i);
                whole.at[i] = kept;
                tried++;
                if (open_file(&capture, path_of("damaged"), "rec_1k.cu8.gz", usual, &why)) {
                    assert_true(change || !rows[k].is_checked);
                    if (rows[k].is_checked)
                        check_samples(capture, plain, strlen(plain) / 2);
                    svi_capture_close(capture);
                } else {
                    assert_true(why.message[0] && !strstr(why.message, scratch));
                    refused++;
                }
                check_nothing_left();
            }
        assert_true(refused > tried / 3);
        svi_buffer_clear(&whole);
    }
}

/* As their own programs take them. */
static void what_follows_the_end_is_more_of_it_or_padding(void **state)
{
    (void)state;
    static const char zeros[512], garbage[] = "behind the end";
    static const struct {
        const struct packing *packing;
        bool holds_tar, may_be_padded;
    } rows[] = { { &as_gz, false, true },    { &as_xz, false, true },    { &as_zst, false, false },
                 { &as_tar_gz, true, true }, { &as_tar_xz, true, true }, { &as_tar_zst, true, false } };
    const struct entry entry = { .name = "rec_1k.cu8", .bytes = samples, .count = sizeof samples };
    for (size_t k = 0; k < ROWS(rows); k++) {
        struct svi_buffer whole;
        struct svi_error err = { 0 };
        pack(path_of("whole"), rows[k].packing, &entry, 1);
        check_ok(svi_file_read(&whole, path_of("whole"), "whole", 1 << 20, &err), err);
        const size_t length = whole.count;
        const struct {
            const void *tail;
            size_t count, times, rest; /* rest: of the tail once more, cut */
            bool is_damage;
        } tails[] = { { zeros, sizeof zeros, 1, 0, !rows[k].may_be_padded },
                      { garbage, sizeof garbage - 1, 1, 0, true },
                      { whole.at, length, 0, 5, true },
                      { whole.at, length, 9, 0, false },
                      { whole.at, length, 1, length / 2, true },
                      { "\0x", 2, 64, 0, true } };
        for (size_t i = 0; i < ROWS(tails); i++) {
            struct svi_capture *capture;
            struct svi_buffer longer;
            svi_buffer_init(&longer, 1 << 20);
            assert_true(svi_buffer_add(&longer, whole.at, length));
            for (size_t time = 0; time < tails[i].times; time++)
                assert_true(svi_buffer_add(&longer, tails[i].tail, tails[i].count));
            assert_true(svi_buffer_add(&longer, tails[i].tail, tails[i].rest));
            write_quickly(path_of("longer"), longer.at, longer.count);
            svi_buffer_clear(&longer);
            svi_error_clear(&err);
            if (open_file(&capture, path_of("longer"), "rec_1k.cu8.gz", usual, &err) == tails[i].is_damage)
                fail_msg("packing %zu, tail %zu: \"%s\"", k, i, err.message);
            if (tails[i].is_damage) {
                check_has(err.message, "The archive rec_1k.cu8.gz is broken: ");
                continue;
            }
            const uint64_t count = sizeof samples / 2;
            if (rows[k].holds_tar || tails[i].tail == zeros)
                check_samples(capture, samples, count);
            else
                assert_int_equal(svi_capture_recording(capture)->sample_count, 10 * count);
            for (uint64_t at = 0; at < svi_capture_recording(capture)->sample_count; at += count) {
                struct svi_bytes view;
                check_ok(svi_capture_view(capture, at, count, &view, &err), err);
                assert_memory_equal(view.at, samples, sizeof samples);
            }
            svi_capture_close(capture);
            check_nothing_left();
        }
        svi_buffer_clear(&whole);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (char)(i * 7 + i / 251);
    if (!make_scratch())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(what_follows_the_end_is_more_of_it_or_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
