/* service.h - a platform that the program itself serves, with a user. */
#ifndef SVI_TESTS_SERVICE_H
#define SVI_TESTS_SERVICE_H

#include <sys/types.h>

struct service {
    pid_t pid;
    char url[80];
    char url_variable[100], token_variable[100];
    const char *variables[3]; /* URL and token, for run_program */
};

/* Serves a fresh folder, platform below the test's own, with the user ann. more: further words of the command line. */
void start_service(struct service *service, const char *more);
void stop_service(struct service *service);

#endif
