/* fuzz_broker_url - any text as the URL of a broker: refused in one line, or parts that keep their promises; what is shown holds no
 * password. */
#include "host/broker_url.h"

#include "base/bytes.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void check_url(const struct svi_broker_url *url)
{
    const char *const texts[] = { url->user, url->password, url->host, url->path, url->virtual_host };
    char shown[256];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        must(texts[i] && svi_utf8_valid(svi_bytes_of(texts[i])));
    must(json_is_object(url->query) && url->database >= 0 && url->port >= 0 && url->port < 65536);
    must(url->path[0] ? url->path[0] == '/' && !url->host[0] : url->host[0] && url->port > 0);
    must((url->transport == SVI_BROKER_AMQP) == (url->virtual_host[0] != '\0'));
    svi_broker_url_show(url, shown, sizeof shown);
    must(svi_utf8_valid(svi_bytes_of(shown)) && (!url->password[0] || strlen(url->user) > 200 || strstr(shown, ":**@")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    must(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    struct svi_broker_urls urls;
    struct svi_error err = { 0 };
    if (svi_broker_urls_parse(&urls, text, &err)) {
        must(urls.count > 0);
        for (size_t i = 0; i < urls.count; i++)
            check_url(&urls.at[i]);
    } else {
        must(err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)) && !urls.at && !urls.count);
    }
    svi_broker_urls_clear(&urls);
    free(text);
    return 0;
}
