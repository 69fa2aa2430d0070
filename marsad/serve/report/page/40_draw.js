// Drawing: a chart with its heading, its words for who does not see it, and its table.
const views = new Map();
const tip = element('div', null, { id: 'tip', hidden: '', dir: 'auto' });
document.body.append(tip);

// A tooltip of our own: it takes texts as texts, and needs no style that the page does not name.
function showTip(_, event, item, value) {
  const text = item && item.datum && item.datum.tip;
  tip.hidden = !text || !value;
  if (tip.hidden) return;
  tip.replaceChildren(...text.split('\n').map((line) => element('div', line, { dir: 'auto' })));
  const beside = event.clientX > innerWidth / 2 ? -tip.offsetWidth - 14 : 14;
  tip.style.left = Math.max(4, Math.min(event.clientX + beside, innerWidth - tip.offsetWidth - 4)) + 'px';
  tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)) + 'px';
}

// Fill the open slots of a specification: "@start" and its like say what the direction decides,
// "@sign 4" is 4 in reading direction, "{{name}}" is a word of the interface.
function filled(value, slots) {
  if (Array.isArray(value)) return value.map((each) => filled(each, slots));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, slots)]));
  }
  if (typeof value !== 'string') return value;
  if (value.startsWith('@sign ')) return Number(value.slice(6)) * (rtl() ? -1 : 1);
  if (value.startsWith('@')) return slots[value.slice(1)];
  return value.replace(/\{\{(\w+)\}\}/g, (_, name) => word(name));
}

function config() {
  const font = getComputedStyle(document.body).fontFamily;
  const text = { labelFont: font, titleFont: font, labelColor: 'var(--ink)', titleColor: 'var(--soft)', labelFontSize: 12, titleFontSize: 12 };
  return { font, background: null, padding: { left: 16, right: 16, top: 4, bottom: 4 }, view: { stroke: null },
    axis: { ...text, grid: false, domain: false, ticks: false, gridColor: 'var(--line)', domainColor: 'var(--line)', labelPadding: 6 },
    legend: { ...text, orient: 'top', title: null, symbolType: 'square' },
    text: { font, fill: 'var(--ink)', fontSize: 12 } };
}

// A chart that fits its width takes a height in pixels: so many rows of one step.
const nRows = (spec, rows) => (spec.autosize && spec.height.step ? new Set(rows.map((row) => row[spec.encoding.y.field])).size : 0);

async function draw(figure) {
  const name = figure.dataset.chart;
  const shown = charts[name]();
  const title = word(name + '_title', shown.values);
  const hint = word(name + '_hint', shown.values);
  const isEmpty = !shown.rows.length;
  if (!figure.firstChild) {
    figure.setAttribute('aria-labelledby', 'h-' + name + '-title');
    figure.append(element('h3', '', { id: 'h-' + name + '-title' }), element('p', '', { class: 'hint' }),
      element('div', null, { class: 'chart', role: 'img' }), element('p', '', { class: 'empty' }),
      element('details'));
    figure.querySelector('details').append(element('summary'));
  }
  figure.querySelector('h3').textContent = title;
  figure.querySelector('.hint').textContent = hint;
  const empty = figure.querySelector('.empty');
  empty.textContent = word(labels[name + '_empty'] ? name + '_empty' : 'no_rows');
  empty.hidden = !isEmpty;
  const details = figure.querySelector('details');
  details.hidden = isEmpty;
  details.querySelector('summary').textContent = word('table');
  details.querySelector('.scroll')?.remove();
  if (!isEmpty) details.append(table(shown.table, title));
  // Vega names the element that it draws into, so that is one within.
  const chart = figure.querySelector('.chart');
  chart.hidden = isEmpty;
  chart.setAttribute('aria-label', `${title}. ${hint}`);
  const last = views.get(name);
  if (last && !last.isStale && last.nRows === nRows(specs[name], shown.rows) && !isEmpty) {
    last.select = shown.select;
    await last.view.change('rows', last.view.changeset().remove(() => true).insert(shown.rows)).runAsync();
    return;
  }
  last?.view.finalize();
  views.delete(name);
  chart.replaceChildren();
  if (isEmpty) return;
  const canvas = element('div');
  chart.append(canvas);
  const width = chart.clientWidth;
  const spec = filled(specs[name], { start: rtl() ? 'right' : 'left', end: rtl() ? 'left' : 'right', rtl: rtl(),
    width, line: width - 44, cell: Math.max(7, Math.min(24, Math.floor((width - 90) / (shown.weeks ?? 1)))), labels: width < 480 ? 104 : 170, tilt: width > 640 ? -40 : -75,
    delays: [0, 10, 60, 360, 1440, 10080].map((delay) => `datum.value == ${delay} ? '${label(duration(delay))}' : `).join('') + "''" });
  const height = nRows(specs[name], shown.rows);
  if (height) spec.height = height * spec.height.step;
  spec.data = { name: 'rows', values: shown.rows };
  spec.config = { ...config(), ...spec.config };
  const made = await vegaEmbed(canvas, spec, { ast: true, renderer: 'svg', actions: false, defaultStyle: false,
    tooltip: showTip, loader: { load: () => Promise.reject(new Error('the page asks nobody')) } });
  const entry = { view: made.view, select: shown.select, isStale: false, nRows: height };
  made.view.addEventListener('click', (_, item) => { if (item?.datum?.id !== undefined) entry.select?.(item.datum); });
  views.set(name, entry);
}

function table({ head, rows }, name) {
  const box = element('div', null, { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name });
  const made = element('table');
  const top = element('tr');
  for (const each of head) top.append(element('th', each, { scope: 'col', dir: 'auto' }));
  made.append(element('thead'), element('tbody'));
  made.tHead.append(top);
  for (const row of rows) {
    const line = element('tr');
    row.forEach((value, index) => {
      if (value instanceof Node) { const cell = element('td'); cell.append(value); line.append(cell); return; }
      const isNumber = typeof value === 'number';
      const text = isNumber ? number(value, 2) : value;
      line.append(index ? element('td', text, isNumber ? { class: 'number' } : { dir: 'auto', class: text.length > 40 ? 'long' : '' })
        : element('th', text, { scope: 'row', dir: 'auto', class: text.length > 40 ? 'long' : text.length < 16 ? 'short' : '' }));
    });
    made.tBodies[0].append(line);
  }
  box.append(made);
  return box;
}
