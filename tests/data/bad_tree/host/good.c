/* A file of host/ may include everything. */
#include "base/good.h"
#include "visual/render.h"

#include <curl/curl.h>
