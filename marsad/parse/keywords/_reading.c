/* Keyword lines read by a model: their phrases, every way to cut them, and the best one.

Optional, as marsad/parse/_native.c is: NumPy finds the same to the last bit, at a tenth of the speed
(marsad/parse/keywords/reading.py says how, the modules that it names what each step is for, and
tests/parse/test_reading.py that both agree). So every product and sum here is made in the order in
which NumPy makes it, and no compiler may fuse the two (`-ffp-contract=off`).

A phrase is a cell: its first word, and its length less 1. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_room.h"

enum { MAX_WORDS = 8, MAX_CUT = 512, SCALE = 1 << 16, LEAST = SCALE / 64, NONE = -1 };
/* What marsad/parse/keywords/scores.py calls a feature, in its order; and its bins. */
enum { LENGTHS = 5, COUNTS = 4, COVERS = 3, PAIRS = 10 };
static const double COVER[COVERS - 1] = {0.4, 0.97}, PAIR_SHARE[2] = {0.34, 0.67};

#define WORD 0xD6E8FEB86659FD93u
#define STEP 0x9FB21C651E98DF25u

typedef struct {
    Py_ssize_t n_classes;
    const double *joint_classes, *length, *start, *end, *joint_text, *text, *repeated,
        *joint_repeated;
} Weights;

typedef struct {
    const uint64_t *hashes;
    const double *values;
    const int32_t *first;
    Py_ssize_t n, n_first;
    int shift;
} Table;

/* What is the same for every line. */
typedef struct {
    const int32_t *number; /* of each word, among the distinct ones */
    const uint64_t *hash;  /* of each distinct word, and so on */
    const uint8_t *kind;
    const double *rarity;
    Weights weights;
    Table phrases;
    const double *stages; /* of each, `Stage.share_unseen` and `Stage.n_unseen` */
    Py_ssize_t n_stages;
    double offset; /* of the form: e to the power of `FORM_OFFSET` */
} Given;

/* One line; what has a cell for each phrase stands in the order of the cells. */
typedef struct {
    uint64_t *hashes; /* lengths by words */
    uint16_t *counts; /* words by lengths, as all below but `reach` and `first` */
    uint8_t *again;   /* whether the line holds the phrase more than once */
    uint8_t *begins;
    int32_t *reach;
    int32_t *first; /* of each word, its first cell */
    uint64_t *phrase;
    int32_t *group; /* of a phrase that comes again, the number of what comes again */
    int32_t *row;   /* in the table */
    double *base, *form, *ratio, *weight, *chance, *joint;
    int64_t *sums; /* by group */
    uint8_t *taken;
    int32_t *slots;
    int8_t *chosen;
    Py_ssize_t n_hashes, n_counts, n_again, n_begins, n_reach, n_first, n_phrase, n_group, n_row,
        n_base, n_form, n_ratio, n_weight, n_chance, n_joint, n_sums, n_taken, n_slots, n_chosen;
} Room;

typedef struct {
    int64_t *cells, *values;
    uint64_t *phrases;
    Py_ssize_t n, n_cells, n_values, n_phrases;
} Found;

static uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 32)) * WORD;
    value = (value ^ (value >> 32)) * WORD;
    return value ^ (value >> 32);
}

/* Mark where a run of `size` words stands for the second time in a row, or third, and so on. */
static void mark_repetitions(Room *room, Py_ssize_t n, Py_ssize_t size)
{
    const uint64_t *hashes = room->hashes + (size - 1) * n;
    Py_ssize_t run = 0; /* how many words before this one a repetition began, and 1 */
    for (Py_ssize_t i = 0; i + 2 * size <= n; i++) {
        run = hashes[i] == hashes[i + size] ? run + 1 : 0;
        if (run != 0 && (run - 1) % size == 0)
            room->begins[i + size] = 1;
    }
}

/* Hash the phrases of a line, and number the cells: the phrases that go neither past a separator, nor
   into their own repetition. Returns how many there are, or -1 where memory is short. */
static Py_ssize_t lay_out(Room *room, const Given *given, const int32_t *number, Py_ssize_t n)
{
    if (!ROOM(room, hashes, n * MAX_WORDS) || !ROOM(room, begins, n + 1) || !ROOM(room, reach, n) ||
        !ROOM(room, first, n))
        return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        room->hashes[i] = mixed(given->hash[number[i]]);
        room->begins[i] = i % MAX_CUT == 0 || given->kind[number[i]] == 0 ||
                          (i > 0 && given->kind[number[i - 1]] == 0);
    }
    room->begins[n] = 1;
    for (Py_ssize_t length = 1; length < MAX_WORDS; length++) {
        const uint64_t *shorter = room->hashes + (length - 1) * n;
        uint64_t *longer = room->hashes + length * n;
        for (Py_ssize_t i = 0; i + length < n; i++)
            longer[i] = mixed(shorter[i] * STEP + given->hash[number[i + length]]);
    }
    for (Py_ssize_t size = 1; size <= MAX_WORDS / 2; size++)
        mark_repetitions(room, n, size);
    Py_ssize_t stop = n, n_cells = 0;
    for (Py_ssize_t i = n - 1; i >= 0; i--) {
        room->reach[i] = (int32_t)(stop - i < MAX_WORDS ? stop - i : MAX_WORDS);
        if (given->kind[number[i]] == 0)
            room->reach[i] = 0;
        if (room->begins[i])
            stop = i;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        room->first[i] = (int32_t)n_cells;
        n_cells += room->reach[i];
    }
    if (!ROOM(room, phrase, n_cells) || !ROOM(room, group, n_cells) || !ROOM(room, row, n_cells) ||
        !ROOM(room, base, n_cells) || !ROOM(room, form, n_cells) || !ROOM(room, ratio, n_cells) ||
        !ROOM(room, weight, n_cells) || !ROOM(room, chance, n_cells) ||
        !ROOM(room, sums, n_cells + 1) || !ROOM(room, taken, n_cells) ||
        !ROOM(room, joint, n + 1) || !ROOM(room, chosen, n + 1))
        return -1;
    for (Py_ssize_t i = 0; i < n; i++)
        for (int length = 0; length < room->reach[i]; length++)
            room->phrase[room->first[i] + length] = room->hashes[length * n + i];
    return n_cells;
}

/* Number the phrases that come again; returns how many there are, or -1 where memory is short. */
static Py_ssize_t find_again(Room *room, Py_ssize_t n)
{
    Py_ssize_t n_groups = 0, n_left = 0;
    int bits = 4;
    if (!ROOM(room, again, n * MAX_WORDS))
        return -1;
    memset(room->again, 0, (size_t)(n * MAX_WORDS));
    for (Py_ssize_t i = 0; i < n; i++) {
        for (int length = 0; length < room->reach[i]; length++)
            room->group[room->first[i] + length] = NONE;
        n_left += room->reach[i] > 0;
    }
    while ((Py_ssize_t)1 << bits < 2 * n_left)
        bits++;
    if (!ROOM(room, slots, (Py_ssize_t)1 << bits))
        return -1;
    const uint64_t last = ((uint64_t)1 << bits) - 1;
    for (int length = 0; length < MAX_WORDS && n_left > 0; length++) {
        /* A phrase can only come again where the phrase without its last word does. */
        n_left = 0;
        memset(room->slots, 0, sizeof *room->slots << bits);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (room->reach[i] <= length || (length > 0 && !room->again[i * MAX_WORDS + length - 1]))
                continue;
            const int32_t cell = room->first[i] + length;
            uint64_t slot = room->phrase[cell] >> (64 - bits);
            /* A slot holds the cell of a phrase where it comes first, and 1 more. */
            while (room->slots[slot] != 0 &&
                   room->phrase[room->slots[slot] - 1] != room->phrase[cell])
                slot = (slot + 1) & last;
            if (room->slots[slot] == 0) {
                room->slots[slot] = cell + 1;
                room->row[cell] = (int32_t)(i * MAX_WORDS + length); /* for a moment: its place */
                continue;
            }
            const int32_t first = room->slots[slot] - 1;
            if (room->group[first] == NONE) {
                room->group[first] = (int32_t)n_groups++;
                room->again[room->row[first]] = 1;
                n_left++;
            }
            room->group[cell] = room->group[first];
            room->again[i * MAX_WORDS + length] = 1;
            n_left++;
        }
    }
    return n_groups;
}

static int bin(double value, const double *bounds)
{
    return (value >= bounds[0]) + (value >= bounds[1]);
}

/* Which weight a pair has, by how it stands in the text. */
static int pair_of(const uint16_t *counts, Py_ssize_t second)
{
    const int one = counts[(second - 1) * MAX_WORDS], other = counts[second * MAX_WORDS];
    const int pair = counts[(second - 1) * MAX_WORDS + 1];
    if (pair == 0)
        return 2 * (one > 0) + (other > 0);
    const int rarer = one < other ? one : other;
    return 4 + 2 * bin((double)pair / (rarer > 1 ? rarer : 1), PAIR_SHARE) + (pair > 1);
}

/* Weigh every phrase by its form, and by its form and the text; see scores.py. */
static void weigh(Room *room, const Given *given, const int32_t *number, Py_ssize_t n)
{
    const Weights *weights = &given->weights;
    Py_ssize_t held = 0;
    for (Py_ssize_t i = 0; i < n; i++)
        held += room->counts[i * MAX_WORDS] > 0;
    const int cover = bin((double)held / (double)n, COVER);
    for (Py_ssize_t i = 0; i < n; i++) {
        double classes = 1, texts = 1, repetitions = 1;
        const int kind = given->kind[number[i]];
        for (int length = 0; length < room->reach[i]; length++) {
            const Py_ssize_t here = i + length;
            const int binned = length < LENGTHS ? length : LENGTHS - 1;
            const int count = room->counts[i * MAX_WORDS + length];
            const int end = given->kind[number[here]];
            if (length > 0) {
                const uint8_t *before = room->again + (here - 1) * MAX_WORDS;
                const int repeated = 4 * before[0] + 2 * before[MAX_WORDS] + before[1];
                const int previous = given->kind[number[here - 1]];
                classes *= weights->joint_classes[previous * weights->n_classes + end];
                texts *= weights->joint_text[cover * PAIRS + pair_of(room->counts, here)];
                repetitions *= weights->joint_repeated[repeated];
            }
            double form = classes * weights->length[length];
            form *= weights->start[kind];
            form *= weights->end[end];
            double evidence = texts;
            evidence *= weights->text[cover * LENGTHS * COUNTS + binned * COUNTS +
                                      (count < COUNTS ? count : COUNTS - 1)];
            evidence *= weights->repeated[room->again[i * MAX_WORDS + length] + 2 * binned];
            evidence *= repetitions;
            room->form[room->first[i] + length] = form;
            room->base[room->first[i] + length] = form * evidence;
        }
    }
}

/* Where the stretch ends that begins here: before the word from which no phrase goes on. */
static Py_ssize_t stretch_end(const Room *room, Py_ssize_t begin)
{
    Py_ssize_t at = begin;
    while (room->reach[at] != 1)
        at++;
    return at + 1;
}

/* Turn the weights of a stretch's phrases into their probabilities: the share of the weight of the
   cuts that hold them; see lattice.py. */
static void weigh_cuts(Room *room, Py_ssize_t begin, Py_ssize_t end)
{
    double before[MAX_WORDS] = {1}, steps[MAX_WORDS];
    const Py_ssize_t size = end - begin;
    for (Py_ssize_t joint = 1; joint <= size; joint++) {
        const Py_ssize_t longest = joint < MAX_WORDS ? joint : MAX_WORDS;
        double sum = 0;
        for (Py_ssize_t length = 0; length < longest; length++) {
            const int32_t cell = room->first[begin + joint - 1 - length] + (int32_t)length;
            steps[length] = before[length] * room->weight[cell];
            sum += steps[length];
        }
        const double part = 1 / sum;
        for (Py_ssize_t length = 0; length < longest; length++) {
            const int32_t cell = room->first[begin + joint - 1 - length] + (int32_t)length;
            room->chance[cell] = steps[length] * part;
        }
        for (int length = MAX_WORDS - 1; length > 0; length--)
            before[length] = before[length - 1] * part;
        before[0] = 1;
    }
    double *joints = room->joint;
    for (Py_ssize_t joint = 0; joint < size; joint++)
        joints[joint] = 0;
    joints[size] = 1;
    for (Py_ssize_t joint = size; joint > 0; joint--) {
        const Py_ssize_t longest = joint < MAX_WORDS ? joint : MAX_WORDS;
        for (Py_ssize_t length = 0; length < longest; length++) {
            const int32_t cell = room->first[begin + joint - 1 - length] + (int32_t)length;
            room->chance[cell] *= joints[joint];
            joints[joint - 1 - length] += room->chance[cell];
        }
    }
}

/* Take the phrases of the best cut of a stretch. */
static void take_best(Room *room, Py_ssize_t begin, Py_ssize_t end)
{
    double before[MAX_WORDS] = {1};
    const Py_ssize_t size = end - begin;
    for (Py_ssize_t joint = 1; joint <= size; joint++) {
        const Py_ssize_t longest = joint < MAX_WORDS ? joint : MAX_WORDS;
        double best = -1;
        for (Py_ssize_t length = 0; length < longest; length++) {
            const int32_t cell = room->first[begin + joint - 1 - length] + (int32_t)length;
            const double step = before[length] * room->weight[cell];
            if (step > best) {
                best = step;
                room->chosen[joint] = (int8_t)length;
            }
        }
        const double part = 1 / best;
        for (int length = MAX_WORDS - 1; length > 0; length--)
            before[length] = before[length - 1] * part;
        before[0] = 1;
    }
    for (Py_ssize_t joint = size; joint > 0; joint -= room->chosen[joint] + 1)
        room->taken[room->first[begin + joint - 1 - room->chosen[joint]] + room->chosen[joint]] = 1;
}

static void each_stretch(Room *room, Py_ssize_t n, void (*function)(Room *, Py_ssize_t, Py_ssize_t))
{
    Py_ssize_t at = 0;
    while (at < n) {
        if (room->reach[at] == 0) {
            at++;
            continue;
        }
        const Py_ssize_t end = stretch_end(room, at);
        function(room, at, end);
        at = end;
    }
}

/* What is asked for far away in memory is asked for a line at a time, before any of it is waited for. */
#if defined(__GNUC__)
#define SOON(address) __builtin_prefetch(address)
#else
#define SOON(address) ((void)0)
#endif

/* Look the phrases up, and tell how much likelier each is as one keyword than its words by chance. */
static void look_up(Room *room, const Given *given, const int32_t *number, Py_ssize_t n,
                    Py_ssize_t n_cells)
{
    const Table *table = &given->phrases;
    for (Py_ssize_t cell = 0; cell < n_cells; cell++)
        SOON(&table->first[room->phrase[cell] >> table->shift]);
    for (Py_ssize_t cell = 0; cell < n_cells; cell++) {
        room->row[cell] = table->first[room->phrase[cell] >> table->shift];
        SOON(&table->hashes[room->row[cell]]);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        double rarity = 1;
        for (int length = 0; length < room->reach[i]; length++) {
            const int32_t cell = room->first[i] + length;
            int32_t row = room->row[cell];
            rarity *= given->rarity[number[i + length]];
            while (table->hashes[row] < room->phrase[cell]) /* the last is larger than all */
                row++;
            if (row == table->n || table->hashes[row] != room->phrase[cell]) {
                room->row[cell] = NONE;
                continue;
            }
            room->row[cell] = row;
            room->ratio[cell] = rarity * given->offset / room->form[cell];
            SOON(&table->values[row * given->n_stages]);
        }
    }
}

/* Whole parts of SCALE, to the nearest and of two the even one, as NumPy rounds: no function is called
   for it where the processor has no instruction. */
static int64_t parts_of(double chance)
{
    const double whole = 6755399441055744.0; /* 1.5 times 2 to the 52nd: no fraction has room beside it */
    const double sum = chance * SCALE + whole;
    return (int64_t)(sum - whole);
}

/* Sum up how sure the line is of each phrase at all of its places, in parts of SCALE: in `sums` for
   what comes again. */
static void sum_up(Room *room, Py_ssize_t n_cells, Py_ssize_t n_groups)
{
    memset(room->sums, 0, sizeof *room->sums * (size_t)n_groups);
    for (Py_ssize_t cell = 0; cell < n_cells && n_groups > 0; cell++)
        if (room->group[cell] != NONE)
            room->sums[room->group[cell]] += parts_of(room->chance[cell]);
}

static int64_t share_of(const Room *room, Py_ssize_t cell)
{
    int64_t share = room->group[cell] == NONE ? parts_of(room->chance[cell])
                                              : room->sums[room->group[cell]];
    if (share > SCALE)
        share = SCALE;
    return share < LEAST ? 0 : share;
}

/* Read the line once for each stage of the model, each time judged by the reading before. */
static void read_stages(Room *room, const Given *given, Py_ssize_t n, Py_ssize_t n_cells,
                        Py_ssize_t n_groups)
{
    memcpy(room->weight, room->base, sizeof *room->base * (size_t)n_cells);
    for (Py_ssize_t stage = 0; stage < given->n_stages; stage++) {
        const double share_unseen = given->stages[2 * stage];
        const double n_unseen = given->stages[2 * stage + 1];
        each_stretch(room, n, weigh_cuts);
        sum_up(room, n_cells, n_groups);
        for (Py_ssize_t cell = 0; cell < n_cells; cell++) {
            room->weight[cell] = room->base[cell] * share_unseen;
            if (room->row[cell] == NONE)
                continue;
            const double times = given->phrases.values[room->row[cell] * given->n_stages + stage];
            const double others = times - (double)share_of(room, cell) / SCALE;
            if (others >= (double)LEAST / SCALE)
                room->weight[cell] *= 1 + others * (room->ratio[cell] / n_unseen);
        }
    }
}

/* What is asked of a line: all of its phrases; how sure it is of those that count; its best cut, and
   how sure of each phrase, whose bits stand in `values`. */
enum { EVERY, COUNTED, BEST };

static int write_line(Room *room, Found *found, int asked, Py_ssize_t word, Py_ssize_t n,
                      Py_ssize_t n_cells)
{
    const Py_ssize_t most = found->n + n_cells;
    if (!ROOM(found, cells, most) || !ROOM(found, values, most) || !ROOM(found, phrases, most))
        return 0;
    if (asked == BEST)
        each_stretch(room, n, take_best);
    for (Py_ssize_t i = 0; i < n; i++) {
        for (int length = 0; length < room->reach[i]; length++) {
            const int32_t cell = room->first[i] + length;
            int64_t value = 0;
            if (asked == BEST) {
                if (!room->taken[cell])
                    continue;
                memcpy(&value, &room->chance[cell], sizeof value);
            } else {
                /* Of a phrase that comes again every place has the sum: count the first. */
                const int32_t group = room->group[cell];
                if (group != NONE && room->taken[group])
                    continue;
                if (group != NONE)
                    room->taken[group] = 1;
                if (asked == COUNTED && (value = share_of(room, cell)) == 0)
                    continue;
            }
            found->cells[found->n] = (word + i) * MAX_WORDS + length;
            found->values[found->n] = value;
            found->phrases[found->n++] = room->phrase[cell];
        }
    }
    return 1;
}

/* Read a line of `n` words, the first of which is word number `word` of all; false where memory is
   short. */
static int read_line(Room *room, Found *found, const Given *given, int asked, Py_ssize_t word,
                     Py_ssize_t n)
{
    const int32_t *number = given->number + word;
    const Py_ssize_t n_cells = lay_out(room, given, number, n);
    if (n_cells < 0)
        return 0;
    const Py_ssize_t n_groups = find_again(room, n);
    if (n_groups < 0)
        return 0;
    memset(room->taken, 0, (size_t)n_cells);
    if (asked != EVERY) {
        weigh(room, given, number, n);
        if (given->n_stages > 0)
            look_up(room, given, number, n, n_cells);
        read_stages(room, given, n, n_cells, n_groups);
        each_stretch(room, n, weigh_cuts);
        sum_up(room, n_cells, n_groups);
    }
    return write_line(room, found, asked, word, n, n_cells);
}

/* Spans of lines: how many each line has, and of each its first word, its words and how often the
   text has it. */
typedef struct {
    const int64_t *sizes, *n_spans;
    const uint16_t *start, *count;
    const uint8_t *length;
} Lines;

static int read_all(Room *room, Found *found, const Given *given, const Lines *lines,
                    Py_ssize_t n_lines, int asked)
{
    Py_ssize_t word = 0, span = 0;
    for (Py_ssize_t line = 0; line < n_lines; line++) {
        const Py_ssize_t n = lines->sizes[line], last = span + lines->n_spans[line];
        if (n == 0) {
            span = last;
            continue;
        }
        if (!ROOM(room, counts, n * MAX_WORDS))
            return 0;
        memset(room->counts, 0, sizeof *room->counts * (size_t)(n * MAX_WORDS));
        for (; span < last; span++)
            room->counts[lines->start[span] * MAX_WORDS + lines->length[span] - 1] =
                lines->count[span];
        if (!read_line(room, found, given, asked, word, n))
            return 0;
        word += n;
    }
    return 1;
}

/* Everything comes from Python: what it says must lie within what is given. */
static const char *wrong_lines(const Lines *lines, Py_ssize_t n_lines, Py_ssize_t n_words,
                               Py_ssize_t n_spans)
{
    int64_t words = 0, spans = 0;
    for (Py_ssize_t line = 0; line < n_lines; line++) {
        const int64_t n = lines->sizes[line], here = lines->n_spans[line];
        if (n < 0 || n > INT32_MAX / MAX_WORDS || n > n_words - words || here < 0 ||
            here > n_spans - spans)
            return "lines are longer than what there is";
        for (int64_t span = spans; span < spans + here; span++)
            if (lines->length[span] < 1 || lines->length[span] > MAX_WORDS ||
                lines->start[span] + lines->length[span] > n)
                return "a span lies outside of its line";
        words += n;
        spans += here;
    }
    return words == n_words && spans == n_spans ? NULL : "there is more than the lines have";
}

static const char *wrong_given(const Given *given, Py_ssize_t n_words, Py_ssize_t n_distinct)
{
    for (Py_ssize_t i = 0; i < n_words; i++)
        if (given->number[i] < 0 || given->number[i] >= n_distinct)
            return "a word has no number";
    for (Py_ssize_t i = 0; i < n_distinct; i++)
        if (given->kind[i] >= given->weights.n_classes)
            return "a word has no class";
    const Table *table = &given->phrases;
    if (table->shift < 1 || table->shift > 63 || table->n_first >> (64 - table->shift) != 1)
        return "the table has not as many buckets as it says";
    if (table->n < 0 || table->hashes[table->n] != UINT64_MAX)
        return "the table has no end";
    for (Py_ssize_t i = 0; i < table->n_first; i++)
        if (table->first[i] < 0 || table->first[i] > table->n)
            return "a bucket lies outside of the table";
    return NULL;
}

static const char *wrong_weights(Weights *weights, const double *values, Py_ssize_t n,
                                 Py_ssize_t n_classes)
{
    const Py_ssize_t sizes[] = {n_classes * n_classes, MAX_WORDS, n_classes, n_classes,
                                COVERS * PAIRS, COVERS * LENGTHS * COUNTS, LENGTHS * 2, 8};
    const double **each[] = {&weights->joint_classes, &weights->length, &weights->start,
                             &weights->end, &weights->joint_text, &weights->text,
                             &weights->repeated, &weights->joint_repeated};
    weights->n_classes = n_classes;
    if (n_classes < 1 || n_classes > 255)
        return "there are no classes";
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *each[i] = values;
        values += sizes[i];
        n -= sizes[i];
    }
    return n == 0 ? NULL : "the weights are not as many as the features have";
}

static PyObject *bytes_from(const void *data, Py_ssize_t n)
{
    return PyBytes_FromStringAndSize(n ? data : "", n * 8);
}

enum { SIZES, N_SPANS, START, LENGTH, COUNT, NUMBER, HASH, KIND, RARITY, WEIGHTS, STAGES, HASHES,
       VALUES, FIRST, GIVEN };

static PyObject *read_lines(PyObject *self, PyObject *args)
{
    Py_buffer given_[GIVEN];
    Room room[1] = {{0}};
    Found found[1] = {{0}};
    PyObject *result = NULL;
    int asked, n_classes, shift;
    double offset;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*y*y*y*y*y*iiid:read_lines", &given_[SIZES],
                          &given_[N_SPANS], &given_[START], &given_[LENGTH], &given_[COUNT],
                          &given_[NUMBER], &given_[HASH], &given_[KIND], &given_[RARITY],
                          &given_[WEIGHTS], &given_[STAGES], &given_[HASHES], &given_[VALUES],
                          &given_[FIRST], &asked, &n_classes, &shift, &offset))
        return NULL;
    const Py_ssize_t n_lines = given_[SIZES].len / 8, n_spans = given_[LENGTH].len;
    const Py_ssize_t n_words = given_[NUMBER].len / 4, n_distinct = given_[KIND].len;
    const Lines lines = {given_[SIZES].buf, given_[N_SPANS].buf, given_[START].buf,
                         given_[COUNT].buf, given_[LENGTH].buf};
    Given given = {
        .number = given_[NUMBER].buf, .hash = given_[HASH].buf, .kind = given_[KIND].buf,
        .rarity = given_[RARITY].buf, .stages = given_[STAGES].buf,
        .n_stages = given_[STAGES].len / 16, .offset = offset,
        .phrases = {given_[HASHES].buf, given_[VALUES].buf, given_[FIRST].buf,
                    given_[HASHES].len / 8 - 1, given_[FIRST].len / 4, shift},
    };
    const char *wrong = NULL;
    if (given_[N_SPANS].len != given_[SIZES].len || given_[START].len != 2 * n_spans ||
        given_[COUNT].len != 2 * n_spans || given_[HASH].len != 8 * n_distinct ||
        given_[RARITY].len != 8 * n_distinct ||
        given_[VALUES].len != given_[HASHES].len * given.n_stages)
        wrong = "what belongs together is not as many";
    if (wrong == NULL)
        wrong = wrong_lines(&lines, n_lines, n_words, n_spans);
    if (wrong == NULL)
        wrong = wrong_weights(&given.weights, given_[WEIGHTS].buf, given_[WEIGHTS].len / 8,
                              n_classes);
    if (wrong == NULL)
        wrong = wrong_given(&given, n_words, n_distinct);
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
    } else {
        int is_done;
        Py_BEGIN_ALLOW_THREADS
        is_done = read_all(room, found, &given, &lines, n_lines, asked);
        Py_END_ALLOW_THREADS
        if (!is_done) {
            PyErr_NoMemory();
        } else {
            result = Py_BuildValue("NNN", bytes_from(found->cells, found->n),
                                   bytes_from(found->values, found->n),
                                   bytes_from(found->phrases, found->n));
        }
    }
    void *buffers[] = {room->hashes, room->counts, room->again,  room->begins, room->reach,
                       room->first,  room->phrase, room->group,  room->row,    room->base,
                       room->form,   room->ratio,  room->weight, room->chance, room->joint,
                       room->sums,   room->taken,  room->slots,  room->chosen, found->cells,
                       found->values, found->phrases};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        free(buffers[i]);
    for (int each = 0; each < GIVEN; each++)
        PyBuffer_Release(&given_[each]);
    return result;
}

/* Number words in the order in which each stands first. */
static Py_ssize_t number_all(const uint8_t *data, const int64_t *ends, Py_ssize_t n, uint64_t salt,
                             int bits, int32_t *slots, int32_t *number, int64_t *first)
{
    const uint64_t last = ((uint64_t)1 << bits) - 1;
    Py_ssize_t n_distinct = 0;
    int64_t start = 0;
    for (Py_ssize_t i = 0; i < n; start = ends[i++]) {
        const size_t size = (size_t)(ends[i] - start);
        uint64_t hash = salt + size;
        size_t at = 0;
        for (; at + 8 <= size; at += 8) {
            uint64_t unit;
            memcpy(&unit, data + start + at, 8);
            hash = (hash ^ (hash >> 32) ^ unit) * WORD;
            /* A secret factor, or it could be told which bits of the next eight bytes undo those of
               these, whatever the salt is. */
            hash = (hash ^ (hash >> 32)) * (salt | 1);
        }
        uint64_t rest = 0;
        memcpy(&rest, data + start + at, size - at);
        hash = mixed((hash ^ (hash >> 32) ^ rest) * (salt | 1));
        uint64_t slot = hash >> (64 - bits);
        for (; slots[slot] != 0; slot = (slot + 1) & last) {
            const int64_t other = first[slots[slot] - 1], begin = other ? ends[other - 1] : 0;
            if ((size_t)(ends[other] - begin) == size &&
                memcmp(data + begin, data + start, size) == 0)
                break;
        }
        if (slots[slot] == 0) {
            first[n_distinct] = i;
            slots[slot] = (int32_t)++n_distinct;
        }
        number[i] = slots[slot] - 1;
    }
    return n_distinct;
}

static PyObject *number_words(PyObject *self, PyObject *args)
{
    Py_buffer data, ends;
    unsigned long long salt; /* or words could be chosen that all fall into one slot */
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*K:number_words", &data, &ends, &salt))
        return NULL;
    const Py_ssize_t n = ends.len / 8;
    const int64_t *places = ends.buf;
    int64_t before = 0;
    int is_good = n < INT32_MAX;
    for (Py_ssize_t i = 0; i < n && is_good; before = places[i++])
        is_good = places[i] >= before && places[i] <= data.len;
    int bits = 10;
    while ((Py_ssize_t)1 << bits < 2 * n)
        bits++;
    int32_t *slots = calloc((size_t)1 << bits, sizeof *slots);
    int32_t *number = malloc((size_t)(n + 1) * sizeof *number);
    int64_t *first = malloc((size_t)(n + 1) * sizeof *first);
    if (!is_good) {
        PyErr_SetString(PyExc_ValueError, "a word lies outside of the text or over another");
    } else if (slots == NULL || number == NULL || first == NULL) {
        PyErr_NoMemory();
    } else {
        Py_ssize_t n_distinct;
        Py_BEGIN_ALLOW_THREADS
        n_distinct = number_all(data.buf, places, n, salt, bits, slots, number, first);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("y#y#", (char *)number, n * 4, (char *)first, n_distinct * 8);
    }
    free(slots);
    free(number);
    free(first);
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    return result;
}

static PyMethodDef methods[] = {
    {"number_words", number_words, METH_VARARGS, "Number words as each stands first."},
    {"read_lines", read_lines, METH_VARARGS, "Read lines by a model."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "marsad.parse.keywords._reading", "Keyword lines.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__reading(void) { return PyModule_Create(&module); }
