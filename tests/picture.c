#include "picture.h"

#include "base/file.h"

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#include <stb_image.h>

#include "check.h"

struct picture picture_read(const char *path)
{
    struct svi_error err = { 0 };
    struct svi_buffer png;
    check_ok(svi_file_read(&png, path, "picture", 64 << 20, &err), err);
    struct picture picture;
    int channels;
    picture.rgb = stbi_load_from_memory(png.at, (int)png.count, &picture.width, &picture.height, &channels, 3);
    svi_buffer_clear(&png);
    if (!picture.rgb)
        fail_msg("%s is no picture: %s", path, stbi_failure_reason());
    return picture;
}

void picture_clear(struct picture *picture)
{
    stbi_image_free(picture->rgb);
    picture->rgb = NULL;
}
