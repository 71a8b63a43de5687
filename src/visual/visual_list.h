/* visual_list.h - all visualizations. Include with SVI_VISUAL defined. Of a job's pictures the last ones here are drawn first: what one core
 * paints, beside what the device computes. */
SVI_VISUAL(spectrogram)
SVI_VISUAL(waterfall)
SVI_VISUAL(heatmap)
SVI_VISUAL(scatterplot)
SVI_VISUAL(periodogram)
