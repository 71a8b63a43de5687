#include "host/tune.h"

#include "base/bytes.h"
#include "device/fused.h"

#include <string.h>

struct measured {
    size_t rows;
    double seconds;
};

static struct measured add_up(const json_t *rows, uint32_t length, const char *engine)
{
    struct measured sum = { 0 };
    char name[32];
    svi_format(name, sizeof name, "stft %u", length);
    size_t i;
    const json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *its_name = json_string_value(json_object_get(row, "name"));
        const char *its_engine = json_string_value(json_object_get(row, "engine"));
        if (!its_name || !its_engine || strcmp(its_name, name) != 0 || strcmp(its_engine, engine) != 0)
            continue;
        sum.rows++;
        sum.seconds += json_number_value(json_object_get(row, "seconds"));
    }
    return sum;
}

void svi_tune(struct svi_engine_table *out, const json_t *rows)
{
    *out = (struct svi_engine_table){ 0 };
    for (uint32_t length = SVI_FUSED_LEAST; length <= SVI_FUSED_MOST; length *= 2) {
        const struct measured fused = add_up(rows, length, "fused"), clfft = add_up(rows, length, "clfft");
        if (fused.rows && fused.rows == clfft.rows)
            out->choices[out->count++] = (struct svi_engine_choice){ length, fused.seconds <= clfft.seconds ? "fused" : "clfft" };
    }
}
