#include "capture/view_rooms.h"

#include <stdlib.h>

uint8_t *svi_view_rooms_next(struct svi_view_rooms *rooms, size_t bytes, struct svi_error *err)
{
    const size_t room = rooms->next;
    rooms->next = 1 - room;
    if (rooms->at[room] && rooms->bytes[room] >= bytes)
        return rooms->at[room];
    free(rooms->at[room]);
    rooms->at[room] = malloc(bytes ? bytes : 1);
    rooms->bytes[room] = rooms->at[room] ? bytes : 0;
    if (!rooms->at[room])
        svi_fail_memory(err, bytes);
    return rooms->at[room];
}

void svi_view_rooms_clear(struct svi_view_rooms *rooms)
{
    free(rooms->at[0]);
    free(rooms->at[1]);
    *rooms = (struct svi_view_rooms){ 0 };
}
