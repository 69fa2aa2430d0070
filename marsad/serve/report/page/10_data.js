// What the page was given, and how its counts are asked.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const data = read('data');
const labels = read('labels');
const specs = read('charts');
const meta = data.meta;
const DAY = 86400000;

const time = (day) => Date.parse(day + 'T00:00:00Z');
const dayOf = (number) => new Date(time(meta.cube_since) + number * DAY).toISOString().slice(0, 10);
const dayNo = (day) => Math.round((time(day) - time(meta.cube_since)) / DAY);
const NO_HOUR = 24;
const nPublishers = (meta.n_top ?? 0) + 2;

// One row for each count: keyword (0: all articles, 1: tagged ones, then data.keywords), day,
// publisher, hour.
const cube = [];
{
  let cell = 0;
  const steps = data.cube ? data.cube.steps : [];
  steps.forEach((step, index) => {
    cell += step;
    let rest = cell;
    const hour = rest % 25; rest = (rest - hour) / 25;
    const publisher = rest % nPublishers; rest = (rest - publisher) / nPublishers;
    const day = rest % meta.n_days;
    cube.push({ keyword: (rest - day) / meta.n_days, day, publisher, hour, n: data.cube.counts[index] });
  });
}

// Filters: publisher and keyword are numbers or null, from and to are numbers of days.
const whole = () => ({ publisher: null, keyword: null, from: dayNo(meta.since), to: meta.n_days - 1 });
let chosen = meta.night ? whole() : null;

const sum = (rows, by) => {
  const totals = new Map();
  for (const row of rows) totals.set(row[by], (totals.get(row[by]) ?? 0) + row.n);
  return totals;
};
const ofPublisher = (row) => chosen.publisher === null || row.publisher === chosen.publisher;
const inDays = (row) => row.day >= chosen.from && row.day <= chosen.to;
// Articles of the choice; `keyword` is a row number of the cube.
const counted = (keyword = chosen.keyword === null ? 0 : chosen.keyword + 2) =>
  cube.filter((row) => row.keyword === keyword && ofPublisher(row) && inDays(row));
const days = () => Array.from({ length: chosen.to - chosen.from + 1 }, (_, i) => chosen.from + i);

// The burst of each keyword on one day, as in the mart keyword_days: against what the seven days
// before lead one to expect of the same publishers.
function bursts(day) {
  const before = (row) => row.day < day && row.day >= day - 7;
  const total = (rows) => rows.reduce((n, row) => n + row.n, 0);
  const own = cube.filter(ofPublisher);
  const tagged = own.filter((row) => row.keyword === 1);
  const now = total(tagged.filter((row) => row.day === day));
  const past = total(tagged.filter(before));
  if (!past) return [];
  return data.keywords.map((keyword, number) => {
    const rows = own.filter((row) => row.keyword === number + 2);
    const n = total(rows.filter((row) => row.day === day));
    const expected = total(rows.filter(before)) / past * now;
    return { number, n, expected, burst: (n - expected) / Math.sqrt(expected + 1) };
  }).filter((row) => row.n > 0 && row.burst > 0)
    .sort((a, b) => b.burst - a.burst || a.number - b.number);
}
