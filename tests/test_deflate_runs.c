/* test_deflate_runs - what is packed is unpacked by another program's decoder, which also compares the checksum. */
#include "visual/deflate_runs.h"

#include <libdeflate.h>

#include "allocator.h"
#include "check.h"

enum { LIMIT = 1 << 22 };

/* The same bytes as they go into the stream, and as a whole. */
struct twin {
    struct svi_deflate_runs *stream;
    struct svi_buffer packed, plain;
};

static void begin(struct twin *twin)
{
    svi_buffer_init(&twin->packed, LIMIT);
    svi_buffer_init(&twin->plain, LIMIT);
    twin->stream = svi_deflate_runs_begin(&twin->packed);
    assert_non_null(twin->stream);
}

static void add(struct twin *twin, const void *bytes, size_t count)
{
    svi_deflate_runs_add(twin->stream, (struct svi_bytes){ bytes, count });
    assert_true(svi_buffer_add(&twin->plain, bytes, count));
}

static void add_zeros(struct twin *twin, size_t count)
{
    uint8_t *zeros = calloc(count + 1, 1);
    assert_non_null(zeros);
    svi_deflate_runs_add_zeros(twin->stream, count);
    assert_true(svi_buffer_add(&twin->plain, zeros, count));
    free(zeros);
}

/* Returns how many bytes the stream has. */
static size_t end(struct twin *twin)
{
    assert_true(svi_deflate_runs_finish(twin->stream));
    uint8_t *back = malloc(twin->plain.count + 1);
    assert_non_null(back);
    struct libdeflate_decompressor *decoder = libdeflate_alloc_decompressor();
    assert_non_null(decoder);
    size_t packed = 0, plain = 0;
    assert_int_equal(
        libdeflate_zlib_decompress_ex(decoder, twin->packed.at, twin->packed.count, back, twin->plain.count, &packed, &plain),
        LIBDEFLATE_SUCCESS);
    assert_int_equal(packed, twin->packed.count);
    assert_int_equal(plain, twin->plain.count);
    if (plain)
        assert_memory_equal(back, twin->plain.at, plain);
    libdeflate_free_decompressor(decoder);
    free(back);
    svi_buffer_clear(&twin->packed);
    svi_buffer_clear(&twin->plain);
    return packed;
}

static void nothing_is_a_stream(void **state)
{
    (void)state;
    struct twin twin;
    begin(&twin);
    add(&twin, "", 0);
    add_zeros(&twin, 0);
    end(&twin);
}

/* Each length around those where a run gets another token: of zeros, of one byte, of three. */
static void runs_of_all_lengths(void **state)
{
    (void)state;
    uint8_t ones[1200], threes[1200];
    for (size_t i = 0; i < sizeof ones; i++) {
        ones[i] = 0xA5;
        threes[i] = (uint8_t)(10 + i % 3);
    }
    struct twin twin;
    begin(&twin);
    for (size_t length = 0; length < sizeof ones; length++) {
        add_zeros(&twin, length);
        add(&twin, ones, length);
        add(&twin, threes, length);
    }
    assert_true(end(&twin) < 30000); /* of 2.2 million */
}

static void long_zeros_take_no_room(void **state)
{
    (void)state;
    struct twin twin;
    begin(&twin);
    add_zeros(&twin, 3000000);
    assert_true(end(&twin) < 5000);
}

static void anything_else_comes_back_too(void **state)
{
    (void)state;
    static uint8_t piece[5000];
    uint32_t random = 1;
    for (int round = 0; round < 40; round++) {
        struct twin twin;
        begin(&twin);
        for (int part = 0; part < 20; part++) {
            random = random * 1664525u + 1013904223u;
            const size_t count = random >> 8 & 4095;
            const unsigned mask = 0xFFu >> (random >> 28 & 7), stay = random >> 24 & 15;
            for (size_t i = 0; i < count; i++) {
                random = random * 1664525u + 1013904223u;
                piece[i] = (uint8_t)(i > 2 && (random >> 16 & 15) < stay ? piece[i - 3] : random >> 8 & mask);
            }
            add(&twin, piece, count);
            add_zeros(&twin, random >> 12 & 511);
        }
        end(&twin);
    }
}

/* Counts like Fibonacci's numbers make the longest of codes: 20 bits, more than the format has. */
static void codes_have_a_longest_length(void **state)
{
    (void)state;
    struct twin twin;
    begin(&twin);
    for (size_t i = 0, now = 1, next = 1; i < 21; i++) {
        for (size_t k = 0; k < now; k++)
            add(&twin, &(const uint8_t){ (uint8_t)(i * 11) }, 1);
        const size_t sum = now + next;
        now = next;
        next = sum;
    }
    end(&twin);
}

static void a_buffer_that_is_full_is_told(void **state)
{
    (void)state;
    struct svi_buffer small;
    svi_buffer_init(&small, 100);
    struct svi_deflate_runs *stream = svi_deflate_runs_begin(&small);
    assert_non_null(stream);
    for (unsigned i = 0; i < 500; i++)
        svi_deflate_runs_add(stream, (struct svi_bytes){ (const uint8_t[]){ (uint8_t)(i * i) }, 1 });
    assert_false(svi_deflate_runs_finish(stream));
    svi_buffer_clear(&small);
    allocator_fail_at(1);
    assert_null(svi_deflate_runs_begin(&small));
    assert_true(allocator_has_failed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_stream),         cmocka_unit_test(runs_of_all_lengths),
        cmocka_unit_test(long_zeros_take_no_room),     cmocka_unit_test(anything_else_comes_back_too),
        cmocka_unit_test(codes_have_a_longest_length), cmocka_unit_test(a_buffer_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
