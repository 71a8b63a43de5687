/* test_colormap - names, order and the very values of matplotlib (tests/reference/make_colormaps.py). */
#include "visual/colormap.h"

#include <libdeflate.h>
#include <stdbool.h>

#include "check.h"

static void known_entries(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int index, r, g, b;
    } rows[] = {
        { "magma", 0, 0, 0, 3 },          { "magma", 128, 182, 54, 121 },
        { "magma", 255, 251, 252, 191 },  { "viridis", 0, 68, 1, 84 },
        { "viridis", 128, 32, 144, 140 }, { "viridis", 255, 253, 231, 36 },
        { "plasma", 64, 126, 3, 167 },    { "inferno", 200, 251, 157, 6 },
        { "cividis", 17, 0, 46, 107 },    { "turbo", 100, 63, 245, 138 },
        { "jet", 0, 0, 0, 127 },          { "jet", 128, 124, 255, 121 },
        { "hot", 90, 246, 0, 0 },         { "cool", 255, 255, 0, 255 },
        { "rainbow", 31, 65, 95, 250 },   { "RdBu", 5, 117, 4, 33 },
        { "tab10", 255, 23, 190, 207 },   { "jet_r", 0, 127, 0, 0 },
        { "jet_r", 97, 221, 255, 25 },    { "coolwarm_r", 40, 229, 112, 87 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_colormap *map = svi_colormap_find(rows[i].name);
        assert_non_null(map);
        assert_string_equal(map->name, rows[i].name);
        const uint8_t *rgb = map->rgb[rows[i].index];
        assert_int_equal(rgb[0], rows[i].r);
        assert_int_equal(rgb[1], rows[i].g);
        assert_int_equal(rgb[2], rows[i].b);
    }
}

static void all_tables_are_unchanged(void **state)
{
    (void)state;
    uint32_t crc = 0;
    size_t count = 0;
    for (const struct svi_colormap *map = svi_colormaps; map->name; map++, count++)
        crc = libdeflate_crc32(crc, map->rgb, sizeof(uint8_t[256][3]));
    assert_int_equal(count, 182);
    assert_int_equal(crc, 0x5b24974a);
}

static void the_platforms_ten_come_first(void **state)
{
    (void)state;
    static const char *const names[] = { "magma", "viridis", "plasma", "inferno", "cividis",
                                         "turbo", "jet",     "hot",    "cool",    "rainbow" };
    for (size_t i = 0; i < ROWS(names); i++)
        assert_string_equal(svi_colormaps[i].name, names[i]);
}

static void every_map_has_its_own_name_and_its_reverse(void **state)
{
    (void)state;
    for (const struct svi_colormap *map = svi_colormaps; map->name; map++) {
        assert_ptr_equal(svi_colormap_find(map->name), map);
        char reversed[64];
        snprintf(reversed, sizeof reversed, "%s_r", map->name);
        bool is_reversed = strlen(map->name) > 2 && !strcmp(map->name + strlen(map->name) - 2, "_r");
        const struct svi_colormap *other = svi_colormap_find(reversed);
        assert_int_equal(other != NULL, !is_reversed);
        for (size_t i = 0; other && i < 256; i += 255)
            for (size_t k = 0; k < 3; k++)
                check_near(other->rgb[255 - i][k], map->rgb[i][k], 1.0);
    }
}

static void no_such_map(void **state)
{
    (void)state;
    static const char *const names[] = { "", "Magma", "MAGMA", "mag", "magma ", "magma_r_r", "_r", "none" };
    for (size_t i = 0; i < ROWS(names); i++)
        assert_null(svi_colormap_find(names[i]));
}

static void the_list_of_names_fits_where_it_is_put(void **state)
{
    (void)state;
    char all[4096];
    svi_colormap_names(all, sizeof all);
    check_has(all, "magma, viridis, plasma, inferno, cividis, turbo, jet, hot, cool, rainbow, Accent");
    assert_true(all[strlen(all) - 1] != ' ');
    assert_null(strstr(all, "…"));
    assert_null(strstr(all, "_r,"));
    size_t length = strlen(all);

    for (size_t size = 1; size <= length + 1; size++) {
        char *cut = malloc(size);
        svi_colormap_names(cut, size);
        size_t used = strlen(cut);
        const char *tail = strstr(cut, ", …");
        if (size == length + 1)
            assert_string_equal(cut, all);
        else if (used)
            assert_int_equal(strlen(tail), strlen(", …"));
        size_t kept = tail ? (size_t)(tail - cut) : used;
        assert_memory_equal(cut, all, kept);
        assert_true(all[kept] == ',' || !all[kept] || !kept);
        free(cut);
    }
    svi_colormap_names(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_entries),
        cmocka_unit_test(all_tables_are_unchanged),
        cmocka_unit_test(the_platforms_ten_come_first),
        cmocka_unit_test(every_map_has_its_own_name_and_its_reverse),
        cmocka_unit_test(no_such_map),
        cmocka_unit_test(the_list_of_names_fits_where_it_is_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
