#include "host/redis_names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HIGHEST_PRIORITY = 9 };

static bool fail_option(const char *key, const char *wish, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_USAGE, "The broker's option %s must be %s.", key, wish);
}

/* A text option, or what stands there already. */
static bool text_option(const json_t *options, const char *key, char *into, size_t size, struct svi_error *err)
{
    const json_t *value = json_object_get(options, key);
    if (!value || json_is_null(value))
        return true;
    const char *text = json_string_value(value);
    return (text && strlen(text) == json_string_length(value) && svi_format(into, size, "%s", text))
           || fail_option(key, "a text that is not so long", err);
}

static bool seconds_option(const json_t *options, const char *key, double *into, struct svi_error *err)
{
    const json_t *value = json_object_get(options, key);
    if (!value || json_is_null(value))
        return true;
    *into = json_number_value(value);
    return (json_is_number(value) && *into > 0 && *into <= 1e9) || fail_option(key, "a number of seconds above 0", err);
}

static bool read_steps(struct svi_redis_names *names, const json_t *options, struct svi_error *err)
{
    static const int usual[] = { 0, 3, 6, 9 };
    const json_t *steps = json_object_get(options, "priority_steps");
    names->step_count = sizeof usual / sizeof *usual;
    memcpy(names->steps, usual, sizeof usual);
    if (!steps || json_is_null(steps))
        return true;
    names->step_count = json_array_size(steps);
    bool ok = names->step_count && names->step_count <= SVI_REDIS_MAX_STEPS;
    for (size_t i = 0; ok && i < names->step_count; i++) {
        json_int_t step = json_integer_value(json_array_get(steps, i));
        ok = json_is_integer(json_array_get(steps, i)) && step >= 0 && step <= UINT8_MAX && (!i || step > names->steps[i - 1]);
        names->steps[i] = (int)step;
    }
    return ok || fail_option("priority_steps", "a list of a few numbers, each larger than the one before", err);
}

/* true: "/N."; false: nothing; a text: that text, in which {db} is N. */
static bool read_fanout(struct svi_redis_names *names, int database, const json_t *options, struct svi_error *err)
{
    const json_t *wish = json_object_get(options, "fanout_prefix");
    if (wish && !json_is_boolean(wish) && !json_is_string(wish) && !json_is_null(wish))
        return fail_option("fanout_prefix", "true, false or a text", err);
    const char *text = json_is_string(wish) ? json_string_value(wish) : "/{db}.";
    if (json_is_false(wish) || json_is_null(wish) || !text[0])
        return true; /* no prefix at all */
    const char *place = strstr(text, "{db}");
    bool fits = place ? svi_format(names->fanout, sizeof names->fanout, "%.*s%d%s", (int)(place - text), text, database, place + 4)
                      : svi_format(names->fanout, sizeof names->fanout, "%s", text);
    return fits || fail_option("fanout_prefix", "a text that is not so long", err);
}

static bool read_key(const struct svi_redis_names *names, const json_t *options, const char *option, char into[SVI_REDIS_KEY_SIZE],
                     struct svi_error *err)
{
    char bare[256];
    svi_format(bare, sizeof bare, "%.*s", (int)strlen(option) - 4, option); /* "unacked_key" is "unacked" */
    if (!text_option(options, option, bare, sizeof bare, err))
        return false;
    svi_format(into, SVI_REDIS_KEY_SIZE, "%s%s", names->prefix, bare);
    return true;
}

bool svi_redis_names_init(struct svi_redis_names *names, int database, const char *node, const json_t *options,
                          struct svi_error *err)
{
    *names = (struct svi_redis_names){ .separator = "\x06\x16", .visibility_timeout_s = 3600, .health_check_s = 25 };
    const json_t *patterns = json_object_get(options, "fanout_patterns");
    names->patterns = !patterns || json_is_true(patterns);
    if (!text_option(options, "global_keyprefix", names->prefix, sizeof names->prefix, err)
        || !text_option(options, "sep", names->separator, sizeof names->separator, err)
        || !read_key(names, options, "unacked_key", names->unacked, err)
        || !read_key(names, options, "unacked_index_key", names->unacked_index, err)
        || !read_key(names, options, "unacked_mutex_key", names->unacked_mutex, err)
        || !seconds_option(options, "visibility_timeout", &names->visibility_timeout_s, err)
        || !seconds_option(options, "health_check_interval", &names->health_check_s, err) || !read_steps(names, options, err)
        || !read_fanout(names, database, options, err))
        return false;
    if (!names->separator[0])
        return fail_option("sep", "a text", err);
    if (!svi_format(names->held, sizeof names->held, "%s_svi.held.%s", names->prefix, node) || strlen(node) > 255)
        return svi_fail(err, SVI_BAD_USAGE, "The name of this node is longer than 255 bytes.");
    return true;
}

void svi_redis_list_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *queue, int step)
{
    if (step)
        svi_format(into, SVI_REDIS_KEY_SIZE, "%s%s%s%d", names->prefix, queue, names->separator, step);
    else
        svi_format(into, SVI_REDIS_KEY_SIZE, "%s%s", names->prefix, queue);
}

void svi_redis_binding_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *exchange)
{
    svi_format(into, SVI_REDIS_KEY_SIZE, "%s_kombu.binding.%s", names->prefix, exchange);
}

void svi_redis_channel_name(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *exchange,
                            const char *key)
{
    bool keyed = key[0] && names->patterns;
    svi_format(into, SVI_REDIS_KEY_SIZE, "%s%s%s%s%s", names->prefix, names->fanout, exchange, keyed ? "/" : "", keyed ? key : "");
}

void svi_redis_binding(const struct svi_redis_names *names, char into[SVI_REDIS_KEY_SIZE], const char *key, const char *queue)
{
    svi_format(into, SVI_REDIS_KEY_SIZE, "%s%s%s%s", key, names->separator, names->separator, queue);
}

int svi_redis_step_of(const struct svi_redis_names *names, const json_t *properties)
{
    const json_t *value = json_object_get(properties, "priority");
    const char *text = json_string_value(value); /* kombu takes what int() takes */
    double wish = json_is_number(value) ? json_number_value(value) : text ? strtod(text, NULL) : json_is_true(value) ? 1 : 0;
    int priority = wish >= HIGHEST_PRIORITY ? HIGHEST_PRIORITY : wish > 0 ? (int)wish : 0;
    int step = names->steps[names->step_count - 1]; /* below the lowest step comes the highest one: bisect - 1 in Python */
    for (size_t i = 0; i < names->step_count && names->steps[i] <= priority; i++)
        step = names->steps[i];
    return step;
}
