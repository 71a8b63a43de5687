/* axis.h - round numbers along the edge of a plot, their labels and unit. Knows nothing of samples, fonts or pixels. */
#ifndef SVI_VISUAL_AXIS_H
#define SVI_VISUAL_AXIS_H

#include "visual/edge_scale.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SVI_AXIS_MAX_TICKS = 32,
    SVI_AXIS_MAX_MINOR = SVI_AXIS_MAX_TICKS * 5,
    SVI_AXIS_MAX_DIGITS = 7,   /* more, and the labels count from an offset */
    SVI_AXIS_MAX_DECIMALS = 4, /* likewise */
};

struct svi_axis_tick {
    double share;   /* 0 at the start of the edge, 1 at its end */
    char label[24]; /* "−2.5" */
};

struct svi_axis {
    size_t tick_count, minor_count;
    struct svi_axis_tick ticks[SVI_AXIS_MAX_TICKS]; /* from the start to the end */
    double minor[SVI_AXIS_MAX_MINOR];               /* shares of the small ticks between them */
    char unit[32];                                  /* of the labels: "MHz", "×10⁶ counts"; "" for bare numbers */
    char offset[48];                                /* what has to be added to each label: "+ 433.92 MHz"; "" for nothing */
};

/* How much room there is; in pixels, or whatever `extent` speaks. */
struct svi_axis_room {
    double length;                                   /* of the edge */
    double gap;                                      /* least distance between two labels */
    double pitch;                                    /* least distance from tick to tick, however short the labels */
    double minor_pitch;                              /* the same of small ticks; 0: none are wanted */
    double (*extent)(void *self, const char *label); /* of a label along the edge */
    void *self;
};

/* The finest round ticks whose labels do not come too close. `unit`: "Hz", "s" and others that take SI prefixes, or any other text,
 * or NULL. `at_end` may be less than `at_start`. Equal ends get one tick in the middle, values that are not finite none. */
void svi_axis_fit(struct svi_axis *out, double at_start, double at_end, const char *unit, const struct svi_axis_room *room);

/* Likewise where values lie unevenly: decades, then 2 and 5 between them, or round values where a table has them. whole: of values
 * that are counts, which have no ticks between whole numbers. Values beyond 0.001…99999 are told as powers of ten: "2×10⁵". */
void svi_axis_fit_scale(struct svi_axis *out, const struct svi_edge_scale *scale, const char *unit, bool whole,
                        const struct svi_axis_room *room);

/* Moments: the values are seconds, to be added to `second`, a whole second since 1970 (UTC), which keeps them exact. Ticks stand at
 * natural steps, "12:30:15.002"; the unit has the day: "UTC, 2026-11-23". Where steps are below a millisecond, or clock times too
 * long for the edge, labels count from an offset: "+ 2026-11-23 12:30:15.002 UTC". Equal ends get one tick in the middle, to a
 * millisecond. */
void svi_axis_fit_utc(struct svi_axis *out, double at_start, double at_end, int64_t second, const struct svi_axis_room *room);

/* What stands along the edge: "Frequency (kHz) + 433.92 MHz". `label` may be NULL or "": "kHz + 433.92 MHz". */
void svi_axis_title(char *into, size_t size, const char *label, const struct svi_axis *axis);

#endif
