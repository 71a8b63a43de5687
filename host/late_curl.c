/* late_curl - libcurl, loaded when it is needed. */
#include "host/late_library.h"

#include <curl/curl.h>
#include <stdarg.h>

#define SVI_LATE_LIBRARY SVI_LATE_CURL

/* These two are macros that look at the types of what they are given; the functions are meant. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* The number of an option says of what type its one value is. */
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
    CURLcode (*function)(CURL * curl, CURLoption option, ...), code;
    SVI_LATE_FIND(curl_easy_setopt, function);
    va_list value;
    va_start(value, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = function(curl, option, va_arg(value, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = function(curl, option, va_arg(value, curl_off_t));
    else if (option >= CURLOPTTYPE_FUNCTIONPOINT && option < CURLOPTTYPE_OFF_T)
        code = function(curl, option, va_arg(value, void (*)(void)));
    else
        code = function(curl, option, va_arg(value, void *));
    va_end(value);
    return code;
}

/* What it tells goes to where a pointer says, whatever that is. */
CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
    CURLcode (*function)(CURL * curl, CURLINFO info, ...);
    SVI_LATE_FIND(curl_easy_getinfo, function);
    va_list into;
    va_start(into, info);
    const CURLcode code = function(curl, info, va_arg(into, void *));
    va_end(into);
    return code;
}

SVI_LATE_VOID(curl_easy_cleanup, (CURL * curl), (curl))
SVI_LATE(CURLHcode, curl_easy_header,
         (CURL * easy, const char *name, size_t index, unsigned int origin, int request, struct curl_header **hout),
         (easy, name, index, origin, request, hout))
SVI_LATE(CURL *, curl_easy_init, (void), ())
SVI_LATE(CURLcode, curl_easy_perform, (CURL * curl), (curl))
SVI_LATE_VOID(curl_easy_reset, (CURL * curl), (curl))
SVI_LATE(const char *, curl_easy_strerror, (CURLcode code), (code))
SVI_LATE_VOID(curl_free, (void *p), (p))
SVI_LATE(CURLcode, curl_global_init, (long flags), (flags))
SVI_LATE(curl_mimepart *, curl_mime_addpart, (curl_mime * mime), (mime))
SVI_LATE(CURLcode, curl_mime_data, (curl_mimepart * part, const char *data, size_t datasize), (part, data, datasize))
SVI_LATE(CURLcode, curl_mime_data_cb,
         (curl_mimepart * part, curl_off_t datasize, curl_read_callback readfunc, curl_seek_callback seekfunc,
          curl_free_callback freefunc, void *arg),
         (part, datasize, readfunc, seekfunc, freefunc, arg))
SVI_LATE(CURLcode, curl_mime_filename, (curl_mimepart * part, const char *filename), (part, filename))
SVI_LATE_VOID(curl_mime_free, (curl_mime * mime), (mime))
SVI_LATE(curl_mime *, curl_mime_init, (CURL * easy), (easy))
SVI_LATE(CURLcode, curl_mime_name, (curl_mimepart * part, const char *name), (part, name))
SVI_LATE(CURLcode, curl_mime_type, (curl_mimepart * part, const char *mimetype), (part, mimetype))
SVI_LATE(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *data), (list, data))
SVI_LATE_VOID(curl_slist_free_all, (struct curl_slist * list), (list))
SVI_LATE(CURLU *, curl_url, (void), ())
SVI_LATE_VOID(curl_url_cleanup, (CURLU * handle), (handle))
SVI_LATE(CURLUcode, curl_url_get, (CURLU * handle, CURLUPart what, char **part, unsigned int flags), (handle, what, part, flags))
SVI_LATE(CURLUcode, curl_url_set, (CURLU * handle, CURLUPart what, const char *part, unsigned int flags),
         (handle, what, part, flags))
SVI_LATE(curl_version_info_data *, curl_version_info, (CURLversion version), (version))
