/* Titles into their words, and the signatures of every way to leave words out.

Optional, as marsad/parse/_native.c is: NumPy makes the same rows in the same order, at a fifth of the
speed (marsad/lake/titles.py says what a signature is, tests/lake/test_titles.py holds both ways
together). Nothing here knows a rule: how long titles may be, what a word's hash is, which words are
never left out and how many may be comes from the caller. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 255 }; /* of a title: their number is kept in a byte */
enum { FIRST_BITS = 12 };  /* of the number of slots that the table of words begins with */
enum { UNIT = 8, UNITS = 2 };
#define SPREAD 0xD6E8FEB86659FD93u
#define EACH_BYTE 0x0101010101010101u

/* A word: where it stands first, its hash, and its first bytes, by which nearly all words are told
   apart without a look at the text. */
typedef struct {
    int64_t start, size;
    uint64_t hash, units[UNITS];
} Word;

typedef struct {
    const uint8_t *data, *end;
    Word *words;    /* the distinct ones */
    int32_t *slots; /* of each, the number of its word and 1; 0 where it has none */
    Py_ssize_t n;
    int bits;
    uint64_t salt; /* or words could be chosen that all fall into one slot */
} Table;

static int is_table(Table *table, int bits)
{
    const size_t n_slots = (size_t)1 << bits;
    int32_t *slots = calloc(n_slots, sizeof *slots);
    Word *words = realloc(table->words, n_slots / 2 * sizeof *words);
    if (words != NULL)
        table->words = words;
    if (slots == NULL || words == NULL) {
        free(slots);
        return 0;
    }
    free(table->slots);
    table->slots = slots;
    table->bits = bits;
    for (Py_ssize_t i = 0; i < table->n; i++) {
        size_t slot = (size_t)(words[i].hash >> (64 - bits));
        while (slots[slot] != 0)
            slot = (slot + 1) & (n_slots - 1);
        slots[slot] = (int32_t)i + 1;
    }
    return 1;
}

/* Eight bytes of the text, the first the lowest; what stands behind its end is 0. */
static uint64_t unit_at(const uint8_t *at, const uint8_t *end)
{
    uint64_t unit = 0;
    if (end - at >= UNIT)
        memcpy(&unit, at, UNIT);
    else
        memcpy(&unit, at, (size_t)(end - at));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    unit = __builtin_bswap64(unit);
#endif
    return unit;
}

/* Read the word that begins at a place of a title; a space or the title's end is behind it. It is
   hashed in the same pass, eight bytes at a time. The last factor is secret: without it, which bits of
   a sum change with which of a word could be told beforehand, and be undone by the next eight. */
static Word read_word(const Table *table, int64_t start, int64_t title_end)
{
    Word word = {.start = start, .hash = table->salt};
    const uint8_t *at = table->data + start, *end = table->data + title_end;
    for (int64_t i = 0;; i++, at += UNIT) {
        uint64_t unit = unit_at(at, table->end);
        /* The lowest of these bits stands in the first byte that is a space. */
        const uint64_t others = unit ^ (EACH_BYTE * ' ');
        uint64_t spaces = (others - EACH_BYTE) & ~others & (EACH_BYTE << 7);
        if (end - at < UNIT)
            spaces |= (uint64_t)1 << (8 * (end - at) + 7);
        uint64_t before = UINT64_MAX;
        if (spaces != 0) {
            before = ((spaces & (0 - spaces)) >> 7) - 1;
            unit &= before;
        }
        if (i < UNITS)
            word.units[i] = unit;
        word.hash ^= unit;
        word.hash = (word.hash ^ (word.hash >> 32)) * SPREAD;
        word.hash = (word.hash ^ (word.hash >> 32)) * (table->salt | 1);
        if (spaces != 0) {
            word.size = i * UNIT + (int64_t)(((before & EACH_BYTE) * EACH_BYTE) >> 56);
            return word;
        }
    }
}

/* The number of a word among the distinct ones; -1 where memory is short. */
static int32_t number_of(Table *table, const Word *word)
{
    const size_t last = ((size_t)1 << table->bits) - 1;
    size_t slot = (size_t)(word->hash >> (64 - table->bits));
    for (; table->slots[slot] != 0; slot = (slot + 1) & last) {
        const Word *other = &table->words[table->slots[slot] - 1];
        if (other->size == word->size && other->units[0] == word->units[0] &&
            other->units[1] == word->units[1] &&
            (word->size <= UNITS * UNIT ||
             (other->hash == word->hash && memcmp(table->data + other->start,
                                                  table->data + word->start,
                                                  (size_t)word->size) == 0)))
            return table->slots[slot] - 1;
    }
    const int32_t number = (int32_t)table->n;
    table->words[table->n++] = *word;
    table->slots[slot] = number + 1;
    if ((size_t)table->n > last / 2 && !is_table(table, table->bits + 1))
        return -1;
    return number;
}

/* Write how many words each title has, 0 where they are too few or too many, and the numbers of those
   of the others. Returns how many numbers; -1 where memory is short. */
static Py_ssize_t split_all(Table *table, const int64_t *ends, Py_ssize_t n_titles, int least,
                            int most, uint8_t *sizes, int32_t *numbers)
{
    Word words[MOST_WORDS];
    int64_t start = 0;
    Py_ssize_t n = 0;
    for (Py_ssize_t title = 0; title < n_titles; start = ends[title++]) {
        int size = 0;
        int64_t at = start; /* of a word, of which there is one more than there are spaces */
        while (at <= ends[title] && size < most) {
            words[size] = read_word(table, at, ends[title]);
            at += words[size++].size + 1;
        }
        sizes[title] = size < least || at <= ends[title] ? 0 : (uint8_t)size;
        for (int i = 0; i < sizes[title]; i++)
            if ((numbers[n++] = number_of(table, &words[i])) < 0)
                return -1;
    }
    return n;
}

static PyObject *texts_of(const Table *table)
{
    PyObject *list = PyList_New(table->n);
    for (Py_ssize_t i = 0; list != NULL && i < table->n; i++) {
        PyObject *text = PyUnicode_DecodeUTF8((const char *)table->data + table->words[i].start,
                                              (Py_ssize_t)table->words[i].size, NULL);
        if (text == NULL || PyList_SetItem(list, i, text) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* How many words there may be: each ends at a space or with its title. */
static Py_ssize_t most_words(const Py_buffer *data, Py_ssize_t n_titles, int most)
{
    return data->len < n_titles * (most - 1) ? data->len + n_titles : n_titles * most;
}

/* Everything comes from Python: what it says must lie within what is given. */
static const char *wrong_titles(const Py_buffer *data, const Py_buffer *ends, int least, int most)
{
    const int64_t *end = ends->buf;
    const Py_ssize_t n = ends->len / 8;
    int64_t before = 0;
    if (ends->len % 8 != 0)
        return "ends are numbers of eight bytes";
    if (least < 1 || most < least || most > MOST_WORDS)
        return "titles have 1 word to 255";
    for (Py_ssize_t i = 0; i < n; before = end[i++])
        if (end[i] < before || end[i] > data->len)
            return "a title lies outside of the text or over another";
    return most_words(data, n, most) > INT32_MAX ? "too many titles at once" : NULL;
}

static PyObject *split_titles(PyObject *self, PyObject *args)
{
    Py_buffer data, ends;
    Table table = {0};
    PyObject *sizes = NULL, *numbers = NULL, *result = NULL;
    unsigned long long salt;
    int least, most;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*iiK:split_titles", &data, &ends, &least, &most, &salt))
        return NULL;
    const char *wrong = wrong_titles(&data, &ends, least, most);
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        goto finish;
    }
    const Py_ssize_t n_titles = ends.len / 8;
    sizes = PyByteArray_FromStringAndSize(NULL, n_titles);
    numbers = PyByteArray_FromStringAndSize(NULL, 4 * most_words(&data, n_titles, most));
    if (sizes == NULL || numbers == NULL)
        goto finish;
    uint8_t *to_sizes = (uint8_t *)PyByteArray_AsString(sizes);
    int32_t *to_numbers = (int32_t *)PyByteArray_AsString(numbers);
    Py_ssize_t n = -1;
    table.data = data.buf;
    table.end = table.data + data.len;
    table.salt = salt;
    Py_BEGIN_ALLOW_THREADS
    if (is_table(&table, FIRST_BITS))
        n = split_all(&table, ends.buf, n_titles, least, most, to_sizes, to_numbers);
    Py_END_ALLOW_THREADS
    if (n < 0) {
        PyErr_NoMemory();
    } else if (PyByteArray_Resize(numbers, n * 4) == 0) {
        PyObject *texts = texts_of(&table);
        if (texts != NULL)
            result = PyTuple_Pack(3, sizes, numbers, texts);
        Py_XDECREF(texts);
    }
finish:
    free(table.words);
    free(table.slots);
    Py_XDECREF(sizes);
    Py_XDECREF(numbers);
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    return result;
}

/* Titles as numbers of words; hashes of words and whether they are kept; and, by how many words stand
   before a place, and by how many are left out, what sums are multiplied by. */
typedef struct {
    const uint8_t *sizes;
    const uint64_t *title_hashes;
    const int32_t *numbers;
    const uint64_t *word_hashes;
    const uint8_t *kept;
    const uint64_t *powers, *inverses;
    const uint8_t *needed; /* words that a title must have for one to be left out, for two, … */
    Py_ssize_t n_titles, n_numbers, n_words, n_needed;
    int most;
} Titles;

typedef struct {
    uint64_t *signature, *title_hash;
    uint8_t *n_words, *n_left_out;
    Py_ssize_t n;
} Rows;

static void put(Rows *rows, uint64_t signature, uint64_t title_hash, int n_words, int n_left_out)
{
    rows->signature[rows->n] = signature;
    rows->title_hash[rows->n] = title_hash;
    rows->n_words[rows->n] = (uint8_t)n_words;
    rows->n_left_out[rows->n++] = (uint8_t)n_left_out;
}

static void sign_all(const Titles *titles, Rows *rows)
{
    /* Of all words before a place: what they sum up to, and how many are kept. */
    uint64_t sums[MOST_WORDS + 1];
    int kept[MOST_WORDS + 1];
    const int32_t *number = titles->numbers;
    sums[0] = 0;
    kept[0] = 0;
    for (Py_ssize_t title = 0; title < titles->n_titles; title++) {
        const int size = titles->sizes[title];
        const uint64_t hash = titles->title_hashes[title];
        if (size == 0)
            continue;
        for (int i = 0; i < size; i++, number++) {
            sums[i + 1] = sums[i] + titles->word_hashes[*number] * titles->powers[i];
            kept[i + 1] = kept[i] + (titles->kept[*number] != 0);
        }
        put(rows, sums[size], hash, size, 0);
        for (int n = 1; n <= titles->n_needed && titles->needed[n - 1] <= size; n++) {
            const int step = n == 1 ? 1 : size - n; /* one word anywhere, several at an end */
            for (int start = 0; start + n <= size; start += step) {
                if (kept[start + n] == kept[start])
                    put(rows, sums[start] + (sums[size] - sums[start + n]) * titles->inverses[n],
                        hash, size, n);
            }
        }
    }
}

static const char *wrong_words(const Titles *titles)
{
    Py_ssize_t n = 0;
    if (titles->most < 1 || titles->most > MOST_WORDS || titles->n_needed > titles->most)
        return "titles have 1 word to 255";
    for (Py_ssize_t i = 0; i < titles->n_needed; i++)
        if (titles->needed[i] < i + 2 || (i > 0 && titles->needed[i] < titles->needed[i - 1]))
            return "of a title words must stay, and of the longer no fewer";
    for (Py_ssize_t i = 0; i < titles->n_titles; i++) {
        if (titles->sizes[i] > titles->most)
            return "a title has too many words";
        n += titles->sizes[i];
    }
    if (n != titles->n_numbers)
        return "there are not as many words as titles have";
    for (Py_ssize_t i = 0; i < n; i++)
        if (titles->numbers[i] < 0 || titles->numbers[i] >= titles->n_words)
            return "a word has no hash";
    return NULL;
}

/* The most rows that there may be: as many as if no word were kept. */
static Py_ssize_t room_for(const Titles *titles)
{
    Py_ssize_t rows[MOST_WORDS + 1], n = 0;
    for (int size = 0; size <= MOST_WORDS; size++) {
        rows[size] = size > 0;
        for (Py_ssize_t i = 0; i < titles->n_needed && titles->needed[i] <= size; i++)
            rows[size] += i == 0 ? size : 2;
    }
    for (Py_ssize_t i = 0; i < titles->n_titles; i++)
        n += rows[titles->sizes[i]];
    return n;
}

enum { SIZES, TITLE_HASHES, NUMBERS, WORD_HASHES, ARE_KEPT, POWERS, INVERSES, NEEDED, GIVEN };
enum { COLUMNS = 4 };

static PyObject *sign_titles(PyObject *self, PyObject *args)
{
    Py_buffer given[GIVEN];
    PyObject *columns[COLUMNS] = {NULL}, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*:sign_titles", &given[SIZES],
                          &given[TITLE_HASHES], &given[NUMBERS], &given[WORD_HASHES],
                          &given[ARE_KEPT], &given[POWERS], &given[INVERSES], &given[NEEDED]))
        return NULL;
    const Py_ssize_t n_powers = given[POWERS].len / 8;
    const Titles titles = {
        given[SIZES].buf, given[TITLE_HASHES].buf, given[NUMBERS].buf, given[WORD_HASHES].buf,
        given[ARE_KEPT].buf, given[POWERS].buf, given[INVERSES].buf, given[NEEDED].buf,
        given[SIZES].len, given[NUMBERS].len / 4, given[ARE_KEPT].len, given[NEEDED].len,
        n_powers > MOST_WORDS + 1 ? MOST_WORDS + 1 : (int)n_powers - 1,
    };
    const char *wrong = NULL;
    if (given[TITLE_HASHES].len != 8 * titles.n_titles || given[NUMBERS].len % 4 != 0 ||
        given[WORD_HASHES].len != 8 * titles.n_words || given[POWERS].len % 8 != 0 ||
        given[INVERSES].len != given[POWERS].len)
        wrong = "what belongs together is not as many";
    if (wrong == NULL)
        wrong = wrong_words(&titles);
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        goto finish;
    }
    const Py_ssize_t room = room_for(&titles);
    const Py_ssize_t widths[COLUMNS] = {8, 8, 1, 1};
    for (int i = 0; i < COLUMNS; i++)
        if ((columns[i] = PyByteArray_FromStringAndSize(NULL, room * widths[i])) == NULL)
            goto finish;
    Rows rows = {
        (uint64_t *)PyByteArray_AsString(columns[0]), (uint64_t *)PyByteArray_AsString(columns[1]),
        (uint8_t *)PyByteArray_AsString(columns[2]), (uint8_t *)PyByteArray_AsString(columns[3]), 0,
    };
    Py_BEGIN_ALLOW_THREADS
    sign_all(&titles, &rows);
    Py_END_ALLOW_THREADS
    for (int i = 0; i < COLUMNS; i++)
        if (PyByteArray_Resize(columns[i], rows.n * widths[i]) < 0)
            goto finish;
    result = PyTuple_Pack(COLUMNS, columns[0], columns[1], columns[2], columns[3]);
finish:
    for (int i = 0; i < COLUMNS; i++)
        Py_XDECREF(columns[i]);
    for (int i = 0; i < GIVEN; i++)
        PyBuffer_Release(&given[i]);
    return result;
}

static PyMethodDef methods[] = {
    {"split_titles", split_titles, METH_VARARGS, "Split titles into words and number them."},
    {"sign_titles", sign_titles, METH_VARARGS, "Make the signatures of titles of numbered words."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "marsad.lake._titles", "Signatures of titles.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__titles(void) { return PyModule_Create(&module); }
