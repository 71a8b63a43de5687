/* engine_list.h - the STFT engine of each length as shipped, for who has not measured (bench --tune). Include with SVI_ENGINE defined.
 *
 * platform: what the name of the device's OpenCL platform begins with. The first row that fits counts; what the fused engine cannot do
 * is clFFT's in any case. Measured on PoCL alone: elsewhere the fused engine is taken because it goes through memory once. */
/* clang-format off */
/*         platform                       least  most   engine */
SVI_ENGINE("Portable Computing Language", 16,    16384, "fused")
SVI_ENGINE("NVIDIA",                      16,    16384, "fused")
SVI_ENGINE("",                            16,    16384, "fused")
/* clang-format on */
