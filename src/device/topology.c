#include "device/topology.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

void svi_topology_provide(const char *cpu_folder)
{
    struct sysinfo machine;
    char topology[128];
    if (access(cpu_folder, F_OK) == 0 || getenv("HWLOC_XMLFILE") || getenv("HWLOC_FSROOT") || sysinfo(&machine) != 0)
        return;
    if (svi_format(topology, sizeof topology, "NUMANode:1(memory=%llu) Core:%d PU:1",
                   (unsigned long long)machine.totalram * machine.mem_unit, get_nprocs()))
        setenv("HWLOC_SYNTHETIC", topology, 0);
}
