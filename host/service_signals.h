/* service_signals.h - how the service is told to stop by its system: signals as steps of a shutdown, and a descriptor that wakes.
 */
#ifndef SVI_HOST_SERVICE_SIGNALS_H
#define SVI_HOST_SERVICE_SIGNALS_H

#include "base/error.h"

enum svi_shutdown { SVI_SHUTDOWN_NONE, SVI_SHUTDOWN_WARM, SVI_SHUTDOWN_COLD };

/* From now on SIGTERM and SIGINT ask for a warm shutdown, the second of them and SIGQUIT for a cold one, and the next ends the
 * process in its usual way; SIGHUP is noted. Each writes to wake_fd, an eventfd. */
void svi_service_signals_catch(int wake_fd);

enum svi_shutdown svi_service_signals_shutdown(void);

/* True once for each SIGHUP. */
bool svi_service_signals_hung_up(void);

#endif
