/* test_sigmf_annotations - what is read of SigMF's annotations, what is left out, and where they lie in the recording. */
#include "capture/sigmf.h"

#include "base/file.h"

#include <math.h>

#include "allocator.h"
#include "check.h"

/* Metadata of 1 Hz with these members of "global", these captures and these annotations; a sample has one byte. */
#define WITH(members, captures, annotations)                                                                                       \
    "{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 1" members "}, \"captures\": [" captures                      \
    "], \"annotations\": [" annotations "]}"
#define AT(start, count) "\"core:sample_start\": " #start ", \"core:sample_count\": " #count
#define EDGES(low, high) ", \"core:freq_lower_edge\": " #low ", \"core:freq_upper_edge\": " #high

enum { DATA_BYTES = 100 };

struct parsed {
    struct svi_sigmf meta;
    struct svi_sigmf_layout layout;
};

static void parse(struct parsed *out, struct svi_bytes text)
{
    struct svi_error err = { 0 };
    check_ok(svi_sigmf_parse(&out->meta, text, &(struct svi_stated){ 0 }, "rec.sigmf-meta", &err)
                 && svi_sigmf_fit(&out->layout, &out->meta, DATA_BYTES, "rec.sigmf-data", &err),
             err);
}

static void clear(struct parsed *parsed)
{
    svi_sigmf_layout_clear(&parsed->layout);
    svi_sigmf_clear(&parsed->meta);
}

/* "first+count low…high label", with "all" for the whole band. */
static void describe(char *into, size_t size, const struct svi_annotation *annotations, size_t count)
{
    into[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct svi_annotation *one = &annotations[i];
        char edges[60] = "all";
        if (!isnan(one->low_hz) || !isnan(one->high_hz))
            snprintf(edges, sizeof edges, "%g…%g", one->low_hz, one->high_hz);
        snprintf(into + strlen(into), size - strlen(into), "%s%llu+%llu %s %s", i ? " | " : "",
                 (unsigned long long)one->first_sample, (unsigned long long)one->sample_count, edges, one->label);
    }
}

static void annotations_lie_where_they_are_said_to_be(void **state)
{
    (void)state;
    static const char two_tunings[] = "{\"core:sample_start\": 0, \"core:frequency\": 900},"
                                      "{\"core:sample_start\": 40, \"core:frequency\": 2000}, {\"core:sample_start\": 70}";
    static const struct {
        const char *global, *captures, *annotations, *expected;
    } rows[] = {
        { "", "", "{" AT(10, 20) "}", "10+20 all " },
        { "", "", "{" AT(10.0, 2e1) ", \"core:label\": null}", "10+20 all " },
        { "", "", "{" AT(10, 20) EDGES(-5, 7.5) ", \"core:uuid\": \"x\", \"other:key\": [1]}", "10+20 -5…7.5 " },
        { "", "", "{" AT(10, 20) EDGES(3, 3) "}", "10+20 3…3 " },
        { "", "", "{" AT(10, 0) "}", "10+1 all " },
        { "", "", "{" AT(90, 50) "}, {" AT(99, 9223372036854775807) "}", "90+10 all  | 99+1 all " },
        { "", "", "{\"core:sample_start\": 30}", "30+70 all " },
        /* Edges are radio frequencies where the segment has a frequency; without a count, the end is the segment's. */
        { "", two_tunings, "{\"core:sample_start\": 30" EDGES(890, 920) "}, {\"core:sample_start\": 40" EDGES(1990, 2000) "}",
          "30+10 -10…20  | 40+30 -10…0 " },
        { "", two_tunings, "{" AT(30, 30) EDGES(890, 920) "}, {" AT(75, 5) EDGES(-10, 20) "}", "30+30 -10…20  | 75+5 -10…20 " },
        { "", "{\"core:sample_start\": 50, \"core:frequency\": 900}",
          "{\"core:sample_start\": 10" EDGES(1, 2) "}, {\"core:sample_start\": 50" EDGES(901, 902) "}", "10+40 1…2  | 50+50 1…2 " },
        /* core:offset counts for annotations too; what lies before it is cut off */
        { ", \"core:offset\": 1000", "{\"core:sample_start\": 1000}",
          "{" AT(1010, 20) "}, {" AT(990, 20) "}, {\"core:sample_start\": 5}", "10+20 all  | 0+10 all  | 0+100 all " },
        { ", \"core:offset\": 9223372036854775807", "", "{" AT(9223372036854775807, 2) "}", "0+2 all " },
        /* Gaps push them on, and lie inside of those that go on behind them: 10 samples are missing before 40, 5 before 60. */
        { "",
          "{\"core:sample_start\": 0, \"core:global_index\": 7}, {\"core:sample_start\": 40, \"core:global_index\": 57},"
          "{\"core:sample_start\": 60, \"core:global_index\": 82}",
          "{" AT(0, 40) "}, {" AT(30, 20) "}, {" AT(40, 20) "}, {" AT(60, 1) "}, {" AT(0, 100) "}, {\"core:sample_start\": 5}",
          "0+40 all  | 30+30 all  | 50+20 all  | 75+1 all  | 0+115 all  | 5+35 all " },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[2000], got[600];
        struct parsed parsed;
        snprintf(text, sizeof text, WITH("%s", "%s", "%s"), rows[i].global, rows[i].captures, rows[i].annotations);
        parse(&parsed, svi_bytes_of(text));
        describe(got, sizeof got, parsed.layout.annotations, parsed.layout.annotation_count);
        assert_string_equal(got, rows[i].expected);
        assert_int_equal(parsed.meta.warnings.count, 0);
        clear(&parsed);
    }
}

static void the_first_text_that_is_there_is_the_label(void **state)
{
    (void)state;
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    static const struct {
        const char *texts, *expected;
    } rows[] = {
        { "\"core:label\": \"LTE\", \"core:comment\": \"c\", \"core:generator\": \"g\"", "LTE" },
        { "\"core:comment\": \"c\", \"core:generator\": \"g\"", "c" },
        { "\"core:label\": \"\", \"core:comment\": \" \\n \", \"core:generator\": \"g\"", "g" },
        { "\"core:comment\": \"\\n first line\\r\\nsecond\"", "first line" },
        { "\"core:label\": \"a\\u001b[31m\\tb \\u20ac\"", "a\xEF\xBF\xBD[31m b \xE2\x82\xAC" },
        { "\"core:label\": \"" LONG "\\u20ac\"", LONG },
        { "\"core:label\": \"" LONG LONG LONG LONG LONG LONG "\"", LONG "xx" },
        { "\"core:label\": null", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[1000];
        struct parsed parsed;
        snprintf(text, sizeof text, WITH("", "", "{" AT(0, 1) ", %s}"), rows[i].texts);
        parse(&parsed, svi_bytes_of(text));
        assert_int_equal(parsed.layout.annotation_count, 1);
        assert_string_equal(parsed.layout.annotations[0].label, rows[i].expected);
        clear(&parsed);
    }
}

/* A bad annotation between two good ones: it alone is left out, and the warning says why. */
static void bad_ones_are_left_out_and_counted(void **state)
{
    (void)state;
    static const struct {
        const char *bad, *reason;
    } rows[] = {
        { "5", "annotations[1] must be an object, not an integer" },
        { "null", "annotations[1] must be an object, not null" },
        { "{}", "core:sample_start in annotations[1] is missing" },
        { "{\"core:sample_start\": -1}", "core:sample_start in annotations[1] is -1" },
        { "{\"core:sample_start\": 0.5}", "core:sample_start in annotations[1] is 0.5" },
        { "{\"core:sample_start\": \"0\"}", "core:sample_start in annotations[1] must be a whole number, not a string" },
        { "{" AT(0, -1) "}", "core:sample_count in annotations[1] is -1" },
        { "{" AT(0, 1e300) "}", "core:sample_count in annotations[1] is" },
        { "{" AT(0, [1]) "}", "core:sample_count in annotations[1] must be a whole number, not an array" },
        { "{" AT(0, 1) ", \"core:freq_lower_edge\": 5}", "core:freq_lower_edge in annotations[1] stands without the other edge" },
        { "{" AT(0, 1) ", \"core:freq_upper_edge\": 5}", "core:freq_upper_edge in annotations[1] stands without the other edge" },
        { "{" AT(0, 1) EDGES(5, 4) "}", "core:freq_lower_edge in annotations[1] (5 Hz) is above core:freq_upper_edge (4 Hz)" },
        { "{" AT(0, 1) EDGES("a", 4) "}", "core:freq_lower_edge in annotations[1] must be a number of hertz, not a string" },
        { "{" AT(0, 1) EDGES(0, 1e16) "}", "core:freq_upper_edge in annotations[1] is 1e+16 Hz" },
        { "{" AT(0, 1) ", \"core:label\": 5}", "core:label in annotations[1] must be a string, not an integer" },
        { "{" AT(0, 1) ", \"core:label\": \"x\", \"core:comment\": {}}", "core:comment in annotations[1] must be a string" },
        { "{" AT(0, 1) ", \"core:generator\": true}", "core:generator in annotations[1] must be a string, not a boolean" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[1000];
        struct parsed parsed;
        snprintf(text, sizeof text, WITH("", "", "{" AT(1, 2) "}, %s, {" AT(3, 4) "}"), rows[i].bad);
        parse(&parsed, svi_bytes_of(text));
        assert_int_equal(parsed.layout.annotation_count, 2);
        assert_int_equal(parsed.layout.annotations[1].first_sample, 3);
        assert_int_equal(parsed.meta.warnings.count, 1);
        check_has(parsed.meta.warnings.text[0], "Annotations that cannot be understood: 1; they are left out. The first: rec.");
        check_has(parsed.meta.warnings.text[0], rows[i].reason);
        clear(&parsed);
    }
}

static void those_outside_of_the_data_are_counted(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, svi_bytes_of(WITH(", \"core:offset\": 50", "",
                                     "{" AT(10, 40) "}, {" AT(10, 41) "}, {" AT(149, 1) "}, {" AT(150, 1) "}, {" AT(
                                         9223372036854775807, 9223372036854775807) "}")));
    char got[200];
    describe(got, sizeof got, parsed.layout.annotations, parsed.layout.annotation_count);
    assert_string_equal(got, "0+1 all  | 99+1 all ");
    assert_int_equal(parsed.meta.warnings.count, 2);
    check_has(parsed.meta.warnings.text[0], "Annotations that end before the first sample: 1;");
    check_has(parsed.meta.warnings.text[1], "Annotations that begin behind the end of the data (100 samples): 2;");
    clear(&parsed);

    parse(&parsed, svi_bytes_of("{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 1}, \"annotations\": {}}"));
    assert_int_equal(parsed.layout.annotation_count, 0);
    assert_int_equal(parsed.meta.warnings.count, 1);
    check_has(parsed.meta.warnings.text[0], "The annotations are an object, not an array; they are ignored.");
    clear(&parsed);
}

static void as_many_as_fit_are_kept(void **state)
{
    (void)state;
    struct svi_buffer text;
    svi_buffer_init(&text, 16 << 20);
    svi_buffer_add_text(&text, "{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 1}, \"annotations\": [");
    for (int i = 0; i < SVI_SIGMF_MAX_ANNOTATIONS + 5; i++) {
        if (i % 2)
            svi_buffer_add_text(&text, ", {\"core:sample_start\": %d}", i % 100);
        else
            svi_buffer_add_text(&text, i ? ", 7" : "7");
    }
    svi_buffer_add_text(&text, "]}");
    struct parsed parsed;
    parse(&parsed, (struct svi_bytes){ text.at, text.count });
    assert_int_equal(parsed.layout.annotation_count, SVI_SIGMF_MAX_ANNOTATIONS / 2);
    assert_int_equal(parsed.meta.warnings.count, 2);
    check_has(parsed.meta.warnings.text[0], "understood: 50000; they are left out. The first: rec.sigmf-meta: annotations[0] must");
    check_has(parsed.meta.warnings.text[1], "There are 100005 annotations; the first 100000 are used.");
    clear(&parsed);
    svi_buffer_clear(&text);
}

/* ---- a part of a recording ---- */

static bool open_recording(struct svi_capture **capture, struct svi_error *err)
{
    char path[600];
    snprintf(path, sizeof path, "%s/annotated.sigmf-meta", scratch_folder());
    const struct svi_file file = { path, "annotated.sigmf-meta" };
    return svi_capture_open(capture, &(struct svi_capture_request){ .files = &file, .file_count = 1, .look_beside = true }, err);
}

static void store_recording(void)
{
    static const uint8_t data[DATA_BYTES];
    char path[600];
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/annotated.sigmf-data", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ data, sizeof data }, &err), err);
    snprintf(path, sizeof path, "%s/annotated.sigmf-meta", scratch_folder());
    check_ok(
        svi_file_write(
            path,
            svi_bytes_of(WITH(
                "", "{\"core:sample_start\": 0, \"core:frequency\": 900}, {\"core:sample_start\": 50, \"core:frequency\": 1000}",
                "{" AT(10, 10) ", \"core:label\": \"a\"}, {" AT(35, 30)
                    EDGES(880, 1010) ", \"core:label\": \"b\"},"
                                     "{" AT(58, 100) EDGES(990, 1010) ", \"core:label\": \"c\"}, {" AT(70, 1) "}")),
            &err),
        err);
}

static void a_part_of_a_recording_has_its_part_of_them(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, count;
        const char *expected;
        size_t elsewhere;
    } rows[] = {
        { 0, 100, "10+10 all a | 35+30 -20…110 b | 58+42 -10…10 c | 70+1 all ", 0 },
        { 15, 30, "0+5 all a | 20+10 -20…110 b", 2 },
        { 40, 25, "0+25 -20…110 b | 18+7 -10…10 c", 2 },
        /* What begins behind a change of frequency now, is told from the new center. */
        { 60, 10, "0+5 -120…10 b | 0+10 -10…10 c", 2 },
        { 0, 10, "", 4 },
    };
    store_recording();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        char got[300];
        check_ok(open_recording(&capture, &err) && svi_capture_select(capture, rows[i].first, rows[i].count, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        describe(got, sizeof got, recording->annotations, recording->annotation_count);
        assert_string_equal(got, rows[i].expected);
        assert_int_equal(recording->annotations_elsewhere, rows[i].elsewhere);
        svi_capture_close(capture);
    }
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    unsigned n = 0;
    store_recording();
    for (bool failed = true; failed;) {
        struct svi_capture *capture = NULL;
        struct svi_error err = { 0 };
        allocator_fail_at(++n);
        bool ok = open_recording(&capture, &err) && svi_capture_select(capture, 5, 90, &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        if (failed && err.status != SVI_OUT_OF_MEMORY)
            fail_msg("allocation %u: %s [%s]", n, err.message, err.cause);
        svi_capture_close(capture);
    }
    assert_true(n > 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotations_lie_where_they_are_said_to_be),
        cmocka_unit_test(the_first_text_that_is_there_is_the_label),
        cmocka_unit_test(bad_ones_are_left_out_and_counted),
        cmocka_unit_test(those_outside_of_the_data_are_counted),
        cmocka_unit_test(as_many_as_fit_are_kept),
        cmocka_unit_test(a_part_of_a_recording_has_its_part_of_them),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
