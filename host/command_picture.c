/* command_picture - says what a picture of ours says of itself: where its axes lie, and from what it was made. */
#include "capture/mapped_file.h"
#include "host/command.h"
#include "visual/png_about.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands in the file may be anything: as much of it as is a text, fit for a terminal. */
static const char *text_of(const json_t *object, const char *key, char into[256])
{
    const char *text = json_string_value(json_object_get(object, key));
    svi_text_clean(into, 256, text ? text : "?");
    return into;
}

static void print_line(const json_t *object, const char *name, const char *key)
{
    char text[256];
    if (json_is_string(json_object_get(object, key)))
        printf("%-12s %s\n", name, text_of(object, key, text));
}

static void print_axis(const json_t *axis, const char *name, const char *edge)
{
    char quantity[256], unit[256], zero[256];
    if (!json_is_object(axis))
        return;
    text_of(axis, "quantity", quantity);
    text_of(axis, "unit", unit);
    if (json_is_number(json_object_get(axis, "per_pixel")))
        printf("%-12s %s, %.*g %s at the %s edge of the plot, %+.12g %s a pixel\n", name, quantity, SVI_JSON_DIGITS,
               json_number_value(json_object_get(axis, "start")), unit, edge, json_number_value(json_object_get(axis, "per_pixel")),
               unit);
    else
        printf("%-12s %s, from %.*g to %.*g %s\n", name, quantity, SVI_JSON_DIGITS, json_number_value(json_object_get(axis, "min")),
               SVI_JSON_DIGITS, json_number_value(json_object_get(axis, "max")), unit);
    if (json_is_string(json_object_get(axis, "zero_utc")))
        printf("%-12s 0 %s is %s\n", "", unit, text_of(axis, "zero_utc", zero));
}

static void print_parameters(const json_t *parameters)
{
    const char *key;
    json_t *value;
    const char *name = "parameters";
    json_object_foreach((json_t *)(uintptr_t)parameters, key, value)
    {
        char *text = json_is_null(value) ? NULL
                                         : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(SVI_JSON_DIGITS));
        char shown_key[64], shown[256];
        svi_text_clean(shown_key, sizeof shown_key, key);
        svi_text_clean(shown, sizeof shown, text ? text : "");
        if (text)
            printf("%-12s %s = %s\n", name, shown_key, shown);
        name = text ? "" : name;
        free(text);
    }
}

static void print_text(const json_t *about, const struct svi_png_facts *facts)
{
    const json_t *image = json_object_get(about, "image"), *plot = json_object_get(image, "plot");
    const json_t *recording = json_object_get(about, "recording"), *table = json_object_get(about, "table");
    char first[256], second[256];
    print_line(about, "type", "type");
    print_line(recording, "recording", "name");
    print_line(table, "table", "name");
    print_line(recording ? recording : table, "format", "format");
    print_line(recording, "datatype", "datatype");
    if (json_object_get(recording, "sample_rate_hz"))
        printf("%-12s %.12g Hz\n", "rate", json_number_value(json_object_get(recording, "sample_rate_hz")));
    printf("%-12s %" PRIu32 " × %" PRIu32 " pixels\n", "size", facts->width, facts->height);
    printf("%-12s %lld × %lld pixels, %lld from the left, %lld from the top\n", "plot",
           (long long)json_integer_value(json_object_get(plot, "width")),
           (long long)json_integer_value(json_object_get(plot, "height")),
           (long long)json_integer_value(json_object_get(plot, "left")),
           (long long)json_integer_value(json_object_get(plot, "top")));
    print_axis(json_object_get(image, "x"), "x", "left");
    print_axis(json_object_get(image, "y"), "y", "top");
    const json_t *color = json_object_get(image, "color");
    if (json_is_object(color))
        printf("%-12s %s, from %.12g to %.12g %s\n", "colors", text_of(color, "colormap", first),
               json_number_value(json_object_get(color, "min")), json_number_value(json_object_get(color, "max")),
               text_of(color, "unit", second));
    print_parameters(json_object_get(about, "parameters"));
    print_line(json_object_get(about, "device"), "device", "name");
    const json_t *program = json_object_get(about, "program");
    printf("%-12s %s %s\n", "program", text_of(program, "name", first), text_of(program, "version", second));
}

/* The texts of the standard's keywords, and ours as what it is. */
static bool print_json(const json_t *about, const struct svi_png_facts *facts)
{
    json_t *texts = json_object();
    for (size_t i = 0; i < facts->text_count; i++)
        if (strcmp(facts->texts[i].keyword, SVI_PICTURE_KEYWORD) != 0)
            json_object_set_new(texts, facts->texts[i].keyword,
                                json_stringn((const char *)facts->texts[i].text.at, facts->texts[i].text.count));
    json_t *tree = json_pack("{s:i, s:i, s:o, s:O}", "width", (int)facts->width, "height", (int)facts->height, "texts", texts,
                             "picture", about);
    bool ok = tree && json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(SVI_JSON_DIGITS)) == 0 && putchar('\n') != EOF;
    json_decref(tree);
    return ok;
}

bool svi_is_picture(const char *path)
{
    struct svi_mapped_file *file = NULL;
    struct svi_error unread = { 0 }; /* whoever opens it as a recording will say why it cannot be */
    const bool is = svi_mapped_file_open(&file, path, svi_base_name(path), &unread) && svi_png_is(svi_mapped_file_bytes(file));
    svi_mapped_file_close(file);
    return is;
}

bool svi_tell_picture(const char *path, const char *label, bool json, struct svi_error *err)
{
    struct svi_mapped_file *file = NULL;
    struct svi_png_facts facts;
    json_t *about = NULL;
    bool ok = svi_mapped_file_open(&file, path, label, err)
              && svi_picture_read(&about, &facts, svi_mapped_file_bytes(file), label, err);
    if (ok && json)
        ok = print_json(about, &facts) || svi_fail(err, SVI_IO, "Standard output cannot be written.");
    else if (ok)
        print_text(about, &facts);
    json_decref(about);
    svi_mapped_file_close(file);
    return ok;
}
