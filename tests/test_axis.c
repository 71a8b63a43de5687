/* test_axis - ticks are round, labelled with just enough digits, and never collide. */
#include "visual/axis.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "check.h"

/* Labels of a fixed pitch: 7 a character. A minus sign counts as one character. */
static double seven_a_character(void *self, const char *label)
{
    (void)self;
    double width = 0.0;
    for (; *label; label++)
        width += (*label & 0xC0) != 0x80 ? 7.0 : 0.0;
    return width;
}

static struct svi_axis_room room_of(double length)
{
    return (struct svi_axis_room){ .length = length, .gap = 14.0, .pitch = 40.0, .minor_pitch = 6.0, .extent = seven_a_character };
}

/* All labels of an axis in one line: "0 5 10 15". */
static void join_labels(const struct svi_axis *axis, char *into, size_t size)
{
    size_t used = 0;
    into[0] = '\0';
    for (size_t i = 0; i < axis->tick_count; i++)
        used += (size_t)snprintf(into + used, size - used, "%s%s", i ? " " : "", axis->ticks[i].label);
}

static void known_axes(void **state)
{
    (void)state;
    static const struct {
        double start, end;
        const char *unit;
        double length;
        const char *labels, *title;
    } rows[] = {
        /* plain numbers and SI prefixes */
        { 0, 6, "s", 400, "0 1 2 3 4 5 6", "T (s)" },
        { 0, 24000, "Hz", 400, "0 5 10 15 20", "T (kHz)" },
        { -500e3, 500e3, "Hz", 400, "−400 −200 0 200 400", "T (kHz)" },
        { 0, 0.002003, "s", 300, "0.0 0.5 1.0 1.5 2.0", "T (ms)" },
        { 0, 50e-6, "s", 400, "0 10 20 30 40 50", "T (µs)" },
        { 0, 50e-9, "s", 400, "0 10 20 30 40 50", "T (ns)" },
        { 2.399e9, 2.401e9, "Hz", 400, "2.3990 2.3995 2.4000 2.4005 2.4010", "T (GHz)" },
        { 433.90e6, 433.94e6, "Hz", 400, "433.90 433.91 433.92 433.93 433.94", "T (MHz)" },
        { -120, 0, "dBFS", 400, "−120 −100 −80 −60 −40 −20 0", "T (dBFS)" },
        { -0.3, 0.3, NULL, 400, "−0.3 −0.2 −0.1 0.0 0.1 0.2 0.3", "T" },
        { 0, 1e12, "Hz", 300, "0.0 0.2 0.4 0.6 0.8 1.0", "T (THz)" },
        /* time in minutes, hours and days, where whole ones are ticks */
        { 0, 3600, "s", 400, "0 10 20 30 40 50 60", "T (min)" },
        { 0, 299, "s", 400, "0 50 100 150 200 250", "T (s)" },
        { 0, 86400, "s", 400, "0 3 6 9 12 15 18 21 24", "T (h)" },
        { 0, 10 * 86400.0, "s", 400, "0 2 4 6 8 10", "T (d)" },
        { 3600, 3601, "s", 500, "3600.0 3600.2 3600.4 3600.6 3600.8 3601.0", "T (s)" },
        { 72000, 75600, "s", 400, "1200 1210 1220 1230 1240 1250 1260", "T (min)" },
        /* reversed */
        { 6, 0, "s", 400, "6 5 4 3 2 1 0", "T (s)" },
        { 500e3, -500e3, "Hz", 400, "400 200 0 −200 −400", "T (kHz)" },
        /* an offset where labels would get long */
        { 433.92e6 - 1000, 433.92e6 + 1000, "Hz", 400, "433.9190 433.9195 433.9200 433.9205 433.9210", "T (MHz)" },
        { 433.92e6 - 50, 433.92e6 + 50, "Hz", 400, "−40 −20 0 20 40", "T (Hz) + 433.92 MHz" },
        { 2.4e9 - 30, 2.4e9 + 30, "Hz", 400, "−30 −20 −10 0 10 20 30", "T (Hz) + 2.4 GHz" },
        { 433921110, 433921190, "Hz", 200, "−40 −20 0 20 40", "T (Hz) + 433.92115 MHz" },
        { 10, 10.00005, "s", 400, "0 10 20 30 40 50", "T (µs) + 10 s" },
        { 1.7e9, 1.7e9 + 6, "s", 400, "0 1 2 3 4 5 6", "T (s) + 1700000000 s" },
        { -10e6 - 10, -10e6 + 10, "Hz", 300, "−10 −5 0 5 10", "T (Hz) − 10 MHz" },
        /* numbers without prefixes that are large or small */
        { 0, 4e6, NULL, 300, "0 1 2 3 4", "T (×10⁶)" },
        { 0, 3e-6, "counts", 200, "0 1 2 3", "T (×10⁻⁶ counts)" },
        { 0, 5e19, "Hz", 400, "0 10 20 30 40 50", "T (×10¹⁸ Hz)" },
        { 0, 999999, "counts", 400, "0 200000 400000 600000 800000", "T (counts)" },
        /* equal or unusable ends */
        { 5, 5, "s", 400, "5", "T (s)" },
        { 0, 0, "dB", 400, "0", "T (dB)" },
        { -2.4e9, -2.4e9, "Hz", 400, "−2.4", "T (GHz)" },
        { NAN, 1, "s", 400, "", "T" },
        { 0, INFINITY, "s", 400, "", "T" },
        { -DBL_MAX, DBL_MAX, "s", 400, "", "T" },
        { 0, 5e-324, NULL, 400, "", "T" },
        { 0, 1, "s", 0, "", "T" },
        /* little room */
        { 0, 6, "s", 60, "0 5", "T (s)" },
        { 0, 6, "s", 10, "0", "T (s)" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis;
        struct svi_axis_room room = room_of(rows[i].length);
        svi_axis_fit(&axis, rows[i].start, rows[i].end, rows[i].unit, &room);
        char labels[512], title[128];
        join_labels(&axis, labels, sizeof labels);
        svi_axis_title(title, sizeof title, "T", &axis);
        assert_string_equal(labels, rows[i].labels);
        assert_string_equal(title, rows[i].title);
    }
}

static void known_moments(void **state)
{
    (void)state;
    enum { DAY = 86400, NOV_23_2026 = 1795392000 };
    static const struct {
        double start, end;
        int64_t second;
        double length;
        const char *labels, *title;
    } rows[] = {
        { 0, 6, NOV_23_2026 + 45000, 700, "12:30:00 12:30:01 12:30:02 12:30:03 12:30:04 12:30:05 12:30:06", "T (UTC, 2026-11-23)" },
        { 45000, 45006, NOV_23_2026, 300, "12:30:00 12:30:02 12:30:04 12:30:06", "T (UTC, 2026-11-23)" },
        { 15.0, 15.02, NOV_23_2026 + 45000, 600, "12:30:15.000 12:30:15.005 12:30:15.010 12:30:15.015 12:30:15.020",
          "T (UTC, 2026-11-23)" },
        { 0.05, -0.25, NOV_23_2026, 300, "Nov 23 23:59:59.9 23:59:59.8", "T (UTC, from 2026-11-22)" },
        { 0, 3600, NOV_23_2026, 400, "00:00 00:10 00:20 00:30 00:40 00:50 01:00", "T (UTC, 2026-11-23)" },
        { 100, 7300, NOV_23_2026, 400, "00:15 00:30 00:45 01:00 01:15 01:30 01:45 02:00", "T (UTC, 2026-11-23)" },
        { 0, DAY, NOV_23_2026, 500, "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 00:00", "T (UTC, 2026-11-23)" },
        { 0, 2 * DAY, NOV_23_2026 + DAY / 4, 500, "06:00 12:00 18:00 Nov 24 06:00 12:00 18:00 Nov 25 06:00",
          "T (UTC, from 2026-11-23)" },
        { 0, 10 * DAY, NOV_23_2026, 500, "2026-11-23 2026-11-25 2026-11-27 2026-11-29 2026-12-01 2026-12-03", "T (UTC)" },
        { -86399, -86390, 86400, 300, "00:00:05 00:00:10", "T (UTC, 1970-01-01)" },
        { -1, 1, 0, 300, "23:59:59 Jan 1 00:00:01", "T (UTC, from 1969-12-31)" },
        { 951782390, 951782410, 0, 400, "23:59:50 23:59:55 Feb 29 00:00:05 00:00:10", "T (UTC, from 2000-02-28)" },
        /* below a millisecond, and where clock times are too long */
        { 15.0020003, 15.0020011, NOV_23_2026 + 45000, 400, "0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 1.1",
          "T (µs) + 2026-11-23 12:30:15.002000 UTC" },
        { 0, 0.000050, NOV_23_2026 + 45015, 400, "0 10 20 30 40 50", "T (µs) + 2026-11-23 12:30:15.0000 UTC" },
        { 1, 4, NOV_23_2026, 90, "0 2", "T (s) + 2026-11-23 00:00:01 UTC" },
        /* unusable, or without an extent */
        { NAN, 1, 0, 400, "", "T" },
        { 0, 1, INT64_MAX, 400, "", "T" },
        { 0, 1e300, 0, 400, "", "T" },
        { 5, 5, NOV_23_2026, 400, "00:00:05", "T (UTC, 2026-11-23)" },
        { 5.0754, 5.0754, NOV_23_2026, 400, "00:00:05.075", "T (UTC, 2026-11-23)" },
        { -0.0004, -0.0004, NOV_23_2026, 400, "00:00:00", "T (UTC, 2026-11-23)" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis;
        struct svi_axis_room room = room_of(rows[i].length);
        svi_axis_fit_utc(&axis, rows[i].start, rows[i].end, rows[i].second, &room);
        char labels[512], title[128];
        join_labels(&axis, labels, sizeof labels);
        svi_axis_title(title, sizeof title, "T", &axis);
        assert_string_equal(labels, rows[i].labels);
        assert_string_equal(title, rows[i].title);
    }
}

static void known_logarithms(void **state)
{
    (void)state;
    static const struct {
        double start, end;
        double length;
        const char *labels;
    } rows[] = {
        { 1, 1000, 400, "1 2 5 10 20 50 100 200 500 1000" },
        { 1, 1000, 200, "1 10 100 1000" },
        { 1e-3, 1e3, 400, "0.001 0.01 0.1 1 10 100 1000" },
        { 1, 1e6, 2000, "10⁰ 10¹ 10² 10³ 10⁴ 10⁵ 10⁶" },
        { 3e5, 5e6, 400, "5×10⁵ 10⁶ 2×10⁶ 5×10⁶" },
        { 1, 1e6, 400, "10⁰ 10¹ 10² 10³ 10⁴ 10⁵ 10⁶" },
        { 1e-6, 1, 400, "10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰" },
        { 1, 1e30, 400, "10⁰ 10⁵ 10¹⁰ 10¹⁵ 10²⁰ 10²⁵ 10³⁰" },
        { 1e-200, 1e200, 400, "10⁻²⁰⁰ 10⁻¹⁰⁰ 10⁰ 10¹⁰⁰ 10²⁰⁰" },
        { 300, 420, 400, "300 320 340 360 380 400 420" },
        { 3, 29, 400, "5 10 15 20 25" },
        { 1000, 1, 300, "1000 100 10 1" },
        { 0, 10, 300, "" },
        { 7, 7, 300, "7" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis;
        struct svi_axis_room room = room_of(rows[i].length);
        struct svi_edge_scale scale = { SVI_EDGE_LOG, rows[i].start, rows[i].end, NULL, 0 };
        svi_axis_fit_scale(&axis, &scale, "counts", false, &room);
        char labels[512];
        join_labels(&axis, labels, sizeof labels);
        assert_string_equal(labels, rows[i].labels);
        for (size_t k = 0; k < axis.tick_count && axis.tick_count > 1; k++) /* a tick stands where its value lies */
            if (strspn(axis.ticks[k].label, "0123456789.") == strlen(axis.ticks[k].label))
                check_near(axis.ticks[k].share, svi_edge_share(&scale, strtod(axis.ticks[k].label, NULL)), 1e-9);
    }
}

static void known_tables(void **state)
{
    (void)state;
    static const double counts[] = { 1, 1, 1, 1, 2, 2, 3, 5, 8, 20, 300 }, levels[] = { -110, -104, -103, -102, -100, -95, -20 },
                        small[] = { 0, 0.5, 1, 2, 3 }, flat[] = { 4, 4, 4 }, falling[] = { 2, 1 }, linear[] = { 0, 10 },
                        large[] = { 0, 10, 1000, 1e5, 1e7 };
    static const struct {
        const double *table;
        size_t count;
        bool whole;
        double length;
        const char *labels;
    } rows[] = {
        { counts, ROWS(counts), true, 400, "1 2 3 5 10 100" },
        { levels, ROWS(levels), false, 400, "−110 −105 −103 −102 −100 −90 −50" },
        { small, ROWS(small), true, 400, "0 1 2 3" },
        { small, ROWS(small), false, 400, "0 0.5 1 1.5 2 2.5 3" },
        { flat, ROWS(flat), true, 400, "4" },
        { falling, ROWS(falling), true, 400, "" },
        { linear, ROWS(linear), true, 400, "0 1 2 3 4 5 6 7 8 9 10" },
        { large, ROWS(large), true, 400, "0 5 10 500 1000 5×10⁴ 10⁵ 5×10⁶ 10⁷" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis;
        struct svi_axis_room room = room_of(rows[i].length);
        struct svi_edge_scale scale = { .kind = SVI_EDGE_TABLE, .table = rows[i].table, .table_count = rows[i].count };
        svi_axis_fit_scale(&axis, &scale, "counts", rows[i].whole, &room);
        char labels[512];
        join_labels(&axis, labels, sizeof labels);
        assert_string_equal(labels, rows[i].labels);
    }
}

static void titles_without_a_label(void **state)
{
    (void)state;
    static const struct {
        const char *label, *unit, *offset, *title;
    } rows[] = {
        { "Frequency", "kHz", "+ 433.92 MHz", "Frequency (kHz) + 433.92 MHz" },
        { NULL, "kHz", "+ 433.92 MHz", "kHz + 433.92 MHz" },
        { "", "kHz", "", "kHz" },
        { "Count", "", "", "Count" },
        { "Count", "", "+ 10", "Count + 10" },
        { NULL, "", "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis = { 0 };
        char title[64];
        snprintf(axis.unit, sizeof axis.unit, "%s", rows[i].unit);
        snprintf(axis.offset, sizeof axis.offset, "%s", rows[i].offset);
        svi_axis_title(title, sizeof title, rows[i].label, &axis);
        assert_string_equal(title, rows[i].title);
    }
}

static void small_ticks_stand_between_the_large_ones(void **state)
{
    (void)state;
    static const struct {
        double end, length, minor_pitch;
        size_t ticks, minor;
        double first;
    } rows[] = {
        { 6, 400, 6, 7, 24, 0.2 / 6 },     /* 1: fifths */
        { 120, 400, 6, 7, 18, 5.0 / 120 }, /* 20: quarters */
        { 24, 400, 6, 5, 20, 1.0 / 24 },   /* 5: fifths, also behind the last large one */
        { 6, 400, 20, 7, 6, 0.5 / 6 },     /* no room for fifths: halves */
        { 6, 400, 0, 7, 0, 0 },            /* none are wanted */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_axis axis;
        struct svi_axis_room room = room_of(rows[i].length);
        room.minor_pitch = rows[i].minor_pitch;
        svi_axis_fit(&axis, 0, rows[i].end, NULL, &room);
        assert_int_equal(axis.tick_count, rows[i].ticks);
        assert_int_equal(axis.minor_count, rows[i].minor);
        if (axis.minor_count)
            check_near(axis.minor[0], rows[i].first, 1e-9);
    }
}

static uint32_t random_below(uint32_t limit)
{
    static uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(state >> 8) * limit >> 24);
}

static double random_value(void)
{
    double mantissa = (double)random_below(2000001) / 1e6 - 1.0;
    return mantissa * pow(10.0, (double)random_below(40) - 20.0);
}

static void check_ticks(const struct svi_axis *axis, const struct svi_axis_room *room, double least_pitch)
{
    assert_true(axis->tick_count <= SVI_AXIS_MAX_TICKS && axis->minor_count <= SVI_AXIS_MAX_MINOR);
    for (size_t i = 0; i < axis->tick_count; i++) {
        const struct svi_axis_tick *tick = &axis->ticks[i];
        assert_true(tick->share >= 0.0 && tick->share <= 1.0 && tick->label[0]);
        if (!i)
            continue;
        double distance = (tick->share - tick[-1].share) * room->length;
        double need = 0.5 * (seven_a_character(NULL, tick->label) + seven_a_character(NULL, tick[-1].label)) + room->gap;
        assert_true(distance >= need && distance >= least_pitch);
    }
    for (size_t i = 0; i < axis->minor_count; i++)
        assert_true(axis->minor[i] >= 0.0 && axis->minor[i] <= 1.0);
}

static void random_moments_logarithms_and_tables(void **state)
{
    (void)state;
    size_t with_ticks[3] = { 0 };
    for (int run = 0; run < 6000; run++) {
        struct svi_axis_room room = room_of(1.0 + random_below(3000));
        struct svi_axis axis;
        double table[257] = { 0 };
        int64_t second = (int64_t)random_below(2000000000) * (random_below(9) ? 1 : -1);
        svi_axis_fit_utc(&axis, random_value(), random_value(), second, &room);
        check_ticks(&axis, &room, room.pitch);
        with_ticks[0] += axis.tick_count > 0;

        struct svi_edge_scale scale = { .kind = SVI_EDGE_LOG, .at_start = random_value(), .at_end = random_value() };
        svi_axis_fit_scale(&axis, &scale, "counts", random_below(2), &room);
        check_ticks(&axis, &room, 0.5 * room.pitch);
        with_ticks[1] += axis.tick_count > 1;

        size_t count = random_below(258);
        double growth = random_below(2) ? 1.0 : 1000.0;
        for (size_t i = 1; i < ROWS(table); i++)
            table[i] = table[i - 1] + (random_below(2) ? 0.0 : floor(pow(growth, random_below(1000) / 400.0) * random_below(5)));
        scale = (struct svi_edge_scale){ .kind = SVI_EDGE_TABLE, .table = table, .table_count = count };
        svi_axis_fit_scale(&axis, &scale, "counts", random_below(2), &room);
        check_ticks(&axis, &room, 0.5 * room.pitch);
        with_ticks[2] += axis.tick_count > 1;
    }
    for (size_t i = 0; i < ROWS(with_ticks); i++)
        assert_true(with_ticks[i] > 1000);
}

/* Whatever the range: in order, on the edge, no labels twice, none too close, and label × unit + offset is the value. */
static void random_ranges(void **state)
{
    (void)state;
    static const char *const units[] = { NULL, "Hz", "s", "dBFS" };
    for (int run = 0; run < 20000; run++) {
        double start = random_value();
        double end = random_below(3) ? random_value() : start + start * 1e-3 * random_value();
        struct svi_axis_room room = room_of(1.0 + random_below(4000));
        struct svi_axis axis;
        svi_axis_fit(&axis, start, end, units[random_below(4)], &room);
        check_ticks(&axis, &room, room.pitch);
        for (size_t i = 1; i < axis.tick_count; i++)
            assert_string_not_equal(axis.ticks[i].label, axis.ticks[i - 1].label);
        if (room.length > 600.0 && fabs(end - start) > 1e-9 * fmax(fabs(start), fabs(end)))
            assert_true(axis.tick_count >= 2);
    }
}

/* A tick stands where its label says. Frequencies in Hz with a known prefix, so that the label can be read back. */
static void labels_say_where_their_tick_is(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        double factor;
    } prefixes[] = { { "GHz", 1e9 }, { "MHz", 1e6 }, { "kHz", 1e3 }, { "Hz", 1.0 } };
    for (int run = 0; run < 2000; run++) {
        double center = random_below(6000000) * 1e3, span = 100.0 + random_below(20000000);
        double start = center - span / 2, end = center + span / 2;
        if (random_below(2)) {
            start = center + span / 2;
            end = center - span / 2;
        }
        struct svi_axis_room room = room_of(300.0 + random_below(1000));
        struct svi_axis axis;
        svi_axis_fit(&axis, start, end, "Hz", &room);
        double factor = 0.0, offset = 0.0;
        for (size_t i = 0; i < ROWS(prefixes); i++) {
            if (!strcmp(axis.unit, prefixes[i].unit))
                factor = prefixes[i].factor;
            char *unit = NULL;
            if (axis.offset[0] && strtod(axis.offset + 2, &unit) > 0.0 && !strcmp(unit + 1, prefixes[i].unit))
                offset = strtod(axis.offset + 2, NULL) * prefixes[i].factor;
        }
        assert_true(factor > 0.0 && axis.tick_count >= 2 && !axis.offset[0] == (offset == 0.0));
        for (size_t i = 0; i < axis.tick_count; i++) {
            const char *label = axis.ticks[i].label;
            bool minus = !strncmp(label, "−", strlen("−"));
            double value = strtod(minus ? label + strlen("−") : label, NULL) * factor * (minus ? -1.0 : 1.0) + offset;
            check_near(axis.ticks[i].share, (value - start) / (end - start), 1e-6);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_axes),
        cmocka_unit_test(known_moments),
        cmocka_unit_test(known_logarithms),
        cmocka_unit_test(known_tables),
        cmocka_unit_test(titles_without_a_label),
        cmocka_unit_test(small_ticks_stand_between_the_large_ones),
        cmocka_unit_test(random_ranges),
        cmocka_unit_test(random_moments_logarithms_and_tables),
        cmocka_unit_test(labels_say_where_their_tick_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
