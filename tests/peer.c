#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { WORDS_LIMIT = 16 };

static const char *python(void)
{
    const char *named = getenv("SVI_TEST_PYTHON");
    return named && *named ? named : "python3";
}

void start_peer(struct peer *peer, const char *const *words)
{
    const char *all[WORDS_LIMIT + 3] = { python(), SVI_TEST_PEER };
    int ends[2];
    for (size_t i = 0; words[i]; i++) {
        assert_true(i < WORDS_LIMIT);
        all[i + 2] = words[i];
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    peer->pid = fork();
    assert_true(peer->pid >= 0);
    if (peer->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
        /* The words are not written to, but execvp cannot say so. */
        execvp(all[0], (char *const *)(uintptr_t)all);
        _exit(77);
    }
    close(ends[1]);
    peer->out = ends[0];
}

const char *read_peer(const struct peer *peer)
{
    static char line[1 << 16];
    size_t count = 0;
    ssize_t got = 0;
    while (count < sizeof line - 1 && ((got = read(peer->out, line + count, 1)) > 0 || (got < 0 && errno == EINTR))) {
        if (got > 0 && line[count] == '\n')
            break;
        count += got > 0;
    }
    line[count] = '\0';
    return line;
}

int end_peer(struct peer *peer)
{
    int status = 0;
    close(peer->out);
    while (waitpid(peer->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool have_peer(const char *url, const char *options)
{
    struct peer peer;
    start_peer(&peer, (const char *const[]){ "check", url, options, NULL });
    const char *said = read_peer(&peer);
    if (end_peer(&peer) == 0)
        return true;
    fprintf(stderr, "a part with kombu is left out: %s\n", *said ? said : "there is no Python that can be started");
    return false;
}
