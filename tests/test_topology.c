/* test_topology - what hwloc is told of a machine that it cannot look at. */
#include "check.h"
#include "device/topology.h"

#include <unistd.h>

static void forget(void)
{
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_XMLFILE");
}

static void a_machine_without_sysfs_is_described(void **state)
{
    (void)state;
    forget();
    svi_topology_provide("/there is no such folder");
    const char *topology = getenv("HWLOC_SYNTHETIC");
    assert_non_null(topology);
    unsigned long long memory_bytes = 0;
    int cores = 0;
    assert_int_equal(sscanf(topology, "NUMANode:1(memory=%llu) Core:%d PU:1", &memory_bytes, &cores), 2);
    assert_true(memory_bytes >= (unsigned long long)sysconf(_SC_PHYS_PAGES) * (unsigned long long)sysconf(_SC_PAGESIZE) / 2);
    assert_int_equal(cores, sysconf(_SC_NPROCESSORS_ONLN));
}

static void a_machine_that_hwloc_can_see_is_left_alone(void **state)
{
    (void)state;
    forget();
    svi_topology_provide(scratch_folder());
    assert_null(getenv("HWLOC_SYNTHETIC"));
}

static void what_the_environment_says_counts(void **state)
{
    (void)state;
    forget();
    setenv("HWLOC_SYNTHETIC", "Core:3 PU:1", 1);
    svi_topology_provide("/there is no such folder");
    assert_string_equal(getenv("HWLOC_SYNTHETIC"), "Core:3 PU:1");
    forget();
    setenv("HWLOC_XMLFILE", "machine.xml", 1);
    svi_topology_provide("/there is no such folder");
    assert_null(getenv("HWLOC_SYNTHETIC"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_without_sysfs_is_described),
        cmocka_unit_test(a_machine_that_hwloc_can_see_is_left_alone),
        cmocka_unit_test(what_the_environment_says_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
