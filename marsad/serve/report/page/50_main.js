// The page itself: its words, its filters, and what happens when either changes.
const at = (id) => document.getElementById(id);
const figures = [...document.querySelectorAll('[data-chart]')];

function writeWords() {
  document.documentElement.lang = lang;
  document.documentElement.dir = rtl() ? 'rtl' : 'ltr';
  for (const each of document.querySelectorAll('[data-label]')) each.textContent = word(each.dataset.label);
  for (const each of document.querySelectorAll('[data-label-aria]')) each.setAttribute('aria-label', word(each.dataset.labelAria));
  at('language').textContent = rtl() ? 'English' : 'العربية';
  at('language').lang = rtl() ? 'en' : 'ar';
  at('theme').textContent = word(isDark() ? 'theme_light' : 'theme_dark');
  nameAll();
  const title = meta.night ? word('night_of', { night: longDate(meta.night) }) : word('no_night');
  at('night').textContent = title;
  document.title = `${word('brand')} · ${title}`;
  writeSummary();
  writeQuality();
  const about = data.about ?? {};
  at('about').textContent = about.last_published_at ? word('built_from', { articles: number(Number(about.articles ?? 0)),
    days: number(Number(about.days ?? 0)), published: isolated(about.last_published_at) }) : '';
}

function writeSummary() {
  at('tiles').replaceChildren();
  if (!meta.night) { at('verdict').textContent = word('no_night_text'); return; }
  const runs = data.runs.filter((run) => run.night === meta.night);
  const last = data.runs.at(-1);
  const audited = runs.reduce((n, run) => n + run.n_expectations, 0);
  const verdict = at('verdict');
  if (last && last.status !== 'published') {
    verdict.replaceChildren(element('span', word('verdict_bad', { error: isolated(last.error ?? '') }), { class: 'bad' }));
  } else if (runs.length) {
    verdict.replaceChildren(element('span', word('verdict_good', { all: number(audited), held: number(audited - runs.reduce((n, run) => n + run.n_failed, 0)) }), { class: 'good' }));
  } else verdict.textContent = word('verdict_none');
  const coverage = data.coverage;
  const tonight = coverage.find((row) => row.day === meta.night);
  const before = coverage.filter((row) => row.day < meta.night && !row.is_gap).slice(-28);
  const usual = (name) => {
    if (!before.length) return word('first_night');
    const values = before.map((row) => row[name]).sort((a, b) => a - b);
    return word('usual', { n: number(values[Math.floor(values.length / 2)]) });
  };
  const all = (name) => runs.reduce((n, run) => n + (run[name] ?? 0), 0);
  const risen = bursts(meta.n_days - 1)[0];
  const tiles = [
    ['tile_pages', number(tonight.n_pages), usual('n_pages')],
    ['tile_new', number(tonight.n_new_articles), usual('n_new_articles')],
    ['tile_publishers', number(tonight.n_publishers), usual('n_publishers')],
    ['tile_rejects', number(all('n_rejects')), word('of_records', { n: number(all('n_records')) })],
  ];
  if (risen) tiles.push(['tile_rising', data.keywords[risen.number], `${word('articles')}: ${number(risen.n)}`]);
  for (const [name, figure, beside] of tiles) {
    const tile = element('div');
    const value = element('dd', null, { class: 'figure' });
    value.append(element('bdi', figure));
    tile.append(element('dt', word(name)), value, element('dd', beside, { class: 'beside' }));
    at('tiles').append(tile);
  }
}

const docsOf = (run) => {
  // Data Docs keep the last thirty runs, as this list does.
  if (!run.n_expectations) return '';
  const link = element('a', word('data_docs'), { href: `${meta.docs}/runs/${encodeURIComponent(run.run_id)}/index.html` });
  link.setAttribute('aria-label', `${word('docs_of_run')} ${date(run.night)}`);
  return link;
};

function writeQuality() {
  at('expectations').replaceChildren();
  at('runs').replaceChildren();
  at('docs').replaceChildren();
  if (!meta.night) return;
  at('docs').append(word('docs'), element('a', word('data_docs'), { href: `${meta.docs}/index.html` }));
  const failed = data.expectations.filter((row) => !row.success);
  const ofNight = data.runs.filter((run) => data.expectations.some((row) => row.back === run.back));
  const all = ofNight.reduce((n, run) => n + run.n_expectations, 0);
  const held = all - ofNight.reduce((n, run) => n + run.n_failed, 0);
  const text = !all ? word('expectations_empty') : held === all ? word('expectations_all_held', { all: number(all) })
    : word('expectations_held', { n: number(held), all: number(all) });
  at('expectations').append(element('p', text));
  if (failed.length) {
    at('expectations').append(table({ head: ['expectation', 'severity', 'observed'].map((name) => word(name)),
      rows: failed.map((row) => [row.description ?? row.expectation ?? '—',
        labels['severity_' + row.severity] ? word('severity_' + row.severity) : row.severity ?? '', row.observed ?? '']) }, word('expectations')));
  }
  at('runs').append(table({ head: ['night', 'status_column', 'records', 'rejected', 'failed', 'links'].map((name) => word(name)),
    rows: [...data.runs].reverse().map((run) => [date(run.night, { day: 'numeric', month: 'short', year: 'numeric' }),
      labels['status_' + run.status] ? word('status_' + run.status) : run.status, run.n_records ?? 0, run.n_rejects ?? 0, run.n_failed, docsOf(run)]) }, word('runs')));
}

function writeFilters() {
  const options = (select, first, entries, value) => {
    select.replaceChildren(new Option(first, ''), ...entries.map(([no, text]) => new Option(text, String(no))));
    for (const option of select.options) option.dir = 'auto';
    select.value = value === null ? '' : String(value);
  };
  const totals = sum(cube.filter((row) => row.keyword === 0), 'publisher');
  const publishers = Array.from({ length: nPublishers }, (_, no) => no).filter((no) => totals.get(no));
  options(at('by-publisher'), word('all_publishers'), publishers.map((no) => [no, publisherName(no, true)]), chosen.publisher);
  options(at('by-keyword'), word('all_keywords'), data.keywords.map((text, no) => [no, text]), chosen.keyword);
  for (const id of ['from', 'to']) {
    Object.assign(at(id), { min: meta.since, max: meta.night, value: dayOf(chosen[id]) });
  }
  at('filters').hidden = false;
  at('status').textContent = word('status', { n: number(counted().reduce((n, row) => n + row.n, 0)),
    from: date(dayOf(chosen.from)), to: date(dayOf(chosen.to)) });
}

// One drawing at a time: the last wish counts.
let drawing = Promise.resolve();
function drawAll(isStale) {
  if (isStale) for (const entry of views.values()) entry.isStale = true;
  writeFilters();
  document.body.dataset.drawn = 'no';
  drawing = drawing.then(async () => {
    for (const figure of figures) await draw(figure);
    document.body.dataset.drawn = 'yes';
  });
  return drawing;
}

function choose(name, value) {
  chosen = { ...chosen, [name]: chosen[name] === value ? null : value };
  drawAll(false);
}

const isDark = () => {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};

at('language').addEventListener('click', () => {
  lang = rtl() ? 'en' : 'ar';
  store('lang', lang);
  writeWords();
  if (chosen) drawAll(true);
});
at('theme').addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  store('theme', theme);
  at('theme').textContent = word(isDark() ? 'theme_light' : 'theme_dark');
});
if (['light', 'dark'].includes(stored('theme'))) document.documentElement.dataset.theme = stored('theme');
at('filters').addEventListener('change', () => {
  const numberOf = (id) => (at(id).value === '' ? null : Number(at(id).value));
  const dayIn = (id, none) => (at(id).value ? Math.max(dayNo(meta.since), Math.min(dayNo(at(id).value), meta.n_days - 1)) : none);
  const from = dayIn('from', dayNo(meta.since));
  const to = dayIn('to', meta.n_days - 1);
  chosen = { publisher: numberOf('by-publisher'), keyword: numberOf('by-keyword'), from: Math.min(from, to), to: Math.max(from, to) };
  drawAll(false);
});
at('filters').addEventListener('reset', (event) => { event.preventDefault(); chosen = whole(); drawAll(false); });
at('filters').addEventListener('submit', (event) => event.preventDefault());
let width = innerWidth, waiting;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => { if (chosen) drawAll(true); }, 150);
});

writeWords();
if (chosen) drawAll(true);
else {
  for (const each of document.querySelectorAll('main > section:not(#summary), nav')) each.hidden = true;
  document.body.dataset.drawn = 'yes';
}
