#include "host/health_card.h"

#include "host/command.h"
#include "host/driver_cache.h"
#include "visual/iq_statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

bool svi_health_card(struct svi_health *out, const struct svi_options *options, struct svi_capture *capture, double channel,
                     struct svi_error *err)
{
    char cache[PATH_MAX];
    struct svi_device *device = NULL;
    if (!svi_cache_folder(options, cache, err))
        return false;
    svi_driver_cache_claim(cache);
    const bool ok = svi_device_open(&device, svi_option_text(options, SVI_OPTION_DEVICE), cache, err)
                    && svi_health_measure(out, device, capture, channel, err);
    svi_device_close(device);
    return ok;
}

static void print_db(const char *name, double db, const char *unit)
{
    if (isnan(db))
        printf("%-12s none\n", name);
    else
        printf("%-12s %.2f %s\n", name, fabs(db) < 0.005 ? 0 : db, unit); /* no "-0.00" */
}

static void print_imbalance(const struct svi_sample_statistics *of)
{
    const double gain_db = svi_iq_gain_imbalance_db(of), phase_deg = svi_iq_phase_imbalance_deg(of);
    if (isnan(gain_db) || isnan(phase_deg))
        printf("imbalance    none\n");
    else
        printf("imbalance    gain %.3f dB, phase %.3f degrees\n", gain_db, phase_deg);
}

void svi_health_card_print(const struct svi_health *health, const struct svi_recording *recording)
{
    const struct svi_sample_statistics *of = &health->statistics;
    const uint64_t all = of->finite + of->not_finite;
    const bool is_complex = recording->datatype->parts == 2;
    if (recording->channels > 1)
        printf("of channel   %u\n", health->channel);
    printf("finite       %" PRIu64 " of %" PRIu64 " samples\n", of->finite, all);
    print_db("peak", svi_health_db(of->peak * of->peak), "dBFS");
    print_db("rms", svi_health_db(of->mean_power), "dBFS");
    print_db("crest", svi_health_db(of->peak_power / of->mean_power), "dB");
    printf("clipped      %" PRIu64 " samples, %.3g %%\n", of->clipped,
           of->finite ? 100 * (double)of->clipped / (double)of->finite : 0);
    if (isnan(of->mean_i))
        printf("dc offset    none\n");
    else if (is_complex)
        printf("dc offset    I %.4g, Q %.4g, full scale 1\n", of->mean_i, of->mean_q);
    else
        printf("dc offset    %.4g, full scale 1\n", of->mean_i);
    if (is_complex)
        print_imbalance(of);
    printf("gap map      %s\n", health->gap_map);
    const struct svi_plausibility *judged = &health->plausibility;
    printf("judged       %s\n", *judged->sentence             ? judged->sentence
                                : recording->datatype_claimed ? "The datatype is plausible."
                                                              : "The datatype was not examined: the format itself states it.");
}
