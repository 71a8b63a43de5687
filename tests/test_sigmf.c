/* test_sigmf - metadata as bytes: what is understood, what is refused and with which words, and where the samples lie. */
#include "capture/sigmf.h"

#include <math.h>

#include "check.h"

/* Metadata with these members in "global" beside a datatype and a rate, and with these captures. */
#define WITH(members, captures)                                                                                                    \
    "{\"global\": {\"core:datatype\": \"ci16_le\", \"core:sample_rate\": 1e6" members "}, \"captures\": [" captures "]}"
#define GLOBAL(members) "{\"global\": {" members "}}"
#define RATE            "\"core:sample_rate\": 1000"
#define TYPE            "\"core:datatype\": \"ci8\""
#define HUNDRED         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define START(n)        "\"core:sample_start\": " #n

static const struct svi_stated nothing;

static bool parse(struct svi_sigmf *meta, const char *text, struct svi_error *err)
{
    return svi_sigmf_parse(meta, svi_bytes_of(text), &nothing, "a/b/rec_x7Kq2.sigmf-meta", err);
}

static void every_refusal_names_file_and_key(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        /* no JSON, or none of ours */
        { "", "is empty" },
        { "\xEF\xBB\xBF", "is empty" },
        { "   ", "line 1, column" },
        { "{", "line 1, column 1" },
        { "{\n \"global\": {\n  \"core:datatype\" \"ci8\"\n }}", "line 3, column" },
        { "{\n \"global\": {\n  \"core:datatype\": \"ci8\",\n }}", "line 4, column" },
        { "{\"global\": {\"core:datatype\": \"ci8\", \"core:datatype\": \"cu8\"}}", "duplicate" },
        { "{\"global\": {" TYPE ", \"core:sample_rate\": 1e999}}", "line 1, column" },
        { "{\"global\": {" TYPE ", \"core:sample_rate\": NaN}}", "line 1, column" },
        { "{\"global\": {" TYPE ", \"core:sample_rate\": 0x10}}", "line 1, column" },
        { "{\"global\": {" TYPE ", \"core:num_channels\": 99999999999999999999}}", "too big integer" },
        { "{\"global\": {\"core:datatype\": \"\xFF\"}}", "line 1, column" },
        { "{\"global\": {\"core:datatype\": \"a\\u0000b\"}}", "line 1, column" },
        { "{\"global\": {}} trailing", "line 1, column" },
        { "\xFF\xFE{\0", "line 1, column" },
        { "[]", "has no object \"global\"" },
        { "\"text\"", "line 1, column" },
        { "{}", "has no object \"global\"" },
        { "{\"global\": []}", "has no object \"global\"" },
        { "{\"global\": null}", "has no object \"global\"" },

        /* core:datatype */
        { GLOBAL(RATE), "core:datatype in global is missing" },
        { GLOBAL(RATE ", \"core:datatype\": null"), "core:datatype in global is missing" },
        { GLOBAL(RATE ", \"core:datatype\": 16"), "core:datatype in global must be a string, not an integer" },
        { GLOBAL(RATE ", \"core:datatype\": {}"), "core:datatype in global must be a string, not an object" },
        { GLOBAL(RATE ", \"core:datatype\": \"\""), "core:datatype in global is \"\", which is none of: cf32_le" },
        { GLOBAL(RATE ", \"core:datatype\": \"ci12_le\""), "core:datatype in global is \"ci12_le\", which is none of: cf32_le" },
        { GLOBAL(RATE ", \"core:datatype\": \"CF32_LE\""), "rf64_be" },
        { GLOBAL(RATE ", \"core:datatype\": \"no such type at all, and a long one: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""),
          "ru8." },

        /* core:sample_rate */
        { GLOBAL(TYPE), "core:sample_rate in global is missing. Without it" },
        { GLOBAL(TYPE ", \"core:sample_rate\": null"), "add the rate in hertz" },
        { GLOBAL(TYPE ", \"core:sample_rate\": \"48000\""), "core:sample_rate in global must be a number of hertz, not a string" },
        { GLOBAL(TYPE ", \"core:sample_rate\": true"), "core:sample_rate in global must be a number of hertz, not a boolean" },
        { GLOBAL(TYPE ", \"core:sample_rate\": 0"), "core:sample_rate in global is 0 Hz; it must be greater than 0" },
        { GLOBAL(TYPE ", \"core:sample_rate\": -0.0"), "it must be greater than 0" },
        { GLOBAL(TYPE ", \"core:sample_rate\": -48000"), "core:sample_rate in global is -48000 Hz; it must be greater than 0" },
        { GLOBAL(TYPE ", \"core:sample_rate\": 1e250"), "core:sample_rate in global is 1e+250 Hz; from 1e-06 to 1e+15 Hz" },
        { GLOBAL(TYPE ", \"core:sample_rate\": 1e-300"), "core:sample_rate in global is 1e-300 Hz; from" },

        /* core:num_channels, core:offset */
        { WITH(", \"core:num_channels\": 0", ""), "core:num_channels in global is 0; from 1 to 4096" },
        { WITH(", \"core:num_channels\": -2", ""), "core:num_channels in global is -2; it must be a whole number" },
        { WITH(", \"core:num_channels\": 1.5", ""), "core:num_channels in global is 1.5; it must be a whole number" },
        { WITH(", \"core:num_channels\": 4097", ""), "core:num_channels in global is 4097; from 1 to 4096" },
        { WITH(", \"core:num_channels\": 1152921504606846976", ""), "core:num_channels in global is 1152921504606846976; from" },
        { WITH(", \"core:num_channels\": 9223372036854775807", ""), "core:num_channels in global is 9223372036854775807; from" },
        { WITH(", \"core:num_channels\": 1e300", ""), "it must be a whole number" },
        { WITH(", \"core:num_channels\": \"2\"", ""), "core:num_channels in global must be a whole number, not a string" },
        { WITH(", \"core:num_channels\": [2]", ""), "core:num_channels in global must be a whole number, not an array" },
        { WITH(", \"core:offset\": -1", ""), "core:offset in global is -1; it must be" },
        { WITH(", \"core:offset\": \"0\"", ""), "core:offset in global must be a whole number, not a string" },

        /* where the data are */
        { WITH(", \"core:dataset\": 5", ""), "core:dataset in global must be a string, not an integer" },
        { WITH(", \"core:dataset\": \"../../etc/passwd\"", ""), "core:dataset in global must be the name of a file" },
        { WITH(", \"core:dataset\": \"/etc/passwd\"", ""), "core:dataset in global must be the name of a file" },
        { WITH(", \"core:dataset\": \"..\"", ""), "core:dataset in global must be the name of a file" },
        { WITH(", \"core:dataset\": \"" HUNDRED HUNDRED HUNDRED "\"", ""), "core:dataset in global is longer than 255 bytes" },
        { WITH(", \"core:metadata_only\": \"yes\"", ""), "core:metadata_only in global must be true or false, not a string" },
        { WITH(", \"core:trailing_bytes\": -1", ""), "core:trailing_bytes in global is -1" },
        { WITH(", \"core:trailing_bytes\": false", ""), "core:trailing_bytes in global must be a whole number, not a boolean" },

        /* what the rest says */
        { WITH(", \"core:description\": [1]", ""), "core:description in global must be a string, not an array" },
        { WITH(", \"core:extensions\": [{\"name\": \"mine\", \"version\": \"1\", \"optional\": false}]", ""),
          "core:extensions in global says that the recording cannot be understood without \"mine\"" },
        { WITH(", \"core:extensions\": [{\"name\": \"signal\", \"optional\": false}, {\"optional\": false}]", ""),
          "core:extensions in global says that the recording cannot be understood without \"(without a name)\"" },

        /* captures */
        { "{\"global\": {" TYPE ", " RATE "}, \"captures\": {}}", "captures in the metadata must be an array, not an object" },
        { WITH("", "5"), "captures[0] must be an object, not an integer" },
        { WITH("", "{" START(0) "}, null"), "captures[1] must be an object, not null" },
        { WITH("", "{}"), "core:sample_start in captures[0] is missing" },
        { WITH("", "{" START(0) "}, {\"core:frequency\": 1e9}"), "core:sample_start in captures[1] is missing" },
        { WITH("", "{" START(-1) "}"), "core:sample_start in captures[0] is -1" },
        { WITH("", "{" START(0.5) "}"), "core:sample_start in captures[0] is 0.5" },
        { WITH("", "{" START(1e300) "}"), "core:sample_start in captures[0] is" },
        { WITH("", "{" START("x") "}"), "core:sample_start in captures[0] must be a whole number, not a string" },
        { WITH("", "{" START(0) ", \"core:frequency\": \"915 MHz\"}"), "core:frequency in captures[0] must be a number of hertz" },
        { WITH("", "{" START(0) ", \"core:frequency\": 1e16}"), "core:frequency in captures[0] is 1e+16 Hz; from -1e+15" },
        { WITH("", "{" START(0) ", \"core:datetime\": 1624058271}"), "core:datetime in captures[0] must be a string" },
        { WITH("", "{" START(0) ", \"core:header_bytes\": -4}"), "core:header_bytes in captures[0] is -4" },
        { WITH("", "{" START(0) ", \"core:global_index\": 0.1}"), "core:global_index in captures[0] is 0.1" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_sigmf meta;
        struct svi_error err = { 0 };
        if (parse(&meta, rows[i].text, &err))
            fail_msg("row %zu was taken: %s", i, rows[i].text);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].message);
        check_has(err.message, "a/b/rec_x7Kq2.sigmf-meta");
        assert_null(meta.captures);
        assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
    }
}

static void an_unknown_datatype_is_answered_with_all_28(void **state)
{
    (void)state;
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    char label[300];
    memset(label, 'x', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    assert_false(svi_sigmf_parse(&meta,
                                 svi_bytes_of(GLOBAL(RATE ", \"core:datatype\": \"complex numbers of thirty-two bits each\"")),
                                 &nothing, label, &err));
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++)
        check_has(err.message, row->name);
}

static void all_spellings_are_read(void **state)
{
    (void)state;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        char text[200];
        struct svi_sigmf meta;
        struct svi_error err = { 0 };
        snprintf(text, sizeof text, GLOBAL("\"core:datatype\": \"%s\", " RATE), row->name);
        check_ok(parse(&meta, text, &err), err);
        assert_ptr_equal(meta.datatype, row);
        assert_int_equal(meta.warnings.count, 0);
        svi_sigmf_clear(&meta);

        /* Without its ending: little-endian and a warning; single bytes have none to lose. */
        snprintf(text, sizeof text, GLOBAL("\"core:datatype\": \"%.4s\", " RATE), row->name);
        check_ok(parse(&meta, text, &err), err);
        assert_false(meta.datatype->big_endian);
        assert_int_equal(meta.warnings.count, row->part_bytes > 1);
        if (row->part_bytes > 1)
            check_has(meta.warnings.text[0], meta.datatype->name);
        svi_sigmf_clear(&meta);
    }
}

static void what_is_left_out_has_a_default(void **state)
{
    (void)state;
    static const char *const texts[] = {
        GLOBAL(TYPE ", " RATE),
        "{\"captures\": [], \"global\": {" TYPE ", " RATE "}}",
        "\xEF\xBB\xBF {\"captures\": null, \"annotations\": null, \"global\": {" TYPE ", " RATE ", \"core:num_channels\": null}}",
    };
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct svi_sigmf meta;
        struct svi_error err = { 0 };
        check_ok(parse(&meta, texts[i], &err), err);
        assert_int_equal(meta.channels, 1);
        assert_true(meta.sample_rate_hz == 1000);
        assert_int_equal(meta.capture_count, 1);
        assert_int_equal(meta.captures[0].first_sample, 0);
        assert_true(isnan(meta.captures[0].center_frequency_hz));
        assert_string_equal(meta.captures[0].start_time, "");
        assert_string_equal(meta.description, "");
        assert_string_equal(meta.dataset, "");
        assert_false(meta.metadata_only);
        assert_int_equal(meta.warnings.count, 0);
        svi_sigmf_clear(&meta);
    }
}

static void everything_that_is_said_is_read(void **state)
{
    (void)state;
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    check_ok(
        parse(
            &meta,
            "{\"global\": {\"core:datatype\": \"cu16_be\", \"core:sample_rate\": 2.4e6, \"core:num_channels\": 4.0, "
            "\"core:offset\": 5000000000, \"core:dataset\": \"d.bin\", \"core:trailing_bytes\": 12, \"core:metadata_only\": true, "
            "\"core:description\": \"two\\nlines\\u0007 and \\u20ac\", "
            "\"core:extensions\": [{\"name\": \"mine\", \"optional\": true}, {\"name\": \"signal\", \"optional\": false}, 7]}, "
            "\"captures\": [{\"core:sample_start\": 5000000000, \"core:frequency\": 915000000, "
            "\"core:datetime\": \"2021-06-18T23:17:51.163959Z\", \"core:header_bytes\": 44, \"core:global_index\": 9}, "
            "{\"core:sample_start\": 5000000100, \"other:key\": [1]}]}",
            &err),
        err);
    assert_string_equal(meta.datatype->name, "cu16_be");
    assert_true(meta.sample_rate_hz == 2.4e6);
    assert_int_equal(meta.channels, 4);
    assert_string_equal(meta.dataset, "d.bin");
    assert_int_equal(meta.trailing_bytes, 12);
    assert_true(meta.metadata_only);
    assert_string_equal(meta.description, "two lines\xEF\xBF\xBD and \xE2\x82\xAC");
    assert_int_equal(meta.capture_count, 2);
    assert_int_equal(meta.captures[0].first_sample, 0);
    assert_true(meta.captures[0].center_frequency_hz == 915e6);
    assert_string_equal(meta.captures[0].start_time, "2021-06-18T23:17:51.163959Z");
    assert_int_equal(meta.captures[0].header_bytes, 44);
    assert_true(meta.captures[0].has_global_index);
    assert_int_equal(meta.captures[0].global_index, 9);
    /* Nothing carries over. */
    assert_int_equal(meta.captures[1].first_sample, 100);
    assert_true(isnan(meta.captures[1].center_frequency_hz));
    assert_string_equal(meta.captures[1].start_time, "");
    assert_int_equal(meta.captures[1].header_bytes, 0);
    assert_false(meta.captures[1].has_global_index);
    assert_int_equal(meta.warnings.count, 0);
    svi_sigmf_clear(&meta);
}

/* Segments as "first+count@frequency" each, with the warning that goes with them. */
static void captures_become_segments(void **state)
{
    (void)state;
    static const struct {
        const char *global, *captures;
        uint64_t data_bytes; /* four to a sample */
        const char *segments, *warning;
    } rows[] = {
        { "", "", 400, "0+100@nan", NULL },
        { "", "{" START(0) ", \"core:frequency\": 5}", 400, "0+100@5", NULL },
        { "", "{" START(0) ", \"core:frequency\": 5}, {" START(40) "}, {" START(60.0) ", \"core:frequency\": -7}", 400,
          "0+40@5 40+20@nan 60+40@-7", NULL },
        { "", "{" START(10) ", \"core:frequency\": 5}", 400, "0+10@nan 10+90@5", NULL },
        { "", "{" START(60) ", \"core:frequency\": 6}, {" START(0) ", \"core:frequency\": 5}", 400, "0+60@5 60+40@6",
          "not sorted" },
        { "", "{" START(0) "}, {" START(50) ", \"core:frequency\": 6}, {" START(50) ", \"core:frequency\": 7}", 400,
          "0+50@nan 50+50@7", "Captures that begin where a later one begins too: 1;" },
        { "", "{" START(0) ", \"core:frequency\": 5}, {" START(100) "}, {" START(9000000000000000000) "}", 400, "0+100@5",
          "Captures that begin behind the end of the data (100 samples): 2;" },
        { "", "{" START(100) ", \"core:frequency\": 5}", 400, "0+100@nan",
          "Captures that begin behind the end of the data (100 samples): 1;" },
        { ", \"core:offset\": 1000", "{" START(1000) ", \"core:frequency\": 5}, {" START(1090) "}", 400, "0+90@5 90+10@nan", NULL },
        { ", \"core:offset\": 1000", "{" START(0) ", \"core:frequency\": 5}, {" START(1090) "}", 400, "0+90@5 90+10@nan",
          "core:sample_start is before core:offset: 1;" },
        { ", \"core:offset\": 9223372036854775807", "{" START(9223372036854775807) ", \"core:frequency\": 5}", 400, "0+100@5",
          NULL },
        { "", "{" START(0) ", \"core:datetime\": \"yesterday\"}, {" START(5) ", \"core:datetime\": \"2021-02-30T00:00:00Z\"}", 400,
          "0+5@nan 5+95@nan", "core:datetime is no RFC 3339 time: 2;" },
        { "", "{" START(0) ", \"core:datetime\": \"2021-02-03T00:00:00\"}", 400, "0+100@nan", "no time zone: 1;" },
        { "", "{" START(0) ", \"core:global_index\": 500}, {" START(50) ", \"core:global_index\": 560}, {" START(60) "}", 400,
          "0+60@nan 60+10@nan 70+40@nan", NULL },
        { "", "{" START(0) ", \"core:global_index\": 0}, {" START(50) ", \"core:global_index\": 9000000000}", 400,
          "0+50@nan 50+50@nan", "By core:global_index more than 1000 times as many samples are missing" },
        { "", "{" START(0) ", \"core:global_index\": 500}, {" START(50) ", \"core:global_index\": 550}", 400, "0+50@nan 50+50@nan",
          NULL },
        { "", "{" START(0) ", \"core:global_index\": 500}, {" START(50) ", \"core:global_index\": 0}", 400, "0+50@nan 50+50@nan",
          NULL },
        { "", "", 4, "0+1@nan", NULL },
        { "", "", 403, "0+100@nan", "ends inside a sample: 403 bytes, 4 per sample (ci16_le, 1 channel). The last 3 are left out" },
        { ", \"core:num_channels\": 3", "", 403, "0+33@nan",
          "403 bytes, 12 per sample (ci16_le, 3 channels). The last 7 are left out" },
        { "", "", 40000000000000002, "0+10000000000000000@nan", "The last 2 are left out" },
        { ", \"core:trailing_bytes\": 8", "{" START(0) ", \"core:header_bytes\": 44}", 452, "0+100@nan", NULL },
        { ", \"core:trailing_bytes\": 7", "{" START(0) ", \"core:header_bytes\": 44}", 452, "0+100@nan",
          "401 bytes, 4 per sample" },
        { "", "{" START(0) "}, {" START(5) ", \"core:header_bytes\": 4}", 404, "0+5@nan 5+95@nan", NULL },
        { "", "{" START(5) ", \"core:header_bytes\": 4}", 404, "0+5@nan 5+95@nan", NULL },
        { ", \"core:trailing_bytes\": 10",
          "{" START(0) ", \"core:header_bytes\": 1}, {" START(5) ", \"core:header_bytes\": 2}, {" START(
              9) ", \"core:header_bytes\": 3}",
          56, "0+5@nan 5+4@nan 9+1@nan", NULL },
        { "", "{" START(0) "}, {" START(5) ", \"core:header_bytes\": 4}", 22, "0+5@nan", "behind the end" },
        { "", "{" START(0) "}, {" START(5) ", \"core:header_bytes\": 9223372036854775807}", 24, "0+5@nan", "behind the end" },
        { "", "{" START(0) "}, {" START(9223372036854775807) ", \"core:header_bytes\": 4}", 400, "0+100@nan", "behind the end" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[1000], segments[300] = "";
        struct svi_sigmf meta;
        struct svi_sigmf_layout layout = { 0 };
        struct svi_error err = { 0 };
        snprintf(text, sizeof text, WITH("%s", "%s"), rows[i].global, rows[i].captures);
        check_ok(parse(&meta, text, &err) && svi_sigmf_fit(&layout, &meta, rows[i].data_bytes, "rec.sigmf-data", &err), err);
        for (size_t s = 0; s < layout.segment_count; s++) {
            const struct svi_segment *segment = &layout.segments[s];
            char frequency[40] = "nan";
            if (!isnan(segment->center_frequency_hz))
                snprintf(frequency, sizeof frequency, "%g", segment->center_frequency_hz);
            snprintf(segments + strlen(segments), sizeof segments - strlen(segments), "%s%llu+%llu@%s", s ? " " : "",
                     (unsigned long long)segment->first_sample, (unsigned long long)segment->sample_count, frequency);
        }
        assert_string_equal(segments, rows[i].segments);
        assert_int_equal(meta.warnings.count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(meta.warnings.text[0], rows[i].warning);
        svi_sigmf_layout_clear(&layout);
        svi_sigmf_clear(&meta);
    }
}

static void data_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *global, *captures;
        uint64_t data_bytes;
        const char *message;
    } rows[] = {
        { "", "", 0, "The data file rec.sigmf-data is empty" },
        { "", "", 3, "rec.sigmf-data holds 3 bytes; one sample (ci16_le, 1 channel) takes 4" },
        { ", \"core:num_channels\": 4096", "", 16383, "holds 16383 bytes; one sample (ci16_le, 4096 channels) takes 16384" },
        { "", "{" START(0) ", \"core:header_bytes\": 101}", 100,
          "core:header_bytes (101) and core:trailing_bytes (0) are more than the 100" },
        { ", \"core:trailing_bytes\": 60", "{" START(0) ", \"core:header_bytes\": 41}", 100, "are more than the 100 bytes" },
        { ", \"core:trailing_bytes\": 60", "{" START(0) ", \"core:header_bytes\": 40}", 100, "holds 0 bytes" },
        { ", \"core:trailing_bytes\": 9223372036854775807", "{" START(0) ", \"core:header_bytes\": 9223372036854775807}", 100,
          "more than" },
        { "",
          "{" START(0) ", \"core:header_bytes\": 9223372036854775807}, {" START(
              0) ", \"core:header_bytes\": 9223372036854775807}, {" START(0) ", \"core:header_bytes\": 9223372036854775807}",
          100, "more than" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[1000];
        struct svi_sigmf meta;
        struct svi_sigmf_layout layout = { 0 };
        struct svi_error err = { 0 };
        snprintf(text, sizeof text, WITH("%s", "%s"), rows[i].global, rows[i].captures);
        check_ok(parse(&meta, text, &err), err);
        assert_false(svi_sigmf_fit(&layout, &meta, rows[i].data_bytes, "rec.sigmf-data", &err));
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].message);
        assert_null(layout.segments);
        svi_sigmf_clear(&meta);
    }
}

/* A warning for each of many captures would hide the others: they are counted. */
static void many_faults_make_few_warnings(void **state)
{
    (void)state;
    struct svi_buffer text;
    svi_buffer_init(&text, 1 << 20);
    svi_buffer_add_text(&text, "{\"global\": {" TYPE ", " RATE "}, \"captures\": [");
    for (int i = 0; i < 1000; i++)
        svi_buffer_add_text(&text, "%s{\"core:sample_start\": %d, \"core:datetime\": \"%d\"}", i ? ", " : "", (1000 - i) / 2, i);
    svi_buffer_add_text(&text, "]}");
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    check_ok(svi_sigmf_parse(&meta, (struct svi_bytes){ text.at, text.count }, &nothing, "rec", &err), err);
    assert_int_equal(meta.capture_count, 501);
    for (size_t i = 0; i < meta.capture_count; i++)
        assert_int_equal(meta.captures[i].first_sample, i);
    assert_int_equal(meta.warnings.count, 3);
    check_has(meta.warnings.text[1], "too: 499;");
    check_has(meta.warnings.text[2], "time: 1000;");
    svi_sigmf_clear(&meta);
    svi_buffer_clear(&text);
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    struct svi_buffer text;
    svi_buffer_init(&text, 1 << 20);
    svi_buffer_add_text(&text, "{\"global\": {" TYPE ", " RATE ", \"x\": ");
    for (int i = 0; i < 100000; i++)
        svi_buffer_add_text(&text, "[");
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    assert_false(svi_sigmf_parse(&meta, (struct svi_bytes){ text.at, text.count }, &nothing, "rec.sigmf-meta", &err));
    check_has(err.message, "rec.sigmf-meta nests JSON deeper than 64 levels");
    svi_buffer_clear(&text);
}

/* A few bytes of text may be a hundred in memory: what the metadata file may be long, its values may not be many. */
static void values_have_a_limit_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int count;
        bool taken;
    } rows[] = { { "[]", 2000000, false }, { "{}", 1000000, false }, { "{\"a\":1}", 1000000, false }, { "[[]]", 1000000, false },
                 { "1", 6000000, false },  { "[]", 1000000, true },  { "{}", 500000, true },          { "1", 4000000, true } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_buffer text;
        struct svi_sigmf meta;
        struct svi_error err = { 0 };
        svi_buffer_init(&text, 32 << 20);
        svi_buffer_add_text(&text, "{\"global\": {" TYPE ", " RATE ", \"x\": [1");
        for (int k = 0; k < rows[i].count; k++) {
            svi_buffer_add(&text, ",", 1);
            svi_buffer_add(&text, rows[i].value, strlen(rows[i].value));
        }
        svi_buffer_add_text(&text, "]}}");
        const bool taken = svi_sigmf_parse(&meta, (struct svi_bytes){ text.at, text.count }, &nothing, "rec.sigmf-meta", &err);
        if (taken != rows[i].taken)
            fail_msg("%d times %s: %s", rows[i].count, rows[i].value, err.message);
        if (taken)
            svi_sigmf_clear(&meta);
        else
            check_has(err.message, "rec.sigmf-meta holds so many JSON values that they would take more than 256 MiB");
        svi_buffer_clear(&text);
    }
}

static void labels_and_texts_from_outside_are_cleaned(void **state)
{
    (void)state;
    struct svi_sigmf meta;
    struct svi_error err = { 0 };
    assert_false(svi_sigmf_parse(&meta, svi_bytes_of(GLOBAL(RATE ", \"core:datatype\": \"a\\u001b[31m\\nb\"")), &nothing,
                                 "a\nb\xFF\x1B[2J.sigmf-meta", &err));
    for (const char *c = err.message; *c; c++)
        assert_true((unsigned char)*c >= 0x20);
    assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_names_file_and_key),
        cmocka_unit_test(an_unknown_datatype_is_answered_with_all_28),
        cmocka_unit_test(all_spellings_are_read),
        cmocka_unit_test(what_is_left_out_has_a_default),
        cmocka_unit_test(everything_that_is_said_is_read),
        cmocka_unit_test(captures_become_segments),
        cmocka_unit_test(data_that_do_not_fit_are_refused),
        cmocka_unit_test(many_faults_make_few_warnings),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(values_have_a_limit_of_their_own),
        cmocka_unit_test(labels_and_texts_from_outside_are_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
