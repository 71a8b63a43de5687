/* test_archive - packed recordings: the samples are those of the plain files, nothing stays behind, and what is broken or does not
 * belong into an archive is refused. The archives are made by libarchive's own writer. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "packing.h"

static char samples[40000];

static void every_packing_holds_the_same_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (char)(i * 7 + i / 251);
    static const struct {
        const char *label, *name; /* name: of the member */
        const struct packing *packing;
        bool in_place;
    } rows[] = {
        { "x.zip", "a/rec_1k.cu8", &as_zip, false },       { "x.zip", "rec_1k.cu8", &as_stored_zip, false },
        { "x.tar", "a/rec_1k.cu8", &as_tar, true },        { "stored_x7Kq", "rec_1k.cu8", &as_gnu_tar, true },
        { "x.tar.gz", "a/rec_1k.cu8", &as_tar_gz, false }, { "x.txz", "rec_1k.cu8", &as_tar_xz, false },
        { "x.tar.zst", "rec_1k.cu8", &as_tar_zst, false }, { "rec_1k.cu8.gz", "ignored", &as_gz, false },
        { "b/rec_1k.cu8.XZ", "ignored", &as_xz, false },   { "rec_1k.cu8.zst", "ignored", &as_zst, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct entry entry = { .name = rows[i].name, .bytes = samples, .count = sizeof samples };
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        pack(path_of("packed"), rows[i].packing, &entry, 1);
        check_ok(open_file(&capture, path_of("packed"), rows[i].label, usual, &err), err);
        assert_string_equal(svi_capture_recording(capture)->format, "raw");
        assert_string_equal(svi_capture_recording(capture)->name, "rec_1k");
        check_samples(capture, samples, sizeof samples / 2);
        svi_capture_close(capture);
        check_nothing_left();
        /* What needs no unpacking needs no folder for it. */
        struct svi_error none = { 0 };
        bool ok = open_file(&capture, path_of("packed"), rows[i].label, (struct svi_capture_request){ 0 }, &none);
        assert_int_equal(ok, rows[i].in_place);
        if (ok)
            svi_capture_close(capture);
        else
            check_has(none.message, "not unpacked here");
    }
}

/* Packed where names are UTF-8, which a zip then says of each that is not ASCII; a pax tar always does. Of no encoding that is said
 * they are what they are. */
static void names_are_not_only_ascii(void **state)
{
    (void)state;
    static const struct {
        const struct packing *packing;
        bool said;
        const char *name, *shown;
    } rows[] = {
        { &as_zip, true, "Ger\xC3\xA4te/\xE9\x9B\xBB\xE6\xB3\xA2_1k.cu8", "\xE9\x9B\xBB\xE6\xB3\xA2_1k" },
        { &as_pax_gz, true, "Ger\xC3\xA4te/\xE9\x9B\xBB\xE6\xB3\xA2_1k.cu8", "\xE9\x9B\xBB\xE6\xB3\xA2_1k" },
        { &as_zip, false, "Ger\xC3\xA4te/\xE9\x9B\xBB\xE6\xB3\xA2_1k.cu8", "\xE9\x9B\xBB\xE6\xB3\xA2_1k" },
        { &as_tar_gz, false, "Ger\xC3\xA4te/\xE9\x9B\xBB\xE6\xB3\xA2_1k.cu8", "\xE9\x9B\xBB\xE6\xB3\xA2_1k" },
        { &as_zip, false, "Ger\xE4te/x_1k.cu8", "x_1k" },
        { &as_tar_xz, false, "Ger\xE4te/x_1k.cu8", "x_1k" },
    };
    const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    assert_true(utf8 != (locale_t)0);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct entry entry = { .name = rows[i].name, .bytes = "samples!" };
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        const locale_t before = rows[i].said ? uselocale(utf8) : uselocale((locale_t)0);
        pack(path_of("packed"), rows[i].packing, &entry, 1);
        uselocale(before);
        check_ok(open_file(&capture, path_of("packed"), "packed", usual, &err), err);
        assert_string_equal(svi_capture_recording(capture)->name, rows[i].shown);
        check_samples(capture, "samples!", 4);
        svi_capture_close(capture);
        assert_ptr_equal(uselocale((locale_t)0), before);
    }
    freelocale(utf8);
}

#define META(rate)                                                                                                                 \
    "{\"global\": {\"core:datatype\": \"ci8\", \"core:version\": \"1.0.0\", \"core:sample_rate\": " rate "}, \"captures\": []}"
static const char collection[] =
    "{\"collection\": {\"core:version\": \"1.0.0\", \"core:streams\": [{\"name\": \"one\"}, {\"name\": "
    "\"two\"}]}}";

static void a_sigmf_archive_is_read_in_place(void **state)
{
    (void)state;
    static const struct entry entries[] = {
        { .name = "all.sigmf-collection", .bytes = collection },
        { .name = "r/", .type = AE_IFDIR },
        { .name = "r/one.sigmf-data", .bytes = "aabbcc" },
        { .name = "r/one.sigmf-meta", .bytes = META("1000") },
        { .name = "r/two.sigmf-meta", .bytes = META("2000") },
        { .name = "r/two.sigmf-data", .bytes = "AABBCCDD" },
        { .name = "notes.txt", .bytes = "notes" },
        { .name = "._notes.txt", .bytes = "of a system" },
    };
    static const struct packing *const packings[] = { &as_tar, &as_gnu_tar, &as_zip, &as_tar_xz };
    static const struct {
        const char *recording, *name, *bytes;
        uint64_t count;
    } rows[] = { { NULL, "one", "aabbcc", 3 },
                 { "one", "one", "aabbcc", 3 },
                 { "two", "two", "AABBCCDD", 4 },
                 { "two.sigmf-meta", "two", "AABBCCDD", 4 },
                 { "r/two.sigmf-meta", "two", "AABBCCDD", 4 } };
    for (size_t k = 0; k < ROWS(packings); k++) {
        pack(path_of("two.sigmf"), packings[k], entries, ROWS(entries));
        for (size_t i = 0; i < ROWS(rows); i++) {
            struct svi_capture *capture;
            struct svi_error err = { 0 };
            const struct svi_capture_request request = { .recording = rows[i].recording, .scratch_folder = k < 2 ? NULL : scratch };
            check_ok(open_file(&capture, path_of("two.sigmf"), "two.sigmf", request, &err), err);
            const struct svi_recording *recording = svi_capture_recording(capture);
            assert_string_equal(recording->name, rows[i].name);
            check_samples(capture, rows[i].bytes, rows[i].count);
            assert_int_equal(recording->warnings.count, rows[i].recording ? 0 : 1);
            if (!rows[i].recording)
                check_has(recording->warnings.text[0], "one.sigmf-meta, r/two.sigmf-meta. Pick one with the parameter recording.");
            svi_capture_close(capture);
            check_nothing_left();
        }
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        const struct svi_capture_request request = { .recording = "three", .scratch_folder = scratch };
        assert_false(open_file(&capture, path_of("two.sigmf"), "two.sigmf", request, &err));
        assert_int_equal(err.status, SVI_BAD_PARAMETER);
        check_has(err.message, "no recording \"three\" in the archive");
        check_nothing_left();
    }
}

static void a_collection_finds_its_recordings_beside_it(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    static const char *const names[] = { "one.sigmf-meta", "one.sigmf-data", "two.sigmf-meta", "two.sigmf-data",
                                         "c.sigmf-collection" };
    const char *const texts[] = { META("1000"), "aabbcc", META("2000"), "AABBCCDD", collection };
    for (size_t i = 0; i < ROWS(names); i++)
        check_ok(svi_file_write(path_of(names[i]), svi_bytes_of(texts[i]), &err), err);
    struct svi_capture *capture;
    struct svi_capture_request request = { .look_beside = true };
    check_ok(open_file(&capture, path_of("c.sigmf-collection"), "c.sigmf-collection", request, &err), err);
    assert_string_equal(svi_capture_recording(capture)->name, "one");
    check_has(svi_capture_recording(capture)->warnings.text[0], "one is drawn of 2 recordings in c.sigmf-collection: one, two.");
    check_samples(capture, "aabbcc", 3);
    svi_capture_close(capture);
    request.recording = "two";
    check_ok(open_file(&capture, path_of("c.sigmf-collection"), "c.sigmf-collection", request, &err), err);
    check_samples(capture, "AABBCCDD", 4);
    svi_capture_close(capture);

    static const struct {
        const char *text, *says;
    } rows[] = {
        { "{\"collection\": {\"core:streams\": []}}", "is empty" },
        { "{\"collection\": {\"core:version\": \"1\"}}", "is nothing" },
        { "{\"collection\": {\"core:streams\": {}}}", "is an object" },
        { "{\"collection\": {\"core:streams\": [{\"name\": \"../../etc/x\"}]}}", "no file name" },
        { "{\"collection\": {\"core:streams\": [{\"name\": \"..\"}]}}", "no file name" },
        { "{\"collection\": {\"core:streams\": [7]}}", "no file name" },
        { "{\"collection\": {\"core:streams\": [[\"nowhere\", \"hash\"]]}}", "nowhere.sigmf-meta cannot be opened" },
        { "{\"collection\": {\"core:streams\": [", "JSON" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error why = { 0 };
        request.recording = NULL;
        check_ok(svi_file_write(path_of("c.sigmf-collection"), svi_bytes_of(rows[i].text), &err), err);
        if (open_file(&capture, path_of("c.sigmf-collection"), "c.sigmf-collection", request, &why)
            || !strstr(why.message, rows[i].says))
            fail_msg("row %zu: %s", i, why.message);
    }
    struct svi_error why = { 0 };
    assert_false(open_file(&capture, path_of("c.sigmf-collection"), "c", (struct svi_capture_request){ 0 }, &why));
}

/* The sum of "abc" is FIPS 180-2's example. */
static void the_checksum_is_compared(void **state)
{
    (void)state;
#define ABC                                                                                                                        \
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54c" \
    "a49f"
#define OTHER                                                                                                                      \
    "edaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54c" \
    "a49f"
#define WITH(sum)                                                                                                                  \
    "{\"global\": {\"core:datatype\": \"ri8\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1, \"core:sha512\": \"" sum      \
    "\"}, \"captures\": []}"
    static const struct {
        const char *meta;
        enum svi_verify verify;
        enum svi_checksum checksum;
        const char *warning; /* NULL: none */
    } rows[] = {
        { WITH(ABC), SVI_VERIFY_USUAL, SVI_CHECKSUM_RIGHT, NULL },
        { WITH(ABC), SVI_VERIFY_NEVER, SVI_CHECKSUM_UNCHECKED, NULL },
        { WITH(OTHER), SVI_VERIFY_ALWAYS, SVI_CHECKSUM_WRONG, "their SHA-512 is not the one in core:sha512" },
        { WITH(ABC "0"), SVI_VERIFY_ALWAYS, SVI_CHECKSUM_NONE, "core:sha512 is no SHA-512, which has 128 hexadecimal digits" },
        { WITH("zz"), SVI_VERIFY_USUAL, SVI_CHECKSUM_NONE, "core:sha512 is no SHA-512" },
        { WITH(""), SVI_VERIFY_ALWAYS, SVI_CHECKSUM_NONE, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_capture *capture;
        check_ok(svi_file_write(path_of("sum.sigmf-data"), svi_bytes_of("abc"), &err), err);
        check_ok(svi_file_write(path_of("sum.sigmf-meta"), svi_bytes_of(rows[i].meta), &err), err);
        const struct svi_capture_request request = { .look_beside = true, .verify = rows[i].verify };
        check_ok(open_file(&capture, path_of("sum.sigmf-meta"), "sum.sigmf-meta", request, &err), err);
        assert_int_equal(svi_capture_recording(capture)->checksum, rows[i].checksum);
        const struct svi_warnings *warnings = &svi_capture_recording(capture)->warnings;
        assert_int_equal(warnings->count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(warnings->text[0], rows[i].warning);
        check_samples(capture, "abc", 3);
        svi_capture_close(capture);
    }
}

/* ---- Digital RF ---- */

static void add_tree(struct archive *archive, const char *folder, const char *name)
{
    struct svi_error err = { 0 };
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", folder, name);
    DIR *list = opendir(path);
    if (!list) {
        struct svi_buffer bytes;
        check_ok(svi_file_read(&bytes, path, name, 1 << 24, &err), err);
        write_entry(archive, &(struct entry){ .name = name, .bytes = (const char *)bytes.at, .count = bytes.count });
        svi_buffer_clear(&bytes);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(list));)
        if (entry->d_name[0] != '.') {
            char below[PATH_MAX];
            svi_format(below, sizeof below, "%s/%s", name, entry->d_name);
            add_tree(archive, folder, below);
        }
    closedir(list);
}

static void a_digital_rf_tree_is_told_by_its_folders(void **state)
{
    (void)state;
    char data[PATH_MAX];
    svi_format(data, sizeof data, "%s/digital_rf", getenv("SVI_TEST_DATA"));
    int (*const formats[])(struct archive *) = { archive_write_set_format_zip, archive_write_set_format_pax_restricted };
    for (size_t k = 0; k < ROWS(formats); k++) {
        struct archive *archive = archive_write_new();
        assert_int_equal(formats[k](archive), ARCHIVE_OK);
        assert_int_equal(archive_write_open_filename(archive, path_of("tree")), ARCHIVE_OK);
        add_tree(archive, data, "subchannels");
        add_tree(archive, data, "gaps");
        write_entry(archive, &(struct entry){ .name = "subchannels/notes.txt", .bytes = "not of the recording" });
        assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
        archive_write_free(archive);
        static const char *const channels[] = { "subchannels", "gaps" };
        for (size_t i = 0; i < ROWS(channels); i++) {
            struct svi_capture *capture, *plain;
            struct svi_error err = { 0 };
            char folder[PATH_MAX];
            svi_format(folder, sizeof folder, "%s/%s", data, channels[i]);
            struct svi_capture_request request = usual;
            request.channel = channels[i];
            check_ok(open_file(&capture, path_of("tree"), "tree.zip", request, &err), err);
            check_ok(open_file(&plain, folder, channels[i], (struct svi_capture_request){ .look_beside = true }, &err), err);
            const struct svi_recording *one = svi_capture_recording(capture), *other = svi_capture_recording(plain);
            assert_string_equal(one->name, channels[i]);
            assert_int_equal(one->subchannels, other->subchannels);
            assert_int_equal(one->gap_count, other->gap_count);
            assert_int_equal(one->warnings.count, 0);
            assert_memory_equal(&one->segments[0].center_frequency_hz, &other->segments[0].center_frequency_hz, sizeof(double));
            struct svi_bytes view;
            check_ok(svi_capture_view(plain, 0, other->sample_count, &view, &err), err);
            check_samples(capture, (const char *)view.at, other->sample_count);
            svi_capture_close(plain);
            svi_capture_close(capture);
            check_nothing_left();
        }
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        check_ok(open_file(&capture, path_of("tree"), "tree.zip", usual, &err), err);
        check_has(svi_capture_recording(capture)->warnings.text[0], "gaps, subchannels. Pick one with the parameter channel.");
        svi_capture_close(capture);
        struct svi_capture_request request = usual;
        request.channel = "ch9";
        assert_false(open_file(&capture, path_of("tree"), "tree.zip", request, &err));
        check_has(err.message, "no channel \"ch9\"");
        check_nothing_left();
    }
}

/* ---- what is refused ---- */

static char long_name[4001];

static void entries_that_do_not_belong_are_refused(void **state)
{
    (void)state;
    memset(long_name, 'n', sizeof long_name - 1);
    static const struct {
        struct entry entry;
        const char *says;
        bool not_in_zip;
    } rows[] = {
        { { .name = "/etc/rec_1k.cu8", .bytes = "x" }, "is an absolute path", false },
        { { .name = "\\rec_1k.cu8", .bytes = "x" }, "is an absolute path", true }, /* zip turns it into a slash */
        { { .name = "C:/rec_1k.cu8", .bytes = "x" }, "is an absolute path", false },
        { { .name = "C:CON", .bytes = "x" }, "is an absolute path", false },
        { { .name = "/dev/sda", .type = AE_IFBLK }, "is an absolute path", true },
        { { .name = "../rec_1k.cu8", .bytes = "x" }, "leads out of its folder", false },
        { { .name = "a/../../rec_1k.cu8", .bytes = "x" }, "leads out of its folder", false },
        { { .name = "a/..", .bytes = "x" }, "leads out of its folder", false },
        { { .name = "a\\..\\rec_1k.cu8", .bytes = "x" }, "leads out of its folder", false },
        { { .name = "a\nb_1k.cu8", .bytes = "x" }, "control characters", false },
        { { .name = "a\x7F_1k.cu8", .bytes = "x" }, "control characters", false },
        { { .name = long_name, .bytes = "x" }, "more than 1024 bytes", false },
        { { .name = "link_1k.cu8", .type = AE_IFLNK }, "is a link", false },
        { { .name = "hard_1k.cu8", .hard = true }, "is a link", true },
        { { .name = "pipe_1k.cu8", .type = AE_IFIFO }, "neither a file nor a folder", true },
        { { .name = "disk_1k.cu8", .type = AE_IFBLK }, "neither a file nor a folder", true },
        { { .name = "tty_1k.cu8", .type = AE_IFCHR }, "neither a file nor a folder", true },
    };
    static const struct packing *const packings[] = { &as_tar, &as_gnu_tar, &as_tar_gz, &as_zip };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t k = 0; k < ROWS(packings); k++) {
            const struct entry entries[] = { { .name = "good_1k.cu8", .bytes = "samples" }, rows[i].entry };
            struct svi_capture *capture;
            struct svi_error err = { 0 };
            bool ustar = packings[k] == &as_tar_gz, zip = packings[k] == &as_zip;
            if ((zip && rows[i].not_in_zip) || (ustar && rows[i].entry.name == long_name))
                continue;
            pack(path_of("bad"), packings[k], entries, 2);
            if (open_file(&capture, path_of("bad"), "bad.tar", usual, &err) || !strstr(err.message, rows[i].says))
                fail_msg("row %zu, packing %zu: %s [%s]", i, k, err.message, err.cause);
            assert_int_equal(err.status, SVI_BAD_RECORDING);
            assert_null(strstr(err.message, scratch));
            check_nothing_left();
        }
}

/* What a hole at the end of a file stands for would be lost. */
static void files_with_holes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const struct packing *packing;
        const char *says;
    } rows[] = { { &as_tar, "a file with holes in it is not read here" }, { &as_pax_gz, "\"rec_1k.cu8\" has holes in it" } };
    const struct entry entry = { .name = "rec_1k.cu8", .bytes = samples, .count = 4096, .hole = 1 << 20 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        pack(path_of("holes"), rows[i].packing, &entry, 1);
        assert_false(open_file(&capture, path_of("holes"), "holes.tar", usual, &err));
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        check_nothing_left();
    }
}

static void archives_that_hold_no_recording_say_so(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    pack(path_of("empty"), &as_zip, NULL, 0);
    assert_false(open_file(&capture, path_of("empty"), "empty.zip", usual, &err));
    check_has(err.message, "empty.zip holds no files");
    static const struct entry only_system[] = { { .name = "__MACOSX/rec_1k.cu8", .bytes = "x" },
                                                { .name = ".hidden.cu8", .bytes = "x" } };
    pack(path_of("system"), &as_zip, only_system, 2);
    svi_error_clear(&err);
    assert_false(open_file(&capture, path_of("system"), "system.zip", usual, &err));
    check_has(err.message, "holds no files");
    static const struct entry text = { .name = "notes.txt", .bytes = "no recording" };
    pack(path_of("text"), &as_tar_gz, &text, 1);
    svi_error_clear(&err);
    assert_false(open_file(&capture, path_of("text"), "text.tar.gz", usual, &err));
    check_has(err.message, "No known recording format in notes.txt.");
    /* Depth 1. */
    struct svi_buffer inner;
    pack(path_of("inner"), &as_zip, &(struct entry){ .name = "rec_1k.cu8", .bytes = "samples" }, 1);
    check_ok(svi_file_read(&inner, path_of("inner"), "inner", 1 << 20, &err), err);
    const struct entry nested = { .name = "inner.zip", .bytes = (const char *)inner.at, .count = inner.count };
    static const struct packing *const packings[] = { &as_zip, &as_tar };
    for (size_t i = 0; i < ROWS(packings); i++) {
        pack(path_of("outer"), packings[i], &nested, 1);
        svi_error_clear(&err);
        assert_false(open_file(&capture, path_of("outer"), "outer.zip", usual, &err));
        check_has(err.message, "an archive in an archive is not opened");
    }
    svi_buffer_clear(&inner);
    const struct packing twice = { archive_write_set_format_raw, archive_write_add_filter_gzip, NULL, NULL };
    pack(path_of("once"), &as_gz, &(struct entry){ .name = "x", .bytes = "samples" }, 1);
    check_ok(svi_file_read(&inner, path_of("once"), "once", 1 << 20, &err), err);
    pack(path_of("twice"), &twice, &(struct entry){ .name = "x", .bytes = (const char *)inner.at, .count = inner.count }, 1);
    svi_buffer_clear(&inner);
    svi_error_clear(&err);
    assert_false(open_file(&capture, path_of("twice"), "rec_1k.cu8.gz", usual, &err));
    check_has(err.message, "compressed more than once");
    const struct packing secret = { archive_write_set_format_zip, NULL, "zip:encryption=aes256", "password" };
    pack(path_of("secret"), &secret, &(struct entry){ .name = "rec_1k.cu8", .bytes = "samples" }, 1);
    svi_error_clear(&err);
    assert_false(open_file(&capture, path_of("secret"), "secret.zip", usual, &err));
    check_has(err.message, "is encrypted");
    check_nothing_left();
}

/* libarchive takes two empty blocks for the end of a tar. */
static void silence_at_the_beginning_is_no_tar(void **state)
{
    (void)state;
    static char silent[4096];
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    silent[4000] = 1;
    pack(path_of("packed"), &as_gz, &(struct entry){ .name = "x", .bytes = silent, .count = sizeof silent }, 1);
    check_ok(open_file(&capture, path_of("packed"), "rec_1k.cu8.gz", usual, &err), err);
    check_samples(capture, silent, sizeof silent / 2);
    svi_capture_close(capture);
}

static void bombs_are_not_unpacked(void **state)
{
    (void)state;
    enum { ZEROS = 66 << 20 };
    char *zeros = calloc(1, ZEROS);
    assert_non_null(zeros);
    static const struct packing *const packings[] = { &as_zst, &as_tar_xz };
    const struct entry bomb = { .name = "rec_1k.cu8", .bytes = zeros, .count = ZEROS };
    for (size_t i = 0; i < ROWS(packings); i++) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        pack(path_of("bomb"), packings[i], &bomb, 1);
        assert_false(open_file(&capture, path_of("bomb"), "rec_1k.cu8.xz", usual, &err));
        check_has(err.message, "1000 times as large");
        check_nothing_left();
    }
    free(zeros);
    /* Many small files. */
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_ustar(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_zstd(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path_of("many")), ARCHIVE_OK);
    for (int i = 0; i <= 100000; i++) {
        char name[40];
        svi_format(name, sizeof name, "folder_%d/", i);
        write_entry(archive, &(struct entry){ .name = name, .type = AE_IFDIR });
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    assert_false(open_file(&capture, path_of("many"), "many.tar.zst", usual, &err));
    check_has(err.message, "more than 100000 files");
}

/* Opens and closes it here, which removes what may go. */
static void open_and_close(void)
{
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(open_file(&capture, path_of("packed"), "rec_1k.cu8.gz", usual, &err), err);
    svi_capture_close(capture);
}

static void only_what_the_dead_have_left_is_removed(void **state)
{
    (void)state;
    int ends[2], status;
    char ready, foreign[PATH_MAX];
    pack(path_of("packed"), &as_gz, &(struct entry){ .name = "x", .bytes = samples, .count = sizeof samples }, 1);
    svi_format(foreign, sizeof foreign, "%s/.unpacked-x", scratch);
    assert_int_equal(mkdir(foreign, 0700), 0);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        if (open_file(&capture, path_of("packed"), "rec_1k.cu8.gz", usual, &err) && write(ends[1], "x", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &ready, 1), 1);
    close(ends[0]);
    open_and_close();
    assert_int_equal(count_left(), 2);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(count_left(), 2);
    open_and_close();
    assert_int_equal(count_left(), 1);
    assert_int_equal(rmdir(foreign), 0);
}

static bool stop(void *self)
{
    return --*(int *)self > 0;
}

static void unpacking_can_be_stopped(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    int left = 1;
    struct svi_capture_request request = usual;
    request.go_on = stop;
    request.go_on_self = &left;
    pack(path_of("packed"), &as_gz, &(struct entry){ .name = "x", .bytes = samples, .count = sizeof samples }, 1);
    assert_false(open_file(&capture, path_of("packed"), "rec_1k.cu8.gz", request, &err));
    assert_int_equal(err.status, SVI_CANCELLED);
    check_nothing_left();
    svi_error_clear(&err);
    request = (struct svi_capture_request){ .scratch_folder = path_of("nowhere") };
    assert_false(open_file(&capture, path_of("packed"), "rec_1k.cu8.gz", request, &err));
    assert_int_equal(err.status, SVI_IO);
}

static void several_recordings_are_picked_by_name(void **state)
{
    (void)state;
    static const struct entry entries[] = { { .name = "d/one_1k.cu8", .bytes = "aabb" },
                                            { .name = "d/two_1k.cu8", .bytes = "AABBCC" } };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    pack(path_of("packed"), &as_zip, entries, ROWS(entries));
    check_ok(open_file(&capture, path_of("packed"), "x.zip", usual, &err), err);
    check_samples(capture, "aabb", 2);
    check_has(svi_capture_recording(capture)->warnings.text[0],
              "d/one_1k.cu8, d/two_1k.cu8. Pick one with the parameter recording.");
    svi_capture_close(capture);
    struct svi_capture_request request = usual;
    request.recording = "two_1k";
    check_ok(open_file(&capture, path_of("packed"), "x.zip", request, &err), err);
    check_samples(capture, "AABBCC", 3);
    assert_int_equal(svi_capture_recording(capture)->warnings.count, 0);
    svi_capture_close(capture);
    request.recording = "three";
    assert_false(open_file(&capture, path_of("packed"), "x.zip", request, &err));
    check_has(err.message, "no recording \"three\" in the archive");
    check_nothing_left();
    /* Packed and plain files side by side. */
    static char meta_path[PATH_MAX], data_path[PATH_MAX];
    svi_error_clear(&err);
    svi_format(meta_path, sizeof meta_path, "%s", path_of("one.sigmf-meta"));
    svi_format(data_path, sizeof data_path, "%s", path_of("data.gz"));
    check_ok(svi_file_write(meta_path, svi_bytes_of(META("1000")), &err), err);
    pack(data_path, &as_gz, &(struct entry){ .name = "x", .bytes = "aabbcc" }, 1);
    const struct svi_file files[] = { { .path = meta_path, .label = "one.sigmf-meta" },
                                      { .path = data_path, .label = "one.sigmf-data.gz" } };
    check_ok(svi_capture_open(&capture, &(struct svi_capture_request){ .files = files, .file_count = 2, .scratch_folder = scratch },
                              &err),
             err);
    check_samples(capture, "aabbcc", 3);
    svi_capture_close(capture);
    check_nothing_left();
}

int main(void)
{
    if (!make_scratch())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_not_only_ascii),
        cmocka_unit_test(every_packing_holds_the_same_samples),
        cmocka_unit_test(a_sigmf_archive_is_read_in_place),
        cmocka_unit_test(a_collection_finds_its_recordings_beside_it),
        cmocka_unit_test(the_checksum_is_compared),
        cmocka_unit_test(a_digital_rf_tree_is_told_by_its_folders),
        cmocka_unit_test(entries_that_do_not_belong_are_refused),
        cmocka_unit_test(files_with_holes_are_refused),
        cmocka_unit_test(archives_that_hold_no_recording_say_so),
        cmocka_unit_test(silence_at_the_beginning_is_no_tar),
        cmocka_unit_test(bombs_are_not_unpacked),
        cmocka_unit_test(unpacking_can_be_stopped),
        cmocka_unit_test(only_what_the_dead_have_left_is_removed),
        cmocka_unit_test(several_recordings_are_picked_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
