/* stop.h - SIGINT, SIGTERM and SIGHUP as a number that long work looks at. */
#ifndef SVI_HOST_STOP_H
#define SVI_HOST_STOP_H

#include <stdatomic.h>

/* 0, then the number of the first signal that asked for the end, or what svi_stop_after said before. */
extern atomic_int svi_stop;

/* From now on the first of these signals is noted; the second one ends the process in its usual way. So does the first SIGINT, once
 * the program has cleared up, if it ends with an exit code other than 0. */
void svi_stop_catch(void);

/* Where there is no signal for so long, svi_stop becomes `reason`, which is below 0. */
void svi_stop_after(double seconds, int reason);

/* Waits until a signal was noted. */
void svi_stop_wait(void);

#endif
