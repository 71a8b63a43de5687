/* format_list.h - all formats of recordings, in the order in which they are asked. Include with SVI_FORMAT defined. */
SVI_FORMAT(sigmf)
SVI_FORMAT(drf)
SVI_FORMAT(wav)
SVI_FORMAT(numpy)
SVI_FORMAT(csv_samples)
SVI_FORMAT(raw)
