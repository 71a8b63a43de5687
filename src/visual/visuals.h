/* visuals.h - which visualizations there are, and which of them a request wants. */
#ifndef SVI_VISUAL_VISUALS_H
#define SVI_VISUAL_VISUALS_H

#include "visual/visual.h"

struct svi_chosen_visuals {
    const struct svi_visual *at[SVI_MAX_TYPES];
    size_t count;
    bool any; /* nobody named a type: these are all, and one that the recording does not suit may be left out */
};

/* What the request and its config name, each once, in their order. SVI_UNKNOWN_TYPE for a name that is none. */
bool svi_visuals_choose(struct svi_chosen_visuals *out, const struct svi_render_request *request, struct svi_error *err);

#endif
