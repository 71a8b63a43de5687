#include "visual/persistence.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the range of power is to be found out, levels are counted in steps over all that there can be, and the range is made of
 * whole ones: so counts stay exact whatever is chosen afterwards. A glow cannot be added up from steps, so its rows are the steps.
 */
enum {
    EXACT_STEPS_PER_DB = 8,
    FOSPHOR_STEPS_PER_DB = 2,
    LEAST_SPAN_DB = 20,
    MARGIN_BELOW_DB = 2,
    MARGIN_ABOVE_DB = 3,
    ROWS_TOGETHER = 16
};

static const struct svi_value *value(const struct svi_persistence *persistence, enum svi_param param)
{
    return &persistence->analysis->run->values.at[param];
}

static bool range_is_given(const struct svi_persistence *persistence)
{
    return value(persistence, SVI_PARAM_VMIN)->given && value(persistence, SVI_PARAM_VMAX)->given;
}

static double step_db(const struct svi_persistence *persistence)
{
    const struct svi_level_counts_request *request = &persistence->request;
    return (request->high_db - request->low_db) / request->steps;
}

static bool begin_fosphor(struct svi_persistence *persistence, struct svi_analysis *analysis, struct svi_error *err)
{
    const struct svi_fosphor_request request = {
        .levels = persistence->request,
        .rise_slices = value(persistence, SVI_PARAM_RISE)->number,
        .decay_slices = value(persistence, SVI_PARAM_DECAY)->number,
    };
    return svi_fosphor_create(&persistence->fosphor, analysis->run->device, &request, err)
           && svi_analysis_feed(analysis, svi_fosphor_accumulator(persistence->fosphor), err);
}

static void measure_extremes(struct svi_persistence *persistence)
{
    const struct svi_analysis *analysis = persistence->analysis;
    double least = INFINITY, most = 0;
    for (uint32_t i = 0; i < analysis->band.bin_count; i++) {
        least = fmin(least, analysis->power.min[analysis->band.first_bin + i]);
        most = fmax(most, analysis->power.max[analysis->band.first_bin + i]);
    }
    persistence->range.min_db = svi_scale_db(&analysis->scale, least);
    persistence->range.max_db = svi_scale_db(&analysis->scale, most);
}

/* The largest power of a bin of samples. Of integers, |Σ w x|² ≤ Σ w² · Σ |x|², and a bin of real ones stands for two. */
static double largest_power(const struct svi_analysis *analysis)
{
    const struct svi_run *run = analysis->run;
    const struct svi_datatype *datatype = run->recording->datatype;
    if (svi_datatype_is_float(datatype))
        return (double)FLT_MAX;
    const double largest = svi_run_compat(run) ? exp2(8 * (double)datatype->part_bytes) : 1;
    return analysis->window_gain.square_sum * run->values.at[SVI_PARAM_FFT_SIZE].number * 2 * largest * largest;
}

/* Levels that are counted where not both ends are given: all that samples can have, or that spectra have; the range that is found
 * out fits in. Whole decibels from the end that is given, or from 0. */
static void choose_span(const struct svi_persistence *persistence, double *low_db, double *high_db)
{
    const struct svi_analysis *analysis = persistence->analysis;
    const struct svi_value *vmin = value(persistence, SVI_PARAM_VMIN), *vmax = value(persistence, SVI_PARAM_VMAX),
                           *range = value(persistence, SVI_PARAM_DYNAMIC_RANGE);
    const bool known = analysis->run->sweeps;
    const double least_db = known ? persistence->range.min_db : svi_scale_db(&analysis->scale, 0),
                 most_db = known ? persistence->range.max_db : svi_scale_db(&analysis->scale, largest_power(analysis));
    const double high = ceil(most_db) + MARGIN_ABOVE_DB + 1,
                 low = fmin(floor(least_db) - MARGIN_BELOW_DB, high - LEAST_SPAN_DB - 2) - (range->given ? ceil(range->number) : 0);
    *low_db = vmin->given ? vmin->number : vmax->given ? vmax->number - ceil(fmax(vmax->number - low, LEAST_SPAN_DB)) : low;
    *high_db = vmax->given ? vmax->number : *low_db + ceil(fmax(high - *low_db, LEAST_SPAN_DB));
}

static void choose_levels(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns)
{
    *out = (struct svi_persistence){ .analysis = analysis };
    struct svi_run *run = analysis->run;
    const bool fosphor = !strcmp(value(out, SVI_PARAM_PERSISTENCE)->text, "fosphor");
    double low_db, high_db;
    if (run->sweeps)
        measure_extremes(out);
    choose_span(out, &low_db, &high_db);
    out->rows = (uint32_t)value(out, SVI_PARAM_POWER_BINS)->number;
    out->request = (struct svi_level_counts_request){
        .first_bin = analysis->band.first_bin,
        .bin_count = analysis->band.bin_count,
        .columns = columns,
        .steps = range_is_given(out) ? out->rows
                                     : (uint32_t)lround(high_db - low_db) * (fosphor ? FOSPHOR_STEPS_PER_DB : EXACT_STEPS_PER_DB),
        .low_db = low_db,
        .high_db = high_db,
        .gain = analysis->scale.gain,
        .least = analysis->scale.least,
    };
}

/* Places of a column: below the steps, the steps, above them. */
static size_t places_of(const struct svi_persistence *persistence)
{
    return (size_t)persistence->request.steps + 2;
}

bool svi_persistence_begin(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns, struct svi_error *err)
{
    choose_levels(out, analysis, columns);
    const bool fosphor = !strcmp(value(out, SVI_PARAM_PERSISTENCE)->text, "fosphor");
    return svi_level_counts_create(&out->device_counts, analysis->run->device, &out->request, err)
           && svi_analysis_feed(analysis, svi_level_counts_accumulator(out->device_counts), err)
           && (!fosphor || begin_fosphor(out, analysis, err));
}

bool svi_persistence_begin_levels(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns,
                                  struct svi_error *err)
{
    choose_levels(out, analysis, columns);
    const size_t cells = places_of(out) * columns;
    out->columns = columns;
    out->counts = out->own_counts = calloc(cells, sizeof *out->own_counts);
    out->levels = calloc(columns, sizeof *out->levels);
    return (out->counts && out->levels) || svi_fail_memory(err, cells * sizeof *out->counts);
}

void svi_persistence_add_level(struct svi_persistence *persistence, uint32_t column, double level_db)
{
    const double step = floor((level_db - persistence->request.low_db) / step_db(persistence));
    const size_t place = (size_t)(fmin(fmax(step, -1), persistence->request.steps) + 1);
    persistence->own_counts[places_of(persistence) * column + place]++;
    persistence->levels[column]++;
}

void svi_persistence_end(struct svi_persistence *persistence)
{
    if (persistence->device_counts)
        svi_mem_give_back(persistence->analysis->run->device, svi_level_counts_memory(persistence->device_counts),
                          persistence->counts);
    svi_fosphor_destroy(persistence->fosphor);
    svi_level_counts_destroy(persistence->device_counts);
    free(persistence->own_counts);
    free(persistence->glow);
    free(persistence->levels);
    free(persistence->hits);
    free(persistence->matrix);
}

static bool fetch_glow(struct svi_persistence *persistence, struct svi_error *err)
{
    const size_t bytes = (size_t)persistence->request.steps * persistence->columns * sizeof *persistence->glow;
    persistence->glow = malloc(bytes ? bytes : 1);
    return persistence->glow ? svi_fosphor_read(persistence->fosphor, persistence->glow, err) : svi_fail_memory(err, bytes);
}

bool svi_persistence_fetch(struct svi_persistence *persistence, struct svi_error *err)
{
    persistence->columns = svi_level_counts_columns(persistence->device_counts);
    const size_t bytes = places_of(persistence) * persistence->columns * sizeof *persistence->counts;
    persistence->counts = svi_mem_show(persistence->analysis->run->device, svi_level_counts_memory(persistence->device_counts),
                                       bytes, err);
    return persistence->counts && (!persistence->fosphor || fetch_glow(persistence, err));
}

/* Hits of the steps at these places, and of what is beside all steps; returns the sum. */
static uint64_t add_up_places(struct svi_persistence *persistence, size_t begin, size_t end)
{
    const size_t places = places_of(persistence);
    uint64_t *hits = persistence->hits, sum = 0;
    memset(hits, 0, places * sizeof *hits);
    for (uint32_t column = 0; column < persistence->columns; column++) {
        const uint32_t *counts = persistence->counts + places * column;
        hits[0] += counts[0];
        hits[places - 1] += counts[places - 1];
        for (size_t place = begin; place < end; place++)
            hits[place] += counts[place];
    }
    for (size_t place = 0; place < places; place++)
        sum += hits[place];
    return sum;
}

/* The place of a level among the steps, or of the nearest one. */
static size_t place_of(const struct svi_persistence *persistence, double level_db)
{
    const double step = (level_db - persistence->request.low_db) / step_db(persistence);
    return 1 + (size_t)fmin(fmax(step, 0), persistence->request.steps - 1);
}

/* Hits of each step, of all columns. Most steps have none: those between the extremes are added up first, and if they are all, no
 * others are looked at. */
static bool add_up_steps(struct svi_persistence *persistence, double all, struct svi_error *err)
{
    const size_t places = places_of(persistence), steps_end = places - 1;
    persistence->hits = calloc(places, sizeof *persistence->hits);
    if (!persistence->hits)
        return svi_fail_memory(err, places * sizeof *persistence->hits);
    const size_t low = place_of(persistence, persistence->range.min_db), high = place_of(persistence, persistence->range.max_db);
    const size_t begin = low > 2 ? low - 1 : 1, end = high + 2 < steps_end ? high + 2 : steps_end;
    if ((double)add_up_places(persistence, begin, end) < all)
        add_up_places(persistence, 1, steps_end);
    return true;
}

/* Step -1 is below the range, step `steps` above. */
static double hits_of_step(const struct svi_persistence *persistence, int64_t step)
{
    return (double)persistence->hits[step + 1];
}

/* The level that this share of all hits lies below, exact to a step; infinite where it lies beside the steps. */
static double percentile(const struct svi_persistence *persistence, double all, double percent)
{
    const uint32_t steps = persistence->request.steps;
    const double wanted = all * percent / 100;
    double passed = hits_of_step(persistence, -1);
    if (passed >= wanted)
        return -INFINITY;
    for (uint32_t step = 0; step < steps; step++) {
        passed += hits_of_step(persistence, step);
        if (passed >= wanted)
            return persistence->request.low_db + step_db(persistence) * (step + 0.5);
    }
    return INFINITY;
}

/* A step may reach beyond the levels in it. */
static double told_percentile(const struct svi_persistence *persistence, double all, double percent)
{
    const double level_db = percentile(persistence, all, percent);
    return isfinite(level_db) ? fmin(fmax(level_db, persistence->range.min_db), persistence->range.max_db) : level_db;
}

static void measure_percentiles(struct svi_persistence *persistence, double all)
{
    persistence->range.percentile_1_db = told_percentile(persistence, all, 1);
    persistence->range.percentile_50_db = told_percentile(persistence, all, 50);
    persistence->range.percentile_99_db = told_percentile(persistence, all, 99);
}

/* From a little below the lowest levels to a little above the highest, where the parameters do not say otherwise. */
static void choose_steps(struct svi_persistence *persistence, double all)
{
    const struct svi_value *vmin = value(persistence, SVI_PARAM_VMIN), *vmax = value(persistence, SVI_PARAM_VMAX);
    const double low = persistence->request.low_db, step = step_db(persistence);
    double from = vmin->given ? vmin->number : fmax(percentile(persistence, all, 0.2) - MARGIN_BELOW_DB, low);
    double to = vmax->given ? vmax->number : persistence->range.max_db + MARGIN_ABOVE_DB;
    if (to - from < LEAST_SPAN_DB) {
        from = vmin->given ? from : to - LEAST_SPAN_DB;
        to = vmin->given ? from + LEAST_SPAN_DB : to;
    }
    const struct svi_value *span = value(persistence, SVI_PARAM_DYNAMIC_RANGE);
    if (span->given && !vmin->given)
        from = to - span->number;
    const double span_steps = fmin(ceil((to - from) / step), persistence->request.steps);
    persistence->merge = persistence->fosphor ? 1 : (uint32_t)ceil(span_steps / persistence->rows);
    persistence->rows = (uint32_t)ceil(span_steps / persistence->merge);
    const double shown = (double)persistence->merge * persistence->rows, most = persistence->request.steps - shown;
    const double first = vmin->given ? round((from - low) / step) : ceil((to - low) / step) - shown;
    persistence->first_step = (uint32_t)fmin(fmax(first, 0), fmax(most, 0));
}

/* Which steps are rows of the picture: all of them where the range was given. */
static void choose_range(struct svi_persistence *persistence, double all)
{
    struct svi_values *values = &persistence->analysis->run->values;
    const double low = persistence->request.low_db, step = step_db(persistence);
    persistence->merge = 1;
    persistence->first_step = 0;
    if (!range_is_given(persistence))
        choose_steps(persistence, all);
    persistence->low_db = low + step * persistence->first_step;
    persistence->high_db = low + step * (persistence->first_step + (double)persistence->merge * persistence->rows);
    svi_values_default_number(values, SVI_PARAM_VMIN, persistence->low_db);
    svi_values_default_number(values, SVI_PARAM_VMAX, persistence->high_db);
    if (values->at[SVI_PARAM_DYNAMIC_RANGE].given) /* in whole steps: the three are to agree when they are given again */
        values->at[SVI_PARAM_DYNAMIC_RANGE].number = values->at[SVI_PARAM_VMAX].number - values->at[SVI_PARAM_VMIN].number;
}

/* The bin of the band that a column begins at; the same rule as in kernels/shares.cl. */
static uint64_t column_begin(const struct svi_persistence *persistence, uint64_t column)
{
    return (column * persistence->request.bin_count + persistence->columns - 1) / persistence->columns;
}

static uint64_t hits_of_cell(const struct svi_persistence *persistence, uint32_t row, uint32_t column)
{
    const uint32_t *counts = persistence->counts + places_of(persistence) * column + 1;
    uint64_t hits = 0;
    for (uint32_t i = 0; i < persistence->merge; i++) {
        const uint64_t step = persistence->first_step + (uint64_t)row * persistence->merge + i;
        if (step < persistence->request.steps)
            hits += counts[step];
    }
    return hits;
}

/* A column's counts to percent; returns how many there are. */
static double fill_column(const struct svi_persistence *persistence, uint32_t column, uint32_t first_row, uint32_t end_row,
                          double most)
{
    double inside = 0;
    for (uint32_t row = first_row; row < end_row; row++) {
        const double hits = (double)hits_of_cell(persistence, row, column);
        persistence->matrix[(size_t)row * persistence->columns + column] = hits > 0 ? (float)(100 * hits / most) : 0;
        inside += hits;
    }
    return inside;
}

/* Counts to percent, and what is beside them. */
static void fill_percent(struct svi_persistence *persistence, uint64_t slices, double all)
{
    double inside = 0, under = 0;
    /* Counts lie by column, percents by row: a few rows at a time, the lines of both stay in the cache. */
    for (uint32_t row = 0; row < persistence->rows; row += ROWS_TOGETHER) {
        const uint32_t end = persistence->rows - row < ROWS_TOGETHER ? persistence->rows : row + ROWS_TOGETHER;
        for (uint64_t column = 0, bin = 0, next; column < persistence->columns; column++, bin = next) {
            next = column_begin(persistence, column + 1);
            const double most = persistence->levels ? (double)persistence->levels[column] : (double)slices * (double)(next - bin);
            inside += fill_column(persistence, (uint32_t)column, row, end, most);
        }
    }
    for (int64_t step = -1; step < (int64_t)persistence->first_step; step++)
        under += hits_of_step(persistence, step);
    persistence->under_percent = all > 0 ? 100 * under / all : 0;
    persistence->over_percent = all > 0 ? 100 * (all - under - inside) / all : 0;
}

/* All levels that were counted. */
static double count_all(const struct svi_persistence *persistence, uint64_t slices)
{
    double all = 0;
    if (!persistence->levels)
        return (double)slices * persistence->request.bin_count;
    for (uint32_t column = 0; column < persistence->columns; column++)
        all += (double)persistence->levels[column];
    return all;
}

bool svi_persistence_finish(struct svi_persistence *persistence, struct svi_error *err)
{
    const uint64_t slices = svi_analysis_frames_seen(persistence->analysis);
    const double all = count_all(persistence, slices);
    measure_extremes(persistence);
    if (!add_up_steps(persistence, all, err))
        return false;
    measure_percentiles(persistence, all);
    choose_range(persistence, all);
    const size_t columns = persistence->columns, cells = persistence->rows * columns;
    persistence->matrix = calloc(cells ? cells : 1, sizeof *persistence->matrix);
    if (!persistence->matrix)
        return svi_fail_memory(err, cells * sizeof *persistence->matrix);
    fill_percent(persistence, slices, all);
    if (persistence->glow)
        memcpy(persistence->matrix, persistence->glow + persistence->first_step * columns, cells * sizeof *persistence->matrix);
    return true;
}
