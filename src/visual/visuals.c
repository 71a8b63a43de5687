#include "visual/visuals.h"

#include <string.h>

static const struct svi_visual *const visuals[] = {
#define SVI_VISUAL(name) &svi_##name,
#include "visual/visual_list.h"
#undef SVI_VISUAL
};

enum { VISUAL_COUNT = sizeof visuals / sizeof visuals[0] };

_Static_assert((int)VISUAL_COUNT <= (int)SVI_MAX_TYPES, "a request can name all types");

const char *svi_render_type(size_t i)
{
    return i < VISUAL_COUNT ? visuals[i]->name : NULL;
}

const struct svi_visual *svi_visual_find(const char *name)
{
    for (size_t i = 0; i < VISUAL_COUNT; i++)
        if (!strcmp(visuals[i]->name, name) || (visuals[i]->alias && !strcmp(visuals[i]->alias, name)))
            return visuals[i];
    return NULL;
}

bool svi_render_knows(const char *type)
{
    return svi_visual_find(type) != NULL;
}

void svi_render_types(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < VISUAL_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", visuals[i]->name);
}

static bool add(struct svi_chosen_visuals *chosen, const char *name, struct svi_error *err)
{
    const struct svi_visual *visual = svi_visual_find(name);
    if (!visual) {
        char types[256], shown[48];
        svi_render_types(types, sizeof types);
        svi_text_clean(shown, sizeof shown, name);
        return svi_fail(err, SVI_UNKNOWN_TYPE, "There is no visualization \"%s\"; there is: %s.", shown, types);
    }
    for (size_t i = 0; i < chosen->count; i++)
        if (chosen->at[i] == visual)
            return true;
    chosen->at[chosen->count++] = visual;
    return true;
}

static bool add_from_config(struct svi_chosen_visuals *chosen, const json_t *config, struct svi_error *err)
{
    const json_t *types = json_object_get(config, "types"), *type;
    size_t i;
    bool ok = !types || json_is_null(types) || json_is_array(types)
              || svi_fail(err, SVI_BAD_PARAMETER, "The parameter types must be a list of types, not %s.", svi_json_kind(types));
    json_array_foreach(types, i, type)
    {
        ok = ok
             && (json_is_string(type)
                 || svi_fail(err, SVI_BAD_PARAMETER, "The parameter types must name types by text, not by %s.",
                             svi_json_kind(type)))
             && add(chosen, json_string_value(type), err);
    }
    return ok;
}

bool svi_visuals_choose(struct svi_chosen_visuals *out, const struct svi_render_request *request, struct svi_error *err)
{
    *out = (struct svi_chosen_visuals){ 0 };
    for (size_t i = 0; i < request->type_count; i++)
        if (!add(out, request->types[i], err))
            return false;
    if (!add_from_config(out, request->config, err))
        return false;
    out->any = out->count == 0;
    for (size_t i = 0; out->any && i < VISUAL_COUNT; i++)
        out->at[out->count++] = visuals[i];
    return true;
}
