/* Room that grows with the longest line yet, and is kept from line to line. */

#ifndef MARSAD_ROOM_H
#define MARSAD_ROOM_H

#include <Python.h>
#include <stdlib.h>

/* Make room for so many entries, whose values are lost unless they are kept; false where memory is
   short. */
static int make_room(void *buffer, Py_ssize_t *n, Py_ssize_t needed, size_t size)
{
    if (needed <= *n)
        return 1;
    void *larger = realloc(*(void **)buffer, (size_t)(needed + needed / 2) * size);
    if (larger == NULL)
        return 0;
    *(void **)buffer = larger;
    *n = needed + needed / 2;
    return 1;
}

/* The same for the field `name` of `of`, which has as many entries as its field `n_name` says. */
#define ROOM(of, name, needed) make_room(&(of)->name, &(of)->n_##name, needed, sizeof *(of)->name)

#endif
