/* engine_table.h - which of the STFT engines is the faster one for a length: as shipped for a kind of device (engine_list.h), or as
 * it was measured on this one and is kept in the cache folder, by device and driver. */
#ifndef SVI_DEVICE_ENGINE_TABLE_H
#define SVI_DEVICE_ENGINE_TABLE_H

#include "device/device.h"

/* Powers of two from SVI_FUSED_LEAST to SVI_FUSED_MOST. */
enum { SVI_ENGINE_LENGTHS = 11 };

struct svi_engine_choice {
    uint32_t length;
    const char *engine; /* "clfft", "fused": a constant text */
};

struct svi_engine_table {
    size_t count;
    struct svi_engine_choice choices[SVI_ENGINE_LENGTHS]; /* measured; other lengths are as shipped */
};

/* cache_folder: "" is none. A table that is not there, or not one, is as if nothing had been measured; the latter is logged. */
void svi_engine_table_read(struct svi_engine_table *out, const char *cache_folder, const struct svi_device_info *about);

/* Takes the place of what was measured on this device with this driver before; that of others stays. */
bool svi_engine_table_write(const struct svi_engine_table *table, const char *cache_folder, const struct svi_device_info *about,
                            struct svi_error *err);

/* "clfft" or "fused". */
const char *svi_engine_for(const struct svi_engine_table *table, const struct svi_device_info *about, uint32_t length);

#endif
