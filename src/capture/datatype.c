#include "capture/datatype.h"

#include "base/bytes.h"

#include <string.h>

const struct svi_datatype svi_datatypes[] = {
#define SVI_DATATYPE(name, bytes, parts, big, full_scale, middle, loader) { name, bytes, parts, big, full_scale, middle, loader },
#include "capture/datatype_list.h"
#undef SVI_DATATYPE
    { 0 },
};

const struct svi_datatype *svi_datatype_find(const char *name)
{
    char with_ending[16];
    if (!svi_format(with_ending, sizeof with_ending, "%s_le", name))
        return NULL;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++)
        if (!strcmp(row->name, name) || !strcmp(row->name, with_ending))
            return row;
    return NULL;
}

void svi_datatype_names(char *into, size_t size)
{
    size_t length = 0;
    into[0] = '\0';
    for (const struct svi_datatype *row = svi_datatypes; row->name && length < size; row++) {
        svi_format(into + length, size - length, "%s%s", length ? ", " : "", row->name);
        length += strlen(into + length);
    }
}
