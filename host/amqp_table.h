/* amqp_table.h - AMQP's tables and basic properties as JSON, and back. Knows no sockets. */
#ifndef SVI_HOST_AMQP_TABLE_H
#define SVI_HOST_AMQP_TABLE_H

#include "host/celery_message.h"

#include <amqp.h>
#include <amqp_framing.h>

enum { SVI_AMQP_TABLE_DEPTH = 32, SVI_AMQP_TABLE_VALUES = 1 << 16 };

/* An object for the caller to end; NULL where the table nests too deep, holds too much, or has texts that are not UTF-8
 * (SVI_BAD_ANSWER). What JSON has no value for, such as infinity, is null. */
json_t *svi_amqp_table_read(const amqp_table_t *table, struct svi_error *err);

/* The table lives as long as the pool. Keys longer than 128 bytes, or what nests too deep: SVI_BAD_PARAMETER. */
bool svi_amqp_table_write(amqp_table_t *out, const json_t *object, amqp_pool_t *pool, struct svi_error *err);

/* Content type, headers and properties, named as kombu names them, of a message whose body is empty so far. The caller clears it;
 * nothing to clear after a failure. */
bool svi_amqp_properties_read(struct svi_celery_message *out, const amqp_basic_properties_t *properties, struct svi_error *err);

/* The same the other way. The properties live as long as the message and the pool. */
bool svi_amqp_properties_write(amqp_basic_properties_t *out, const struct svi_celery_message *message, amqp_pool_t *pool,
                               struct svi_error *err);

#endif
