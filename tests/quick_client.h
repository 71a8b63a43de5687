/* quick_client.h - a client of the platform that waits for nothing long. */
#ifndef SVI_TESTS_QUICK_CLIENT_H
#define SVI_TESTS_QUICK_CLIENT_H

#include "host/http.h"

#include "secret.h"

static const struct svi_http_policy quick = {
    .tries = 4,
    .backoff_s = 0.001,
    .longest_pause_s = 0.01,
    .connect_timeout_s = 5.0,
    .total_timeout_s = 5.0,
    .stall_timeout_s = 1.0,
    .stall_speed = 1000,
    .lookup_pause_s = 0.001,
    .answer_limit_bytes = 1 << 20,
};

static inline struct svi_http *open_client(const char *url, struct svi_http_policy policy, const atomic_int *stop)
{
    struct svi_http *http = NULL;
    struct svi_error err = { 0 };
    const struct svi_http_options options = { .base_url = url, .token = SECRET, .stop = stop, .policy = policy };
    check_ok(svi_http_open(&http, &options, &err), err);
    return http;
}

#endif
