#include "service.h"

#include "base/file.h"

#include <limits.h>
#include <signal.h>

#include "check.h"
#include "program.h"

void start_service(struct service *service, const char *more)
{
    char line[200], path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/platform", scratch_folder());
    check_ok(svi_remove_tree(path, &err), err);
    svi_format(line, sizeof line, "platform --data %%s/platform --listen 127.0.0.1:0 %s", more);
    service->pid = start_program(line, NULL, 1);
    const char *said = wait_for_output(service->pid, 1, "out", "\n");
    if (sscanf(said, "listening on %79s", service->url) != 1)
        fail_msg("the platform says: %s", said);
    const struct said *user = run_program("platform add-user ann --data %s/platform", NULL);
    check_ended(user, 0);
    assert_int_equal(strspn(user->out, "0123456789abcdef"), 40);
    assert_string_equal(user->out + 40, "\n");
    svi_format(service->url_variable, sizeof service->url_variable, "SVI_API_URL=%s", service->url);
    svi_format(service->token_variable, sizeof service->token_variable, "SVI_TOKEN=%.40s", user->out);
    service->variables[0] = service->url_variable;
    service->variables[1] = service->token_variable;
    service->variables[2] = NULL;
}

void stop_service(struct service *service)
{
    assert_int_equal(kill(service->pid, SIGTERM), 0);
    const struct said *said = end_program(service->pid, 1);
    assert_int_equal(said->signal, 0);
    check_ended(said, 0);
}
