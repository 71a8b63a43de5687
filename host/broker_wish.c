#include "host/broker_wish.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The text lies in argv or in the environment, where every user of the machine, or at least our own, can read it. */
static void hide(const char *text)
{
    char *writable = (char *)(uintptr_t)text;
    explicit_bzero(writable, strlen(writable));
}

/* One that something else stood above is no less readable. */
static void hide_variable(const char *name)
{
    char *text = name ? getenv(name) : NULL;
    if (text)
        hide(text);
}

void svi_broker_wish_hide(const struct svi_options *options, enum svi_option option)
{
    const struct svi_option_value *value = &options->values[option];
    const char *text;
    if (value->source)
        hide(value->text);
    /* One that was said once more counts no longer, and is as readable. */
    for (size_t i = 0; (text = svi_option_item(options, option, i)); i++)
        hide(text);
    hide_variable(svi_option_rows[option].variable);
    hide_variable(svi_option_rows[option].other);
}

bool svi_broker_wish_urls(struct svi_broker_urls *out, const struct svi_options *options, enum svi_option option,
                          struct svi_error *err)
{
    bool ok = svi_broker_urls_parse(out, svi_option_text(options, option), err);
    svi_broker_wish_hide(options, option);
    return ok;
}

bool svi_broker_wish_json(json_t **out, const struct svi_options *options, enum svi_option option, struct svi_error *err)
{
    const char *text = svi_option_text(options, option);
    *out = text ? svi_json_parse(svi_bytes_of(text), options->values[option].source, SVI_BAD_USAGE, err) : NULL;
    svi_broker_wish_hide(options, option);
    if (!text || json_is_object(*out))
        return true;
    bool parsed = *out != NULL;
    json_decref(*out);
    *out = NULL;
    return parsed ? svi_fail(err, SVI_BAD_USAGE, "%s must be a JSON object.", options->values[option].source) : false;
}

bool svi_broker_wish_read(struct svi_broker_wish *out, const struct svi_options *options, struct svi_error *err)
{
    *out = (struct svi_broker_wish){ 0 };
    if (!svi_option_text(options, SVI_OPTION_BROKER))
        return svi_fail(err, SVI_BAD_USAGE,
                        "A broker is needed: --broker, SVI_BROKER or CELERY_BROKER_URL, as redis://HOST/0, amqp://HOST or "
                        "filesystem:///FOLDER.");
    return svi_broker_wish_urls(&out->brokers, options, SVI_OPTION_BROKER, err)
           && svi_broker_wish_json(&out->broker_options, options, SVI_OPTION_BROKER_OPTIONS, err)
           && svi_queue_list_read(&out->queues, svi_option_text(options, SVI_OPTION_QUEUES), err);
}

void svi_broker_wish_clear(struct svi_broker_wish *wish)
{
    svi_broker_urls_clear(&wish->brokers);
    json_decref(wish->broker_options);
    svi_queue_list_clear(&wish->queues);
    *wish = (struct svi_broker_wish){ 0 };
}
