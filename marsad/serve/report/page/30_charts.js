// What each chart shows of the choice: rows for Vega-Lite, a table that says the same, and words.
const label = isolated;
const heat = (rowNumbers, rowName, columns, columnName, of) => rowNumbers.flatMap((row) =>
  columns.map((column) => ({ row: label(rowName(row)), column: label(columnName(column)), n: of(row, column), id: row,
    tip: `${label(rowName(row))}\n${columnName(column)}: ${number(of(row, column))}` })));
const crossTable = (head, rowNumbers, rowName, columns, columnName, of) => ({
  head: [head, ...columns.map(columnName)],
  rows: rowNumbers.map((row) => [rowName(row), ...columns.map((column) => of(row, column))]),
});
const matrix = (rows, by, and) => {
  const found = new Map();
  for (const row of rows) {
    const key = row[by] + '/' + row[and];
    found.set(key, (found.get(key) ?? 0) + row.n);
  }
  return (a, b) => found.get(a + '/' + b) ?? 0;
};
const most = (rows) => rows.reduce((max, row) => Math.max(max, row.n), 0);
const shownKeywords = () => {
  const risen = bursts(chosen.to).slice(0, 15).map((row) => row.number);
  return risen.length ? risen : data.keywords.map((_, no) => no).slice(0, 15);
};
const dims = (on) => (on ? 1 : 0.3);

function publisherHeat(by, columns, columnName, head) {
  const rows = counted().filter((row) => by !== 'hour' || row.hour !== NO_HOUR);
  const totals = sum(rows, 'publisher');
  const publishers = Array.from({ length: nPublishers }, (_, no) => no).filter((no) => totals.get(no));
  const of = matrix(rows, 'publisher', by);
  const name = (no) => publisherName(no, true);
  const cells = heat(publishers, name, columns, columnName, of);
  return { rows: cells, values: { max: number(most(cells)) },
    table: crossTable(head, publishers, name, columns, columnName, of) };
}
const ofRuns = () => (data.runs ?? []).filter((run) => (chosen.from === dayNo(meta.since)
  || run.night >= dayOf(chosen.from)) && (chosen.to === meta.n_days - 1 || run.night <= dayOf(chosen.to)));
function runNames(runs) {
  const seen = new Map();
  return new Map(runs.map((run) => {
    const times = (seen.get(run.night) ?? 0) + 1;
    seen.set(run.night, times);
    return [run.back, label(date(run.night) + (times > 1 ? ` (${times})` : ''))];
  }));
}

const charts = {
  rising() {
    const rows = bursts(chosen.to).slice(0, 15);
    return {
      values: { to: date(dayOf(chosen.to)), k: data.keywords.length },
      rows: rows.map((row) => ({ name: label(data.keywords[row.number]), value: row.burst, id: row.number,
        opacity: dims(chosen.keyword === null || chosen.keyword === row.number),
        note: `${number(row.burst, 1)}`,
        tip: `${label(data.keywords[row.number])}\n${word('burst')}: ${number(row.burst, 2)}\n${word('articles')}: `
          + `${number(row.n)}\n${word('expected')}: ${number(row.expected, 1)}` })),
      table: { head: ['keyword', 'burst', 'articles', 'expected'].map((name) => word(name)),
        rows: rows.map((row) => [data.keywords[row.number], row.burst, row.n, row.expected]) },
      select: (row) => choose('keyword', row.id),
    };
  },
  keyword_days() {
    const keywords = chosen.keyword === null ? shownKeywords() : [chosen.keyword];
    const rows = cube.filter((row) => row.keyword > 1 && ofPublisher(row) && inDays(row));
    const at = matrix(rows, 'keyword', 'day');
    const of = (keyword, day) => at(keyword + 2, day);
    const name = (no) => data.keywords[no];
    const dayName = (day) => date(dayOf(day));
    const cells = heat(keywords, name, days(), dayName, of);
    return { rows: most(cells) ? cells : [], values: { max: number(most(cells)) },
      table: crossTable(word('keyword'), keywords, name, days(), dayName, of),
      select: (row) => choose('keyword', row.id) };
  },
  article_days() {
    const totals = sum(counted(), 'day');
    const rows = days().map((day) => ({ name: label(date(dayOf(day))), day: date(dayOf(day)), value: totals.get(day) ?? 0,
      tip: `${longDate(dayOf(day))}\n${word('articles')}: ${number(totals.get(day) ?? 0)}` }));
    return { rows: totals.size ? rows : [],
      table: { head: [word('day'), word('articles')], rows: rows.map((row) => [row.day, row.value]) } };
  },
  publisher_days() {
    return { ...publisherHeat('day', days(), (day) => date(dayOf(day)), word('publisher')),
      select: (row) => choose('publisher', row.id) };
  },
  publisher_hours() {
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    return { ...publisherHeat('hour', hours, (hour) => String(hour).padStart(2, '0'), word('publisher')),
      select: (row) => choose('publisher', row.id) };
  },
  story_flow() {
    const stories = data.stories.filter((story) => {
      const day = dayNo(story.day);
      return day >= chosen.from && day <= chosen.to
        && (chosen.keyword === null || story.keywords.includes(chosen.keyword))
        && (chosen.publisher === null || story.copies.some(([no]) => no === chosen.publisher
          || chosen.publisher === meta.n_top && no >= meta.n_top));
    });
    // First those of which a delay is known: the others say only who carried them.
    const last = (story) => Math.max(...story.copies.map(([, delay]) => delay));
    const told = [...stories.filter((story) => last(story) > 0), ...stories.filter((story) => last(story) === 0)];
    const heading = (story) => (rtl() ? '\u2067' : '\u2066') + isolated(story.title ?? '—') + ' · ' + isolated(names[story.copies[0][0]])
      + ` +${story.n_publishers - 1}\u2069`;
    const rows = told.slice(0, innerWidth < 600 ? 8 : 12).flatMap((story, place) => story.copies.map(([no, delay], copy) => ({
      story: place, title: copy ? '' : heading(story), delay, first: delay === 0,
      tip: `${label(story.title ?? '—')}\n${label(names[no])}: ${duration(delay)}\n${word('basis_' + story.basis)}` })));
    return { rows,
      table: { head: ['story', 'day', 'publisher', 'delay', 'basis'].map((name) => word(name)),
        rows: stories.slice(0, 40).flatMap((story) => story.copies.map(([no, delay]) =>
          [story.title ?? '—', date(story.day), names[no], duration(delay), word('basis_' + story.basis)])) } };
  },
  firsts() {
    const totals = new Map();
    for (const [no, day, nShared, nFirst] of data.firsts) {
      if (!inDays({ day })) continue;
      const row = totals.get(no) ?? { no, shared: 0, first: 0 };
      row.shared += nShared; row.first += nFirst;
      totals.set(no, row);
    }
    const rows = [...totals.values()]
      .map((row) => ({ ...row, value: row.first / row.shared }))
      .sort((a, b) => b.value - a.value || b.shared - a.shared || a.no - b.no);
    return { rows: rows.map((row) => ({ name: label(names[row.no]), value: row.value, id: row.no,
      opacity: dims(chosen.publisher === null || chosen.publisher === row.no),
      note: `${percent(row.value)} (${number(row.shared)})`,
      tip: `${label(names[row.no])}\n${word('was_first')}: ${number(row.first)}\n${word('shared')}: ${number(row.shared)}` })),
    table: { head: ['publisher', 'shared', 'was_first', 'share'].map((name) => word(name)),
      rows: rows.map((row) => [names[row.no], row.shared, row.first, percent(row.value)]) },
    select: (row) => choose('publisher', row.id) };
  },
  citations() {
    let cells = data.citations.map(([citing, cited, n, share]) => ({ citing, cited, n, share }));
    if (chosen.publisher !== null && chosen.publisher < meta.n_top) {
      cells = cells.filter((row) => row.citing === chosen.publisher || row.cited === chosen.publisher);
    }
    const citing = [...new Set(cells.map((row) => row.citing))];
    // Columns in the order of the whole matrix: most quoted first.
    const totals = new Map();
    for (const row of cells) totals.set(row.cited, (totals.get(row.cited) ?? 0) + row.n);
    const cited = [...totals.keys()].sort((a, b) => totals.get(b) - totals.get(a) || a - b);
    const of = matrix(cells, 'citing', 'cited');
    const rows = heat(citing, (no) => names[no], cited, (no) => names[no], of);
    return { rows, table: crossTable(word('publisher'), citing, (no) => names[no], cited, (no) => names[no], of),
      select: (row) => { if (row.id < meta.n_top) choose('publisher', row.id); } };
  },
  agencies() {
    const rows = data.agencies.map(([no, all, n]) => ({ no, all, n, value: n / all }))
      .sort((a, b) => b.value - a.value || a.no - b.no);
    return { rows: rows.map((row) => ({ name: label(names[row.no]), value: row.value, id: row.no, note: percent(row.value),
      opacity: dims(chosen.publisher === null || chosen.publisher === row.no),
      tip: `${label(names[row.no])}\n${number(row.n)} / ${number(row.all)}` })),
    table: { head: ['publisher', 'articles', 'share'].map((name) => word(name)),
      rows: rows.map((row) => [names[row.no], row.all, percent(row.value)]) },
    select: (row) => choose('publisher', row.id) };
  },
  coverage() {
    // A year is too wide for a phone.
    const shown = data.coverage.slice(innerWidth < 600 ? -182 : -371);
    const firstDay = shown.length ? time(shown[0].day) : 0;
    // Weeks begin on Monday; 1970-01-01 was a Thursday.
    const week = (day) => Math.floor((day / DAY + 3) / 7);
    const from = dayOf(chosen.from), to = dayOf(chosen.to);
    const rows = shown.map((row) => ({ week: week(time(row.day)) - week(firstDay),
      weekday: date(row.day, { weekday: 'short' }), order: (new Date(time(row.day)).getUTCDay() + 6) % 7,
      month: label(date(row.day, { month: 'short', year: '2-digit' })), n: row.n_pages, gap: row.is_gap,
      // Two names of months need some weeks between them.
      isFirst: row.day.endsWith('-01') || row === shown[0] && row.day.slice(8) < '15',
      opacity: dims((row.day >= from || chosen.from === dayNo(meta.since)) && row.day <= to),
      tip: `${longDate(row.day)}\n${word('pages')}: ${number(row.n_pages)}\n${word('articles')}: ${number(row.n_new_articles)}` }));
    return { rows, weeks: 1 + rows.reduce((max, row) => Math.max(max, row.week), 0),
      values: { max: number(most(rows)), gaps: number(rows.filter((row) => row.gap).length) },
      table: { head: ['day', 'pages', 'dumps', 'articles', 'gap'].map((name) => word(name)),
        rows: [...data.coverage].reverse().map((row) =>
          [date(row.day, { day: 'numeric', month: 'short', year: 'numeric' }), row.n_pages, row.n_dumps, row.n_articles, word(row.is_gap ? 'yes' : 'no')]) } };
  },
  fill_rates() {
    const runs = ofRuns().filter((run) => run.title_share !== null);
    const named = runNames(runs);
    const fields = ['title_share', 'source_share', 'date_share', 'keywords_share'];
    return { rows: runs.flatMap((run) => fields.map((field) => ({ run: named.get(run.back), field: word(field), value: run[field] ?? 0,
      tip: `${named.get(run.back)}\n${word(field)}: ${percent(run[field] ?? 0)}` }))),
    table: { head: [word('night'), ...fields.map((field) => word(field))],
      rows: [...runs].reverse().map((run) => [named.get(run.back), ...fields.map((field) => percent(run[field] ?? 0))]) } };
  },
  rejects() {
    const runs = ofRuns();
    const named = runNames(runs);
    const rows = data.rejects.filter((row) => named.has(row.back));
    // Every run has its place, also one without rejects.
    return { rows: rows.length ? [
      ...runs.map((run) => ({ run: named.get(run.back), rule: label(rows[0].rule ?? word('other_rules')), n: 0, tip: named.get(run.back) })),
      ...rows.map((row) => ({ run: named.get(row.back), rule: label(row.rule ?? word('other_rules')), n: row.n_rejects,
        tip: `${named.get(row.back)}\n${label(row.rule ?? word('other_rules'))}: ${number(row.n_rejects)}` }))] : [],
    table: { head: ['night', 'rule', 'rejected', 'open', 'example'].map((name) => word(name)),
      rows: [...rows].reverse().map((row) => [named.get(row.back), row.rule ?? word('other_rules'), row.n_rejects, row.n_open, row.example ?? '']) } };
  },
};
