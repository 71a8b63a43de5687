/* topology.h - tells a CPU driver what the machine is, where it cannot see for itself. Knows hwloc's variables, no OpenCL. */
#ifndef SVI_DEVICE_TOPOLOGY_H
#define SVI_DEVICE_TOPOLOGY_H

/* Call before the first OpenCL call. Where cpu_folder is not there (a chroot without /sys), PoCL's hwloc finds no memory, and PoCL
 * ends the process. So the number of processors and the memory are handed to hwloc in HWLOC_SYNTHETIC, unless the environment has
 * something to say to hwloc already. Changes the environment: no other thread may be reading it. */
void svi_topology_provide(const char *cpu_folder);

#define SVI_TOPOLOGY_FOLDER "/sys/devices/system/cpu"

#endif
