/* Sending and receiving messages: see ranks_inside.h. */
#include "study/ranks_inside.h"

#include <stdlib.h>

bool study_ranks_send(const struct study_ranks *ranks, int to,
                      const struct study_message *m)
{
    const struct study_transport *transport = &ranks->transport;
    size_t size;
    unsigned char *const bytes = study_message_write(m, &size);
    const bool sent = bytes && transport->send(transport->ctx, to, bytes, size);
    free(bytes);
    return sent;
}

bool study_ranks_receive(const struct study_ranks *ranks, int *from,
                         struct study_message *m, bool *readable)
{
    const struct study_transport *transport = &ranks->transport;
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (!transport->receive(transport->ctx, from, &bytes, &size)) return false;
    *readable = *from >= 0 && *from < transport->size &&
                study_message_read(bytes, size, m);
    if (!*readable) *m = (struct study_message){.kind = STUDY_ALIVE};
    free(bytes);
    return true;
}
