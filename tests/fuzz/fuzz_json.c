/* fuzz_json - any bytes as JSON: what is called an object without being made a tree is one to jansson, and the other way round. */
#include "base/json.h"
#include "base/json_check.h"

#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_error err = { 0 };
    json_error_t fault;
    const struct svi_bytes text = { data, size };
    const bool is = svi_json_is_full_object(text);
    json_t *strict = svi_json_parse(text, "It", SVI_BAD_PARAMETER, &err);
    json_t *tree = json_loadb((const char *)data, size, 0, &fault);
    if (json_object_size(strict) > 0 && !is)
        abort();
    if (is && json_object_size(tree) == 0 && (tree || json_error_code(&fault) != json_error_numeric_overflow))
        abort();
    json_decref(strict);
    json_decref(tree);
    return 0;
}
