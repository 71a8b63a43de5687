/* platform_fixture.h - an embedded platform on a fresh folder with two users, and a client that asks it through real HTTP. */
#ifndef SVI_TESTS_PLATFORM_FIXTURE_H
#define SVI_TESTS_PLATFORM_FIXTURE_H

#include "base/bytes.h"
#include "host/platform_server.h"

#include "check.h"

enum { PLATFORM_MAX_UPLOAD_BYTES = 6 << 20 };

struct platform_fixture {
    char folder[600];
    struct svi_platform *platform;
    char ann[SVI_PLATFORM_TOKEN_DIGITS + 1], bob[SVI_PLATFORM_TOKEN_DIGITS + 1];
};

extern struct platform_fixture platform_fixture;

/* cmocka's set-up and tear-down; start begins again after svi_platform_stop. */
int platform_set_up(void **state);
int platform_tear_down(void **state);
void platform_start(void);

struct platform_part {
    const char *name, *filename, *type, *bytes;
    size_t size; /* 0: of the text */
};

struct platform_ask {
    const char *token; /* NULL: none; else the header's value behind "Token " */
    const char *authorization;
    const char *method, *path;
    const char *json;                  /* a body */
    const char *form;                  /* or a urlencoded one */
    const struct platform_part *parts; /* or a multipart one */
    size_t part_count;
    const char *header, *header2;
};

struct platform_told {
    long status;
    struct svi_buffer bytes;
    char headers[4096];
    json_t *json; /* NULL where the answer is none */
};

/* Any thread may ask. Fails the test where there is no answer. */
struct platform_told platform_ask(const struct platform_ask *question);
void platform_forget(struct platform_told *told);

/* The value at "a.b.0.c" of the answer, and its text. */
json_t *platform_at(const struct platform_told *told, const char *path);
const char *platform_text_at(const struct platform_told *told, const char *path);

void platform_check_status(const struct platform_told *told, long status, const char *about);

/* Asks, and checks the status alone; a refusal is JSON with a sentence in it. */
void platform_check(const struct platform_ask *question, long status);

/* "/api/jobs/CALL/ID/", in a place that the thread's next call takes. */
const char *platform_path(const char *call, int64_t id);

/* A job with the file rec.csv, "0123456789", and config {"fftSize": 64}; the id of its file; its next status. */
int64_t platform_submit(const char *token);
int64_t platform_file_of(const char *token, int64_t job);
void platform_set_status(const char *token, int64_t job, const char *status, const char *info, long expected);

/* Entries of a folder below the platform's. */
int platform_count(const char *below);

/* Files that are stored, whether by themselves or in the database. */
int platform_count_files(void);

#endif
