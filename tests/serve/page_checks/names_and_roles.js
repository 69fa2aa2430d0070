// What a screen reader would stumble over.
() => {
  const found = [];
  const levels = [...document.querySelectorAll('h1,h2,h3')].map((each) => Number(each.tagName[1]));
  levels.forEach((level, i) => { if (i && level > levels[i - 1] + 1) found.push('heading skips at ' + i); });
  if (levels.filter((level) => level === 1).length !== 1) found.push('not one h1');
  for (const landmark of ['header', 'nav', 'main', 'footer'])
    if (document.querySelectorAll(landmark).length !== 1) found.push('not one ' + landmark);
  for (const each of document.querySelectorAll('section, figure'))
    if (!document.getElementById(each.getAttribute('aria-labelledby'))?.textContent) found.push('no name: ' + each.id);
  for (const each of document.querySelectorAll('button, select, input, a, summary'))
    if (!(each.textContent.trim() || each.labels?.[0]?.textContent.trim() || each.getAttribute('aria-label'))) found.push('no name: ' + each.outerHTML.slice(0, 80));
  for (const each of document.querySelectorAll('table'))
    if (!each.querySelector('th[scope=col]') || !each.querySelector('th[scope=row]')) found.push('table without heads');
  const ids = [...document.querySelectorAll('[id]')].map((each) => each.id);
  if (new Set(ids).size !== ids.length) found.push('an id twice');
  return found;
}
