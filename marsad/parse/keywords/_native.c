/* Which phrases of keyword lines stand in their articles' texts, read by a loop of its own.

Optional, as marsad/parse/_native.c is: NumPy finds the same (marsad/parse/keywords/evidence.py, which
says what stands where, and its tests), at a quarter of the speed.

The words of a line get numbers, and its phrases are the nodes of a tree: a phrase's node is reached
from that of the phrase without its last word. So a line costs no more than it has phrases, and a text
no more than its words, however often either repeats itself. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_room.h"

enum { MAX_WORDS = 8, MAX_LINE = 1 << 16, MAX_COUNT = 0xFFFF };
enum { OPENING_BITS = 12 };
enum { UNIT = 8, LETTER = 2, LEAST_LETTERS = 3, NONE = -1 };
enum { WAW = 0x88D9, FEH = 0x81D9, BEH = 0xA8D8, LAM = 0x84D9, KAF = 0x83D9, ALEF = 0xA7D8 };

#define ONES 0x0101010101010101u
#define HIGH 0x8080808080808080u
#define SPREAD 0xD6E8FEB86659FD93u

/* A word: its bytes, the first eight of them as a number (the others are zero), and its number. */
typedef struct {
    const uint8_t *start;
    Py_ssize_t size;
    uint64_t first;
    int32_t number;
} Word;

/* A child in the tree: parent and number of the word, and its own node; of an empty slot 0. */
typedef struct {
    uint64_t key;
    int32_t node;
} Child;

typedef struct {
    Word *words; /* of the line */
    int32_t *slots; /* by hash, a word's place in `words` and 1 more; 0 for none */
    Child *children;
    int32_t *counts; /* by node */
    int32_t *nodes; /* by word and length */
    int32_t *text; /* of each word of the text, its number in the line, or NONE */
    int32_t *behind; /* and of what stands behind its proclitic */
    int32_t *spans;
    Py_ssize_t n_words, n_slots, n_children, n_counts, n_nodes, n_text, n_behind, n_spans;
    uint64_t salt;
    uint8_t opens[1 << OPENING_BITS]; /* whether a word of the line may begin so */
} Room;

/* Read up to eight bytes; those past the end are zero. The lowest comes first, whatever the machine. */
static uint64_t unit(const uint8_t *at, const uint8_t *end)
{
    uint64_t value = 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (end - at >= UNIT) {
        memcpy(&value, at, UNIT);
        return value;
    }
#endif
    for (int i = 0; i < UNIT && at + i < end; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* Of eight bytes, how many stand before the first space or line end. */
static int length_of(uint64_t value)
{
    uint64_t breaks = (value - 0x21 * ONES) & ~value & HIGH;
    if (breaks == 0)
        return UNIT;
#if defined(__GNUC__)
    return __builtin_ctzll(breaks) >> 3;
#else
    int n = 0;
    while (!(breaks & 0x80)) {
        breaks >>= 8;
        n++;
    }
    return n;
#endif
}

static uint64_t kept(uint64_t value, Py_ssize_t size)
{
    return size >= UNIT ? value : value & (((uint64_t)1 << 8 * size) - 1);
}

/* Read the next word, if there is one, and go on to what stands behind it. */
static int next_word(const uint8_t **at, const uint8_t *end, Word *word)
{
    while (*at < end && **at <= ' ')
        (*at)++;
    if (*at == end)
        return 0;
    word->start = *at;
    int length = UNIT;
    while (length == UNIT && *at < end) {
        const uint64_t value = unit(*at, end);
        if (*at == word->start)
            word->first = value;
        length = length_of(value); /* past the end are zeros, which break too */
        *at += length;
    }
    word->size = *at - word->start;
    word->first = kept(word->first, word->size);
    return 1;
}

/* The salt is secret, and odd: words that all have one hash cannot be chosen. As a factor too, or it
   could be told which bits of the next eight bytes undo those of these. */
static uint64_t hash_of(const Word *word, uint64_t salt)
{
    uint64_t hash = (word->first ^ (uint64_t)word->size ^ salt) * SPREAD;
    const uint8_t *end = word->start + word->size;
    for (const uint8_t *at = word->start + UNIT; at < end; at += UNIT) {
        hash = (hash ^ (hash >> 32)) * salt + unit(at, end);
        hash *= SPREAD;
    }
    return (hash ^ (hash >> 32)) * salt;
}

static int are_equal(const Word *one, const Word *other)
{
    return one->size == other->size && one->first == other->first &&
           (one->size <= UNIT ||
            memcmp(one->start + UNIT, other->start + UNIT, (size_t)(one->size - UNIT)) == 0);
}

/* The slot that holds a word, or the empty one that may. */
static int32_t *slot_of(const Room *room, int bits, const Word *word)
{
    const uint64_t last = ((uint64_t)1 << bits) - 1;
    uint64_t slot = hash_of(word, room->salt) >> (64 - bits);
    while (room->slots[slot] != 0 && !are_equal(&room->words[room->slots[slot] - 1], word))
        slot = (slot + 1) & last;
    return &room->slots[slot];
}

/* Most words of a text begin as no word of the line does, and are looked at no further. */
static uint64_t opening_of(const Word *word) { return word->first * SPREAD >> (64 - OPENING_BITS); }

static int32_t number_of(const Room *room, int bits, const Word *word)
{
    if (!room->opens[opening_of(word)])
        return NONE;
    const int32_t found = *slot_of(room, bits, word);
    return found == 0 ? NONE : room->words[found - 1].number;
}

/* The place of a child, or the empty one where it may be. */
static Child *child_of(const Room *room, int bits, int32_t node, int32_t number)
{
    const uint64_t key = (uint64_t)node << 32 | (uint32_t)number;
    const uint64_t last = ((uint64_t)1 << bits) - 1;
    uint64_t at = (key ^ (key >> 29)) * room->salt >> (64 - bits);
    while (room->children[at].node != 0 && room->children[at].key != key)
        at = (at + 1) & last;
    room->children[at].key = key;
    return &room->children[at];
}

/* Bits that number so many slots with room between them. */
static int bits_for(Py_ssize_t n)
{
    int bits = 6;
    while ((Py_ssize_t)1 << bits < 4 * n)
        bits++;
    return bits;
}

/* What stands behind a proclitic of a word of more than three letters; `لل` goes on with `ال`. */
static int behind_proclitic(const Word *word, const uint8_t *text_end, Word *rest)
{
    const uint64_t letter = word->first & 0xFFFF;
    if (letter != WAW && letter != FEH && letter != BEH && letter != LAM && letter != KAF)
        return 0;
    if (word->size <= UNIT) {
        Py_ssize_t n_letters = 0;
        for (Py_ssize_t i = 0; i < word->size; i++)
            n_letters += (word->start[i] & 0xC0) != 0x80;
        if (n_letters <= LEAST_LETTERS)
            return 0;
    }
    *rest = *word;
    if (letter == LAM && (word->first >> 16 & 0xFFFF) == LAM) {
        rest->first ^= LAM ^ ALEF;
        return 1;
    }
    rest->start += LETTER;
    rest->size -= LETTER;
    rest->first = kept(unit(rest->start, text_end), rest->size);
    return 1;
}

typedef struct {
    int slot_bits, child_bits;
    Py_ssize_t n_words; /* those past MAX_LINE too, of which no phrase begins with one */
} Line;

/* Number the words of a line, and make the tree of its phrases; false where memory is short. */
static int read_line(Room *room, Line *line, const uint8_t *at, const uint8_t *end)
{
    Py_ssize_t n = 0;
    Word word;
    while (next_word(&at, end, &word)) {
        if (!ROOM(room, words, n + 1))
            return 0;
        room->words[n++] = word;
    }
    line->n_words = n;
    const Py_ssize_t n_first = n < MAX_LINE ? n : MAX_LINE;
    line->slot_bits = bits_for(n_first);
    if (!ROOM(room, slots, (Py_ssize_t)1 << line->slot_bits) ||
        !ROOM(room, nodes, n_first * MAX_WORDS))
        return 0;
    memset(room->slots, 0, sizeof *room->slots << line->slot_bits);
    memset(room->opens, 0, sizeof room->opens);
    int32_t n_nodes = 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        int32_t *slot = slot_of(room, line->slot_bits, &room->words[i]);
        if (*slot != 0) {
            room->words[i].number = room->words[*slot - 1].number;
        } else if (i < MAX_LINE) {
            room->words[i].number = n_nodes++;
            room->opens[opening_of(&room->words[i])] = 1;
            *slot = (int32_t)i + 1;
        } else {
            room->words[i].number = NONE;
        }
    }
    line->child_bits = bits_for(n_first * (MAX_WORDS - 1) / 2);
    if (!ROOM(room, children, (Py_ssize_t)1 << line->child_bits))
        return 0;
    memset(room->children, 0, sizeof *room->children << line->child_bits);
    for (Py_ssize_t i = 0; i < n_first; i++) {
        int32_t node = room->words[i].number; /* a word's number is its node */
        room->nodes[i * MAX_WORDS] = node;
        for (Py_ssize_t length = 2; length <= MAX_WORDS; length++) {
            const Py_ssize_t last = i + length - 1;
            if (node != 0) {
                if (last >= n || room->words[last].number == NONE) {
                    node = 0;
                } else {
                    Child *child = child_of(room, line->child_bits, node, room->words[last].number);
                    if (child->node == 0)
                        child->node = n_nodes++;
                    node = child->node;
                }
            }
            room->nodes[i * MAX_WORDS + length - 1] = node;
        }
    }
    if (!ROOM(room, counts, n_nodes))
        return 0;
    memset(room->counts, 0, sizeof *room->counts * (size_t)n_nodes);
    return 1;
}

/* Count a phrase that begins here, and every longer one. */
static void count_from(Room *room, const Line *line, int32_t node, Py_ssize_t at, Py_ssize_t n)
{
    for (int length = 1; node != 0; length++) {
        room->counts[node]++;
        if (length == MAX_WORDS || ++at == n || room->text[at] == NONE)
            return;
        node = child_of(room, line->child_bits, node, room->text[at])->node;
    }
}

/* Count the phrases of the line in a text; false where memory is short. */
static int read_text(Room *room, const Line *line, const uint8_t *at, const uint8_t *end)
{
    Py_ssize_t n = 0;
    Word word, rest;
    while (next_word(&at, end, &word)) {
        if (!ROOM(room, text, n + 1) || !ROOM(room, behind, n + 1))
            return 0;
        room->text[n] = number_of(room, line->slot_bits, &word);
        room->behind[n] = behind_proclitic(&word, end, &rest)
                              ? number_of(room, line->slot_bits, &rest)
                              : NONE;
        n++;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (room->text[i] != NONE)
            count_from(room, line, room->text[i], i, n);
        if (room->behind[i] != NONE)
            count_from(room, line, room->behind[i], i, n);
    }
    return 1;
}

/* Write row, start, length and count of the phrases that were found; return how many spans there are
   then, or -1 where memory is short. */
static Py_ssize_t write_spans(Room *room, const Line *line, Py_ssize_t row, Py_ssize_t n_spans)
{
    const Py_ssize_t n_first = line->n_words < MAX_LINE ? line->n_words : MAX_LINE;
    if (!ROOM(room, spans, 4 * (n_spans + n_first * MAX_WORDS)))
        return -1;
    for (Py_ssize_t i = 0; i < n_first; i++) {
        for (int length = 1; length <= MAX_WORDS; length++) {
            const int32_t node = room->nodes[i * MAX_WORDS + length - 1];
            if (node == 0 || room->counts[node] == 0)
                break;
            int32_t *span = room->spans + 4 * n_spans++;
            span[0] = (int32_t)row;
            span[1] = (int32_t)i;
            span[2] = length;
            span[3] = room->counts[node] < MAX_COUNT ? room->counts[node] : MAX_COUNT;
        }
    }
    return n_spans;
}

/* Places come from Python: what they say must lie within what they are given. */
static int are_rows(const Py_buffer *data, const Py_buffer *ends, Py_ssize_t n_rows)
{
    const int64_t *places = ends->buf;
    int64_t before = 0;
    if (ends->len != n_rows * (Py_ssize_t)sizeof(int64_t)) {
        PyErr_SetString(PyExc_ValueError, "lines, titles and texts must be as many");
        return 0;
    }
    for (Py_ssize_t row = 0; row < n_rows; row++) {
        if (places[row] < before || places[row] > data->len) {
            PyErr_Format(PyExc_ValueError, "row %zd lies outside of the text or over another", row);
            return 0;
        }
        before = places[row];
    }
    return 1;
}

static const uint8_t *row_start(const Py_buffer *data, const Py_buffer *ends, Py_ssize_t row)
{
    return (const uint8_t *)data->buf + (row ? ((const int64_t *)ends->buf)[row - 1] : 0);
}

static const uint8_t *row_end(const Py_buffer *data, const Py_buffer *ends, Py_ssize_t row)
{
    return (const uint8_t *)data->buf + ((const int64_t *)ends->buf)[row];
}

enum { LINES, TITLES, TEXTS, GIVEN };

static PyObject *find_spans(PyObject *self, PyObject *args)
{
    Py_buffer data[GIVEN], ends[GIVEN];
    PyObject *result = NULL;
    Room room[1] = {{0}};
    unsigned long long salt;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*K:find_spans", &data[LINES], &ends[LINES],
                          &data[TITLES], &ends[TITLES], &data[TEXTS], &ends[TEXTS], &salt))
        return NULL;
    room->salt = salt | 1;
    const Py_ssize_t n_rows = ends[LINES].len / (Py_ssize_t)sizeof(int64_t);
    int are_good = 1;
    for (int each = 0; each < GIVEN; each++)
        are_good = are_good && are_rows(&data[each], &ends[each], n_rows);
    if (are_good) {
        Py_ssize_t n_spans = 0;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < n_rows && n_spans >= 0; row++) {
            Line line;
            int is_done = read_line(room, &line, row_start(&data[LINES], &ends[LINES], row),
                                    row_end(&data[LINES], &ends[LINES], row));
            for (int each = TITLES; each <= TEXTS && is_done; each++)
                is_done = read_text(room, &line, row_start(&data[each], &ends[each], row),
                                    row_end(&data[each], &ends[each], row));
            n_spans = is_done ? write_spans(room, &line, row, n_spans) : -1;
        }
        Py_END_ALLOW_THREADS
        if (n_spans < 0)
            PyErr_NoMemory();
        else
            result = PyBytes_FromStringAndSize((const char *)room->spans,
                                               n_spans * 4 * (Py_ssize_t)sizeof(int32_t));
    }
    void *buffers[] = {room->words, room->slots, room->children, room->counts,
                       room->nodes, room->text,  room->behind,   room->spans};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        free(buffers[i]);
    for (int each = 0; each < GIVEN; each++) {
        PyBuffer_Release(&data[each]);
        PyBuffer_Release(&ends[each]);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"find_spans", find_spans, METH_VARARGS, "Find phrases of lines in texts."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "marsad.parse.keywords._native", "Phrases in texts.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
