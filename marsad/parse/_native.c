/* Loops over bytes that a processor should run itself: rows of text into lines, and their folds.

Optional: where no compiler was at hand when Marsad was installed, NumPy does the same with the same
result, at a quarter of the speed (marsad/parse/arabic.py, marsad/parse/split.py and their tests).
Nothing here knows a rule: the map of folding comes from data/reference/fold.csv as two tables, and
what is taken off the ends of lines comes from the caller. A function that is to find something else
gets another name, so that nobody takes an older build for it.

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

enum { INLINE_TEXT = 12 };
enum { INLINE = 3, TEXT = 0xFD, KEPT = 0xFE, SPACE = 0xFF };
#define N_CODES 0x110000

typedef struct {
    const uint8_t (*entries)[4];
    const uint8_t *texts;
    Py_ssize_t n_texts;
} Folds;

enum { NO_MEMORY = -3, NO_TEXT, NO_ENTRY };

/* No entry is more than half as long again as its code point, but for texts; behind each row there
   may be a space. */
static Py_ssize_t room_for(Py_ssize_t n_bytes, Py_ssize_t n_rows)
{
    return n_bytes + n_bytes / 2 + n_rows + 8;
}

/* The folds are written straight into what Python is given: they are not to be copied once more.
   Called without the interpreter's lock. */
static uint8_t *grown(PyObject *folded, Py_ssize_t *capacity, Py_ssize_t needed)
{
    const Py_ssize_t more = needed + *capacity / 2;
    uint8_t *larger = NULL;
    const PyGILState_STATE state = PyGILState_Ensure();
    if (PyByteArray_Resize(folded, more) == 0) {
        *capacity = more;
        larger = (uint8_t *)PyByteArray_AsString(folded);
    }
    PyGILState_Release(state);
    return larger;
}

/* One space, unless the row is empty so far or ends with one. */
#define PUT_SPACE()                                             \
    do {                                                        \
        out[n] = ' ';                                           \
        n += n > first && out[n - 1] != ' ';                    \
    } while (0)

/* Fold rows, of which none begins before the one above it ends. Behind each fold that is not empty
   stands a space, so that those of rows that follow each other are the fold of them all. Written are
   the place where each fold begins, then the places where they end, then how many words each has.
   Returns how many bytes the folds are, or, below zero, why there are none. */
static Py_ssize_t fold_all(const Folds *folds, const uint8_t *data, const int64_t *starts,
                           const int64_t *ends, Py_ssize_t n_rows, PyObject *folded,
                           Py_ssize_t capacity, int64_t *places)
{
    uint8_t *out = (uint8_t *)PyByteArray_AsString(folded);
    Py_ssize_t n = 0;
    const uint8_t *last = n_rows ? data + ends[n_rows - 1] : data;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        const uint8_t *at = data + starts[row];
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
                const Py_ssize_t needed = n + size + room_for(last - at, n_rows - row);
                if (needed > capacity && (out = grown(folded, &capacity, needed)) == NULL)
                    return NO_MEMORY;
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
        places[row] = first;
        places[n_rows + row] = n;
        int64_t n_words = n > first;
        for (Py_ssize_t i = first; i < n; i++)
            n_words += out[i] == ' ';
        places[2 * n_rows + row] = n_words;
        if (n > first)
            out[n++] = ' ';
    }
    return n;
}

/* Places come from Python: what they say must lie within what they are given. Without starts each
   row begins where the one above it ends. */
static int are_rows(const int64_t *starts, const int64_t *ends, Py_ssize_t n_rows,
                    Py_ssize_t n_bytes)
{
    int64_t before = 0;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        const int64_t start = starts == NULL ? before : starts[row];
        if (start < before || ends[row] < start || ends[row] > n_bytes) {
            PyErr_Format(PyExc_ValueError, "row %zd lies outside of the text or over another", row);
            return 0;
        }
        before = ends[row];
    }
    return 1;
}

static int are_entries(const Folds *folds, Py_ssize_t n_entries)
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
    return 1;
}

static PyObject *fold_lines(PyObject *self, PyObject *args)
{
    Py_buffer data, starts, ends, entries, texts;
    PyObject *folded = NULL, *places = NULL, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*:fold_lines", &data, &starts, &ends, &entries, &texts))
        return NULL;
    const Folds folds = {entries.buf, texts.buf, texts.len};
    const Py_ssize_t n_rows = ends.len / (Py_ssize_t)sizeof(int64_t);
    const Py_ssize_t capacity = room_for(data.len, n_rows);
    if (starts.len != ends.len) {
        PyErr_SetString(PyExc_ValueError, "rows have as many starts as ends");
        goto finish;
    }
    if (!are_entries(&folds, entries.len / 4) || !are_rows(starts.buf, ends.buf, n_rows, data.len))
        goto finish;
    folded = PyByteArray_FromStringAndSize(NULL, capacity);
    places = PyBytes_FromStringAndSize(NULL, 3 * n_rows * (Py_ssize_t)sizeof(int64_t));
    if (folded == NULL || places == NULL)
        goto finish;
    int64_t *to = (int64_t *)PyBytes_AsString(places);
    Py_ssize_t size;
    Py_BEGIN_ALLOW_THREADS
    size = fold_all(&folds, data.buf, starts.buf, ends.buf, n_rows, folded, capacity, to);
    Py_END_ALLOW_THREADS
    if (size == NO_TEXT)
        PyErr_SetString(PyExc_ValueError, "the rows are no UTF-8");
    else if (size == NO_ENTRY)
        PyErr_SetString(PyExc_ValueError, "an entry lies outside of the texts of folds");
    else if (size >= 0 && PyByteArray_Resize(folded, size) == 0)
        result = PyTuple_Pack(2, folded, places);
finish:
    Py_XDECREF(folded);
    Py_XDECREF(places);
    PyBuffer_Release(&data);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&entries);
    PyBuffer_Release(&texts);
    return result;
}

/* Arrow's view of a text: its size, and the text itself where it is short, else its first four bytes,
   its buffer (there is but one) and its place there. */
typedef struct {
    int32_t size;
    uint8_t text[INLINE_TEXT];
} View;

static PyObject *view_rows(PyObject *self, PyObject *args)
{
    Py_buffer data, starts, ends;
    PyObject *views = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*:view_rows", &data, &starts, &ends))
        return NULL;
    const Py_ssize_t n_rows = ends.len / (Py_ssize_t)sizeof(int64_t);
    const int64_t *start = starts.buf, *end = ends.buf;
    if (starts.len == ends.len)
        views = PyBytes_FromStringAndSize(NULL, n_rows * (Py_ssize_t)sizeof(View));
    else
        PyErr_SetString(PyExc_ValueError, "rows have as many starts as ends");
    View *to = views == NULL ? NULL : (View *)PyBytes_AsString(views);
    for (Py_ssize_t row = 0; to != NULL && row < n_rows; row++) {
        if (start[row] < 0 || end[row] < start[row] || end[row] > data.len ||
            end[row] > INT32_MAX) {
            PyErr_Format(PyExc_ValueError, "row %zd lies outside of the text", row);
            Py_CLEAR(views);
            break;
        }
        const uint8_t *text = (const uint8_t *)data.buf + start[row];
        const int32_t size = (int32_t)(end[row] - start[row]), place = (int32_t)start[row];
        memset(&to[row], 0, sizeof to[row]);
        to[row].size = size;
        memcpy(to[row].text, text, size > INLINE_TEXT ? 4 : (size_t)size);
        if (size > INLINE_TEXT)
            memcpy(to[row].text + 8, &place, 4);
    }
    PyBuffer_Release(&data);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&ends);
    return views;
}

/* What is taken off the ends of lines: characters as a byte that tells their length and their UTF-8;
   and which bytes one of them begins or ends with, for nearly all lines have none. */
typedef struct {
    const uint8_t *chars;
    Py_ssize_t size;
    uint8_t first[256], last[256];
} Edges;

static int read_edges(Edges *edges, const Py_buffer *given)
{
    memset(edges, 0, sizeof *edges);
    edges->chars = given->buf;
    edges->size = given->len;
    for (Py_ssize_t at = 0; at < edges->size; at += 1 + edges->chars[at]) {
        const Py_ssize_t length = edges->chars[at];
        if (length == 0 || at + length >= edges->size) {
            PyErr_SetString(PyExc_ValueError, "edges must each be a length and so many bytes");
            return 0;
        }
        edges->first[edges->chars[at + 1]] = 1;
        edges->last[edges->chars[at + length]] = 1;
    }
    return 1;
}

/* How many bytes the edge has with which a line begins, or ends; 0 if it does with none. */
static Py_ssize_t edge_of(const Edges *edges, const uint8_t *start, const uint8_t *end, int at_end)
{
    if (start == end || !(at_end ? edges->last[end[-1]] : edges->first[*start]))
        return 0;
    for (Py_ssize_t at = 0; at < edges->size; at += 1 + edges->chars[at]) {
        const Py_ssize_t length = edges->chars[at];
        if (end - start >= length &&
            memcmp(at_end ? end - length : start, edges->chars + at + 1, (size_t)length) == 0)
            return length;
    }
    return 0;
}

/* Write where the lines of rows begin and end, and their rows, three numbers a line; blank lines are
   left out. Returns how many lines; nothing is written where `lines` is NULL. */
static Py_ssize_t split_all(const Edges *edges, const uint8_t *data, const int64_t *ends,
                            Py_ssize_t n_rows, int64_t *lines)
{
    Py_ssize_t n = 0;
    const uint8_t *at = data;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        const uint8_t *row_end = data + ends[row];
        while (at < row_end) {
            const uint8_t *newline = memchr(at, '\n', (size_t)(row_end - at));
            const uint8_t *start = at, *end = newline == NULL ? row_end : newline;
            Py_ssize_t length;
            at = newline == NULL ? row_end : newline + 1;
            while ((length = edge_of(edges, start, end, 0)) > 0)
                start += length;
            while ((length = edge_of(edges, start, end, 1)) > 0)
                end -= length;
            if (start == end)
                continue;
            if (lines != NULL) {
                lines[3 * n] = start - data;
                lines[3 * n + 1] = end - data;
                lines[3 * n + 2] = row;
            }
            n++;
        }
    }
    return n;
}

static PyObject *split_rows(PyObject *self, PyObject *args)
{
    Py_buffer data, ends, given;
    Edges edges;
    PyObject *lines = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*:split_rows", &data, &ends, &given))
        return NULL;
    const Py_ssize_t n_rows = ends.len / (Py_ssize_t)sizeof(int64_t);
    if (read_edges(&edges, &given) && are_rows(NULL, ends.buf, n_rows, data.len)) {
        Py_ssize_t n;
        Py_BEGIN_ALLOW_THREADS
        n = split_all(&edges, data.buf, ends.buf, n_rows, NULL);
        Py_END_ALLOW_THREADS
        lines = PyBytes_FromStringAndSize(NULL, n * 3 * (Py_ssize_t)sizeof(int64_t));
        if (lines != NULL) {
            int64_t *to = (int64_t *)PyBytes_AsString(lines);
            Py_BEGIN_ALLOW_THREADS
            split_all(&edges, data.buf, ends.buf, n_rows, to);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&given);
    return lines;
}

/* Literals one after the other, and by the hash of their first few bytes the first of those that
   begin so, the one after each, and so on; a number is a literal's and 1 more, the last one's 0.
   That none begins, as nearly everywhere, is told by two looks and one branch: a literal has a bit,
   which its first four bytes and the four after them have in common. Where it has no eight bytes, any
   four have that bit; so such literals share one that no others have. */
enum { OPENING = 4, OPENING_BITS = 12, MOST_LITERALS = 10000 };
enum { HIT = 8, WINDOW_WORDS = 2, BEHIND_LINE = 25 };

typedef struct {
    const uint8_t *data;
    const int64_t *ends;
    Py_ssize_t n, opening;
    uint16_t first[1 << OPENING_BITS], next[MOST_LITERALS];
    uint8_t here[1 << OPENING_BITS], after[1 << OPENING_BITS];
} Literals;

static uint32_t opening_at(const uint8_t *at, Py_ssize_t size)
{
    uint32_t value = 0;
    if (size == OPENING)
        memcpy(&value, at, OPENING);
    else
        memcpy(&value, at, (size_t)size);
    return value * 0x9E3779B1u >> (32 - OPENING_BITS);
}

/* Give a literal its bit for four of its bytes, or for all fours if it ends before they do. */
static void put_bit(uint8_t *bits, uint8_t bit, const uint8_t *start, Py_ssize_t size, int from)
{
    if (size >= from + OPENING)
        bits[opening_at(start + from, OPENING)] |= bit;
    else
        for (int i = 0; i < 1 << OPENING_BITS; i++)
            bits[i] |= bit;
}

static int may_begin(const Literals *literals, const uint8_t *at)
{
    return literals->here[opening_at(at, OPENING)] &
           literals->after[opening_at(at + OPENING, OPENING)];
}

static int64_t start_of(const Literals *literals, Py_ssize_t number)
{
    return number ? literals->ends[number - 1] : 0;
}

static int read_literals(Literals *literals, const Py_buffer *data, const Py_buffer *ends)
{
    memset(literals, 0, sizeof *literals);
    literals->data = data->buf;
    literals->ends = ends->buf;
    literals->n = ends->len / (Py_ssize_t)sizeof(int64_t);
    literals->opening = OPENING;
    if (literals->n > MOST_LITERALS) {
        PyErr_SetString(PyExc_ValueError, "too many literals");
        return 0;
    }
    if (!are_rows(NULL, literals->ends, literals->n, data->len))
        return 0;
    for (Py_ssize_t i = 0; i < literals->n; i++) {
        const int64_t size = literals->ends[i] - start_of(literals, i);
        if (size == 0) {
            PyErr_SetString(PyExc_ValueError, "a literal is empty");
            return 0;
        }
        if (size < literals->opening)
            literals->opening = (Py_ssize_t)size;
    }
    for (Py_ssize_t i = literals->n - 1; i >= 0; i--) {
        const uint8_t *start = literals->data + start_of(literals, i);
        uint16_t *first = &literals->first[opening_at(start, literals->opening)];
        const Py_ssize_t size = literals->ends[i] - start_of(literals, i);
        const uint8_t bit = size < 2 * OPENING ? 1 : (uint8_t)(2 << i % 7);
        literals->next[i] = *first;
        *first = (uint16_t)(i + 1);
        put_bit(literals->here, bit, start, size, 0);
        put_bit(literals->after, bit, start, size, OPENING);
    }
    return 1;
}

/* Bytes of a space or a no-break space; 0 for anything else. */
static int blank_at(const uint8_t *at, const uint8_t *end)
{
    if (*at == ' ')
        return 1;
    return *at == 0xC2 && end - at >= 2 && at[1] == 0xA0 ? 2 : 0;
}

static const uint8_t *behind_word(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != '\n' && !blank_at(at, end))
        at++;
    return at;
}

/* Where the words behind a literal end that stand on its line: the rest of its own, and two more. */
static const uint8_t *behind_window(const uint8_t *at, const uint8_t *end)
{
    at = behind_word(at, end);
    for (int word = 0; word < WINDOW_WORDS; word++) {
        const uint8_t *next = at;
        int size;
        while (next < end && (size = blank_at(next, end)) > 0)
            next += size;
        if (next == at || next == end || *next == '\n')
            break;
        at = behind_word(next, end);
    }
    return at;
}

typedef struct {
    int64_t *hits, *window_ends;
    Py_ssize_t n_hits, capacity;
} Hits;

static int make_room(Hits *hits)
{
    if (hits->n_hits < hits->capacity)
        return 1;
    const Py_ssize_t capacity = 2 * hits->capacity + 1024;
    int64_t *larger = realloc(hits->hits, (size_t)capacity * HIT * sizeof *larger);
    if (larger == NULL)
        return 0;
    hits->hits = larger;
    hits->capacity = capacity;
    return 1;
}

/* Count the characters between two places: the bytes that are not in the midst of one. */
static int64_t characters(const uint8_t *at, const uint8_t *end)
{
    int64_t n = 0;
    for (; at < end; at++)
        n += (*at & 0xC0) != 0x80;
    return n;
}

/* The place so many characters on, or the end. */
static const uint8_t *further(const uint8_t *at, const uint8_t *end, int n)
{
    for (; at < end && n > 0; n--)
        do
            at++;
        while (at < end && (*at & 0xC0) == 0x80);
    return at;
}

static int find_all(const Literals *literals, Hits *hits, const uint8_t *data, const int64_t *ends,
                    Py_ssize_t n_rows)
{
    const uint8_t *at = data, *last = n_rows ? data + ends[n_rows - 1] : data;
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        const uint8_t *end = data + ends[row], *counted = at;
        const uint8_t *line = at, *line_end = NULL, *line_reach = at;
        int64_t character = 0, line_character = 0;
        for (; end - at >= literals->opening; at++) {
            if (last - at >= 2 * OPENING && !may_begin(literals, at))
                continue;
            int number = literals->first[opening_at(at, literals->opening)];
            for (; number != 0; number = literals->next[number - 1]) {
                const Py_ssize_t i = number - 1;
                const int64_t first = start_of(literals, i), size = literals->ends[i] - first;
                if (end - at < size || memcmp(at, literals->data + first, (size_t)size) != 0)
                    continue;
                if (!make_room(hits))
                    return 0;
                character += characters(counted, at);
                if (line_end == NULL || at > line_end) { /* the first hit of its line */
                    for (line = at; line > counted && line[-1] != '\n'; line--)
                        ;
                    line_character = character - characters(line, at);
                    line_end = memchr(at, '\n', (size_t)(end - at));
                    if (line_end == NULL)
                        line_end = end;
                    line_reach = further(line_end, end, BEHIND_LINE);
                }
                counted = at;
                int64_t *hit = hits->hits + HIT * hits->n_hits++;
                hit[0] = row;
                hit[1] = i;
                hit[2] = character;
                hit[3] = at - data;
                hit[4] = -1; /* it stands in the window of the one before */
                if (hit[3] >= hits->window_ends[i])
                    hit[4] = hits->window_ends[i] = behind_window(at + size, end) - data;
                hit[5] = line_character;
                hit[6] = line - data;
                hit[7] = line_reach - data;
            }
        }
        at = end;
    }
    return 1;
}

static PyObject *find_hits(PyObject *self, PyObject *args)
{
    Py_buffer data, ends, given, given_ends;
    Literals literals;
    Hits hits = {NULL, NULL, 0, 0};
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*:find_hits", &data, &ends, &given, &given_ends))
        return NULL;
    const Py_ssize_t n_rows = ends.len / (Py_ssize_t)sizeof(int64_t);
    if (read_literals(&literals, &given, &given_ends) &&
        are_rows(NULL, ends.buf, n_rows, data.len)) {
        hits.window_ends = calloc((size_t)literals.n + 1, sizeof(int64_t));
        int is_done = hits.window_ends != NULL;
        Py_BEGIN_ALLOW_THREADS
        is_done = is_done && find_all(&literals, &hits, data.buf, ends.buf, n_rows);
        Py_END_ALLOW_THREADS
        if (is_done)
            result = PyBytes_FromStringAndSize((const char *)hits.hits,
                                               hits.n_hits * HIT * (Py_ssize_t)sizeof(int64_t));
        else
            PyErr_NoMemory();
        free(hits.hits);
        free(hits.window_ends);
    }
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&given);
    PyBuffer_Release(&given_ends);
    return result;
}

static PyMethodDef methods[] = {
    {"fold_lines", fold_lines, METH_VARARGS, "Fold rows of UTF-8, a space between them."},
    {"view_rows", view_rows, METH_VARARGS, "Make Arrow's views of rows of UTF-8."},
    {"find_hits", find_hits, METH_VARARGS, "Find literals in rows of UTF-8."},
    {"split_rows", split_rows, METH_VARARGS, "Find the lines of rows of UTF-8."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "marsad.parse._native", "Loops over bytes.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
