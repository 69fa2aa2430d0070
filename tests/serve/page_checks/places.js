// Where things stand on an Arabic page, in pixels from the left.
() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const chart = document.querySelector('[data-chart="publisher_days"] svg');
  const texts = [...chart.querySelectorAll('text')];
  const x = (text) => texts.find((each) => each.textContent.includes(text)).getBoundingClientRect();
  return { brand: box('.brand').x, buttons: box('.switches').x,
    name: x('الجزيرة').left, cells: chart.querySelector('.mark-rect').getBoundingClientRect().right,
    early: x('1 يناير').x, late: [...texts].filter((each) => each.textContent.includes('يناير')).at(-1).getBoundingClientRect().x };
}
