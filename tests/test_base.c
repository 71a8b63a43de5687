/* test_base - errors, views, buffers, files, JSON. */
#include "base/base64.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static void the_first_report_wins(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    assert_false(svi_fail(&err, SVI_IO, "first %d", 1) || svi_because(&err, "why %s", "so"));
    assert_false(svi_fail(&err, SVI_BUG, "second") || svi_because(&err, "other"));
    assert_int_equal(err.status, SVI_IO);
    assert_string_equal(err.message, "first 1");
    assert_string_equal(err.cause, "why so");

    svi_error_clear(&err);
    assert_false(svi_fail(&err, SVI_IO, "no cause"));
    assert_false(svi_fail_memory(&err, 5));
    assert_string_equal(err.message, "no cause");
    assert_string_equal(err.cause, "");
}

static void every_status_has_a_code_of_its_own(void **state)
{
    (void)state;
    for (int i = SVI_OK; i <= SVI_BUG; i++)
        assert_int_equal(svi_status_from_code(svi_status_code((enum svi_status)i)), i);
    assert_int_equal(svi_status_from_code("no such word"), SVI_BUG);
}

static void a_long_message_ends_at_a_whole_character(void **state)
{
    (void)state;
    char text[2000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 3);
        text[sizeof text - 1] = '\0';
        struct svi_error err = { 0 };
        svi_fail(&err, SVI_IO, "%s", text);
        assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
        assert_true(strlen(err.message) > sizeof err.message - 5);
    }
}

static void cutting_never_wraps(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset, count;
        bool inside;
    } rows[] = { { 0, 10, true },  { 10, 0, true },          { 3, 7, true },          { 3, 8, false },
                 { 11, 0, false }, { UINT64_MAX, 2, false }, { 2, UINT64_MAX, false } };
    uint8_t bytes[10] = { 0 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_bytes out = { 0 };
        assert_int_equal(svi_bytes_cut((struct svi_bytes){ bytes, 10 }, rows[i].offset, rows[i].count, &out), rows[i].inside);
        if (rows[i].inside) {
            assert_ptr_equal(out.at, bytes + rows[i].offset);
            assert_int_equal(out.count, rows[i].count);
        }
    }
}

static void a_buffer_keeps_its_ceiling(void **state)
{
    (void)state;
    struct svi_buffer buffer;
    svi_buffer_init(&buffer, 1000);
    for (int i = 0; i < 100; i++)
        assert_true(svi_buffer_add_text(&buffer, "%010d", i));
    assert_false(svi_buffer_add(&buffer, "x", 1));
    assert_int_equal(buffer.count, 1000);
    assert_string_equal((char *)buffer.at + 990, "0000000099");
    svi_buffer_clear(&buffer);
}

static void utf8_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } rows[] = { { "", true },
                 { "Köln 5 µs €", true },
                 { "\xF0\x9F\x93\xA1", true },
                 { "\xC0\x80", false },
                 { "\xED\xA0\x80", false },
                 { "\xE2\x82", false },
                 { "\x80", false },
                 { "\xF4\x90\x80\x80", false },
                 { "\xF5\x80\x80\x80", false },
                 { "\xE0\x80\x80", false } };
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_int_equal(svi_utf8_valid(svi_bytes_of(rows[i].text)), rows[i].valid);
}

static void characters_come_off_the_front_one_by_one(void **state)
{
    (void)state;
    struct svi_bytes text = svi_bytes_of("aµ€\xF0\x9F\x93\xA1\xC0\x80\xED\xA0\x80z\xE2\x82");
    static const uint32_t codes[] = { 'a', 0xB5, 0x20AC, 0x1F4E1, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 'z', 0xFFFD, 0xFFFD };
    for (size_t i = 0; i < ROWS(codes); i++)
        assert_int_equal(svi_utf8_next(&text), codes[i]);
    assert_int_equal(text.count, 0);
}

static void a_file_appears_whole_or_not_at_all(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char folder[512], path[600];
    snprintf(folder, sizeof folder, "%s/a/b", scratch_folder());
    snprintf(path, sizeof path, "%s/file", folder);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    check_ok(svi_file_write(path, svi_bytes_of("old"), &err), err);
    check_ok(svi_file_write(path, svi_bytes_of("new text"), &err), err);

    struct svi_buffer text;
    check_ok(svi_file_read(&text, path, "file", 8, &err), err);
    assert_string_equal((char *)text.at, "new text");
    svi_buffer_clear(&text);
    assert_false(svi_file_read(&text, path, "file", 7, &err));
    check_has(err.message, "larger than the 7 bytes");

    svi_error_clear(&err);
    assert_false(svi_file_read(&text, folder, "b", 8, &err));
    assert_string_equal(err.message, "The file b is not a regular file.");
    svi_error_clear(&err);
    assert_false(svi_file_write("/proc/none/file", svi_bytes_of("x"), &err));
    assert_null(strstr(err.message, "/proc"));
    check_has(err.cause, "/proc/none/file");

    svi_error_clear(&err);
    snprintf(path, sizeof path, "%s/a", scratch_folder());
    check_ok(svi_remove_tree(path, &err), err);
    assert_int_equal(access(path, F_OK), -1);
    check_ok(svi_remove_tree(path, &err), err);
}

/* Pieces smaller and larger than what the writer keeps back, against the same bytes from one buffer. */
static void a_file_may_be_written_piece_by_piece(void **state)
{
    (void)state;
    static const size_t pieces[] = { 0, 1, 65535, 1, 65536, 70000, 3, 65534, 200000, 0, 7 };
    struct svi_error err = { 0 };
    char path[600];
    snprintf(path, sizeof path, "%s/pieces", scratch_folder());
    struct svi_buffer all, back;
    svi_buffer_init(&all, 1 << 20);
    struct svi_file_writer *writer;
    check_ok(svi_file_begin(&writer, path, &err), err);
    for (size_t i = 0; i < ROWS(pieces); i++) {
        uint8_t *piece = malloc(pieces[i] + 1);
        assert_non_null(piece);
        for (size_t k = 0; k < pieces[i]; k++)
            piece[k] = (uint8_t)((all.count + k) * 37 >> 3);
        check_ok(svi_file_add(writer, (struct svi_bytes){ piece, pieces[i] }, &err), err);
        assert_true(svi_buffer_add(&all, piece, pieces[i]));
        assert_int_equal(access(path, F_OK), -1);
        free(piece);
    }
    check_ok(svi_file_finish(writer, &err), err);
    svi_file_end(writer);
    check_ok(svi_file_read(&back, path, "pieces", 1 << 20, &err), err);
    assert_int_equal(back.count, all.count);
    assert_memory_equal(back.at, all.at, all.count);
    svi_buffer_clear(&back);
    svi_buffer_clear(&all);
    unlink(path);
}

static void files_are_brought_to_the_disk(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char folder[512], path[600];
    snprintf(folder, sizeof folder, "%s/synced", scratch_folder());
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    static const char *const names[] = { "one", "two", "absent" };
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        check_ok(svi_file_write(path, svi_bytes_of(names[i]), &err), err);
        struct svi_buffer text;
        check_ok(svi_file_read(&text, path, names[i], 8, &err), err);
        assert_string_equal((char *)text.at, names[i]);
        svi_buffer_clear(&text);
    }
    check_ok(svi_files_sync(folder, names, 2, &err), err);
    check_ok(svi_files_sync(folder, NULL, 0, &err), err);
    assert_false(svi_files_sync(folder, names, 3, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_string_equal(err.message, "absent cannot be written: No such file or directory.");
    svi_error_clear(&err);
    check_ok(svi_remove_tree(folder, &err), err);
    assert_false(svi_files_sync(folder, NULL, 0, &err));
}

/* More pieces than the system takes at once, some of them empty, behind and before what the writer keeps back. */
static void many_pieces_are_written_in_their_order(void **state)
{
    (void)state;
    enum { PIECES = 1500, BYTES = 40000 };
    struct svi_error err = { 0 };
    char path[600];
    snprintf(path, sizeof path, "%s/many", scratch_folder());
    static uint8_t bytes[BYTES];
    static struct svi_bytes pieces[PIECES];
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(i * 37 >> 3);
    size_t used = 5;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = (struct svi_bytes){ bytes + used, i * i % 53 };
        used += pieces[i].count;
    }
    assert_true(used + 3 < BYTES);
    struct svi_file_writer *writer;
    struct svi_buffer back;
    check_ok(svi_file_begin(&writer, path, &err), err);
    check_ok(svi_file_add(writer, (struct svi_bytes){ bytes, 5 }, &err) && svi_file_add_pieces(writer, pieces, PIECES, &err)
                 && svi_file_add_pieces(writer, pieces, 0, &err)
                 && svi_file_add(writer, (struct svi_bytes){ bytes + used, 3 }, &err),
             err);
    assert_int_equal(access(path, F_OK), -1);
    check_ok(svi_file_finish(writer, &err), err);
    svi_file_end(writer);
    check_ok(svi_file_read(&back, path, "many", 1 << 20, &err), err);
    assert_int_equal(back.count, used + 3);
    assert_memory_equal(back.at, bytes, used + 3);
    svi_buffer_clear(&back);
    unlink(path);
}

static size_t entries_of(const char *folder)
{
    size_t count = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open));)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

/* No file may become longer; to be taken back with the limit that is returned. */
static struct rlimit fill_the_disk_after(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = { bytes, limit.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    return limit;
}

static void a_file_that_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char folder[512], path[600];
    snprintf(folder, sizeof folder, "%s/given_up", scratch_folder());
    snprintf(path, sizeof path, "%s/file", folder);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    check_ok(svi_file_write(path, svi_bytes_of("old"), &err), err);
    struct svi_file_writer *writer;
    check_ok(svi_file_begin(&writer, path, &err), err);
    check_ok(svi_file_add(writer, svi_bytes_of("new"), &err), err);
    assert_int_equal(entries_of(folder), 2);
    svi_file_end(writer);
    assert_int_equal(entries_of(folder), 1);
    struct svi_buffer text;
    check_ok(svi_file_read(&text, path, "file", 8, &err), err);
    assert_string_equal((char *)text.at, "old");
    svi_buffer_clear(&text);
    svi_file_end(NULL);

    /* A disk that is full. */
    check_ok(svi_file_begin(&writer, path, &err), err);
    const struct rlimit limit = fill_the_disk_after(10);
    bool added = svi_file_add(writer, svi_bytes_of("longer than ten bytes"), &err), finished = svi_file_finish(writer, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_true(added);
    assert_false(finished);
    assert_string_equal(err.message, "file cannot be written: File too large.");
    svi_file_end(writer);
    assert_int_equal(entries_of(folder), 1);
    svi_error_clear(&err);
    check_ok(svi_remove_tree(folder, &err), err);
}

static void an_empty_file_is_filled_in_place(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char folder[512], path[600];
    snprintf(folder, sizeof folder, "%s/filled", scratch_folder());
    snprintf(path, sizeof path, "%s/file", folder);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    check_ok(svi_file_fill(path, svi_bytes_of("new"), &err), err);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_size, 3);
    assert_int_equal(truncate(path, 0), 0);
    check_ok(svi_file_fill(path, svi_bytes_of("once more"), &err), err);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    struct svi_buffer text;
    check_ok(svi_file_read(&text, path, "file", 16, &err), err);
    assert_string_equal((char *)text.at, "once more");
    svi_buffer_clear(&text);

    /* What is not empty, or no file. */
    char link[600];
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("elsewhere", link), 0);
    const char *refused[] = { path, folder, link };
    for (size_t i = 0; i < ROWS(refused); i++) {
        svi_error_clear(&err);
        assert_false(svi_file_fill(refused[i], svi_bytes_of("x"), &err));
        assert_int_equal(err.status, SVI_IO);
    }
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, 9);
    assert_int_equal(entries_of(folder), 2);

    /* A disk that is full. */
    assert_int_equal(truncate(path, 0), 0);
    const struct rlimit limit = fill_the_disk_after(10);
    svi_error_clear(&err);
    const bool filled = svi_file_fill(path, svi_bytes_of("longer than ten bytes"), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_false(filled);
    assert_string_equal(err.message, "file cannot be written: File too large.");
    assert_int_equal(entries_of(folder), 1);
    svi_error_clear(&err);
    check_ok(svi_remove_tree(folder, &err), err);
}

/* RFC 4648, section 10, and all values of a digit. */
static void base64_rows(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
        const char *text;
    } rows[] = {
        { "", 0, "" },
        { "f", 1, "Zg==" },
        { "fo", 2, "Zm8=" },
        { "foo", 3, "Zm9v" },
        { "foob", 4, "Zm9vYg==" },
        { "fooba", 5, "Zm9vYmE=" },
        { "foobar", 6, "Zm9vYmFy" },
        { "\x00\x10\x83\x10\x51\x87\x20\x92\x8B\x30\xD3\x8F\x41\x14\x93\x51\x55\x97\x61\x96\x9B\x71\xD7\x9F\x82\x18\xA3\x92\x59"
          "\xA7\xA2\x9A\xAB\xB2\xDB\xAF\xC3\x1C\xB3\xD3\x5D\xB7\xE3\x9E\xBB\xF3\xDF\xBF",
          48, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[80] = { 0 };
        svi_base64_write(text, (struct svi_bytes){ (const uint8_t *)rows[i].bytes, rows[i].count });
        assert_string_equal(text, rows[i].text);
        assert_int_equal(svi_base64_length(rows[i].count), strlen(text));
    }
}

/* Results are for whom the umask lets; caches and jobs for the owner alone. */
static void folders_are_as_open_as_they_should_be(void **state)
{
    (void)state;
    static const struct {
        enum svi_folder_kind kind;
        mode_t mask, mode;
    } rows[] = {
        { SVI_FOLDER_PRIVATE, 0022, 0700 },
        { SVI_FOLDER_SHARED, 0022, 0755 },
        { SVI_FOLDER_SHARED, 0007, 0770 },
        { SVI_FOLDER_SHARED, 0077, 0700 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct stat about;
        char top[512], folder[600];
        snprintf(top, sizeof top, "%s/kind", scratch_folder());
        snprintf(folder, sizeof folder, "%s/below//", top);
        check_ok(svi_remove_tree(top, &err), err);
        const mode_t before = umask(rows[i].mask);
        bool ok = svi_make_folders(folder, rows[i].kind, &err);
        umask(before);
        check_ok(ok, err);
        assert_int_equal(stat(top, &about), 0);
        assert_int_equal(about.st_mode & 0777, rows[i].mode);
        assert_int_equal(stat(folder, &about), 0);
        assert_int_equal(about.st_mode & 0777, rows[i].mode);
    }
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char file[512], below[600];
    snprintf(file, sizeof file, "%s/file-not-folder", scratch_folder());
    snprintf(below, sizeof below, "%s/deeper/", file);
    check_ok(svi_file_write(file, svi_bytes_of("x"), &err), err);
    assert_false(svi_make_folders(file, SVI_FOLDER_SHARED, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_string_equal(err.message, "The folder file-not-folder cannot be made: a file stands in its place.");
    check_has(err.cause, scratch_folder());
    svi_error_clear(&err);
    assert_false(svi_make_folders(below, SVI_FOLDER_SHARED, &err));
    assert_string_equal(err.message, "The folder deeper cannot be made: Not a directory.");
}

static void a_lock_is_held_until_its_file_is_closed(void **state)
{
    (void)state;
    char path[512], folder[520];
    snprintf(path, sizeof path, "%s/lock", scratch_folder());
    snprintf(folder, sizeof folder, "%s/no folder", path);
    unlink(path);
    const int first = svi_lock_file(AT_FDCWD, path, 0, false);
    assert_true(first >= 0);
    struct stat about;
    assert_int_equal(fstat(first, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    errno = 0;
    assert_int_equal(svi_lock_file(AT_FDCWD, path, 0, false), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    const int other = open(path, O_RDONLY | O_CLOEXEC);
    assert_false(svi_lock(other, LOCK_SH | LOCK_NB));
    close(first);
    assert_true(svi_lock(other, LOCK_SH | LOCK_NB));
    close(other);
    const int last = svi_lock_file(AT_FDCWD, path, 0, true);
    assert_true(last >= 0);
    close(last);
    assert_int_equal(svi_lock_file(AT_FDCWD, folder, 0, false), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void what_was_meant_is_near(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *names[3], *meant;
    } rows[] = {
        { "colourmap", { "colorScale", "colormap", "channel" }, "colormap" },
        { "fftsize", { "hopSize", "fftSize", NULL }, "fftSize" },
        { "tpye", { "title", "type", "types" }, "type" },
        { "sav", { "set", "save-data", NULL }, "save-data" },
        { "Hanning", { "hann", "hamming", "kaiser" }, "hann" },
        { "rectangular", { "nuttall", "rect", NULL }, "rect" },
        { "blackman-harris", { "blackman", "blackmanharris", NULL }, "blackmanharris" },
        { "box", { "hot", "rect", "x" }, NULL },
        { "", { "x", "jet", NULL }, "x" },
        { "x", { "y", "z", NULL }, "y" },
        { "a name that is far longer than any that there is, and longer than is looked at", { "an", "a", NULL }, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_nearest nearest = { 0 };
        for (size_t k = 0; k < ROWS(rows[i].names) && rows[i].names[k]; k++)
            svi_nearest_consider(&nearest, rows[i].wanted, rows[i].names[k]);
        if (!nearest.name || !rows[i].meant ? nearest.name != rows[i].meant : strcmp(nearest.name, rows[i].meant) != 0)
            fail_msg("\"%s\" is nearest to %s, not %s", rows[i].wanted, nearest.name, rows[i].meant);
    }
}

static void json_says_where_it_is_broken(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    /* As an answer without a body is. */
    assert_null(svi_json_parse((struct svi_bytes){ 0 }, "The answer", SVI_BAD_ANSWER, &err));
    assert_string_equal(err.message, "The answer is not JSON: it is empty.");
    svi_error_clear(&err);
    assert_null(svi_json_parse(svi_bytes_of("{\n  \"a\": 1,\n  oops\n}"), "The config", SVI_BAD_PARAMETER, &err));
    check_has(err.message, "The config is not valid JSON: line 3, column");
    svi_error_clear(&err);
    assert_null(svi_json_parse(svi_bytes_of("{\"a\": 1, \"a\": 2}"), "It", SVI_BAD_PARAMETER, &err));
    check_has(err.message, "duplicate");

    char deep[200];
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    deep[130] = '\0';
    svi_error_clear(&err);
    assert_null(svi_json_parse(svi_bytes_of(deep), "It", SVI_BAD_PARAMETER, &err));
    check_has(err.message, "deeper than 64");
    svi_error_clear(&err);
    json_t *tree = svi_json_parse((struct svi_bytes){ (const uint8_t *)deep + 1, 128 }, "It", SVI_BAD_PARAMETER, &err);
    check_ok(tree != NULL, err);
    json_decref(tree);
    tree = svi_json_parse(svi_bytes_of("[\"\\\"[[[\"]"), "It", SVI_BAD_PARAMETER, &err);
    check_ok(tree != NULL, err);
    json_decref(tree);
}

static void a_shortage_is_told_from_other_trouble(void **state)
{
    (void)state;
    static const struct {
        int why;
        enum svi_status status;
        bool may_pass;
    } rows[] = {
        { ENOSPC, SVI_NO_ROOM, true },       { EDQUOT, SVI_NO_ROOM, true },
        { EMFILE, SVI_NO_ROOM, true },       { ENFILE, SVI_NO_ROOM, true },
        { ENOMEM, SVI_OUT_OF_MEMORY, true }, { EFBIG, SVI_IO, false },
        { EACCES, SVI_IO, false },           { EIO, SVI_IO, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        svi_fail(&err, svi_status_of_errno(rows[i].why), "It cannot be written.");
        assert_int_equal(err.status, rows[i].status);
        assert_int_equal(err.may_pass, rows[i].may_pass);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_report_wins),
        cmocka_unit_test(every_status_has_a_code_of_its_own),
        cmocka_unit_test(a_shortage_is_told_from_other_trouble),
        cmocka_unit_test(a_long_message_ends_at_a_whole_character),
        cmocka_unit_test(cutting_never_wraps),
        cmocka_unit_test(a_buffer_keeps_its_ceiling),
        cmocka_unit_test(utf8_rows),
        cmocka_unit_test(characters_come_off_the_front_one_by_one),
        cmocka_unit_test(a_file_appears_whole_or_not_at_all),
        cmocka_unit_test(a_file_may_be_written_piece_by_piece),
        cmocka_unit_test(files_are_brought_to_the_disk),
        cmocka_unit_test(many_pieces_are_written_in_their_order),
        cmocka_unit_test(a_file_that_is_given_up_leaves_nothing),
        cmocka_unit_test(an_empty_file_is_filled_in_place),
        cmocka_unit_test(base64_rows),
        cmocka_unit_test(folders_are_as_open_as_they_should_be),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
        cmocka_unit_test(a_lock_is_held_until_its_file_is_closed),
        cmocka_unit_test(what_was_meant_is_near),
        cmocka_unit_test(json_says_where_it_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
