/* test_npy - what is written is read back by an independent reader. */
#include "visual/npy.h"

#include "base/file.h"

#include "check.h"
#include "npy.h"

static void matrices_come_back(void **state)
{
    (void)state;
    static const size_t shapes[][2] = { { 1, 1 }, { 3, 5 }, { 1, 1000 }, { 1000, 1 }, { 123, 77 } };
    for (size_t i = 0; i < ROWS(shapes); i++) {
        const size_t rows = shapes[i][0], columns = shapes[i][1];
        float *values = malloc(rows * columns * sizeof *values);
        assert_non_null(values);
        for (size_t k = 0; k < rows * columns; k++)
            values[k] = -0.5f * (float)k;
        struct svi_buffer bytes;
        struct svi_error err = { 0 };
        char path[600];
        snprintf(path, sizeof path, "%s/matrix.npy", scratch_folder());
        svi_buffer_init(&bytes, 1 << 20);
        assert_true(svi_npy_encode(&bytes, values, rows, columns));
        assert_int_equal((bytes.count - rows * columns * sizeof *values) % 64, 0);
        check_ok(svi_file_write(path, (struct svi_bytes){ bytes.at, bytes.count }, &err), err);
        struct npy read = npy_read(path);
        assert_int_equal(read.type, NPY_FLOAT32);
        assert_int_equal(read.rows, rows);
        assert_int_equal(read.columns, columns);
        assert_memory_equal(read.data, values, rows * columns * sizeof *values);
        npy_clear(&read);
        svi_buffer_clear(&bytes);
        free(values);
    }
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    struct svi_buffer bytes;
    float values[100] = { 0 };
    svi_buffer_init(&bytes, 500);
    assert_false(svi_npy_encode(&bytes, values, 10, 10));
    svi_buffer_clear(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_come_back),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
