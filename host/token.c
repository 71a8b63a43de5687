#include "host/token.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char variable[] = "SVI_TOKEN";

void svi_leave_no_core_files(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* Not ours to refuse: containers mount secrets with odd modes. But somebody should hear of it. */
static void warn_of_readers(const char *file)
{
    struct stat about;
    if (stat(file, &about) == 0 && about.st_mode & (S_IRGRP | S_IROTH))
        svi_log(SVI_LOG_WARNING, "the token file can be read by others (mode %03o); chmod 600 it", (unsigned)about.st_mode & 0777U);
}

static bool read_file(char *token, const char *file, struct svi_error *err)
{
    struct svi_buffer text;
    if (!svi_file_read(&text, file, "with the token", 4096, err))
        return false;
    warn_of_readers(file);
    /* Editors and echo leave a newline. */
    size_t count = text.count;
    while (count && strchr("\r\n", text.at[count - 1]))
        count--;
    bool fits = count < SVI_TOKEN_SIZE && !memchr(text.at, 0, count);
    if (fits)
        svi_format(token, SVI_TOKEN_SIZE, "%.*s", (int)count, (const char *)text.at);
    explicit_bzero(text.at, text.count);
    svi_buffer_clear(&text);
    return fits || svi_fail(err, SVI_BAD_USAGE, "The token file holds more than a token.");
}

/* A token goes into a header line. */
static bool is_sound(const char *token)
{
    for (const char *c = token; *c; c++)
        if (*c <= 0x20 || *c > 0x7E)
            return false;
    return *token != '\0';
}

bool svi_token_read(char token[SVI_TOKEN_SIZE], const char *file, struct svi_error *err)
{
    svi_leave_no_core_files();
    token[0] = '\0';
    char *in_environment = getenv(variable);
    bool ok = true;
    if (file)
        ok = read_file(token, file, err);
    else if (!in_environment)
        ok = svi_fail(err, SVI_BAD_USAGE, "A token is needed: in the variable SVI_TOKEN, or in a file that --token-file names.");
    else if (!svi_format(token, SVI_TOKEN_SIZE, "%s", in_environment))
        ok = svi_fail(err, SVI_BAD_USAGE, "SVI_TOKEN is too long for a token.");
    if (in_environment)
        explicit_bzero(in_environment, strlen(in_environment));
    unsetenv(variable);
    if (ok && !is_sound(token))
        ok = svi_fail(err, SVI_BAD_USAGE, "The token is empty or has characters that no token has.");
    if (!ok)
        svi_token_clear(token);
    return ok;
}

void svi_token_clear(char token[SVI_TOKEN_SIZE])
{
    explicit_bzero(token, SVI_TOKEN_SIZE);
}
