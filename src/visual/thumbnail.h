/* thumbnail.h - a small picture of a large one. Knows nothing of figures. */
#ifndef SVI_VISUAL_THUMBNAIL_H
#define SVI_VISUAL_THUMBNAIL_H

#include "visual/canvas.h"

enum { SVI_THUMBNAIL_EDGE = 256 };

/* The part of a picture, its longer edge at most SVI_THUMBNAIL_EDGE pixels: each pixel is the mean light of the area that it stands
 * for, which is told from bytes by the sRGB curve (IEC 61966-2-1). What is small already stays as it is. The caller clears *out. */
bool svi_thumbnail_make(struct svi_canvas *out, const struct svi_canvas *picture, struct svi_rect part, struct svi_error *err);

#endif
