/* store_fixture.h - a store of the embedded platform on a fresh folder, uploads into it, and what then lies there. */
#ifndef SVI_TESTS_STORE_FIXTURE_H
#define SVI_TESTS_STORE_FIXTURE_H

#include "base/file.h"
#include "host/platform_store.h"

#include <unistd.h>

#include "check.h"
#include "platform_contents.h"

/* With two users. */
struct fixture {
    char folder[600];
    struct svi_platform_store *store;
    struct svi_platform_user ann, bob;
    char ann_token[SVI_PLATFORM_TOKEN_DIGITS + 1], bob_token[SVI_PLATFORM_TOKEN_DIGITS + 1];
};

static void reopen(struct fixture *f)
{
    struct svi_error err = { 0 };
    svi_platform_store_close(f->store);
    check_ok(svi_platform_store_open(&f->store, f->folder, SVI_PLATFORM_SERVER, &err), err);
}

static int set_up(void **state)
{
    static struct fixture f;
    struct svi_error err = { 0 };
    f = (struct fixture){ 0 };
    snprintf(f.folder, sizeof f.folder, "%s/store", scratch_folder());
    check_ok(svi_remove_tree(f.folder, &err), err);
    reopen(&f);
    assert_int_equal(svi_platform_store_add_user(f.store, "ann", f.ann_token, &err), SVI_PLATFORM_DONE);
    assert_int_equal(svi_platform_store_add_user(f.store, "bob", f.bob_token, &err), SVI_PLATFORM_DONE);
    assert_int_equal(svi_platform_store_find_user(f.store, f.ann_token, &f.ann, &err), SVI_PLATFORM_DONE);
    assert_int_equal(svi_platform_store_find_user(f.store, f.bob_token, &f.bob, &err), SVI_PLATFORM_DONE);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    svi_platform_store_close(f->store);
    return 0;
}

static struct svi_platform_upload *upload(struct fixture *f, const char *name, const char *text)
{
    struct svi_error err = { 0 };
    struct svi_platform_upload *made;
    check_ok(svi_platform_upload_open(&made, svi_platform_store_files(f->store), name, "text/plain", &err), err);
    check_ok(svi_platform_upload_write(made, text, strlen(text), &err), err);
    check_ok(svi_platform_upload_finish(made, &err), err);
    return made;
}

/* `count` bytes in pieces, each byte with the number of its piece. */
static struct svi_platform_upload *large_upload(struct fixture *f, const char *name, size_t count)
{
    enum { PIECE_BYTES = 10000 };
    struct svi_error err = { 0 };
    struct svi_platform_upload *made;
    uint8_t piece[PIECE_BYTES];
    check_ok(svi_platform_upload_open(&made, svi_platform_store_files(f->store), name, "text/plain", &err), err);
    for (size_t at = 0; at < count; at += PIECE_BYTES) {
        memset(piece, (int)(at / PIECE_BYTES), sizeof piece);
        check_ok(svi_platform_upload_write(made, piece, count - at < PIECE_BYTES ? count - at : PIECE_BYTES, &err), err);
    }
    check_ok(svi_platform_upload_finish(made, &err), err);
    return made;
}

/* A job of ann's with one file. */
static int64_t submit(struct fixture *f)
{
    struct svi_error err = { 0 };
    struct svi_platform_upload *file = upload(f, "a.txt", "hello");
    const struct svi_platform_submission submission = {
        .type = "waterfall", .config = "{\"k\":1}", .uploads = &file, .upload_count = 1
    };
    int64_t job = 0;
    assert_int_equal(svi_platform_store_submit(f->store, &f->ann, &submission, &job, &err), SVI_PLATFORM_DONE);
    svi_platform_upload_close(file);
    assert_true(job > 0);
    return job;
}

static enum svi_platform_result submit_names(struct fixture *f, const struct svi_platform_user *user, const char *name,
                                             int64_t *job, struct svi_error *err)
{
    const struct svi_platform_submission submission = { .type = "waterfall", .names = &name, .name_count = 1 };
    return svi_platform_store_submit(f->store, user, &submission, job, err);
}

static enum svi_platform_result set_status(struct fixture *f, int64_t job, const char *status, const char *info,
                                           struct svi_error *err)
{
    json_t *tree = json_loads(info, 0, NULL), *row;
    assert_non_null(tree);
    enum svi_platform_result result = svi_platform_store_set_status(f->store, &f->ann, job, status, tree, &row, err);
    assert_true((row != NULL) == (result == SVI_PLATFORM_DONE));
    json_decref(row);
    json_decref(tree);
    return result;
}

static int count_entries(struct fixture *f, const char *below)
{
    return contents_entries(f->folder, below);
}

static void write_file(struct fixture *f, const char *below, const char *text)
{
    struct svi_error err = { 0 };
    char path[700];
    snprintf(path, sizeof path, "%s/%s", f->folder, below);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

static void check_file(struct svi_platform_file *file, const char *text)
{
    char bytes[100] = "";
    assert_int_equal(file->size_bytes, strlen(text));
    assert_true((file->fd < 0) == (file->bytes != NULL));
    if (file->bytes)
        memcpy(bytes, file->bytes, file->size_bytes);
    else
        assert_int_equal(read(file->fd, bytes, sizeof bytes - 1), (ssize_t)file->size_bytes);
    assert_string_equal(bytes, text);
    free(file->bytes);
    if (file->fd >= 0)
        close(file->fd);
}

#endif
