// Words, numbers and dates of the interface, in its language.
const stored = (name) => { try { return localStorage.getItem('marsad-' + name); } catch { return null; } };
const store = (name, value) => { try { localStorage.setItem('marsad-' + name, value); } catch { /* private windows */ } };
const wish = new URLSearchParams(location.search).get('lang') ?? stored('lang')
  ?? (navigator.language.startsWith('ar') ? 'ar' : 'en');
let lang = wish === 'ar' ? 'ar' : 'en';
const rtl = () => lang === 'ar';

const word = (name, values = {}) =>
  labels[name][lang].replace(/\{(\w+)\}/g, (_, slot) => values[slot] ?? '');
const locale = () => (rtl() ? 'ar-u-nu-latn' : 'en-GB');
const number = (n, digits = 0) => n.toLocaleString(locale(), { maximumFractionDigits: digits });
const percent = (n) => n.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 0 });
const date = (day, options = { day: 'numeric', month: 'short' }) =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', ...options }).format(new Date(time(day)));
const longDate = (day) => date(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const duration = (minutes) => {
  if (minutes < 1) return word('at_once');
  if (minutes < 60) return word('minutes', { n: number(minutes) });
  if (minutes < 1440) return word('hours', { n: number(minutes / 60, minutes < 600 ? 1 : 0) });
  return word('days', { n: number(minutes / 1440, 1) });
};

// An isolate: the text runs in its own direction, and leaves that of its surroundings alone.
const isolated = (text) => '\u2068' + text + '\u2069';
// Names as charts show them: two publishers of one name must not become one row.
let names = [];
function nameAll() {
  const seen = new Map();
  const unique = (text) => {
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times > 1 ? `${text} (${times})` : text;
  };
  names = (data.publishers ?? []).map(([ar, en]) => unique(rtl() ? ar : en ?? ar));
}
const publisherName = (no, top = false) => {
  if (top && no === meta.n_top) return word('others');
  if (top && no === meta.n_top + 1) return word('no_source');
  return names[no];
};

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
