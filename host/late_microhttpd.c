/* late_microhttpd - libmicrohttpd, loaded when it is needed. */
#include "host/late_library.h"

#include <microhttpd.h>
#include <stdarg.h>

#define SVI_LATE_LIBRARY SVI_LATE_MICROHTTPD

/* Its options are handed on as they are. */
struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback apc, void *apc_cls,
                                    MHD_AccessHandlerCallback dh, void *dh_cls, ...)
{
    struct MHD_Daemon *(*function)(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback apc, void *apc_cls,
                                   MHD_AccessHandlerCallback dh, void *dh_cls, va_list options);
    SVI_LATE_FIND(MHD_start_daemon_va, function);
    va_list options;
    va_start(options, dh_cls);
    struct MHD_Daemon *daemon = function(flags, port, apc, apc_cls, dh, dh_cls, options);
    va_end(options);
    return daemon;
}

SVI_LATE(enum MHD_Result, MHD_add_response_header, (struct MHD_Response * response, const char *header, const char *content),
         (response, header, content))
SVI_LATE(struct MHD_PostProcessor *, MHD_create_post_processor,
         (struct MHD_Connection * connection, size_t buffer_size, MHD_PostDataIterator iter, void *iter_cls),
         (connection, buffer_size, iter, iter_cls))
SVI_LATE(struct MHD_Response *, MHD_create_response_from_buffer, (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode),
         (size, buffer, mode))
SVI_LATE(struct MHD_Response *, MHD_create_response_from_fd_at_offset64, (uint64_t size, int fd, uint64_t offset),
         (size, fd, offset))
SVI_LATE(enum MHD_Result, MHD_destroy_post_processor, (struct MHD_PostProcessor * pp), (pp))
SVI_LATE_VOID(MHD_destroy_response, (struct MHD_Response * response), (response))
SVI_LATE(const char *, MHD_get_version, (void), ())
SVI_LATE(const char *, MHD_lookup_connection_value, (struct MHD_Connection * connection, enum MHD_ValueKind kind, const char *key),
         (connection, kind, key))
SVI_LATE(enum MHD_Result, MHD_post_process, (struct MHD_PostProcessor * pp, const char *post_data, size_t post_data_len),
         (pp, post_data, post_data_len))
SVI_LATE(enum MHD_Result, MHD_queue_response,
         (struct MHD_Connection * connection, unsigned int status_code, struct MHD_Response *response),
         (connection, status_code, response))
SVI_LATE_VOID(MHD_stop_daemon, (struct MHD_Daemon * daemon), (daemon))
