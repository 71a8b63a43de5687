/* notify.h - the lines by which a service manager learns how the service is: sd_notify's protocol (systemd's sd_notify(3)), which
 * is a datagram to a socket that the manager names. Without a manager all of them do nothing. */
#ifndef SVI_HOST_NOTIFY_H
#define SVI_HOST_NOTIFY_H

void svi_notify_ready(void);
void svi_notify_stopping(void);

/* For a watchdog: to be called at least every few seconds. */
void svi_notify_alive(void);

#endif
