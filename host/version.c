#include "base/version.h"

#include "capture/libraries.h"
#include "device/libraries.h"
#include "host/help.h"
#include "visual/libraries.h"

#include <curl/curl.h>
#include <jansson.h>
#include <microhttpd.h>
#include <sqlite3.h>

void svi_version_print(FILE *to)
{
    char line[160];
    fprintf(to, "%s %s (%s)\n", SVI_PROGRAM_NAME, svi_version, svi_commit);
    for (size_t i = 0; svi_capture_library(i, line, sizeof line); i++)
        fprintf(to, "%s\n", line);
    for (size_t i = 0; svi_device_library(i, line, sizeof line); i++)
        fprintf(to, "%s\n", line);
    for (size_t i = 0; svi_visual_library(i); i++)
        fprintf(to, "%s\n", svi_visual_library(i));
    fprintf(to, "jansson %s\nlibcurl %s\nSQLite %s\nlibmicrohttpd %s\n", jansson_version_str(),
            curl_version_info(CURLVERSION_NOW)->version, sqlite3_libversion(), MHD_get_version());
}
