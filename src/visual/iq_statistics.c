#include "visual/iq_statistics.h"

#include "visual/picture.h"

#include <math.h>

/* Rarer than this, numbers at the ends of the range may be chance. */
static const double clipped_share_to_warn_of = 1e-3;

static double db(double power_ratio)
{
    return power_ratio > 0 ? 10 * log10(power_ratio) : NAN;
}

double svi_iq_gain_imbalance_db(const struct svi_sample_statistics *of)
{
    return db(of->variance_i / of->variance_q);
}

double svi_iq_phase_imbalance_deg(const struct svi_sample_statistics *of)
{
    if (!(of->variance_i > 0 && of->variance_q > 0))
        return NAN;
    const double sine = of->covariance / sqrt(of->variance_i * of->variance_q);
    return asin(fmin(fmax(sine, -1), 1)) * 180 / M_PI;
}

static double clipped_share(const struct svi_sample_statistics *of)
{
    return of->finite ? (double)of->clipped / (double)of->finite : 0;
}

json_t *svi_iq_statistics(const struct svi_sample_statistics *of)
{
    return json_pack("{s:I, s:I, s:{s:o, s:o}, s:o, s:o, s:o, s:I, s:f, s:o, s:o}", "samples", (json_int_t)of->finite, "not_finite",
                     (json_int_t)of->not_finite, "dc_offset", "i", svi_summary_number(of->mean_i), "q",
                     svi_summary_number(of->mean_q), "rms_dbfs", svi_summary_number(db(of->mean_power)), "peak",
                     svi_summary_number(of->peak), "crest_factor_db", svi_summary_number(db(of->peak_power / of->mean_power)),
                     "clipped", (json_int_t)of->clipped, "clipped_percent", 100 * clipped_share(of), "gain_imbalance_db",
                     svi_summary_number(svi_iq_gain_imbalance_db(of)), "phase_imbalance_deg",
                     svi_summary_number(svi_iq_phase_imbalance_deg(of)));
}

void svi_iq_statistics_warn(struct svi_run *run, const struct svi_sample_statistics *of)
{
    const struct svi_datatype *datatype = run->recording->datatype;
    const uint64_t all = of->finite + of->not_finite;
    if (of->not_finite)
        svi_warn(&run->warnings, "%llu of %llu samples are not finite and are left out; is the datatype %s?",
                 (unsigned long long)of->not_finite, (unsigned long long)all, datatype->name);
    if (!of->finite && !of->not_finite)
        svi_warn(&run->warnings, "No sample that is shown was stored: all lie in gaps of the recording.");
    else if (of->peak == 0)
        svi_warn(&run->warnings, "The recording is silent: all samples are 0.");
    if (!svi_datatype_is_float(datatype) && clipped_share(of) > clipped_share_to_warn_of)
        svi_warn(&run->warnings, "%.3g %% of the samples are at the ends of the range of %s: the receiver was overdriven.",
                 100 * clipped_share(of), datatype->name);
}
