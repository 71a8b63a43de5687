/* visual_list.h - all visualizations. Include with SVI_VISUAL defined. */
SVI_VISUAL(spectrogram)
SVI_VISUAL(waterfall)
SVI_VISUAL(heatmap)
SVI_VISUAL(scatterplot)
SVI_VISUAL(periodogram)
