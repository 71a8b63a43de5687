/* platform_server.h - the embedded platform as a server: the contract's calls over HTTP, on a folder.
 *
 * Knows connections and bodies. What a call means stands in platform_api, what is remembered in platform_store. The calls are
 * described in docs/platform.md. All functions may be called from any thread. */
#ifndef SVI_HOST_PLATFORM_SERVER_H
#define SVI_HOST_PLATFORM_SERVER_H

#include "base/error.h"
#include "host/platform_store.h"

#include <stdint.h>

#define SVI_PLATFORM_DEFAULT_LISTEN           "127.0.0.1:8000"
#define SVI_PLATFORM_DEFAULT_MAX_UPLOAD_BYTES (UINT64_C(16) << 30)

struct svi_platform_options {
    const char *folder;        /* made where it is not there; one server at a time */
    const char *listen;        /* "HOST:PORT" or "[IPV6]:PORT", port 0 for any free one; NULL: SVI_PLATFORM_DEFAULT_LISTEN */
    uint64_t max_upload_bytes; /* body of one request; 0: SVI_PLATFORM_DEFAULT_MAX_UPLOAD_BYTES */
};

struct svi_platform;

/* Serves from when this returns. Refused (SVI_BAD_USAGE): a bad address, one in use, a folder that another server serves. */
bool svi_platform_start(struct svi_platform **out, const struct svi_platform_options *options, struct svi_error *err);

/* "http://127.0.0.1:8000": the base of all calls, with the port that is really used. Lives as long as the handle. */
const char *svi_platform_url(const struct svi_platform *platform);

/* Waits for the next submitted job and claims it for the caller; see svi_platform_store_take. */
bool svi_platform_take(struct svi_platform *platform, struct svi_platform_ticket *out, struct svi_error *err);

/* Waits. False once svi_platform_stop_waiting was called. */
bool svi_platform_pause(struct svi_platform *platform, double seconds);

/* Makes every svi_platform_take return false with SVI_CANCELLED, now and later, so that worker threads can end before stop. */
void svi_platform_stop_waiting(struct svi_platform *platform);

/* Ends connections and closes the folder. No thread may be in another function of the handle. */
void svi_platform_stop(struct svi_platform *platform);

/* Adds a user to a folder, whether a server runs on it or not, and writes the user's token. A name that is taken or not allowed:
 * SVI_BAD_USAGE. */
bool svi_platform_add_user(const char *folder, const char *name, char token[SVI_PLATFORM_TOKEN_DIGITS + 1], struct svi_error *err);

#endif
