/* fuzz_png - any bytes as a picture: refused with a reason, or texts that lie in the file and are UTF-8. */
#include "visual/png_about.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void check_refusal(const struct svi_error *err)
{
    must(err->status == SVI_BAD_RECORDING && err->message[0] && svi_utf8_valid(svi_bytes_of(err->message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_png_facts facts;
    struct svi_error err = { 0 };
    const struct svi_bytes png = { data, size };
    if (!svi_png_read(&facts, png, "fuzz.png", &err)) {
        check_refusal(&err);
        return 0;
    }
    must(facts.width && facts.height && facts.text_count <= SVI_PNG_MAX_TEXTS);
    for (size_t i = 0; i < facts.text_count; i++) {
        const struct svi_bytes text = facts.texts[i].text;
        must(facts.texts[i].keyword[0] && text.at >= data && text.count <= size && text.at + text.count <= data + size);
        must(svi_utf8_valid(text));
    }
    json_t *about = NULL;
    if (svi_picture_read(&about, &facts, png, "fuzz.png", &err))
        must(json_is_object(about));
    else
        check_refusal(&err);
    json_decref(about);
    return 0;
}
