/* health_card.h - what `svi-worker info --stats` adds: a recording's health, measured on a device. */
#ifndef SVI_HOST_HEALTH_CARD_H
#define SVI_HOST_HEALTH_CARD_H

#include "host/options.h"
#include "visual/health.h"

/* Opens a device and reads all samples of the channel. */
bool svi_health_card(struct svi_health *out, const struct svi_options *options, struct svi_capture *capture, double channel,
                     struct svi_error *err);

/* To standard output, in lines like those of info. */
void svi_health_card_print(const struct svi_health *health, const struct svi_recording *recording);

#endif
