/* param_list.h - everything that a job's config may say about a picture, a row each. Include with all three macros defined.
 *
 * key: as the platform spells it; alias: as the SDS gateway does. Bounds are inclusive. A default of NAN is found out from the data or
 * the type of the picture. choices: a function that lists the words. */
/*         id                key                alias               kind     unit       least  most      default  help */
SVI_NUMBER(FFT_SIZE,         "fftSize",         "fft_size",         INTEGER, "samples", 16,    1048576,  1024,    "length of one transform")
SVI_NUMBER(HOP_SIZE,         "hopSize",         "hop_size",         INTEGER, "samples", 1,     16777216, NAN,     "from one slice to the next; waterfall: fftSize, else 500")
SVI_NUMBER(STD_DEV,          "stdDev",          "std_dev",          REAL,    "samples", 0.1,   1048576,  100,     "standard deviation of the Gaussian window")
SVI_NUMBER(KAISER_BETA,      "kaiserBeta",      NULL,               REAL,    "",        0,     100,      14,      "shape of the Kaiser window")
SVI_NUMBER(WIDTH,            "width",           NULL,               REAL,    "inches",  0.16,  163.84,   10,      "of the figure, at 100 dots an inch")
SVI_NUMBER(HEIGHT,           "height",          NULL,               REAL,    "inches",  0.16,  163.84,   10,      "of the figure, at 100 dots an inch")
SVI_NUMBER(DPI,              "dpi",             NULL,               REAL,    "dots per inch", 25, 600,   100,     "scales text and lines, not the size in pixels: print the picture at it")
SVI_NUMBER(VMIN,             "vmin",            NULL,               REAL,    "dB",      -1000, 1000,     NAN,     "level of the first color")
SVI_NUMBER(VMAX,             "vmax",            NULL,               REAL,    "dB",      -1000, 1000,     NAN,     "level of the last color")
SVI_NUMBER(POWER_BINS,       "powerBins",       "power_bins",       INTEGER, "levels",  16,    4096,     256,     "rows of a heatmap")
SVI_NUMBER(CALIBRATION,      "calibration",     "calibration_db",   REAL,    "dBm",     -500,  500,      NAN,     "level of full scale, for units=dbm")
SVI_NUMBER(START,            "start",           NULL,               REAL,    "s",       0,     1e12,     0,       "first moment shown, from the beginning of the recording")
SVI_NUMBER(DURATION,         "duration",        NULL,               REAL,    "s",       0,     1e12,     NAN,     "how much is shown; else up to the end")
SVI_NUMBER(MIN_FREQUENCY,    "minFrequency",    "min_frequency",    REAL,    "Hz",      -1e15, 1e15,     NAN,     "lower edge of the band shown, as on the axis")
SVI_NUMBER(MAX_FREQUENCY,    "maxFrequency",    "max_frequency",    REAL,    "Hz",      -1e15, 1e15,     NAN,     "upper edge of the band shown, as on the axis")
SVI_NUMBER(SAMPLE_RATE,      "sampleRate",      "sample_rate",      REAL,    "Hz",      1e-6,  1e15,     NAN,     "of the recording; stands above what the files say")
SVI_NUMBER(CENTER_FREQUENCY, "centerFrequency", "center_frequency", REAL,    "Hz",      -1e15, 1e15,     NAN,     "of the recording; stands above what the files say")
SVI_NUMBER(CHANNEL,          "channel",         NULL,               INTEGER_OR_NAME, "", 0,    65535,    0,       "which of interleaved channels; or the name of one of Digital RF")
SVI_NUMBER(SUBCHANNEL,       "subchannel",      NULL,               INTEGER, "",        0,     65535,    0,       "which of those that Digital RF stores side by side")
/*         id                key                alias               choices               default  help */
SVI_CHOICE(WINDOW,           "window",          NULL,               svi_window_names,     "",      "waterfall: hann, else gaussian")
SVI_CHOICE(COLORMAP,         "colormap",        "color_map",        svi_colormap_names,   "magma", "colors of levels")
SVI_CHOICE(COLOR_SCALE,      "colorScale",      "color_scale",      svi_color_scale_names, "log",  "how counts spread over the colors; eq_hist: by rank, each color as often as any other")
SVI_CHOICE(UNITS,            "units",           NULL,               unit_names,           "dbfs",  "what a level is relative to")
SVI_CHOICE(REDUCTION,        "reduction",       "reduce",           svi_reduction_names,  "max",   "what a pixel shows of the frames that fall on it")
SVI_CHOICE(FREQUENCY_AXIS,   "frequencyAxis",   "frequency_axis",   frequency_axis_names, "rf",    "radio frequency where it is known, or distance from the center")
SVI_CHOICE(DATATYPE,         "datatype",        NULL,               svi_datatype_names,   "",      "how samples are stored; stands above what the files say")
SVI_CHOICE(THEME,            "theme",           NULL,               svi_theme_names,      "light", "looks of the figure around the plot; bare: no figure, the plot alone")
