/* test_late_library - what is loaded at the start of the program and what is not, and how a library is found later. */
#include "check.h"
#include "host/late_library.h"
#include "program.h"

#include <sys/wait.h>
#include <unistd.h>

static void a_name_is_found_and_kept(void **state)
{
    (void)state;
    _Atomic(void *) found = NULL;
    double (*function)(double);
    void *const address = svi_late_address("libm.so.6", "cos", &found);
    assert_ptr_equal(atomic_load(&found), address);
    assert_ptr_equal(svi_late_address("libnowhere.so.0", "not asked for again", &found), address);
    memcpy(&function, &address, sizeof function);
    assert_true(function(0) == 1);
}

/* The exit code of a process that asks for it; the end of what it said. */
static int ask_in_vain(const char *library, const char *name, char *said, size_t size)
{
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        _Atomic(void *) found = NULL;
        dup2(ends[1], STDERR_FILENO);
        svi_late_address(library, name, &found);
        _exit(0);
    }
    close(ends[1]);
    const ssize_t count = read(ends[0], said, size - 1);
    said[count > 0 ? count : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_is_missing_ends_the_program_with_its_name(void **state)
{
    (void)state;
    char said[400];
    assert_int_equal(ask_in_vain("libnowhere.so.0", "cos", said, sizeof said), 127);
    check_has(said, "libnowhere.so.0");
    assert_int_equal(ask_in_vain("libm.so.6", "no_such_name", said, sizeof said), 127);
    check_has(said, "no_such_name");
}

/* A function that late_<library>.c lacks would bring its library back. */
static void the_program_starts_without_libraries_that_few_commands_need(void **state)
{
    (void)state;
    static const char *const list_libraries[] = { "LD_TRACE_LOADED_OBJECTS=1", NULL };
    static const char *const late[] = { "libarchive", "libcurl", "libhdf5", "libmicrohttpd" };
    const struct said *said = run_program("--version", list_libraries);
    check_has(said->out, "libOpenCL");
    for (size_t i = 0; i < sizeof late / sizeof *late; i++)
        if (strstr(said->out, late[i]))
            fail_msg("%s is loaded at the start", late[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_and_kept),
        cmocka_unit_test(what_is_missing_ends_the_program_with_its_name),
        cmocka_unit_test(the_program_starts_without_libraries_that_few_commands_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
