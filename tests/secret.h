/* secret.h - a token that must not be seen, and where it might be. */
#ifndef SVI_TESTS_SECRET_H
#define SVI_TESTS_SECRET_H

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "check.h"

#define SECRET "s3cretT0kenThatNobodyMaySee"

#define check_no_secret(err)                                                                                                       \
    do {                                                                                                                           \
        assert_null(strstr((err).message, SECRET));                                                                                \
        assert_null(strstr((err).cause, SECRET));                                                                                  \
    } while (0)

/* Group set-up: every log line goes to a file of the test's own. */
static inline int catch_log(void **state)
{
    char path[4096];
    if (!svi_format(path, sizeof path, "%s/log", scratch_folder()))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    svi_log_to(fd, SVI_LOG_DEBUG, SVI_LOG_TEXT);
    *state = NULL;
    return fd < 0 ? -1 : 0;
}

/* A test of its own, to stand last: the log has lines, and none holds the token. */
static inline void the_log_holds_no_secret(void **state)
{
    (void)state;
    char path[4096];
    struct svi_buffer text;
    struct svi_error err = { 0 };
    assert_true(svi_format(path, sizeof path, "%s/log", scratch_folder()));
    check_ok(svi_file_read(&text, path, "log", 64 << 20, &err), err);
    check_has((char *)text.at, "/api/jobs/");
    assert_null(strstr((char *)text.at, SECRET));
    svi_buffer_clear(&text);
}

#endif
