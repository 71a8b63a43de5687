#include "visual/stft_image.h"

#include "base/stopwatch.h"
#include "base/version.h"
#include "device/cells.h"
#include "device/fft.h"
#include "device/launch.h"
#include "device/spectrum.h"
#include "visual/band.h"
#include "visual/colormap.h"
#include "visual/figure.h"
#include "visual/levels.h"
#include "visual/peaks.h"
#include "visual/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything between the parameters and the picture. */
struct drawing {
    struct svi_run *run;
    const struct svi_stft_image *image;
    struct svi_band band;
    struct svi_scale scale;
    struct svi_window_gain window_gain;
    float *window;
    struct svi_stft *stft;
    struct svi_cells *cells;
    struct svi_spectrum *spectrum;
    struct svi_spectrum_power power; /* [band.bins] */
    struct svi_levels levels;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    uint8_t *pixels;
};

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

static double window_shape(const struct svi_run *run)
{
    bool kaiser = !strcmp(value(run, SVI_PARAM_WINDOW)->text, "kaiser");
    return value(run, kaiser ? SVI_PARAM_KAISER_BETA : SVI_PARAM_STD_DEV)->number;
}

bool svi_run_window(const struct svi_run *run, float **values, struct svi_window_gain *gain, struct svi_error *err)
{
    uint32_t length = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    const char *name = value(run, SVI_PARAM_WINDOW)->text;
    *values = calloc(length, sizeof **values);
    if (!*values)
        return svi_fail_memory(err, length * sizeof **values);
    return svi_window_fill(name, window_shape(run), length, *values, gain)
           || svi_fail(err, SVI_BUG, "The window \"%s\" is listed but unknown.", name);
}

static void check_segments(struct svi_run *run)
{
    const struct svi_recording *recording = run->recording;
    for (size_t i = 1; i < recording->segment_count; i++) {
        double first = recording->segments[0].center_frequency_hz, other = recording->segments[i].center_frequency_hz;
        if (first != other && !(isnan(first) && isnan(other))) {
            svi_warn(&run->warnings, "The recording changes its center frequency; the axis shows that of its first segment.");
            return;
        }
    }
}

/* The figure but for the range of levels, which is not known before they are. */
static void describe_figure(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    const struct svi_stft_image *image = drawing->image;
    const struct svi_value *vmin = value(run, SVI_PARAM_VMIN), *vmax = value(run, SVI_PARAM_VMAX);
    const struct svi_band *band = &drawing->band;
    struct svi_figure_axis frequency = { band->radio || band->one_sided ? "Frequency" : "Baseband frequency", "Hz", band->low_hz,
                                         band->high_hz };
    svi_format(run->title, sizeof run->title, "%s of %s", image->kind, run->recording->name);
    drawing->figure = (struct svi_figure){
        .width = (uint32_t)lround(value(run, SVI_PARAM_WIDTH)->number * SVI_DOTS_PER_INCH),
        .height = (uint32_t)lround(value(run, SVI_PARAM_HEIGHT)->number * SVI_DOTS_PER_INCH),
        .dpi = value(run, SVI_PARAM_DPI)->number,
        .theme = svi_theme_find(value(run, SVI_PARAM_THEME)->text),
        .title = run->title,
        .footer = "svi-worker",
        .bar = { .label = drawing->scale.label,
                 .unit = drawing->scale.unit,
                 .colormap = svi_colormap_find(value(run, SVI_PARAM_COLORMAP)->text),
                 /* Stand-ins: an automatic range spans at least 20 dB, so its labels have one decimal at the most. */
                 .min = vmin->given   ? vmin->number
                        : vmax->given ? vmax->number - SVI_LEAST_SPAN_DB
                                      : -120,
                 .max = vmax->given   ? vmax->number
                        : vmin->given ? vmin->number + SVI_LEAST_SPAN_DB
                                      : -100,
                 .widest = "−102.5" },
    };
    if (image->time_on_x) {
        drawing->figure.x = (struct svi_figure_axis){ "Time", "s", run->start_s + image->begin_s, run->start_s + image->end_s };
        drawing->figure.y = frequency;
    } else {
        drawing->figure.x = frequency;
        drawing->figure.y = (struct svi_figure_axis){ "Time", "s", run->start_s + image->end_s, run->start_s + image->begin_s };
    }
}

static bool on_progress(void *self, double share)
{
    struct svi_error ignored = { 0 };
    return svi_run_progress(self, 0.9 * share, "compute", &ignored);
}

static enum svi_reduction reduction_of(const struct svi_run *run)
{
    const char *name = value(run, SVI_PARAM_REDUCTION)->text;
    return !strcmp(name, "mean") ? SVI_REDUCE_MEAN : !strcmp(name, "min") ? SVI_REDUCE_MIN : SVI_REDUCE_MAX;
}

/* What the pass over the recording is to make: the cells of the plot area, and the spectrum of the whole. */
static bool prepare(struct drawing *drawing, struct svi_error *err)
{
    struct svi_run *run = drawing->run;
    const struct svi_rect plot = svi_figure_plot_area(drawing->layout);
    const bool time_on_x = drawing->image->time_on_x;
    const struct svi_stft_request request = {
        .fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number,
        .hop_samples = (uint32_t)value(run, SVI_PARAM_HOP_SIZE)->number,
        .window = drawing->window,
        .first_sample = drawing->image->first_sample,
        .frame_count = drawing->image->frame_count,
        .channel = (uint32_t)value(run, SVI_PARAM_CHANNEL)->number,
        .one_sided = drawing->band.one_sided,
        .raw = svi_run_compat(run),
        .engine = run->request->stft,
    };
    const struct svi_cells_request cells = {
        .frame_count = drawing->image->frame_count,
        .first_bin = drawing->band.first_bin,
        .bin_count = drawing->band.bin_count,
        .rows = (uint32_t)(time_on_x ? plot.width : plot.height),
        .columns = (uint32_t)(time_on_x ? plot.height : plot.width),
        .reduction = reduction_of(run),
    };
    return svi_stft_create(&drawing->stft, run->device, run->capture, &request, err)
           && svi_cells_create(&drawing->cells, run->device, &cells, err)
           && svi_spectrum_create(&drawing->spectrum, run->device, drawing->band.bins, err)
           && svi_stft_feed(drawing->stft, svi_cells_accumulator(drawing->cells), err)
           && svi_stft_feed(drawing->stft, svi_spectrum_accumulator(drawing->spectrum), err);
}

static bool transform(struct drawing *drawing, struct svi_error *err)
{
    struct svi_run *run = drawing->run;
    struct svi_pass_cost cost = { 0 };
    const struct svi_taker taker = svi_stft_taker(drawing->stft);
    run->engine = svi_stft_engine(drawing->stft);
    bool ok = svi_pass_run(run->device, run->capture, &taker, 1, on_progress, run, &cost, err)
              && svi_spectrum_read(drawing->spectrum, &drawing->power, err);
    run->bytes_read = cost.bytes_read;
    run->read_s = cost.read_s;
    run->upload_s = cost.upload_s;
    run->compute_s = cost.compute_s;
    return ok;
}

/* The range of the colour bar: what the parameters say, else what the levels say. */
static void set_range(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    const struct svi_value *vmin = value(run, SVI_PARAM_VMIN), *vmax = value(run, SVI_PARAM_VMAX);
    double low, high;
    svi_levels_auto_range(&drawing->levels, svi_run_compat(run), &low, &high);
    if (vmin->given) {
        low = vmin->number;
        high = fmax(high, low + SVI_LEAST_SPAN_DB);
    }
    if (vmax->given) {
        high = vmax->number;
        low = vmin->given ? low : fmin(low, high - SVI_LEAST_SPAN_DB);
    }
    svi_values_default_number(&run->values, SVI_PARAM_VMIN, low);
    svi_values_default_number(&run->values, SVI_PARAM_VMAX, high);
    drawing->figure.bar.min = low;
    drawing->figure.bar.max = high;
}

/* "2.4 MS/s" */
static void format_rate(char *into, size_t size, double rate_hz)
{
    static const struct {
        double factor;
        const char *prefix;
    } rows[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" } };
    size_t row = 0;
    while (row + 1 < sizeof rows / sizeof *rows && rate_hz < rows[row].factor)
        row++;
    svi_format(into, size, "%.10g %sS/s", rate_hz / rows[row].factor, rows[row].prefix);
}

static void describe_footer(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    const struct svi_recording *recording = run->recording;
    const char *window = value(run, SVI_PARAM_WINDOW)->text;
    char shape[48] = "", per_pixel[64] = "", rate[32];
    format_rate(rate, sizeof rate, recording->sample_rate_hz);
    if (!strcmp(window, "gaussian"))
        svi_format(shape, sizeof shape, " σ %.6g", window_shape(run));
    else if (!strcmp(window, "kaiser"))
        svi_format(shape, sizeof shape, " β %.6g", window_shape(run));
    double frames = (double)drawing->image->frame_count / svi_cells_rows(drawing->cells);
    if (frames > 1)
        svi_format(per_pixel, sizeof per_pixel, ", %s of %.3g slices a pixel", value(run, SVI_PARAM_REDUCTION)->text, frames);
    svi_format(run->footer, sizeof run->footer, "%s · %s · FFT %.0f, %s%s, hop %.0f%s · %s %s", recording->datatype->name, rate,
               value(run, SVI_PARAM_FFT_SIZE)->number, window, shape, value(run, SVI_PARAM_HOP_SIZE)->number, per_pixel,
               SVI_PROGRAM_NAME, svi_version);
    drawing->figure.footer = run->footer;
}

/* Levels to the pixels of the plot area. */
static bool colorize(struct drawing *drawing, struct svi_error *err)
{
    struct svi_run *run = drawing->run;
    struct svi_rect plot = svi_figure_plot_area(drawing->layout);
    const struct svi_colormap *map = drawing->figure.bar.colormap;
    size_t bytes = (size_t)plot.width * (size_t)plot.height * 4;
    uint8_t palette[256][4];
    for (size_t i = 0; i < 256; i++) {
        memcpy(palette[i], map->rgb[i], 3);
        palette[i][3] = 255;
    }
    drawing->pixels = malloc(bytes);
    if (!drawing->pixels)
        return svi_fail_memory(err, bytes);
    cl_mem colors = svi_mem_create(run->device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof palette, palette, err);
    cl_mem image = colors ? svi_mem_create(run->device, CL_MEM_WRITE_ONLY, bytes, NULL, err) : NULL;
    bool ok = colors && image
              && svi_launch(run->device, "colorize", ((const size_t[2]){ (size_t)plot.width, (size_t)plot.height }), err,
                            SVI_MEM(drawing->levels.level_db), SVI_MEM(colors), SVI_MEM(image),
                            SVI_U32(svi_cells_rows(drawing->cells)), SVI_U32(svi_cells_columns(drawing->cells)),
                            SVI_F32((float)drawing->figure.bar.min), SVI_F32((float)drawing->figure.bar.max),
                            SVI_U32(drawing->image->time_on_x))
              && svi_mem_read(run->device, drawing->pixels, image, bytes, err);
    svi_mem_release(image);
    svi_mem_release(colors);
    return ok;
}

/* A number for the summary: JSON has no infinity. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static void summarize_power(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    const struct svi_levels *levels = &drawing->levels;
    const double *mean = drawing->power.mean + drawing->band.first_bin;
    const size_t bins = drawing->band.bin_count;
    double sum = 0;
    for (size_t i = 0; i < bins; i++)
        sum += mean[i];
    if (!levels->shown)
        svi_warn(&run->warnings, "All slices that are shown touch gaps of the recording.");
    else if (!isfinite(sum))
        svi_warn(&run->warnings,
                 "The recording holds samples that are not finite, or too large; is its datatype %s? Slices with them are not "
                 "shown truly.",
                 run->recording->datatype->name);
    run->power = json_pack("{s:s, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:s, s:f, s:f}", "unit", drawing->scale.unit, "min",
                           number(levels->min_db), "max", number(levels->max_db), "mean",
                           number(svi_scale_db(&drawing->scale, sum / (double)bins)), "noise_floor",
                           number(svi_scale_db(&drawing->scale, svi_noise_floor(mean, bins))), "percentiles", "1",
                           number(svi_levels_percentile(levels, 1)), "50", number(svi_levels_percentile(levels, 50)), "99",
                           number(svi_levels_percentile(levels, 99)), "window", value(run, SVI_PARAM_WINDOW)->text, "enbw_bins",
                           drawing->window_gain.enbw_bins, "rbw_hz", drawing->window_gain.enbw_bins * drawing->band.bin_hz);
}

static void summarize_peaks(struct drawing *drawing)
{
    const struct svi_spectrum_power *power = &drawing->power;
    const double *spectra[] = { [SVI_REDUCE_MAX] = power->max, [SVI_REDUCE_MEAN] = power->mean, [SVI_REDUCE_MIN] = power->min };
    const double *spectrum = spectra[reduction_of(drawing->run)] + drawing->band.first_bin;
    const size_t bins = drawing->band.bin_count;
    struct svi_peak peaks[SVI_MAX_PEAKS];
    size_t count = svi_peaks_find(spectrum, bins, svi_noise_floor(spectrum, bins), peaks);
    drawing->run->peaks = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(drawing->run->peaks,
                              json_pack("{s:o, s:o, s:o}", "frequency_hz",
                                        number(svi_band_hz(&drawing->band, drawing->band.first_bin + peaks[i].bin)), "power_db",
                                        number(svi_scale_db(&drawing->scale, peaks[i].power)), "bandwidth_hz",
                                        number(peaks[i].bandwidth_bins * drawing->band.bin_hz)));
}

static json_t *summarize_axis(const char *quantity, const char *unit, double min, double max)
{
    return json_pack("{s:s, s:s, s:f, s:f}", "quantity", quantity, "unit", unit, "min", min, "max", max);
}

static void summarize_image(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    struct svi_rect plot = svi_figure_plot_area(drawing->layout);
    json_t *time = summarize_axis("time", "s", run->start_s + drawing->image->begin_s, run->start_s + drawing->image->end_s);
    json_t *frequency = summarize_axis("frequency", "Hz", drawing->band.low_hz, drawing->band.high_hz);
    bool time_on_x = drawing->image->time_on_x;
    run->image = json_pack("{s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:o, s:o, s:{s:s, s:f, s:f, s:s}, s:s, s:f}", "width",
                           (int)run->canvas.width, "height", (int)run->canvas.height, "plot", "left", plot.left, "top", plot.top,
                           "width", plot.width, "height", plot.height, "x", time_on_x ? time : frequency, "y",
                           time_on_x ? frequency : time, "color", "colormap", drawing->figure.bar.colormap->name, "min",
                           drawing->figure.bar.min, "max", drawing->figure.bar.max, "unit", drawing->scale.unit, "reduction",
                           value(run, SVI_PARAM_REDUCTION)->text, "frames_per_pixel",
                           (double)drawing->image->frame_count / svi_cells_rows(drawing->cells));
    /* The file of a waterfall begins on top, so its y runs downwards. */
    if (!time_on_x)
        json_object_set_new(json_object_get(run->image, "y"), "direction", json_string("down"));
}

/* The matrix as it is drawn: a spectrogram has a row for each frequency, the lowest first, as SciPy; a waterfall one for each time.
 */
static bool keep_data(struct drawing *drawing, struct svi_error *err)
{
    struct svi_run *run = drawing->run;
    const size_t times = svi_cells_rows(drawing->cells), frequencies = svi_cells_columns(drawing->cells),
                 count = times * frequencies;
    if (!run->request->save_data)
        return true;
    float *levels = malloc(count * sizeof *levels);
    if (!levels || !svi_mem_read(run->device, levels, drawing->levels.level_db, count * sizeof *levels, err)) {
        free(levels);
        return svi_fail_memory(err, count * sizeof *levels);
    }
    run->data = levels;
    run->data_rows = times;
    run->data_columns = frequencies;
    if (!drawing->image->time_on_x)
        return true;
    run->data = malloc(count * sizeof *levels);
    for (size_t time = 0; run->data && time < times; time++)
        for (size_t frequency = 0; frequency < frequencies; frequency++)
            run->data[frequency * times + time] = levels[time * frequencies + frequency];
    free(levels);
    run->data_rows = frequencies;
    run->data_columns = times;
    return run->data || svi_fail_memory(err, count * sizeof *levels);
}

static bool draw_figure(struct drawing *drawing, struct svi_error *err)
{
    svi_figure_layout_refresh(drawing->layout, &drawing->figure);
    return colorize(drawing, err)
           && svi_figure_draw(&drawing->run->canvas, &drawing->figure, drawing->layout, drawing->pixels, err);
}

static bool check_parameters(const struct svi_run *run, struct svi_error *err)
{
    uint32_t fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    double channel = value(run, SVI_PARAM_CHANNEL)->number;
    if (!svi_fft_supports(fft_size)) {
        uint32_t below, above;
        svi_fft_neighbours(fft_size, &below, &above);
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "The parameter fftSize is %u, but lengths must be products of 2, 3, 5, 7, 11 and 13; the nearest are %u and %u.",
            fft_size, below, above);
    }
    return channel < run->recording->channels
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter channel is %.0f, but the recording has %u channel%s, counted from 0.",
                       channel, run->recording->channels, run->recording->channels == 1 ? "" : "s");
}

bool svi_stft_image_draw(struct svi_run *run, const struct svi_stft_image *image, struct svi_error *err)
{
    struct drawing drawing = { .run = run, .image = image };
    if (!check_parameters(run, err))
        return false;
    check_segments(run);
    bool ok = svi_run_window(run, &drawing.window, &drawing.window_gain, err) && svi_band_of(&drawing.band, run, err)
              && svi_scale_of(&drawing.scale, run, &drawing.window_gain, err);
    if (ok)
        describe_figure(&drawing);
    ok = ok && svi_figure_layout_create(&drawing.layout, &drawing.figure, err) && prepare(&drawing, err)
         && transform(&drawing, err);
    double start_s = svi_now_s();
    ok = ok && svi_run_progress(run, 0.9, "figure", err)
         && svi_levels_measure(&drawing.levels, run->device, drawing.cells, drawing.scale.gain, drawing.scale.least, err);
    if (ok) {
        set_range(&drawing);
        describe_footer(&drawing);
        ok = draw_figure(&drawing, err) && keep_data(&drawing, err);
    }
    if (ok) {
        summarize_power(&drawing);
        summarize_peaks(&drawing);
        summarize_image(&drawing);
        run->figure_s = svi_now_s() - start_s;
    }
    svi_levels_clear(&drawing.levels);
    svi_spectrum_destroy(drawing.spectrum);
    svi_cells_destroy(drawing.cells);
    svi_stft_destroy(drawing.stft);
    svi_figure_layout_destroy(drawing.layout);
    free(drawing.pixels);
    svi_spectrum_power_clear(&drawing.power);
    free(drawing.window);
    return ok;
}
