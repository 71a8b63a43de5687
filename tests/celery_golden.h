/* celery_golden.h - messages that Celery itself wrote: tests/data/celery, made by tests/reference/make_celery.py. */
#ifndef SVI_TESTS_CELERY_GOLDEN_H
#define SVI_TESTS_CELERY_GOLDEN_H

#include "base/file.h"
#include "host/celery_message.h"

#include "check.h"

static const char *const celery_versions[] = { "5.2.6", "5.7.0" };

static inline void read_golden_text(struct svi_buffer *text, const char *version, const char *name)
{
    char path[4096];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/celery/%s/%s.json", getenv("SVI_TEST_DATA"), version, name);
    check_ok(svi_file_read(text, path, name, 1 << 20, &err), err);
}

static inline void read_golden(struct svi_celery_message *message, const char *version, const char *name)
{
    struct svi_buffer text;
    struct svi_error err = { 0 };
    read_golden_text(&text, version, name);
    check_ok(svi_celery_envelope_read(message, (struct svi_bytes){ text.at, text.count }, &err), err);
    svi_buffer_clear(&text);
}

/* The tree must be that of the text, in any order of keys; both are ended. */
#define check_json(tree, text)                                                                                                     \
    do {                                                                                                                           \
        json_t *tree_ = (tree), *expected_ = json_loads((text), JSON_DECODE_ANY, NULL);                                            \
        assert_non_null(expected_);                                                                                                \
        if (!json_equal(tree_, expected_)) {                                                                                       \
            char *found_ = tree_ ? json_dumps(tree_, JSON_ENCODE_ANY) : NULL;                                                      \
            print_message("%s\nis not\n%s\n", found_ ? found_ : "nothing", (text));                                                \
            free(found_);                                                                                                          \
            fail();                                                                                                                \
        }                                                                                                                          \
        json_decref(tree_);                                                                                                        \
        json_decref(expected_);                                                                                                    \
    } while (0)

#endif
