/* edge_scale.h - how values lie along an edge: evenly, by their logarithm, or as a table says. Knows nothing of ticks and pixels.
 */
#ifndef SVI_VISUAL_EDGE_SCALE_H
#define SVI_VISUAL_EDGE_SCALE_H

#include <stddef.h>

enum svi_edge_scale_kind {
    SVI_EDGE_LINEAR,
    SVI_EDGE_LOG,  /* both ends above 0 */
    SVI_EDGE_TABLE /* from the table's first value to its last */
};

struct svi_edge_scale {
    enum svi_edge_scale_kind kind;
    double at_start, at_end; /* not of a table */
    const double *table;     /* values at evenly spaced places, from the start to the end; never falling. Borrowed */
    size_t table_count;      /* at least 2 */
};

struct svi_edge_ends {
    double low, high;
};

/* The values at the two ends, the lesser one first. Both NAN where the scale shows nothing: ends that are not finite, a logarithm
 * of what has none, a table that falls. */
struct svi_edge_ends svi_edge_range(const struct svi_edge_scale *scale);

/* Where a value lies: 0 at the start, 1 at the end, beyond them off the edge. A value that a table has at several places: their
 * middle. NAN: nowhere. */
double svi_edge_share(const struct svi_edge_scale *scale, double value);

#endif
