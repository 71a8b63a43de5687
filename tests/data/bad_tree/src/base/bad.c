/* Breaks each rule of check_includes.sh and check_text.sh once, so that the checks are seen to find it. */
#include "base/good.h"
#include "visual/render.h"
#include "good.h"

#include <curl/curl.h>

static void bad(char *into, const char *from)
{
    strcpy(into, from);
    svi_system(into); /* another function, whose name only ends alike */
}
