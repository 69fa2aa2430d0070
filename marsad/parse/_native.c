/* Loops over bytes that a processor should run itself: folding, a row at a time.

Optional: where no compiler was at hand when Marsad was installed, NumPy does the same with the same
result, at a quarter of the speed (marsad/parse/arabic.py, tests/parse/test_arabic.py). Nothing here
knows a rule of folding: the map comes from data/reference/fold.csv as two tables.

An entry of the first table, which is indexed by code point, has four bytes. The last says what the
code point folds to: so many bytes of UTF-8 (at most INLINE), which are the first of the entry; or
SPACE; or KEPT, what it is itself; or TEXT, and then the first three are a place in the second table,
the lowest first, where a byte tells how many follow it. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INLINE = 3, TEXT = 0xFD, KEPT = 0xFE, SPACE = 0xFF };
#define N_CODES 0x110000

typedef struct {
    const uint8_t (*entries)[4];
    const uint8_t *texts;
    Py_ssize_t n_texts;
} Folds;

enum { DONE, NO_MEMORY, NO_TEXT, NO_ENTRY };

/* No entry is more than half as long again as its code point, but for texts. */
static Py_ssize_t room_for(Py_ssize_t n_bytes) { return n_bytes + n_bytes / 2 + 8; }

static uint8_t *grown(uint8_t *buffer, Py_ssize_t *capacity, Py_ssize_t needed)
{
    Py_ssize_t more = needed + *capacity / 2;
    uint8_t *larger = realloc(buffer, (size_t)more);
    if (larger != NULL)
        *capacity = more;
    return larger;
}

/* One space, unless the row is empty so far or ends with one. */
#define PUT_SPACE()                                             \
    do {                                                        \
        out[n] = ' ';                                           \
        n += n > first && out[n - 1] != ' ';                    \
    } while (0)

/* Fold rows that lie one after the other; `places` becomes where the fold of each ends. */
static int fold_all(const Folds *folds, const uint8_t *data, const int64_t *ends, Py_ssize_t n_rows,
                    uint8_t **buffer, Py_ssize_t *capacity, int64_t *places)
{
    uint8_t *out = *buffer;
    Py_ssize_t n = 0;
    const uint8_t *at = data;
    const uint8_t *last = n_rows ? data + ends[n_rows - 1] : data;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        const uint8_t *end = data + ends[row];
        const Py_ssize_t first = n;
        while (at < end) {
            uint32_t code = *at;
            int length = 1;
            const uint8_t *entry;
            /* What is most of a text first, each with a branch of its own: letters of two bytes,
               and the spaces between words. */
            while (code >= 0xC2 && code < 0xE0 && end - at >= 2) {
                entry = folds->entries[(code & 0x1F) << 6 | (at[1] & 0x3F)];
                if (entry[3] > INLINE)
                    break;
                memcpy(out + n, entry, 4);
                n += entry[3];
                at += 2;
                if (at == end)
                    break;
                code = *at;
            }
            if (at == end)
                break;
            if (code == ' ') {
                PUT_SPACE();
                at++;
                continue;
            }
            if (code >= 0x80) {
                length = code >= 0xF0 ? 4 : code >= 0xE0 ? 3 : 2;
                if (code < 0xC0 || code >= 0xF8 || end - at < length)
                    return NO_TEXT;
                if (length == 2)
                    code = (code & 0x1F) << 6 | (at[1] & 0x3F);
                else if (length == 3)
                    code = (code & 0x0F) << 12 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F);
                else
                    code = (code & 0x07) << 18 | (at[1] & 0x3F) << 12 | (at[2] & 0x3F) << 6 |
                           (at[3] & 0x3F);
                if (code >= N_CODES)
                    return NO_TEXT;
            }
            entry = folds->entries[code];
            const int kind = entry[3];
            if (kind <= INLINE) {
                memcpy(out + n, entry, 4); /* shorter ones are overwritten */
                n += kind;
            } else if (kind == SPACE) {
                PUT_SPACE();
            } else if (kind == KEPT) {
                memcpy(out + n, at, (size_t)length);
                n += length;
            } else {
                const Py_ssize_t text = entry[0] | entry[1] << 8 | entry[2] << 16;
                if (text >= folds->n_texts || text + folds->texts[text] >= folds->n_texts)
                    return NO_ENTRY;
                const uint8_t size = folds->texts[text];
                const Py_ssize_t needed = n + size + room_for(last - at);
                if (needed > *capacity) {
                    if ((out = grown(out, capacity, needed)) == NULL)
                        return NO_MEMORY;
                    *buffer = out;
                }
                for (Py_ssize_t i = 1; i <= size; i++) {
                    if (folds->texts[text + i] == ' ')
                        PUT_SPACE();
                    else
                        out[n++] = folds->texts[text + i];
                }
            }
            at += length;
        }
        n -= n > first && out[n - 1] == ' ';
        places[row] = n;
    }
    return DONE;
}

/* The tables and the ends come from Python: what they say must lie within what they are given. */
static int check(const Folds *folds, Py_ssize_t n_entries, const int64_t *ends, Py_ssize_t n_rows,
                 Py_ssize_t n_bytes)
{
    if (n_entries != N_CODES) {
        PyErr_SetString(PyExc_ValueError, "the table of folds must have an entry a code point");
        return 0;
    }
    for (int code = 0; code < 0x80; code++) {
        const int kind = folds->entries[code][3];
        if (kind > 1 && kind <= INLINE) { /* or there would be no room for them */
            PyErr_SetString(PyExc_ValueError, "a letter of ASCII must fold to one byte or to a text");
            return 0;
        }
    }
    int64_t before = 0;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        if (ends[row] < before || ends[row] > n_bytes) {
            PyErr_Format(PyExc_ValueError, "row %zd ends outside of the text", row);
            return 0;
        }
        before = ends[row];
    }
    return 1;
}

static PyObject *fold_rows(PyObject *self, PyObject *args)
{
    Py_buffer data, ends, entries, texts;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*:fold_rows", &data, &ends, &entries, &texts))
        return NULL;
    const Folds folds = {entries.buf, texts.buf, texts.len};
    const Py_ssize_t n_rows = ends.len / (Py_ssize_t)sizeof(int64_t);
    Py_ssize_t capacity = room_for(data.len);
    uint8_t *buffer = NULL;
    PyObject *places = NULL;
    if (!check(&folds, entries.len / 4, ends.buf, n_rows, data.len))
        goto finish;
    buffer = malloc((size_t)capacity);
    places = PyBytes_FromStringAndSize(NULL, n_rows * (Py_ssize_t)sizeof(int64_t));
    if (buffer == NULL || places == NULL) {
        PyErr_NoMemory();
        goto finish;
    }
    int64_t *to = (int64_t *)PyBytes_AsString(places);
    int outcome;
    Py_BEGIN_ALLOW_THREADS
    outcome = fold_all(&folds, data.buf, ends.buf, n_rows, &buffer, &capacity, to);
    Py_END_ALLOW_THREADS
    if (outcome == NO_MEMORY)
        PyErr_NoMemory();
    else if (outcome == NO_TEXT)
        PyErr_SetString(PyExc_ValueError, "the rows are no UTF-8");
    else if (outcome == NO_ENTRY)
        PyErr_SetString(PyExc_ValueError, "an entry lies outside of the texts of folds");
    else
        result = Py_BuildValue("y#O", (char *)buffer, n_rows ? (Py_ssize_t)to[n_rows - 1] : 0, places);
finish:
    free(buffer);
    Py_XDECREF(places);
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&entries);
    PyBuffer_Release(&texts);
    return result;
}

static PyMethodDef methods[] = {
    {"fold_rows", fold_rows, METH_VARARGS, "Fold rows of UTF-8 that lie one after the other."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "marsad.parse._native", "Loops over bytes.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
