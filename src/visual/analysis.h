/* analysis.h - the transform of a recording as the parameters ask for it, and what all visualizations of power have in common:
 * band, scale, window, spectrum, peaks, the figure without its plot. What is made of each frame is the visualization's: it feeds on
 * the transform with accumulators of its own. */
#ifndef SVI_VISUAL_ANALYSIS_H
#define SVI_VISUAL_ANALYSIS_H

#include "visual/band.h"
#include "visual/picture.h"
#include "visual/scale.h"
#include "visual/window.h"

struct svi_analysis {
    struct svi_run *run;
    struct svi_band band;
    struct svi_scale scale;
    struct svi_window_gain window_gain;
    float *window;
    struct svi_planned_stft planned; /* shared with other pictures of the job */
    struct svi_spectrum_power power; /* [band.bins], after svi_analysis_finish, as the next two */
    uint64_t seen, lost;             /* frames that the pass added up; of these not, because their power is not finite */
    struct svi_sample_sums *count;   /* of samples; the plan's. NULL: integers, which are all finite */
    uint64_t not_finite;             /* samples of floats, likewise */
    double between_percent;          /* of the samples that no frame holds, because hopSize is larger than fftSize */
    size_t first_row, row_count;     /* of sweeps, those that are shown; see sweep_analysis.h */
};

/* The steps: the first three before the pass, `finish` after it. Each reports SVI_BAD_PARAMETER for what the parameters got wrong.
 * `finish` fills in run->statistics of floats too, and warns of samples that are not finite. svi_analysis_end after any of them, or
 * none where the analysis is all zero. */
bool svi_analysis_begin(struct svi_analysis *out, struct svi_run *run, struct svi_error *err);
bool svi_analysis_frames(struct svi_analysis *analysis, int64_t first_sample, uint64_t frame_count, struct svi_error *err);
bool svi_analysis_feed(struct svi_analysis *analysis, struct svi_accumulator accumulator, struct svi_error *err);
bool svi_analysis_finish(struct svi_analysis *analysis, struct svi_error *err);
void svi_analysis_end(struct svi_analysis *analysis);

/* Frames that the pass added up: those that touch no gap and whose power is finite; after svi_analysis_finish. Of sweeps, rows. */
uint64_t svi_analysis_frames_seen(const struct svi_analysis *analysis);

/* Frames without padding, from the first sample on, as far as they are whole; one that is padded where the recording has at least
 * half of one. hopSize is fftSize and the window hann, unless the parameters say otherwise. To be called before svi_analysis_begin.
 * what: the visualization, for the message to a user whose recording is too short. */
bool svi_run_whole_frames(struct svi_run *run, const char *what, uint64_t *frame_count, struct svi_error *err);

/* SVI_BAD_PARAMETER where there is no transform of fftSize, or not that channel; svi_analysis_begin asks, too. */
bool svi_run_check_transform(const struct svi_run *run, struct svi_error *err);

/* ", 12 slices" or ", 1 spectrum": for footers. */
void svi_analysis_count(char *into, size_t size, const struct svi_analysis *analysis);

struct svi_figure_axis svi_analysis_frequency_axis(const struct svi_analysis *analysis);

/* Writes run->footer: datatype, rate, transform; more: what else a reader needs, begins with ", ", or "". */
void svi_analysis_footer(const struct svi_analysis *analysis, const char *more);

/* How levels are distributed, in dB. */
struct svi_level_range {
    double min_db, max_db, percentile_1_db, percentile_50_db, percentile_99_db;
};

/* Fills in run->power and run->peaks; the peaks are those of one line
 * of the spectrum, [band.bins]. */
void svi_analysis_summarize(struct svi_analysis *analysis, const struct svi_level_range *range, const double *spectrum);

#endif
