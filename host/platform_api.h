/* platform_api.h - the calls of the embedded platform: a request as plain data in, an answer out.
 *
 * Knows the contract: paths, fields, who may call, what is answered. Knows nothing of sockets. Each call is a row of one table. */
#ifndef SVI_HOST_PLATFORM_API_H
#define SVI_HOST_PLATFORM_API_H

#include "host/platform_answer.h"
#include "host/platform_body.h"
#include "host/platform_captures.h"
#include "host/platform_store.h"

/* What stands before the body. All texts are the caller's, decoded; NULL where there is none. */
struct svi_platform_head {
    const char *method, *path;
    const char *raw_query; /* "?a=b", as it was sent; "" for none */
    const char *authorization, *range;
    const char *file_type, *download, *source; /* from the query */
};

struct svi_platform_route;

/* A request that may go on to its body. */
struct svi_platform_call {
    struct svi_platform_store *store;
    const struct svi_platform_head *head;
    const struct svi_platform_route *route;
    struct svi_platform_user user;
    int64_t id;                         /* from the path; 0 where it has none */
    char uuid[SVI_PLATFORM_UUID_BYTES]; /* likewise; "" where it has none */
};

/* Finds the call and checks, in this order: path, token, method, and that the job in the path is the user's. False: `answer` is the
 * refusal. */
bool svi_platform_api_begin(struct svi_platform_call *call, struct svi_platform_store *store, const struct svi_platform_head *head,
                            struct svi_platform_answer *answer);

/* Carries the call out. `answer` is always filled. */
void svi_platform_api_finish(const struct svi_platform_call *call, const struct svi_platform_body *body,
                             struct svi_platform_answer *answer);

#endif
