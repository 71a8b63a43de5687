#include "visual/canvas.h"

#include <stdlib.h>

void svi_canvas_clear(struct svi_canvas *canvas)
{
    free(canvas->rgba);
    *canvas = (struct svi_canvas){ 0 };
}
