#include "host/celery_revoked.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { ID_SIZE = 256 };

struct svi_revoked {
    json_t *ids;    /* id -> when; jansson's objects keep the order, here from the oldest to the newest */
    json_t *stamps; /* header -> array of values */
    size_t stamp_count;
};

bool svi_revoked_create(struct svi_revoked **out, struct svi_error *err)
{
    struct svi_revoked *revoked = calloc(1, sizeof *revoked);
    if (!revoked)
        return svi_fail_memory(err, sizeof *revoked);
    revoked->ids = json_object();
    revoked->stamps = json_object();
    if (revoked->ids && revoked->stamps) {
        *out = revoked;
        return true;
    }
    svi_revoked_destroy(revoked);
    return svi_fail_memory(err, sizeof *revoked);
}

void svi_revoked_destroy(struct svi_revoked *revoked)
{
    if (!revoked)
        return;
    json_decref(revoked->ids);
    json_decref(revoked->stamps);
    free(revoked);
}

static void forget_oldest(struct svi_revoked *revoked)
{
    char id[ID_SIZE];
    if (svi_format(id, sizeof id, "%s", json_object_iter_key(json_object_iter(revoked->ids))))
        json_object_del(revoked->ids, id);
}

static void forget_old(struct svi_revoked *revoked, double now_s)
{
    for (void *oldest; (oldest = json_object_iter(revoked->ids));) {
        if (now_s - json_real_value(json_object_iter_value(oldest)) <= SVI_REVOKED_FOR_S)
            return;
        forget_oldest(revoked);
    }
}

void svi_revoked_add(struct svi_revoked *revoked, const char *id, double now_s)
{
    if (!*id || strlen(id) >= ID_SIZE)
        return;
    json_object_del(revoked->ids, id); /* so that it becomes the newest */
    json_object_set_new(revoked->ids, id, json_real(now_s));
    forget_old(revoked, now_s);
    if (json_object_size(revoked->ids) > SVI_REVOKED_MOST)
        forget_oldest(revoked);
}

bool svi_revoked_has(struct svi_revoked *revoked, const char *id, double now_s)
{
    forget_old(revoked, now_s);
    return json_object_get(revoked->ids, id);
}

json_t *svi_revoked_ids(struct svi_revoked *revoked, size_t most, double now_s)
{
    forget_old(revoked, now_s);
    size_t count = json_object_size(revoked->ids), skip = count > most ? count - most : 0;
    json_t *list = json_array(), *when;
    const char *id;
    bool ok = list;
    json_object_foreach(revoked->ids, id, when)
    {
        if (skip)
            skip--;
        else
            ok = ok && json_array_append_new(list, json_string(id)) == 0;
    }
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

json_t *svi_revoked_tell(struct svi_revoked *revoked, size_t most, double now_s)
{
    json_t *ids = svi_revoked_ids(revoked, most, now_s), *told = json_object();
    bool ok = ids && told;
    const json_t *id;
    size_t index;
    json_array_foreach(ids, index, id)
    {
        const char *text = json_string_value(id);
        ok = ok
             && json_object_set_new(told, text, json_pack("[f, s]", json_real_value(json_object_get(revoked->ids, text)), text))
                    == 0;
    }
    json_decref(ids);
    if (ok)
        return told;
    json_decref(told);
    return NULL;
}

/* What is known already keeps its age: else two nodes would keep an id alive for each other, for ever. */
static void merge_one(struct svi_revoked *revoked, const char *id, double now_s)
{
    if (!svi_revoked_has(revoked, id, now_s))
        svi_revoked_add(revoked, id, now_s);
}

void svi_revoked_merge(struct svi_revoked *revoked, const json_t *told, double now_s)
{
    const char *id;
    json_t *item;
    size_t index;
    json_object_foreach((json_t *)told, id, item) merge_one(revoked, id, now_s);
    json_array_foreach(told, index, item) if (json_is_string(item)) merge_one(revoked, json_string_value(item), now_s);
}

static bool has_value(const json_t *list, const char *value)
{
    const json_t *item;
    size_t index;
    json_array_foreach(list, index, item) if (json_is_string(item) && strcmp(json_string_value(item), value) == 0) return true;
    return false;
}

void svi_revoked_add_stamp(struct svi_revoked *revoked, const char *header, const char *value)
{
    json_t *list = json_object_get(revoked->stamps, header);
    if (has_value(list, value) || revoked->stamp_count >= SVI_REVOKED_STAMPS_MOST)
        return;
    if (!list) {
        list = json_array();
        if (json_object_set_new(revoked->stamps, header, list) != 0)
            return;
    }
    revoked->stamp_count += json_array_append_new(list, json_string(value)) == 0;
}

bool svi_revoked_has_stamp(const struct svi_revoked *revoked, const json_t *stamps)
{
    const char *header;
    const json_t *values, *value;
    size_t index;
    json_object_foreach((json_t *)stamps, header, values)
    {
        const json_t *list = json_object_get(revoked->stamps, header);
        if (json_is_string(values) && has_value(list, json_string_value(values)))
            return true;
        json_array_foreach(values, index,
                           value) if (json_is_string(value) && has_value(list, json_string_value(value))) return true;
    }
    return false;
}
