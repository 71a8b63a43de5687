#include "visual/libraries.h"

const char *svi_visual_library(size_t i)
{
    static const char *const libraries[] = {
        "ISA-L " SVI_ISAL_VERSION,
        "stb_image_write " SVI_STB_IMAGE_WRITE_VERSION,
        "stb_truetype " SVI_STB_TRUETYPE_VERSION,
    };
    return i < sizeof libraries / sizeof *libraries ? libraries[i] : NULL;
}
