/* fuzz_amqp_table - any bytes as a table of AMQP: what the library can decode becomes JSON, or is refused with a reason; and what
 * became JSON survives the way back. */
#include "host/amqp_table.h"

#include "fuzz.h"

#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    amqp_pool_t pool;
    amqp_table_t table, again;
    size_t offset = 0;
    struct svi_error err = { 0 }, refused = { 0 };
    if (size > 16384) /* the library itself goes as deep as the bytes say */
        return 0;
    init_amqp_pool(&pool, 4096);
    if (amqp_decode_table((amqp_bytes_t){ size, (void *)(uintptr_t)data }, &pool, &table, &offset) == AMQP_STATUS_OK) {
        json_t *object = svi_amqp_table_read(&table, &err);
        must(object ? json_is_object(object) : err.status == SVI_BAD_ANSWER && err.message[0]);
        if (object && svi_amqp_table_write(&again, object, &pool, &refused)) {
            json_t *back = svi_amqp_table_read(&again, &err);
            must(json_equal(object, back));
            json_decref(back);
        } else if (object) {
            must(refused.status == SVI_BAD_PARAMETER && refused.message[0]);
        }
        json_decref(object);
    }
    empty_amqp_pool(&pool);
    return 0;
}
