/* reduction_list.h - what a pixel may hold of the power of the frames and bins that enter it. Include with SVI_REDUCTION defined.
 *
 * percent: of a percentile, else 0. */
/*            id    name    percent */
SVI_REDUCTION(MAX,  "max",  0)
SVI_REDUCTION(MEAN, "mean", 0)
SVI_REDUCTION(MIN,  "min",  0)
SVI_REDUCTION(P95,  "p95",  95)
SVI_REDUCTION(P50,  "p50",  50)
