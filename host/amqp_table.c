#include "host/amqp_table.h"

#include <math.h>
#include <string.h>

enum { KEY_LIMIT = 128 };

static json_t *no_table(struct svi_error *err, const char *why)
{
    svi_fail(err, SVI_BAD_ANSWER, "The headers of a message %s.", why);
    return NULL;
}

static json_t *read_table(const amqp_table_t *table, int depth, size_t *values, struct svi_error *err);

static json_t *or_no_memory(json_t *value, struct svi_error *err)
{
    if (!value)
        svi_fail_memory(err, sizeof(json_t));
    return value;
}

static json_t *read_text(amqp_bytes_t bytes, struct svi_error *err)
{
    if (!svi_utf8_valid((struct svi_bytes){ bytes.bytes, bytes.len }))
        return no_table(err, "have a text that is not UTF-8");
    return or_no_memory(json_stringn_nocheck(bytes.len ? bytes.bytes : "", bytes.len), err);
}

static json_t *read_real(double value, struct svi_error *err)
{
    return or_no_memory(isfinite(value) ? json_real(value) : json_null(), err);
}

static json_t *read_whole(uint64_t value, struct svi_error *err)
{
    return value <= INT64_MAX ? or_no_memory(json_integer((json_int_t)value), err) : read_real((double)value, err);
}

static json_t *read_value(const amqp_field_value_t *field, int depth, size_t *values, struct svi_error *err);

static json_t *read_array(const amqp_array_t *array, int depth, size_t *values, struct svi_error *err)
{
    json_t *list = or_no_memory(json_array(), err);
    for (int i = 0; list && i < array->num_entries; i++) {
        json_t *value = read_value(&array->entries[i], depth, values, err);
        if (!value || json_array_append_new(list, value)) {
            json_decref(list);
            return value ? or_no_memory(NULL, err) : NULL;
        }
    }
    return list;
}

static json_t *read_value(const amqp_field_value_t *field, int depth, size_t *values, struct svi_error *err)
{
    if (depth >= SVI_AMQP_TABLE_DEPTH)
        return no_table(err, "are nested too deep");
    if (++*values > SVI_AMQP_TABLE_VALUES)
        return no_table(err, "hold too much");
    switch (field->kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
        return json_boolean(field->value.boolean);
    case AMQP_FIELD_KIND_I8:
        return or_no_memory(json_integer(field->value.i8), err);
    case AMQP_FIELD_KIND_U8:
        return or_no_memory(json_integer(field->value.u8), err);
    case AMQP_FIELD_KIND_I16:
        return or_no_memory(json_integer(field->value.i16), err);
    case AMQP_FIELD_KIND_U16:
        return or_no_memory(json_integer(field->value.u16), err);
    case AMQP_FIELD_KIND_I32:
        return or_no_memory(json_integer(field->value.i32), err);
    case AMQP_FIELD_KIND_U32:
        return or_no_memory(json_integer(field->value.u32), err);
    case AMQP_FIELD_KIND_I64:
        return or_no_memory(json_integer(field->value.i64), err);
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
        return read_whole(field->value.u64, err);
    case AMQP_FIELD_KIND_F32:
        return read_real((double)field->value.f32, err);
    case AMQP_FIELD_KIND_F64:
        return read_real(field->value.f64, err);
    case AMQP_FIELD_KIND_DECIMAL:
        return read_real((double)field->value.decimal.value / pow(10, field->value.decimal.decimals), err);
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
        return read_text(field->value.bytes, err);
    case AMQP_FIELD_KIND_ARRAY:
        return read_array(&field->value.array, depth + 1, values, err);
    case AMQP_FIELD_KIND_TABLE:
        return read_table(&field->value.table, depth + 1, values, err);
    default:
        return json_null();
    }
}

static json_t *read_table(const amqp_table_t *table, int depth, size_t *values, struct svi_error *err)
{
    json_t *object = or_no_memory(json_object(), err);
    for (int i = 0; object && i < table->num_entries; i++) {
        const amqp_table_entry_t *entry = &table->entries[i];
        char key[256];
        bool ok = entry->key.len < sizeof key && svi_utf8_valid((struct svi_bytes){ entry->key.bytes, entry->key.len })
                  && !(entry->key.len && memchr(entry->key.bytes, 0, entry->key.len));
        json_t *value = ok ? read_value(&entry->value, depth, values, err) : no_table(err, "have a name that is no text");
        if (value)
            svi_format(key, sizeof key, "%.*s", (int)entry->key.len, (const char *)entry->key.bytes);
        if (!value || json_object_set_new_nocheck(object, key, value)) {
            json_decref(object);
            return value ? or_no_memory(NULL, err) : NULL;
        }
    }
    return object;
}

json_t *svi_amqp_table_read(const amqp_table_t *table, struct svi_error *err)
{
    size_t values = 0;
    return read_table(table, 0, &values, err);
}

/* ---- the other way ---- */

static void *pool_room(amqp_pool_t *pool, size_t count, size_t each, struct svi_error *err)
{
    void *room = amqp_pool_alloc(pool, count ? count * each : each);
    if (!room)
        svi_fail_memory(err, count * each);
    return room;
}

static bool write_table(amqp_table_t *out, const json_t *object, int depth, amqp_pool_t *pool, struct svi_error *err);
static bool write_value(amqp_field_value_t *out, const json_t *value, int depth, amqp_pool_t *pool, struct svi_error *err);

static bool write_array(amqp_array_t *out, const json_t *list, int depth, amqp_pool_t *pool, struct svi_error *err)
{
    const size_t count = json_array_size(list);
    out->entries = pool_room(pool, count, sizeof *out->entries, err);
    out->num_entries = (int)count;
    bool ok = out->entries != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = write_value(&out->entries[i], json_array_get(list, i), depth, pool, err);
    return ok;
}

static bool write_text(amqp_bytes_t *out, const json_t *text, amqp_pool_t *pool, struct svi_error *err)
{
    out->len = json_string_length(text);
    out->bytes = pool_room(pool, out->len, 1, err);
    if (out->bytes && out->len)
        memcpy(out->bytes, json_string_value(text), out->len);
    return out->bytes != NULL;
}

/* With the very types that py-amqp uses. */
static bool write_value(amqp_field_value_t *out, const json_t *value, int depth, amqp_pool_t *pool, struct svi_error *err)
{
    if (depth >= SVI_AMQP_TABLE_DEPTH)
        return svi_fail(err, SVI_BAD_PARAMETER, "The headers of a message are nested too deep.");
    const json_int_t whole = json_integer_value(value);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        out->kind = AMQP_FIELD_KIND_TABLE;
        return write_table(&out->value.table, value, depth + 1, pool, err);
    case JSON_ARRAY:
        out->kind = AMQP_FIELD_KIND_ARRAY;
        return write_array(&out->value.array, value, depth + 1, pool, err);
    case JSON_STRING:
        out->kind = AMQP_FIELD_KIND_UTF8;
        return write_text(&out->value.bytes, value, pool, err);
    case JSON_INTEGER:
        out->kind = whole == (int32_t)whole ? AMQP_FIELD_KIND_I32 : AMQP_FIELD_KIND_I64;
        if (whole == (int32_t)whole)
            out->value.i32 = (int32_t)whole;
        else
            out->value.i64 = whole;
        return true;
    case JSON_REAL:
        out->kind = AMQP_FIELD_KIND_F64;
        out->value.f64 = json_real_value(value);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        out->kind = AMQP_FIELD_KIND_BOOLEAN;
        out->value.boolean = json_is_true(value);
        return true;
    default:
        out->kind = AMQP_FIELD_KIND_VOID;
        return true;
    }
}

static bool write_table(amqp_table_t *out, const json_t *object, int depth, amqp_pool_t *pool, struct svi_error *err)
{
    const size_t count = json_object_size(object);
    out->num_entries = 0;
    out->entries = pool_room(pool, count, sizeof *out->entries, err);
    bool ok = out->entries != NULL;
    /* Read only; jansson's walk takes no const. */
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); ok && at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        amqp_table_entry_t *entry = &out->entries[out->num_entries++];
        json_t *key = json_string_nocheck(json_object_iter_key(at));
        ok = key ? json_string_length(key) <= KEY_LIMIT
                       || svi_fail(err, SVI_BAD_PARAMETER, "The name of a header is longer than %d bytes.", KEY_LIMIT)
                 : svi_fail_memory(err, KEY_LIMIT);
        ok = ok && write_text(&entry->key, key, pool, err)
             && write_value(&entry->value, json_object_iter_value(at), depth, pool, err);
        json_decref(key);
    }
    return ok;
}

bool svi_amqp_table_write(amqp_table_t *out, const json_t *object, amqp_pool_t *pool, struct svi_error *err)
{
    return write_table(out, object, 0, pool, err);
}

/* ---- properties ---- */

static const struct {
    const char *name;
    amqp_flags_t flag;
    size_t offset;
} texts[] = {
    { "correlation_id", AMQP_BASIC_CORRELATION_ID_FLAG, offsetof(amqp_basic_properties_t, correlation_id) },
    { "reply_to", AMQP_BASIC_REPLY_TO_FLAG, offsetof(amqp_basic_properties_t, reply_to) },
    { "expiration", AMQP_BASIC_EXPIRATION_FLAG, offsetof(amqp_basic_properties_t, expiration) },
    { "message_id", AMQP_BASIC_MESSAGE_ID_FLAG, offsetof(amqp_basic_properties_t, message_id) },
    { "type", AMQP_BASIC_TYPE_FLAG, offsetof(amqp_basic_properties_t, type) },
    { "app_id", AMQP_BASIC_APP_ID_FLAG, offsetof(amqp_basic_properties_t, app_id) },
};

static bool read_word(char into[SVI_CELERY_WORD_SIZE], amqp_bytes_t text, bool present, struct svi_error *err)
{
    if (!present)
        return true;
    bool ok = text.len < SVI_CELERY_WORD_SIZE && svi_utf8_valid((struct svi_bytes){ text.bytes, text.len });
    if (ok)
        svi_format(into, SVI_CELERY_WORD_SIZE, "%.*s", (int)text.len, (const char *)text.bytes);
    return ok || svi_fail(err, SVI_BAD_ANSWER, "The content type of a message is no word.");
}

static bool read_numbers(json_t *into, const amqp_basic_properties_t *from, struct svi_error *err)
{
    const amqp_flags_t has = from->_flags;
    bool ok = (!(has & AMQP_BASIC_DELIVERY_MODE_FLAG)
               || json_object_set_new(into, "delivery_mode", json_integer(from->delivery_mode)) == 0)
              && (!(has & AMQP_BASIC_PRIORITY_FLAG) || json_object_set_new(into, "priority", json_integer(from->priority)) == 0)
              && (!(has & AMQP_BASIC_TIMESTAMP_FLAG)
                  || json_object_set_new(into, "timestamp", read_whole(from->timestamp, err)) == 0);
    return ok || svi_fail_memory(err, sizeof(json_t));
}

static bool read_properties(struct svi_celery_message *out, const amqp_basic_properties_t *from, struct svi_error *err)
{
    const amqp_flags_t has = from->_flags;
    out->properties = or_no_memory(json_object(), err);
    out->headers = has & AMQP_BASIC_HEADERS_FLAG ? svi_amqp_table_read(&from->headers, err) : or_no_memory(json_object(), err);
    bool ok = out->properties && out->headers
              && read_word(out->content_type, from->content_type, has & AMQP_BASIC_CONTENT_TYPE_FLAG, err)
              && read_word(out->content_encoding, from->content_encoding, has & AMQP_BASIC_CONTENT_ENCODING_FLAG, err)
              && read_numbers(out->properties, from, err);
    for (size_t i = 0; ok && i < sizeof texts / sizeof *texts; i++) {
        amqp_bytes_t text;
        memcpy(&text, (const char *)from + texts[i].offset, sizeof text);
        if (!(has & texts[i].flag))
            continue;
        json_t *value = read_text(text, err);
        ok = value && (json_object_set_new(out->properties, texts[i].name, value) == 0 || svi_fail_memory(err, sizeof(json_t)));
    }
    return ok;
}

bool svi_amqp_properties_read(struct svi_celery_message *out, const amqp_basic_properties_t *properties, struct svi_error *err)
{
    *out = (struct svi_celery_message){ 0 };
    svi_buffer_init(&out->body, SVI_CELERY_MESSAGE_LIMIT_BYTES);
    bool ok = read_properties(out, properties, err);
    if (!ok)
        svi_celery_message_clear(out);
    return ok;
}

/* A short text of AMQP has a length of one byte. */
static bool write_short(amqp_basic_properties_t *out, size_t which, const json_t *value, amqp_pool_t *pool, struct svi_error *err)
{
    amqp_bytes_t text;
    if (json_string_length(value) > 255)
        return svi_fail(err, SVI_BAD_PARAMETER, "The property %s of a message is longer than 255 bytes.", texts[which].name);
    if (!write_text(&text, value, pool, err))
        return false;
    memcpy((char *)out + texts[which].offset, &text, sizeof text);
    out->_flags |= texts[which].flag;
    return true;
}

static uint8_t small(const json_t *value, uint8_t most)
{
    const json_int_t number = json_integer_value(value);
    return (uint8_t)(number < 0 ? 0 : number > most ? most : number);
}

bool svi_amqp_properties_write(amqp_basic_properties_t *out, const struct svi_celery_message *message, amqp_pool_t *pool,
                               struct svi_error *err)
{
    const json_t *mode = json_object_get(message->properties, "delivery_mode");
    *out = (amqp_basic_properties_t){
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_HEADERS_FLAG
                  | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG,
        .content_type = amqp_cstring_bytes(message->content_type),
        .content_encoding = amqp_cstring_bytes(message->content_encoding),
        .delivery_mode = json_is_integer(mode) && json_integer_value(mode) == 1 ? 1 : 2,
        .priority = small(json_object_get(message->properties, "priority"), 255),
    };
    bool ok = svi_amqp_table_write(&out->headers, message->headers, pool, err);
    for (size_t i = 0; ok && i < sizeof texts / sizeof *texts; i++) {
        const json_t *value = json_object_get(message->properties, texts[i].name);
        ok = !json_is_string(value) || write_short(out, i, value, pool, err);
    }
    return ok;
}
